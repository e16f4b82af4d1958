"""Runs over small articles against the mock endpoint, and views of what they leave."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from vocero.corpus import Batch
from vocero.schema import Document
from vocero.testing.script import grounded, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vocero.errors import InputError
    from vocero.testing import MockEndpoint
    from vocero.testing.reply import Json

__all__ = [
    "NUMBER_7",
    "articles",
    "finds_nothing",
    "ids",
    "lines",
    "read_files",
    "run",
    "stopping_after",
]

NUMBER_7 = "La mina 7 no"
"""What only the article `a7` holds."""


def articles(count: int) -> Iterator[Document]:
    """Articles that ask for one attribution each, and hold their own number."""
    for number in range(count):
        yield Document.from_text(
            f"«La mina {number} no se vende», dijo Ana Ruiz. El expediente tiene {number} folios.",
            id=f"a{number}",
            language="es",
        )


def run(
    folder: Path,
    documents: Iterable[Document | InputError],
    server: MockEndpoint,
    **options: Any,
) -> Batch:
    """Run over documents; the run, for its progress. It must come to its end."""
    settings: dict[str, Any] = {
        "base_url": server.base_url,
        "api_key": "sesame",
        "concurrency": 10,
        "timeout": 5,
        "max_tries": 3,
    }
    batch = Batch(folder, "mock", **settings | options)
    assert asyncio.run(batch.run(documents))
    return batch


def finds_nothing(asked: Json) -> str:
    """What an endpoint answers that leaves all that is said to be read by code."""
    if schema_of(asked)[0] == "ArticleDraft":
        return json.dumps({"sources": [], "items": []})
    return grounded(asked)


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ids(folder: Path) -> list[str]:
    """The ids of the articles that a run has extracted, in the order of its file."""
    return [line["document"]["id"] for line in lines(folder / "extractions.jsonl")]


def read_files(folder: Path) -> dict[str, bytes]:
    """The bytes of what a run has written, by name."""
    names = ("extractions.jsonl", "failures.jsonl")
    return {name: (folder / name).read_bytes() for name in names}


def stopping_after(
    count: int, documents: Iterator[Document], batch: Batch
) -> Iterator[Document | InputError]:
    """Documents that stop a run after so many of them."""
    for number, one in enumerate(documents):
        if number == count:
            batch.stop()
        yield one
