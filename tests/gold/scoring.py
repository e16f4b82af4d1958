"""How much of an article's gold an extraction has found: who said what, as `content_src` counts it.

An attribution is right when at least half of the words of both contents together are common to
both (Jaccard) and the sources share a word; where the gold has no source, the content decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vocero.schema import Extraction

__all__ = ["Outcome", "compare", "f1"]

_SAME = 0.5


class Outcome(NamedTuple):
    """What came of one article."""

    right: frozenset[int]
    """Ids of the gold attributions that were found."""
    gold: int
    predicted: int


def compare(gold: dict[str, Any], extraction: Extraction) -> Outcome:
    """Pair the attributions one to one, the most alike first, and judge the pairs."""
    words = [match.span() for match in re.finditer(r"\w+", gold["text"])]

    def touched(spans: Iterable[Iterable[int]]) -> frozenset[int]:
        return frozenset(
            number
            for start, end in spans
            for number, (first, last) in enumerate(words)
            if first < end and start < last
        )

    wanted = {
        one["id"]: tuple(
            touched(spans)
            for spans in (
                one["content"],
                one["cue_spans"],
                [one["source"]] if one["source"] else [],
            )
        )
        for one in gold["attributions"]
    }
    found = [
        tuple(
            touched((span.start, span.end) for span in spans if span)
            for spans in (one.content, [one.cue_span], [one.source_span])
        )
        for one in extraction.attributions
    ]
    alike = sorted(
        (
            (len(want[0] & got[0]) / len(want[0] | got[0]), bool(want[1] & got[1]), -id_, -at)
            for id_, want in wanted.items()
            for at, got in enumerate(found)
            if want[0] & got[0]
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    right: set[int] = set()
    for likeness, _, id_, at in alike:
        if -id_ in pairs or -at in pairs.values():
            continue
        pairs[-id_] = -at
        source = wanted[-id_][2]
        if likeness >= _SAME and (not source or source & found[-at][2]):
            right.add(-id_)
    return Outcome(frozenset(right), len(wanted), len(found))


def f1(outcomes: Iterable[Outcome]) -> float:
    """F1 over several articles, 0 to 100; 0 where nothing was found or nothing is to be found."""
    right, total = 0, 0
    for one in outcomes:
        right += 2 * len(one.right)
        total += one.gold + one.predicted
    return 100 * right / total if total else 0.0
