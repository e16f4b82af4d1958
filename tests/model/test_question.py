"""What a request says, how an answer is read, and how one that does not fit is asked for again.

The same three functions serve questions over HTTP and whoever carries bodies otherwise.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from vocero.errors import AnswerError, TruncatedError
from vocero.model import Message, connect
from vocero.model.completion import completion_of
from vocero.model.exchange import correction, read_answer, request_body
from vocero.model.unfit import UnfitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai.types.chat import ChatCompletion

    from vocero.model.exchange import AnswerMode

ASKED: list[Message] = [{"role": "user", "content": "1| «No», dijo Kirby. {{ 7*7 }}"}]
FITTING, UNFIT = '{"n": 1}', '{"n": 0}'


class Draft(BaseModel):
    """A number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(ge=1)
    how: str = Field(default="", max_length=20)
    _seen: bool = PrivateAttr(default=True)


@pytest.fixture(params=["json_schema", "tools"])
def mode(request: pytest.FixtureRequest) -> AnswerMode:
    value: AnswerMode = request.param
    return value


def body(content: str | None, mode: AnswerMode, **message: object) -> dict[str, Any]:
    """A completion as endpoints send it."""
    said: dict[str, Any] = {"role": "assistant", "content": content}
    if mode == "tools":
        function = {"name": "Draft", "arguments": content}
        call = {"id": "call-1", "type": "function", "function": function}
        said |= {"content": None, "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "stop", "message": said | message}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


def completion(content: str | None, mode: AnswerMode, **message: object) -> ChatCompletion:
    """The same as it is let in."""
    return completion_of(body(content, mode, **message))


async def over_http(
    mode: AnswerMode, answers: Sequence[dict[str, Any]], *, max_tokens: int | None = None
) -> tuple[Draft, list[dict[str, Any]]]:
    """What comes of answers that a model gives in order, and the bodies it was sent."""
    sent: list[dict[str, Any]] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(request.content))
        return httpx2.Response(200, json=answers[len(sent) - 1])

    model = connect(
        "m",
        base_url="http://models.example/v1",
        mode=mode,
        transport=httpx2.MockTransport(respond),
    )
    got = await model.ask(ASKED, Draft, max_tokens=max_tokens, label="who")
    return got.value, sent


@pytest.mark.parametrize("max_tokens", [None, 99])
async def test_a_question_sends_what_request_body_makes(
    mode: AnswerMode, max_tokens: int | None
) -> None:
    value, sent = await over_http(mode, [body(FITTING, mode)], max_tokens=max_tokens)

    made = request_body(ASKED, Draft, mode, max_tokens=max_tokens, lengths=False)
    assert sent == [made | {"model": "m"}]
    assert value == read_answer(completion(FITTING, mode), Draft, mode, who="who: 'm'")


async def test_a_question_asks_again_with_what_correction_makes(mode: AnswerMode) -> None:
    _, sent = await over_http(mode, [body(UNFIT, mode), body(FITTING, mode)])

    refused = completion(UNFIT, mode)
    with pytest.raises(UnfitError, match="n: Input should be greater than or equal to 1") as why:
        read_answer(refused, Draft, mode, who="who: 'm'")
    said, complaint = correction(refused, mode, why.value)
    assert sent[1]["messages"] == [*ASKED, said, complaint]
    assert said["role"] == "assistant"
    assert complaint["role"] == {"json_schema": "user", "tools": "tool"}[mode]
    assert "greater than or equal to 1" in complaint["content"]


async def test_an_answer_without_a_message_leaves_the_last_correction_standing(
    mode: AnswerMode,
) -> None:
    empty = body(None, mode) | {"choices": []}

    _, sent = await over_http(mode, [body(UNFIT, mode), empty, body(FITTING, mode)])

    assert sent[2] == sent[1]
    assert len(sent[1]["messages"]) == 3


def test_the_schema_is_built_once_for_each_class(mode: AnswerMode) -> None:
    first, second = (
        request_body(ASKED, Draft, mode, max_tokens=None, lengths=False) for _ in range(2)
    )
    part = "tools" if mode == "tools" else "response_format"
    assert first[part] is second[part]


def test_bounds_on_lengths_are_kept_where_they_are_honoured() -> None:
    def how(*, lengths: bool) -> dict[str, Any]:
        made = request_body(ASKED, Draft, "json_schema", max_tokens=None, lengths=lengths)
        found: dict[str, dict[str, Any]]
        found = made["response_format"]["json_schema"]["schema"]["properties"]
        return found["how"]

    assert how(lengths=True) == {"type": "string", "maxLength": 20}
    assert how(lengths=False) == {"type": "string"}


def test_an_answer_is_what_its_class_makes_of_it_and_nothing_more(mode: AnswerMode) -> None:
    value = read_answer(completion(FITTING, mode), Draft, mode, who="who: 'm'")

    assert type(value) is Draft
    assert vars(value) == {"n": 1, "how": ""}
    assert value.model_fields_set == {"n"}
    assert value._seen


def test_a_refusal_of_no_words_is_none(mode: AnswerMode) -> None:
    answer = completion(FITTING, mode, refusal="")

    assert read_answer(answer, Draft, mode, who="who: 'm'") == Draft(n=1)


@pytest.mark.parametrize(
    "calls",
    [
        [{"id": "1", "type": "custom", "custom": {"name": "Draft", "input": FITTING}}],
        [{"id": "1", "type": "function"}],
        [{"id": "1", "type": "function", "function": None}],
    ],
)
def test_a_call_of_no_function_is_no_answer(calls: list[dict[str, object]]) -> None:
    answer = completion(None, "tools", tool_calls=calls)

    with pytest.raises(UnfitError, match="No tool calls") as why:
        read_answer(answer, Draft, "tools", who="who: 'm'")
    assert len(correction(answer, "tools", why.value)) == 2


@pytest.mark.parametrize("choices", [[], None, "none", ["none"], [{"index": 0}]])
def test_choices_that_are_none_are_no_answer(mode: AnswerMode, choices: object) -> None:
    answer = completion_of(body(FITTING, mode) | {"choices": choices})

    with pytest.raises(UnfitError, match="holds no message") as why:
        read_answer(answer, Draft, mode, who="who: 'm'")
    assert correction(answer, mode, why.value) == []


def test_words_where_a_call_was_asked_for_are_corrected() -> None:
    answer = completion("Kirby dijo que no.", "json_schema")

    with pytest.raises(UnfitError, match="No tool calls") as why:
        read_answer(answer, Draft, "tools", who="who: 'm'")
    said, complaint = correction(answer, "tools", why.value)
    assert said == {"role": "assistant", "content": "Kirby dijo que no."}
    assert complaint["role"] == "user"


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"finish_reason": "length"}, TruncatedError, "who: 'm' was cut at its token limit"),
        ({"finish_reason": "content_filter"}, AnswerError, "who: 'm' was stopped by a content"),
    ],
)
def test_what_asking_again_cannot_mend_says_who_and_what(
    mode: AnswerMode, change: dict[str, str], error: type[Exception], told: str
) -> None:
    cut = body(FITTING, mode)
    cut["choices"][0] |= change

    with pytest.raises(error, match=told):
        read_answer(completion_of(cut), Draft, mode, who="who: 'm'")
