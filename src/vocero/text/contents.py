"""What may be attributed at a cue: proposals by construction, the likeliest first.

Everything here is proposed by rule, from punctuation, quotation marks and a few closed word lists.
How often the first proposal is right is measured in ``docs/quality.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vocero.text.site import SUBJECT_WORDS, Clauses, Range, Site, trim
from vocero.text.sources import apposed_subject, is_name, subject_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vocero.text.cues import Cue
    from vocero.text.quotes import Quotation

__all__ = ["Pattern", "Proposal", "contents"]

Pattern = Literal[
    "preposition",
    "antecedent",
    "quotation",
    "complement",
    "colon",
    "parenthetical",
    "object",
    "other",
]
_MOST = 7
# Between a quotation and a cue behind it: ", the president of the board".
_SHORT_SUBJECT = 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read what is attributed at a site."""

    content: tuple[Range, ...]
    """One or two ranges in order, without outer commas and final full stop, with quotation marks."""
    pattern: Pattern
    """The construction it follows."""


def contents(site: Site) -> list[Proposal]:
    """Propose what may be attributed at a site, the likeliest first; at most 7 proposals."""
    clauses = Clauses(site)
    proposals: dict[tuple[Range, ...], Proposal] = {}
    for pattern, propose in _PATTERNS.items():
        for ranges in propose(site, clauses):
            trimmed = tuple(trim(site.text, *one) for one in ranges)
            if all(site.words(*one) for one in trimmed):
                proposals.setdefault(trimmed, Proposal(trimmed, pattern))
    return list(proposals.values())[:_MOST]


def _by_preposition(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    cue = site.cue
    if cue.kind != "preposition":
        return
    before, after = clauses.before(cue.start), clauses.after(cue.end)
    opens = not site.words(before[-1] if before else clauses.start, cue.start)
    after = _behind_source(site, after)
    if opens and not (before and site.words(clauses.start, before[-1]) > 1):
        yield from (((at + 1, clauses.end),) for at in after if site.words(at, clauses.end) > 1)
        yield ((cue.end, clauses.end),)
        return
    head = before[-1] if opens else cue.start
    if opens and after and site.words(after[0], clauses.end) > 2:  # noqa: PLR2004 - a clause has more
        if site.words(clauses.start, head) <= 3:  # noqa: PLR2004 - "Putin, según X, hará Y"
            yield ((clauses.start, head), (after[0] + 1, clauses.end))
        yield ((clauses.start, head),)
        yield ((clauses.start, head), (after[0] + 1, clauses.end))
        return
    yield ((clauses.start, head),)
    yield from (((at + 1, head),) for at in reversed(before[:-1]))


def _behind_source(site: Site, breaks: list[int]) -> list[int]:
    """Leave out breaks within a source: *Según su jefe, Ana Ruiz, …*; *…, quoted by the Post, …*."""
    while len(breaks) > 1:
        part = site.text[breaks[0] + 1 : breaks[1]]
        relayed = any(one.relay and breaks[0] < one.start < breaks[1] for one in site.cues)
        if not relayed and not is_name(part):
            break
        breaks = breaks[1:]
    return breaks


def _antecedent(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*X ha acusado a Y de Z, lo que Y ha negado*: the content is what was said before."""
    cue = site.cue
    for at in reversed(clauses.before(cue.start)):
        if clauses.grammar.relative.match(site.text, at + 1, cue.start):
            earlier = [other for other in site.cues if other.end <= at]
            if earlier:
                yield ((earlier[-1].end, at),)
            yield ((clauses.start, at),)


def _quotation_before(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*“Q”, dijo X*; *“Q”, dijo X, “Q2”*; *… “q”, dijo X*."""
    cue, text = site.cue, site.text
    earlier = [q for q in site.quotations if clauses.start < q.end <= cue.start]
    if not earlier:
        return
    last = earlier[-1]
    if site.words(last.end, cue.start) > _SHORT_SUBJECT:
        return
    if any(last.end <= other.start and other.end <= cue.start for other in site.cues):
        return
    adjacent = re.search(r"[,”»\"]\s*$", text[last.end - 1 : cue.start])
    if clauses.complementiser(cue.end, clauses.end) is not None and not adjacent:
        return
    lead = site.words(clauses.start, last.start) if last.start > clauses.start else 0
    head = clauses.start if lead > 1 and not _interrupts(site, clauses, last) else last.start
    later = [q for q in site.quotations if cue.end <= q.start < clauses.end]
    if later and site.words(cue.end, later[0].start) <= SUBJECT_WORDS + 3:
        if re.search(r"[,.:;]\s*$", text[cue.end : later[0].start]):
            yield ((head, last.end), (later[0].start, max(q.end for q in later)))
    yield ((head, last.end),)
    yield ((last.start, last.end),)
    yield ((earlier[0].start, last.end),)


def _interrupts(site: Site, clauses: Clauses, quotation: Quotation) -> bool:
    """Whether another cue stands between the start of the sentence and the quotation."""
    return any(clauses.start <= other.start < quotation.start for other in site.cues)


def _complement(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*dijo (X) que …*, and where *que* only opens a relative clause, the object as a whole."""
    cue = site.cue
    at = clauses.complementiser(cue.end, clauses.end)
    if at is None or ":" in site.text[cue.end : at]:
        return
    if any(cue.end <= other.start < at for other in site.cues):
        return  # "informó de la reunión, diciendo que …": the clause is the other's
    between = site.words(clauses.skip(cue.end, at), at)
    if between and next(subject_before(site, clauses), None) and "," not in site.text[cue.end : at]:
        yield ((cue.end, clauses.clause_end(cue.end)),)
    preposition = clauses.grammar.before_complementiser.search(site.text, cue.end, at)
    head = preposition.start() if preposition else at
    end = clauses.clause_end(at)
    yield ((head, end),)
    yield from (((head, stop),) for stop in clauses.after(at + 12) if stop < end)


def _colon(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    cue = site.cue
    for at in clauses.after(cue.end):
        if site.text[at] == ":" and site.words(cue.end, at) <= SUBJECT_WORDS + 3:
            yield ((at + 1, clauses.end),)


def _parenthetical(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*…, dijo X.* and *…, X dijo.*"""
    cue = site.cue
    g, before, after = clauses.grammar, clauses.before(cue.start), clauses.after(cue.end)
    if not before or cue.factor == "want" or g.gerund.match(site.text[cue.start : cue.end]):
        return
    head = before[-1]
    lead = site.words(head, cue.start)
    stop = after[0] if after else clauses.end
    tail = site.words(clauses.skip(cue.end, stop), stop)
    relayed = g.as_.match(site.text, head + 1)
    if site.words(clauses.start, head) < 3:  # noqa: PLR2004 - "Ayer, dijo …" is no clause
        return
    if len(before) == 1 and g.subordinate.match(site.text, clauses.start) and not relayed:
        return
    subject = None if lead else apposed_subject(site, clauses)
    if subject == clauses.start:
        return  # "La consejera, Marta Vidal, no quiso comentar el informe"
    if subject:  # "The port will close, its director, Joan Ashe, said"
        yield ((clauses.start, subject),)
    inverted = not lead and g.subject.match(site.text, clauses.skip(cue.end, clauses.end))
    if inverted or relayed or not tail and lead <= SUBJECT_WORDS:
        yield ((clauses.start, head),)
        yield from (((at + 1, head),) for at in reversed(before[:-1]))


def _object(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    cue = site.cue
    end = clauses.clause_end(cue.end)
    stops = [at for at in clauses.after(cue.end) if site.words(cue.end, at) > 2 and at < end]  # noqa: PLR2004
    yield ((cue.end, end),)
    yield from (((cue.end, at),) for at in reversed(stops))


def _other(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    cue = site.cue
    for opened, closed in clauses.quoted:
        if not opened <= cue.start < closed:
            yield ((opened, closed),)
    before = clauses.before(cue.start)
    if before:
        yield ((clauses.start, before[-1]),)


_PATTERNS: dict[Pattern, Callable[[Site, Clauses], Iterator[tuple[Range, ...]]]] = {
    "preposition": _by_preposition,
    "antecedent": _antecedent,
    "quotation": _quotation_before,
    "complement": _complement,
    "colon": _colon,
    "parenthetical": _parenthetical,
    "object": _object,
    "other": _other,
}
