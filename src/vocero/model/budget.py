"""A limit on money or tokens that is kept before it is crossed, not noticed after."""

from __future__ import annotations

import asyncio
import math
import operator
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple, Protocol

from vocero.errors import BudgetError, SettingsError
from vocero.model.usage import cost
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from vocero.model.usage import Price

NOTHING = Usage(input_tokens=0, cached_tokens=0, output_tokens=0)


class _Count(NamedTuple):
    """Tokens; unlike `Usage` all of them known, and cheap to add up."""

    input: int = 0
    cached: int = 0
    output: int = 0

    @classmethod
    def of(cls, usage: Usage) -> _Count:
        """Count a usage; cached tokens that are not told apart are paid in full."""
        return cls(usage.input_tokens or 0, usage.cached_tokens or 0, usage.output_tokens or 0)

    def plus(self, other: _Count) -> _Count:
        return _Count(*map(operator.add, self, other))

    def minus(self, other: _Count) -> _Count:
        return _Count(*map(operator.sub, self, other))

    @property
    def usage(self) -> Usage:
        return Usage(input_tokens=self.input, cached_tokens=self.cached, output_tokens=self.output)


class Held(Protocol):
    """What is set aside for one request: a `Hold`, or what stands in for one elsewhere."""

    def settle(self, took: Usage) -> None:
        """See `Hold.settle`."""


class Spending(Protocol):
    """What gives requests leave to cost: a `Budget`, or what stands in for one elsewhere."""

    def lend(self, price: Price | None) -> None:
        """See `Budget.lend`."""

    async def hold(self, most: Usage) -> Held:
        """See `Budget.hold`."""


class Budget:
    """What all questions of all models that are given this object may cost together.

    Before each HTTP request the most that it can cost is set aside, and after it what it did cost
    is spent. A request that would not fit waits while others may still turn out cheaper, and then
    fails: the limit is never crossed, however many are on their way at once.

    Attributes:
        money: The limit in the currency of the price; None: none.
        tokens: The limit on tokens, of questions and answers together; None: none.
        price: Per million tokens; a model that is given the budget lends its own where it is None.
    """

    def __init__(
        self,
        *,
        money: Decimal | None = None,
        tokens: int | None = None,
        price: Price | None = None,
        spent: Usage = NOTHING,
    ) -> None:
        """Set the limits.

        Args:
            money: In the currency of the price.
            tokens: Of questions and answers together.
            price: Per million tokens; None: that of the first model that is given the budget.
            spent: What counts as spent already, e.g. by the run that this one resumes.

        Raises:
            SettingsError: there is no limit, one is negative, or what was spent is unknown.
        """
        if money is None and tokens is None:
            msg = "a budget limits money, tokens or both: give one of them"
            raise SettingsError(msg)
        if any(limit is not None and not 0 <= float(limit) < math.inf for limit in (money, tokens)):
            msg = f"a budget of {money if money is not None else tokens} is none: give 0 or more"
            raise SettingsError(msg)
        if spent.input_tokens is None or spent.output_tokens is None:
            msg = "what was spent before is unknown: give the budget that is left, without it"
            raise SettingsError(msg)
        self.money = money
        self.tokens = tokens
        self.price = price
        self._spent = _Count.of(spent)
        self._held = _Count()
        self._lock = threading.Lock()
        self._settled = _announced()

    @property
    def spent(self) -> Usage:
        """Tokens spent; where an endpoint does not count them, the most that they can have been."""
        return self._spent.usage

    @property
    def spent_money(self) -> Decimal | None:
        """What they cost, in the currency of the price; None without a price."""
        return cost(self._spent.usage, self.price)

    def lend(self, price: Price | None) -> None:
        """Take over the price of a model where there is none yet.

        Raises:
            SettingsError: there is a limit on money, and no price.
        """
        self.price = self.price or price
        if self.money is not None and self.price is None:
            msg = "a budget of money needs a price: set VOCERO_PRICE, e.g. to 0.15/0.60"
            raise SettingsError(msg)

    async def hold(self, most: Usage) -> Hold:
        """Set aside what a request takes at most; settle what comes back in any case.

        Args:
            most: Sound upper bounds.

        Raises:
            BudgetError: it does not fit, even if all that is on its way turns out to cost nothing.
        """
        wanted = _Count.of(most)
        while True:
            with self._lock:
                if self._allows(self._spent.plus(self._held).plus(wanted)):
                    self._held = self._held.plus(wanted)
                    return Hold(wanted, self._settle)
                if not self._allows(self._spent.plus(wanted)):
                    raise BudgetError(self._used_up(wanted))
                settled = self._settled
            await asyncio.wrap_future(settled)

    def _settle(self, held: _Count, took: _Count) -> None:
        with self._lock:
            self._held = self._held.minus(held)
            self._spent = self._spent.plus(took)
            settled, self._settled = self._settled, _announced()
        settled.set_result(None)

    def _allows(self, count: _Count) -> bool:
        if self.tokens is not None and count.input + count.output > self.tokens:
            return False
        if self.money is None:
            return True
        money = cost(count.usage, self.price)
        return money is not None and money <= self.money

    def _used_up(self, wanted: _Count) -> str:
        tokens = f"{self._spent.input + self._spent.output:,} tokens"
        money = self.spent_money
        spent = tokens if money is None else f"{money:.4f} for {tokens}"
        limits = [] if self.money is None else [str(self.money)]
        if self.tokens is not None:
            limits.append(f"{self.tokens:,} tokens")
        return (
            f"the budget of {' or '.join(limits)} does not last for the next request, which may "
            f"take {wanted.input + wanted.output:,} tokens ({spent} spent): raise it and go on from "
            "here"
        )


class Hold:
    """What is set aside for one request."""

    def __init__(self, most: _Count, settle: Callable[[_Count, _Count], None]) -> None:
        self._most = most
        self._settle = settle

    def settle(self, took: Usage) -> None:
        """Spend what the request took and give back the rest; to be called exactly once.

        Args:
            took: Where its tokens are unknown, all that was set aside is spent.
        """
        known = took.input_tokens is not None and took.output_tokens is not None
        self._settle(self._most, _Count.of(took) if known else self._most)


def _announced() -> Future[None]:
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()  # one who tires of waiting must not cancel it for others
    return future
