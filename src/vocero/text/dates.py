"""Dates that count from the day of publication: *ayer*, *el mes pasado*, *next year*."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import cache
from typing import Literal, TypeAlias

from vocero.text.lexicons import LANGUAGES, lexicon_data
from vocero.text.word_lists import alternatives

__all__ = ["RelativeDate", "relative_dates"]

_Unit: TypeAlias = Literal["day", "month", "year"]
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class RelativeDate:
    """An expression of time and what it means; offsets are code points."""

    start: int
    end: int
    iso: str
    """ISO 8601, as exact as the words: ``2023-09-05``, ``2023-09`` or ``2023``."""


def relative_dates(text: str, language: str | None, published: date) -> list[RelativeDate]:
    """Find the expressions of time that count from the day of publication, and count.

    Only those whose meaning is exact: *ayer*, *este mes*, *el año pasado*; not *el lunes*, which may
    be the one before or the one after, nor *la semana pasada*, which has no name.

    Args:
        text: A statement.
        language: ISO 639-1 code; None or a language without a lexicon gives none.
        published: The day on which it was said to the readers; of a time, its own day.

    Returns:
        The expressions in order, without overlaps.
    """
    if language not in LANGUAGES:
        return []
    found = [
        RelativeDate(*match.span(), iso)
        for (unit, by), pattern in _calendar(language)
        if (iso := _counted(published, unit, by))
        for match in pattern.finditer(text)
    ]
    kept: list[RelativeDate] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _counted(published: date, unit: _Unit, by: int) -> str | None:
    """Count from a day; None beyond the calendar."""
    if unit == "day":
        try:
            return (
                date(published.year, published.month, published.day) + timedelta(by)
            ).isoformat()
        except OverflowError:
            return None
    months = by if unit == "month" else by * _MONTHS
    year, month = divmod(published.year * _MONTHS + published.month - 1 + months, _MONTHS)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return f"{year:04}-{month + 1:02}" if unit == "month" else f"{year:04}"


@cache
def _calendar(language: str) -> list[tuple[tuple[_Unit, int], re.Pattern[str]]]:
    listed = lexicon_data(language)["calendar"]
    units: tuple[_Unit, ...] = ("day", "month", "year")
    return [
        (
            (unit, int(key.removeprefix(unit))),
            re.compile(rf"\b{alternatives(words)}", re.IGNORECASE),
        )
        for unit in units
        for key, words in listed.items()
        if key.startswith(unit)
    ]
