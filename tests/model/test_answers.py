"""Answers that do not fit the class, and what all of them cost."""

from __future__ import annotations

import json
from typing import Literal

import httpx2
import pytest

from asking import ASKED, DRAFT, FITTING, UNFIT, Draft, Many, Script, called, model_at, said, tokens
from vocero.errors import AnswerError, TruncatedError
from vocero.model import CallRecord, spent_on
from vocero.schema import Usage

pytestmark = pytest.mark.usefixtures("nothing_set")


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
