"""An article made ready for reading: its sentences, quotations and cues, found once."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vocero.extraction.known_names import full_names, proper_names
from vocero.schema import Span
from vocero.text import TextIndex, detect_language, find_cues, quotations, sentences
from vocero.text.dates import times_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.schema import Document, Match
    from vocero.text import Cue, Quotation

__all__ = ["Article"]

_LONGEST_SENTENCE = 5_000
# Only what a word or a comma stands before.
_INNER = re.compile(r"(?<=[\w,]\s)\w++(?:['’]\w++)*+")
# Reading a cue looks at the others of its sentence: "dijo dijo dijo …" must not take minutes.
_MOST_CUES = 50


@dataclass(frozen=True)
class Article:
    """A document and what code alone can tell about its text. Positions are code points."""

    document: Document
    language: str | None
    """The document's own, else the detected one; None if neither is known."""

    @classmethod
    def of(cls, document: Document) -> Article:
        """Prepare a document; its language is detected where it names none."""
        return cls(document, document.language or detect_language(document.text))

    @classmethod
    def read(cls, document: Document) -> Article:
        """As `of`, with what is found once found already: it takes a while in a long text."""
        article = cls.of(document)
        _ = article.cues, article.quotations
        return article

    @property
    def text(self) -> str:
        """The document's text."""
        return self.document.text

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Half-open ranges, in order; a sentence without end is cut, so that no prompt has none."""
        found = sentences(self.text, self.language)
        return [part for one in found for part in _parts(self.text, *one)]

    @cached_property
    def quotations(self) -> list[Quotation]:
        """The outermost quotations, in order."""
        return [one for one in quotations(self.text) if one.depth == 0]

    @cached_property
    def cues(self) -> list[list[Cue]]:
        """The cues of each sentence, in order; a sentence with more than 50 is no prose."""
        found = (find_cues(self.text, self.language, within=one) for one in self.sentences)
        return [cues[:_MOST_CUES] for cues in found]

    @cached_property
    def index(self) -> TextIndex:
        """The text, folded for finding quotes in it."""
        return TextIndex(self.text)

    @cached_property
    def full_names(self) -> dict[str, str]:
        """Its proper names by their last word, folded: ``{"kirby": "John Kirby"}``."""
        return full_names(self.text, self.language)

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """The words that have a capital within a sentence: names, and German nouns."""
        return frozenset(word for word in _INNER.findall(self.text) if word[0].isupper())

    @cached_property
    def names(self) -> frozenset[str]:
        """Its proper names in every form, and the last words of the full names."""
        lasts = (name.rpartition(" ")[2] for name in self.full_names.values())
        return proper_names(self.text, self.language).union(lasts)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    def sentence_at(self, position: int) -> int:
        """Index of the sentence that holds a position, or of the last one before it."""
        return max(bisect_right(self._starts, position) - 1, 0)

    def times(self, index: int) -> list[tuple[int, int]]:
        """The expressions of time in one sentence, as `vocero.text.dates.times_in` finds them."""
        if index not in self._times:
            self._times[index] = times_in(self.text, self.language, *self.sentences[index])
        return self._times[index]

    @cached_property
    def _times(self) -> dict[int, list[tuple[int, int]]]:
        return {}

    def sentence_text(self, index: int) -> str:
        """The text of one sentence."""
        start, end = self.sentences[index]
        return self.text[start:end]

    def span(self, start: int, end: int, match: Match = "exact") -> Span:
        """The stretch of the article as a span."""
        return Span(start=start, end=end, text=self.text[start:end], match=match)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a range that is too long to be a sentence, between words where it has any."""
    while end - start > _LONGEST_SENTENCE:
        cut = text.rfind(" ", start, start + _LONGEST_SENTENCE)
        cut = start + _LONGEST_SENTENCE if cut < 0 else cut
        yield start, start + len(text[start:cut].rstrip())
        start = end - len(text[cut:end].lstrip())
    yield start, end
