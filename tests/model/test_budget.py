"""A limit on money or tokens is kept before it is crossed, however many requests are on their way."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import BaseModel

from vocero.errors import AnswerError, BudgetError, ModelError, SettingsError, TransportError
from vocero.model import Budget, Message, Price, connect, spent_on
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vocero.model import Model

ASKED: list[Message] = [{"role": "user", "content": "1| «No», dijo Kirby."}]
PRICE = Price.parse("10/20")
"""So that 100 tokens of a question and 10 of its answer cost 0.0012."""


class Saying(BaseModel):
    who: str


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no settings file of the machine that runs the tests."""
    for setting in ("TIMEOUT", "CONCURRENCY", "PRICE"):
        monkeypatch.delenv(f"VOCERO_{setting}", raising=False)
    monkeypatch.chdir(tmp_path)


def answered(
    content: str = '{"who": "Kirby"}', usage: tuple[int, int] | None = (100, 10)
) -> httpx2.Response:
    message = {"role": "assistant", "content": content}
    body: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return httpx2.Response(200, json=body)


class Endpoint:
    """Gives the same answer after a moment, and counts the requests that reach it."""

    def __init__(self, respond: Callable[[], httpx2.Response] = answered) -> None:
        self.requests = 0
        self._respond = respond

    async def __call__(self, _request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        await asyncio.sleep(0.001)
        return self._respond()

    def model(self, budget: Budget, **settings: Any) -> Model:
        async def no_wait(_seconds: float) -> None:
            pass

        return connect(
            "m",
            base_url="http://models.example/v1",
            mode="json_schema",
            transport=httpx2.MockTransport(self),
            sleep=no_wait,
            budget=budget,
            **settings,
        )


async def ask(model: Model, questions: int, max_tokens: int = 50) -> list[object]:
    return await asyncio.gather(
        *(
            model.ask(ASKED, Saying, max_tokens=max_tokens, label=str(number))
            for number in range(questions)
        ),
        return_exceptions=True,
    )


def failures(results: list[object]) -> list[BaseException]:
    return [one for one in results if isinstance(one, BaseException)]


async def test_tokens_are_spent_up_to_the_budget_and_not_beyond_with_fifty_in_flight() -> None:
    endpoint, budget = Endpoint(), Budget(tokens=5000)

    results = await ask(endpoint.model(budget, concurrency=50), 80)

    # A request is held for 370 tokens and takes 110: while others may still turn out cheaper it
    # waits, so the budget is used to within one request's bound.
    assert budget.spent == Usage(
        input_tokens=100 * endpoint.requests, cached_tokens=0, output_tokens=10 * endpoint.requests
    )
    assert 5000 - 500 < 110 * endpoint.requests <= 5000
    assert len(failures(results)) == 80 - endpoint.requests
    assert {type(one) for one in failures(results)} == {BudgetError}


async def test_money_is_spent_up_to_the_budget_and_not_beyond() -> None:
    endpoint, budget = Endpoint(), Budget(money=Decimal("0.05"))

    results = await ask(endpoint.model(budget, concurrency=50, price=PRICE), 100)

    assert budget.spent_money == Decimal("0.0012") * endpoint.requests
    assert Decimal("0.045") < budget.spent_money <= Decimal("0.05")
    error = failures(results)[0]
    assert not isinstance(error, ModelError)
    assert str(error) == (
        "the budget of 0.05 does not last for the next request, which may take 339 tokens "
        f"({budget.spent_money:.4f} for {110 * endpoint.requests:,} tokens spent): "
        "raise it and go on from here"
    )


async def test_a_budget_that_lasts_stops_nothing() -> None:
    endpoint, budget = Endpoint(), Budget(tokens=100_000, money=Decimal(1), price=PRICE)

    assert failures(await ask(endpoint.model(budget, concurrency=8), 40)) == []
    assert budget.spent_money == Decimal("0.048")


async def test_an_answer_that_is_asked_for_again_is_paid_for_each_time() -> None:
    endpoint = Endpoint(lambda: answered('{"nobody": 1}'))
    budget = Budget(tokens=1500)

    with pytest.raises(BudgetError) as raised:
        await endpoint.model(budget, validation_retries=9).ask(
            ASKED, Saying, max_tokens=50, label="who"
        )

    assert budget.spent.output_tokens == 10 * endpoint.requests
    assert 1 < endpoint.requests < 10
    assert spent_on(raised.value).usage.input_tokens == 100 * endpoint.requests


async def test_what_the_endpoint_does_not_count_is_spent_as_it_was_held() -> None:
    endpoint, budget = Endpoint(lambda: answered(usage=None)), Budget(tokens=1000)

    await ask(endpoint.model(budget), 50)

    assert endpoint.requests == 2
    assert budget.spent.output_tokens == 100
    assert (budget.spent.input_tokens or 0) > 200


async def test_refusals_cost_nothing() -> None:
    left = iter([httpx2.Response(429), httpx2.Response(503), answered()])
    budget = Budget(tokens=1000)

    await Endpoint(lambda: next(left)).model(budget).ask(ASKED, Saying, max_tokens=50, label="who")

    assert budget.spent == Usage(input_tokens=100, cached_tokens=0, output_tokens=10)


async def test_nobody_there_costs_nothing_and_a_connection_lost_may_have_cost_all() -> None:
    def unreachable() -> httpx2.Response:
        msg = "All connection attempts failed"
        raise httpx2.ConnectError(msg)

    def lost() -> httpx2.Response:
        msg = "Connection reset by peer"
        raise httpx2.ReadError(msg)

    spent = []
    for fault in (unreachable, lost):
        budget = Budget(tokens=1000)
        with pytest.raises(TransportError):
            await (
                Endpoint(fault)
                .model(budget, max_tries=1)
                .ask(ASKED, Saying, max_tokens=50, label="who")
            )
        spent.append(budget.spent.output_tokens)

    assert spent == [0, 50]


async def test_a_question_that_was_cancelled_gives_back_what_it_did_not_send() -> None:
    budget = Budget(tokens=1000)
    model = Endpoint(lambda: httpx2.Response(429, headers={"retry-after": "60"})).model(budget)
    waiting = asyncio.create_task(model.ask(ASKED, Saying, max_tokens=50, label="who"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert budget.spent == Usage(input_tokens=0, cached_tokens=0, output_tokens=0)
    assert failures(await ask(Endpoint().model(budget), 5)) == []


async def test_a_run_that_is_resumed_goes_on_with_what_was_left() -> None:
    before = Usage(input_tokens=9000, output_tokens=900)
    budget = Budget(tokens=10_500, price=PRICE, spent=before)
    endpoint = Endpoint()

    await ask(endpoint.model(budget), 20)

    assert 1 <= endpoint.requests <= 5
    assert budget.spent_money == Decimal("0.108") + Decimal("0.0012") * endpoint.requests


async def test_two_models_may_share_a_budget() -> None:
    endpoint, budget = Endpoint(), Budget(tokens=3000)
    models = [endpoint.model(budget), endpoint.model(budget)]

    await asyncio.gather(*(ask(model, 30) for model in models))

    assert 2500 < 110 * endpoint.requests <= 3000


def test_a_budget_of_money_needs_a_price() -> None:
    with pytest.raises(SettingsError, match="needs a price: set VOCERO_PRICE"):
        Endpoint().model(Budget(money=Decimal(25)))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "limits money, tokens or both"),
        ({"tokens": -1}, "a budget of -1 is none"),
        ({"money": Decimal("NaN")}, "a budget of NaN is none"),
        ({"tokens": 5, "spent": Usage()}, "what was spent before is unknown"),
    ],
)
def test_a_budget_that_is_none_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Budget(**given)


async def test_a_budget_does_not_hide_what_else_goes_wrong() -> None:
    refusal = {"role": "assistant", "content": None, "refusal": "No."}
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m"}
    choice = {"index": 0, "finish_reason": "stop", "message": refusal}
    endpoint = Endpoint(lambda: httpx2.Response(200, json=body | {"choices": [choice]}))

    with pytest.raises(AnswerError, match="refused to answer"):
        await endpoint.model(Budget(tokens=5000)).ask(ASKED, Saying, max_tokens=50, label="who")
