"""One server of the embedded model, shared by processes, gone after the last of them.

A stand-in serves in place of llama.cpp; the processes, signals, locks and addresses are real.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from vocero.errors import DependencyError, LocalModelError, SettingsError
from vocero.model.local import Address, LocalServer, acquire, cached_path
from vocero.model.local.host import llama

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

HERE = Path(__file__).parent
STAND_IN = (sys.executable, str(HERE / "stand_in_server.py"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOCERO_CACHE_DIR", str(tmp_path))
    # A proxy can reach no server on this machine's loopback address.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    return tmp_path


@pytest.fixture
def model(cache: Path) -> Path:
    return cache / "tiny.gguf"


@contextlib.contextmanager
def another_process(model: Path) -> Iterator[tuple[subprocess.Popen[str], Address]]:
    """Another process that uses the server, and the address it was given."""
    command = [sys.executable, str(HERE / "server_user.py"), str(model), *STAND_IN]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as user:
        assert user.stdout is not None
        yield user, Address(**json.loads(user.stdout.readline()))


def get(address: Address, path: str, headers: dict[str, str] | None = None) -> int:
    """The status of an answer to GET."""
    connection = http.client.HTTPConnection(urlsplit(address.base_url).netloc, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status


def lives(address: Address) -> bool:
    try:
        return get(address, "/health") == http.client.OK
    except OSError:
        return False


def comes_true(condition: Callable[[], bool], seconds: float = 6) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_processes_share_one_server_which_ends_after_the_last_of_them(model: Path) -> None:
    with LocalServer(model, command=STAND_IN).acquire() as lease:
        assert lease.base_url.startswith("http://127.0.0.1:")
        assert lease.model == "tiny"
        with another_process(model) as (_, theirs):
            assert theirs == lease.address
        time.sleep(1.2)  # longer than the stand-in outlives its users
        with LocalServer(model, command=STAND_IN).acquire() as later:
            assert later.address == lease.address
    assert comes_true(lambda: not lives(lease.address))


def test_users_that_come_at_once_start_one_server(model: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        server = LocalServer(model, command=STAND_IN)
        leases = list(threads.map(lambda _: server.acquire(), range(4)))
    assert len({lease.address for lease in leases}) == 1
    for lease in leases:  # given back by another thread than took it
        assert lives(lease.address)
        lease.release()
    assert comes_true(lambda: not lives(leases[0].address))


def test_the_server_ends_even_if_its_last_user_was_killed(model: Path) -> None:
    with another_process(model) as (user, address):
        assert lives(address)
        user.kill()
    assert comes_true(lambda: not lives(address))


def test_a_user_may_come_back_soon_after_and_finds_the_server_warm(model: Path) -> None:
    server = LocalServer(model, command=STAND_IN)
    with server.acquire() as first:
        pass
    with server.acquire() as second:
        assert second.address == first.address


def test_a_killed_server_is_started_again_with_another_key(model: Path) -> None:
    with LocalServer(model, command=STAND_IN).acquire() as lease:
        before = lease.address
        assert lease.ensure() == before
        os.kill(before.pid, signal.SIGKILL)
        assert comes_true(lambda: not lives(before))
        after = lease.ensure()
        assert lives(after)
        assert after == lease.address
        assert after.api_key != before.api_key
        assert get(after, "/v1/models", {"Authorization": f"Bearer {lease.api_key}"}) == 200


def test_the_key_is_known_to_its_owner_alone(model: Path, cache: Path) -> None:
    with LocalServer(model, command=STAND_IN).acquire() as lease:
        holding = [
            file
            for file in cache.rglob("*")
            if file.is_file() and lease.api_key in file.read_text(encoding="utf-8")
        ]
        assert [stat.S_IMODE(file.stat().st_mode) for file in holding] == [0o600]
        assert [stat.S_IMODE(file.parent.stat().st_mode) for file in holding] == [0o700]
        shown = ["ps", "-ww", "-o", "args=", "-p", str(lease.address.pid)]
        line = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
        assert "stand_in_server" in line
        assert lease.api_key not in line


def test_sigterm_ends_the_server_cleanly(model: Path, cache: Path) -> None:
    with subprocess.Popen([*STAND_IN, str(model)]) as process:
        assert comes_true(lambda: any(cache.rglob("state.json")))
        process.terminate()
        assert process.wait(timeout=5) == 0
    assert not any(cache.rglob("state.json"))


def test_a_second_server_of_the_same_model_is_refused(model: Path) -> None:
    with LocalServer(model, command=STAND_IN).acquire() as lease:
        ran = subprocess.run(
            [*STAND_IN, str(model)], capture_output=True, text=True, check=False, timeout=10
        )
        assert ran.returncode == 1
        assert f"already runs at {lease.base_url}" in ran.stderr


def test_a_server_that_dies_at_its_start_is_quoted(model: Path, cache: Path) -> None:
    server = LocalServer(model, command=(sys.executable, "-c", "raise SystemExit('no such luck')"))
    with pytest.raises(LocalModelError, match="did not start: no such luck") as failed:
        server.acquire()
    assert str(next(cache.rglob("server.log"))) in str(failed.value)


@pytest.mark.usefixtures("cache")
def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(DependencyError, match=r"pip install 'vocero\[local\]'"):
        acquire()


@pytest.mark.parametrize(
    ("variable", "value"), [("VOCERO_LOCAL_THREADS", "many"), ("VOCERO_LOCAL_WAIT", "idly")]
)
def test_settings_that_mean_nothing_are_refused(
    variable: str, value: str, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"{variable} is '{value}'"):
        llama(model)


@pytest.mark.embedded
def test_the_real_model_answers_by_a_schema_and_only_with_the_key() -> None:
    pytest.importorskip("xllamacpp")
    if cached_path() is None:
        pytest.skip("the weights are not on this machine: vocero model fetch")
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["Quito", "Lima"]}},
        "required": ["city"],
        "additionalProperties": False,
    }
    question = {
        "messages": [{"role": "user", "content": 'Capital of Peru? Answer {"city": "…"}.'}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
        "temperature": 0,
        "max_tokens": 40,
    }
    with acquire() as lease:

        def ask(key: str) -> tuple[int, dict[str, str], Any]:
            where = urlsplit(lease.base_url)
            headers = {"Authorization": f"Bearer {key}", "Origin": "http://page.example"}
            connection = http.client.HTTPConnection(where.netloc, timeout=120)
            with contextlib.closing(connection):
                connection.request(
                    "POST", f"{where.path}/chat/completions", json.dumps(question), headers
                )
                answer = connection.getresponse()
                return answer.status, dict(answer.headers), json.load(answer)

        assert ask("not the key")[0] == 401
        status, headers, said = ask(lease.api_key)
        assert status == 200
        assert headers["Access-Control-Allow-Origin"] == ""  # no web page may read it
        assert said["model"] == lease.model
        assert json.loads(said["choices"][0]["message"]["content"]) == {"city": "Lima"}
