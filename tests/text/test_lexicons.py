"""The lexicons: what their files must hold to be read as they are meant."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from importlib.resources import files
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocero.schema import Stance
from vocero.text.lexicons import LANGUAGES, FunctionWords, entry, function_words


def data(language: str) -> dict[str, Any]:
    path = files("vocero.text") / "lexicon" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_lexicons_have_the_same_tables(language: str) -> None:
    lexicon, spanish = data(language), data("es")
    assert lexicon.keys() == spanish.keys()
    for table in ("left", "words", "after", "function", "metonyms", "calendar"):
        assert lexicon[table].keys() == spanish[table].keys()
    # Each language counts its own country names; the countries are the same.
    assert lexicon["countries"].keys() == spanish["countries"].keys()
    assert lexicon["function"].keys() | {"metonyms", "countries"} == {
        field.name for field in fields(FunctionWords)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lexicon_covers_the_stances_and_names_no_other(language: str) -> None:
    lexicon = data(language)
    groups = [*lexicon["verbs"], *lexicon["nouns"], *lexicon["phrases"]]
    assert {group["stance"] for group in groups} == set(get_args(Stance))
    assert {group.get("factor", "say") for group in groups} == {"say", "think", "want"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verb_stands_in_one_family_only(language: str) -> None:
    lemmas = [
        lemma
        for group in data(language)["verbs"]
        for lemma in {*group["regular"].split(), *group.get("irregular", {})}
    ]
    assert sorted(set(lemmas)) == sorted(lemmas)


@pytest.mark.parametrize("language", LANGUAGES)
def test_function_words_are_lower_case_and_unique(language: str) -> None:
    words = function_words(language)
    lists = [getattr(words, field.name) for field in fields(FunctionWords)]
    for listed in lists:
        assert listed
        assert all(word == word.lower().strip() and word for word in listed)
    for listed in data(language)["function"].values():
        assert len(set(listed.split(", "))) == len(listed.split(", "))


@pytest.mark.parametrize("language", LANGUAGES)
def test_capitals_and_countries_have_iso_codes(language: str) -> None:
    words = function_words(language)
    codes = [*words.countries.values(), *(code for _, code in words.metonyms.values())]
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in codes)
    assert set(codes) == set(words.countries.values())
    assert len(set(words.countries.values())) >= 80
    assert len({code for _, code in words.metonyms.values()}) >= 60


def test_one_government_has_many_names() -> None:
    spanish, english = function_words("es"), function_words("en")
    assert spanish.metonyms["pyongyang"] == ("Gobierno de Corea del Norte", "KP")
    assert spanish.metonyms["el kremlin"] == spanish.metonyms["moscú"]
    assert spanish.metonyms["casa blanca"][1] == english.metonyms["the white house"][1] == "US"
    assert spanish.countries["rpdc"] == spanish.countries["norcoreano"] == "KP"
    assert spanish.countries["ee.uu."] == spanish.countries["estadounidense"] == "US"


def test_anonymous_nouns_are_nouns_for_speakers() -> None:
    spanish = function_words("es")
    assert {"fuentes", "funcionarios", "expertos"} <= set(spanish.anonymous_nouns)
    assert {"portavoz", "presidente", "ministro"} <= set(spanish.generic_nouns)
    assert not {"portavoz", "presidente"} & set(spanish.anonymous_nouns)


def test_a_language_without_a_lexicon_has_no_words() -> None:
    assert function_words("da") == function_words(None) == FunctionWords()


# Without what has to stand before them.
PHRASES = [
    (language, re.sub(r"^\(\?<[=!].*?\)", "", group["pattern"]), group["lemma"])
    for language in LANGUAGES
    for group in data(language)["phrases"]
]


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.parametrize(("language", "pattern", "lemma"), PHRASES)
def test_a_phrase_is_found_by_each_word_it_may_open_with(
    language: str, pattern: str, lemma: str, draws: st.DataObject
) -> None:
    text = draws.draw(st.from_regex(re.compile(rf"\A(?:{pattern})", re.IGNORECASE)))
    first = re.match(r"\w+(?:['’](?=\w))?", text)
    assert first
    found = entry(first[0].lower().replace("’", "'"), language)
    assert found
    assert lemma in [family.lemma for family, _ in found.phrases]
