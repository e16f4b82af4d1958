"""An attribution that is grounded in the article, before its actors and claims are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocero.schema import Span, Stance

__all__ = ["Found", "Relayed", "overlap"]


@dataclass(frozen=True, slots=True)
class Relayed:
    """A station on the way: the words that name it, and those that say it passed something on."""

    span: Span
    cue: Span | None


@dataclass(frozen=True, slots=True)
class Found:
    """Source, cue and content as spans of the article."""

    sentence: int
    """Index of the sentence that holds the cue, or the beginning of a content without one."""
    content: tuple[Span, ...]
    cue: Span | None
    source: Span | None
    stance: Stance
    addressee: Span | None = None
    relays: tuple[Relayed, ...] = ()
    who: str | None = None
    """The source's full name as a model gave it; a hint for resolving, never returned as it is."""
    certain: bool = True
    """False for a reading by code whose construction is too often misread: a model has to confirm it."""

    @property
    def anchor(self) -> Span:
        """The span that places the attribution: its cue, or where its content begins."""
        return self.cue or self.content[0]


def overlap(left: tuple[Span, ...], right: tuple[Span, ...]) -> float:
    """Share of the code points of two contents that are common to both (Jaccard), 0 to 1."""
    common = sum(
        max(0, min(a.end, b.end) - max(a.start, b.start)) for a in left for b in right
    )
    both = sum(one.end - one.start for one in (*left, *right)) - common
    return common / both if both else 0.0
