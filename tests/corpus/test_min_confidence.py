"""The least confidence wanted is a setting of a run, whatever reads its articles."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from runs import finds_nothing, lines, read_files, run
from vocero.corpus import Batch, replay
from vocero.corpus.provider import OpenAIBatch
from vocero.errors import SettingsError
from vocero.model import ModelSettings
from vocero.schema import Document
from vocero.testing import MockEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vocero.corpus import Journal
    from vocero.corpus.manifest import Manifest

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

ARTICLES = [
    Document.from_text(
        f"«La mina {number} no se vende a nadie», dijo Ana Ruiz.\n"
        "El sindicato pidió que la mina cierre en mayo.",
        id=f"a{number}",
        language="es",
    )
    for number in range(6)
]
LEAST = 0.9


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")


@pytest.fixture
def server() -> Iterator[MockEndpoint]:
    with MockEndpoint(finds_nothing) as endpoint:
        yield endpoint


def said(folder: Path) -> list[list[str]]:
    return [
        [one["content"][0]["text"] for one in line["attributions"]]
        for line in lines(folder / "extractions.jsonl")
    ]


def post(folder: Path, server: MockEndpoint, **options: Any) -> None:
    """Run through a provider's batches."""
    settings = ModelSettings.resolve("mock", base_url=server.base_url, api_key="sesame")
    engine = OpenAIBatch(folder / "provider", settings, sleep=lambda _: asyncio.sleep(0))

    async def fill(journal: Journal, manifest: Manifest) -> None:
        await engine.fill(lambda: iter(ARTICLES), journal, manifest)

    assert asyncio.run(Batch(folder, engine.model, before=fill, **options).run(ARTICLES))


def test_a_run_rejects_what_is_less_sure_and_counts_it(
    tmp_path: Path, server: MockEndpoint
) -> None:
    run(tmp_path / "all", ARTICLES, server)
    run(tmp_path / "sure", ARTICLES, server, min_confidence=LEAST)

    quotations = [[f"«La mina {number} no se vende a nadie»"] for number in range(6)]
    assert said(tmp_path / "all") == [[*one, "que la mina cierre en mayo"] for one in quotations]
    assert said(tmp_path / "sure") == quotations
    summary = json.loads((tmp_path / "sure" / "summary.json").read_bytes())
    assert summary["rejected"] == {"low_confidence": 6}


def test_several_processes_a_replay_and_a_providers_batches_give_the_same_bytes(
    tmp_path: Path, server: MockEndpoint
) -> None:
    run(tmp_path / "run", ARTICLES, server, min_confidence=LEAST)
    run(tmp_path / "two", ARTICLES, server, min_confidence=LEAST, processes=2)
    assert asyncio.run(replay(tmp_path / "run", tmp_path / "again")) == 6
    asked = len(server.requests)
    post(tmp_path / "posted", server, min_confidence=LEAST)

    expected = read_files(tmp_path / "run")
    assert read_files(tmp_path / "two") == expected
    assert read_files(tmp_path / "again") == expected
    assert said(tmp_path / "posted") == said(tmp_path / "run")
    assert server.batches.submitted.total() == asked / 2  # for two online runs: not one more


def test_a_run_is_not_gone_on_with_another_one(tmp_path: Path, server: MockEndpoint) -> None:
    run(tmp_path / "run", ARTICLES, server, min_confidence=LEAST)

    with pytest.raises(SettingsError, match=r"min_confidence was 0\.9 and is now None"):
        run(tmp_path / "run", ARTICLES, server)


def test_one_that_is_no_chance_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"min_confidence=80 is no chance: give"):
        Batch(
            tmp_path / "run", "mock", base_url="http://127.0.0.1:1", api_key="x", min_confidence=80
        )

    assert not (tmp_path / "run").exists()
