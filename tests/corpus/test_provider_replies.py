"""Half-price batches: what comes of replies, refused, unfit and odd ones among them."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from posting import (
    ARTICLES,
    ask,
    engine_of,
    failures,
    in_two_rounds,
    mock,
    once,
    post,
    records,
    written,
)
from runs import articles
from vocero.corpus.batch import Batch
from vocero.corpus.journal import Journal
from vocero.corpus.provider import OpenAIBatch
from vocero.errors import (
    AuthenticationError,
    BudgetError,
    ModelError,
    QuotaError,
    SettingsError,
    TransportError,
    VoceroError,
)
from vocero.model import ModelSettings
from vocero.testing import Batches, Reply, faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vocero.corpus import Record
    from vocero.corpus.manifest import Manifest
    from vocero.testing.reply import Json

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("at_a_fixed_time"),
]


def test_a_refused_request_costs_its_article(tmp_path: Path) -> None:
    fault = faults.status(400, "The request is odd.").containing("mina número 3")
    with mock(faults=[fault]) as server:
        ask(tmp_path / "online", server)
        post(tmp_path / "posted", server)

    [failed] = failures(tmp_path / "posted")
    assert failed["error"] == "RequestError"
    assert written(tmp_path / "posted") == written(tmp_path / "online")
    assert records(tmp_path / "posted") == records(tmp_path / "online")


@pytest.mark.parametrize(
    ("status", "kind", "cure"),
    [(401, AuthenticationError, "set VOCERO_API_KEY"), (402, QuotaError, "pay there")],
)
def test_what_no_request_would_survive_stops_the_run_and_is_forgotten(
    tmp_path: Path, status: int, kind: type[ModelError], cure: str
) -> None:
    with mock(faults=[faults.status(status).first(6)]) as server:
        with pytest.raises(kind, match=cure):
            post(tmp_path, server)
        post(tmp_path, server)
    assert failures(tmp_path) == []


def test_when_nothing_succeeds_the_run_stops_and_tries_again_when_it_is_run_again(
    tmp_path: Path,
) -> None:
    many = list(articles(25))
    with (
        mock(faults=[faults.status(503)]) as server,
        pytest.raises(ModelError, match="20 articles in a row failed in the same way"),
    ):
        post(tmp_path, server, many)
    with mock() as server:
        post(tmp_path, server, many)
    assert failures(tmp_path) == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.malformed_answer(),
        faults.wrong_schema(),
        faults.empty_choices(),
        faults.refusal(),
        faults.cut_answer(),
    ],
    ids=lambda fault: fault.name,
)
@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_answers_that_do_not_fit_are_asked_for_again_as_online(
    tmp_path: Path, fault: faults.Fault, times: int | None
) -> None:
    fault = fault.containing("mina número 3")
    planned = fault if times is None else fault.first(times)
    with mock(faults=[planned]) as server:
        ask(tmp_path / "online", server)
    with mock(faults=[planned]) as server:
        post(tmp_path / "posted", server)

    assert written(tmp_path / "posted") == written(tmp_path / "online")
    assert records(tmp_path / "posted") == records(tmp_path / "online")
    assert once(server.batches)


def test_a_cut_answer_is_asked_for_in_parts_side_by_side(tmp_path: Path) -> None:
    with mock(faults=[faults.cut_answer().first(1)]) as server:
        post(tmp_path, server, ARTICLES[:1])

    # The whole, then both halves in one batch, then the claims.
    assert server.batches.calls["POST batches"] == 3
    assert server.batches.submitted.total() == 4


def test_two_articles_with_the_same_question_ask_it_once(tmp_path: Path) -> None:
    twins = [ARTICLES[0], ARTICLES[0].model_copy(update={"origin": "elsewhere"})]
    with mock() as server:
        post(tmp_path, server, twins)
    assert server.batches.submitted.total() == 2


def test_parts_that_a_model_refuses_are_left_out_from_then_on(tmp_path: Path) -> None:
    def picky(asked: Json) -> str:
        if "temperature" in asked:
            msg = "Unsupported value: 'temperature' does not support 0"
            raise ValueError(msg)
        if "max_tokens" in asked:
            msg = "Use 'max_completion_tokens' instead."
            raise ValueError(msg)
        if "response_format" in asked:
            msg = "response_format is not supported"
            raise ValueError(msg)
        return in_two_rounds(asked)

    with mock(picky) as server:
        ask(tmp_path / "online", server)
        post(tmp_path / "posted", server)
    assert written(tmp_path / "posted") == written(tmp_path / "online")
    # Three lessons, each learnt by the whole first round, and then two rounds in peace.
    assert server.batches.submitted.total() == 5 * 6


def test_a_budget_is_never_crossed_and_the_run_goes_on_with_a_larger_one(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path / "free", server)
        with pytest.raises(BudgetError, match="does not last for the next request"):
            post(tmp_path / "run", server, budget_tokens=11_000)
        done = len((tmp_path / "run" / "extractions.jsonl").read_bytes().splitlines())
        assert 0 < done < 6
        with Journal(tmp_path / "run" / "journal.sqlite") as journal:
            spent = [group.usage for group in journal.stats().groups]
        assert sum((one.input_tokens or 0) + (one.output_tokens or 0) for one in spent) <= 11_000
        post(tmp_path / "run", server, budget_tokens=10_000_000, budget_money=Decimal(5))

    assert written(tmp_path / "run") == written(tmp_path / "free")


def test_stopped_while_it_waits_it_goes_on_when_it_is_run_again(tmp_path: Path) -> None:
    with mock(batches=Batches(looks=1000)) as server:

        def stop(standing: Any) -> None:
            if "in_progress" in standing.batches:
                batch.stop()

        engine = engine_of(tmp_path, server, on_progress=stop)

        async def fill(journal: Journal, manifest: Manifest) -> None:
            await engine.fill(lambda: iter(ARTICLES), journal, manifest)

        batch = Batch(tmp_path, engine.model, before=fill)
        assert not asyncio.run(batch.run(ARTICLES))
        server.batches.looks = 3
        post(tmp_path, server)

    assert once(server.batches)
    assert failures(tmp_path) == []


def test_another_input_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path, server, ARTICLES[:2])
        sent = server.batches.submitted.copy()
        with pytest.raises(SettingsError, match="article 2 of the input"):
            post(tmp_path, server, [ARTICLES[0], ARTICLES[5], *ARTICLES[2:4]])
        assert server.batches.submitted == sent


def test_what_cannot_work_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the embedded model has no batches"):
        OpenAIBatch(tmp_path / "provider", ModelSettings.resolve("local"))
    settings = ModelSettings.resolve("mock", base_url="http://127.0.0.1:1/v1", api_key="x")
    with pytest.raises(SettingsError, match="a budget of money needs a price"):
        OpenAIBatch(tmp_path / "provider", settings, budget_money=Decimal(1))
    assert not list(tmp_path.iterdir())


def with_odd_parts(reply: Reply) -> Reply:
    assert reply.completion is not None
    [choice] = reply.completion["choices"]
    odd = {
        "model": {"x": 1},
        "choices": [choice | {"finish_reason": {"why": "stop"}}],
        "usage": {"prompt_tokens": 10**30, "completion_tokens": float("nan")},
    }
    return replace(reply, completion=reply.completion | odd)


def test_odd_parts_of_a_reply_are_unknown_as_they_are_online(tmp_path: Path) -> None:
    odd = faults.Fault("odd", with_odd_parts).containing("número 2")
    with mock(faults=[odd]) as server:
        ask(tmp_path / "online", server)
        post(tmp_path / "posted", server)

    assert written(tmp_path / "posted") == written(tmp_path / "online")
    assert failures(tmp_path / "posted") == []
    [found] = [one for one in records(tmp_path / "posted") if "número 2" in str(one["messages"])][
        :1
    ]
    assert (found["answered_by"], found["finish"]) == ("mock", None)
    assert found["usage"] == dict.fromkeys(("input_tokens", "cached_tokens", "output_tokens"))


def nested(reply: Reply, depth: int) -> Reply:
    assert reply.completion is not None
    odd: Any = []
    for _ in range(depth):
        odd = [odd]
    return replace(reply, completion=reply.completion | {"odd": odd})


@pytest.mark.parametrize("depth", [700, 850, 900, 930])
def test_a_reply_that_is_nested_deeply_costs_its_article_at_most(
    tmp_path: Path, depth: int
) -> None:
    deep = faults.Fault("deep", lambda reply: nested(reply, depth)).containing("número 2")
    with mock(faults=[deep]) as server:
        post(tmp_path, server)

    assert len((tmp_path / "extractions.jsonl").read_bytes().splitlines()) >= 5
    assert {one["error"] for one in failures(tmp_path)} <= {"TransportError"}


def test_a_bug_costs_its_article_alone_and_is_the_one_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aput = Journal.aput

    async def buggy(journal: Journal, record: Record) -> bool:
        if "número 2" in record.messages[-1]["content"] + record.messages[0]["content"]:
            msg = f"no room\nfor this {'and that ' * 100}"
            raise RuntimeError(msg)
        return await aput(journal, record)

    monkeypatch.setattr(Journal, "aput", buggy)
    with mock() as server:
        post(tmp_path, server)

    [failed] = failures(tmp_path)
    assert (failed["id"], failed["stage"], failed["error"]) == (
        ARTICLES[2].id,
        "vocero",
        "RuntimeError",
    )
    assert "RuntimeError: no room for this and" in failed["message"]
    assert len(failed["message"]) < 300
    assert len((tmp_path / "extractions.jsonl").read_bytes().splitlines()) == 5


@pytest.mark.parametrize("raw", [b"<html>Hello</html>", b"{'id':", b'{"object": "list"}'])
@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_an_endpoint_that_answers_something_else_is_named(
    tmp_path: Path, raw: bytes, kind: str
) -> None:
    class Odd(Batches):
        def reply(self, _head: bytes, _body: bytes, _answer: Callable[..., Any]) -> Reply:
            return Reply({}, None, raw=raw, content_type=kind)

    with (
        mock(batches=Odd()) as server,
        pytest.raises(TransportError, match="VOCERO_BASE_URL must be OpenAI-compatible"),
    ):
        post(tmp_path, server, max_calls=1)


def test_an_endpoint_without_batches_is_named(tmp_path: Path) -> None:
    class Without(Batches):
        def reply(self, _head: bytes, _body: bytes, _answer: Callable[..., Any]) -> None:
            return None

    with (
        mock(batches=Without()) as server,
        pytest.raises(SettingsError, match=r"has no batches, .*\(404\)"),
    ):
        post(tmp_path, server)


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path, server)
        (tmp_path / "provider" / "state.sqlite").write_bytes(b"nothing of the kind" * 100)
        with pytest.raises(VoceroError, match=r"state\.sqlite"):
            post(tmp_path, server, retry_failed=True)


def test_the_state_of_a_finished_run_holds_no_article(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path, server)
    database = sqlite3.connect(tmp_path / "provider" / "state.sqlite")
    assert database.execute("SELECT COUNT(*) FROM request").fetchone() == (0,)
    database.close()
