"""The embedded model behind its own server: leased, mended, and asked in order."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING

import httpx2
import pytest

from asking import ASKED, DRAFT, Draft, Script, no_wait, said
from vocero.corpus import Journal, Journaled
from vocero.model import Message, connect

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("nothing_set")


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
async def test_another_event_loop_may_ask_about_another_article_while_one_is_read_again(
    tmp_path: Path,
) -> None:
    class Interrupted(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            if json.loads(request.content).get("max_tokens") == 1:
                other = shared.ask(about("lago ", "a"), Draft, label="other loop")
                await asyncio.to_thread(asyncio.run, other)
            return said()

    with Journal(tmp_path / "journal.sqlite") as journal:
        before = Journaled(connect(transport=Script(said()), sleep=no_wait), journal)
        await before.ask(about("mina ", "a"), Draft, label="first session")
        await before.aclose()

        shared = connect(transport=Interrupted(), sleep=no_wait)
        model = Journaled(shared, journal)
        await model.ask(about("mina ", "a"), Draft, label="second session")
        got = await model.ask(about("mina ", "b"), Draft, label="second session")
        await model.aclose()

    assert got.value == DRAFT


@pytest.mark.usefixtures("leases")
async def test_questions_reach_the_embedded_server_in_the_order_in_which_they_were_asked() -> None:
    wire = Script(*[said()] * 12)
    model = connect(transport=wire, sleep=no_wait)
    tasks = [f"task {number}" for number in range(12)]
    await asyncio.gather(*(model.ask(about("mina ", one), Draft, label=one) for one in tasks))
    await model.aclose()
    assert [body["messages"][0]["content"].split("\n\n")[1] for body in wire.bodies] == tasks
