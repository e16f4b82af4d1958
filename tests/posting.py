"""Runs through a provider's batches and online, against the mock endpoint."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

from vocero.corpus.batch import Batch
from vocero.corpus.journal import Journal
from vocero.corpus.provider import OpenAIBatch
from vocero.model import ModelSettings, connect
from vocero.schema import Document
from vocero.testing import Batches, MockEndpoint, grounded
from vocero.testing.script import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from vocero.corpus.manifest import Manifest
    from vocero.testing.reply import Json

__all__ = [
    "ARTICLES",
    "PRICE",
    "KilledError",
    "ask",
    "at_once",
    "engine_of",
    "failures",
    "in_two_rounds",
    "mock",
    "once",
    "post",
    "records",
    "written",
]

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
