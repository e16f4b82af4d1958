"""A cue in its sentence, and the clauses around it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vocero.text.grammar import Grammar, grammar
from vocero.text.quotes import overlapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.text.cues import Cue
    from vocero.text.quotes import Quotation

__all__ = ["DASH_BEFORE", "SUBJECT_WORDS", "Clauses", "Range", "Site", "trim"]

Range = tuple[int, int]
"""Half-open, in code points of the text."""

SUBJECT_WORDS = 9
"""A subject hardly has more words."""

_WORD = re.compile(r"\w++(?:[.,'’]\w++)*+")
# As the lexicons list words, an elided one for itself: "qu'".
_LISTED = re.compile(r"\w++(?:['’](?=\w))?+")
_BREAK = re.compile(r"[,;:()–—\n-]")
_BRACKET = re.compile(r"[()]")
# ", 45," and ", de 45 años," stand within the name that they belong to.
_AGE = re.compile(r",\s(?:d[ei]\s)?\d{1,3}(?:\s[^\W\d_]+)?,")
_PARTING = {",", ".", "!", "?", "…", "-", "–", "—"}
_EDGES = " \t\r\n\xa0\u2009\u202f,;:.–—-•"
DASH_BEFORE = re.compile(r"(?:[–—]|(?<=\s)-)\s*$")
"""Search right before a cue for the dash of an aside."""
# A shorter quotation is a term that is quoted; what a cue in it tells stands outside.
_STATEMENT = 4
# Nothing is read further from its cue than so many breaks; keeps the reading linear on any text.
_BREAKS = 32
# Code points that a coordinator takes with the words it may stand before.
_COORDINATOR = 60


@dataclass(frozen=True)
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
        """Count the words in a range."""
        return len(_WORD.findall(self.text, start, end))

    @cached_property
    def clauses(self) -> Clauses:
        """The clauses around the cue."""
        return Clauses(self)


class Clauses:
    """The breaks of a sentence (commas, dashes and the like), and questions about what they part.

    A break lies outside quotations, and outside round brackets unless the cue stands within them.
    """

    def __init__(self, site: Site) -> None:
        self.site, self.text = site, site.text
        self.grammar: Grammar = grammar(site.language)
        self.start, end = self._bounds()
        self.quoted = [
            (one.start, one.end)
            for one in overlapping(site.quotations, self.start, end)
            if not (one.start < self.start and end < one.end)
        ]
        self._opened = [opened for opened, _ in self.quoted]
        self.end = self._end(end)
        self.breaks = self._breaks()
        before, after = self.before(site.cue.start), self.after(site.cue.end)
        self.lead = before[-1] + 1 if before else self.start
        """Where the stretch between two breaks begins that the cue stands in."""
        self.tail = after[0] if after else self.end
        """Where it ends."""

    def _bounds(self) -> Range:
        """The sentence; for a cue within a quotation, what of the sentence is quoted there."""
        text, cue, (start, end) = self.text, self.site.cue, self.site.sentence
        for one in overlapping(self.site.quotations, cue.start, cue.end):
            inner = max(start, one.inner_start), min(end, one.inner_end)
            long = self.site.words(*inner) >= _STATEMENT
            # "“Es caro – dijo X – y lento”": an aside is no part of what is quoted.
            if (
                long
                and one.start < cue.start
                and not DASH_BEFORE.search(text, *inner[:1], cue.start)
            ):
                return inner
        return start, end

    def _end(self, end: int) -> int:
        """Leave out the full stop, and take in a quotation that ends behind it."""
        closed = {close for _, close in self.quoted}
        while end > self.start and self.text[end - 1] in ".!?… \xa0" and end not in closed:
            end -= 1
        for opened, close in self.quoted:
            if opened < end < close or end <= close <= self.site.sentence[1]:
                end = close
        return end

    def _breaks(self) -> list[int]:
        text, start, end = self.text, self.start, self.end
        silent: set[int] = set()
        opened = None
        for bracket in _BRACKET.finditer(text, start, end):
            if bracket[0] == "(":
                opened = bracket.start()
            elif opened is not None:
                if not opened < self.site.cue.start < bracket.start():
                    silent.update(range(opened, bracket.end()))
                opened = None
        for age in _AGE.finditer(text, start, end):
            silent.update((age.start(), age.end() - 1))
        return [
            at
            for at in (found.start() for found in _BREAK.finditer(text, start, end))
            if at not in silent and not self.inside(at) and self._parts(at)
        ]

    def _parts(self, at: int) -> bool:
        """Tell whether a mark parts anything: not that of *1.500,50* or *no-break*."""
        before, behind = self.text[at - 1 : at], self.text[at + 1 : at + 2]
        if self.text[at] == "-":
            return before.isspace() and behind.isspace() and at + 1 < self.end
        return not (before.isdigit() and behind.isdigit())

    def inside(self, at: int) -> bool:
        """Tell whether a position lies within a quotation."""
        place = bisect_right(self._opened, at) - 1
        return place >= 0 and at < self.quoted[place][1]

    def _is_name(self, at: int) -> bool:
        """Tell whether the quotation around a position is too short to be a statement."""
        place = bisect_right(self._opened, at) - 1
        return self.site.words(*self.quoted[place]) < _STATEMENT

    def is_set_off(self, end: int) -> bool:
        """Tell whether punctuation parts a quotation that ends here from what follows: *“q”, dijo*."""
        before, behind = self.text[end - 2 : end - 1], self.text[end : end + 2].lstrip()[:1]
        return before in _PARTING or behind in _PARTING

    def before(self, at: int) -> list[int]:
        """Return the breaks before a position, in order; the nearest 32."""
        place = bisect_left(self.breaks, at)
        return self.breaks[max(0, place - _BREAKS) : place]

    def after(self, at: int) -> list[int]:
        """Return the breaks from a position on, in order; the nearest 32."""
        place = bisect_left(self.breaks, at)
        return self.breaks[place : place + _BREAKS]

    def complementiser(self, start: int, end: int) -> int | None:
        """Where the first complementiser outside quotations stands; not the *que* of *lo que*."""
        previous = ""
        for word in _LISTED.finditer(self.text, start, end):
            if self.inside(word.start()):
                if self.grammar.bare_nouns and self._is_name(word.start()):
                    continue  # "řekl listu „Kurýr“, že …"
                return None
            lower = word[0].lower().replace("’", "'")
            if (
                lower in self.grammar.complementisers
                and previous not in self.grammar.relative_heads
            ):
                return word.start()
            previous = lower
        return None

    def skip(self, start: int, end: int) -> int:
        """Where the subject may begin after a cue: behind *hoy*, *el miércoles*, *a los periodistas*."""
        found = self.grammar.interposed.match(self.text, start, end)
        return found.end() if found else start

    def clause_end(self, start: int) -> int:
        """Where a clause ends that begins at ``start``: before a coordinated cue, or with the sentence."""
        later = [cue for cue in self.site.cues if cue.start > start]
        last = later[-1].start if later else start
        for at in self.after(start):
            if at >= last:
                break
            relative = self.grammar.clause_relative
            if self.text[at] == ";" or relative.match(self.text, at + 1, self.end):
                return at
        for other in later:
            if not start + 3 < other.start < self.end or self.inside(other.start):
                continue
            reach = max(start, other.start - _COORDINATOR)
            found = self.grammar.coordination.search(self.text, reach, other.start)
            stop = found.start() if found else self._insertion(other)
            if stop is not None and not self.inside(stop) and self.site.words(start, stop) > 1:
                return stop
        return self.end

    def _insertion(self, other: Cue) -> int | None:
        """Where another cue's clause begins that only follows: *…, dijo Ana*; *…, diciendo que no*."""
        at = other.start - 1
        while at > self.start and self.text[at].isspace():
            at -= 1
        if self.text[at] != ",":
            return None
        tail = next(iter(self.after(other.end)), self.end)
        head = self.skip(other.end, tail)
        follows = not self.site.words(head, tail) or self.grammar.speaker.match(
            self.text, head, tail
        )
        gerund = self.grammar.gerund.fullmatch(self.text, other.start, other.end)
        return at if follows or gerund else None


def trim(text: str, start: int, end: int, more: str = "") -> Range:
    """Leave out white space and outer punctuation, and whatever else is in ``more``."""
    edges = _EDGES + more
    while start < end and text[start] in edges:
        start += 1
    while end > start and text[end - 1] in edges:
        end -= 1
    return start, end
