"""A server process that minds its users as the real one does, without a model.

Run as `python stand_in_server.py MODEL`.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from vocero.errors import LocalModelError
from vocero.model.local.host import attend

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def engine(key: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/health" or self.headers["Authorization"] == f"Bearer {key}"
            self.send_response(200 if known else 401)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    try:
        attend(Path(sys.argv[1]), engine, idle_seconds=0.5)
    except LocalModelError as error:
        sys.exit(str(error))
