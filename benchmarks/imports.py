"""What it costs to import Vocero and to ask for help; medians over bare Python.

The bars: `import vocero` 0.05 s, `import vocero.schema` 1.3 times Pydantic with one model class
defined and used, `vocero --help` 0.35 s.

Run: python benchmarks/imports.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 5  # after the first, which fills the disk cache
ONE_CLASS = """
from pydantic import BaseModel
class Article(BaseModel):
    title: str
    words: int
    tags: list[str]
Article(title="a", words=1, tags=["b"])
"""
COMMANDS = {
    "bare Python": [sys.executable, "-c", ""],
    "Pydantic, one class": [sys.executable, "-c", ONE_CLASS],
    "import vocero": [sys.executable, "-c", "import vocero"],
    "import vocero.schema": [sys.executable, "-c", "import vocero.schema"],
    "vocero --help": [str(Path(sys.executable).with_name("vocero")), "--help"],
}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    # One of each in turn, so that what else the machine does weighs on all alike.
    rounds = [
        {name: seconds(command) for name, command in COMMANDS.items()} for _ in range(RUNS + 1)
    ]
    median = {name: statistics.median(one[name] for one in rounds[1:]) for name in COMMANDS}
    over = {name: median[name] - median["bare Python"] for name in COMMANDS}
    bars = {
        "import vocero": 0.05,
        "import vocero.schema": 1.3 * over["Pydantic, one class"],
        "vocero --help": 0.35,
    }
    print(f"{'':22}{'median s':>10}{'over bare':>11}{'bar':>8}")
    for name in COMMANDS:
        bar = f"{bars[name]:8.3f}" if name in bars else ""
        verdict = f"  {'met' if over[name] < bars[name] else 'MISSED'}" if name in bars else ""
        print(f"{name:22}{median[name]:10.3f}{over[name]:11.3f}{bar}{verdict}")


if __name__ == "__main__":
    main()
