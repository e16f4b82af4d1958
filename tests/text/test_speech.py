"""Direct, indirect or mixed speech, by the quotation marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocero.text.quotes import quotations
from vocero.text.speech import speech

SEEDS = Path(__file__).parents[2] / "seeds"


def told(text: str, *content: str) -> str:
    """The speech of some parts of a text, each given by its words."""
    return speech(text, [(text.index(part), text.index(part) + len(part)) for part in content])


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        ("“Nos vamos”, dijo Ana.", "Nos vamos", "direct"),
        ("“Nos vamos”, dijo Ana.", "“Nos vamos”,", "direct"),
        ("Ana dijo que se van.", "que se van", "indirect"),
        ("Ana dijo que “se van” hoy.", "que “se van” hoy", "mixed"),
        ("Ana dijo que «se van».", "que «se van»", "mixed"),
        ('He called it a "so-called" plan.', 'it a "so-called" plan', "mixed"),
        ("« On part », a dit Anne.", "« On part »", "direct"),
        ("„Wir gehen“, sagte Anna.", "Wir gehen", "direct"),
        ("—Nos vamos —dijo Ana.", "Nos vamos", "direct"),
        ("—Nos vamos —dijo Ana.", "Nos vamos —dijo Ana", "mixed"),
        ("“Nos vamos, dijo Ana.", "Nos vamos", "direct"),
        ("It's the dogs' day, she said.", "It's the dogs' day", "indirect"),
        ("“Nos «vamos» ya”, dijo Ana.", "Nos «vamos» ya", "direct"),
        ("Dijo “sí”.", "”.", "indirect"),
    ],
)
def test_speech_is_what_the_marks_say(text: str, content: str, expected: str) -> None:
    assert told(text, content) == expected


def test_a_quotation_split_by_its_cue_is_one_direct_content() -> None:
    text = "“Nos vamos”, dijo Ana, “mañana”. Luego añadió que lloverá."
    assert told(text, "Nos vamos", "mañana") == "direct"
    assert told(text, "Nos vamos", "que lloverá") == "mixed"


def test_the_reference_article() -> None:
    (path,) = SEEDS.glob("002*.txt")
    text = path.read_bytes().decode()
    assert told(text, "Tenemos información de que Kim Jong Un espera") == "direct"
    assert told(text, "los dos países están “avanzando activamente”") == "mixed"
    assert told(text, "Rusia sigue comprando clandestinamente chips") == "indirect"


def test_quotations_can_be_found_once_for_many_contents() -> None:
    text = "“Nos vamos”, dijo Ana, y que llueve."
    found = quotations(text)
    assert speech(text, [(1, 10)], found) == "direct"
    assert speech(text, [(1, 10)], []) == "indirect"


@given(st.text(st.sampled_from("ab \n“”«»\"'—.")), st.data())
def test_it_agrees_with_counting_the_letters(text: str, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    start, end = sorted((data.draw(places), data.draw(places)))
    quoted = {at for one in quotations(text) for at in range(one.inner_start, one.inner_end)}
    letters = {at for at in range(start, end) if text[at].isalnum()}
    expected = "direct" if letters <= quoted else "mixed" if letters & quoted else "indirect"
    assert speech(text, [(start, end)]) == (expected if letters else "indirect")
