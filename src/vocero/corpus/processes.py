"""Several processes that read articles for one run, into one journal."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from vocero.corpus.outcome import Failed
from vocero.errors import VoceroError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from vocero.corpus.outcome import Outcome
    from vocero.corpus.worker import Setup
    from vocero.schema import Document

__all__ = ["Processes"]

_DEATHS: Final = 3
_ENDING_SECONDS: Final = 10.0


class _ProcessDiedError(Exception):
    """The process ended with articles in its hands."""


class Processes:
    """A `Reader` that spreads articles over processes.

    One that dies is replaced, and its articles are read again from the journal.

    Args:
        setup: Of each of them; says how many there are. Interrupts of the terminal do not reach
            them.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._children: list[_Child | None] = [None] * setup.workers

    async def read(self, document: Document, *, retry: bool) -> Outcome:
        """See `vocero.corpus.worker.Reader.read`."""
        deaths = 0
        while True:
            try:
                return await self._free().read(document, retry=retry)
            except _ProcessDiedError as error:
                deaths += 1
                if deaths == _DEATHS:
                    return Failed.by_bug(document, error)

    async def aclose(self) -> None:
        """Let the processes end; those that do not are ended."""
        ended = [child.end() for child in self._children if child is not None]
        await asyncio.gather(*(asyncio.to_thread(one.join, _ENDING_SECONDS) for one in ended))
        for process in ended:
            if process.is_alive():
                process.kill()

    def _free(self) -> _Child:
        """The process with the fewest articles; one that is not there counts none."""
        loads = [len(child) if child else 0 for child in self._children]
        place = loads.index(min(loads))
        child = self._children[place]
        if child is None or child.died:
            child = self._children[place] = _Child(self._setup)
        return child


class _Child:
    """One process, seen from this one."""

    def __init__(self, setup: Setup) -> None:
        # Not forked: this process has threads, and connections that must not be shared.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, setup), daemon=True)
        self._process.start()
        theirs.close()
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        self._loop = asyncio.get_running_loop()
        self._sending = asyncio.Lock()
        self.died = False
        threading.Thread(target=self._listen, name="vocero-process", daemon=True).start()

    def __len__(self) -> int:
        return len(self._waiting)

    async def read(self, document: Document, *, retry: bool) -> Outcome:
        """Have an article read there."""
        number = next(self._numbers)
        outcome: asyncio.Future[Outcome] = self._loop.create_future()
        self._waiting[number] = outcome
        try:
            async with self._sending:
                # A full pipe blocks until the process takes something out of it.
                await asyncio.to_thread(self._connection.send, (number, document, retry))
            return await outcome
        except OSError as error:
            raise _ProcessDiedError(f"a process died: {error}") from None
        finally:
            self._waiting.pop(number, None)

    def end(self) -> Any:  # noqa: ANN401 - a process of the spawn context
        """Say that nothing more comes; return the process, which ends by itself."""
        self.died = True
        with suppress(OSError):  # it has ended
            self._connection.send(None)
        return self._process

    def _listen(self) -> None:
        try:
            while True:
                self._tell(self._take, *self._connection.recv())
        except (EOFError, OSError):
            self._tell(self._bury)

    def _tell(self, function: Any, *arguments: object) -> None:  # noqa: ANN401
        with suppress(RuntimeError):  # the run is over, and its loop closed
            self._loop.call_soon_threadsafe(function, *arguments)

    def _take(self, number: int, came: Outcome | VoceroError) -> None:
        waiting = self._waiting.get(number)
        if waiting is None or waiting.done():
            return
        if isinstance(came, VoceroError):
            waiting.set_exception(came)
        else:
            waiting.set_result(came)

    def _bury(self) -> None:
        self.died = True
        for waiting in self._waiting.values():
            if not waiting.done():
                self._process.join()
                code = self._process.exitcode
                waiting.set_exception(_ProcessDiedError(f"its process died (exit code {code})"))


def _serve(connection: Connection, setup: Setup) -> None:
    # Ctrl-C goes to all processes of a terminal; what it means is decided by the one that feeds.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_read_all(connection, setup))


async def _read_all(connection: Connection, setup: Setup) -> None:
    sending = asyncio.Lock()
    tasks: set[asyncio.Task[None]] = set()
    async with setup.worker() as worker:

        async def answer(number: int, document: Document, retry: bool) -> None:
            came: Outcome | VoceroError
            try:
                came = await worker.read(document, retry=retry)
            except VoceroError as error:
                came = error
            async with sending:
                await asyncio.to_thread(connection.send, (number, came))

        while True:
            try:
                asked = await asyncio.to_thread(connection.recv)
            except EOFError:
                break  # whoever fed us is gone; what is finished is in the journal
            if asked is None:
                break
            task = asyncio.create_task(answer(*asked))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
