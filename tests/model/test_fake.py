"""The model that users test with: it answers from a script and is as strict as a real one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ConfigDict

from vocero.errors import AnswerError, TruncatedError
from vocero.model import FakeModel, Message, Model, spent_on
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence


class Saying(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    who: str
    n: int


ASKED: list[Message] = [{"role": "user", "content": "1| Kirby dijo que no."}]
KIRBY = Saying(who="Kirby", n=1)


async def test_it_gives_its_answers_in_order_and_remembers_what_it_was_asked() -> None:
    model: Model = FakeModel([{"who": "Kirby", "n": 1}, '{"who": "Kirby", "n": 1}', KIRBY])

    for label in ("first", "second", "third"):
        got = await model.ask(ASKED, Saying, max_tokens=50, label=label)
        assert got.value == KIRBY
        assert (got.validation_retries, got.transport_retries) == (0, 0)

    assert isinstance(model, FakeModel)
    assert [call.label for call in model.calls] == ["first", "second", "third"]
    assert model.calls[0].messages[0]["content"] == "1| Kirby dijo que no."
    assert (model.calls[0].answer, model.calls[0].max_tokens) == (Saying, 50)


async def test_a_function_may_look_at_the_question() -> None:
    def script(messages: Sequence[Message], answer: type[BaseModel]) -> dict[str, object]:
        assert answer is Saying
        return {"who": messages[-1]["content"].split()[1], "n": 1}

    got = await FakeModel(script).ask(ASKED, Saying, label="who")

    assert got.value == KIRBY


async def test_an_answer_that_does_not_fit_takes_the_next_of_the_script() -> None:
    each = Usage(input_tokens=100, output_tokens=10)
    model = FakeModel(["no JSON", {"who": "Kirby"}, KIRBY], usage=each)

    got = await model.ask(ASKED, Saying, label="who")

    assert got.value == KIRBY
    assert got.validation_retries == 2
    assert got.usage == Usage(input_tokens=300, output_tokens=30)
    assert len(model.calls) == 1


async def test_answers_that_never_fit_end_in_the_error_of_a_real_model() -> None:
    model = FakeModel(lambda _messages, _answer: {"n": 1}, usage=Usage(output_tokens=5))

    with pytest.raises(AnswerError, match=r"^who: 3 answers of 'fake'.*who: Field required") as e:
        await model.ask(ASKED, Saying, label="who")

    assert spent_on(e.value).usage.output_tokens == 15
    assert spent_on(e.value).validation_retries == 2


async def test_an_exception_of_the_script_is_raised() -> None:
    model = FakeModel([TruncatedError("too long"), KIRBY])

    with pytest.raises(TruncatedError, match="too long"):
        await model.ask(ASKED, Saying, label="all")
    assert (await model.ask(ASKED, Saying, label="half")).value == KIRBY


async def test_a_question_beyond_the_script_fails_the_test_that_asked_it() -> None:
    with pytest.raises(AssertionError, match=r"no answer left for question 1 \(who\)"):
        await FakeModel([]).ask(ASKED, Saying, label="who")


def test_neither_the_package_nor_the_fake_import_the_sdk() -> None:
    code = (
        "import sys; from vocero.model import FakeModel, connect; FakeModel([]); connect('local');"
        "print(*{'openai', 'instructor', 'tenacity', 'httpx2'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert not done.stdout.strip()
