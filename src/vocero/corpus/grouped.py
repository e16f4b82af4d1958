"""Writing in groups: whoever waits while one group is written goes into the next together."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Grouped"]

ItemT = TypeVar("ItemT")
CameT = TypeVar("CameT")
ResultT = TypeVar("ResultT")
ArgsT = ParamSpec("ArgsT")


class Grouped(Generic[ItemT, CameT]):
    """A thread that writes for any number of threads and event loops, one group after the other.

    An event loop is woken once for all of a group that wait in it: a future of its own for each,
    handed over by `asyncio.wrap_future`, costs 0.1 ms more.

    Args:
        write: Writes a group, in that thread, and returns what came of each of it; what it raises
            is raised to all of them.
    """

    def __init__(self, write: Callable[[Sequence[ItemT]], Sequence[CameT]]) -> None:
        self._write = write
        self._waiting: list[tuple[ItemT, Future[CameT] | asyncio.Future[CameT]]] = []
        self._queueing = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vocero-writing")

    def put(self, item: ItemT) -> CameT:
        """Have an item written, and wait for it."""
        written: Future[CameT] = Future()
        self._enqueue(item, written)
        return written.result()

    async def aput(self, item: ItemT) -> CameT:
        """`put` for event loops; cancelled, it waits no longer, and the item is written."""
        written: asyncio.Future[CameT] = asyncio.get_running_loop().create_future()
        self._enqueue(item, written)
        return await written

    def run(
        self, work: Callable[ArgsT, ResultT], *args: ArgsT.args, **kwargs: ArgsT.kwargs
    ) -> ResultT:
        """Do something else between two groups, in the same thread."""
        return self._thread.submit(work, *args, **kwargs).result()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._thread.shutdown()

    def _enqueue(self, item: ItemT, written: Future[CameT] | asyncio.Future[CameT]) -> None:
        with self._queueing:
            if not self._waiting:  # else a group is on its way that takes this one along
                self._thread.submit(self._write_group)
            self._waiting.append((item, written))

    def _write_group(self) -> None:
        with self._queueing:
            group, self._waiting = self._waiting, []
        came: Iterable[CameT | BaseException]
        try:
            came = self._write([item for item, _ in group])
        except BaseException as error:  # noqa: BLE001 - raised where somebody waits for it
            came = [error] * len(group)
        by_loop = defaultdict(list)
        for (_, written), one in zip(group, came, strict=True):
            loop = None if isinstance(written, Future) else written.get_loop()
            by_loop[loop].append((written, one))
        for loop, told in by_loop.items():
            if loop is None:
                _tell(told)
            else:
                with suppress(RuntimeError):  # it is closed: nobody waits there any more
                    loop.call_soon_threadsafe(_tell, told)


def _tell(
    told: Sequence[tuple[Future[CameT] | asyncio.Future[CameT], CameT | BaseException]],
) -> None:
    for written, came in told:
        if written.done():
            continue  # cancelled
        if isinstance(came, BaseException):
            written.set_exception(came)
        else:
            written.set_result(came)
