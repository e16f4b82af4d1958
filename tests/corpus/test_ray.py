"""The engine on Ray: many processes, one limit, and whatever dies costs nothing.

Those tests that start Ray take a minute together: ``pytest -m ray``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import vocero
from runs import finds_nothing
from vocero.corpus.on_ray.engine import run_on_ray
from vocero.corpus.replay import replay
from vocero.errors import AuthenticationError, DependencyError, SettingsError, VoceroError
from vocero.model import Budget, connect
from vocero.schema import Document
from vocero.testing import MockEndpoint, RateLimit, faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ray = pytest.importorskip("ray")
pq = pytest.importorskip("pyarrow.parquet")

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    # Ray's settings warn of each other whenever they are made.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context"),
]
MARK = f"VOCERO_TEST_{os.getpid()}"


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One machine's; its processes are known by a variable."""
    settings = {
        MARK: "1",
        "NO_PROXY": "127.0.0.1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=80_000_000,
            log_to_driver=False,
            logging_level="ERROR",
            _node_ip_address="127.0.0.1",
        )
        yield
        ray.shutdown()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Forty articles in a file, and two in others, one of which is none."""
    folder = tmp_path / "news"
    folder.mkdir()
    lines = [json.dumps({"id": f"a{n:02}", "text": text(n), "language": "en"}) for n in range(40)]
    (folder / "agency.jsonl").write_text("\n".join(lines))
    (folder / "broken.txt").write_bytes(b"\x00\x01\x02")
    (folder / "last.txt").write_text(text(40))
    return folder


def text(number: int) -> str:
    return f"“We will not close mine {number},” said Clara Boyd. “Nobody asked us,” they answered."


def run(folder: Path, articles: Path, server: MockEndpoint, **options: Any) -> bool:
    settings: dict[str, Any] = {"at_once": 8, "shard": 6, "reading": {"language": "en"}}
    return run_on_ray(
        folder,
        [str(articles)],
        model="mock",
        options={"base_url": server.base_url, "api_key": "x", "max_tries": 2},
        **settings | options,
    )


def rows(folder: Path) -> list[dict[str, Any]]:
    parts = sorted((folder / "extractions").glob("part-*.parquet"))
    return [row for part in parts for row in pq.read_table(part).to_pylist()]


def summary(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return read


def failures(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "failures.jsonl").read_text().splitlines()]


def texts(folder: Path) -> list[str]:
    """What the run holds, in its order."""
    return [json.loads(row["extraction"])["document"]["text"] for row in rows(folder)]


ALL = [text(number) for number in range(41)]


@contextmanager
def after(requests: int, server: MockEndpoint, do: Callable[[], None]) -> Iterator[None]:
    """Do something as soon as the endpoint was asked so often."""

    def watch() -> None:
        while len(server.requests) < requests:
            time.sleep(0.02)
        do()

    watching = threading.Thread(target=watch)
    watching.start()
    yield
    watching.join()


# What is refused before anything starts


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(DependencyError, match=r"vocero\[ray\]"):
        run_on_ray(tmp_path / "run", ["news"], model="mock")


@pytest.mark.parametrize(
    ("paths", "given", "why"),
    [
        (["-"], {}, "write it to a file"),
        (["news"], {"reading": {"language": "klingon"}}, "klingon"),
        (["news"], {"workers": 9, "at_once": 8}, "9 workers, 8 articles at once"),
        (["news"], {"options": {"budget": Budget(tokens=1)}}, "budget cannot be shared"),
        (["news"], {"min_confidence": 80}, "min_confidence=80 is no chance"),
    ],
)
def test_settings_that_do_not_fit(
    tmp_path: Path, paths: list[str], given: dict[str, Any], why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        run_on_ray(tmp_path / "run", paths, model="local", **given)


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    model: Any = {"model": "mock", "options": {"base_url": "http://127.0.0.1:1/v1", "api_key": "x"}}
    with pytest.raises(VoceroError, match=r"cannot be reached at '127\.0\.0\.1:1' \(.*refused"):
        run_on_ray(tmp_path / "run", ["news"], address="127.0.0.1:1", **model)


# What a run comes to


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_articles_come_out_as_without_ray_and_another_input_is_refused(
    tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    folder = tmp_path / "run"
    with MockEndpoint() as server:
        assert run(folder, articles, server)
        asked = len(server.requests)
        assert run(folder, articles, server)
        assert len(server.requests) == asked, "a finished run asks nothing"
        extraction = vocero.extract(
            Document.from_text(text(0), language="en"),
            model=connect("mock", base_url=server.base_url, api_key="x"),
        )
    assert texts(folder) == ALL
    first = rows(folder)[0]
    assert (first["attributions"], first["language"]) == (len(extraction.attributions), "en")
    alike = json.loads(first["extraction"])["attributions"]
    assert alike == json.loads(extraction.model_dump_json())["attributions"]
    [unread] = failures(folder)
    assert (unread["position"], unread["error"]) == (40, "InputError")
    counted = summary(folder)
    assert (counted["finished"], counted["articles"]) == (True, {"done": 41, "failed": 1})
    (articles / "more.txt").write_text("One more.")
    with pytest.raises(SettingsError, match="input was '3 files"):
        run(folder, articles, server)
    with pytest.raises(SettingsError, match="delete a part and go on"):
        asyncio.run(replay(folder))


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_workers_reject_what_is_less_sure_than_was_asked_for(
    tmp_path: Path, articles: Path
) -> None:
    with MockEndpoint(finds_nothing) as server:
        assert run(tmp_path / "run", articles, server, min_confidence=1.0)

    assert {(row["attributions"], row["rejected"]) for row in rows(tmp_path / "run")} == {(0, 1)}


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_a_killed_worker_loses_nothing(tmp_path: Path, articles: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        killed.append(workers()[0])
        os.kill(killed[0], signal.SIGKILL)

    with MockEndpoint(faults=[faults.latency(0.3)]) as server:
        with after(20, server, kill):
            assert run(tmp_path / "run", articles, server)
        again = len(server.requests) - len({one.body for one in server.requests})
    assert killed
    assert texts(tmp_path / "run") == ALL, "all of them, none twice"
    assert again <= 4, "only what the dead worker waited for is asked again"


def workers() -> list[int]:
    """Our cluster's processes that extract."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"{MARK}=1".encode() in (process / "environ").read_bytes()
            if ours and b"MapBatches(Extract)" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue  # it has ended, or is somebody else's
    return found


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_an_interrupted_run_goes_on_and_pays_nothing_twice(tmp_path: Path, articles: Path) -> None:
    folder = tmp_path / "run"
    with MockEndpoint(faults=[faults.latency(0.3)]) as server:
        with after(20, server, lambda: os.kill(os.getpid(), signal.SIGINT)):
            assert not run(folder, articles, server)
        assert not summary(folder)["finished"]
        left = len(ALL) - len(server.requests)
        assert left > 0
        assert run(folder, articles, server)
        assert len(server.requests) == len({one.body for one in server.requests}) == len(ALL)
    assert texts(folder) == ALL


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_what_concerns_all_articles_stops_all_workers(tmp_path: Path, articles: Path) -> None:
    folder = tmp_path / "run"
    with (
        MockEndpoint(faults=[faults.status(401)]) as server,
        pytest.raises(AuthenticationError, match="401"),
    ):
        run(folder, articles, server)
    assert len(server.requests) <= 16
    assert not texts(folder)
    assert failures(folder) == []


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_failed_articles_are_read_again_on_demand_and_take_their_places(
    tmp_path: Path, articles: Path
) -> None:
    folder = tmp_path / "run"
    with MockEndpoint(faults=[faults.status(400).containing("mine 7,")]) as server:
        assert run(folder, articles, server)
    assert texts(folder) == [*ALL[:7], *ALL[8:]]
    assert [one["position"] for one in failures(folder)] == [7, 40]
    with MockEndpoint() as server:
        assert run(folder, articles, server, retry_failed=True)
        assert len(server.requests) == 1
    assert texts(folder) == ALL
    assert [one["position"] for one in failures(folder)] == [40]
    assert summary(folder)["articles"] == {"done": 41, "failed": 1}


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_the_workers_share_one_limit(tmp_path: Path, articles: Path) -> None:
    limit = RateLimit(requests_per_second=20, burst_seconds=0.5)
    with MockEndpoint(limit=limit) as server:
        assert run(tmp_path / "run", articles, server, at_once=20)
    assert texts(tmp_path / "run") == ALL
    assert server.counts["rate limit"] < 0.3 * len(server.requests)
