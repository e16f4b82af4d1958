"""An article made ready for reading: its sentences, quotations and cues, found once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vocero.schema import Span
from vocero.text import TextIndex, detect_language, find_cues, quotations, sentences

if TYPE_CHECKING:
    from vocero.schema import Document, Match
    from vocero.text import Cue, Quotation

__all__ = ["Article"]


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

    @property
    def text(self) -> str:
        """The document's text."""
        return self.document.text

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Half-open ranges, in order."""
        return sentences(self.text, self.language)

    @cached_property
    def quotations(self) -> list[Quotation]:
        """The outermost quotations, in order."""
        return [one for one in quotations(self.text) if one.depth == 0]

    @cached_property
    def cues(self) -> list[list[Cue]]:
        """The cues of each sentence, in order."""
        return [find_cues(self.text, self.language, within=one) for one in self.sentences]

    @cached_property
    def index(self) -> TextIndex:
        """The text, folded for finding quotes in it."""
        return TextIndex(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    def sentence_at(self, position: int) -> int:
        """Index of the sentence that holds a position, or of the last one before it."""
        return max(bisect_right(self._starts, position) - 1, 0)

    def sentence_text(self, index: int) -> str:
        """The text of one sentence."""
        start, end = self.sentences[index]
        return self.text[start:end]

    def span(self, start: int, end: int, match: Match = "exact") -> Span:
        """The stretch of the article as a span."""
        return Span(start=start, end=end, text=self.text[start:end], match=match)
