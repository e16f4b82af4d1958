"""Who may speak at a cue: proposals by word order, the likeliest first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vocero.text.site import Clauses, Range, Site, trim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vocero.text.grammar import Grammar

__all__ = ["apposed_subject", "is_name", "sources", "subject_before"]

_MARKS = '"“”„«»‹›()'
_NAME_LAST = re.compile(r"(?<=[a-záéíóúñ] )(?:[^\W\d_a-zß-öø-ÿ][^\s,;:()]*\s+)+$")
_MOST = 5
# More chunks before a cue are an enumeration, not a name with its titles.
_CHUNKS = 4
_NAME_WORDS = 6
# Between a cue and its complementiser stand a space and hardly a preposition: "advirtió de que".
_JOINT = 4


def sources(site: Site, content: Sequence[Range]) -> list[Range]:
    """Propose who may speak at a site, given what is said; the likeliest first, at most 5."""
    clauses = Clauses(site)
    found: list[Range] = []
    for start, end in _speakers(site, clauses, content):
        one = trim(site.text, start, end, _MARKS)
        if not site.words(*one) or one in found:
            continue
        if any(one[0] < stop and head < one[1] for head, stop in content):
            continue
        found.append(one)
    return found[:_MOST]


def _speakers(site: Site, clauses: Clauses, content: Sequence[Range]) -> Iterator[Range]:
    cue = site.cue
    follows = bool(content) and content[0][1] <= cue.start
    between = follows and site.words(max(end for _, end in content if end <= cue.start), cue.start)
    if cue.kind == "preposition" or cue.relay or (follows and not between):
        yield from _subject_after(site, clauses, content)
        yield from subject_before(site, clauses)
    else:  # "X dijo que …"; "“Q”, X told reporters"
        yield from subject_before(site, clauses)
        yield from _subject_after(site, clauses, content)


def _subject_after(site: Site, clauses: Clauses, content: Sequence[Range]) -> Iterator[Range]:
    """*dijo X*, *dijo hoy a EFE X, portavoz de Y, en rueda de prensa*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    limit = min((start for start, _ in content if start >= cue.end), default=clauses.end)
    at = clauses.complementiser(cue.end, limit)
    quotes = [opened for opened, _ in clauses.quoted if opened >= cue.end]
    limit = min([limit, *quotes[:1], *([] if at is None else [at])])
    stops = [*(i for i in clauses.after(cue.end) if i < limit), limit]
    head = clauses.skip(cue.end, stops[0])
    first = _cut(g, text, head, stops[0])
    if (
        not site.words(head, first)
        or g.phrase.match(text, head)
        or g.empty.match(text, head, first)
    ):
        return
    if first == stops[0] and len(stops) > 1 and text[stops[0]] == ",":
        second = _cut(g, text, stops[0] + 1, stops[1])
        if _apposed(g, text[head:first].strip(), text[stops[0] + 1 : second].strip()):
            yield (head, second)
    yield (head, first)


def _apposed(g: Grammar, named: str, more: str) -> bool:
    """Whether two chunks are one subject: *la portavoz, Ana Ruiz*; *Ana Ruiz, portavoz del grupo*."""
    if g.opener.match(more + " ") or g.phrase.match(more) or g.empty.match(more):
        return False
    return is_name(more) or (is_name(named) and more[:1].islower())


def _cut(g: Grammar, text: str, start: int, end: int) -> int:
    """Where a subject ends that begins at ``start``: before *en una entrevista*, *a la BBC*, *tras*."""
    found = g.after.search(text, start + 1, end)
    return found.start() if found else end


def is_name(words: str) -> bool:
    """Whether words look like a proper name: few, the first and the last with a capital."""
    parts = words.split()
    return 0 < len(parts) <= _NAME_WORDS and parts[0][:1].isupper() and parts[-1][:1].isupper()


def subject_before(site: Site, clauses: Clauses) -> Iterator[Range]:
    """*X dijo*; *X, portavoz de Y, dijo*. Nothing where the subject is elided: *Además, dijo*; *y dijo*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if g.gerund.match(text[cue.start : cue.end]):
        return
    ends = (end for _, end in clauses.quoted if end <= cue.start)
    edges = sorted({clauses.start, *clauses.before(cue.start), *ends})
    chunks = list(zip(edges, [*edges[1:], cue.start], strict=True))
    start, stop = chunks[-1]
    opener = _last_opener(g, text, start, stop)
    head = opener or start
    if site.words(head, stop):
        yield from _direct_subject(site, clauses, head, stop)
    elif opener:
        pronoun = g.relative_pronoun.search(text, start, stop)
        if pronoun and not any(0 <= pronoun.start() - other.end <= _JOINT for other in site.cues):
            yield (pronoun.start(), stop)
    elif re.search(r"[,)–—]\s*$", text[max(0, cue.start - 3) : cue.start]):
        yield from _joined_subject(site, clauses, chunks[:-1])


def _last_opener(g: Grammar, text: str, start: int, end: int) -> int | None:
    """Where the last clause of a stretch begins: behind *que*, *pero*, *y*; None if it is one clause."""
    found = [one.end() for one in g.opener.finditer(text, start, end)]
    return found[-1] if found else None


def _direct_subject(site: Site, clauses: Clauses, head: int, stop: int) -> Iterator[Range]:
    g, text = clauses.grammar, site.text
    words = text[head:stop].lstrip()
    if head == clauses.start:
        words = words[:1].lower() + words[1:]
    if found := g.experiencer.match(text, head, stop):
        yield found.span(1)
    elif g.phrase.match(text, head) or g.phrase.match(words):
        if found := _NAME_LAST.search(text, head, stop):
            yield found.span()
    elif not g.empty.match(text, head, stop):
        yield (head, stop)


def apposed_subject(site: Site, clauses: Clauses) -> int | None:
    """Start of *X, portavoz de Y,* right before the cue; None unless a name is one of its parts."""
    start = next(iter(subject_before(site, clauses)), (None, 0))[0]
    if start is None:
        return None
    parts = [part.strip() for part in site.text[start : site.cue.start].split(",")]
    parts = [part for part in parts if part]
    return start if len(parts) > 1 and any(is_name(part) for part in parts) else None


def _joined_subject(site: Site, clauses: Clauses, chunks: list[Range]) -> Iterator[Range]:
    """*El portavoz, John Kirby, del Consejo de Seguridad Nacional, dijo*: the chunks are one subject."""
    g, text = clauses.grammar, site.text
    whole: list[Range] = []
    for start, end in reversed(chunks):
        if not site.words(start, end) or g.empty.match(text, start, end) or clauses.inside(start):
            break
        of = start > clauses.start and text[start + 1 : end].lstrip().startswith("de")
        if g.subordinate.match(text, start) and not of:
            break
        whole.insert(0, (start, end))
        if len(whole) > 1 and start > clauses.start and g.determiner.match(text, start):
            break
    if whole and len(whole) <= _CHUNKS:
        yield (_last_opener(g, text, *whole[0]) or whole[0][0], whole[-1][1])
