"""What goes over the wire to an OpenAI-compatible endpoint, and what is made of its answers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any, Literal

import httpx2
import pytest
from pydantic import BaseModel, ConfigDict, Field

from vocero.corpus import Journal, Journaled
from vocero.errors import (
    AnswerError,
    AuthenticationError,
    ModelError,
    ModelNotFoundError,
    QuotaError,
    RequestError,
    SettingsError,
    TruncatedError,
)
from vocero.model import CallRecord, FakeModel, Message, Model, Pacer, connect, spent_on
from vocero.model.local import EMBEDDED
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "sk-0123456789abcdef"
URL = "http://models.example/v1"
ASKED: list[Message] = [
    {"role": "system", "content": "Who says what?"},
    {"role": "user", "content": "1| «No», dijo Kirby."},
]


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(ge=1)
    title: Annotated[str, Field(max_length=20)] = ""
    how: Literal["direct", "indirect"]


class Draft(BaseModel):
    """Sayings, by sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[Item] = Field(max_length=3)
    note: str | None = None


class Many(BaseModel):
    items: list[Item]


FITTING = '{"items": [{"n": 1, "title": "Kirby", "how": "direct"}], "note": null}'
UNFIT = '{"items": [{"n": 0, "title": "Kirby", "how": "sung"}], "note": null}'
DRAFT = Draft(items=[Item(n=1, title="Kirby", how="direct")])


def said(
    content: str | None = FITTING, *, finish: str = "stop", usage: object = None, **message: object
) -> httpx2.Response:
    """Return a completion as endpoints send it."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **message},
    }
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m-2026"}
    return httpx2.Response(200, json=body | {"choices": [choice], "usage": usage})


def called(arguments: str = FITTING) -> httpx2.Response:
    """Return a completion that calls the tool."""
    function = {"name": "Draft", "arguments": arguments}
    call = {"id": "call-1", "type": "function", "function": function}
    return said(None, finish="tool_calls", tool_calls=[call])


def tokens(prompt: int, output: int, cached: int | None = None) -> dict[str, object]:
    counts: dict[str, object] = {"prompt_tokens": prompt, "completion_tokens": output}
    if cached is not None:
        counts["prompt_tokens_details"] = {"cached_tokens": cached}
    return counts


def refused(status: int, message: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"message": message, "type": "invalid"}})


class Script(httpx2.MockTransport):
    """An endpoint that gives these responses in order and keeps what it was sent."""

    def __init__(self, *responses: httpx2.Response) -> None:
        self.requests: list[httpx2.Request] = []
        left = iter(responses)

        def respond(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            return next(left)

        super().__init__(respond)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


async def no_wait(seconds: float) -> None:
    assert seconds >= 0


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no settings file of the machine that runs the tests."""
    for setting in ("MODEL", "BASE_URL", "API_KEY", "TIMEOUT", "CONCURRENCY", "MODE", "PRICE"):
        monkeypatch.delenv(f"VOCERO_{setting}", raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def model_at(
    script: httpx2.AsyncBaseTransport,
    *,
    mode: Literal["auto", "json_schema", "tools"] = "json_schema",
    on_call: Callable[[CallRecord], None] | None = None,
    **limits: Any,
) -> Model:
    return connect(
        "m",
        base_url=URL,
        api_key=KEY,
        mode=mode,
        on_call=on_call,
        transport=script,
        sleep=no_wait,
        **limits,
    )


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


# --- answers that do not fit ------------------------------------------------------------------


async def test_an_unfit_answer_is_asked_for_again_with_what_was_wrong() -> None:
    script = Script(said(UNFIT), said())

    got = await model_at(script).ask(ASKED, Draft, label="who")

    assert got.value == DRAFT
    assert got.validation_retries == 1
    again = script.bodies[1]["messages"]
    assert again[:2] == ASKED
    assert again[2] == {"role": "assistant", "content": UNFIT}
    assert "items.0.how" in again[3]["content"]
    assert script.bodies[1]["response_format"] == script.bodies[0]["response_format"]


@pytest.mark.parametrize("mode", ["json_schema", "tools"])
async def test_re_asks_do_not_pile_up(mode: Literal["json_schema", "tools"]) -> None:
    many = json.dumps({"items": [{"n": 0, "how": "sung"}] * 500})
    script = Script(*[said(many) if mode == "json_schema" else called(many)] * 4)

    with pytest.raises(AnswerError):
        await model_at(script, mode=mode, validation_retries=3).ask(ASKED, Many, label="who")

    lengths = [len(body["messages"]) for body in script.bodies]
    assert lengths == [2, 4, 4, 4]
    for body in script.bodies[1:]:
        assert len(body["messages"][-1]["content"]) < 2100


async def test_a_number_in_quotation_marks_is_a_number() -> None:
    script = Script(said(FITTING.replace("1", '"1"')))

    got = await model_at(script).ask(ASKED, Draft, label="who")

    assert (got.value, got.validation_retries) == (DRAFT, 0)


async def test_answers_that_never_fit_end_in_one_line_that_says_what_was_wrong() -> None:
    script = Script(*[said(UNFIT, usage=tokens(10, 5))] * 3)

    with pytest.raises(AnswerError) as caught:
        await model_at(script).ask(ASKED, Draft, label="who, 1-3")

    message = str(caught.value)
    assert message.startswith("who, 1-3: 3 answers of 'm', none usable (items.0.n: Input should be")
    assert "\n" not in message
    assert len(script.requests) == 3
    assert spent_on(caught.value).usage == Usage(input_tokens=30, output_tokens=15)


async def test_an_answer_without_choices_is_asked_for_again() -> None:
    empty = httpx2.Response(200, json={"id": "1", "object": "chat.completion", "choices": []})

    got = await model_at(Script(empty, said())).ask(ASKED, Draft, label="who")
    assert (got.value, got.validation_retries) == (DRAFT, 1)

    with pytest.raises(AnswerError, match=r"3 answers of 'm', none usable .*holds no message"):
        await model_at(Script(empty, empty, empty)).ask(ASKED, Draft, label="who")


async def test_a_cut_answer_is_told_at_once_so_that_the_caller_can_split() -> None:
    script = Script(said(FITTING[:20], finish="length", usage=tokens(10, 5)))

    with pytest.raises(TruncatedError, match="who: 'm' was cut at its token limit") as caught:
        await model_at(script, mode="auto").ask(ASKED, Draft, label="who")

    assert len(script.requests) == 1
    assert spent_on(caught.value).usage.output_tokens == 5


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (said(None, refusal="I cannot\nhelp with that."), "refused to answer .I cannot help"),
        (said("", finish="content_filter"), "stopped by a content filter"),
    ],
)
async def test_a_refusal_or_a_filter_is_told_at_once(response: httpx2.Response, why: str) -> None:
    script = Script(response)

    with pytest.raises(AnswerError, match=why):
        await model_at(script, mode="auto").ask(ASKED, Draft, label="who")

    assert len(script.requests) == 1


# --- what it costs ----------------------------------------------------------------------------


async def test_each_answer_is_counted_once_and_the_refused_ones_too() -> None:
    seen: list[CallRecord] = []
    script = Script(
        said(UNFIT, usage=tokens(100, 10, cached=0)),
        said(UNFIT, usage=tokens(150, 20, cached=90)),
        said(FITTING, usage=tokens(160, 30, cached=100)),
    )

    got = await model_at(script, on_call=seen.append).ask(ASKED, Draft, label="who")

    assert got.usage == Usage(input_tokens=410, cached_tokens=190, output_tokens=60)
    assert got.validation_retries == 2
    assert [record.usage.output_tokens for record in seen] == [10, 20, 30]
    assert {record.label for record in seen} == {"who"}
    assert all(record.seconds > 0 for record in seen)


async def test_what_the_endpoint_does_not_count_is_unknown_and_not_nothing() -> None:
    silent = await model_at(Script(said())).ask(ASKED, Draft, label="who")
    assert silent.usage == Usage()

    half = Script(said(UNFIT, usage=tokens(100, 10)), said())
    assert (await model_at(half).ask(ASKED, Draft, label="who")).usage == Usage()


# --- refusals of the endpoint -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (400, RequestError, "refuses the request for 'm' (400) (Bad thing): ask about less"),
        (401, AuthenticationError, "refuses the key (401): set VOCERO_API_KEY"),
        (403, AuthenticationError, "forbids this key to use 'm' (403) (Bad thing)"),
        (404, ModelNotFoundError, "has no model 'm' (404) (Bad thing): set VOCERO_MODEL"),
        (413, RequestError, "(413) (Bad thing): ask about less at once"),
        (422, RequestError, "(422) (Bad thing)"),
    ],
)
async def test_a_refused_request_fails_at_once_and_says_what_to_set(
    status: int, error: type[ModelError], told: str
) -> None:
    script = Script(refused(status, "Bad\nthing"))

    with pytest.raises(error) as caught:
        await model_at(script, mode="auto").ask(ASKED, Draft, label="who")

    message = str(caught.value)
    assert message.startswith(URL)
    assert told in message
    assert "\n" not in message
    assert len(script.requests) == 1


async def test_an_endpoint_that_wants_a_key_says_so() -> None:
    model = connect("m", base_url=URL, transport=Script(refused(401, "who are you")))

    with pytest.raises(AuthenticationError, match="wants a key"):
        await model.ask(ASKED, Draft, label="who")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        # OpenAI, OpenRouter or DeepSeek, Anthropic
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
        (429, {"message": "Billing hard limit has been reached", "type": "insufficient_quota"}),
        (402, {"message": "This request requires more", "code": 402}),
        (400, {"message": "Your credit balance is too low to access the API."}),
    ],
)
async def test_an_account_without_money_is_told_at_once_and_not_waited_for(
    status: int, error: dict[str, Any]
) -> None:
    script = Script(httpx2.Response(status, json={"error": error}, headers={"retry-after": "9"}))

    with pytest.raises(QuotaError) as caught:
        await model_at(script).ask(ASKED, Draft, label="who")

    message = str(caught.value)
    assert message.startswith(f"{URL} has no money or quota left for this key ({status})")
    assert message.endswith("pay there, or set VOCERO_API_KEY")
    assert len(script.requests) == 1


async def test_a_quota_by_the_minute_is_only_a_rate_limit() -> None:
    # Gemini's words for any limit.
    told = "You exceeded your current quota, please check your plan and billing details."
    script = Script(refused(429, told), said())

    assert (await model_at(script).ask(ASKED, Draft, label="who")).transport_retries == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "too long", "code": "context_length_exceeded"}),
        (
            400,
            {
                "message": "'max_tokens' or 'max_completion_tokens' is too large: 4000. This "
                "model's maximum context length is 8192 tokens and your request has 5000."
            },
        ),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
        (
            400,
            {
                "message": "request (9107 tokens) exceeds the available context size (8192 tokens)",
                "type": "exceed_context_size_error",
            },
        ),
        (413, {"message": "Request exceeds the maximum context length"}),
    ],
)
async def test_a_question_too_long_for_the_model_is_cut_like_an_answer_that_was(
    status: int, error: dict[str, Any]
) -> None:
    script = Script(httpx2.Response(status, json={"error": error}))

    with pytest.raises(TruncatedError, match=r"too long for 'm' .*ask about less at once"):
        await model_at(script, mode="auto").ask(ASKED, Draft, max_tokens=99, label="who")

    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 429, 500])
async def test_no_error_shows_the_key_however_the_endpoint_quotes_it(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(*[refused(status, f"Incorrect API key provided: {KEY}")] * 50)

    with pytest.raises(ModelError) as caught:
        await model_at(script).ask(ASKED, Draft, label="who")

    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__
    assert KEY not in caplog.text


# --- life on the event loop -------------------------------------------------------------------


async def test_no_more_questions_are_on_their_way_than_the_setting_allows() -> None:
    running = most = 0

    async def respond(_request: httpx2.Request) -> httpx2.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return said()

    model = model_at(httpx2.MockTransport(respond), concurrency=3)

    answers = await asyncio.gather(
        *(model.ask(ASKED, Draft, label=str(number)) for number in range(12))
    )

    assert len(answers) == 12
    assert most == 3


async def test_models_that_share_a_pacer_wait_for_each_other() -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    pacer = Pacer(sleep=note)
    busy = httpx2.Response(503, headers={"retry-after": "9"}, json={})
    one = model_at(Script(busy), pacer=pacer, max_tries=1)
    other = model_at(Script(said()), pacer=pacer)

    with pytest.raises(ModelError):
        await one.ask(ASKED, Draft, label="one")
    await other.ask(ASKED, Draft, label="other")

    assert waits == [pytest.approx(9, abs=0.1)]


def test_a_model_that_is_connected_takes_neither_pacer_nor_other_settings() -> None:
    with pytest.raises(SettingsError, match="connected already"):
        connect(FakeModel([]), pacer=Pacer())


def test_the_first_question_has_all_its_time_and_the_event_loop_runs_on() -> None:
    # In a fresh interpreter, where the SDK is not imported yet, which takes 2 s.
    code = """
import asyncio, json, sys
from pydantic import BaseModel
from vocero.model import connect

class Draft(BaseModel):
    n: int

async def main():
    import httpx2
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": '{"n": 1}'}}
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(200, json=body))
    model = connect("m", base_url="http://models.example/v1", timeout=0.3, transport=transport)
    asking = asyncio.create_task(model.ask([{"role": "user", "content": "?"}], Draft, label="who"))
    beats = 0
    while not asking.done():
        await asyncio.sleep(0.01)
        beats += "openai" in sys.modules
    print(json.dumps([asking.result().transport_retries, beats]))

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    retries, beats = json.loads(done.stdout)
    assert retries == 0
    assert beats > 5


def test_what_changes_answers_is_told_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOCERO_LOCAL_MODEL", raising=False)
    remote = model_at(Script(), mode="tools").parameters
    embedded = connect().parameters

    assert remote == {"mode": "tools", "temperature": 0}
    assert embedded == {
        "mode": "json_schema",
        "temperature": 0,
        "weights": {"sha256": EMBEDDED.sha256},
    }
    assert json.loads(json.dumps(embedded)) == embedded


def test_one_model_serves_one_event_loop_after_another() -> None:
    model = model_at(httpx2.MockTransport(lambda _request: said()))

    async def ask() -> Draft:
        try:
            return (await model.ask(ASKED, Draft, label="who")).value
        finally:
            await model.aclose()

    assert asyncio.run(ask()) == asyncio.run(ask()) == DRAFT


async def test_a_cancelled_question_ends_and_frees_its_place() -> None:
    sent = asyncio.Event()

    async def respond(_request: httpx2.Request) -> httpx2.Response:
        if sent.is_set():
            return said()
        sent.set()
        await asyncio.Event().wait()
        raise AssertionError

    model = model_at(httpx2.MockTransport(respond), concurrency=1)
    first = asyncio.create_task(model.ask(ASKED, Draft, label="one"))
    await sent.wait()
    first.cancel()

    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await model.ask(ASKED, Draft, label="two")).value == DRAFT


async def test_a_fault_of_the_observer_is_not_taken_for_one_of_the_model() -> None:
    def broken(_record: CallRecord) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await model_at(Script(said()), on_call=broken).ask(ASKED, Draft, label="who")


# --- the embedded model -----------------------------------------------------------------------


class FakeLease:
    """Stands in for a lease on the embedded server, which moves to another port when it dies."""

    model = "embedded-weights"

    def __init__(self) -> None:
        self.port, self.ensured, self.released = 8001, 0, 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def api_key(self) -> str:
        return f"key-of-{self.port}"

    def ensure(self) -> None:
        self.ensured += 1
        self.port += 1

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def leases(monkeypatch: pytest.MonkeyPatch) -> list[FakeLease]:
    """The leases taken on the embedded server."""
    taken: list[FakeLease] = []

    def acquire(*, progress: object) -> FakeLease:
        assert progress is None
        taken.append(FakeLease())
        return taken[-1]

    monkeypatch.setattr("vocero.model.local.acquire", acquire)
    return taken


async def test_the_embedded_model_is_started_by_the_first_question_and_let_go(
    leases: list[FakeLease],
) -> None:
    script = Script(said(), said())
    model = connect(transport=script, sleep=no_wait)
    assert (model.where, leases) == ("embedded", [])

    for label in ("one", "two"):
        await model.ask(ASKED, Draft, label=label)
    assert model.where == "embedded, http://127.0.0.1:8001/v1"
    await model.aclose()

    assert len(leases) == leases[0].released == 1
    assert script.requests[0].headers["authorization"] == "Bearer key-of-8001"
    body = script.bodies[0]
    assert (body["model"], body["cache_prompt"]) == ("embedded-weights", False)
    # Its grammar honours bounds on lengths, and a small model needs them.
    properties = body["response_format"]["json_schema"]["schema"]["$defs"]["Item"]["properties"]
    assert properties["title"] == {"type": "string", "maxLength": 20}


async def test_an_embedded_server_that_died_is_started_again_and_asked_where_it_is_now(
    leases: list[FakeLease],
) -> None:
    hosts: list[str] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        hosts.append(f"{request.url.netloc.decode()} {request.headers['authorization']}")
        if request.url.port == 8001:
            msg = "All connection attempts failed"
            raise httpx2.ConnectError(msg)
        return said()

    got = await connect(transport=httpx2.MockTransport(respond), sleep=no_wait).ask(
        ASKED, Draft, label="who"
    )

    assert got.transport_retries == leases[0].ensured == 1
    assert hosts == ["127.0.0.1:8001 Bearer key-of-8001", "127.0.0.1:8002 Bearer key-of-8002"]


async def test_a_lease_that_comes_after_the_question_was_cancelled_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starting, may_start = threading.Event(), threading.Event()
    taken: list[FakeLease] = []

    def acquire(*, progress: object) -> FakeLease:
        assert progress is None
        starting.set()
        assert may_start.wait(10)
        taken.append(FakeLease())
        return taken[-1]

    monkeypatch.setattr("vocero.model.local.acquire", acquire)
    model = connect(transport=Script(said()), sleep=no_wait)
    question = asyncio.create_task(model.ask(ASKED, Draft, label="who"))
    assert await asyncio.to_thread(starting.wait, 10)
    question.cancel()
    await asyncio.gather(question, return_exceptions=True)
    await model.aclose()
    may_start.set()

    assert (await model.ask(ASKED, Draft, label="again")).value == DRAFT
    await model.aclose()
    assert [lease.released for lease in taken] == [1] * len(taken)


def about(article: str, task: str) -> list[Message]:
    return [{"role": "user", "content": f"<article>{article * 40}</article>\n\n{task}"}]


@pytest.mark.usefixtures("leases")
async def test_the_embedded_server_keeps_what_it_read_only_within_an_article() -> None:
    wire = Script(*[said()] * 4)
    model = connect(transport=wire, sleep=no_wait)

    for article, task in (("mina ", "who"), ("mina ", "what"), ("lago ", "who"), ("lago ", "what")):
        await model.ask(about(article, task), Draft, label=task)
    await model.aclose()

    assert [body["cache_prompt"] for body in wire.bodies] == [False, True, False, True]


@pytest.mark.usefixtures("leases")
async def test_questions_that_a_journal_answered_are_read_again_before_the_next_about_the_article(
    tmp_path: Path,
) -> None:
    questions = [about(*one) for one in (("mina ", "a"), ("lago ", "a"), ("lago ", "b"))]
    uninterrupted = Script(*[said()] * 4)
    with Journal(tmp_path / "journal.sqlite") as journal:
        model = Journaled(connect(transport=uninterrupted, sleep=no_wait), journal)
        for question in questions:
            await model.ask(question, Draft, label="first session")
        await model.aclose()

        resumed = Script(*[said()] * 3)
        model = Journaled(connect(transport=resumed, sleep=no_wait), journal)
        for question in (*questions, about("lago ", "c")):
            await model.ask(question, Draft, label="second session")
        await model.aclose()

    *rehearsed, asked = resumed.bodies
    assert [(body["messages"], body["cache_prompt"]) for body in rehearsed] == [
        (body["messages"], body["cache_prompt"]) for body in uninterrupted.bodies[1:]
    ]
    assert all(body["max_tokens"] == 1 for body in rehearsed)
    assert asked["messages"] == about("lago ", "c")
    assert asked["cache_prompt"]


@pytest.mark.usefixtures("leases")
async def test_questions_reach_the_embedded_server_in_the_order_in_which_they_were_asked() -> None:
    wire = Script(*[said()] * 12)
    model = connect(transport=wire, sleep=no_wait)
    tasks = [f"task {number}" for number in range(12)]
    await asyncio.gather(*(model.ask(about("mina ", one), Draft, label=one) for one in tasks))
    await model.aclose()
    assert [body["messages"][0]["content"].split("\n\n")[1] for body in wire.bodies] == tasks
