"""A run's one budget: kept by the process that feeds, drawn on by those that read.

Each request of theirs asks for leave. To give every process a part of the budget instead would end
the run with the first part that is used up, and lose count with each process that dies.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocero.errors import BudgetError
from vocero.model.budget import NOTHING
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from vocero.model import Budget, Price
    from vocero.model.budget import Held

__all__ = ["Leave", "Purse", "Settled", "Till", "Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that waits for leave."""

    number: int
    most: Usage
    """That it may take."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The answer to a wish."""

    number: int
    refused: BudgetError | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A wish that is done with, granted or not."""

    number: int
    took: Usage


class Purse:
    """The run's budget in a process that reads; a `vocero.model.budget.Spending`.

    Args:
        tell: Sends to the process that keeps the budget; does not wait.
    """

    def __init__(self, tell: Callable[[Wish | Settled], None]) -> None:
        self._tell = tell
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[None]] = {}

    def lend(self, price: Price | None) -> None:
        """The budget has its price where it is kept."""

    async def hold(self, most: Usage) -> Held:
        """See `vocero.model.Budget.hold`."""
        number = next(self._numbers)
        leave = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._tell(Wish(number, most))
        try:
            await leave
        except asyncio.CancelledError:
            self._tell(Settled(number, NOTHING))
            raise
        finally:
            del self._waiting[number]
        return _Drawn(number, self._tell)

    def take(self, leave: Leave) -> None:
        """Hand an answer to the request that waits for it, if it still does."""
        waiting = self._waiting.get(leave.number)
        if waiting is None or waiting.done():
            return
        if leave.refused:
            waiting.set_exception(leave.refused)
        else:
            waiting.set_result(None)


class _Drawn:
    """What is set aside elsewhere for one request."""

    def __init__(self, number: int, tell: Callable[[Settled], None]) -> None:
        self._number = number
        self._tell = tell

    def settle(self, took: Usage) -> None:
        self._tell(Settled(self._number, took))


class Till:
    """Gives the requests of one process leave, where the budget is kept.

    Args:
        budget: The run's; other processes have tills of their own.
        tell: Sends to the process; does not wait.
    """

    def __init__(self, budget: Budget, tell: Callable[[Leave], None]) -> None:
        self._budget = budget
        self._tell = tell
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._held: dict[int, Held] = {}

    def ask(self, wish: Wish) -> None:
        """Answer a wish as soon as the budget allows to."""
        self._asking[wish.number] = asyncio.create_task(self._answer(wish))

    def settle(self, settled: Settled) -> None:
        """Spend what a request took; one that still waits is given up."""
        if asking := self._asking.pop(settled.number, None):
            asking.cancel()
        if held := self._held.pop(settled.number, None):
            held.settle(settled.took)

    def close(self) -> None:
        """The process is gone: what its requests took nobody can tell, so it counts in full."""
        for number in [*self._asking, *self._held]:
            self.settle(Settled(number, Usage()))

    async def _answer(self, wish: Wish) -> None:
        refused = None
        try:
            self._held[wish.number] = await self._budget.hold(wish.most)
        except BudgetError as error:
            refused = error
        self._asking.pop(wish.number, None)
        self._tell(Leave(wish.number, refused))
