"""Subjects in languages without articles, where word order and capitals have to tell them.

Czech and Russian: no determiner shows where a subject opens, an adverbial in front has no comma
behind it, and what follows a verb may be its object.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from vocero.text.letters import CAPITAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.text.site import Clauses, Range

__all__ = ["is_bare_subject", "name_end", "speaker_last"]

_CAPITAL = re.compile(CAPITAL)
_TITLED = re.compile(rf"\s*(?:\w+\s){{1,4}}{CAPITAL}\w*\s{CAPITAL}")
_WORD = re.compile(r"\S+")
_LATER_WORD = re.compile(r"(?<=\s)\w")
# A subject of words that no list has: hardly more, or it is something else.
_BARE_WORDS = 3
_NAME_WORDS = 2
# Words in front of a verb among which its subject is looked for.
_PHRASE_WORDS = 10


def is_bare_subject(clauses: Clauses, head: int, limit: int) -> bool:
    """Tell whether a few words right behind a verb can be nothing else: *…, говорят* **грузчики**, *…*."""
    g, text = clauses.grammar, clauses.text
    stop = min([limit, *clauses.after(head)])
    if not g.bare_nouns or not clauses.site.words(head, stop):
        return False
    end = g.subject_end.search(text, head + 1, stop)
    more = clauses.site.words(head, end.start() if end else stop) > _BARE_WORDS
    if more and not _TITLED.match(text, head, stop):
        return False
    if _CAPITAL.search(text, clauses.site.cue.end, head):
        return False  # "řekl pro Podhorský kurýr": the name that was skipped goes on
    return not g.adjunct.match(text, head, stop) and not g.clause_opener.match(text, head, stop)


def speaker_last(clauses: Clauses, head: int, stop: int) -> Iterator[Range]:
    """*На встрече* **министр труда** *заявил*: a speaker that ends a stretch without a comma."""
    g, text = clauses.grammar, clauses.text
    for word in islice(_LATER_WORD.finditer(text[head:stop]), 1, _PHRASE_WORDS):
        at = head + word.start()
        found = g.speaker.match(text, at, stop) and g.noun_phrase.match(text, at, stop)
        # "министр труда": its genitive need be in no list.
        if found and clauses.site.words(found.end(), stop) <= 1:
            yield (at, stop)
            return


def name_end(clauses: Clauses, head: int, stop: int) -> int:
    """Where a name ends that a phrase with a preposition follows: **Jan Malý** *v dopise napsal*."""
    g, text = clauses.grammar, clauses.text
    words = list(_WORD.finditer(text[head:stop]))
    capitals = [word[0][:1].isupper() for word in words]
    # "poslanec ODS z Brna Jan Malý": two capitals at the end are the name.
    last = len(words) - _NAME_WORDS
    named_last = all(capitals[last:])
    for place, word in enumerate(words[2:], 2):
        if named_last and place < last - 1:
            continue
        if capitals[place - 1] and g.adjunct.match(text, head + word.start(), stop):
            return head + word.start()
    return stop
