"""What may be attributed at a cue: proposals by construction, the likeliest first.

Everything here is proposed by rule, from punctuation, quotation marks and a few closed word lists.
How often the first proposal is right is measured by ``benchmarks/readings.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

from vocero.text.bare_clauses import announces, bare_clause
from vocero.text.insertions import announced, aside, by_preposition, inserted, parenthetical
from vocero.text.site import LAST_WORD, REACH, trim
from vocero.text.subjects import borrows_subject, is_adverbial, subject_before
from vocero.text.subjects_behind import subjects_behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vocero.text.quotes import Quotation
    from vocero.text.site import Clauses, Range, Site

__all__ = ["Pattern", "Proposal", "contents"]

Pattern = Literal[
    "preposition",
    "antecedent",
    "aside",
    "announced",
    "quotation",
    "bare clause",
    "complement",
    "colon",
    "parenthetical",
    "object",
    "other",
]
"""The construction that a proposal follows; the functions that read it show each."""

_MOST = 7
# Between a quotation and a cue behind it: ", the president of the board".
_SHORT_SUBJECT = 6
_LONG_SUBJECT = 30
# Between a cue and its complementiser: "dijo muy claramente que".
_ADVERBIAL = 2
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read what is attributed at a site."""

    content: tuple[Range, ...]
    """One or two ranges in order, without outer commas and final full stop, with quotation marks."""
    pattern: Pattern
    """The construction it follows."""


def contents(site: Site) -> Iterator[Proposal]:
    """Propose what may be attributed at a site, the likeliest first; at most 7 proposals.

    Only what is asked for is read: the first proposal is all that most readers take.
    """
    return islice(_proposals(site), _MOST)


def _proposals(site: Site) -> Iterator[Proposal]:
    if _names_what_was_said(site):
        return
    proposed: set[tuple[Range, ...]] = set()
    for pattern, propose in _PATTERNS.items():
        for ranges in propose(site, site.clauses):
            trimmed = tuple(trim(site.text, *_without_remark(site, *one)) for one in ranges)
            if any(site.clauses.crosses(*one) for one in trimmed):
                continue
            if trimmed not in proposed and all(site.words(*one) for one in trimmed):
                proposed.add(trimmed)
                yield Proposal(trimmed, pattern)


def _without_remark(site: Site, start: int, end: int) -> Range:
    """Leave out a bracket at the end in which the writer speaks: *que volverá (citó lo que dijo X)*."""
    first, last = trim(site.text, start, end)
    opened = site.text.rfind("(", first, last)
    if not site.text.endswith(")", first, last) or opened <= first:
        return start, end
    told = any(opened < one.start < last for one in site.cues)
    return (start, opened) if told and site.cue.end <= opened else (start, end)


def _antecedent(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*X ha acusado a Y de Z, lo que Y ha negado*: the content is what was said before."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind != "verb":
        return
    anaphor = g.anaphor.match(text, clauses.lead, cue.end)
    if anaphor and not site.words(clauses.skip(anaphor.end(), cue.start), cue.start):
        yield ((clauses.lead, anaphor.end()),)  # "Das teilte die Polizei mit"
    object_ = g.anaphor.match(text, cue.start, cue.end)
    if object_ and clauses.lead > clauses.start and not site.words(cue.end, clauses.tail):
        yield from _said_before(site, clauses)  # "…; Ana lo ha negado"
    behind = g.anaphor.match(text, cue.end, clauses.tail) if g.bare_nouns else None
    if behind and not site.words(clauses.lead, cue.start):
        yield ((cue.end, behind.end()),)  # "Uvedla to policie"
    relative = g.clause_relative.match(text, clauses.lead, cue.start)
    if relative is None or clauses.lead == clauses.start:
        return
    start = clauses.skip(cue.end, clauses.tail)
    follows, own = site.words(start, clauses.tail), site.words(relative.end(), cue.start)
    inverted = not own and g.subject.match(text, start, clauses.tail)
    adverbial = own and (not follows or g.adjunct.match(text, start, clauses.tail))
    if not inverted and not adverbial:
        return  # "which denied the report"; "which he said was false"
    yield from _said_before(site, clauses)
    yield ((clauses.start, clauses.lead),)


def _names_what_was_said(site: Site) -> bool:
    """Tell whether a noun only points back: *…, una* **acusación** *que Seúl ha negado*."""
    clauses = site.clauses
    if site.cue.kind != "noun":
        return False
    if clauses.grammar.word_order == "verb-second" and any(
        one.kind == "verb" and clauses.lead <= one.start < clauses.tail for one in site.cues
    ):
        return True  # "Ana bestritt die Annahme, dass …", "In dem Bericht heißt es, dass …"
    if clauses.lead == clauses.start:
        return False
    relative = clauses.grammar.clause_relative
    return relative.match(site.text, clauses.lead, clauses.tail) is not None


def _said_before(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """What the cue before says, as far as it stands before the clause of this one."""
    earlier = [one for one in site.cues if clauses.start <= one.start and one.end < clauses.lead]
    for other in earlier[-1:]:
        # With these two cues alone: a chain of denials must not be read anew for each of them.
        told = next(contents(replace(site, cue=other, cues=(other, site.cue))), None)
        if told and told.content[-1][1] <= clauses.lead:
            yield told.content
        yield ((other.end, clauses.lead),)


def _quotation_before(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*“Q”, dijo X*; *“Q”, dijo X, “Q2”*; *… “q”, dijo X*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    earlier = [q for q in site.quotations if clauses.start < q.end <= cue.start]
    if not earlier:
        return
    last = earlier[-1]
    parted, between = clauses.is_set_off(last.end), site.words(last.end, cue.start)
    # "La empresa (lema: “Q”) dijo"; "llamó “farsa” al plan y añadió …".
    apart = text[last.end] == ")" or g.coordinator.match(text, last.end, cue.start)
    if apart or between > (_LONG_SUBJECT if parted else _SHORT_SUBJECT):
        return
    among = any(last.end <= other.start and other.end <= cue.start for other in site.cues)
    if among or _is_anothers(site, clauses, last):
        return
    if not parted and g.word_order == "verb-second":
        yield from _quotation_within(site, clauses, last)
        return
    if not parted and site.words(last.end, clauses.lead):
        return  # "aprobó el “plan B” de Madrid, dijo X": the quotation is part of what is said
    at = clauses.complementiser(cue.end, clauses.tail)
    own = at is not None and not any(cue.end <= other.start < at for other in site.cues)
    # "“Q”, dijo al hablar de la reunión que …" is a relative clause.
    if own and (between or site.words(clauses.skip(cue.end, at or 0), at or 0) <= _ADVERBIAL):
        return
    lead = site.words(clauses.start, last.start) if last.start > clauses.start else 0
    head = clauses.start if lead > 1 and not _interrupts(site, clauses, last) else last.start
    later = [q for q in site.quotations if cue.end <= q.start < clauses.end]
    resumed = later and re.search(r"[,.:;]\s*$", text[cue.end : later[0].start])
    if resumed and site.words(cue.end, later[0].start) <= REACH:
        yield ((head, last.end), (later[0].start, max(q.end for q in later)))
    yield ((head, last.end),)
    yield ((last.start, last.end),)
    yield ((earlier[0].start, last.end),)


def _quotation_within(
    site: Site, clauses: Clauses, quotation: Quotation
) -> Iterator[tuple[Range, ...]]:
    """*X hat den Plan als „Q“ bezeichnet*; but in *Die Zeitung „Q“ sagte, …* that is who speaks."""
    if not clauses.closes():
        return
    auxiliary = clauses.grammar.auxiliary.search(site.text, clauses.lead, quotation.start)
    subject = subject_before(site, clauses) or (0, 0)
    start = max(auxiliary.end(), subject[1]) if auxiliary else quotation.start
    yield ((start, quotation.end),)


def _interrupts(site: Site, clauses: Clauses, quotation: Quotation) -> bool:
    """Tell whether another cue stands between the start of the sentence and a quotation."""
    return any(
        clauses.start <= other.start < quotation.start and other.kind != "noun"
        for other in site.cues
    )


def _is_anothers(site: Site, clauses: Clauses, quotation: Quotation) -> bool:
    """*Describiendo el plan como “muerto”, Ana* **explicó las razones**: a cue with its own object."""
    g, text, tail = clauses.grammar, site.text, clauses.tail
    start = clauses.skip(site.cue.end, tail)
    object_ = g.determiner.match(text, start, tail) and not g.speaker.match(text, start, tail)
    return bool(object_) and _interrupts(site, clauses, quotation)


def _complement(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*dijo (X) que …*, and where *que* only opens a relative clause, the object as a whole."""
    cue, g, text = site.cue, clauses.grammar, site.text
    at = clauses.complementiser(cue.closed or cue.end, clauses.end)
    if cue.kind == "noun" and (at is None or g.relative_pronoun.search(text, cue.start, cue.end)):
        at = cue.end  # "la tesi secondo cui | il ponte è caro"
    if at is None or not _is_complement(site, clauses, at):
        return
    if clauses.closes() and (site.words(clauses.tail, at) or announces(site, clauses, at)):
        return  # "…, der den Plan kritisiert, fragt, ob …"; "…, zu zweifeln, wie Ana sagte"
    breaks = [one for one in clauses.after(cue.end) if one < at]
    start = clauses.skip(cue.end, at)
    preposition = g.complementiser_preposition.search(text, start, at)
    head = preposition.start() if preposition else at
    if _is_parted(site, clauses, at):
        start = head  # "afirma, en referencia al plan de ayer, que …"
    set_off = (
        g.word_order == "verb-second"
        and text[:at].rstrip().endswith(",")
        and _opens_content(clauses, at)
    )
    if site.words(start, head) > REACH and cue.kind != "noun" and not set_off:
        # "pidió al alcalde que …" is near: this is a relative clause, deep in what is said.
        yield ((cue.end, clauses.clause_end(cue.end)),)
    if (
        site.words(start, head)
        and (g.bare_clauses or not breaks)
        and not set_off
        and not (g.adjunct.match(text, start, at) and _opens_content(clauses, at))
        and (
            borrows_subject(site, clauses)
            or subject_before(site, clauses)
            or (g.determiner.match(text, start, at) and not g.speaker.match(text, start, at))
        )
    ):
        yield ((cue.end, clauses.clause_end(cue.end)),)
    end = _complement_end(site, clauses, at)
    yield ((head, end),)
    yield from (((head, stop),) for stop in clauses.after(at + 12) if stop < end)


def _is_complement(site: Site, clauses: Clauses, at: int) -> bool:
    """Tell whether the clause of a complementiser may be the cue's own, by what stands between."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if ":" in text[cue.end : at]:
        return False
    nouns = g.word_order == "verb-second"  # "bestritt die Annahme, dass …"
    for other in site.cues:
        if cue.end <= other.start < at and not (nouns and other.kind == "noun"):
            return False  # "informó de la reunión, diciendo que …": the clause is the other's
    breaks = [one for one in clauses.after(cue.end) if one < at]
    if any(g.clause_relative.match(text, one + 1) for one in breaks):
        return False  # "acusó a Paz de mentir, una acusación que …"
    if len(breaks) != 1 or g.clause_comma:
        return True
    # "anunció un plan, que …"; "Su plan, declaró, es que …"; but "dijo, sin embargo, que …".
    behind_comma = not text[breaks[0] + 1 : at].strip()
    return not (behind_comma and text[breaks[0]] == ",") and site.words(cue.end, breaks[0]) > 0


def _is_parted(site: Site, clauses: Clauses, at: int) -> bool:
    """Tell whether only an adverbial between commas parts a complementiser from its cue."""
    first, text = clauses.tail, site.text
    if not first < at or site.words(site.cue.end, first):
        return False
    behind_comma = text[first:at].rstrip().endswith(",")
    # Behind a comma "that" opens no relative clause, where "que" may.
    return behind_comma and (clauses.grammar.bare_clauses or is_adverbial(clauses, first + 1, at))


def _complement_end(site: Site, clauses: Clauses, at: int) -> int:
    sequels = (one for one in clauses.after(at) if clauses.grammar.sequel.match(site.text, one))
    end = clauses.clause_end(at)
    end = min(end, next(sequels, end))
    if site.cue.kind == "noun" and not site.words(clauses.start, site.cue.start):
        # A noun that opens the sentence is the subject of what follows its clause.
        end = min([end, *clauses.after(at), *(one for one, _ in clauses.quoted if one > at)])
    return end


def _opens_content(clauses: Clauses, at: int) -> bool:
    """Tell whether a complementiser opens nothing but content clauses: *that*, not *if*."""
    found = _WORD.match(clauses.text, at)
    return found is not None and found[0].lower() in clauses.grammar.droppable


def _colon(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*dijo X a la prensa: …*; *said on Monday, “…”*."""
    cue, text = site.cue, site.text
    quoted = dict(clauses.quoted)
    for at in clauses.after(cue.closed or cue.end):
        if site.words(cue.closed or cue.end, at) > REACH:
            return
        start, _ = trim(text, at, clauses.end)
        if text[at] == ":":
            yield ((start, clauses.end),)
        elif text[at] == "," and start in quoted:
            rest = (start, max(stop for stop in quoted.values() if stop <= clauses.end))
            stop = inserted(site, clauses)
            own = stop is not None and not any(
                clauses.start <= other.start < stop for other in site.cues
            )
            if stop is not None and own and text[start + 1].islower():
                yield ((clauses.start, stop), rest)  # "She would go, she said, “if asked”"
            yield (rest,)


def _object(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*anunció la compra de Z*; *said the deal was off*."""
    cue = site.cue
    end = clauses.clause_end(cue.end)
    if clauses.closes() or clauses.grammar.coordinator.match(site.text, cue.end, end):
        return  # "…, die den Plan kritisierte, ist neu": what follows is another clause
    time = clauses.grammar.time.match(site.text, cue.end, end)
    start = time.end() if time else cue.end
    if not site.words(clauses.skip(cue.end, end), end):
        return  # "Residents had complained for years."; "Ann Rowe told reporters."
    own = borrows_subject(site, clauses) or subject_before(site, clauses)
    if clauses.grammar.word_order == "verb-second" and not own:
        start = max([start, *(stop for _, stop in subjects_behind(site, clauses))])
    if clauses.grammar.word_order == "verb-second":
        start = clauses.skip(start, end)
    if cue.closed is not None and start < cue.closed <= end:
        particle = LAST_WORD.search(site.text, start, cue.closed)
        end = particle.start() if particle else end  # "kündigte | Streiks | an"
    quoted = dict(clauses.quoted).get(trim(site.text, start, end)[0], end)
    joined = clauses.grammar.coordinator.match(site.text, quoted, end)
    statement = site.words(start, quoted) > _ADVERBIAL
    if joined and statement and clauses.complementiser(joined.end(), end) != joined.end():
        yield ((start, quoted),)  # "said “it is over” and left"
    yield ((start, end),)
    stops = [at for at in clauses.after(cue.end) if site.words(cue.end, at) > 2 and at < end]  # noqa: PLR2004 - no object
    yield from (((start, at),) for at in reversed(stops))


def _other(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """Any other quotation of the sentence, and what stands before the last comma."""
    cue = site.cue
    for opened, closed in clauses.quoted:
        if not opened <= cue.start < closed:
            yield ((opened, closed),)
    if clauses.lead > clauses.start:
        yield ((clauses.start, clauses.lead),)


_PATTERNS: dict[Pattern, Callable[[Site, Clauses], Iterator[tuple[Range, ...]]]] = {
    "preposition": by_preposition,
    "antecedent": _antecedent,
    "aside": aside,
    "announced": announced,
    "quotation": _quotation_before,
    "bare clause": bare_clause,
    "complement": _complement,
    "colon": _colon,
    "parenthetical": parenthetical,
    "object": _object,
    "other": _other,
}
