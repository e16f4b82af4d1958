"""The engine on Ray beside the local one, against the mock endpoint, in one run.

Run: python benchmarks/throughput/engines.py [--articles 2000] [--at-once 100] [--workers 1,2,4]

Each engine has a process and an endpoint of its own. `start` is from the call to the first request,
Ray's own start included; `work` from there until the last article is written; `total` from the call
to its return. The last column compares articles a second of work with the local engine's. The limit
is the endpoint's latency: requests x latency / at once.

With --gate: how many requests a second the one pacer can let through that all workers share, from
one process, and what a turn and a note take of its time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from vocero.corpus.runner import Progress

SENTENCE = "The council met on Monday and heard the report of the inspectors about the shaft."
LATENCY = 0.2


def write_articles(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            text = (
                f"“We will not close mine {number},” said Clara Boyd, minister of town {number}. "
                f"{f'{SENTENCE} ' * 26}“Nobody asked us,” the workers answered."  # about 410 words
            )
            file.write(json.dumps({"id": str(number), "text": text, "language": "en"}) + "\n")


class Watch:
    """When the endpoint got its first request, and when the last article was counted."""

    def __init__(self, url: str, progress: Progress) -> None:
        self._stats = url.removesuffix("/v1") + "/stats"
        self.first = self.last = 0.0
        self._progress = progress
        threading.Thread(target=self._watch, daemon=True).start()

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(self._stats) as answer:  # noqa: S310 - the mock's
            read: dict[str, Any] = json.load(answer)
        return read

    def _watch(self) -> None:
        while not self.stats()["requests"]:
            time.sleep(0.05)
        self.first = time.monotonic()
        finished = 0
        while True:
            if finished != self._progress.summary.finished:
                finished, self.last = self._progress.summary.finished, time.monotonic()
            time.sleep(0.02)


def run_local(url: str, articles: Path, folder: Path, at_once: int, progress: Progress) -> None:
    from vocero.corpus.batch import Batch  # noqa: PLC0415 - its import is part of the start
    from vocero.model import connect  # noqa: PLC0415
    from vocero.read import read_documents  # noqa: PLC0415

    model = connect("mock", base_url=url, api_key="x", concurrency=at_once)
    batch = Batch(folder, model, at_once=at_once, output="parquet")
    progress.summary = batch.progress.summary
    assert asyncio.run(batch.run(read_documents([articles])))


def run_ray(
    url: str, articles: Path, folder: Path, at_once: int, progress: Progress, *, workers: int
) -> None:
    from vocero.corpus.on_ray.engine import run_on_ray  # noqa: PLC0415

    assert run_on_ray(
        folder,
        [str(articles)],
        model="mock",
        options={"base_url": url, "api_key": "x"},
        at_once=at_once,
        workers=workers,
        shard=100,
        progress=progress,
    )


def measure(workers: int, count: int, at_once: int) -> None:
    """Print one line of figures; 0 workers: the local engine."""
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        articles, run = Path(folder) / "articles.jsonl", Path(folder) / "run"
        write_articles(articles, count)
        mock = [sys.executable, "-m", "vocero.testing", "--latency", str(LATENCY)]
        with subprocess.Popen(mock, stdout=subprocess.PIPE, text=True) as endpoint:
            try:
                assert endpoint.stdout is not None
                url = endpoint.stdout.readline().strip()
                watch = Watch(url, progress := Progress())
                began = time.monotonic()
                if workers:
                    run_ray(url, articles, run, at_once, progress, workers=workers)
                else:
                    run_local(url, articles, run, at_once, progress)
                ended = time.monotonic()
                requests = watch.stats()["requests"]
            finally:
                endpoint.terminate()
                endpoint.communicate()
        done = json.loads((run / "summary.json").read_text())["articles"]["done"]
    figures = {
        "start": watch.first - began,
        "work": watch.last - watch.first,
        "total": ended - began,
        "limit": requests * LATENCY / at_once,
        "done": done,
    }
    print(json.dumps(figures))


def measure_gate() -> None:
    import ray  # noqa: PLC0415 - an extra

    from vocero.corpus.on_ray.gate import Gate, GatePacing  # noqa: PLC0415
    from vocero.model.headers import Told  # noqa: PLC0415

    ray.init(include_dashboard=False, object_store_memory=80_000_000, logging_level="ERROR")
    gate = ray.remote(Gate).options(num_cpus=0, max_concurrency=100_000).remote()
    pacing = GatePacing(gate)

    async def ask(until: float) -> list[float]:
        waits = []
        while (asked := time.perf_counter()) < until:
            turn = await pacing.acquire(1000.0)
            waits.append(time.perf_counter() - asked)
            pacing.note(turn, 200, Told())
        return waits

    async def ask_at_once(callers: int) -> list[float]:
        until = time.perf_counter() + 3
        found = await asyncio.gather(*(ask(until) for _ in range(callers)))
        return [wait for waits in found for wait in waits]

    asyncio.run(ask_at_once(10))
    for callers in (1, 10, 100):
        waits = sorted(asyncio.run(ask_at_once(callers)))
        median = waits[len(waits) // 2] * 1000
        print(f"{callers} callers: {len(waits) / 3:.0f} turns a second, median {median:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--gate", action="store_true", help="measure the shared pacer instead")
    given = parser.parse_args()
    if given.gate:
        measure_gate()
        return
    if given.measure is not None:
        measure(given.measure, given.articles, given.at_once)
        return
    print(f"{given.articles} articles, {given.at_once} at once, {LATENCY} s an answer")
    print("| engine | start s | work s | total s | x limit | articles/s | x local |")
    print("|" + " --- |" * 7)
    local = 0.0
    for workers in [0, *map(int, given.workers.split(","))]:
        sizes = [f"--articles={given.articles}", f"--at-once={given.at_once}"]
        command = [sys.executable, __file__, f"--measure={workers}", *sizes]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        assert figures["done"] == given.articles
        rate = figures["done"] / figures["work"]
        local = local or rate
        print(
            f"| {f'ray, {workers} workers' if workers else 'local, 1 process'} "
            f"| {figures['start']:.1f} | {figures['work']:.1f} | {figures['total']:.1f} "
            f"| {figures['work'] / figures['limit']:.2f} | {rate:.0f} | {rate / local:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
