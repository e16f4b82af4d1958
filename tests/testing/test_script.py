"""The mock's default answers: told from the schema of the question, never from its words."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from vocero import Document, Extractor
from vocero.extraction.drafts import (
    ActorsDraft,
    ArticleDraft,
    AttributionsDraft,
    ClaimsDraft,
    SpeakerDraft,
)
from vocero.testing import MockEndpoint, grounded

if TYPE_CHECKING:
    from pathlib import Path

    from vocero.testing.reply import Json

ARTICLE = """<article-5f>
[1] “No vamos a cerrar la mina”, dijo Clara Bueno.
[2] Llueve en Lugo.
[3] «Yo sí que la cerraría», replicó Luis Paz.
</article-5f>"""


def asked(answer: type[BaseModel], task: str = "", article: str = ARTICLE) -> Json:
    """A question for a class, in words of no matter what language."""
    wanted = {"name": answer.__name__, "strict": True, "schema": answer.model_json_schema()}
    return {
        "messages": [
            {"role": "system", "content": "…"},
            {"role": "user", "content": f"{article}\n\n{task}"},
        ],
        "response_format": {"type": "json_schema", "json_schema": wanted},
    }


def as_tool(request: Json) -> Json:
    """The same question as a tool."""
    wanted = request["response_format"]["json_schema"]
    function = {"name": wanted["name"], "parameters": wanted["schema"]}
    return {"messages": request["messages"], "tools": [{"type": "function", "function": function}]}


def reader(server: MockEndpoint) -> Extractor:
    """Vocero, with the mock as its model."""
    return Extractor("mock", base_url=server.base_url, api_key="none")


def test_an_article_has_an_attribution_for_each_word_that_reports() -> None:
    hints = "…\n¿Cuáles?: 1, 2, 3\n…:\n1: dijo\n2: Llueve"
    draft = ArticleDraft.model_validate_json(grounded(asked(ArticleDraft, hints)))
    assert [(one.s, one.cue, one.say, one.claim) for one in draft.items] == [
        (1, "dijo", ["“No vamos a cerrar la mina”"], "No vamos a cerrar la mina"),
        (2, "Llueve", ["en Lugo"], "en Lugo"),
        (3, "", ["«Yo sí que la cerraría»"], "Yo sí que la cerraría"),
    ]
    assert draft.sources == []


@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_an_article_takes_one_answer_and_nothing_of_it_is_refused(
    seeds: Path, articles: Path
) -> None:
    with MockEndpoint() as server, reader(server) as extractor:
        for path in (*seeds.glob("*.txt"), *articles.glob("e[ns]_*.txt")):
            before = len(server.requests)
            extraction = extractor.extract(path)
            assert len(server.requests) - before == 1
            assert len(extraction.attributions) > 5
            assert all(one.claims for one in extraction.attributions)
            assert extraction.rejected == ()


@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_a_sentence_without_end_is_answered_within_bounds() -> None:
    text = f"Ana Ruiz dijo que el puente cerrará {'y que no abrirá ' * 200}nunca."
    with MockEndpoint() as server, reader(server) as extractor:
        extraction = extractor.extract(Document.from_text(text, language="es"))
    assert len(server.requests) == 1
    assert extraction.rejected == ()


def test_attributions_are_the_quotations_of_the_article() -> None:
    draft = AttributionsDraft.model_validate_json(grounded(asked(AttributionsDraft)))
    assert [(one.s, one.say) for one in draft.items] == [
        (1, ["“No vamos a cerrar la mina”"]),
        (3, ["«Yo sí que la cerraría»"]),
    ]


def test_only_the_sentences_asked_about_are_read() -> None:
    request = asked(AttributionsDraft, "¿Y en estas?: 2, 3\n¿Qué?")
    assert [one["s"] for one in json.loads(grounded(request))["items"]] == [3]


def test_an_article_without_quotations_has_no_attributions() -> None:
    request = asked(AttributionsDraft, article="<a>\n[1] Llueve.\n</a>")
    assert grounded(request) == '{"items":[]}'


def test_claims_restate_their_statements_in_the_same_words() -> None:
    request = asked(ClaimsDraft, "…\n1. Clara Bueno: No vamos a cerrar la mina\n2. ?: Llueve: sí")
    draft = ClaimsDraft.model_validate_json(grounded(request))
    assert [(one.n, one.claim) for one in draft.items] == [
        (1, "No vamos a cerrar la mina"),
        (2, "Llueve: sí"),
    ]


def test_every_actor_listed_gets_a_kind() -> None:
    draft = ActorsDraft.model_validate_json(grounded(asked(ActorsDraft, "1. Bueno\n2. Paz")))
    assert [(one.n, one.kind) for one in draft.items] == [(1, "organization"), (2, "organization")]


@pytest.mark.parametrize(("task", "who"), [("1. Bueno\n2. Paz\n0. –", 1), ("", 0)])
def test_the_speaker_is_the_first_candidate(task: str, who: int) -> None:
    assert SpeakerDraft.model_validate_json(grounded(asked(SpeakerDraft, task))).who == who


@pytest.mark.parametrize(
    "answer", [ArticleDraft, AttributionsDraft, ClaimsDraft, ActorsDraft, SpeakerDraft]
)
def test_a_tool_is_answered_like_a_schema(answer: type[BaseModel]) -> None:
    request = asked(answer, "1. Bueno: no")
    assert grounded(as_tool(request)) == grounded(request)


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    kind: Literal["one"]
    name: Annotated[str, Field(min_length=2)]


class Foreign(BaseModel):
    """A class that Vocero knows nothing of."""

    inner: Inner
    several: Annotated[list[Inner], Field(min_length=2)]
    colour: Colour
    count: Annotated[int, Field(ge=3)]
    more: Annotated[float, Field(gt=0.5)]
    sure: bool
    nothing: None
    either: int | None
    left_out: str = "default"


def test_another_schema_gets_the_least_that_fits_it() -> None:
    value = Foreign.model_validate_json(grounded(asked(Foreign)))
    assert value.several == [Inner(kind="one", name="xx")] * 2
    assert value.left_out == "default"


def test_without_a_schema_it_says_ok() -> None:
    assert grounded({"messages": [{"role": "user", "content": None}]}) == "OK"
