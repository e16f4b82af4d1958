"""Clauses that may be what is said without a complementiser, where verbs come second (German).

*Anna sagte,* **der Hafen sei alt**; *Anna kündigte an,* **den Hafen zu schließen**.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vocero.text.insertions import inserted
from vocero.text.site import REACH, RELATIVE
from vocero.text.subjects import subject_before
from vocero.text.subjects_behind import own_preposition, subjects_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.text.site import Clauses, Range, Site

__all__ = ["announces", "bare_clause"]


def bare_clause(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*X sagte gestern, es sei …*; *X kündigte an, … zu schließen*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if g.word_order != "verb-second" or inserted(site, clauses) is not None:
        return
    if cue.closed is None and site.words(cue.end, clauses.tail) > REACH:
        return
    for at in clauses.after(cue.closed or cue.end):
        coordinated = g.conjunction.match(text, at + 1) or g.coordinator.match(text, at + 1)
        led = any(cue.end <= other.start < at for other in site.cues)
        if led or text[at] != "," or coordinated:
            return
        named = g.noun_phrase.match(text, at + 1, clauses.end)
        parted = named and text[named.end() : named.end() + 1] in ",)"
        if parted and site.words(cue.end, at):
            continue  # "sagte Meier, Sprecher der Polizei, …"
        end = clauses.clause_end(at + 1)
        shown = g.dependent.search(text, at + 1, end) or not _has_object(site, clauses, at)
        if shown and not _goes_on(site, clauses, at):
            yield ((at + 1, end),)
        return


def _has_object(site: Site, clauses: Clauses, end: int) -> bool:
    """Tell whether a cue has no need of a clause behind it: *kritisierte* **den Plan**, *der Rat lacht*."""
    g, text, cue = clauses.grammar, site.text, site.cue
    if clauses.closes():
        return _is_subordinate(site, clauses)
    start = clauses.skip(cue.end, end)
    if subject_before(site, clauses) is None:
        start = max([start, *(stop for _, stop in subjects_behind(site, clauses) if stop <= end)])
        start = clauses.skip(start, end)
    return bool(g.noun_phrase.match(text, start, end)) or own_preposition(clauses, start, end) < end


def _goes_on(site: Site, clauses: Clauses, at: int) -> bool:
    """Tell whether a comma ends a clause in another: *…, die Ana kritisierte*, **wurde** *gebaut*."""
    g, text = clauses.grammar, site.text
    pronoun = RELATIVE.match(text, at + 1)
    if pronoun and g.adjunct.match(text, pronoun.end()):
        return True  # "hat Plätze vorgesehen, die für Kinder …"
    verb = g.auxiliary.match(text, at + 1) or any(
        at < other.start and not site.words(at, other.start) for other in site.cues
    )
    return bool(verb) and _is_subordinate(site, clauses)


def _is_subordinate(site: Site, clauses: Clauses) -> bool:
    """Tell whether a cue closes a clause in which verbs come last: *…, die Ana* **kritisierte**, *…*."""
    g, text, lead = clauses.grammar, site.text, clauses.lead
    opened = lead > clauses.start or not g.determiner.match(text, lead, site.cue.start)
    return clauses.closes() and opened and bool(g.subordinate.match(text, lead, site.cue.start))


def announces(site: Site, clauses: Clauses, at: int) -> bool:
    """Tell whether a clause behind a comma tells who says all of the sentence: **wie Ana sagte**."""
    stop = next(iter(clauses.after(at)), clauses.end)
    return clauses.grammar.as_word.match(site.text, at) is not None and any(
        at < other.start and other.end <= stop and not site.words(other.end, stop)
        for other in site.cues
    )
