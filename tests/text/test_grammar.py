"""The closed words of each language, compiled once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from importlib.resources import files
from typing import Any

import pytest

from vocero.text.grammar import Grammar, grammar
from vocero.text.lexicons import LANGUAGES


def reading(language: str) -> dict[str, Any]:
    path = files("vocero.text") / "lexicon" / f"{language}.toml"
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["reading"]
    return table


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lists_and_no_word_twice(language: str) -> None:
    assert reading(language).keys() == reading("es").keys()
    for name, listed in reading(language).items():
        if isinstance(listed, str) and listed:
            words = listed.split(", ")
            assert sorted(set(words)) == sorted(words), name


@pytest.mark.parametrize("language", [None, "da"])
def test_a_language_without_a_lexicon_has_a_grammar_that_knows_nothing(
    language: str | None,
) -> None:
    known = grammar(language)
    assert not known.bare_clauses
    for field in fields(Grammar):
        value = getattr(known, field.name)
        if isinstance(value, re.Pattern):
            assert not any(value.search(text) for text in ("", "la", " X dijo, que ", "1 and A"))
        elif isinstance(value, frozenset):
            assert value == frozenset()


@pytest.mark.parametrize(
    ("language", "field", "text"),
    [
        ("es", "possibility", "El plan podría ser caro."),
        ("en", "possibility", "Perhaps it is dear."),
        ("de", "possibility", "Vielleicht ist es teuer."),
        ("fr", "possibility", "Le plan pourrait être cher."),
        ("it", "possibility", "Forse il piano è caro."),
        ("pt", "possibility", "O plano talvez seja caro."),
        ("cs", "possibility", "Plán je možná drahý."),
        ("ru", "possibility", "Возможно, план дорогой."),
        ("es", "future", "El puerto cerrará en mayo."),
        ("en", "future", "The port will close in May."),
        ("de", "future", "Der Hafen wird schließen."),
        ("fr", "future", "Le port fermera en mai."),
        ("it", "future", "Il porto chiuderà a maggio."),
        ("pt", "future", "O porto fechará em maio."),
        ("cs", "future", "Přístav bude v květnu zavřený."),
        ("ru", "future", "Порт будет закрыт в мае."),
        ("es", "first_person", "Creo que es caro."),
        ("en", "first_person", "We said so."),
        ("de", "first_person", "Das ist unsere Schuld."),
        ("fr", "first_person", "J’espère que non."),
        ("it", "first_person", "Speriamo di no."),
        ("pt", "first_person", "Esperamos que não."),
        ("es", "negative", "Nadie lo sabe."),
        ("en", "negative", "They didn’t know."),
        ("de", "negative", "Es gibt keinen Plan."),
        ("fr", "negative", "Aucun plan."),
        ("it", "negative", "Nessuno lo sa."),
        ("pt", "negative", "Não há plano."),
        ("cs", "negative", "Plán neexistuje."),
        ("ru", "negative", "Плана нет."),
        ("cs", "first_person", "Doufáme, že ne."),
        ("ru", "first_person", "Надеемся, что нет, — у нас нет денег."),
        ("es", "date", "Cerró el pasado mes de mayo."),
        ("en", "date", "It closed last May."),
        ("de", "date", "Es schloss im Mai."),
        ("fr", "date", "Il a fermé le 3 mai."),
        ("it", "date", "Ha chiuso lunedì scorso."),
        ("pt", "date", "Fechou na semana passada."),
        ("cs", "date", "Zavřel ve čtvrtek."),
        ("ru", "date", "Закрылся в прошлом году."),
    ],
)
def test_modality_person_and_time_are_told_by_closed_words(
    language: str, field: str, text: str
) -> None:
    pattern: re.Pattern[str] = getattr(grammar(language), field)
    assert pattern.search(text)


def test_a_month_is_no_possibility() -> None:
    assert not grammar("en").possibility.search("It closed in May.")


def test_white_space_and_apostrophes_may_be_of_any_kind() -> None:
    assert grammar("es").as_word.match("tal\xa0y\ncomo dijo")
    assert grammar("fr").determiner.match("l’économie")
    assert grammar("fr").determiner.match("l'économie")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "lo que otros países llaman dicho plan, tal vez", ["dicho"]),
        ("en", "the plan that they had seen, there was one", ["they"]),
        ("de", "das neue Gesetz und das, was sie sagten", ["das", "sie"]),
        ("fr", "la ministre et ce que celle-ci pense", ["celle-ci"]),
        ("it", "la nave, ciò che lei chiama così", ["lei"]),
        ("pt", "o que ele disse ao mesmo tempo", ["ele"]),
        ("cs", "to je plán, který ona má", ["ona"]),
        ("ru", "этот план и то, что он видел", ["этот", "он"]),
    ],
)
def test_what_leans_on_the_context_is_told_from_what_only_looks_so(
    language: str, text: str, expected: list[str]
) -> None:
    found = grammar(language).leaning.finditer(text)

    assert [one[0] for one in found if not one["settled"]] == expected


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "de"])
def test_what_is_german_is_looked_for_in_german_only(language: str) -> None:
    known = grammar(language)
    assert grammar("de").passive.search("wird")
    assert not known.passive.search("wird")
    assert grammar("de").dependent.search("zu gehen")
    assert not known.dependent.search("zu gehen")


def test_languages_without_articles_say_so() -> None:
    assert {one for one in LANGUAGES if grammar(one).bare_nouns} == {"cs", "ru"}
