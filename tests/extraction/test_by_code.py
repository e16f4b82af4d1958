"""What code reads across sentences, with a model that finds nothing."""

from __future__ import annotations

import pytest

import vocero
from scripted import scripted
from vocero import Document


def read(text: str, language: str) -> list[tuple[str | None, list[str]]]:
    """Read a text: who speaks, by name, and what is said, an attribution each."""
    document = Document.from_text(text, language=language)
    extraction = vocero.extract(document, model=scripted(sentences=1))
    names = {actor.id: actor.name for actor in extraction.actors}
    return [
        (names.get(one.source or ""), [span.text for span in one.content])
        for one in extraction.attributions
    ]


@pytest.mark.parametrize(
    ("language", "statement", "reference", "name"),
    [
        ("de", "Die Brücke schließt im Mai.", "Das teilte Anna Roth am Montag mit.", "Anna Roth"),
        ("es", "El puente cerrará en mayo.", "Así lo anunció ayer Ana Ruiz.", "Ana Ruiz"),
        ("es", "El puente cerrará en mayo.", "Lo ha confirmado Ana Ruiz.", "Ana Ruiz"),
        ("it", "Il ponte chiuderà a maggio.", "Lo ha annunciato ieri Anna Riva.", "Anna Riva"),
        ("fr", "Le pont fermera en mai.", "C’est ce qu’a annoncé Anne Roy.", "Anne Roy"),
        ("cs", "Most v květnu zavře.", "To včera oznámila Anna Malá.", "Anna Malá"),
        ("cs", "Most v květnu zavře.", "Uvedla to včera Anna Malá.", "Anna Malá"),
        ("ru", "Мост закроют в мае.", "Об этом сообщила Анна Рощина.", "Анна Рощина"),
        ("ru", "Мост закроют в мае.", "Сообщает об этом Анна Рощина.", "Анна Рощина"),
    ],
)
def test_a_pronoun_may_stand_for_the_sentence_before(
    language: str, statement: str, reference: str, name: str
) -> None:
    assert read(f"{statement} {reference}", language) == [(name, [statement.rstrip(".")])]


def test_a_heading_is_not_what_is_meant() -> None:
    assert read("Brücke im Mai\n\nDas teilte Anna Roth mit.", "de") == []


def test_a_quotation_goes_on_over_what_is_told_in_it() -> None:
    text = "“We waited,” Ann Rowe said. “They told us that the boat was late.”"
    first, second = "“We waited,”", "“They told us that the boat was late.”"

    assert ("Ann Rowe", [first, second]) in read(text, "en")


def test_a_verb_in_a_quotation_takes_nothing_from_outside_it() -> None:
    text = "“Nobody rang, nobody wrote,” Ann Rowe said."

    assert ("Ann Rowe", ["“Nobody rang, nobody wrote,”"]) in read(text, "en")
    assert all("said" not in part for _, content in read(text, "en") for part in content)


def test_the_german_mood_of_report_goes_on_with_who_spoke_before() -> None:
    text = "Anna Roth sagte, die Brücke sei alt. Es gebe Risse. Der Regen hält an."

    assert read(text, "de") == [
        ("Anna Roth", ["die Brücke sei alt"]),
        ("Anna Roth", ["Es gebe Risse"]),
    ]
