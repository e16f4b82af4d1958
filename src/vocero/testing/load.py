"""A client that does nothing but ask: ``python -m vocero.testing.load URL``.

It measures the ceiling of the mock endpoint, against which other clients are to be read: raw HTTP
over kept connections, one request after the other on each, the answers counted and not parsed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

_WORDS = 420  # an article of this many words makes a request of about 3 KB


def _request(host: str) -> bytes:
    schema = {"name": "AttributionsDraft", "strict": True, "schema": {}}
    article = "<article-0>\n[1] “We will not close the mine,” said Clara Boyd.\n</article-0>\n"
    asked = {
        "model": "mock",
        "messages": [{"role": "user", "content": article + "seven c" * _WORDS}],
        "response_format": {"type": "json_schema", "json_schema": schema},
    }
    body = json.dumps(asked).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _ask(host: str, port: int, until: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    request, answered = _request(host), 0
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        answered += 1
    writer.close()
    return answered


async def _run(url: str, connections: int, seconds: float) -> None:
    address = urlsplit(url)
    started = time.monotonic()
    asking = (
        _ask(address.hostname or "", address.port or 80, started + seconds)
        for _ in range(connections)
    )
    answered = sum(await asyncio.gather(*asking))
    rate = answered / (time.monotonic() - started)
    sys.stdout.write(f"{answered} answers, {rate:.0f} a second, {connections} connections\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m vocero.testing.load", description=__doc__)
    parser.add_argument("url", help="what the mock endpoint printed")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    asyncio.run(_run(given.url, given.connections, given.seconds))
