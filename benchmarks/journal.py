"""What the journal costs: records a second, and how long it holds up an event loop.

Run: python benchmarks/journal.py [folder on the disk to measure]
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from vocero.corpus import Journal, Journaled, Record, key_of
from vocero.model import FakeModel
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.model import Message

SEEDS = Path(__file__).parent.parent / "seeds"
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
RECORDS = 5_000
CALLERS = (1, 8, 50, 500)
PROCESSES = 2


class Item(BaseModel):
    s: int
    cue: str
    say: list[str]


class Items(BaseModel):
    items: list[Item]


ANSWER = Items(items=[Item(s=n, cue="dijo", say=["primero … último"]) for n in range(12)])


def records(count: int, run: str) -> Iterator[Record]:
    """Records of 5 KB (4 KB of Spanish news and an answer of 0.7 KB), each unlike the others."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))
    for n in range(count):
        start = n * 37 % (len(text) - 4_000)
        content = f"{run} {n}\n{text[start : start + 4_000]}"
        yield Record(
            key=hashlib.sha256(content.encode()).hexdigest(),
            label="attributions",
            model="benchmark",
            messages=({"role": "user", "content": content},),
            form="Items",
            started=NOW,
            ended=NOW,
            seconds=1.0,
            answer=ANSWER.model_dump_json(),
            answered_by="benchmark-1",
            finish="stop",
            usage=Usage(input_tokens=1_000, cached_tokens=0, output_tokens=100),
        )


async def put_all(journal: Journal, waiting: list[Record], callers: int) -> float:
    """Seconds in which so many callers put them all, each after the commit of the one before."""
    pile = iter(waiting)

    async def caller() -> None:
        for record in pile:
            await journal.aput(record)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return time.perf_counter() - started


async def lateness(journal: Journal | None, waiting: list[Record]) -> list[float]:
    """How late, in ms, a task that wants to run every ms ran while 50 callers put and get."""
    late: list[float] = []

    async def metronome() -> None:
        while True:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            late.append((time.perf_counter() - due) * 1e3)

    pile = iter(waiting)

    async def caller() -> None:
        for record in pile:
            if journal:
                journal.get(record.key)
                await journal.aput(record)
                journal.get(record.key)
            await asyncio.sleep(0.2)  # as a model takes

    ticking = asyncio.create_task(metronome())
    await asyncio.gather(*(caller() for _ in range(50)))
    ticking.cancel()
    return late


async def cost_of_asking(journal: Journal, waiting: list[Record]) -> tuple[float, float, float]:
    """CPU ms a question takes: of a model that answers at once, the same journaled, replayed."""
    plain = FakeModel(lambda _messages, _answer: ANSWER)
    journaled = Journaled(FakeModel(lambda _messages, _answer: ANSWER), journal)

    async def ask_all(model: FakeModel | Journaled) -> float:
        pile = iter(waiting)

        async def caller() -> None:
            for record in pile:
                await model.ask(record.messages, Items, max_tokens=800, label="attributions")

        started = time.process_time()
        await asyncio.gather(*(caller() for _ in range(50)))
        return (time.process_time() - started) / len(waiting) * 1e3

    return await ask_all(plain), await ask_all(journaled), await ask_all(journaled)


def put_in_a_process(path: Path, run: str) -> None:
    with Journal(path) as journal:
        asyncio.run(put_all(journal, list(records(RECORDS, run)), 50))


def spread(times: list[float]) -> str:
    ordered = sorted(times)
    median, worst = statistics.median(ordered), ordered[-1]
    return (
        f"median {median:.3f} ms, 99 % {ordered[len(ordered) * 99 // 100]:.3f}, worst {worst:.1f}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        path = Path(folder) / "journal.sqlite"
        with Journal(path) as journal:
            for callers in CALLERS:
                pile = list(records(RECORDS if callers > 1 else 500, f"c{callers}"))
                seconds = asyncio.run(put_all(journal, pile, callers))
                print(f"{callers:>4} callers: {len(pile) / seconds:7,.0f} records/s")

        started = time.perf_counter()
        spawn = multiprocessing.get_context("spawn")
        processes = [
            spawn.Process(target=put_in_a_process, args=(path, f"p{n}")) for n in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
            assert process.exitcode == 0
        rate = PROCESSES * RECORDS / (time.perf_counter() - started)
        print(f"{PROCESSES} processes of 50 callers, start-up included: {rate:,.0f} records/s")

        with Journal(path) as journal:
            keys = [record.key for record in records(RECORDS, "c50")]
            hits, misses = [], []
            for key in keys[:2000]:
                started = time.perf_counter()
                assert journal.get(key)
                hits.append((time.perf_counter() - started) * 1e3)
                started = time.perf_counter()
                assert not journal.get(key[::-1])
                misses.append((time.perf_counter() - started) * 1e3)
            print(f"get, there: {spread(hits)}")
            print(f"get, not there: {spread(misses)}")

            messages: list[Message] = [{"role": "user", "content": "x" * 8_000}]
            started = time.perf_counter()
            for n in range(1000):
                key_of(messages, Items, model="m", max_tokens=n, parameters={})
            print(f"key of 8 KB: {(time.perf_counter() - started) * 1e3:.0f} µs")

            pile = list(records(1_000, "late"))
            print(f"event loop late, no journal: {spread(asyncio.run(lateness(None, pile)))}")
            print(f"event loop late, 250 puts/s: {spread(asyncio.run(lateness(journal, pile)))}")

            pile = list(records(2_000, "ask"))
            plain, journaled, replayed = asyncio.run(cost_of_asking(journal, pile))
            print(
                f"CPU ms a question: plain {plain:.2f}, journaled {journaled:.2f}, "
                f"replayed {replayed:.2f}"
            )

            started = time.perf_counter()
            found = journal.stats()
            print(
                f"stats of {found.answers:,} records ({found.bytes / 1e6:.0f} MB): "
                f"{time.perf_counter() - started:.2f} s"
            )


if __name__ == "__main__":
    main()
