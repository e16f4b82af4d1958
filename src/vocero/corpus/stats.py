"""What a journal holds, counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocero.schema import Usage

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Group", "Stats", "count_calls"]


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one model and one label."""

    model: str
    """As the user named it."""
    label: str
    answers: int
    failures: int
    usage: Usage
    """Tokens that the endpoint told; None where it told none at all."""
    untold: int
    """Records without a number of input or output tokens, which `usage` is therefore short of."""
    first: dt.datetime
    """When the first of them ended, in UTC."""
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Stats:
    """What a journal holds."""

    bytes: int
    """On disk, the write-ahead log included."""
    groups: tuple[Group, ...]
    """By model and label, in the order of the alphabet."""
    articles: int = 0
    """Entries of articles: one for each run that has finished it."""

    @property
    def answers(self) -> int:
        """Questions that were answered."""
        return sum(group.answers for group in self.groups)

    @property
    def failures(self) -> int:
        """Questions that failed."""
        return sum(group.failures for group in self.groups)

    @property
    def first(self) -> dt.datetime | None:
        """When the first of all records ended; None for an empty journal."""
        return min((group.first for group in self.groups), default=None)

    @property
    def last(self) -> dt.datetime | None:
        """When the last of all records ended; None for an empty journal."""
        return max((group.last for group in self.groups), default=None)


def count_calls(database: sqlite3.Connection) -> tuple[Group, ...]:
    """Count a journal's records by model and label."""
    rows = database.execute(
        "SELECT model, label, COUNT(*) - COUNT(error), COUNT(error), "
        "SUM(input_tokens), SUM(cached_tokens), SUM(output_tokens), "
        "SUM(input_tokens IS NULL OR output_tokens IS NULL), MIN(ended), MAX(ended) "
        "FROM call GROUP BY model, label ORDER BY model, label"
    )
    return tuple(
        Group(
            model=model,
            label=label,
            answers=answers,
            failures=failures,
            usage=Usage(input_tokens=sent, cached_tokens=cached, output_tokens=received),
            untold=untold,
            first=dt.datetime.fromisoformat(first),
            last=dt.datetime.fromisoformat(last),
        )
        for model, label, answers, failures, sent, cached, received, untold, first, last in rows
    )
