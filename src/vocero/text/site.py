"""A cue in its sentence, and the clauses around it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocero.text.grammar import Grammar, grammar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.text.cues import Cue
    from vocero.text.quotes import Quotation

__all__ = ["SUBJECT_WORDS", "Clauses", "Range", "Site", "trim"]

Range = tuple[int, int]
"""Half-open, in code points of the text."""

SUBJECT_WORDS = 9
"""A subject hardly has more words."""

_WORD = re.compile(r"\w+(?:[.,'’]\w+)*")
_BREAK = re.compile(r"[,;:()–—\n]")
_EDGES = " \t\r\n\xa0\u2009\u202f,;:.–—-•"


@dataclass(frozen=True, slots=True)
class Site:
    """A cue in its surroundings."""

    text: str
    sentence: Range
    cue: Cue
    quotations: Sequence[Quotation]
    """The outermost quotations of the whole text, in order."""
    cues: Sequence[Cue]
    """Every cue of the sentence, in order."""
    language: str | None

    def words(self, start: int, end: int) -> int:
        """How many words stand in the range."""
        return sum(1 for _ in _WORD.finditer(self.text, start, max(start, end)))


class Clauses:
    """The breaks of a sentence that lie outside quotations, and questions about them."""

    def __init__(self, site: Site) -> None:
        self.site, self.text = site, site.text
        self.grammar: Grammar = grammar(site.language)
        start, end = site.sentence
        self.quoted = [(q.start, q.end) for q in site.quotations if q.start < end and q.end > start]
        self.start = start
        while end > start and self.text[end - 1] in ".!?… \xa0" and not self._closing(end - 1):
            end -= 1
        for opened, closed in self.quoted:
            if opened < end < closed or end <= closed <= site.sentence[1]:
                end = closed
        self.end = end
        self.breaks = [
            found.start()
            for found in _BREAK.finditer(self.text, start, end)
            if not self.inside(found.start()) and not self._numeric(found.start())
        ]

    def _closing(self, at: int) -> bool:
        return any(closed == at + 1 for _, closed in self.quoted)

    def _numeric(self, at: int) -> bool:
        return self.text[at - 1 : at].isdigit() and self.text[at + 1 : at + 2].isdigit()

    def inside(self, at: int) -> bool:
        return any(opened <= at < closed for opened, closed in self.quoted)

    def before(self, at: int) -> list[int]:
        return self.breaks[: bisect_left(self.breaks, at)]

    def after(self, at: int) -> list[int]:
        return self.breaks[bisect_left(self.breaks, at) :]

    def complementiser(self, start: int, end: int) -> int | None:
        """Where the first complementiser outside quotations stands; not the *que* of *lo que*."""
        previous = ""
        for word in _WORD.finditer(self.text, start, end):
            if self.inside(word.start()):
                return None
            lower = word.group().lower()
            if (
                lower in self.grammar.complementisers
                and previous not in self.grammar.relative_heads
            ):
                return word.start()
            previous = lower
        return None

    def skip(self, start: int, end: int) -> int:
        """Where the subject may begin after a cue: behind *hoy*, *el miércoles*, *a los periodistas*."""
        found = self.grammar.skip.match(self.text, start, end)
        return found.end() if found else start

    def clause_end(self, start: int) -> int:
        """Where a clause ends that begins at ``start``: before a coordinated cue, or with the sentence."""
        for at in self.after(start):
            if self.grammar.relative.match(self.text, at + 1, self.end) and any(
                other.start > at for other in self.site.cues
            ):
                return at
        for other in self.site.cues:
            if not start + 3 < other.start < self.end or self.inside(other.start):
                continue
            found = self.grammar.coordinated.search(self.text, start, other.start)
            if found and self.site.words(start, found.start()) > 1:
                return found.start()
        return self.end


def trim(text: str, start: int, end: int, more: str = "") -> Range:
    """Leave out white space and outer punctuation, and whatever else is in ``more``."""
    edges = _EDGES + more
    while start < end and text[start] in edges:
        start += 1
    while end > start and text[end - 1] in edges:
        end -= 1
    return start, end
