"""Whatever an endpoint sends, one question fails at most: in one line, and never as a bug."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import httpx2
import pytest
from pydantic import BaseModel

from vocero.errors import AnswerError, ModelError, RequestError, TransportError
from vocero.model import Message, Model, connect
from vocero.schema import Usage

if TYPE_CHECKING:
    from vocero.model import Answer

ASKED: list[Message] = [{"role": "user", "content": "1| «No», dijo Kirby."}]
FITTING = '{"who": "Kirby"}'
TOO_DEEP = "[" * 100_000 + "]" * 100_000
HALF = "\ud800"


class Saying(BaseModel):
    who: str


def body(*, choice: dict[str, Any] | None = None, **parts: object) -> dict[str, Any]:
    """A completion as endpoints send it, with parts of another kind."""
    message = {"role": "assistant", "content": FITTING}
    choices = [{"index": 0, "finish_reason": "stop", "message": message} | (choice or {})]
    return {"id": "1", "model": "m-2026", "choices": choices, "usage": None} | parts


def saying(**parts: object) -> dict[str, Any]:
    return body(choice={"message": {"role": "assistant", "content": FITTING} | parts})


def calling(**function: object) -> dict[str, Any]:
    return saying(tool_calls=[{"id": "call-1", "type": "function", "function": function}])


def model_at(
    sent: str, *, status: int = 200, mode: Literal["json_schema", "tools"] = "json_schema"
) -> Model:
    async def no_wait(_seconds: float) -> None:
        pass

    head = {"content-type": "application/json"}
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(status, content=sent.encode(), headers=head)
    )
    return connect(
        "m",
        base_url="http://models.example/v1",
        api_key="x",
        mode=mode,
        max_tries=2,
        max_seconds=10.0 if status == 200 else 0.01,
        transport=transport,
        sleep=no_wait,
    )


async def asked(sent: dict[str, Any]) -> Answer[Saying]:
    return await model_at(json.dumps(sent)).ask(ASKED, Saying, label="who")


@pytest.mark.parametrize("odd", [{"x": 1}, 5, ["m"], None])
async def test_a_model_or_a_reason_to_stop_that_is_no_text_is_none(odd: object) -> None:
    got = await asked(body(model=odd, choice={"finish_reason": odd}))

    assert (got.value, got.model, got.finish) == (Saying(who="Kirby"), "m", None)


async def test_parts_that_are_missing_are_none() -> None:
    got = await asked({"choices": [{"message": {"content": FITTING}}]})

    assert (got.model, got.finish, got.usage) == ("m", None, Usage())


@pytest.mark.parametrize("odd", [10**30, 2**63, -1, 1.5, "some", {"a": 1}, float("nan")])
async def test_counts_that_can_be_none_are_unknown(odd: object) -> None:
    told = {"prompt_tokens": odd, "completion_tokens": 7}
    got = await asked(body(usage=told | {"prompt_tokens_details": {"cached_tokens": odd}}))

    assert got.usage == Usage(output_tokens=7)


@pytest.mark.parametrize(
    "sent",
    [
        f'{{"choices": {TOO_DEEP}}}',
        f'{{"error": {TOO_DEEP}}}',
        json.dumps(body())[:-1] + ', "x": ' + "9" * 6000 + "}",
    ],
    ids=["choices too deep", "error too deep", "6,000 digits"],
)
async def test_what_cannot_be_read_is_no_completion(sent: str) -> None:
    with pytest.raises(TransportError, match="sent no completion after 2 tries"):
        await model_at(sent).ask(ASKED, Saying, label="who")


@pytest.mark.parametrize(
    "sent",
    [
        saying(content=5),
        saying(content={"a": 1}),
        saying(content=HALF),
        saying(content=f'{{"whom": "{HALF}"}}'),
        body(choice={"message": 5}),
        body(choices=5),
        body(choices=[5]),
        body(choices={"a": 1}),
        calling(name=5, arguments=5),
        calling(name="Saying", arguments=HALF),
        saying(tool_calls=5),
        saying(tool_calls=[5]),
    ],
)
@pytest.mark.parametrize("mode", ["json_schema", "tools"])
async def test_an_answer_of_another_kind_is_unfit(
    sent: dict[str, Any], mode: Literal["json_schema", "tools"]
) -> None:
    if mode == "json_schema" and "tool_calls" in str(sent):
        sent["choices"][0]["message"]["content"] = None

    with pytest.raises(AnswerError, match="3 answers of 'm', none usable") as failed:
        await model_at(json.dumps(sent), mode=mode).ask(ASKED, Saying, label="who")

    assert str(failed.value).isprintable()


async def test_a_refusal_that_is_no_text_is_none() -> None:
    assert (await asked(saying(refusal=5))).value == Saying(who="Kirby")


async def test_half_a_character_is_replaced() -> None:
    got = await asked(saying(content=f'{{"who": "Kirby{HALF}"}}'))

    assert got.value == Saying(who="Kirby\ufffd")
    with pytest.raises(AnswerError, match=r"refused to answer \(\ufffd\)"):
        await asked(saying(refusal=HALF))


@pytest.mark.parametrize("status", [400, 429, 500])
@pytest.mark.parametrize(
    "report",
    [
        '{"message": "no", "code": {"a": 1}, "type": [1]}',
        '{"message": "no", "code": 5}',
        '{"message": {"a": 1}}',
        '{"message": "\\ud800"}',
        TOO_DEEP,
        "9" * 6000,
        "5",
    ],
    ids=["odd code", "number", "odd message", "half", "too deep", "6,000 digits", "five"],
)
async def test_an_error_report_of_another_kind_is_told_in_one_line(
    status: int, report: str
) -> None:
    model = model_at(f'{{"error": {report}}}', status=status)

    with pytest.raises(ModelError, match=f"{status}") as failed:
        await model.ask(ASKED, Saying, label="who")

    assert isinstance(failed.value, RequestError if status == 400 else TransportError)
    assert len(str(failed.value)) < 500
    assert str(failed.value).isprintable()
