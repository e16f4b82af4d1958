"""What a run pays, what its results cost, and that nothing is paid for twice."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from runs import NUMBER_7, articles, ids, lines, read_files, run, stopping_after
from vocero.corpus import Batch, replay
from vocero.errors import SettingsError
from vocero.testing import MockEndpoint, faults

if TYPE_CHECKING:
    from pathlib import Path

    from vocero.corpus import Summary, Tally

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("no_proxy"),
]


def test_another_run_with_the_same_journal_pays_nothing(
    folder: Path, tmp_path: Path, server: MockEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    shared = tmp_path / "shared.sqlite"
    run(folder, articles(10), server, journal=shared)
    asked = len(server.requests)

    run(tmp_path / "other", articles(10), server, journal=shared)

    assert len(server.requests) == asked
    assert read_files(tmp_path / "other") == read_files(folder)
    summary = json.loads((tmp_path / "other" / "summary.json").read_text())
    assert summary["seconds_per_call"] == {}  # the seconds were the first run's


def test_what_a_session_asked_is_told_apart_from_what_its_results_took(
    folder: Path, tmp_path: Path, server: MockEndpoint
) -> None:
    shared = tmp_path / "shared.sqlite"

    def asked_and_used(into: Path, count: int) -> tuple[Tally, Summary, dict[str, Any]]:
        progress = run(into, articles(count), server, journal=shared, price="1/2").progress
        return progress.asked, progress.summary, json.loads((into / "summary.json").read_text())

    asked, used, written = asked_and_used(folder, 10)
    assert (asked.calls, asked.usage) == (used.calls, used.usage)
    assert written["spent"] == {name: written[name] for name in ("usage", "cost")}
    paid = written["spent"]

    asked, used, written = asked_and_used(folder, 12)
    assert (asked.calls, used.calls) == (2, 12)
    assert 0 < asked.output_tokens < used.output_tokens
    assert written["spent"] == {name: written[name] for name in ("usage", "cost")}

    asked, used, written = asked_and_used(tmp_path / "other", 10)
    assert (asked.calls, used.calls) == (0, 10)
    assert {name: written[name] for name in ("usage", "cost")} == paid
    assert written["spent"]["cost"] == "0"


def test_a_budget_does_not_count_what_other_runs_spent_in_the_same_journal(
    folder: Path, tmp_path: Path, server: MockEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    shared, limit = tmp_path / "shared.sqlite", 20_000
    run(folder, articles(10), server, journal=shared, budget_tokens=limit)
    spent = json.loads((folder / "summary.json").read_text())["usage"]
    assert limit / 2 < spent["input_tokens"] + spent["output_tokens"] <= limit

    others = list(articles(20))[10:]
    run(tmp_path / "other", others, server, journal=shared, budget_tokens=limit)

    assert len(ids(tmp_path / "other")) == 10


@pytest.mark.parametrize("first", [None, "3/4"])
def test_a_price_may_be_given_or_changed_later_and_holds_for_the_whole_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str | None
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    with MockEndpoint(faults=[faults.refusal().containing(NUMBER_7)]) as server:
        run(folder, articles(10), server, price=first)
        asked = len(server.requests)
        priced = Batch(folder, "mock", base_url=server.base_url, api_key="x", price="1/2")
        assert not asyncio.run(priced.run(stopping_after(4, articles(10), priced)))
        run(folder, articles(10), server, price="1/2")
        assert len(server.requests) == asked

        run(tmp_path / "whole", articles(10), server, price="1/2")
    before = read_files(tmp_path / "whole")
    assert read_files(folder) == before
    costs = [
        json.loads((one / "summary.json").read_text())["cost"]
        for one in (folder, tmp_path / "whole")
    ]
    assert costs[0] == costs[1] is not None
    assert asyncio.run(replay(folder)) == 10
    assert read_files(folder) == before


def test_a_price_is_not_taken_back(folder: Path, server: MockEndpoint) -> None:
    run(folder, articles(2), server, price="1/2")
    with pytest.raises(SettingsError, match=r"price was '1/2' and is now None"):
        run(folder, articles(2), server)


def test_the_summary_counts_what_the_files_hold(folder: Path) -> None:
    with MockEndpoint(faults=[faults.refusal().containing(NUMBER_7)]) as server:
        run(folder, articles(10), server, price="1/2")
    summary = json.loads((folder / "summary.json").read_text())
    written = lines(folder / "extractions.jsonl")

    assert summary["finished"]
    assert summary["articles"] == {"done": 9, "failed": 1}
    assert summary["failures"] == {"AnswerError": 1}
    assert summary["attributions"] == sum(len(one["attributions"]) for one in written)
    tokens = sum(one["provenance"]["usage"]["output_tokens"] for one in written)
    assert summary["usage"]["output_tokens"] >= tokens
    assert 0 < summary["seconds_per_call"]["p50"] <= summary["seconds_per_call"]["max"]
