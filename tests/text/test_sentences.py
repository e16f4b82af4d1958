"""Sentences as ranges of the text."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocero.text.sentences import lines, sentences

SEEDS = Path(__file__).parents[2] / "seeds"
# Any character at all, lone surrogates included, and more of those that matter here.
ANY_TEXT = st.text(
    st.characters(exclude_categories=())
    | st.sampled_from("aB. \n\r\u2028\u200b\xa0“”\"'«»?!…,1ª😀\u0301")
)


def cut(text: str, language: str | None = "es") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


def seed(name: str) -> str:
    (path,) = SEEDS.glob(f"{name}*.txt")
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", ["Viajó a EE.UU. con el Sr. Gil.", "¿Volverá?", "¡Claro!", "Cuesta 3.500 euros."]),
        ("en", ["Mr. Gil went to the U.S. Senate.", "Will he stay?", "It cost $3.5 million."]),
        ("pt", ["O Sr. Gil viajou em 12 de maio.", "Voltará?", "Custou 3.500 euros."]),
        ("fr", ["Le ministre et M. Macron sont partis.", "Mme. Le Pen reste.", "Pourquoi ?"]),
        ("de", ["Er kam am 3. Mai an.", "Dr. Weiß blieb z. B. in Wien.", "Warum?"]),
        ("it", ["Il dott. Rossi è partito.", "Tornerà?", "Costa 3.500 euro."]),
        ("cs", ["Obžalobu podal J. Novák, Ph.D., 5. května.", "Proč?", "Nikdo neví."]),
        ("ru", ["Он приехал в г. Тверь в музей им. А. С. Пушкина.", "Почему?", "Никто не знает."]),
        (None, ["Mr. Gil left.", "He is gone."]),
        ("xx", ["Mr. Gil left.", "He is gone."]),
    ],
)
def test_sentences_of_many_languages(language: str | None, expected: list[str]) -> None:
    assert cut(" ".join(expected), language) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", ["Juan Paz dijo que no.", "La ministra se fue al mar.", "Nadie lo vio bien."]),
        ("it", ["Il ponte resterà chiuso per ore.", "Anna Riva è in via Verdi.", "E poi no."]),
        (
            "en",
            ["Ann Rowe said no.", "Paul Hale left.", "She may.", "Nobody told me.", "It is No. 5."],
        ),
        ("de", ["Niemand fragte mich.", "Anna Roth ging."]),
    ],
)
def test_a_word_that_is_spelled_like_an_abbreviation_ends_a_sentence(
    language: str, expected: list[str]
) -> None:
    assert cut(" ".join(expected), language) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "El viernes, Apple Inc. anunció un acuerdo.",
        "Fue en la 28.ª conferencia de la ONU.",
        "¿Y quién paga? preguntó la diputada.",
        "La marca Y! lanza un plan.",
        "—¿Por qué? —preguntó Juan Paz.",
        "— O plano morreu! — disse Ana Reis.",
        "«Кто платит?» — спросила она.",
    ],
)
def test_a_sentence_does_not_begin_in_lower_case(sentence: str) -> None:
    assert cut(f"{sentence} Nada más.") == [sentence, "Nada más."]


def test_marks_go_with_the_sentence_they_belong_to() -> None:
    assert cut("Llueve, dijo Ana. “¿Hoy? Sí”, dijo Luis. «Fin.» Nada más.") == [
        "Llueve, dijo Ana.",
        "“¿Hoy? Sí”, dijo Luis.",
        "«Fin.»",
        "Nada más.",
    ]
    # The quotation is never closed: the mark that opens it still goes with what follows.
    assert cut("Llueve, dijo Ana. “Hoy no salimos.") == ["Llueve, dijo Ana.", "“Hoy no salimos."]


def test_a_line_break_always_ends_a_sentence() -> None:
    assert cut("Un titular sin punto\nEl texto sigue\r\n\r\n  • una viñeta\u2028y otra línea") == [
        "Un titular sin punto",
        "El texto sigue",
        "• una viñeta",
        "y otra línea",
    ]


def test_blank_text_has_no_sentences() -> None:
    assert sentences("", "es") == []
    assert sentences(" \n\t\xa0\n", "es") == []


def test_offsets_are_code_points() -> None:
    assert sentences("😀 Sí. 🇪🇸 No.", "es") == [(0, 5), (6, 12)]
    assert sentences(unicodedata.normalize("NFD", "Él sí. Ella no."), "es") == [(0, 8), (9, 17)]


def test_the_caption_glued_twice() -> None:
    found = cut(seed("000"))
    caption = [one for one in found if "REUTERS" in one or "rueda de prensa diaria" in one]
    assert len(caption) == 3
    assert all(one.endswith("EE.UU..") for one in caption[:2])
    assert caption[1].startswith("REUTERS/Evelyn HocksteinEl Coordinador")
    assert caption[2] == "REUTERS/Evelyn Hockstein"


def test_the_pull_quote_is_one_sentence_with_its_bullet_and_its_speaker() -> None:
    (pull_quote,) = (one for one in cut(seed("000")) if one.startswith("•"))
    assert pull_quote.endswith("John Kirby\xa0Portavoz de la Casa Blanca")


def test_no_break_spaces_stay_inside_their_sentences() -> None:
    both = [cut(seed("000")), cut(seed("002"))]
    assert [len(found) for found in both] == [13, 13]
    assert sum(one.count("\xa0") for found in both for one in found) == 15


@given(text=ANY_TEXT, language=st.sampled_from(["es", "en", "de", "zz", "", None]))
def test_every_character_lies_in_exactly_one_sentence(text: str, language: str | None) -> None:
    found = sentences(text, language)
    covered = [at for start, end in found for at in range(start, end)]
    assert covered == sorted(set(covered))
    assert {at for at, character in enumerate(text) if not character.isspace()} <= set(covered)
    for start, end in found:
        assert text[start:end] == text[start:end].strip() != ""


@given(text=ANY_TEXT)
def test_no_sentence_goes_on_over_a_line(text: str) -> None:
    spans = list(lines(text))
    assert [text[start:end] for start, end in spans] == [
        line.strip() for line in text.splitlines() if line.strip()
    ]
    for start, end in sentences(text, "es"):
        assert any(left <= start and end <= right for left, right in spans)


@pytest.mark.parametrize("unit", ["Hola. ", "a", ' "', "¿Y? ", "a. ", "\n", "Es así “"])
def test_a_hundred_thousand_characters_take_no_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    before = time.process_time()
    sentences(text, "es")
    assert time.process_time() - before < 5
