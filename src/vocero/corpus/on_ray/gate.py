"""What the workers of a run share, wherever they are: one pacer, and whether to go on at all.

It is one actor of Ray's, named after the run. An endpoint's limits are on all requests together,
so each worker asks it for leave before a request; on one machine that takes about a millisecond.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from vocero.errors import VoceroError
from vocero.model.pacer import Pacer, StandstillError, Turn

if TYPE_CHECKING:
    from vocero.model.headers import Told

__all__ = ["ClosedError", "Gate", "GatePacing"]


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

    async def acquire(self, tokens: float, refused: int, patience: float) -> Turn | float | None:
        """Give a request its turn; see `vocero.model.pacer.Pacing.acquire`.

        Returns:
            The turn; or the seconds of a standstill; or None where the gate is closed.
        """
        if not self._open:
            return None
        asking = asyncio.ensure_future(
            self._pacer.acquire(tokens, refused=refused, patience=patience)
        )
        self._asking.add(asking)
        try:
            return await asking
        except StandstillError as error:
            return error.seconds
        except asyncio.CancelledError:
            return None
        finally:
            self._asking.discard(asking)

    async def note(self, turn: Turn, status: int, told: Told) -> None:
        """Learn from an answer; see `vocero.model.pacer.Pacing.note`."""
        self._pacer.note(turn, status, told)


class GatePacing:
    """The `vocero.model.pacer.Pacing` of a worker: asks the gate.

    Args:
        gate: Handle of the actor; can be sent to other machines.
    """

    def __init__(self, gate: Any) -> None:  # noqa: ANN401 - a handle of Ray's
        self._gate = gate

    async def acquire(self, tokens: float, *, refused: int = 0, patience: float = math.inf) -> Turn:
        """See `vocero.model.pacer.Pacing.acquire`.

        Raises:
            ClosedError: the run is being stopped.
        """
        came = await self._gate.acquire.remote(tokens, refused, patience)
        if came is None:
            raise ClosedError("the run is being stopped")
        if isinstance(came, Turn):
            return came
        raise StandstillError(came)

    def note(self, turn: Turn, status: int, told: Told) -> None:
        """See `vocero.model.pacer.Pacing.note`; the gate learns of it a moment later."""
        self._gate.note.remote(turn, status, told)
