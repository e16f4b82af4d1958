"""Articles with next to nothing in them, very long ones, and strange characters."""

from __future__ import annotations

import asyncio
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from unicodedata import normalize

import pytest

import vocero
from scripted import fence, item, said, scripted, task
from vocero import Document, Extraction
from vocero.extraction.article import Article
from vocero.extraction.by_code import read_by_code
from vocero.model import FakeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from pydantic import BaseModel

    from vocero.model import Message, Reply

# --- Next to nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("sentences", [None, 1])
@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n\n", "Hola", "¡…!", "«»“”\"'", "—", "\u200b\ufeff", "dijo", "dijo que", ":"],
)
def test_an_article_of_next_to_nothing_says_nothing(text: str, sentences: int | None) -> None:
    extraction = vocero.extract(
        Document.from_text(text, language="es"), model=scripted(sentences=sentences)
    )

    assert extraction.document.text == text
    assert (extraction.actors, extraction.claims, extraction.attributions) == ((), (), ())


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_article_without_a_word_is_not_worth_a_question(text: str) -> None:
    model = scripted()

    extraction = vocero.extract(text, model=model)

    assert model.calls == []
    assert extraction.provenance.attempts.calls == 0
    assert extraction.provenance.model == "fake"


@pytest.mark.parametrize(("sentences", "questions"), [(None, 1), (1, 0)])
def test_an_article_in_which_nobody_speaks(sentences: int | None, questions: int) -> None:
    model = scripted(sentences=sentences)

    extraction = vocero.extract(
        "La feria abrió el sábado. Vino mucho público. El río bajaba lleno.", model=model
    )

    assert extraction.attributions == ()
    assert extraction.rejected == ()
    assert len(model.calls) == questions


def test_a_heading_and_an_abbreviation_are_no_trouble() -> None:
    extraction = vocero.extract(
        "EE.UU. NIEGA\n\nEl Gobierno de EE.UU. negó que haya plan.\n",
        model=scripted(sentences=1),
    )

    assert ("El Gobierno de EE.UU", "que haya plan") in [
        (one.source_span.text.rstrip("."), one.content[0].text)
        for one in extraction.attributions
        if one.source_span
    ]


# --- Very long ------------------------------------------------------------------------------------

PEOPLE = ["Ana Ruiz", "Luis Vega", "Marta Soto", "Iván Paz", "Rosa Mera"]


def long_article(length: int = 100_000) -> str:
    """An article of that many code points, in which every sentence but a third has a speaker."""
    sentences: list[str] = []
    size = number = 0
    while size < length:
        number += 1
        speaker = f"La alcaldesa de Villa{number}, {PEOPLE[number % 5]},"
        sentence = (
            f"{speaker} dijo que el puente costará {number * 7 + 100} euros. ",
            f"“No habrá {number} peajes ni los queremos”, añadió.\n\n",
            f"El sábado abrió la feria número {number} con mucho público en la plaza. ",
        )[number % 3]
        sentences.append(sentence)
        size += len(sentence)
    return "".join(sentences)[:length]


def restating(messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
    """Answer every question of a long article, with claims that take up the statements."""
    if answer.__name__ != "ClaimsDraft":
        if answer.__name__ == "SpeakerDraft":
            return {"who": 1}
        return {name: [] for name in answer.model_fields}
    statements = messages[-1]["content"].partition("\nStatements:\n")[2].splitlines()[:-1]
    return {
        "items": [
            {"n": number, "claim": line.partition(": ")[2].strip("“”"), "mod": "fact"}
            for number, line in enumerate(statements, start=1)
        ]
    }


def bounded(messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
    shown, _, asked = messages[-1]["content"].partition("\n\nTask: ")
    assert len(shown) < 12_000
    assert len(asked) < 8_000
    return restating(messages, answer)


def test_an_article_of_100_000_characters_for_a_model_of_whole_articles() -> None:
    started = time.process_time()

    extraction = vocero.extract(long_article(), model=FakeModel(bounded))

    assert time.process_time() - started < 20  # 2 on two busy cores; unbounded it takes minutes
    assert len(extraction.attributions) > 1_000
    assert {actor.name for actor in extraction.actors} >= set(PEOPLE)
    assert not extraction.rejected


def test_an_article_of_100_000_characters_for_a_model_of_single_sentences() -> None:
    def script(messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
        model.calls.clear()  # the fake model's memory is not the library's
        return bounded(messages, answer)

    model = FakeModel(script, sentences_per_call=1)
    vocero.extract("Ana Ruiz dijo que el puente cerrará.", model=model)  # loads the word lists
    text = long_article()

    tracemalloc.start()
    extraction = asyncio.run(vocero.aextract(text, model=model))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(extraction.attributions) > 1_000
    assert not extraction.rejected
    assert peak < 40_000_000  # bytes; 18 million measured


def operations(text: str) -> int:
    """How many calls it takes to read a text by code; every step of a generator is one."""
    article = Article.of(Document.from_text(text, language="es"))
    count = 0

    def note(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        read_by_code(article)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "more",
    [
        long_article,
        lambda length: "“No habrá peajes ni los queremos”.\n" * (length // 35),
        lambda length: (
            "“No hay peajes ni queremos”, dijo. “Ni los habrá nunca aquí”.\n" * (length // 62)
        ),
        lambda length: "—No —dijo Ana—. Nunca.\n" * (length // 23),
    ],
    ids=["speakers", "quotations", "quotations that go on", "dialogue"],
)
def test_four_times_the_text_takes_four_times_the_work(more: Callable[[int], str]) -> None:
    operations(more(1_000))  # what is remembered between articles
    assert operations(more(40_000)) < 5 * operations(more(10_000))


@pytest.mark.parametrize(
    "text",
    [
        "palabra " * 4_000,  # no full stop anywhere
        "x" * 30_000,  # not even a space
        f"Ana dijo: “{'no ' * 10_000}”.",
        ". ".join(["palabra " * 800] * 5),  # sentences of 6,400 characters
        "“¿No? " * 3_000,  # nothing closes
        "dijo que " * 4_000,
        "—No —dijo Ana—. Nunca.\n" * 800,
        "A.\n" * 2_500,
    ],
    ids=["words", "one word", "one quotation", "sentences", "openers", "cues", "dialogue", "short"],
)
def test_no_question_shows_more_than_12_000_characters(text: str) -> None:
    model = scripted(sentences=1)

    vocero.extract(Document.from_text(text, language="es"), model=model)
    vocero.extract(Document.from_text(text, language="und"), model=model)

    assert model.calls
    assert max(len(fence(call)) for call in model.calls) < 12_000
    assert max(len(task(call)) for call in model.calls) < 12_000


# --- Strange characters ---------------------------------------------------------------------------


def read(text: str, *items: dict[str, Any], language: str = "und") -> Extraction:
    model = scripted(attributions=[{"items": list(items)}])
    return vocero.extract(Document.from_text(text, language=language), model=model)


Form: TypeAlias = Literal["NFC", "NFD"]
FORMS: list[Form] = ["NFC", "NFD"]


def test_offsets_count_code_points_whatever_the_characters() -> None:
    text = "🚢👩🏽‍🚀 𝒦𝑖𝑚 řekl: “Mýtné 💶 nebude”. 🎉"

    extraction = read(text, item(cue="řekl", src="𝒦𝑖𝑚", say=["“Mýtné 💶 nebude”"]))

    (one,) = extraction.attributions
    assert one.content[0].text == "“Mýtné 💶 nebude”"
    assert one.content[0].start == text.index("“")
    assert all(text[span.start : span.end] == span.text for span in extraction.spans())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("typed", FORMS)
def test_the_article_keeps_its_own_normal_form(form: Form, typed: Form) -> None:
    text = normalize(form, "Žaneta Černá řekla, že most se zavře v září.")
    words = normalize(typed, "že most se zavře v září")

    extraction = read(
        text,
        item(cue=normalize(typed, "řekla"), src=normalize(typed, "Žaneta Černá"), say=[words]),
    )

    assert said(extraction)[0].what == normalize(form, words)
    assert extraction.actors[0].name == normalize(form, "Žaneta Černá")


def test_text_from_right_to_left() -> None:
    text = "\u202bאמר דן כהן: “הגשר ייסגר”.\u202c قال علي: «سيغلق الجسر»."

    extraction = read(
        text,
        item(cue="אמר", src="דן כהן", say=["“הגשר ייסגר”"]),
        item(s=2, cue="قال", src="علي", say=["سيغلق الجسر"]),
    )

    assert [(one.cue, one.what) for one in said(extraction)] == [
        ("אמר", "“הגשר ייסגר”"),
        ("قال", "«سيغلق الجسر»"),
    ]


def test_windows_line_ends_and_tabs_stay_as_they_are() -> None:
    text = "Ana Ruiz\tdijo que\r\nel puente cerrará.\r\n\r\n“No\xa0hay\u2009peligro”,\tañadió.\r\n"

    extraction = vocero.extract(
        Document.from_text(text, language="es"), model=scripted(sentences=1)
    )

    assert extraction.document.text == text
    assert "“No\xa0hay\u2009peligro”" in [one.what for one in said(extraction)]
    assert Extraction.model_validate_json(extraction.model_dump_json()) == extraction
