"""How sure a reading is, and what becomes of one that is less sure than was asked for."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocero
from constructions import CONSTRUCTIONS
from scripted import item, scripted
from vocero import Document, Extractor, SettingsError
from vocero.extraction.article import Article
from vocero.extraction.by_code import read_by_code
from vocero.extraction.confidence import estimate, features

if TYPE_CHECKING:
    from vocero import Attribution, Extraction, Rejection
    from vocero.model import FakeModel

CALIBRATED = ("de", "en", "es")
SENTENCES = {
    language: [
        marked.translate(str.maketrans("", "", "[]{}<>⟦⟧"))
        for examples in CONSTRUCTIONS.values()
        for known, marked in examples.items()
        if known == language
    ]
    for language in CALIBRATED
}


def read(text: str, language: str, least: float | None = None) -> Extraction:
    """Read a text by code: the model finds nothing."""
    document = Document.from_text(text, language=language)
    return vocero.extract(document, model=scripted(sentences=1), min_confidence=least)


def said(extraction: Extraction) -> list[str]:
    return [one.content[0].text for one in extraction.attributions]


def sure(one: Attribution) -> float:
    assert one.confidence is not None
    return one.confidence


def refused(extraction: Extraction) -> list[Rejection]:
    return [one for one in extraction.rejected if one.reason == "low_confidence"]


@st.composite
def articles(draw: st.DrawFn) -> tuple[str, str]:
    language = draw(st.sampled_from(CALIBRATED))
    return " ".join(draw(st.lists(st.sampled_from(SENTENCES[language]), max_size=6))), language


@cache
def weights() -> dict[str, float]:
    written = files("vocero.extraction").joinpath("confidence.toml").read_text(encoding="utf-8")
    found: dict[str, float] = tomllib.loads(written)["weights"]
    return found


# How sure it is


@settings(deadline=None, max_examples=50)
@given(articles())
def test_what_code_reads_has_a_chance_between_0_and_1(article: tuple[str, str]) -> None:
    assert all(0 <= sure(one) <= 1 for one in read(*article).attributions)


def test_a_whole_quotation_beside_its_speaker_is_surer_than_a_few_words_without_marks() -> None:
    text = "“We will not close the old bridge over the river,” said Ann Rowe. The union denied it was so."
    quotation, few = read(text, "en").attributions

    assert sure(quotation) > 0.8 > sure(few)


def test_the_same_words_are_as_sure_in_every_run() -> None:
    text = "La alcaldesa, Ana Ruiz, negó ayer que la mina de Llanes vaya a cerrar en mayo."

    assert read(text, "es").attributions == read(text, "es").attributions


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le maire a dit que le pont fermera en mars."),
        ("it", "Il sindaco ha detto che il ponte chiuderà a marzo."),
        ("pt", "O prefeito disse que a ponte fechará em março."),
    ],
)
def test_a_language_without_measured_gold_has_none_and_loses_nothing(
    language: str, text: str
) -> None:
    for least in (None, 1.0):
        assert [one.confidence for one in read(text, language, least).attributions] == [None]


def test_what_a_model_found_has_none_and_stays() -> None:
    reply = item(cue="dijo", say=["que el puente cerrará en marzo"], src="El alcalde")
    model = scripted(attributions=[{"items": [reply]}])
    text = "El alcalde dijo que el puente cerrará en marzo."
    document = Document.from_text(text, language="es")

    extraction = vocero.extract(document, model=model, min_confidence=1)

    assert [one.confidence for one in extraction.attributions] == [None]


def test_whatever_is_asked_of_a_reading_has_a_weight_and_nothing_else_has() -> None:
    asked = [
        features(article, one)
        for language, sentences in SENTENCES.items()
        for article in (Article.of(Document.from_text(" ".join(sentences), language=language)),)
        for one in read_by_code(article)
    ]

    assert {frozenset(one) for one in asked} == {frozenset(weights())}
    assert all(name.isidentifier() for name in weights())
    assert all(math.isfinite(weight) for weight in weights().values())


def test_a_weight_that_is_missing_or_unknown_is_an_error_and_no_zero() -> None:
    assert estimate({"no_cue": True, "long_cue": False}, {"no_cue": 0.0, "long_cue": 5.0}) == 0.5

    with pytest.raises(ValueError, match="the weight of long_cue is missing"):
        estimate({"no_cue": True, "long_cue": False}, {"no_cue": 0.0})
    with pytest.raises(ValueError, match="the weight of old_cue is unknown"):
        estimate({"no_cue": True}, {"no_cue": 0.0, "old_cue": 1.0})


# What is less sure than was asked for


@settings(deadline=None, max_examples=50)
@given(articles(), st.floats(0, 1))
def test_what_is_left_is_what_was_there_and_the_rest_is_on_record(
    article: tuple[str, str], least: float
) -> None:
    everything, some = read(*article), read(*article, least)

    dropped = [one for one in everything.attributions if surest(one, everything) < least]
    assert [as_read(one) for one in some.attributions] == [
        as_read(one) for one in everything.attributions if one not in dropped
    ]
    assert {actor.id for actor in some.actors} <= {actor.id for actor in everything.actors}
    assert sorted(proposed(one)["say"] for one in refused(some)) == sorted(
        [span.text for span in one.content] for one in dropped
    )
    assert not refused(everything)


def surest(one: Attribution, extraction: Extraction) -> float:
    """How sure an attribution can be, given those that it stands inside."""
    outer = {other.id: other for other in extraction.attributions}.get(one.within or "")
    return min(sure(one), surest(outer, extraction)) if outer else sure(one)


def as_read(one: Attribution) -> dict[str, Any]:
    """An attribution, but for the claims that it shares with others that may be gone."""
    return one.model_dump(exclude={"claims"})


def proposed(one: Rejection) -> dict[str, Any]:
    assert isinstance(one.proposed, dict)
    return one.proposed


def test_the_record_says_what_was_read_and_how_sure_it_was() -> None:
    text = "«La mina 3 no se vende a nadie», dijo Ana Ruiz.\nEl sindicato dijo que no."
    least = above_lowest(text, "es")
    extraction = read(text, "es", least)

    [one] = refused(extraction)
    assert (one.stage, one.sentence) == ("attributions", 2)
    assert (
        one.detail == f"its confidence is {proposed(one)['confidence']}, and {least} was asked for"
    )
    assert proposed(one) | {"confidence": 0} == {
        "src": "El sindicato",
        "cue": "dijo",
        "say": ["que no"],
        "confidence": 0,
    }


def above_lowest(text: str, language: str) -> float:
    """A confidence that all readings have but the least sure."""
    low, high, *_ = sorted(sure(one) for one in read(text, language).attributions)
    assert low < high
    return high


def test_the_rejected_one_still_tells_who_spoke_before() -> None:
    text = (
        "«La mina no se vende a nadie», dijo Ana Ruiz.\nEva Paz dijo que no.\n"
        "Y añadió que la carretera al puerto sigue cerrada."
    )
    extraction = read(text, "es", above_lowest(text, "es"))
    names = {one.id: one.name for one in extraction.actors}

    assert [proposed(one)["src"] for one in refused(extraction)] == ["Eva Paz"]
    last = extraction.attributions[-1]
    assert (last.source_span, names[last.source or ""]) == (None, "Eva Paz")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Ann Rowe denied that the mayor had said that the old bridge would be closed in May.",
        ),
        ("es", "Ana Ruiz negó que Juan Paz dijera que el puente se va a caer."),
    ],
)
def test_what_stands_inside_a_rejected_one_goes_with_it(language: str, text: str) -> None:
    outer, inner = read(text, language).attributions
    assert inner.within == outer.id
    assert sure(outer) < sure(inner)

    extraction = read(text, language, sure(inner))

    assert not extraction.attributions
    assert not extraction.actors
    assert {proposed(one)["confidence"]: one.detail for one in refused(extraction)} == {
        sure(outer): f"its confidence is {sure(outer)}, and {sure(inner)} was asked for",
        sure(inner): f"it stands inside one whose confidence is {sure(outer)}, "
        f"and {sure(inner)} was asked for",
    }


def test_what_a_model_found_inside_a_rejected_one_goes_with_it() -> None:
    text = "Ana Ruiz dijo: «La mina no se vende a nadie en Llanes.\nJuan Paz soltó que el puente se cae.»"
    reply = item(s=2, cue="soltó", say=["que el puente se cae"], src="Juan Paz")

    def found(least: float) -> Extraction:
        document = Document.from_text(text, language="es")
        model = scripted(attributions=[{"items": [reply]}])
        return vocero.extract(document, model=model, min_confidence=least)

    outer, inner = found(0).attributions
    assert (inner.within, inner.confidence) == (outer.id, None)

    assert not found(1).attributions
    assert {proposed(one)["confidence"] for one in refused(found(1))} == {sure(outer), None}


def test_nothing_is_asked_about_a_rejected_one() -> None:
    text = (
        "«La mina no se vende a nadie», dijo la alcaldesa, Ana Ruiz. La alcaldesa, Eva Paz, dijo que "
        "la mina se vende a quien pague más.\nLa alcaldesa dijo que no.\nZumbel dijo que sí."
    )

    def asked(least: float | None) -> tuple[set[str], Extraction]:
        model: FakeModel = scripted(sentences=1, speaker=[{"who": 1}])
        extraction = vocero.extract(
            Document.from_text(text, language="es"), model=model, min_confidence=least
        )
        return {one.label for one in model.calls}, extraction

    everything, rest = asked(None), asked(0.8)

    assert {"actors", "speaker"} <= everything[0]
    assert not rest[0]
    assert len(rest[1].attributions) == 2
    assert "Zumbel" in {one.name for one in everything[1].actors}
    assert {one.name for one in rest[1].actors} == {"Ana Ruiz", "Eva Paz"}


def test_whoever_is_meant_by_a_rejected_description_speaks_no_further() -> None:
    text = (
        "«La mina no se vende a nadie», dijo la alcaldesa, Ana Ruiz. La alcaldesa, Eva Paz, dijo que "
        "la mina se vende a quien pague más.\nLa alcaldesa dijo que no.\n"
        "Y añadió que la carretera al puerto sigue cerrada."
    )
    extraction = read(text, "es", above_lowest(text, "es"))
    names = {one.id: one.name for one in extraction.actors}

    assert [proposed(one)["src"] for one in refused(extraction)] == ["La alcaldesa"]
    assert names[extraction.attributions[-1].source or ""] == "Eva Paz"
    assert set(names.values()) == {"Ana Ruiz", "Eva Paz"}


def test_a_rejected_one_leaves_no_mention() -> None:
    text = (
        "«La mina no se vende a nadie», dijo Ana Ruiz.\n«La mina no se vende a nadie», dijo Eva Paz."
        "\nElla dijo que no."
    )
    extraction = read(text, "es", above_lowest(text, "es"))

    assert [proposed(one)["src"] for one in refused(extraction)] == ["Ella"]
    assert [
        [(mention.span.text, mention.form) for mention in actor.mentions]
        for actor in extraction.actors
    ] == [[("Ana Ruiz", "named")], [("Eva Paz", "named")]]


@pytest.mark.parametrize("least", [-0.1, 1.5, math.nan])
def test_a_confidence_is_from_0_to_1(least: float) -> None:
    with pytest.raises(SettingsError, match=rf"min_confidence={least} is no chance: give"):
        Extractor(scripted(), min_confidence=least)
