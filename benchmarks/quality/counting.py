"""A proxy before the model's endpoint that counts what passes: one measure for all who ask.

Tokens are those of the endpoint's own `usage`. Whoever asks needs no key: the proxy has it.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Counts", "counting"]

_FENCES = re.compile(r"^\s*```\w*\s*|\s*```\s*$")
_TIMEOUT = 3600.0
_UNREACHABLE = 502


@dataclass
class Counts:
    """What has passed so far."""

    requests: int = 0
    failed: int = 0
    """Requests that the endpoint refused, those with no answer at all included."""
    unreachable: int = 0
    """Requests with no answer at all."""
    broken: int = 0
    """Answers that are no JSON, most often because they hit the bound on their tokens."""
    input_tokens: int = 0
    output_tokens: int = 0

    def since(self, before: Counts) -> dict[str, int]:
        """What has passed since an earlier moment."""
        then = asdict(before)
        return {name: count - then[name] for name, count in asdict(self).items()}


@contextmanager
def counting(base_url: str, key: str) -> Iterator[tuple[str, Counts]]:
    """Stand between somebody and an OpenAI-compatible endpoint; yield the address and the counts.

    Args:
        base_url: The endpoint's address, with `/v1`.
        key: Sent to it with every request.
    """
    counts, lock = Counts(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
            url = base_url.rstrip("/") + self.path.removeprefix("/v1")
            try:
                with urlopen(Request(url, body, headers), timeout=_TIMEOUT) as answer:  # noqa: S310 - the user's own endpoint
                    status, told = answer.status, answer.read()
            except HTTPError as refused:
                status, told = refused.code, refused.read()
            except OSError as lost:
                status, told = _UNREACHABLE, json.dumps({"error": str(lost)}).encode()
            with lock:
                _count(counts, status, told)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Nothing: whoever asks tells what went wrong."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", counts
        finally:
            server.shutdown()


def _count(counts: Counts, status: int, told: bytes) -> None:
    counts.requests += 1
    if status != 200:
        counts.failed += 1
        counts.unreachable += status == _UNREACHABLE
        return
    answer = json.loads(told)
    counts.input_tokens += answer["usage"]["prompt_tokens"]
    counts.output_tokens += answer["usage"]["completion_tokens"]
    message = answer["choices"][0]["message"]
    calls = message.get("tool_calls") or [{"function": {"arguments": message.get("content") or ""}}]
    for call in calls:
        try:
            json.loads(_FENCES.sub("", call["function"]["arguments"]))
        except json.JSONDecodeError:
            counts.broken += 1
