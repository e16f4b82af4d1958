"""Spans as sets of words, so that quotation marks, commas and blanks at their edges do not count."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vocero.evaluate.annotation import Range

__all__ = ["WORD", "Words"]

WORD = re.compile(r"\w+")


class Words:
    """The words of a text, by number."""

    def __init__(self, text: str) -> None:
        found = list(WORD.finditer(text))
        self._starts = [word.start() for word in found]
        self._ends = [word.end() for word in found]
        self._text = text

    def touched(self, ranges: Iterable[Range]) -> frozenset[int]:
        """Return the numbers of the words that share a code point with one of the ranges."""
        return frozenset(
            number
            for start, end in ranges
            for number in range(bisect_right(self._ends, start), bisect_left(self._starts, end))
        )

    def form(self, number: int) -> str:
        """Return a word in lower case."""
        return self._text[self._starts[number] : self._ends[number]].lower()
