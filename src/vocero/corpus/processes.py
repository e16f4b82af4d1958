"""Several processes that read articles for one run, into one journal.

Articles and what came of them go through pipes in groups: all that came together while the group
before was on its way. A thread on each side writes and another reads; each wakes its event loop
once for a group.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import signal
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vocero.corpus.grouped import Grouped
from vocero.corpus.outcome import Failed
from vocero.corpus.purse import Leave, Purse, Settled, Till, Wish
from vocero.corpus.tally import Tally
from vocero.errors import VoceroError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from multiprocessing.connection import Connection

    from vocero.corpus.outcome import Outcome
    from vocero.corpus.worker import Setup
    from vocero.model import Budget
    from vocero.schema import Document

__all__ = ["Processes"]

_Asked: TypeAlias = "tuple[int, Document, bool]"
"""Number of an article, the article, and whether to retry it."""
_Came: TypeAlias = "tuple[int, Outcome | VoceroError, Tally]"
"""Number of an article, what came of it, and what was asked since the one before."""
_There: TypeAlias = "_Asked | Leave"
_Back: TypeAlias = "_Came | Wish | Settled"

_DEATHS: Final = 3
_ENDING_SECONDS: Final = 10.0


class ProcessDiedError(Exception):
    """The process ended with articles in its hands."""


class Processes:
    """A `Reader` that spreads articles over processes.

    One that dies is replaced. Any of the articles in its hands may be why, so they are read again
    from the journal, one at a time in a further process; an article at which that one dies three
    times has failed.

    Args:
        setup: Of each of them; says how many there are. Interrupts of the terminal do not reach
            them.
        asked: Counts what they ask.
        budget: Of all of them together.
    """

    def __init__(self, setup: Setup, asked: Tally, budget: Budget | None = None) -> None:
        self._setup = setup
        self._asked = asked
        self._budget = budget
        self._suspects = asyncio.Lock()
        self._lone: _Child | None = None
        self._children: list[_Child | None] = [None] * setup.workers

    async def read(self, document: Document, *, retry: bool) -> Outcome:
        """See `vocero.corpus.worker.Reader.read`."""
        with suppress(ProcessDiedError):
            return await self._free().read(document, retry=retry)
        async with self._suspects:
            return await self._read_alone(document, retry=retry)

    async def aclose(self) -> None:
        """Let the processes end; those that do not are ended."""
        children = [*self._children, self._lone]
        await asyncio.gather(*(child.end() for child in children if child is not None))

    async def _read_alone(self, document: Document, *, retry: bool) -> Outcome:
        for deaths in itertools.count(1):
            if self._lone is None or self._lone.died:
                self._lone = self._new()
            try:
                return await self._lone.read(document, retry=retry)
            except ProcessDiedError as error:
                if deaths == _DEATHS:
                    return Failed.by_bug(document, error)
        raise AssertionError

    def _free(self) -> _Child:
        """The process with the fewest articles; one that is not there counts none."""
        loads = [len(child) if child else 0 for child in self._children]
        place = loads.index(min(loads))
        child = self._children[place]
        if child is None or child.died:
            child = self._children[place] = self._new()
        return child

    def _new(self) -> _Child:
        return _Child(self._setup, self._asked, self._budget)


class _Child:
    """One process, seen from this one."""

    def __init__(self, setup: Setup, asked: Tally, budget: Budget | None) -> None:
        # Not forked: this process has threads, and connections that must not be shared.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, setup, budget is not None), daemon=True
        )
        self._process.start()
        theirs.close()
        self._asked = asked
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        self._loop = asyncio.get_running_loop()
        self._asking: Grouped[_There, None] = Grouped(partial(_send, self._connection))
        self._telling: set[asyncio.Task[None]] = set()
        self._till = budget and Till(budget, self._answer)
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
            await self._asking.aput((number, document, retry))
            return await outcome
        except OSError as error:
            raise ProcessDiedError(f"a process died: {error}") from None
        finally:
            self._waiting.pop(number, None)

    async def end(self) -> None:
        """Say that nothing more comes, and wait for the process to end; or end it."""
        self.died = True
        saying = asyncio.create_task(asyncio.to_thread(self._say_the_end))
        await asyncio.to_thread(self._process.join, _ENDING_SECONDS)
        if self._process.is_alive():
            self._process.kill()
        await saying

    def _say_the_end(self) -> None:
        with suppress(OSError):  # it has ended
            self._asking.run(self._connection.send, None)
        self._asking.close()

    def _listen(self) -> None:
        try:
            while True:
                self._tell(self._take, self._connection.recv())
        except (EOFError, OSError):
            self._tell(self._bury)

    def _tell(self, function: Any, *arguments: object) -> None:  # noqa: ANN401
        with suppress(RuntimeError):  # the run is over, and its loop closed
            self._loop.call_soon_threadsafe(function, *arguments)

    def _answer(self, leave: Leave) -> None:
        _go_on(_say(self._asking, leave), self._telling)

    def _take(self, group: Sequence[_Back]) -> None:
        for one in group:
            if isinstance(one, tuple):
                self._finish(*one)
            elif self._till and not self.died:
                if isinstance(one, Wish):
                    self._till.ask(one)
                else:
                    self._till.settle(one)

    def _finish(self, number: int, came: Outcome | VoceroError, asked: Tally) -> None:
        self._asked.include(asked)
        waiting = self._waiting.get(number)
        if waiting is None or waiting.done():
            return
        if isinstance(came, VoceroError):
            waiting.set_exception(came)
        else:
            waiting.set_result(came)

    def _bury(self) -> None:
        self.died = True
        if self._till:
            self._till.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                self._process.join()
                code = self._process.exitcode
                waiting.set_exception(ProcessDiedError(f"its process died (exit code {code})"))


def _serve(connection: Connection, setup: Setup, budgeted: bool) -> None:
    # Ctrl-C goes to all processes of a terminal; what it means is decided by the one that feeds.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_read_all(connection, setup, budgeted))


def _send(connection: Connection, group: Sequence[_There | _Back]) -> list[None]:
    # A full pipe blocks until the other side takes something out of it.
    connection.send(group)
    return [None] * len(group)


async def _say(pipe: Grouped[Any, None], one: Leave | Wish | Settled) -> None:
    with suppress(OSError, RuntimeError):  # nobody is there any more, or the pipe is closed
        await pipe.aput(one)


def _go_on(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)  # the event loop itself would forget it
    task.add_done_callback(tasks.discard)


async def _read_all(connection: Connection, setup: Setup, budgeted: bool) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()
    answers: Grouped[_Back, None] = Grouped(partial(_send, connection))
    purse = Purse(lambda told: _go_on(_say(answers, told), tasks)) if budgeted else None
    asked = Tally()
    async with setup.worker(asked.count, budget=purse) as worker:

        async def answer(number: int, document: Document, retry: bool) -> None:
            came: Outcome | VoceroError
            try:
                came = await worker.read(document, retry=retry)
            except VoceroError as error:
                came = error
            await answers.aput((number, came, asked.taken()))

        def begin(group: Sequence[_There]) -> None:
            for one in group:
                if isinstance(one, tuple):
                    _go_on(answer(*one), tasks)
                elif purse:
                    purse.take(one)

        def listen() -> None:
            # At an end without a word whoever fed us is gone; what is finished is in the journal.
            with suppress(EOFError, OSError):
                while (group := connection.recv()) is not None:
                    loop.call_soon_threadsafe(begin, group)
            loop.call_soon_threadsafe(over.set)

        threading.Thread(target=listen, name="vocero-listening", daemon=True).start()
        await over.wait()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    answers.close()
