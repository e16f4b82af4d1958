"""Counts added up to scores, with 95 % intervals from a bootstrap over articles."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from vocero.evaluate.annotation import ROLES
from vocero.evaluate.measures import Hits, Share, attribution_hits, span_hits
from vocero.evaluate.speakers import resolved_hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vocero.evaluate.compare import Comparison

__all__ = ["SEED", "Score", "score"]

SEED: Final = 13
"""Of the bootstrap; the same articles always have the same intervals."""
_TAIL = 0.025
_NOT_A_ROLE = ("attr", "elided", "nested")


@dataclass(frozen=True, slots=True)
class Score:
    """One measure over all articles; every number is a share, 0 to 1."""

    value: float
    """F1, or the mean or accuracy."""
    right: float
    """Of the gold's what was found; of a mean or an accuracy the numerator."""
    of: float
    """Of the gold's how many there are; of a mean or an accuracy the denominator."""
    precision: float | None = None
    """None for a mean or an accuracy, as is ``recall``."""
    recall: float | None = None
    low: float | None = None
    """Lower bound of the 95 % interval of ``value``; None without a bootstrap."""
    high: float | None = None


def score(
    comparisons: Iterable[Comparison], *, resamples: int = 1000, seed: int = SEED
) -> dict[str, Score]:
    """Score all articles together, by measure.

    The measures are those of `vocero.evaluate.measures`: ``attr.content_src`` first, who said what,
    then the other ``attr.…``, those of spans (``content.exact``), and those of
    `vocero.evaluate.speakers`. What the gold does not tell is left out.

    Args:
        comparisons: One an article.
        resamples: How often articles are drawn anew for the percentile bootstrap; 0: no intervals.
        seed: Of the drawing.
    """
    comparisons = list(comparisons)
    counts = [_count(one) for one in comparisons]
    if not counts:
        return {}
    annotated = {role for one in comparisons for role in one.gold.roles}
    shape = {
        name: type(hits)
        for name, hits in counts[0].items()
        if name.partition(".")[0] in annotated.union(_NOT_A_ROLE)
    }
    columns = [
        column for name in shape for column in zip(*(count[name] for count in counts), strict=True)
    ]
    whole = _scores(map(sum, columns), shape)
    drawn: dict[str, list[float]] = defaultdict(list)
    for totals in _resampled(columns, len(counts), resamples, random.Random(seed)):  # noqa: S311
        for name, one in _scores(totals, shape).items():
            drawn[name].append(one.value)
    return {name: _bounded(one, sorted(drawn[name])) for name, one in whole.items()}


def _count(comparison: Comparison) -> dict[str, Hits | Share]:
    return {
        **{f"attr.{name}": hits for name, hits in attribution_hits(comparison).items()},
        **resolved_hits(comparison),
        **{
            f"{role}.{name}": hits
            for role in reversed(ROLES)
            for name, hits in span_hits(comparison, role).items()
        },
    }


def _scores(
    totals: Iterable[float], shape: Mapping[str, type[Hits] | type[Share]]
) -> dict[str, Score]:
    """Make scores of the sums of all columns; without those of which there is nothing."""
    numbers = iter(totals)
    scores = {
        name: _score(kind(*islice(numbers, len(kind._fields)))) for name, kind in shape.items()
    }
    return {name: one for name, one in scores.items() if one is not None}


def _score(hits: Hits | Share) -> Score | None:
    if isinstance(hits, Share):
        return Score(hits.right / hits.of, hits.right, hits.of) if hits.of else None
    precision = hits.right / hits.predicted if hits.predicted else 0.0
    recall = hits.recalled / hits.wanted if hits.wanted else 0.0
    both = precision + recall
    return Score(
        value=2 * precision * recall / both if both else 0.0,
        right=hits.recalled,
        of=hits.wanted,
        precision=precision,
        recall=recall,
    )


def _resampled(
    columns: Sequence[Sequence[float]], articles: int, times: int, chance: random.Random
) -> Iterator[list[float]]:
    """Draw articles with replacement; yield the sums of the columns over those drawn."""
    # Many columns are equal, and summing them is nearly all of the work.
    distinct = dict.fromkeys(columns)
    for _ in range(times):
        drawn = [chance.randrange(articles) for _ in range(articles)]
        sums = {column: sum([column[at] for at in drawn]) for column in distinct}
        yield [sums[column] for column in columns]


def _bounded(score: Score, values: Sequence[float]) -> Score:
    if not values:
        return score
    low = values[int(_TAIL * len(values))]
    high = values[min(len(values) - 1, int((1 - _TAIL) * len(values)))]
    return replace(score, low=low, high=high)
