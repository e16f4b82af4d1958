"""Real answers of the embedded model, replayed: from an article to its extraction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vocero
from vocero.model import connect
from vocero.model.front import Front

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vocero.model import Answer, Message
    from vocero.model.answer import DraftT

pytestmark = [pytest.mark.vcr, pytest.mark.usefixtures("embedded")]

Said = tuple[str | None, str, str]


def said(extraction: vocero.Extraction) -> set[Said]:
    """Who, stance, and the first words of the content, for every attribution."""
    return {
        (
            extraction.actor(one.source).name if one.source else None,
            one.stance,
            " ".join(one.content[0].text.split()[:4]),
        )
        for one in extraction.attributions
    }


def check_proofs(extraction: vocero.Extraction, path: Path) -> None:
    """Whatever the model answered: the text is untouched, and every span is a slice of it."""
    text = path.read_bytes().decode()
    assert extraction.document.text == text
    assert all(text[span.start : span.end] == span.text for span in extraction.spans())
    assert vocero.Extraction.model_validate_json(extraction.model_dump_json()) == extraction


def test_the_first_seed(seeds: Path) -> None:
    path = seeds / "000_a10e1c77af15f961.txt"
    extraction = vocero.extract(path)
    check_proofs(extraction, path)
    assert said(extraction) >= {
        ("John Kirby", "asserts", "que el presidente de"),
        ("John Kirby", "asserts", "“Tras estas negociaciones, las"),
        ("Funcionarios estadounidenses", "asserts", "que las sanciones mundiales"),
        ("Casa Blanca", "accuses", "a Corea del Norte"),
        ("Pyongyang", "denies", "a Corea del Norte"),
        ("John Kirby", "asserts", "“Es posible que las"),
    }
    country = {actor.name: actor.country for actor in extraction.actors}
    assert (country["Pyongyang"], country["Casa Blanca"]) == ("KP", "US")


def test_the_second_seed(seeds: Path) -> None:
    path = seeds / "002_955a7d7ec76de19f.txt"
    extraction = vocero.extract(path)
    check_proofs(extraction, path)
    assert said(extraction) >= {
        ("Gobierno estadounidense", "asserts", "El líder norcoreano, Kim"),
        ("Adrienne Watson", "asserts", "“Tenemos información de que"),
        ("Adrienne Watson", "declines", "cuándo ni dónde podría"),
        ("Adrienne Watson", "asserts", "La visita de Shoigu"),
        ("Adrienne Watson", "asserts", "“Instamos a la RPDC"),
        ("funcionarios estadounidenses", "asserts", "que los dos países"),
        ("John Kirby", "asserts", "Desde ese viaje, otro"),
        ("John Kirby", "asserts", "Putin y Kim también"),
        ("John Kirby", "asserts", "que el Gobierno blanco"),
        ("administración Biden", "warns", "de que Rusia sigue"),
        (
            "informe de los servicios de inteligencia estadounidenses",
            "asserts",
            "que Irán está suministrando",
        ),
        ("reciente informe del Washington Post", "asserts", "Rusia también se está"),
    }
    through_cnn = next(one for one in extraction.attributions if one.chain)
    assert [extraction.actor(relay.actor).name for relay in through_cnn.chain] == ["CNN"]
    assert "Tenemos información" in through_cnn.content[0].text


def test_an_article_in_spanish(articles: Path) -> None:
    path = articles / "es_agua.txt"
    extraction = vocero.extract(path)
    check_proofs(extraction, path)
    assert said(extraction) >= {
        ("Elena Soria", "asserts", "“No podemos esperar a"),
        ("Asociación de Regantes", "accuses", "al Ayuntamiento de ocultar"),
        ("Elena Soria", "denies", "al Ayuntamiento de ocultar"),
        ("Marta Vidal", "declines", "el informe"),
    }


def test_an_article_in_english(articles: Path) -> None:
    path = articles / "en_harbour.txt"
    extraction = vocero.extract(path)
    check_proofs(extraction, path)
    assert said(extraction) >= {
        ("Joan Ashe", "asserts", "“Nobody should have to"),
        ("Paul Meyer", "asserts", "“We were never asked,”"),
        ("Paul Meyer", "asserts", "that his windows shake"),
        ("Northline", "denies", "that it planned to"),
        ("Ruth Dale", "declines", "whether the town would"),
    }


class WholeArticle(Front):
    """The embedded model, asked about all sentences at once, as a capable model is."""

    sentences_per_call = None

    def __init__(self) -> None:
        super().__init__(connect("local"))

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        return await self.model.ask(messages, answer, max_tokens=max_tokens, label=label)


def test_a_whole_article_in_one_question(articles: Path) -> None:
    path = articles / "es_agua.txt"
    extraction = vocero.extract(path, model=WholeArticle())
    check_proofs(extraction, path)
    assert "article" in extraction.provenance.prompts
    assert ("Gobierno regional", "promises", "ayudar a los agricultores") in said(extraction)


def test_a_language_that_code_cannot_read(articles: Path) -> None:
    path = articles / "nl_dijk.txt"
    extraction = vocero.extract(path)
    check_proofs(extraction, path)
    assert "attributions" in extraction.provenance.prompts
    assert extraction.attributions
