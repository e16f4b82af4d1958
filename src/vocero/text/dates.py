"""Dates that count from the day on which something was said: *ayer*, *el mes pasado*."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from vocero.text.grammar import grammar
from vocero.text.lexicons import LANGUAGES, lexicon_data
from vocero.text.word_lists import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RelativeDate", "days_of_saying", "relative_dates", "times_in"]

_Unit: TypeAlias = Literal["day", "month", "year"]
_MONTHS = 12
_WEEK = timedelta(7)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
# What stands before a word that opens no sentence.
_WITHIN = re.compile(r"[\w,;)]\s")


@dataclass(frozen=True, slots=True)
class RelativeDate:
    """An expression of time and what it means; offsets are code points."""

    start: int
    end: int
    iso: str
    """ISO 8601, as exact as the words: ``2023-09-05``, ``2023-09`` or ``2023``."""


def times_in(text: str, language: str | None, start: int, end: int) -> list[tuple[int, int]]:
    """Find the expressions of time in a stretch: *el pasado mes de diciembre*, *2025*.

    Args:
        text: The article.
        language: ISO 639-1 code; without a lexicon only years are found.
        start: Where the stretch begins, in code points.
        end: Where it ends.

    Returns:
        Half-open ranges in code points, in order of their beginnings; some may overlap.
    """
    patterns = (grammar(language).date, _YEAR)
    return sorted(one.span() for each in patterns for one in each.finditer(text, start, end))


def days_of_saying(
    times: Iterable[str], language: str | None, published: date
) -> tuple[date, date] | None:
    """Tell between which days something was said.

    Args:
        times: The expressions of time in the sentence, but for those in what is said.
        language: ISO 639-1 code.
        published: The day on which the article appeared; of a time, its own day.

    Returns:
        The day of publication twice, where nothing dates the saying; the week before it, where a
        weekday or *ayer* does; None where another time does: *en 2010*, *la semana pasada*.
    """
    last = date(published.year, published.month, published.day)
    first = last
    for time in dict.fromkeys(times):
        day = next((one.iso for one in relative_dates(time, language, last)), "")
        if day == last.isoformat():
            continue
        if len(day) < len(last.isoformat()) and not _weekday(language).search(time):
            return None
        first = last - min(_WEEK, last - date.min)
    return first, last


def relative_dates(
    text: str, language: str | None, last: date, first: date | None = None
) -> list[RelativeDate]:
    """Find the expressions of time that count from the day of saying, and count.

    Only those whose meaning is exact: *ayer*, *este mes*, *el año pasado*; not *el lunes*, which may
    be the one before or the one after, nor *la semana pasada*, which has no name.

    Args:
        text: A statement.
        language: ISO 639-1 code; None or a language without a lexicon gives none.
        last: The day on which it was said, or the last on which it may have been; of a time, its
            own day.
        first: The first day on which it may have been said; None: the same. What means something
            else on the one than on the other is left out.

    Returns:
        The expressions in order, without overlaps.
    """
    if language not in LANGUAGES:
        return []
    pattern, meanings = _calendar(language)
    found = []
    for match in pattern.finditer(text):
        unit, by = meanings[match.lastgroup or ""]
        iso = _counted(last, unit, by)
        if iso and iso == _counted(first or last, unit, by) and not _is_name(text, match.start()):
            found.append(RelativeDate(*match.span(), iso))
    return found


def _is_name(text: str, start: int) -> bool:
    """Whether a word has a capital within a sentence: *USA* **Today**, *el diario* **Hoy**."""
    return text[start].isupper() and _WITHIN.fullmatch(text, start - 2, start) is not None


def _counted(day: date, unit: _Unit, by: int) -> str | None:
    """Count from a day; None beyond the calendar."""
    if unit == "day":
        try:
            return (date(day.year, day.month, day.day) + timedelta(by)).isoformat()
        except OverflowError:
            return None
    months = by if unit == "month" else by * _MONTHS
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return f"{year:04}-{month + 1:02}" if unit == "month" else f"{year:04}"


@cache
def _calendar(language: str) -> tuple[re.Pattern[str], dict[str, tuple[_Unit, int]]]:
    """A pattern for all expressions, and what each of its groups means."""
    units: tuple[_Unit, ...] = ("day", "month", "year")
    groups: list[str] = []
    meanings: dict[str, tuple[_Unit, int]] = {}
    for unit in units:
        for key, words in lexicon_data(language)["calendar"].items():
            if key.startswith(unit):
                name = f"at{len(groups)}"
                groups.append(rf"(?P<{name}>{alternatives(words)})")
                meanings[name] = (unit, int(key.removeprefix(unit)))
    return re.compile(rf"\b(?:{'|'.join(groups)})", re.IGNORECASE), meanings


@cache
def _weekday(language: str | None) -> re.Pattern[str]:
    listed = lexicon_data(language)["reading"]["weekdays"] if language in LANGUAGES else ""
    pattern = rf"\b{alternatives(listed)}" if listed else r"(?!)"
    return re.compile(pattern, re.IGNORECASE)
