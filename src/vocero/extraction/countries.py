"""The countries that words name: by name, demonym or seat of power."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from vocero.text.lexicons import function_words

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["countries_in", "country_of"]

_WORD = re.compile(r"\w+")
_PLURALS = ("es", "s", "")


@cache
def _codes(language: str | None) -> dict[str, str]:
    """Country name, demonym or seat of power -> ISO code, in lower case."""
    lists = function_words(language)
    return {**{name: seat[1] for name, seat in lists.metonyms.items()}, **lists.countries}


@cache
def _places(language: str | None) -> dict[str, list[str]]:
    """First word of a text that may name a country there -> the names, the longest first.

    Every article names some, but one in 20 of its words is such a first word.
    """
    places: dict[str, list[str]] = {}
    for name in sorted(_codes(language), key=len, reverse=True):
        first = _WORD.findall(name)[0]
        for opener in [name + ending for ending in _PLURALS] if first == name else [first]:
            places.setdefault(opener, []).append(name)
    return places


def countries_in(words: str, language: str | None) -> list[str]:
    """Return the ISO codes of the countries that words name, by name, demonym or seat of power."""
    codes, places, text = _codes(language), _places(language), words.lower()
    found: list[str] = []
    end = 0
    for word in _WORD.finditer(text):
        names = places.get(word[0])
        if names is None or word.start() < end:
            continue
        if place := _place_at(text, word.start(), names):
            end = word.start() + len(place)
            forms = (place, place[:-1], place[:-2])
            found += [codes[form] for form in forms if form in codes][:1]
    return found


def _place_at(text: str, start: int, names: Iterable[str]) -> str | None:
    """The first of the names that stands at a place of a text, with its plural ending."""
    for name in names:
        if text.startswith(name, start):
            for ending in _PLURALS:
                end = start + len(name) + len(ending)
                if text.startswith(ending, start + len(name)) and not _WORD.match(text, end):
                    return text[start:end]
    return None


def country_of(words: str, language: str | None) -> str | None:
    """Return the first of `countries_in`; None if there is none."""
    return next(iter(countries_in(words, language)), None)
