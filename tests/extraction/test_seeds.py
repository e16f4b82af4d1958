"""The two reference articles, as far as code alone reads them; the model is left out here.

`tests/recorded` reads them with the answers of real models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vocero
from scripted import item, said, scripted, whole
from vocero import Extraction

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "000_a10e1c77af15f961.txt"
SECOND = "002_955a7d7ec76de19f.txt"


@pytest.fixture(scope="module")
def first(seeds: Path) -> Extraction:
    return vocero.extract(seeds / FIRST, model=scripted(sentences=1))


@pytest.fixture(scope="module")
def second(seeds: Path) -> Extraction:
    return vocero.extract(seeds / SECOND, model=scripted(sentences=1))


def test_no_character_of_the_articles_is_changed(
    first: Extraction, second: Extraction, seeds: Path
) -> None:
    for extraction, name in ((first, FIRST), (second, SECOND)):
        assert extraction.document.text.encode() == (seeds / name).read_bytes()
        assert all(
            extraction.document.text[span.start : span.end] == span.text
            for span in extraction.spans()
        )
    assert any("\xa0" in span.text for span in first.spans())


def test_kirby_is_one_man_by_whatever_name(first: Extraction) -> None:
    (kirby,) = [actor for actor in first.actors if actor.kind == "person"]
    assert kirby.name == "John Kirby"
    named = {" ".join(mention.span.text.split()) for mention in kirby.mentions}
    assert {
        "El portavoz, John Kirby, del Consejo de Seguridad Nacional",
        "Kirby",
        "John Kirby Portavoz de la Casa Blanca",
    } <= named
    spoken = [one.what[:20] for one in said(first) if one.who == kirby.name]
    assert len(spoken) == 5
    assert spoken[-1] == "“Es posible que las "  # the pull quote, reworded by the newspaper


def test_a_photo_caption_that_is_glued_twice_says_nothing(first: Extraction) -> None:
    caption = first.document.text.index("responde a las preguntas")
    end = first.document.text.index("La Casa Blanca ha acusado")
    assert not [
        one for one in first.attributions if caption < (one.cue_span or one.content[0]).start < end
    ]


def test_the_white_house_accuses_and_pyongyang_denies_the_same(first: Extraction) -> None:
    accused, denied = (one for one in first.attributions if one.stance in {"accuses", "denies"})
    names = {actor.id: actor.name for actor in first.actors}
    assert accused.content == denied.content
    assert [names[one.source or ""] for one in (accused, denied)] == ["Casa Blanca", "Pyongyang"]


# Speaker, cue, and how what was said begins.
STATEMENTS = [
    ("Gobierno estadounidense", "informó", "El líder norcoreano, Kim Jong Un, espera"),
    ("Adrienne Watson", "dijo", "“Tenemos información de que"),
    ("funcionarios estadounidenses", "dijeran", "que los dos países están"),
    ("Adrienne Watson", "dijo", "La visita de Shoigu se realizó “para intentar"),
    ("Adrienne Watson", "añadió", "“Instamos a la RPDC"),
    ("John Kirby", "según informó", "Desde ese viaje, otro grupo de funcionarios rusos"),
    ("John Kirby", "añadió", "Putin y Kim también han intercambiado cartas"),
    ("John Kirby", "afirmó", "que el Gobierno blanco tenía pruebas"),
    ("New York Times", "diciendo", "que se espera que tenga lugar este mes"),
    ("administración Biden", "advirtió", "de que Rusia sigue comprando clandestinamente"),
    ("informe de los servicios", "afirmó", "que Irán está suministrando a Rusia material"),
    ("reciente informe del Washington Post", "Según", "Rusia también se está preparando"),
]


@pytest.mark.parametrize(("who", "cue", "what"), STATEMENTS)
def test_the_statements_of_the_second_article(
    second: Extraction, who: str, cue: str, what: str
) -> None:
    assert [
        one
        for one in said(second)
        if (one.who or "").startswith(who) and one.cue == cue and one.what.startswith(what)
    ]


def test_watson_is_quoted_through_cnn(second: Extraction) -> None:
    relayed = [one for one in second.attributions if one.chain]
    (watson,) = relayed
    assert watson.content[0].text.startswith("“Tenemos información")
    assert [second.actor(relay.actor).name for relay in watson.chain] == ["CNN"]


def test_added_twice_by_two_people(second: Extraction) -> None:
    assert [one.who for one in said(second) if one.cue == "añadió"] == [
        "Adrienne Watson",
        "John Kirby",
    ]


def test_what_a_capable_model_adds_to_the_first_article(seeds: Path) -> None:
    described = item(
        s=3,
        cue="describiendo",
        src="Kirby",
        who="John Kirby",
        say=["las conversaciones como … avanzando activamente"],
    )
    invented = item(s=3, cue="dijo", src="Kirby", say=["las conversaciones no continuarán"])
    model = scripted(attributions=[{"items": [described, invented]}])

    extraction = vocero.extract(seeds / FIRST, model=model)

    (added,) = [one for one in said(extraction) if one.cue == "describiendo"]
    assert added == (
        "John Kirby",
        "describiendo",
        "las conversaciones como\xa0“avanzando activamente”",
    )
    assert [one.proposed for one in extraction.rejected if one.stage == "attributions"] == whole(
        invented
    )["items"]
