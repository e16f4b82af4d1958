"""The input of a run, read ahead by a thread that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Feed"]

ItemT = TypeVar("ItemT")

# As many as lie ready: what is read ahead is in memory.
_AHEAD: Final = 32


class Feed(Generic[ItemT]):
    """Hands what an iterator gives to an event loop, as soon as it is there.

    The thread is a daemon: an input that never ends (a pipe) holds nobody up who has closed this.

    Args:
        items: Read in the thread, one after the other.
    """

    def __init__(self, items: Iterator[ItemT]) -> None:
        self._items = items
        self._ready: deque[ItemT] = deque()
        self._state = threading.Condition()
        self._ended = self._closed = False
        self._error: BaseException | None = None
        self._loop = asyncio.get_running_loop()
        self._there = asyncio.Event()
        threading.Thread(target=self._read, name="vocero-input", daemon=True).start()

    async def take(self) -> Sequence[ItemT]:
        """Return what is there, waiting for one; empty at the end, and when this is closed.

        Raises:
            Exception: what the iterator raised, after all that came before it.
        """
        await self._there.wait()
        with self._state:
            if self._closed:
                return ()
            taken = tuple(self._ready)
            self._ready.clear()
            if not self._ended:
                self._there.clear()
            self._state.notify()
        if not taken and self._error is not None:
            raise self._error
        return taken

    def close(self) -> None:
        """Read no further; whoever waits for more gets nothing."""
        with self._state:
            self._closed = True
            self._state.notify()
        self._there.set()

    def _read(self) -> None:
        try:
            for item in self._items:
                with self._state:
                    self._state.wait_for(lambda: self._closed or len(self._ready) < _AHEAD)
                    if self._closed:
                        return
                    self._ready.append(item)
                self._wake()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error
        with self._state:
            self._ended = True
        self._wake()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: the run is over
            self._loop.call_soon_threadsafe(self._there.set)
