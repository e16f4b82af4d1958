"""A run's results once more, from its journal alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runs import NUMBER_7, articles, read_files, run
from vocero.corpus import Journal, replay
from vocero.errors import SettingsError, VoceroError
from vocero.testing import MockEndpoint, faults

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("no_proxy"),
]


def test_replay_does_not_write_over_another_run(
    folder: Path, tmp_path: Path, server: MockEndpoint
) -> None:
    run(folder, articles(3), server)
    run(tmp_path / "other", articles(2), server)
    before = read_files(tmp_path / "other")

    with pytest.raises(SettingsError, match=r"holds 'journal\.sqlite': name a new folder"):
        asyncio.run(replay(folder, tmp_path / "other"))
    assert read_files(tmp_path / "other") == before


def test_replay_rebuilds_a_run_from_its_journal_alone(folder: Path, tmp_path: Path) -> None:
    with MockEndpoint(faults=[faults.malformed_answer().containing(NUMBER_7)]) as server:
        run(folder, articles(12), server)
    before = read_files(folder)
    assert before["failures.jsonl"]

    for target in (tmp_path / "elsewhere", None):
        for name in before if target is None else ():
            (folder / name).unlink()
        assert asyncio.run(replay(folder, target)) == 12
        assert read_files(target or folder) == before


def test_replay_says_what_was_pruned(folder: Path, server: MockEndpoint) -> None:
    run(folder, articles(3), server)
    with Journal(folder / "journal.sqlite") as journal:
        journal._writer.execute("DELETE FROM call")  # prune takes articles as well
    before = read_files(folder)

    with pytest.raises(
        VoceroError, match="lacks an answer to the question 'article': was it pruned"
    ):
        asyncio.run(replay(folder))
    assert read_files(folder) == before


def test_replay_does_not_empty_a_run_whose_journal_was_pruned(
    folder: Path, server: MockEndpoint
) -> None:
    run(folder, articles(3), server)
    before = read_files(folder)
    with Journal(folder / "journal.sqlite") as journal:
        journal.prune(model="mock")
    with pytest.raises(VoceroError, match=r"holds 0 articles of the 3 .* pruned"):
        asyncio.run(replay(folder))
    (folder / "journal.sqlite").unlink()
    with pytest.raises(VoceroError, match=r"journal\.sqlite' is gone"):
        asyncio.run(replay(folder))
    assert read_files(folder) == before
