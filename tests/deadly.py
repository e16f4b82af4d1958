"""An article that kills the process which asks about it, as a fault in a C library would."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Deadly"]


class Deadly(httpx2.AsyncBaseTransport):
    """The network, and the end of the process when an answer about a deadly article is there.

    Args:
        deadly: Texts that articles hold.
        bill: Gets a line for every answer: its tokens. Every process writes there.
    """

    def __init__(self, deadly: list[str], bill: Path) -> None:
        self.deadly = deadly
        self.bill = bill

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        async with httpx2.AsyncHTTPTransport() as network:
            response = await network.handle_async_request(request)
            body = await response.aread()
        with self.bill.open("a") as bill:
            bill.write(f"{json.loads(body)['usage']['total_tokens']}\n")
        if any(one in request.content.decode() for one in self.deadly):
            os.kill(os.getpid(), signal.SIGKILL)
        return httpx2.Response(response.status_code, headers=response.headers, content=body)
