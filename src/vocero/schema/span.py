"""A stretch of the article, by position and by its own characters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vocero.schema.base import Record

Match = Literal["exact", "typographic", "case", "accents"]
"""How far the model's spelling had to be folded before it was found in the article, least first."""


class Span(Record):
    """Half-open range of **code points** of ``Document.text``, with the characters it covers.

    Invariant: ``document.text[start:end] == text``; `Extraction` checks it for every span it holds.
    """

    start: int = Field(ge=0)
    """First code point, counted from 0."""
    end: int = Field(gt=0)
    """One past the last code point; ``end > start``."""
    text: str = Field(min_length=1)
    """The slice of the article, never the model's spelling of it; ``len(text) == end - start``."""
    match: Match = "exact"
    """The tier at which the model's words were found here; ``exact`` for spans that code found."""

    @model_validator(mode="after")
    def _measures(self) -> Span:
        if self.end - self.start != len(self.text):
            place, width = f"[{self.start}:{self.end}]", self.end - self.start
            msg = f"span {place} has {width} code points, its text {len(self.text)}"
            raise ValueError(msg)
        return self

    def contains(self, other: Span) -> bool:
        """Whether the other span lies within this one (equal spans contain each other)."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end
