"""Small letters and capitals, in whatever alphabet has both."""

from __future__ import annotations

import re

import pytest

from vocero.text.letters import CAPITAL, SMALL

BLOCKS = {
    "Latin": range(0x41, 0x250),
    "Greek and Cyrillic": range(0x370, 0x530),
    "more Latin": range(0x1E00, 0x1F00),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_the_classes_agree_with_python_letter_by_letter(block: str) -> None:
    small, capital = re.compile(f"[{SMALL}]"), re.compile(CAPITAL)
    for letter in filter(str.isalpha, map(chr, BLOCKS[block])):
        assert bool(small.fullmatch(letter)) == letter.islower(), letter
        assert bool(capital.fullmatch(letter)) == (not letter.islower()), letter


@pytest.mark.parametrize("name", ["Čapek", "Šimon", "Żak", "Ştefan", "Ψ", "Ёлкин", "Їжак", "Ḥasan"])
def test_a_name_begins_with_one_capital_and_goes_on_with_small_letters(name: str) -> None:
    assert re.fullmatch(f"{CAPITAL}[{SMALL}]*", name)
    assert not re.match(CAPITAL, name.lower())


@pytest.mark.parametrize("other", ["1", "_", " ", "-", "“", "ª"])
def test_what_is_no_letter_or_has_no_capital_is_none(other: str) -> None:
    assert not re.match(CAPITAL, other)


def test_a_letter_of_a_script_without_capitals_may_open_a_name() -> None:
    assert re.match(CAPITAL, "م")
