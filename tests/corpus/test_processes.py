"""Several processes for one run: one that dies costs at most the article that kills it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from deadly import Deadly
from runs import articles, ids, lines, run
from vocero.corpus import Batch
from vocero.errors import BudgetError
from vocero.testing import MockEndpoint, faults

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_an_article_that_kills_its_process_costs_no_other(tmp_path: Path) -> None:
    folder, bill = tmp_path / "run", tmp_path / "bill"
    with MockEndpoint(faults=[faults.latency(0.2)]) as server:
        deadly = Deadly(["La mina 7 no"], bill)
        run(folder, articles(12), server, processes=2, transport=deadly)

    assert ids(folder) == [f"a{number}" for number in range(12) if number != 7]
    [failure] = lines(folder / "failures.jsonl")
    assert failure["id"] == "a7"
    assert "its process died (exit code -9)" in failure["message"]


def test_a_budget_is_one_for_all_processes_and_outlives_them(tmp_path: Path) -> None:
    folder, bill, limit = tmp_path / "run", tmp_path / "bill", 50_000
    deadly = Deadly(["La mina 3 no"], bill)
    with MockEndpoint(faults=[faults.latency(0.1)]) as server:
        batch = Batch(
            folder,
            "mock",
            base_url=server.base_url,
            api_key="sesame",
            concurrency=4,
            processes=2,
            budget_tokens=limit,
            transport=deadly,
        )
        with pytest.raises(BudgetError, match="the budget of 50,000 tokens does not last"):
            asyncio.run(batch.run(articles(100)))

    billed = sum(map(int, bill.read_text().split()))
    assert limit / 2 < billed <= limit
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["usage"]["input_tokens"] + summary["usage"]["output_tokens"] < billed
