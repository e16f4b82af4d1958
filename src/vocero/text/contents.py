"""What may be attributed at a cue: proposals by construction, the likeliest first.

Everything here is proposed by rule, from punctuation, quotation marks and a few closed word lists.
How often the first proposal is right is measured by ``benchmarks/readings.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Literal

from vocero.text.bare_nouns import is_bare_subject
from vocero.text.site import DASH_BEFORE, SUBJECT_WORDS, trim
from vocero.text.sources import (
    borrows_subject,
    governed,
    has_name,
    subject_before,
    subjects_behind,
)

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
"""The construction that a proposal follows; the functions below show each."""

_MOST = 7
# Between a quotation and a cue behind it: ", the president of the board".
_SHORT_SUBJECT = 6
_LONG_SUBJECT = 30
# Fewer words hardly make a statement: "Ayer, dijo"; "Su plan, dijo, es caro".
_STATEMENT = 4
# Between a cue and what is said, a subject with its addressee: "dijo ayer el ministro a la prensa".
_REACH = SUBJECT_WORDS + 3
# Between a cue and its complementiser: "dijo muy claramente que".
_ADVERBIAL = 2
_DASH = re.compile(r"[–—]|(?<=\s)-(?=[\s,.])")
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"\b\w++\s*$")


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
            trimmed = tuple(trim(site.text, *one) for one in ranges)
            if trimmed not in proposed and all(site.words(*one) for one in trimmed):
                proposed.add(trimmed)
                yield Proposal(trimmed, pattern)


def _by_preposition(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*Según X, …*; *…, según X*; *Putin, según X, irá*; *Laut X ist …*; *X zufolge …*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind != "preposition" or cue.factor == "want":
        return
    named = governed(site, clauses)
    if not named and text[cue.end : cue.end + 1] == ":":
        return  # "mit den Worten: …"
    start = min([cue.start, *(one for one, _ in named)])
    end = _resume(clauses, max([cue.end, *(one for _, one in named[:1])]))
    before = (clauses.start, start)
    if not site.words(*before) or g.without_subject.match(text, *before):
        yield ((end, clauses.clause_end(end)),)
        yield from (((at + 1, clauses.end),) for at in clauses.after(cue.end))
        yield ((cue.end, clauses.end),)
    elif not site.words(clauses.lead, start):
        yield from _around(site, clauses, clauses.lead, end)
    elif g.clause_opener.fullmatch(text, *trim(text, clauses.lead, start)):
        yield ((end, next(iter(clauses.after(end)), clauses.end)),)  # "který podle policie utekl"
    else:
        if not g.phrase_comma and site.words(end, clauses.end):
            yield (before, (end, clauses.end))
        yield (before,)
        yield (before, (end, clauses.end))


def _resume(clauses: Clauses, end: int) -> int:
    """Where a sentence goes on behind a source: behind the comma, if its language sets one."""
    breaks, text = [*clauses.after(end), clauses.end], clauses.text
    if not clauses.grammar.phrase_comma and text[end : breaks[0] + 1].strip() != ",":
        return end
    for start, stop in pairwise(breaks):
        relayed = any(one.relay and start < one.start < stop for one in clauses.site.cues)
        if not relayed and not clauses.grammar.aside.match(text, start + 1, stop):
            return start
    return breaks[-1]  # "According to Watson, quoted by the Post, …"


def _around(site: Site, clauses: Clauses, start: int, end: int) -> Iterator[tuple[Range, ...]]:
    """Read what stands before and behind an insertion, ``start`` to ``end``, that the cue is in."""
    g, text = clauses.grammar, site.text
    before = clauses.before(start)
    first, rest = (clauses.start, start), trim(text, end, clauses.end)
    opener = _LAST_WORD.search(text, *trim(text, *first))
    if opener and g.clause_opener.fullmatch(text, *opener.span()) and site.words(*rest):
        yield (rest,)  # "… porque, según X, es caro"
    if _goes_on(site, clauses, first, rest):
        yield (first, rest)
    yield (first,)
    yield (first, rest)
    yield from (((at + 1, start),) for at in reversed(before[:-1]))


def _goes_on(site: Site, clauses: Clauses, first: Range, rest: Range) -> bool:
    """Tell whether a statement goes on behind an insertion: *El plan, dijo X, es caro*."""
    g, text, cue = clauses.grammar, site.text, site.cue
    fewest = 1 if g.bare_nouns else _STATEMENT - 1
    if site.words(*rest) < fewest or g.clause_opener.match(text, *rest):
        return False
    if site.words(*first) < _STATEMENT or _is_incomplete(clauses, *first):
        return True
    if any(opened == rest[0] for opened, _ in clauses.quoted):
        return True
    # "…, X said, until …", but neither "…, said X, a …" nor "…, X said, adding …".
    following = next((one.start for one in site.cues if rest[0] <= one.start), None)
    reported = following is not None and site.words(rest[0], following) < _ADVERBIAL
    return cue.kind == "verb" and not site.words(cue.end, clauses.tail) and not reported


def _is_incomplete(clauses: Clauses, start: int, end: int) -> bool:
    """Tell whether a sentence says nothing before its first comma: *En 2020, según X, creció*."""
    g, text = clauses.grammar, clauses.text
    if found := g.coordinator.match(text, start, end):
        start = found.end()
    alone = len(clauses.before(end)) == 1
    return alone and g.subordinator.match(text, start, end) is not None


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
    if site.cue.kind != "noun" or clauses.lead == clauses.start:
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


def _aside(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*“Es caro – dijo X – y lento”*; *Es caro – dijo X*."""
    cue, text = site.cue, site.text
    dash = DASH_BEFORE.search(text, max(clauses.start, cue.start - 3), cue.start)
    if dash is None:
        return
    around = [one for one in clauses.quoted if one[0] <= cue.start < one[1]]
    start, end = around[0] if around else (clauses.start, clauses.end)
    first = _WORD.search(text, start, dash.start())
    if first is None or len(_DASH.findall(text, first.end(), dash.start())) % 2:
        return  # "El banco – el mayor del país – dijo"
    close = _DASH.search(text, cue.end, end)
    if close and site.words(cue.end, close.start()) <= _REACH:
        yield ((start, dash.start()), (close.end(), end))
        yield ((start, dash.start()),)
    elif not around:
        yield ((start, dash.start()),)


def _announced(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*Como dijo X, portavoz de Y, …*; *Wie X sagte, …*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind != "verb" or not g.as_word.match(text, clauses.lead, cue.end):
        return
    before = (clauses.start, clauses.lead)
    if site.words(*before) and not g.without_subject.match(text, *before):
        return
    named = subjects_behind(site, clauses)
    end = max([cue.end, *(stop for _, stop in named[:1])])
    yield from (((at + 1, clauses.end),) for at in clauses.after(end))


def _quotation_before(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*“Q”, dijo X*; *“Q”, dijo X, “Q2”*; *… “q”, dijo X*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    earlier = [q for q in site.quotations if clauses.start < q.end <= cue.start]
    if not earlier:
        return
    last = earlier[-1]
    parted, between = clauses.is_set_off(last.end), site.words(last.end, cue.start)
    if between > (_LONG_SUBJECT if parted else _SHORT_SUBJECT):
        return
    if g.coordinator.match(text, last.end, cue.start):
        return  # "llamó “farsa” al plan y añadió …"
    if any(last.end <= other.start and other.end <= cue.start for other in site.cues):
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
    if resumed and site.words(cue.end, later[0].start) <= _REACH:
        yield ((head, last.end), (later[0].start, max(q.end for q in later)))
    yield ((head, last.end),)
    yield ((last.start, last.end),)
    yield ((earlier[0].start, last.end),)


def _interrupts(site: Site, clauses: Clauses, quotation: Quotation) -> bool:
    """Tell whether another cue stands between the start of the sentence and a quotation."""
    return any(
        clauses.start <= other.start < quotation.start and other.kind != "noun"
        for other in site.cues
    )


def _bare_clause(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*X sagte gestern, es sei …*; *X kündigte an, … zu schließen*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if g.word_order != "verb-second" or _inserted(site, clauses) is not None:
        return
    if site.words(cue.end, clauses.tail) > _REACH:
        return
    for at in clauses.after(cue.end):
        if any(cue.end <= other.start < at for other in site.cues):
            return
        if (
            text[at] != ","
            or g.conjunction.match(text, at + 1)
            or g.coordinator.match(text, at + 1)
        ):
            return
        named = g.noun_phrase.match(text, at + 1, clauses.end)
        if named and text[named.end() : named.end() + 1] in ",)":
            continue  # "sagte Meier, Sprecher der Polizei, …"
        yield ((at + 1, clauses.clause_end(at + 1)),)
        return


def _complement(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*dijo (X) que …*, and where *que* only opens a relative clause, the object as a whole."""
    cue, g, text = site.cue, clauses.grammar, site.text
    at = clauses.complementiser(cue.end, clauses.end)
    if cue.kind == "noun" and (at is None or g.relative_pronoun.search(text, cue.start, cue.end)):
        at = cue.end  # "la tesi secondo cui | il ponte è caro"
    if at is None or ":" in text[cue.end : at]:
        return
    if any(cue.end <= other.start < at for other in site.cues):
        return  # "informó de la reunión, diciendo que …": the clause is the other's
    breaks = [one for one in clauses.after(cue.end) if one < at]
    if any(g.clause_relative.match(text, one + 1) for one in breaks):
        return  # "acusó a Paz de mentir, una acusación que …"
    behind_comma = text[:at].rstrip().endswith(",")
    if behind_comma and len(breaks) < 2 and not g.clause_comma:  # noqa: PLR2004 - a pair
        return  # "anunció un plan, que …"; "dijo, sin embargo, que …"
    start = clauses.skip(cue.end, at)
    if site.words(start, at) > _REACH and cue.kind != "noun":
        # "pidió al alcalde que …" is near: this is a relative clause, deep in what is said.
        yield ((cue.end, clauses.clause_end(cue.end)),)
    if (
        site.words(start, at)
        and (g.bare_clauses or not breaks)
        and not (g.adjunct.match(text, start, at) and _opens_content(clauses, at))
        and (borrows_subject(site, clauses) or subject_before(site, clauses))
    ):
        yield ((cue.end, clauses.clause_end(cue.end)),)
    preposition = g.complementiser_preposition.search(text, cue.end, at)
    head = preposition.start() if preposition else at
    end = clauses.clause_end(at)
    if cue.kind == "noun" and not site.words(clauses.start, cue.start):
        # A noun that opens the sentence is the subject of what follows its clause.
        end = min([end, *clauses.after(at), *(one for one, _ in clauses.quoted if one > at)])
    yield ((head, end),)
    yield from (((head, stop),) for stop in clauses.after(at + 12) if stop < end)


def _opens_content(clauses: Clauses, at: int) -> bool:
    """Tell whether a complementiser opens nothing but content clauses: *that*, not *if*."""
    found = _WORD.match(clauses.text, at)
    return found is not None and found[0].lower() in clauses.grammar.droppable


def _colon(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*dijo X a la prensa: …*; *said on Monday, “…”*."""
    cue, text = site.cue, site.text
    quoted = dict(clauses.quoted)
    for at in clauses.after(cue.end):
        if site.words(cue.end, at) > _REACH:
            return
        start, _ = trim(text, at, clauses.end)
        if text[at] == ":":
            yield ((start, clauses.end),)
        elif text[at] == "," and start in quoted:
            rest = (start, max(stop for stop in quoted.values() if stop <= clauses.end))
            inserted = _inserted(site, clauses)
            own = inserted is not None and not any(
                clauses.start <= other.start < inserted for other in site.cues
            )
            if inserted is not None and own and text[start + 1].islower():
                yield ((clauses.start, inserted), rest)  # "She would go, she said, “if asked”"
            yield (rest,)


def _inserted(site: Site, clauses: Clauses) -> int | None:  # noqa: PLR0911 - one a construction
    """Where a clause begins that is put into the statement: *…, dijo X*; *…, X, jefe de Y, dijo*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    lead, before = clauses.lead, clauses.before(cue.start)
    if not before or cue.kind == "preposition" or cue.factor == "want":
        return None
    if borrows_subject(site, clauses):
        return None
    if g.as_word.match(text, lead, cue.end):
        return lead
    # Where clauses have their comma, none stands behind "Am Abend".
    long = g.clause_comma and site.words(clauses.start, lead) >= _STATEMENT
    opener = g.conjunction if long else g.subordinator
    if len(before) == 1 and opener.match(text, clauses.start, lead):
        return None  # "Al salir, dijo …"
    subject = subject_before(site, clauses)
    start = clauses.skip(cue.end, clauses.tail)
    if site.words(start, clauses.tail):
        # "El plan, muy caro, fracasa, dijo la jefa"; not "La jefa, Ana Ruiz, criticó el plan".
        if subject and subject[0] == clauses.start and _names_speaker(site, clauses, subject):
            return None  # "La consejera, Marta Vidal, no quiso comentar el informe"
        opens = (g.speaker if subject else g.subject).match(text, start, clauses.tail)
        felt = g.experiencer.match(text, lead, clauses.tail)
        follows = opens or felt or is_bare_subject(clauses, start, clauses.tail)
        own = site.words(lead, cue.start) or (subject and g.word_order == "verb-second")
        return lead if follows and not own else None
    if subject and subject[0] == clauses.start:
        return None  # "La jefa, Ana Ruiz, dijo, además, que …"
    if g.word_order == "verb-second" or site.words(lead, cue.start) > SUBJECT_WORDS:
        return None
    return min(lead, subject[0]) if subject else lead


def _names_speaker(site: Site, clauses: Clauses, subject: Range) -> bool:
    """Tell whether a subject of several stretches names somebody who can speak."""
    g, text = clauses.grammar, site.text
    if site.words(*subject) <= SUBJECT_WORDS and has_name(text, *subject):
        return True
    # "An official, who asked not to be named, said the plan was dead": English inverts no "said".
    head = (subject[0], min([subject[1], *clauses.after(subject[0])]))
    named = g.speaker.match(text, *head) or has_name(text, *head)
    return g.word_order == "subject-verb" and bool(named) and site.words(*head) <= SUBJECT_WORDS


def _parenthetical(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*…, dijo X.*; *…, X dijo, …*; *…, como dijo X.*."""
    start = _inserted(site, clauses)
    if start is None or clauses.grammar.without_subject.match(site.text, clauses.start, start):
        return
    named = subjects_behind(site, clauses)
    end = max([clauses.tail, *(stop for _, stop in named[:1])])
    yield from _around(site, clauses, start, end)


def _object(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*anunció la compra de Z*; *said the deal was off*."""
    cue = site.cue
    start, end = cue.end, clauses.clause_end(cue.end)
    own = borrows_subject(site, clauses) or subject_before(site, clauses)
    if clauses.grammar.word_order == "verb-second" and not own:
        start = max([start, *(stop for _, stop in subjects_behind(site, clauses))])
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
    "preposition": _by_preposition,
    "antecedent": _antecedent,
    "aside": _aside,
    "announced": _announced,
    "quotation": _quotation_before,
    "bare clause": _bare_clause,
    "complement": _complement,
    "colon": _colon,
    "parenthetical": _parenthetical,
    "object": _object,
    "other": _other,
}
