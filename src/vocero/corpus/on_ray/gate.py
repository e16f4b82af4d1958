"""What the workers of a run share, wherever they are: one pacer, and whether to go on at all.

It is one actor of Ray's, named after the run: an endpoint's limits are on all requests together.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vocero.errors import VoceroError
from vocero.model.pacer import Pacer, StandstillError, Turn

if TYPE_CHECKING:
    from vocero.model.headers import Told

__all__ = ["ClosedError", "Gate", "GatePacing"]

Ask: TypeAlias = tuple[float, int, float]
"""Arguments of `vocero.model.pacer.Pacing.acquire`: tokens, refused, patience."""
_NOTES_SECONDS: Final = 0.005


class ClosedError(VoceroError):
    """The run is being stopped; no fault of the article that it was for."""


class Gate:
    """The actor; its methods run as tasks of one event loop."""

    def __init__(self) -> None:
        self._pacer = Pacer()
        self._open = True
        self._asking: set[asyncio.Task[Any]] = set()
        self._begun: Counter[str] = Counter()

    async def begin(self, part: str) -> int:
        """Count how often a part is begun; return 0 where nothing may be begun any more."""
        self._begun[part] += 1
        return self._begun[part] if self._open else 0

    async def is_open(self) -> bool:
        """Whether anything may be begun."""
        return self._open

    async def close(self) -> None:
        """Let nothing through any more; what is on its way may end."""
        self._open = False
        for one in self._asking:
            one.cancel()

    async def acquire(self, asks: list[Ask]) -> list[Turn | float] | None:
        """Give requests their turns; see `vocero.model.pacer.Pacing.acquire`.

        Args:
            asks: At least one.

        Returns:
            What the first comes to, a turn or the seconds of a standstill, and the turns of those
            behind it that can be had without waiting; None where the gate is closed.
        """
        if not self._open:
            return None
        (tokens, refused, patience), *others = asks
        asking = asyncio.ensure_future(
            self._pacer.acquire(tokens, refused=refused, patience=patience)
        )
        self._asking.add(asking)
        try:
            given: list[Turn | float] = [await asking]
        except StandstillError as error:
            return [error.seconds]
        except asyncio.CancelledError:
            return None
        finally:
            self._asking.discard(asking)
        with contextlib.suppress(TimeoutError):
            for tokens, refused, _ in others:
                async with asyncio.timeout(0):  # ends whatever would wait
                    given.append(await self._pacer.acquire(tokens, refused=refused))
        return given

    async def note(self, notes: list[tuple[Turn, int, Told]]) -> None:
        """Learn from answers; see `vocero.model.pacer.Pacing.note`."""
        for turn, status, told in notes:
            self._pacer.note(turn, status, told)


class GatePacing:
    """The `vocero.model.pacer.Pacing` of one event loop in a worker: asks the gate.

    It asks once at a time, for all requests that wait: the busier a worker, the more turns come
    with one answer.

    Args:
        gate: Handle of the actor; can be sent to other machines.
    """

    def __init__(self, gate: Any) -> None:  # noqa: ANN401 - a handle of Ray's
        self._gate = gate
        self._waiting: deque[tuple[Ask, asyncio.Future[Turn | float | None]]] = deque()
        self._asking: asyncio.Task[None] | None = None
        self._notes: list[tuple[Turn, int, Told]] = []

    async def acquire(self, tokens: float, *, refused: int = 0, patience: float = math.inf) -> Turn:
        """See `vocero.model.pacer.Pacing.acquire`.

        Raises:
            ClosedError: the run is being stopped.
        """
        entered = time.monotonic()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(((tokens, refused, patience), turn))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        came = await turn
        if came is None:
            raise ClosedError("the run is being stopped")
        if isinstance(came, Turn):
            return came._replace(waited=time.monotonic() - entered)
        raise StandstillError(came)

    def note(self, turn: Turn, status: int, told: Told) -> None:
        """See `vocero.model.pacer.Pacing.note`; the gate learns of it a moment later."""
        if not self._notes:
            asyncio.get_running_loop().call_later(_NOTES_SECONDS, self._send_notes)
        self._notes.append((turn, status, told))

    def _send_notes(self) -> None:
        notes, self._notes = self._notes, []
        self._gate.note.remote(notes)

    async def _ask(self) -> None:
        while self._waiting:
            asks = [ask for ask, _ in self._waiting]
            try:
                came = await self._gate.acquire.remote(asks)
            except Exception:  # noqa: BLE001 - whatever Ray raises: no gate, no requests
                came = None
            for one in came or [None] * len(asks):
                _, turn = self._waiting.popleft()
                if not turn.done():  # else whoever waited was cancelled
                    turn.set_result(one)
        self._asking = None
