"""Dates that count from the day of publication."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocero.text.dates import days_of_saying, relative_dates
from vocero.text.lexicons import LANGUAGES

LEAP = dt.date(2024, 3, 1)


def dated(text: str, language: str, published: dt.date = LEAP) -> list[tuple[str, str]]:
    return [
        (text[one.start : one.end], one.iso) for one in relative_dates(text, language, published)
    ]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "ayer y anteayer", [("ayer", "2024-02-29"), ("anteayer", "2024-02-28")]),
        ("es", "mañana por la mañana", [("mañana", "2024-03-02")]),
        ("es", "el pasado mes de enero", []),
        ("es", "del mes pasado", [("del mes pasado", "2024-02")]),
        ("en", "the day before yesterday", [("the day before yesterday", "2024-02-28")]),
        ("en", "last year, this year", [("last year", "2023"), ("this year", "2024")]),
        ("en", "last week, on Monday", []),  # which day that is depends
        ("de", "Morgen oder morgen", [("morgen", "2024-03-02")]),
        ("de", "im vergangenen Jahr", [("vergangenen Jahr", "2023")]),
        ("fr", "hier, avant-hier", [("hier", "2024-02-29"), ("avant-hier", "2024-02-28")]),
        ("fr", "l’an dernier", [("l’an dernier", "2023")]),
        ("it", "l'altro ieri", [("l'altro ieri", "2024-02-28")]),
        ("it", "nello scorso anno", [("nello scorso anno", "2023")]),
        ("cs", "v minulém roce", [("minulém roce", "2023")]),
        (
            "ru",
            "В прошлом месяце, завтра",
            [("В прошлом месяце", "2024-02"), ("завтра", "2024-03-02")],
        ),
        ("pt", "no próximo mês, neste ano", [("no próximo mês", "2024-04"), ("neste ano", "2024")]),
    ],
)
def test_exact_times_are_counted(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert dated(text, language) == expected


def test_months_turn_with_the_year() -> None:
    assert dated("el mes pasado", "es", dt.date(2024, 1, 31)) == [("el mes pasado", "2023-12")]
    assert dated("el próximo mes", "es", dt.date(2023, 12, 31)) == [("el próximo mes", "2024-01")]


def test_of_a_time_its_own_day_counts() -> None:
    late = dt.datetime(2024, 3, 1, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    assert dated("ayer", "es", late) == [("ayer", "2024-02-29")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "cada mañana, a media mañana, hoy en día, el diario Hoy mintió"),
        ("en", "USA Today, in the last year of the war, the next month, the world of tomorrow"),
        ("de", "die Welt von morgen, der Spiegel Heute"),
        ("fr", "le monde de demain"),
    ],
)
def test_words_that_only_look_like_times_are_none(language: str, text: str) -> None:
    assert dated(text, language) == []


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], ["este año", "este mes", "ayer"]),
        (["hoy"], ["este año", "este mes", "ayer"]),
        # Some day of the week before: the first of March or the end of February.
        (["el lunes"], ["este año"]),
        (["hoy", "ayer"], ["este año"]),
        (["2010"], []),
        (["ayer", "la semana pasada"], []),
    ],
)
def test_times_are_counted_from_the_days_on_which_it_may_have_been_said(
    times: list[str], expected: list[str]
) -> None:
    said = "este año, este mes, ayer"
    days = days_of_saying(times, "es", LEAP)
    found = relative_dates(said, "es", days[1], days[0]) if days else []

    assert [said[one.start : one.end] for one in found] == expected


@pytest.mark.parametrize("language", [None, "da"])
def test_a_language_without_a_lexicon_has_no_such_times(language: str | None) -> None:
    assert relative_dates("ayer, yesterday", language, LEAP) == []


@given(
    st.dates(), st.sampled_from(LANGUAGES), st.sampled_from(["ayer", "tomorrow", "l'an dernier"])
)
def test_every_day_of_the_calendar_can_be_counted_from(
    published: dt.date, language: str, text: str
) -> None:
    for one in relative_dates(text, language, published):
        assert one.iso[:4].isdigit()
