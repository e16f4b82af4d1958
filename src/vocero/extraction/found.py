"""An attribution that is grounded in the article, before its actors and claims are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.schema import ActorKind, Modality, Span, Stance

__all__ = ["SAME", "Found", "Proposed", "Relayed", "nesting", "overlap"]

SAME = 0.5
"""Contents that overlap so much are two readings of one."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """A station on the way: the words that name it, and those that say it passed something on."""

    span: Span
    cue: Span | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a model said beside the words of an attribution: not proved yet, never returned as is."""

    who: str | None = None
    """The source's fullest name; a hint for resolving."""
    kind: ActorKind | None = None
    country: str = ""
    claim: str = ""
    """The content restated; empty where the model was not asked, or found it to stand alone."""
    mod: Modality = "fact"


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
    proposed: Proposed = Proposed()
    clear: bool = True
    """About the construction, not about this reading of it: False for one that code often takes for
    an attribution though it is none. What code alone reads there is left out."""
    confidence: float | None = None
    """About this reading: how likely it is right, 0 to 1, if code read it; a clear construction can
    have a low one. None for a model's readings, and where it is not known."""
    wanted: bool = True
    """False for one that is less sure than was asked for, or inside such: it only tells who spoke."""

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Half-open ranges of the content, in code points."""
        return tuple((span.start, span.end) for span in self.content)

    @property
    def anchor(self) -> Span:
        """The span that places the attribution: its cue, or where its content begins."""
        return self.cue or self.content[0]


def nesting(found: Sequence[Found]) -> list[int | None]:
    """For each attribution the index of the innermost one whose content holds it; None for none.

    One pass over the text: an article of 100,000 characters can have 1,500 attributions.
    """
    outer: list[int | None] = [None] * len(found)
    starts = [one.content[0].start for one in found]
    ends = [one.content[-1].end for one in found]
    anchors = [one.anchor.start for one in found]
    waiting = sorted(range(len(found)), key=starts.__getitem__, reverse=True)
    open_: list[int] = []
    for at in sorted(range(len(found)), key=anchors.__getitem__):
        position = anchors[at]
        while waiting and starts[waiting[-1]] <= position:
            open_.append(waiting.pop())
        open_ = [one for one in open_ if ends[one] > position]
        around = [one for one in open_ if _holds(found[one], found[at])]
        outer[at] = min(around, key=lambda one: (_size(found[one]), one), default=None)
    return outer


def _holds(outer: Found, inner: Found) -> bool:
    if outer.ranges == inner.ranges:
        return False  # two readings of one content are beside each other
    return all(
        any(span.contains(part) for span in outer.content)
        for part in (inner.anchor, *inner.content)
    )


def _size(one: Found) -> int:
    return sum(span.end - span.start for span in one.content)


def overlap(left: tuple[Span, ...], right: tuple[Span, ...]) -> float:
    """Share of the code points of two contents that are common to both (Jaccard), 0 to 1."""
    common = sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in left for b in right)
    both = sum(one.end - one.start for one in (*left, *right)) - common
    return common / both if both else 0.0
