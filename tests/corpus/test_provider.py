"""Half-price batches: the same bytes as online, nothing submitted twice."""

from __future__ import annotations

import asyncio
import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest

from posting import ARTICLES, PRICE, KilledError, ask, engine_of, mock, once, post, records, written
from vocero.corpus.batch import Batch
from vocero.corpus.provider import Limits
from vocero.model import connect
from vocero.testing import Batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vocero.corpus.journal import Journal
    from vocero.corpus.manifest import Manifest
    from vocero.schema import Document

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("at_a_fixed_time"),
]


def test_the_outputs_and_the_journal_are_those_of_an_online_run(tmp_path: Path) -> None:
    with mock() as server:
        ask(tmp_path / "online", server)
        online = len(server.requests)
        post(tmp_path / "posted", server)
        assert len(server.requests) == online  # not one question was asked at the full price

    assert written(tmp_path / "posted") == written(tmp_path / "online")
    assert len((tmp_path / "posted" / "extractions.jsonl").read_bytes().splitlines()) == 6
    assert records(tmp_path / "posted") == records(tmp_path / "online")
    assert once(server.batches)
    assert server.batches.submitted.total() == online


def test_what_one_engine_was_told_the_other_does_not_ask(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path / "run", server)
        for name in ("extractions.jsonl", "manifest.json"):
            (tmp_path / "run" / name).unlink()
        journal = (tmp_path / "run" / "journal.sqlite").rename(tmp_path / "journal.sqlite")
        shutil.rmtree(tmp_path / "run")
        (tmp_path / "run").mkdir()
        model = connect("mock", base_url=server.base_url, api_key="x", price=PRICE)
        batch = Batch(tmp_path / "run", model, at_once=4, journal=journal)
        assert asyncio.run(batch.run(ARTICLES))
        assert not server.requests

    with mock() as server:
        ask(tmp_path / "online", server)
        post(tmp_path / "online", server)
        assert not server.batches.calls


def test_nothing_is_left_at_the_provider_and_the_state_is_private(tmp_path: Path) -> None:
    with mock() as server:
        post(tmp_path, server)

    assert server.batches.calls["POST files"] == 2
    assert not server.batches.files
    assert stat.S_IMODE((tmp_path / "provider").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "provider").iterdir()] == ["state.sqlite"]
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"secret-key" not in path.read_bytes()


def test_files_keep_within_both_limits(tmp_path: Path) -> None:
    sizes = []

    class Measured(Batches):
        def reply(self, head: bytes, body: bytes, answer: Any) -> Any:
            before = set(self.files)
            reply = super().reply(head, body, answer)
            for name in set(self.files) - before:
                title, content = self.files[name]
                if title.startswith("vocero"):
                    sizes.append((len(content.splitlines()), len(content)))
            return reply

    with mock() as server:
        ask(tmp_path / "online", server)
    with mock(batches=Measured()) as server:
        post(tmp_path / "few", server, limits=Limits(requests=4))
    assert [count for count, _ in sizes] == [4, 2, 4, 2]
    assert once(server.batches)
    assert written(tmp_path / "few") == written(tmp_path / "online")

    largest = max(length for _, length in sizes[:1]) // 4 + 100
    sizes.clear()
    with mock(batches=Measured()) as server:
        post(tmp_path / "small", server, limits=Limits(bytes=2 * largest))
    assert all(length <= 2 * largest for _, length in sizes)
    assert once(server.batches)
    assert written(tmp_path / "small") == written(tmp_path / "online")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Whatever an undisturbed run tells of its progress, in order."""
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patched, mock(batches=Batches(looks=2)) as server:
        patched.setenv("NO_PROXY", "127.0.0.1")
        post(
            tmp_path_factory.mktemp("steps"),
            server,
            on_progress=lambda standing: told.append(" ".join(standing.batches)),
        )
    return told


def test_progress_tells_each_step(steps: list[str]) -> None:
    a_round = ["uploading", "uploaded", "creating", "created", "validating", "completed", "taken"]
    assert steps == [*a_round, *a_round]


@pytest.mark.parametrize("step", range(14))
def test_killed_at_any_step_it_goes_on_and_submits_nothing_twice(
    tmp_path: Path, step: int, steps: list[str]
) -> None:
    assert len(steps) == 14
    told: list[str] = []

    def kill(standing: Any) -> None:
        told.append(" ".join(standing.batches))
        if len(told) == step + 1:
            # As a killed process would leave it: what is not on the disk by now is lost.
            shutil.copytree(tmp_path / "run", tmp_path / "left")
            raise KilledError

    with mock() as server:
        ask(tmp_path / "online", server)
    with mock(batches=Batches(looks=2)) as server:
        with pytest.raises(KilledError):
            post(tmp_path / "run", server, on_progress=kill)
        post(tmp_path / "left", server)

    assert told == steps[: step + 1]
    assert once(server.batches)
    assert server.batches.calls["POST files"] == 2
    assert written(tmp_path / "left") == written(tmp_path / "online")


def test_killed_while_it_writes_requests_it_writes_them_anew(tmp_path: Path) -> None:
    def cut() -> Iterator[Document]:
        yield from ARTICLES[:3]
        shutil.copytree(tmp_path / "run", tmp_path / "left")
        raise KilledError

    with mock() as server:
        engine = engine_of(tmp_path / "run", server)

        async def fill(journal: Journal, manifest: Manifest) -> None:
            await engine.fill(cut, journal, manifest)

        batch = Batch(tmp_path / "run", engine.model, at_once=4, before=fill)
        with pytest.raises(KilledError):
            asyncio.run(batch.run(ARTICLES))
        assert not server.batches.calls
        post(tmp_path / "left", server)

    assert once(server.batches)
    assert len((tmp_path / "left" / "extractions.jsonl").read_bytes().splitlines()) == 6
