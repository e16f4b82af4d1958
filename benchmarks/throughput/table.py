"""What reading very many articles costs beside the model: Vocero and others against one mock.

Every line is measured in a process of its own, against an endpoint of its own in another process,
on the same articles: English news of 420 words with eight quotations each. "x limit" is the time
over what the endpoint alone needs (articles / in flight x latency). AsyncOpenAI and raw aiohttp
only ask and validate; `vocero batch` reads its input, grounds, keeps a journal and writes files.

Run: python benchmarks/throughput/table.py [SECTION …] [--peers-python PATH]

The peers of requirements.txt need an environment of their own; its Python is PATH.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from articles import write_articles
from boundary import WAYS, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
LATENCY = 0.2
HEAD = f"{'':28} {'seconds':>8} {'x limit':>8} {'CPU ms/request':>15} {'requests':>9}"
HEAD += f" {'peak MB':>8} {'lost':>6}"


@dataclass(frozen=True)
class Work:
    """What is to be done, and against what endpoint."""

    articles: int
    in_flight: int
    latency: float = LATENCY
    sigma: float = 0.0

    @property
    def limit(self) -> float:
        """Seconds that the endpoint takes for it, if somebody keeps it busy; a slow last answer
        comes on top."""
        mean = self.latency * math.exp(self.sigma**2 / 2)
        return self.articles / self.in_flight * mean


@dataclass(frozen=True)
class Way:
    """One line of a table."""

    name: str
    measure: Callable[[Work, str, Path], dict[str, Any]]
    """Given the work, the endpoint's address and a file of the articles; raises OSError or
    ModuleNotFoundError where what it needs is not there."""


@contextmanager
def endpoint(work: Work) -> Iterator[str]:
    """Start a mock endpoint; yield its address."""
    asked = ["--latency", str(work.latency), "--sigma", str(work.sigma)]
    command = [sys.executable, str(HERE / "mock_endpoint.py"), *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def child(script: str, *options: object, python: Path | str = sys.executable) -> dict[str, Any]:
    """Run one of the scripts here; return what it prints."""
    command = [str(python), str(HERE / script), *(str(option) for option in options)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    took: dict[str, Any] = json.loads(ran.stdout)
    return took


def asking(way: str) -> Way:
    """One of boundary.py's ways."""
    return Way(way, lambda work, url, _file: taken(way, url, work.articles, work.in_flight))


def batch(processes: int = 1) -> Way:
    """`vocero batch` in a process that has imported what it needs."""

    def measure(work: Work, url: str, file: Path) -> dict[str, Any]:
        options = ("--url", url, "--articles", file, "--in-flight", work.in_flight)
        return child("whole.py", *options, "--processes", processes)

    return Way("vocero batch" + (f" --processes {processes}" if processes > 1 else ""), measure)


def command() -> Way:
    """The command, less what it takes for a single article: start-up and that article."""

    def measure(work: Work, url: str, file: Path) -> dict[str, Any]:
        with file.open(encoding="utf-8") as lines:
            one = file.with_name("one.jsonl")
            one.write_text(next(lines), encoding="utf-8")
        alone, whole = _command(one, url, work), _command(file, url, work)
        less = {name: whole[name] - alone[name] for name in ("seconds", "cpu", "requests")}
        return whole | less

    return Way("the command, less start-up", measure)


def _command(file: Path, url: str, work: Work) -> dict[str, Any]:
    program = "from vocero.cli import main; main()"
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        run = Path(folder) / "run"
        asked = ["--model", "mock", "--base-url", url, "--concurrency", str(work.in_flight)]
        words = [sys.executable, "-c", program, "batch", str(file), "-o", str(run), *asked]
        started = time.perf_counter()
        process = subprocess.Popen([*words, "--quiet"], env={**os.environ, "VOCERO_API_KEY": "x"})
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        summary = json.loads((run / "summary.json").read_text())
    return {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / 1024,
        "requests": summary["calls"],
        "lost": summary["articles"]["failed"],
    }


def langextract(python: Path | None, *, best: bool) -> Way:
    """LangExtract, with its defaults or as fast as its options let it be."""

    def measure(work: Work, url: str, file: Path) -> dict[str, Any]:
        if python is None:
            raise FileNotFoundError("no --peers-python")
        options = ("--url", url, "--articles", file)
        most = ("--in-flight", work.in_flight) if best else ()
        return child("langextract_way.py", *options, *most, python=python)

    return Way(f"LangExtract, {'best setting' if best else 'defaults'}", measure)


def table(title: str, work: Work, ways: list[Way]) -> None:
    """Measure the ways one after the other and print a line for each."""
    jitter = f", lognormal with sigma {work.sigma}" if work.sigma else ""
    print(
        f"\n{title.capitalize()}: {work.articles:,} articles, {work.in_flight} in flight, ", end=""
    )
    print(f"{work.latency} s{jitter}; limit {work.limit:.2f} s\n{HEAD}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        write_articles(file, work.articles)
        for way in ways:
            try:
                with endpoint(work) as url:
                    line = _line(way.measure(work, url, file), work)
            except (FileNotFoundError, ModuleNotFoundError) as error:
                line = f" skipped: {error}"
            print(f"{way.name:28}{line}", flush=True)


def _line(took: dict[str, Any], work: Work) -> str:
    limits = f"{took['seconds'] / work.limit:.2f}" if work.limit else "-"
    line = f" {took['seconds']:8.2f} {limits:>8} {took['cpu'] / took['requests'] * 1e3:15.2f}"
    return f"{line} {took['requests']:9,} {took['peak']:8.0f} {took['lost']:6}"


def sections(peers: Path | None) -> dict[str, list[tuple[Work, list[Way]]]]:
    """What can be measured, by name: tables of work and the ways to do it."""
    raw, whole = asking("raw aiohttp"), batch()
    others = [asking(way) for way in WAYS if way not in {"raw aiohttp", "raw httpx2", "Vocero"}]
    best, defaults = langextract(peers, best=True), langextract(peers, best=False)
    wide = Work(3_000, 500, 1.0)
    return {
        "usual": [(Work(200, 50), [raw, *others, best, defaults, whole, command()])],
        "wide": [(wide, [raw, whole])],
        "wide-peers": [(wide, [raw, *others, whole])],
        "uneven": [(Work(600, 50, sigma=0.8), [raw, *others, best, whole])],
        "concurrency": [
            (Work(max(20, 4 * in_flight), in_flight), [raw, whole])
            for in_flight in (1, 10, 50, 100, 500)
        ],
        "processes": [(Work(2_000, 200), [raw, whole, batch(2)])],
        "many": [(Work(10_000, 100), [raw, whole])],
        "memory": [(Work(count, 50, 0.0), [whole]) for count in (1_000, 10_000, 100_000)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = list(sections(None))
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(names))
    parser.add_argument("--peers-python", type=Path, metavar="PATH")
    given = parser.parse_args()
    chosen = given.sections or ["usual", "wide"]
    if unknown := set(chosen) - set(names):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for name in chosen:
        for work, ways in sections(given.peers_python)[name]:
            table(name, work, ways)


if __name__ == "__main__":
    main()
