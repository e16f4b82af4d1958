"""An OpenAI-compatible endpoint on 127.0.0.1 that answers from a script and fails on demand."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from vocero.testing.batches import Batches
from vocero.testing.reply import Json, Reply, completion, error
from vocero.testing.script import grounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from vocero.testing.faults import Fault
    from vocero.testing.limits import RateLimit

__all__ = ["Exchange", "MockEndpoint"]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSING = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_RATE_LIMIT = "rate limit"
_NO_FAULT = "none"
# Waiting connections: 500 clients may all connect in the same moment.
_BACKLOG = 2048
# Close without a goodbye: the other side sees a reset instead of an end.
_LINGER_NOT = struct.pack("ii", 1, 0)


class Exchange(NamedTuple):
    """One request, and what became of it."""

    at: float
    """When the whole request was there: seconds since the epoch."""
    body: str
    """Hash of the request's body (BLAKE2b, 128 bits): the same request again has the same."""
    status: int | None
    """Status of the answer; None where none is sent to its end. What the client makes of it, or
    whether it waits for it, is not known here."""
    faults: tuple[str, ...]
    """What went wrong, by name; ``rate limit`` for a refusal by `RateLimit`."""


class MockEndpoint:
    """A server for ``POST /v1/chat/completions``, in this event loop or in a thread of its own.

    For example::

        with MockEndpoint(faults=[faults.status(503).first(2)]) as server:
            vocero.extract(text, model=connect("mock", base_url=server.base_url))
        assert server.counts["status 503"] == 2

    `requests` and `counts` may be read at any time, and after it is closed.
    """

    def __init__(
        self,
        answer: Callable[[Json], str] = grounded,
        *,
        faults: Iterable[Fault] = (),
        limit: RateLimit | None = None,
        batches: Batches | None = None,
        port: int = 0,
    ) -> None:
        """Prepare the server; it starts with ``with`` or ``async with``.

        Args:
            answer: Gives the content of each answer, from the request's JSON. Where the request
                has a tool, the content is the arguments of its call.
            faults: Work one after the other on each reply, in this order.
            limit: Refuses (429) what is too much; a refused request meets no fault.
            batches: Plans what becomes of files and batches; default: all goes well.
            port: 0: a free one.
        """
        self.requests: list[Exchange] = []
        """Every request for a completion, in the order in which they came."""
        self.counts: Counter[str] = Counter()
        """How often each fault struck, by name; ``none`` for requests without a fault."""
        self.in_flight = 0
        """Requests that are being answered now."""
        self.peak_in_flight = 0
        """The most that ever were."""
        self.batches = Batches() if batches is None else batches
        """Answers ``/v1/files`` and ``/v1/batches``; the requests in them count in `counts` only."""
        self._answer = answer
        self._faults = tuple(faults)
        self._struck = [0] * len(self._faults)
        self._limit = limit
        self._port = port
        self._seen: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    @property
    def base_url(self) -> str:
        """What a client needs to be told: ``http://127.0.0.1:PORT/v1``.

        Raises:
            RuntimeError: it was not started yet.
        """
        if not self._port:
            msg = (
                "the mock endpoint has no address before it is started: use it in a with statement"
            )
            raise RuntimeError(msg)
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, backlog=_BACKLOG
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        tasks = list(self._connections)
        for writer in self._connections.values():
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def __enter__(self) -> Self:
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._until_stopped(started)),
            name="mock endpoint",
            daemon=True,
        )
        self._thread.start()
        started.result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()

    async def _until_stopped(self, started: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        try:
            async with self:
                started.set_result(None)
                await self._stopped.wait()
        except (OSError, OverflowError) as failed:  # the port is taken, or no port
            started.set_exception(failed)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - start_server runs this as a task
        self._connections[task] = writer
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client is gone
        except asyncio.CancelledError:
            pass  # the endpoint is closed; Python 3.11 would log the end of a cancelled connection
        finally:
            del self._connections[task]
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one request and answer it; whether the connection stays."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        try:
            reply = self._reply(head, body)
            if math.isinf(reply.delay):
                await reader.read()  # until the client has had enough
                return False
            if reply.delay:
                await asyncio.sleep(reply.delay)
            await _send(writer, reply)
        finally:
            self.in_flight -= 1
        return reply.cut is None and not _CLOSING.search(head)

    def _reply(self, head: bytes, body: bytes) -> Reply:
        line = head.partition(b"\r\n")[0]
        if line.startswith(b"GET /stats "):
            return Reply({}, None, raw=json.dumps(self.stats()).encode())
        if (of_batches := self.batches.reply(head, body, self._carried_out)) is not None:
            return of_batches
        if not line.startswith(b"POST /v1/chat/completions "):
            said = f"the mock answers chat completions, files and batches, not {line.decode('latin-1')}"
            return Reply({}, None, raw=error(404, said), status=404)
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        reply, refused = self._limited(self._planned(body))
        struck = [_RATE_LIMIT]
        if not refused:
            reply, struck = self._with_faults(reply, body, f"{digest}/{self._seen[digest]}")
        self._seen[digest] += 1
        self.requests.append(Exchange(time.time(), digest, reply.answered, tuple(struck)))
        self.counts.update(struck or [_NO_FAULT])
        return reply

    def _carried_out(self, body: bytes) -> Reply:
        """The reply to a request of a batch."""
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        reply, struck = self._with_faults(
            self._planned(body), body, f"{digest}/{self._seen[digest]}"
        )
        self._seen[digest] += 1
        self.counts.update(struck or [_NO_FAULT])
        return reply

    def _planned(self, body: bytes) -> Reply:
        """The reply that a request gets where nothing goes wrong."""
        try:
            asked = json.loads(body)
            return Reply(asked, completion(asked, self._answer(asked)))
        except Exception as failed:  # noqa: BLE001 - the script is the user's; its error must show
            said = f"the mock cannot answer: {failed!r}"
            return Reply({}, None, raw=error(400, said), status=400)

    def _limited(self, reply: Reply) -> tuple[Reply, bool]:
        """The reply with the headers of the limit, or a refusal; and whether it is one."""
        if self._limit is None:
            return reply, False
        admitted, headers = self._limit.admit(reply.tokens)
        if admitted:
            return replace(reply, headers=headers), False
        return Reply({}, None, raw=error(429), status=429, headers=headers), True

    def _with_faults(self, reply: Reply, body: bytes, draw: str) -> tuple[Reply, list[str]]:
        struck = []
        for index, fault in enumerate(self._faults):
            spent = fault.times is not None and self._struck[index] >= fault.times
            if not spent and fault.strikes(body, draw):
                self._struck[index] += 1
                struck.append(fault.name)
                reply = fault.change(reply)
        return reply, struck

    def stats(self) -> Json:
        """Return the counters as JSON; a client gets the same with ``GET /stats``."""
        return {
            "requests": len(self.requests),
            "different": len(self._seen),
            "peak_in_flight": self.peak_in_flight,
            "faults": dict(self.counts),
        }


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    if reply.cut == 0:
        _reset(writer)
        return
    body = reply.body
    extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
    head = (
        f"HTTP/1.1 {reply.status} Mock\r\ncontent-type: {reply.content_type}\r\n"
        f"content-length: {len(body)}\r\n{extra}\r\n"
    ).encode()
    if reply.cut is not None:
        writer.write(head + body[: int(len(body) * reply.cut)])
        await writer.drain()
        _reset(writer)
        return
    if not reply.pause:
        writer.write(head + body)
        await writer.drain()
        return
    writer.write(head)
    for at in range(len(body)):
        writer.write(body[at : at + 1])
        await writer.drain()
        await asyncio.sleep(reply.pause)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    writer.transport.abort()
