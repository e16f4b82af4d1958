"""What goes over the wire to an OpenAI-compatible endpoint, and in which form the answer comes."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import httpx2
import pytest

from asking import ASKED, DRAFT, KEY, URL, Draft, Script, called, model_at, refused, said
from vocero.errors import RequestError
from vocero.model import connect

pytestmark = pytest.mark.usefixtures("nothing_set")


# --- what is sent -----------------------------------------------------------------------------


async def test_the_question_goes_out_with_the_strict_schema_and_comes_back_as_the_class() -> None:
    script = Script(said())

    got = await model_at(script).ask(ASKED, Draft, max_tokens=99, label="who")

    assert got.value == DRAFT
    assert type(got.value) is Draft
    assert (got.model, got.finish) == ("m-2026", "stop")
    assert (got.transport_retries, got.validation_retries) == (0, 0)
    (request,) = script.requests
    assert str(request.url) == f"{URL}/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert script.bodies == [
        {
            "model": "m",
            "messages": ASKED,
            "temperature": 0,
            "max_tokens": 99,
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": "Draft",
                    "strict": True,
                    "schema": {
                        "type": "object",
                        "description": "Sayings, by sentence.",
                        "additionalProperties": False,
                        "required": ["items", "note"],
                        "properties": {
                            "items": {
                                "type": "array",
                                "maxItems": 3,
                                "items": {"$ref": "#/$defs/Item"},
                            },
                            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                        },
                        "$defs": {
                            "Item": {
                                "type": "object",
                                "additionalProperties": False,
                                "required": ["n", "title", "how"],
                                "properties": {
                                    "n": {"type": "integer", "minimum": 1},
                                    "title": {"type": "string"},
                                    "how": {"type": "string", "enum": ["direct", "indirect"]},
                                },
                            }
                        },
                    },
                },
            },
        }
    ]


@pytest.mark.parametrize("mode", ["json_schema", "tools"])
async def test_text_that_looks_like_a_template_arrives_unchanged(
    mode: Literal["json_schema", "tools"],
) -> None:
    article = "{{ 7*7 }} {% if x %} {# no #} <|im_end|> \u00a0\r\n {{"
    script = Script(said() if mode == "json_schema" else called())

    await model_at(script, mode=mode).ask(
        [{"role": "user", "content": article}], Draft, label="who"
    )

    assert script.bodies[0]["messages"] == [{"role": "user", "content": article}]


async def test_openai_account_headers_stay_away_from_other_endpoints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-theirs")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-theirs")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: theirs")

    async def headers_sent(base_url: str | None) -> httpx2.Headers:
        script = Script(said())
        model = connect("m", base_url=base_url, mode="json_schema", transport=script)
        await model.ask(ASKED, Draft, label="who")
        return script.requests[0].headers

    elsewhere, at_openai = await headers_sent(URL), await headers_sent(None)

    assert "theirs" not in str(elsewhere)
    assert "authorization" not in elsewhere
    assert at_openai["authorization"] == "Bearer sk-theirs"
    assert at_openai["openai-organization"] == "org-theirs"


# --- the form of the answer -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This response_format type is unavailable now"),
        (400, "This model does not support response format `json_schema`."),
        (422, "Unsupported: structured outputs"),
    ],
)
async def test_an_endpoint_that_refuses_the_schema_is_given_tools_from_then_on(
    status: int, message: str
) -> None:
    script = Script(refused(status, message), called(), called())
    model = model_at(script, mode="auto")

    first = await model.ask(ASKED, Draft, label="one")
    second = await model.ask(ASKED, Draft, label="two")

    assert first.value == second.value == DRAFT
    assert type(first.value) is Draft
    assert first.finish == "tool_calls"
    assert first.validation_retries == 0
    assert ["tools" in body for body in script.bodies] == [False, True, True]
    assert script.bodies[1]["tool_choice"]["function"]["name"] == "Draft"
    assert "response_format" not in script.bodies[1]


async def test_an_endpoint_that_answers_the_first_question_in_prose_is_given_tools() -> None:
    script = Script(said("Kirby dijo que no."), called(), called())
    model = model_at(script, mode="auto")

    first = await model.ask(ASKED, Draft, label="one")
    await model.ask(ASKED, Draft, label="two")

    assert first.validation_retries == 1
    assert ["tools" in body for body in script.bodies] == [False, True, True]


async def test_once_a_schema_was_honoured_prose_is_a_slip_and_asked_again() -> None:
    script = Script(said(), said("Kirby dijo que no."), said())
    model = model_at(script, mode="auto")

    await model.ask(ASKED, Draft, label="one")
    second = await model.ask(ASKED, Draft, label="two")

    assert second.validation_retries == 1
    assert all("response_format" in body for body in script.bodies)


class AtOnce(httpx2.AsyncBaseTransport):
    """An endpoint that answers once so many questions are there: the first of them in prose.

    That answer is the first that goes out, and the others wait for the question with a tool that
    follows it; or it is the last.
    """

    def __init__(self, questions: int, *, prose_last: bool) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._others = questions - 1
        self._prose_last = prose_last
        self._all_here = asyncio.Event()
        self._go_on = asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        self.bodies.append(body)
        if "tools" in body:
            self._go_on.set()
            return called()
        first = len(self.bodies) == 1
        if len(self.bodies) > self._others:
            self._all_here.set()
        await self._all_here.wait()
        if first is self._prose_last:
            await self._go_on.wait()
        if first:
            return said("Kirby dijo que no.")
        self._others -= 1
        if not self._others:
            self._go_on.set()
        return said()


@pytest.mark.parametrize("prose_last", [True, False])
async def test_of_questions_asked_at_once_one_in_prose_does_not_decide_for_the_others(
    *, prose_last: bool
) -> None:
    endpoint = AtOnce(8, prose_last=prose_last)
    model = model_at(endpoint, mode="auto", concurrency=8)

    first = await asyncio.gather(*(model.ask(ASKED, Draft, label=str(n)) for n in range(8)))
    last = await model.ask(ASKED, Draft, label="last")

    assert [one.value for one in [*first, last]] == [DRAFT] * 9
    assert ["tools" in body for body in endpoint.bodies] == [False] * 8 + [True, False]


async def test_a_mode_that_was_set_is_kept_even_when_it_is_refused() -> None:
    script = Script(refused(400, "response_format is not supported"))

    with pytest.raises(RequestError, match="set VOCERO_MODE=tools"):
        await model_at(script, mode="json_schema").ask(ASKED, Draft, label="who")

    assert len(script.requests) == 1


async def test_models_that_refuse_a_temperature_or_name_the_limit_otherwise_are_learnt() -> None:
    script = Script(
        refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        refused(400, "Unsupported value: 'temperature' does not support 0 with this model."),
        said(),
        said(),
    )
    model = model_at(script)

    for label in ("one", "two"):
        await model.ask(ASKED, Draft, max_tokens=50, label=label)

    for body in script.bodies[2:]:
        assert body["max_completion_tokens"] == 50
        assert not {"temperature", "max_tokens"} & set(body)
