"""Every fault at random, and the run killed again and again: each article ends done or failed."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from runs import articles, ids, lines, read_files
from vocero.testing import MockEndpoint, chaos

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

VOCERO = [sys.executable, "-c", "from vocero.cli import main; main()"]


@pytest.mark.parametrize(
    ("count", "kills", "seed"),
    [(150, 2, 1), pytest.param(1000, 5, 2, marks=pytest.mark.long)],
)
def test_a_run_survives_all_faults_at_once_and_being_killed(
    tmp_path: Path, count: int, kills: int, seed: int
) -> None:
    folder, source = tmp_path / "run", tmp_path / "articles.jsonl"
    source.write_text("".join(f"{one.model_dump_json()}\n" for one in articles(count)))
    chance = random.Random(seed)  # noqa: S311

    with MockEndpoint(faults=chaos(0.01, seed=seed)) as server:
        for _ in range(kills):
            process = start(source, folder, server)
            wait_for_requests(server, chance.randint(count // 10, count // 5), process)
            process.kill()
            process.communicate()
        process = start(source, folder, server)
        _, said = process.communicate(timeout=600)
    assert process.returncode in {0, 1}, said

    done, failures = ids(folder), lines(folder / "failures.jsonl")
    assert sorted(done + [one["id"] for one in failures]) == sorted(f"a{n}" for n in range(count))
    assert all(one["error"] and one["message"] for one in failures)
    assert len(failures) < count / 10
    assert answered_twice(folder) == 0

    before = read_files(folder)
    for name in before:
        (folder / name).unlink()
    subprocess.run([*VOCERO, "replay", str(folder)], check=True, capture_output=True)
    assert read_files(folder) == before


def start(source: Path, folder: Path, server: MockEndpoint) -> subprocess.Popen[str]:
    """Begin the run, or go on with it."""
    environment = os.environ | {
        "VOCERO_BASE_URL": server.base_url,
        "VOCERO_API_KEY": "sesame",
        "VOCERO_TIMEOUT": "3",
        "NO_PROXY": "127.0.0.1",
    }
    command = [*VOCERO, "batch", str(source), "-o", str(folder), "-m", "mock", "-c", "20"]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def wait_for_requests(server: MockEndpoint, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until the endpoint has had so many more requests."""
    until = len(server.requests) + count
    while len(server.requests) < until and process.poll() is None:
        time.sleep(0.01)


def answered_twice(folder: Path) -> int:
    """Questions that were asked again although the journal held their answer."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as database:
        rows = database.execute(
            "SELECT key FROM call WHERE error IS NULL GROUP BY key HAVING COUNT(*) > 1"
        ).fetchall()
    return len(rows)
