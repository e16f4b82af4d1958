"""Many questions at once, cancelled ones, and one event loop after another."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import httpx2
import pytest

from asking import ASKED, DRAFT, Draft, Script, model_at, said
from vocero.errors import ModelError, SettingsError
from vocero.model import CallRecord, FakeModel, Pacer, connect
from vocero.model.local import EMBEDDED

pytestmark = pytest.mark.usefixtures("nothing_set")


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
