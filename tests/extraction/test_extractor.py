"""An extractor: the time it puts into its accounts, and the event loop it leaves free."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest

import vocero
from scripted import scripted
from vocero import Document, Extractor, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

BRIDGE = "El alcalde de Lugo, Pedro Outeiro, dijo que el puente cerrará en marzo."
NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def test_a_time_that_is_given_makes_two_runs_the_same_to_the_byte() -> None:
    def run() -> str:
        with Extractor(scripted(), created_at=NOON) as extractor:
            return extractor.extract(Document.from_text(BRIDGE, language="es")).model_dump_json()

    first = run()

    assert first == run()
    assert '"created_at":"2026-11-01T12:00:00Z"' in first


def test_without_one_it_is_now() -> None:
    before = dt.datetime.now(dt.UTC)
    created = vocero.extract(BRIDGE, model=scripted()).provenance.created_at
    assert before <= created <= dt.datetime.now(dt.UTC)


def test_a_time_without_a_zone_is_no_point_in_time() -> None:
    with pytest.raises(SettingsError, match="2026-11-01T12:00:00 has no time zone"):
        Extractor(scripted(), created_at=NOON.replace(tzinfo=None))


async def longest_wait(extractor: Extractor, document: Document | Path) -> tuple[float, float]:
    """The longest time the event loop was held while an article was read, and the whole time."""
    reading = asyncio.create_task(extractor.aextract(document))
    longest, started = 0.0, time.perf_counter()
    while not reading.done():
        asked = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - asked)
    assert (await reading).attributions
    return longest, time.perf_counter() - started


async def test_a_long_article_does_not_hold_up_what_else_runs(seeds: Path) -> None:
    seed = (seeds / "002_955a7d7ec76de19f.txt").read_text(encoding="utf-8")
    long = Document.from_text("\n".join([seed] * 25), language="es")

    async with Extractor(scripted()) as extractor:
        await extractor.aextract(seed)  # loads what is loaded once
        shares = []
        for _ in range(3):  # on a busy machine another process may hold the loop up
            longest, whole = await longest_wait(extractor, long)
            shares.append(longest / whole)

    # By far the most of the work; a share, for machines differ.
    assert min(shares) < 1 / 3
