"""Find in the article what a peer returned as strings, in the peer's favour where it is unclear.

Standard library only, since it runs in the peers' environment.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Draft", "Range", "placed"]

Range = tuple[int, int]
_QUOTES = "«»“”„‟\"‘’‚‛'"
_EMPTY = {"", "null", "none", "-"}


@dataclass
class Draft:
    """An attribution as a peer returns it."""

    source: str | None
    cue: str | None
    content: Sequence[str]
    at: Sequence[Range | None] = ()
    """Where the peer itself says that the pieces of content are, if it says so."""


def placed(text: str, drafts: Sequence[Draft]) -> dict[str, Any]:
    """Make the scorer's records of strings, and count those that the text does not hold.

    A string is in the text if it is there word for word, whatever its white space and quotation
    marks are. Contents are looked for in reading order; a cue next to its content, a source next
    to its cue, as whole words. A content that is not there is no prediction: it has no place.
    Two returned with the same cue between them are one, which the cue interrupts. The strings are
    kept as `returned`.
    """
    spans = outside = after = 0
    found: list[dict[str, Any]] = []
    for draft in drafts:
        own = draft.at or [_first(text, piece, after) for piece in draft.content]
        ranges = [one for one in own if one is not None]
        strings = [one for one in (draft.source, draft.cue, *draft.content) if not _empty(one)]
        spans += len(strings)
        outside += sum(not _everywhere(text, one) for one in strings if one)
        if not ranges:
            continue
        after = max(end for _, end in ranges)
        cue = _nearest(text, draft.cue, ranges[0])
        source = _nearest(text, draft.source, cue or ranges[0])
        if (
            cue
            and found
            and found[-1]["cue"] == cue
            and _between(found[-1]["content"], cue, ranges)
        ):
            found[-1]["content"] += ranges
        else:
            found.append({"source": source, "cue": cue, "content": ranges})
    returned = [asdict(one) for one in drafts]
    return {"attributions": found, "spans": spans, "outside": outside, "returned": returned}


def _between(before: Sequence[Range], cue: Range, after: Sequence[Range]) -> bool:
    return max(end for _, end in before) <= cue[0] and cue[1] <= min(start for start, _ in after)


def _empty(words: str | None) -> bool:
    return words is None or words.strip().lower() in _EMPTY


def _everywhere(text: str, words: str, *, whole: bool = False) -> list[Range]:
    pieces = [
        re.sub(rf"\\?[{_QUOTES}]", lambda _: f"[{_QUOTES}]", re.escape(word))
        for word in words.split()
    ]
    pattern = r"\s+".join(pieces)
    edges = rf"(?<!\w){pattern}(?!\w)" if whole else pattern
    return [found.span() for found in re.finditer(edges, text)] if pieces else []


def _first(text: str, words: str, after: int) -> Range | None:
    ranges = [] if _empty(words) else _everywhere(text, words)
    return next((one for one in ranges if one[0] >= after), ranges[0] if ranges else None)


def _nearest(text: str, words: str | None, anchor: Range) -> Range | None:
    if words is None or _empty(words):
        return None
    ranges = _everywhere(text, words, whole=True)
    return min(ranges, key=lambda one: max(one[0] - anchor[1], anchor[0] - one[1]), default=None)
