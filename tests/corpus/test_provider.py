"""Half-price batches: the same bytes as online, nothing submitted twice, whatever happens."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import sqlite3
import stat
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from runs import articles
from vocero.corpus.batch import Batch
from vocero.corpus.journal import Journal
from vocero.corpus.provider import Limits, OpenAIBatch
from vocero.errors import (
    AuthenticationError,
    BudgetError,
    ModelError,
    QuotaError,
    RequestError,
    SettingsError,
    TransportError,
    UnreachableError,
    VoceroError,
)
from vocero.model import ModelSettings, connect
from vocero.schema import Document
from vocero.testing import Batches, MockEndpoint, Reply, faults, grounded
from vocero.testing.script import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from vocero.corpus import Record
    from vocero.corpus.manifest import Manifest
    from vocero.testing.reply import Json

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

PRICE = "0.15/0.60"
ARTICLES = [
    Document.from_text(
        f"«No cerraremos la mina número {n}», dijo la alcaldesa de Llanes. Llovió. "
        "«Todo sigue como siempre aquí», añadió el portavoz del Gobierno."
    )
    for n in range(6)
]


def in_two_rounds(asked: Json) -> str:
    """Answer with claims that are refused, so that there is a second question about each article."""
    answer = json.loads(grounded(asked))
    if schema_of(asked)[0] == "ArticleDraft":
        for item in answer["items"]:
            item["claim"] = "Xanthippe paid 987654."
    return json.dumps(answer)


def mock(answer: Callable[[Json], str] = in_two_rounds, **plan: Any) -> MockEndpoint:
    return MockEndpoint(answer, **plan)


class KilledError(Exception):
    """Stands for the end of a process."""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")


async def at_once(_seconds: float) -> None:
    """Stands in for sleep."""
    await asyncio.sleep(0)


def engine_of(run: Path, server: MockEndpoint, **options: Any) -> OpenAIBatch:
    settings = ModelSettings.resolve(
        "mock", base_url=server.base_url, api_key="secret-key", price=PRICE
    )
    return OpenAIBatch(run / "provider", settings, **{"sleep": at_once} | options)


def post(
    run: Path,
    server: MockEndpoint,
    documents: Sequence[Document] = ARTICLES,
    *,
    retry_failed: bool = False,
    **options: Any,
) -> None:
    """Do what ``vocero batch --engine openai-batch`` does."""
    engine = engine_of(run, server, **options)

    async def fill(journal: Journal, manifest: Manifest) -> None:
        await engine.fill(lambda: iter(documents), journal, manifest, retry_failed=retry_failed)

    batch = Batch(run, engine.model, at_once=4, retry_failed=retry_failed, before=fill)
    assert asyncio.run(batch.run(documents))


def ask(run: Path, server: MockEndpoint, documents: Sequence[Document] = ARTICLES) -> None:
    """Do what ``vocero batch`` does."""
    model = connect(
        "mock",
        base_url=server.base_url,
        api_key="secret-key",
        price=PRICE,
        max_tries=3,
        sleep=at_once,
    )
    assert asyncio.run(Batch(run, model, at_once=4).run(documents))


def written(run: Path) -> tuple[bytes, bytes]:
    return (run / "extractions.jsonl").read_bytes(), (run / "failures.jsonl").read_bytes()


def failures(run: Path) -> list[Json]:
    return [json.loads(line) for line in (run / "failures.jsonl").read_bytes().splitlines()]


def records(run: Path) -> list[Json]:
    """What the journal holds, without times, the run's id and the order that they came in."""
    stream = io.StringIO()
    with Journal(run / "journal.sqlite") as journal:
        journal.export(stream)
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    for one in found:
        for name in ("started", "ended", "seconds", "run"):
            del one[name]
    return sorted(found, key=lambda one: str(one["key"]))


def once(batches: Batches) -> bool:
    return set(batches.submitted.values()) == {1}


def test_the_outputs_and_the_journal_are_those_of_an_online_run(tmp_path: Path) -> None:
    with mock() as server:
        ask(tmp_path / "online", server)
        online = len(server.requests)
        post(tmp_path / "posted", server)
        assert len(server.requests) == online  # not one question was asked at the full price

    assert written(tmp_path / "posted") == written(tmp_path / "online")
    assert len((tmp_path / "posted" / "extractions.jsonl").read_bytes().splitlines()) == 6
    assert records(tmp_path / "posted") == records(tmp_path / "online")
    assert once(server.batches)
    assert server.batches.submitted.total() == online


def test_what_one_engine_was_told_the_other_does_not_ask(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path / "run", server)
        for name in ("extractions.jsonl", "manifest.json"):
            (tmp_path / "run" / name).unlink()
        journal = (tmp_path / "run" / "journal.sqlite").rename(tmp_path / "journal.sqlite")
        shutil.rmtree(tmp_path / "run")
        (tmp_path / "run").mkdir()
        model = connect("mock", base_url=server.base_url, api_key="x", price=PRICE)
        batch = Batch(tmp_path / "run", model, at_once=4, journal=journal)
        assert asyncio.run(batch.run(ARTICLES))
        assert not server.requests

    with mock() as server:
        ask(tmp_path / "online", server)
        post(tmp_path / "online", server)
        assert not server.batches.calls


def test_nothing_is_left_at_the_provider_and_the_state_is_private(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path, server)

    assert server.batches.calls["POST files"] == 2
    assert not server.batches.files
    assert stat.S_IMODE((tmp_path / "provider").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "provider").iterdir()] == ["state.sqlite"]
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"secret-key" not in path.read_bytes()


def test_files_keep_within_both_limits(tmp_path: Path) -> None:
    sizes = []

    class Measured(Batches):
        def reply(self, head: bytes, body: bytes, answer: Any) -> Any:
            before = set(self.files)
            reply = super().reply(head, body, answer)
            for name in set(self.files) - before:
                title, content = self.files[name]
                if title.startswith("vocero"):
                    sizes.append((len(content.splitlines()), len(content)))
            return reply

    with mock() as server:
        ask(tmp_path / "online", server)
    with mock(batches=Measured()) as server:
        post(tmp_path / "few", server, limits=Limits(requests=4))
    assert [count for count, _ in sizes] == [4, 2, 4, 2]
    assert once(server.batches)
    assert written(tmp_path / "few") == written(tmp_path / "online")

    largest = max(length for _, length in sizes[:1]) // 4 + 100
    sizes.clear()
    with mock(batches=Measured()) as server:
        post(tmp_path / "small", server, limits=Limits(bytes=2 * largest))
    assert all(length <= 2 * largest for _, length in sizes)
    assert once(server.batches)
    assert written(tmp_path / "small") == written(tmp_path / "online")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Whatever an undisturbed run tells of its progress, in order."""
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patched, mock(batches=Batches(looks=2)) as server:
        patched.setenv("NO_PROXY", "127.0.0.1")
        post(
            tmp_path_factory.mktemp("steps"),
            server,
            on_progress=lambda standing: told.append(" ".join(standing.batches)),
        )
    return told


def test_progress_tells_each_step(steps: list[str]) -> None:
    a_round = ["uploading", "uploaded", "creating", "created", "validating", "completed", "taken"]
    assert steps == [*a_round, *a_round]


@pytest.mark.parametrize("step", range(14))
def test_killed_at_any_step_it_goes_on_and_submits_nothing_twice(
    tmp_path: Path, step: int, steps: list[str]
) -> None:
    assert len(steps) == 14
    told: list[str] = []

    def kill(standing: Any) -> None:
        told.append(" ".join(standing.batches))
        if len(told) == step + 1:
            # As a killed process would leave it: what is not on the disk by now is lost.
            shutil.copytree(tmp_path / "run", tmp_path / "left")
            raise KilledError

    with mock() as server:
        ask(tmp_path / "online", server)
    with mock(batches=Batches(looks=2)) as server:
        with pytest.raises(KilledError):
            post(tmp_path / "run", server, on_progress=kill)
        post(tmp_path / "left", server)

    assert told == steps[: step + 1]
    assert once(server.batches)
    assert server.batches.calls["POST files"] == 2
    assert written(tmp_path / "left") == written(tmp_path / "online")


def test_killed_while_it_writes_requests_it_writes_them_anew(tmp_path: Path) -> None:
    def cut() -> Iterator[Document]:
        yield from ARTICLES[:3]
        shutil.copytree(tmp_path / "run", tmp_path / "left")
        raise KilledError

    with mock() as server:
        engine = engine_of(tmp_path / "run", server)

        async def fill(journal: Journal, manifest: Manifest) -> None:
            await engine.fill(cut, journal, manifest)

        batch = Batch(tmp_path / "run", engine.model, at_once=4, before=fill)
        with pytest.raises(KilledError):
            asyncio.run(batch.run(ARTICLES))
        assert not server.batches.calls
        post(tmp_path / "left", server)

    assert once(server.batches)
    assert len((tmp_path / "left" / "extractions.jsonl").read_bytes().splitlines()) == 6


@pytest.mark.parametrize("call", ["POST files", "POST batches"])
@pytest.mark.parametrize("max_calls", [1, 3])
def test_what_arrived_without_our_knowing_is_found_and_taken_up(
    tmp_path: Path, call: str, max_calls: int
) -> None:
    with mock(batches=Batches(lost={call: 1})) as server:
        if max_calls == 1:
            with pytest.raises(TransportError, match="cannot be reached after 1 try"):
                post(tmp_path, server, max_calls=1)
        post(tmp_path, server, max_calls=max_calls)

    assert once(server.batches)
    assert server.batches.calls[call] == 2  # one for each round
    assert failures(tmp_path) == []


def test_where_no_provider_is_that_is_said_after_three_calls(tmp_path: Path) -> None:
    waits = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    with mock() as server:
        pass  # and now it has gone
    with pytest.raises(UnreachableError, match=r"cannot be reached after 3 tries .*: start the"):
        post(tmp_path, server, sleep=noted)
    assert sum(waits) < 3

    with mock() as server:
        post(tmp_path, server)
    assert once(server.batches)


def test_it_finds_its_own_on_a_later_page_of_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocero.corpus.provider.remote._PAGE", 3)
    with mock(batches=Batches(lost={"POST batches": 1})) as server:
        with pytest.raises(TransportError):
            post(tmp_path / "one", server, max_calls=1)
        post(tmp_path / "other", server, limits=Limits(requests=1))
        post(tmp_path / "one", server)

    assert server.batches.calls["GET batches"] == 5  # 13 batches, three a page
    # The other run asks the same; of both nothing is submitted twice.
    assert server.batches.submitted.total() == 2 * 12


@pytest.mark.parametrize(
    "call",
    ["POST files", "POST batches", "GET batches id", "GET files content", "DELETE files id"],
)
@pytest.mark.parametrize("trouble", ["refused", "lost"])
def test_passing_trouble_on_the_way_costs_nothing(tmp_path: Path, call: str, trouble: str) -> None:
    plans: Any = {trouble: {call: 2}}
    with mock(batches=Batches(**plans)) as server:
        post(tmp_path, server)

    assert once(server.batches)
    assert failures(tmp_path) == []


def test_an_expired_batch_keeps_what_came_and_the_rest_is_submitted_again(tmp_path: Path) -> None:
    with mock() as server:
        ask(tmp_path / "online", server)
    with mock(batches=Batches(fates=["expired"])) as server:
        post(tmp_path / "posted", server)

    assert written(tmp_path / "posted") == written(tmp_path / "online")
    questions = Counter(name.partition("-")[0] for name in server.batches.submitted)
    assert Counter(questions.values()) == {1: 9, 2: 3}
    assert server.counts["none"] == 12  # each was carried out, and paid, once


def test_a_batch_that_expires_without_one_answer_stops_the_run(tmp_path: Path) -> None:
    with mock(batches=Batches(fates=["expired"])) as server:
        with pytest.raises(TransportError, match="expired without one answer: run again"):
            post(tmp_path, server, ARTICLES[:1])
        post(tmp_path, server, ARTICLES[:1])
    assert failures(tmp_path) == []


def test_a_cancelled_batch_stops_the_run_and_keeps_what_came(tmp_path: Path) -> None:
    with mock(batches=Batches(fates=["cancelled"])) as server:
        with pytest.raises(VoceroError, match="was cancelled: run again to submit what is left"):
            post(tmp_path, server)
        assert server.counts["none"] == 3
        post(tmp_path, server)
    assert server.counts["none"] == 12
    assert failures(tmp_path) == []


def test_a_refused_file_is_told_with_the_reasons(tmp_path: Path) -> None:
    with mock(batches=Batches(fates=["failed"])) as server:
        with pytest.raises(
            RequestError, match=r"batch_2 at .* was refused \(line 1: This line is not parseable"
        ):
            post(tmp_path, server)
        post(tmp_path, server)
    assert once(server.batches)


def test_where_the_queue_is_full_a_batch_waits_for_another_to_end(tmp_path: Path) -> None:
    with mock(batches=Batches(looks=2, fates=["completed", "queue full"])) as server:
        post(tmp_path / "two", server, limits=Limits(requests=3))
    assert once(server.batches)
    assert server.batches.calls["POST batches"] == 5
    assert server.batches.calls["POST files"] == 4

    with mock(batches=Batches(fates=["queue full"])) as server:
        with pytest.raises(RequestError, match="wait for other batches there to end"):
            post(tmp_path / "one", server)
        post(tmp_path / "one", server)


@pytest.mark.parametrize(
    "fault",
    [
        faults.rate_limited("none"),
        faults.status(500),
        faults.html(502),
        faults.never(),
        faults.malformed_body(),
        faults.error_in_200(),
    ],
    ids=lambda fault: fault.name,
)
def test_failures_on_the_way_are_tried_again_up_to_a_bound(
    tmp_path: Path, fault: faults.Fault
) -> None:
    with mock(faults=[fault.containing("mina número 3").first(2)]) as server:
        post(tmp_path / "passing", server)
    assert failures(tmp_path / "passing") == []

    with mock(faults=[fault.containing("mina número 3")]) as server:
        post(tmp_path / "lasting", server)
        [failed] = failures(tmp_path / "lasting")
        assert (failed["position"], failed["error"]) == (3, "TransportError")
        assert failed["attempts"] == 3
        assert "after 3 tries" in failed["message"]

        submitted = server.batches.submitted.total()
        post(tmp_path / "lasting", server)  # finished: nothing is asked
        assert server.batches.submitted.total() == submitted

    with mock() as server:
        post(tmp_path / "lasting", server, retry_failed=True)
        assert server.batches.submitted.total() == 2
    assert failures(tmp_path / "lasting") == []


def test_batches_that_end_together_keep_their_results_apart(tmp_path: Path) -> None:
    # Each of the three has an output file and an error file.
    some = [faults.status(500).containing(f"mina número {n}").first(1) for n in (0, 2, 4)]
    with mock(faults=some, batches=Batches(looks=1)) as server:
        post(tmp_path, server, limits=Limits(requests=2))
    assert failures(tmp_path) == []
    assert server.counts["none"] == 12


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
