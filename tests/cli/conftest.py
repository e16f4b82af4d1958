"""An endpoint on this machine, a folder with an article, and the command."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from extracting import MAYOR, Done, Endpoint, completion
from vocero.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint that the environment names, with its model and key."""
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            question = request["messages"][-1]["content"]
            state.asked.append(question)
            status = state.status(question)
            if self.headers["Authorization"] != "Bearer sesame":
                status = 401
            elif request["model"] != "reader":
                status = 404
            body = completion(request) if status == 200 else {"error": {"message": "\x1b[2Jno"}}
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Retry-After-Ms", "1")  # tests do not wait for a better moment
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Tests read the error stream."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    monkeypatch.setenv("VOCERO_MODEL", "reader")
    monkeypatch.setenv("VOCERO_BASE_URL", state.url)
    monkeypatch.setenv("VOCERO_API_KEY", "sesame")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory that holds one article."""
    monkeypatch.chdir(tmp_path)
    Path("river.txt").write_text(MAYOR, encoding="utf-8")
    return tmp_path


@pytest.fixture
def vocero(capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs the command with its output in pipes."""

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capfd.readouterr()
        return Done(ended.value.code, out, err.splitlines())

    return run
