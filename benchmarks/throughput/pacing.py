"""How much of a rate limit is used, and what is lost: the real client behind the mock endpoint.

Questions of one call each, so many at once, behind a token bucket that holds one second's worth,
for each way in which an endpoint tells of its limits. Then no limit and lognormal latency: the
least possible is what a list of workers takes for the same times. The mock is its own process.

Run: python benchmarks/throughput/pacing.py [--articles 600] [--rate 40] [--concurrency 50]
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import math
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from vocero.errors import ModelError
from vocero.model import connect
from vocero.testing import HEADER_STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.model import Message

LATENCY = 0.05
MEDIAN, SIGMA, SEED = 0.2, 0.8, 1
ARTICLE = "word " * 420


class Draft(BaseModel):
    """Any small answer."""

    items: list[str]


class Ran(NamedTuple):
    seconds: float
    cpu: float
    lost: int
    tokens: int
    """Of one question and its answer."""


@contextmanager
def mock(*options: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """A mock endpoint in its own process: its address, and when it is closed its counters."""
    command = [sys.executable, "-m", "vocero.testing", *map(str, options)]
    counters: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip(), counters
        process.terminate()
        counters.update(json.loads(process.stdout.readline()))


async def ask(url: str, articles: int, concurrency: int) -> Ran:
    """Ask about so many articles, all of them waiting from the beginning."""
    model = connect("mock", base_url=url, mode="json_schema", concurrency=concurrency)
    lost, tokens = 0, 0

    async def one(number: int) -> None:
        nonlocal lost, tokens
        asked: list[Message] = [{"role": "user", "content": f"{ARTICLE}{number:6}"}]
        try:
            got = await model.ask(asked, Draft, max_tokens=500, label=str(number))
            tokens = (got.usage.input_tokens or 0) + (got.usage.output_tokens or 0)
        except ModelError as error:
            lost += 1
            print(error)

    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(number) for number in range(articles)))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    await model.aclose()
    return Ran(seconds, cpu, lost, tokens)


def row(name: str, ran: Ran, least: float, articles: int, refused: int) -> None:
    print(
        f"{name:28}{ran.seconds:9.2f}{least:9.2f}{least / ran.seconds:8.1%}{refused:9}{ran.lost:6}"
        f"{1000 * ran.cpu / articles:8.2f}"
    )


def behind_limits(articles: int, rate: float, concurrency: int, tokens: int) -> None:
    least = (articles - rate) / rate + LATENCY
    limits = (
        ("requests", ("--requests-per-second", rate)),
        ("tokens", ("--tokens-per-minute", rate * 60 * tokens)),
    )
    for name, limit in limits:
        for style in HEADER_STYLES:
            with mock(*limit, "--headers", style, "--latency", LATENCY) as (url, counters):
                ran = asyncio.run(ask(url, articles, concurrency))
            refused = counters["faults"].get("rate limit", 0)
            row(f"{name}, {style}", ran, least, articles, refused)


def without_limit(articles: int, concurrency: int) -> None:
    drawn = random.Random(SEED)  # noqa: S311 - no secret
    ends = [0.0] * concurrency
    for _ in range(articles):
        heapq.heapreplace(ends, ends[0] + drawn.lognormvariate(math.log(MEDIAN), SIGMA))
    with mock("--latency", MEDIAN, "--sigma", SIGMA, "--seed", SEED) as (url, _):
        ran = asyncio.run(ask(url, articles, concurrency))
    row("none, lognormal latency", ran, max(ends), articles, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second")
    parser.add_argument("--concurrency", type=int, default=50)
    given = parser.parse_args()
    with mock() as (url, _):  # the SDK's imports, which are no part of pacing
        tokens = asyncio.run(ask(url, 1, 1)).tokens
    print(
        f"{'limit':28}{'seconds':>9}{'least':>9}{'share':>8}{'refused':>9}{'lost':>6}{'CPU ms':>8}"
    )
    behind_limits(given.articles, given.rate, given.concurrency, tokens)
    without_limit(given.articles, given.concurrency)


if __name__ == "__main__":
    main()
