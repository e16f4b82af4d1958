"""The subject that stands behind its cue, and where it ends: *dijo* **Ana Ruiz, portavoz**, *ayer*."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vocero.text.bare_nouns import is_bare_subject
from vocero.text.site import trim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vocero.text.site import Clauses, Range, Site

__all__ = ["has_name", "own_preposition", "subjects_at", "subjects_behind"]

# "dit-il", "déclare-t-elle".
_HYPHEN = re.compile(r"-(?:t-)?")
_NAME_WORDS = 6


def subjects_behind(site: Site, clauses: Clauses, content: Sequence[Range] = ()) -> Iterator[Range]:
    """*dijo X*, *dijo hoy a EFE X, portavoz de Y, en rueda de prensa*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    limit = min((start for start, _ in content if start >= cue.end), default=clauses.end)
    limit = clauses.complementiser(cue.end, limit) or limit
    said_before = bool(content) and content[0][1] <= cue.start
    if g.word_order == "subject-verb" and limit < clauses.end and not said_before:
        announced = g.as_word.match(text, clauses.lead, cue.end)
        if not announced and site.words(clauses.start, cue.start):
            return  # "Ana said Ruiz came": who comes later is not the speaker
    if found := _HYPHEN.match(text, cue.end, limit):
        yield from subjects_at(clauses, found.end(), limit)
    behind = g.anaphor.match(text, cue.end, limit) if g.bare_nouns else None
    head = clauses.skip(behind.end() if behind else cue.end, min(clauses.tail, limit))
    # "Describió la crisis como …": what comes before the content need not be who speaks.
    object_ = cue.kind == "verb" and content and not said_before and text[limit - 2 : limit] != ": "
    opens = g.speaker if object_ and g.word_order == "free" else g.subject
    alone = (said_before or cue.relay) and is_bare_subject(clauses, head, limit)
    if alone or opens.match(text, head, limit):
        yield from subjects_at(clauses, head, limit)


def subjects_at(clauses: Clauses, head: int, limit: int) -> Iterator[Range]:
    """Read the subject that begins at a position, with and without its apposition."""
    text = clauses.text
    stops = [*(at for at in clauses.after(head) if at < limit), limit]
    first = _subject_end(clauses, head, stops[0])
    if first is None:
        return
    if len(stops) > 1 and text[first : stops[0] + 1].strip() == ",":
        more = (stops[0] + 1, stops[1])
        whole = (
            clauses.grammar.word_order != "verb-second"
            or clauses.grammar.noun_phrase.fullmatch(text, more[0], trim(text, *more)[1])
        )
        if whole and _subject_end(clauses, *more) and _apposed(clauses, (head, first), more):
            yield (head, stops[1])
    yield (head, first)


def _subject_end(clauses: Clauses, start: int, stop: int) -> int | None:
    """Where a subject ends: before *en una entrevista*, *a la BBC*, *tras*; None if there is none."""
    g, text = clauses.grammar, clauses.text
    kind = clauses.site.cue.kind
    genitive = g.bare_nouns and (kind == "noun" or (kind == "preposition" and not g.phrase_comma))
    if genitive and g.adjunct.match(text, start, stop):
        return None
    if g.word_order == "verb-second" or genitive:
        found = g.noun_phrase.match(text, start, own_preposition(clauses, start, stop))
        return found.end() if found else None
    if g.adjunct.match(text, start, stop) or g.clause_opener.match(text, start, stop):
        return None
    found = g.subject_end.search(text, start + 1, stop)
    end = found.start() if found else stop
    if not clauses.site.words(start, end) or g.without_subject.match(text, start, end):
        return None
    return end


def own_preposition(clauses: Clauses, start: int, stop: int) -> int:
    """Where the preposition stands that a cue takes, *Ana sprach* **von** *Risiken*; or the end."""
    words = clauses.site.cue.lemma.split()
    if len(words) == 1 or clauses.site.cue.kind != "verb":
        return stop
    own = re.compile(rf"\b{re.escape(words[-1])}\b").search(clauses.text, start, stop)
    return own.start() if own else stop


def _apposed(clauses: Clauses, named: Range, more: Range) -> bool:
    """Tell whether two stretches are one subject: *la portavoz, Ana Ruiz*; *Ana Ruiz, portavoz*."""
    g, text = clauses.grammar, clauses.text
    second = text[slice(*more)].split()
    if any(more[0] <= one.start < more[1] for one in clauses.site.cues):
        return False  # "un informe, citado por la BBC, sostiene"
    if _is_name(second):
        return True
    if not _is_name(text[slice(*named)].split()) or not second[0][:1].islower():
        return False
    if clauses.site.cue.kind == "verb" and not g.as_word.match(text, clauses.lead, more[0]):
        return True
    # "Según Ana Ruiz, no es caro" goes on with the statement.
    return bool(g.speaker.match(text, *more)) and not g.determiner.match(text, *more)


def has_name(text: str, start: int, end: int) -> bool:
    """Tell whether a part between commas is a proper name: *La jefa, Ana Ruiz,*."""
    return any(_is_name(part.split()) for part in text[start:end].split(",") if part.strip())


def _is_name(words: list[str]) -> bool:
    if not 0 < len(words) <= _NAME_WORDS or not words[-1][:1].isupper():
        return False
    # "el verde Joschka Fischer": a full name behind what he is.
    return words[0][:1].isupper() or words[-2][:1].isupper()
