"""A run over many articles: written in order, gone on with where it was left."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING

import pytest

from runs import NUMBER_7, articles, ids, lines, read_files, run, stopping_after
from vocero.corpus import Batch, Journal
from vocero.errors import (
    AuthenticationError,
    InputError,
    SettingsError,
    UnreachableError,
    VoceroError,
)
from vocero.extraction import extract
from vocero.model import FakeModel, connect
from vocero.schema import Document, Extraction
from vocero.testing import MockEndpoint, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("no_proxy"),
]


def test_a_line_is_what_extract_returns_in_the_order_of_the_input(
    folder: Path, server: MockEndpoint
) -> None:
    run(folder, articles(25), server)

    written = [
        Extraction.model_validate_json(line)
        for line in (folder / "extractions.jsonl").read_text().splitlines()
    ]
    assert [one.document.id for one in written] == [f"a{number}" for number in range(25)]
    alone = extract(
        written[3].document, model=connect("mock", base_url=server.base_url, api_key="x")
    )
    took = written[3].provenance
    assert alone.model_copy(update={"provenance": took}) == written[3]
    assert took.model_copy(update={"created_at": alone.provenance.created_at}) == alone.provenance


def test_the_order_of_the_input_holds_however_slow_some_articles_are(
    folder: Path,
) -> None:
    slow = faults.latency(0.3).containing(NUMBER_7)
    with MockEndpoint(faults=[slow]) as server:
        run(folder, articles(20), server)
    assert ids(folder) == [f"a{number}" for number in range(20)]


def test_a_finished_run_asks_nothing_when_it_is_run_again(
    folder: Path, server: MockEndpoint
) -> None:
    run(folder, articles(10), server)
    before, asked = read_files(folder), len(server.requests)

    again = run(folder, articles(10), server)

    assert read_files(folder) == before
    assert len(server.requests) == asked
    assert again.progress.earlier == 10


def test_more_articles_are_added_at_the_end(folder: Path, server: MockEndpoint) -> None:
    run(folder, articles(10), server)
    before, asked = read_files(folder)["extractions.jsonl"], len(server.requests)

    run(folder, articles(12), server)

    after = read_files(folder)["extractions.jsonl"]
    assert after.startswith(before)
    assert len(ids(folder)) == 12
    assert len(server.requests) - asked == asked // 10 * 2


@pytest.mark.parametrize("cut", [1, 400, 4000])
def test_what_a_killed_run_left_torn_is_written_again_without_asking(
    folder: Path, server: MockEndpoint, cut: int
) -> None:
    run(folder, articles(10), server)
    before, asked = read_files(folder), len(server.requests)
    with (folder / "extractions.jsonl").open("r+b") as file:
        file.truncate(len(before["extractions.jsonl"]) - cut)

    run(folder, articles(10), server)

    assert read_files(folder) == before
    assert len(server.requests) == asked


def test_an_interrupted_run_comes_to_the_same_bytes_as_one_that_was_not(
    folder: Path, tmp_path: Path, server: MockEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    run(tmp_path / "whole", articles(20), server)

    for last in (3, 11):
        stopped = Batch(folder, "mock", base_url=server.base_url, api_key="x", concurrency=2)
        documents = stopping_after(last, articles(20), stopped)
        assert not asyncio.run(stopped.run(documents))
        assert len(ids(folder)) < 20
    run(folder, articles(20), server)

    assert read_files(folder) == read_files(tmp_path / "whole")


def test_to_stop_finishes_what_is_under_way_and_to_stop_twice_does_not(tmp_path: Path) -> None:
    with MockEndpoint(faults=[faults.latency(0.5)]) as server:
        for stops, extracted in ((1, 4), (2, 0)):
            folder = tmp_path / str(stops)
            batch = Batch(folder, "mock", base_url=server.base_url, api_key="x", at_once=4)

            async def stop_soon(batch: Batch = batch, stops: int = stops) -> bool:
                running = asyncio.create_task(batch.run(articles(50)))
                while batch.progress.in_flight < 4:  # noqa: ASYNC110 - nothing to wait on
                    await asyncio.sleep(0.01)
                for _ in range(stops):
                    batch.stop()
                return await running

            assert not asyncio.run(stop_soon())
            assert len(ids(folder)) == extracted


def test_a_failed_article_costs_itself_and_is_tried_again_when_told_to(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    with MockEndpoint(faults=[faults.refusal().containing(NUMBER_7)]) as server:
        run(folder, articles(20), server)
        [failure] = lines(folder / "failures.jsonl")
        assert failure["id"] == "a7"
        assert failure["position"] == 7
        assert failure["stage"] == "article"
        assert failure["error"] == "AnswerError"
        assert failure["attempts"] == 1
        assert "refused to answer" in failure["message"]
        assert ids(folder) == [f"a{n}" for n in range(20) if n != 7]
        asked = len(server.requests)
        run(folder, articles(20), server)
        assert len(server.requests) == asked

    with MockEndpoint() as server:
        run(folder, articles(20), server)
        assert not server.requests
        run(folder, articles(20), server, retry_failed=True)
        assert len(server.requests) == asked // 20
        whole = tmp_path / "whole"
        run(whole, articles(20), server)
    assert read_files(folder) == read_files(whole)


def test_what_cannot_be_read_is_a_failure_of_the_run(folder: Path, server: MockEndpoint) -> None:
    first, second = articles(2)
    run(folder, [first, InputError("'b.txt' is empty; give it a text"), second], server)

    assert ids(folder) == ["a0", "a1"]
    assert lines(folder / "failures.jsonl") == [
        {
            "position": 1,
            "id": None,
            "origin": None,
            "stage": "read",
            "error": "InputError",
            "message": "'b.txt' is empty; give it a text",
            "attempts": 0,
        }
    ]


def test_an_input_of_which_nothing_can_be_read_stops_the_run(
    folder: Path, server: MockEndpoint
) -> None:
    unread = [InputError(f"'a.jsonl', line {n} has no \"text\"") for n in range(50)]
    with pytest.raises(InputError, match=r'20 articles in a row .* line 19 has no "text"'):
        run(folder, unread, server)
    assert len(lines(folder / "failures.jsonl")) == 20

    # Those who know better go on.
    run(folder, [*unread, *articles(3)], server)
    assert len(ids(folder)) == 3
    assert len(lines(folder / "failures.jsonl")) == 50


def test_settings_may_change_as_long_as_nothing_was_done_with_them(
    folder: Path, server: MockEndpoint
) -> None:
    unread = [InputError(f"'a.jsonl', line {n} has no \"text\"") for n in range(50)]
    with pytest.raises(InputError):
        run(folder, unread, server, reading={"fields": {}})

    run(folder, articles(3), server, reading={"fields": {"text": "body"}})
    assert len(ids(folder)) == 3
    assert not lines(folder / "failures.jsonl")


def test_an_article_that_was_mended_is_read_when_failed_ones_are_tried_again(
    folder: Path, server: MockEndpoint
) -> None:
    first, second = articles(2)
    run(folder, [InputError("'a.txt' is not UTF-8"), second], server)

    with pytest.raises(SettingsError, match="--retry-failed"):
        run(folder, [first, second], server)
    run(folder, [first, second], server, retry_failed=True)
    assert ids(folder) == ["a0", "a1"]


def test_a_shortened_input_is_not_taken_for_the_whole(folder: Path, server: MockEndpoint) -> None:
    run(folder, articles(10), server)
    with pytest.raises(SettingsError, match=r"the input ends after 4 articles, .* has read 10"):
        run(folder, articles(4), server)


def test_an_interrupted_retry_leaves_the_failures_on_record(folder: Path) -> None:
    with MockEndpoint(faults=[faults.refusal().containing("La mina 1")]) as server:
        run(folder, articles(12), server)
    before = read_files(folder)
    assert len(lines(folder / "failures.jsonl")) == 3

    with MockEndpoint() as server:
        stopped = Batch(folder, "mock", base_url=server.base_url, api_key="x", retry_failed=True)
        assert not asyncio.run(stopped.run(stopping_after(6, articles(12), stopped)))
        assert read_files(folder) == before
        run(folder, articles(12), server, retry_failed=True)
    assert len(ids(folder)) == 12
    assert not lines(folder / "failures.jsonl")


def test_to_stop_waits_for_no_input(folder: Path, server: MockEndpoint) -> None:
    batch = Batch(folder, "mock", base_url=server.base_url, api_key="x")
    more = threading.Event()

    def documents() -> Iterator[Document]:
        yield from articles(1)
        more.wait(30)

    async def stop_when_done() -> bool:
        running = asyncio.create_task(batch.run(documents()))
        while not batch.progress.summary.done:  # noqa: ASYNC110 - nothing to wait on
            await asyncio.sleep(0.01)
        batch.stop()
        return await asyncio.wait_for(running, 5)

    assert not asyncio.run(stop_when_done())
    more.set()
    assert ids(folder) == ["a0"]


def test_an_error_for_all_lets_what_is_under_way_end(folder: Path) -> None:
    refused = faults.status(403).containing(NUMBER_7)
    with MockEndpoint(faults=[faults.latency(0.5), refused]) as server:
        batch = Batch(folder, "mock", base_url=server.base_url, api_key="x", at_once=10)
        with pytest.raises(AuthenticationError):
            asyncio.run(batch.run(articles(100)))
        assert len(server.requests) < 30
    with Journal(folder / "journal.sqlite") as journal:
        assert journal.stats().answers >= 8


@pytest.mark.parametrize("processes", [1, 2])
def test_where_no_endpoint_is_the_run_stops_at_its_first_question(
    folder: Path, processes: int
) -> None:
    with MockEndpoint() as server:
        pass  # and now it has gone

    with pytest.raises(
        UnreachableError, match=r"cannot be reached after 3 tries .*: start the serv"
    ):
        run(folder, articles(20), server, concurrency=1, max_tries=6, processes=processes)
    assert not lines(folder / "failures.jsonl")

    with MockEndpoint() as server:
        run(folder, articles(20), server)
    assert len(ids(folder)) == 20


def test_a_torn_part_is_written_again(folder: Path, server: MockEndpoint) -> None:
    pytest.importorskip("pyarrow")
    run(folder, articles(3), server, output="parquet")
    [part] = (folder / "extractions").iterdir()
    whole = part.read_bytes()
    part.write_bytes(b"")
    asked = len(server.requests)

    run(folder, articles(3), server, output="parquet")
    assert part.read_bytes() == whole
    assert len(server.requests) == asked


def test_a_changed_input_is_refused_before_anything_is_mixed(
    folder: Path, server: MockEndpoint
) -> None:
    run(folder, articles(5), server)
    changed = list(articles(5))
    changed[3] = changed[3].model_copy(update={"title": "Mina"})

    with pytest.raises(SettingsError, match=r"article 4 of the input, 'a3', is not what it was"):
        run(folder, changed, server)


def test_other_settings_are_refused_by_name(folder: Path, server: MockEndpoint) -> None:
    run(folder, articles(2), server)
    with pytest.raises(SettingsError, match=r"output was 'jsonl' and is now 'parquet'"):
        run(folder, articles(2), server, output="parquet")


def test_a_folder_that_holds_other_things_is_left_alone(folder: Path, server: MockEndpoint) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("two years of work")
    with pytest.raises(SettingsError, match=r"is no run and holds 'thesis.txt'"):
        run(folder, articles(2), server)
    assert (folder / "thesis.txt").read_text() == "two years of work"


def test_one_process_at_a_time_writes_a_run(folder: Path, server: MockEndpoint) -> None:
    def documents() -> Iterator[Document]:
        with pytest.raises(SettingsError, match="another process is writing"):
            asyncio.run(
                Batch(folder, "mock", base_url=server.base_url, api_key="x").run(articles(1))
            )
        yield from articles(2)

    run(folder, documents(), server)
    assert len(ids(folder)) == 2


def test_what_failed_when_a_run_stopped_is_tried_again_with_the_rest(folder: Path) -> None:
    with MockEndpoint(faults=[faults.refusal()]) as server, pytest.raises(VoceroError):
        run(folder, articles(60), server)
    with MockEndpoint() as server:
        run(folder, articles(60), server, retry_failed=True)
    assert len(ids(folder)) == 60


def test_several_processes_write_the_same_bytes_as_one(
    folder: Path, tmp_path: Path, server: MockEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    run(folder, articles(20), server)
    two = run(tmp_path / "two", articles(20), server, processes=2).progress
    assert read_files(tmp_path / "two") == read_files(folder)
    assert (two.asked.calls, two.asked.usage) == (two.summary.calls, two.summary.usage)


def test_a_bug_costs_one_article_and_says_that_it_is_one(tmp_path: Path) -> None:
    def answer(messages: object, _answer: object) -> dict[str, object]:
        if NUMBER_7 in str(messages):
            msg = "list index out of range"
            raise IndexError(msg)
        return {"items": []}

    folder = tmp_path / "run"
    assert asyncio.run(Batch(folder, FakeModel(answer)).run(articles(10)))

    [failure] = lines(folder / "failures.jsonl")
    assert failure["stage"] == "vocero"
    assert failure["message"].endswith("IndexError: list index out of range")
    assert len(ids(folder)) == 9


def test_while_a_run_lasts_python_looks_for_garbage_less_often(
    folder: Path, server: MockEndpoint
) -> None:
    before = gc.get_threshold()
    during: list[int] = []

    def watched() -> Iterator[Document]:
        for article in articles(2):
            during.append(gc.get_threshold()[0])
            yield article

    run(folder, watched(), server)

    assert min(during) > before[0]
    assert gc.get_threshold() == before
