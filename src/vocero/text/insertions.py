"""What is said around words put into it: *Según X, …*; *…, dijo X, …*; *… – dijo X – …*."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from vocero.text.bare_nouns import is_bare_subject
from vocero.text.site import DASH_BEFORE, LAST_WORD, REACH, STATEMENT_WORDS, SUBJECT_WORDS, trim
from vocero.text.subjects import borrows_subject, governed, subject_before
from vocero.text.subjects_behind import has_name, subjects_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.text.site import Clauses, Range, Site

__all__ = ["announced", "aside", "by_preposition", "inserted", "parenthetical"]

# Before another cue, fewer words are no part of a statement that goes on: "…, adding …".
_BEFORE_CUE = 2
_DASH = re.compile(r"[–—]|(?<=\s)-(?=[\s,.])")
_WORD = re.compile(r"\w+")


def by_preposition(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*Según X, …*; *…, según X*; *Putin, según X, irá*; *Laut X ist …*; *X zufolge …*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind != "preposition" or cue.factor == "want":
        return
    if g.announcement.fullmatch(text, cue.start, cue.end):
        return
    named = governed(site, clauses)
    start = min([cue.start, *(one for one, _ in named)])
    end = _resume(clauses, max([cue.end, *(one for _, one in named[:1])]))
    before = (_main_clause(site, clauses, start), start)
    inverted = g.word_order == "verb-second" and g.auxiliary.search(text, *before)
    if not site.words(*before) or (not inverted and g.without_subject.match(text, *before)):
        yield ((end, clauses.clause_end(end)),)
        yield from (((at + 1, clauses.end),) for at in clauses.after(cue.end))
        yield ((cue.end, clauses.end),)
    elif not site.words(clauses.lead, start):
        if g.word_order == "verb-second" and g.adjunct.match(text, clauses.skip(end, clauses.tail)):
            end = clauses.tail  # "„…“, so Ana | nach dem Spiel"
        yield from _around(site, clauses, clauses.lead, clauses.skip(end, clauses.tail))
    elif g.clause_opener.fullmatch(text, *trim(text, clauses.lead, start)):
        yield ((end, next(iter(clauses.after(end)), clauses.end)),)  # "který podle policie utekl"
    else:
        if not g.phrase_comma and site.words(end, clauses.end):
            stop = min([at for at in clauses.after(end) if text[at] == ";"], default=clauses.end)
            yield (before, (end, stop))
        yield (before,)
        yield (before, (end, clauses.end))


def _main_clause(site: Site, clauses: Clauses, end: int) -> int:
    """Where what a preposition attributes begins: behind *Wie Ana sagte,*, with *weil er laut Ana*."""
    g, text = clauses.grammar, clauses.text
    if clauses.lead > clauses.start and g.conjunction.match(text, clauses.lead, end):
        return clauses.lead
    if g.as_word.match(text, clauses.start, end) and clauses.lead > clauses.start:
        first = clauses.before(end)[0]
        if any(one.start < first for one in site.cues):
            return first + 1
    return clauses.start


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


def announced(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*Como dijo X, portavoz de Y, …*; *Wie X sagte, …*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind != "verb" or not g.as_word.match(text, clauses.lead, cue.end):
        return
    before = (clauses.start, clauses.lead)
    if site.words(*before) and not g.without_subject.match(text, *before):
        return
    named = list(subjects_behind(site, clauses))
    end = max([cue.end, *(stop for _, stop in named[:1])])
    yield from (((at + 1, clauses.end),) for at in clauses.after(end))


def aside(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
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
    if close and site.words(cue.end, close.start()) <= REACH:
        yield ((start, dash.start()), (close.end(), end))
        yield ((start, dash.start()),)
    elif not around:
        yield ((start, dash.start()),)


def parenthetical(site: Site, clauses: Clauses) -> Iterator[tuple[Range, ...]]:
    """*…, dijo X.*; *…, X dijo, …*; *…, como dijo X.*."""
    start = inserted(site, clauses)
    if start is None or clauses.grammar.without_subject.match(site.text, clauses.start, start):
        return
    named = list(subjects_behind(site, clauses))
    end = max([clauses.tail, *(stop for _, stop in named[:1])])
    yield from _around(site, clauses, start, end)


def inserted(site: Site, clauses: Clauses) -> int | None:  # noqa: PLR0911 - one a construction
    """Where a clause begins that is put into the statement: *…, dijo X*; *…, X, jefe de Y, dijo*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    lead, before = clauses.lead, clauses.before(cue.start)
    if not before or cue.kind == "preposition" or cue.factor == "want":
        return None
    if borrows_subject(site, clauses):
        return None
    if g.as_word.match(text, lead, cue.end):
        return lead
    if g.impersonal.fullmatch(text, cue.start, cue.end) and not site.words(lead, cue.start):
        return lead  # "…, hieß es aus dem Ministerium"
    # Where clauses have their comma, none stands behind "Am Abend".
    long = g.clause_comma and site.words(clauses.start, lead) >= STATEMENT_WORDS
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
    if site.words(*head) > SUBJECT_WORDS:
        return False
    if g.word_order == "subject-verb":
        return g.speaker.match(text, *head) is not None or has_name(text, *head)
    # "Ana Ruiz, que llegó ayer, criticó el plan".
    opener = _WORD.search(text, head[1], subject[1])
    described = opener and g.relative_pronoun.fullmatch(text, *opener.span())
    return described is not None and has_name(text, *head)


def _around(site: Site, clauses: Clauses, start: int, end: int) -> Iterator[tuple[Range, ...]]:
    """Read what stands before and behind an insertion, ``start`` to ``end``, that the cue is in."""
    g, text = clauses.grammar, site.text
    before = clauses.before(start)
    first, rest = (clauses.start, start), trim(text, end, clauses.end)
    opener = LAST_WORD.search(text, *trim(text, *first))
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
    fewest = 1 if g.bare_nouns else STATEMENT_WORDS - 1
    if site.words(*rest) < fewest or g.clause_opener.match(text, *rest):
        return False
    if site.words(*first) < STATEMENT_WORDS or _is_incomplete(clauses, *first):
        return True
    if any(opened == rest[0] for opened, _ in clauses.quoted):
        return True
    # "…, X said, until …", but neither "…, said X, a …" nor "…, X said, adding …".
    following = next((one.start for one in site.cues if rest[0] <= one.start), None)
    reported = following is not None and site.words(rest[0], following) < _BEFORE_CUE
    return cue.kind == "verb" and not site.words(cue.end, clauses.tail) and not reported


def _is_incomplete(clauses: Clauses, start: int, end: int) -> bool:
    """Tell whether a sentence says nothing before its first comma: *En 2020, según X, creció*."""
    g, text = clauses.grammar, clauses.text
    if found := g.coordinator.match(text, start, end):
        start = found.end()
    alone = len(clauses.before(end)) == 1
    return alone and g.subordinator.match(text, start, end) is not None
