"""When the next request may be sent: one pacer for all that share an endpoint's limits.

An endpoint without limits is never slowed. One that tells its limits in its headers is followed:
`_Bucket` keeps the endpoint's own account, brought up to date with each answer. One that only
refuses (429) is measured: at each refusal its allowance was used up, so what it let through between
two refusals, over the time between them, is its rate (`_Found`). From there the rate grows slowly
and then faster, as TCP CUBIC's window does (RFC 9438), until the next refusal.
"""

from __future__ import annotations

import asyncio
import math
import random
import threading
import time
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Protocol
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from vocero.model.headers import Limit, Told

OVERLOADED = 529
"""Not in the standard; several providers answer so when they are short of machines."""

PAUSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, OVERLOADED})
"""Answers after which nothing is sent until the time that they name."""
OWN_FAULT = 1
"""A request that was refused so often while others got through is refused for itself."""
# Seconds: 0.25, 0.5, 1 ... where nothing gets through and the endpoint names no time.
_PAUSE, _LONGEST_PAUSE = 0.25, 30.0


class Turn(NamedTuple):
    """Leave to send one request, to be handed back with what came of it."""

    number: int
    """Counts the requests of this pacer."""
    at: float
    """When it was given, by the pacer's clock."""
    waited: float
    """Seconds between asking and getting it."""
    answered: int
    """How many requests had got through until then."""
    refused: int
    """As it was asked for."""
    tokens: float
    """As it was asked for."""
    total: float
    """Tokens of this and of all requests before."""
    saved: float
    """What was left over for others at once, where a rate was found by refusals; else 0."""


class Pacing(Protocol):
    """What gives requests their turns: a `Pacer`, or what stands in for one on another machine."""

    async def acquire(self, tokens: float, *, refused: int = 0, patience: float = math.inf) -> Turn:
        """Wait until a request may be sent.

        Args:
            tokens: How many the request and its answer will take, as far as can be guessed.
            refused: How often it was refused while others got through.
            patience: Seconds; if nothing at all gets through for so long, it is given up.

        Raises:
            StandstillError: nothing got through for that long, or nothing will.
        """

    def note(self, turn: Turn, status: int, told: Told) -> None:
        """Tell what came of a request, as soon as its answer is there.

        Args:
            turn: What `acquire` gave.
            status: HTTP status of the answer.
            told: What its headers tell of limits.
        """


class StandstillError(Exception):
    """Nothing gets through: the endpoint refuses everything, or asks for too long a pause."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds that nothing will have got through by the time of the next turn."""
        super().__init__(seconds)
        self.seconds = seconds


class Pacer:
    """The `Pacing` of one process; for any number of tasks, event loops and threads.

    Turns are given in the order in which they are asked for. A refusal that names a time pauses
    everything until then; a request that keeps being refused while others get through no longer
    counts for the rest.
    """

    def __init__(
        self,
        *,
        share: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Start without any limit.

        Args:
            share: Part of the limits told that is this process's own, e.g. 0.25 for one of four
                that use one key. What is found by refusals is a share already.
            clock: Seconds, for tests.
            sleep: Waits that many seconds, for tests.
        """
        self._share = share
        self._clock = clock
        self._sleep = sleep
        self._reached = -math.inf
        self._lock = threading.Lock()
        self._turnstiles: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )
        self._requests: _Bucket | None = None
        self._tokens: _Bucket | None = None
        self._found = _Found()
        self._paused_until = -math.inf
        self._granted = self._refused = self._answered = 0
        self._tokens_granted = 0.0
        self._answered_at = -math.inf
        self._event = self._admitted = 0
        self._stalled = 0

    @property
    def rate(self) -> float | None:
        """Requests a second that the endpoint allows, as far as it is known; for displays."""
        with self._lock:
            rates = [self._found.rate(self._now())]
            if self._requests:
                rates.append(self._requests.rate)
            if self._tokens and self._tokens_granted:
                rates.append(self._tokens.rate * self._granted / self._tokens_granted)
        lowest = min(rates)
        return None if math.isinf(lowest) else lowest

    @property
    def pause(self) -> float:
        """Seconds for which nothing is sent because the endpoint wants it so; 0: none."""
        with self._lock:
            return max(0.0, self._paused_until - self._now())

    async def acquire(self, tokens: float, *, refused: int = 0, patience: float = math.inf) -> Turn:
        """Wait until a request may be sent; see `Pacing.acquire`."""
        entered = self._now()
        # Whoever comes next waits here; the others wait in line for the lock, which costs nothing.
        async with self._turnstile():
            while True:
                with self._lock:
                    now = self._now()
                    at = now + self._wait(tokens, now)
                    standstill = at - max(entered, self._answered_at)
                    if standstill > patience:
                        raise StandstillError(standstill)
                    if at <= now:
                        return self._grant(tokens, refused, entered, now)
                await self._sleep(at - now)
                # Timers may wake a moment too early, and those of tests at once.
                self._reached = max(self._reached, at)

    def note(self, turn: Turn, status: int, told: Told) -> None:
        """Learn from an answer; see `Pacing.note`."""
        with self._lock:
            now = self._now()
            self._requests = self._follow(
                self._requests, told.requests, turn, self._granted - turn.number, now
            )
            self._tokens = self._follow(
                self._tokens, told.tokens, turn, self._tokens_granted - turn.total, now
            )
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                self._refused += 1
            elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
                self._answered += 1
                self._answered_at = now
            if status not in PAUSING or turn.refused >= OWN_FAULT:
                return
            if told.pause is not None:
                self._paused_until = max(self._paused_until, now + told.pause)
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                self._slow_down(turn, told, now)

    def _now(self) -> float:
        return max(self._clock(), self._reached)

    def _turnstile(self) -> asyncio.Lock:
        # A lock belongs to the loop it was first used in.
        return self._turnstiles.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    def _wait(self, tokens: float, now: float) -> float:
        return max(
            0.0,
            self._paused_until - now,
            self._requests.wait(1, now) if self._requests else 0.0,
            self._tokens.wait(tokens, now) if self._tokens else 0.0,
            self._found.wait(now),
        )

    def _grant(self, tokens: float, refused: int, entered: float, now: float) -> Turn:
        self._granted += 1
        self._tokens_granted += tokens
        if self._requests:
            self._requests.level -= 1
        if self._tokens:
            self._tokens.level -= tokens
        saved = self._found.take(now)
        return Turn(
            number=self._granted,
            at=now,
            waited=now - entered,
            answered=self._answered,
            refused=refused,
            tokens=tokens,
            total=self._tokens_granted,
            saved=saved,
        )

    def _follow(
        self, bucket: _Bucket | None, limit: Limit | None, turn: Turn, since: float, now: float
    ) -> _Bucket | None:
        if limit is None:
            return bucket
        ours = limit._replace(
            size=limit.size * self._share, remaining=limit.remaining * self._share
        )
        if bucket is None:
            if limit.remaining >= limit.size or limit.reset <= 0:
                return None  # nothing is told of the rate as long as nothing is missing
            bucket = _Bucket(now)
        bucket.correct(ours, turn, since, now)
        return bucket

    def _slow_down(self, turn: Turn, told: Told, now: float) -> None:
        # Requests that were on their way when the first of them was refused are one event.
        first = turn.number > self._event
        admitted = self._granted - self._refused
        if first:
            self._stalled = self._stalled + 1 if admitted <= self._admitted else 0
            self._event = self._granted
        self._admitted = admitted
        explained = any(
            limit is not None and limit.remaining < needed
            for limit, needed in ((told.requests, 1.0), (told.tokens, turn.tokens))
        )
        if first and told.pause is None and (self._stalled or not explained):
            pause = min(_PAUSE * 2**self._stalled, _LONGEST_PAUSE)
            self._paused_until = max(
                self._paused_until,
                now + pause * random.uniform(1, 1.25),  # noqa: S311 - processes must not march in step
            )
        if not explained and not self._stalled:
            self._found.refused(turn, admitted, max(now, self._paused_until), now, first=first)


class _Bucket:
    """An endpoint's own account of a limit: full at first, emptied by requests, refilled steadily."""

    # What is never taken out: clocks and networks are not exact, and a refusal costs more.
    _RESERVE = 0.05

    def __init__(self, now: float) -> None:
        self.level = self.size = 0.0
        self.rate = math.inf
        self._then = now
        self._latest = 0

    def wait(self, amount: float, now: float) -> float:
        """Seconds until so much is there; more than it holds waits until it is full."""
        self._refill(now)
        missing = min(amount + self._RESERVE * self.size, self.size) - self.level
        return max(0.0, missing / self.rate)

    def correct(self, limit: Limit, turn: Turn, since: float, now: float) -> None:
        """Take over what an answer told.

        Args:
            limit: As it was when the endpoint took the request in, hence of ``turn.at``.
            turn: The request's.
            since: What was taken out after it.
            now: The time.
        """
        missing = limit.size - limit.remaining
        if missing > 0 and limit.reset > 0:
            # Endpoints round what remains down: half of one is missing less than they say. What
            # little is missing from a full bucket tells little of the rate.
            measured = max(missing - 0.5, missing / 2) / limit.reset
            weight = missing / limit.size if math.isfinite(self.rate) else 1.0
            self.rate = measured if weight >= 1 else self.rate + weight * (measured - self.rate)
        self.size = limit.size
        if turn.number > self._latest:
            self._latest = turn.number
            self._then = now
            refilled = limit.remaining + self.rate * max(0.0, now - turn.at)
            self.level = min(self.size, refilled) - since

    def _refill(self, now: float) -> None:
        if now > self._then:
            self.level = min(self.size, self.level + (now - self._then) * self.rate)
            self._then = now


class _Found:
    """A rate that was found by being refused; without a limit until then."""

    # Requests a second; some free tiers allow three a minute.
    _LOWEST = 1 / 60
    # Seconds over which refusals are looked back upon.
    _MEMORY = 5.0
    # What may be sent at once at least: timers are not exact.
    _LEAST_BURST = 2.0

    def __init__(self) -> None:
        self._rate = math.inf
        self._since = 0.0
        self._searching = True
        self._burst = 0.0
        self._level = 0.0
        self._then = 0.0
        # When each event was, and what the endpoint had let through by then.
        self._events: deque[tuple[float, int]] = deque()
        self._before = math.inf
        self._bursting = False
        self._started = math.inf

    def rate(self, now: float) -> float:
        """Requests a second; infinite before the first refusal."""
        seconds = max(0.0, now - self._since)
        if self._searching:
            return self._rate * 2 ** min(seconds, 30.0)
        return self._rate * (1 + 0.02 * seconds + (seconds / 10) ** 3)

    def wait(self, now: float) -> float:
        """Seconds until the next request may be sent."""
        if math.isinf(self._rate):
            return 0.0
        rate = self.rate(now)
        if now > self._then:
            self._level = min(self._burst, self._level + (now - self._then) * rate)
            self._then = now
        return (1 - self._level) / rate if self._level < 1 else 0.0

    def take(self, now: float) -> float:
        """Take one request out; return what is left for others at once."""
        self._started = min(self._started, now)
        if math.isinf(self._rate):
            return 0.0
        self._level -= 1
        return self._level

    def refused(self, turn: Turn, admitted: int, until: float, now: float, *, first: bool) -> None:
        """Find the rate anew.

        Args:
            turn: That of the refused request.
            admitted: How many requests were let through until now.
            until: When the pause that follows ends.
            now: The time.
            first: Whether this opens an event; further refusals only correct what was let through.
        """
        if first or not self._events:
            self._before = self.rate(now)
            self._bursting = turn.saved >= 1
            while len(self._events) > 1 and self._events[1][0] < now - self._MEMORY:
                self._events.popleft()
            self._searching = not self._events or (self._searching and self._bursting)
            self._events.append((now, admitted))
        else:
            self._events[-1] = (self._events[-1][0], admitted)
        self._measure()
        # What is left now is nothing; at the end of the pause one request may go in any case.
        self._level, self._then = max(0.0, 1 - self._rate * (until - now)), now
        self._since = until

    def _measure(self) -> None:
        end, admitted = self._events[-1]
        if len(self._events) == 1:
            # What it let through at once it holds at once; that it does so each second is a guess.
            self._burst = max(self._LEAST_BURST, admitted)
            self._rate = max(admitted / max(end - self._started, 1.0), self._LOWEST)
            return
        if self._bursting:
            # It was what had been saved up during a pause that was too much, not the rate.
            self._rate = self._before
            self._burst = max(self._LEAST_BURST, admitted - self._events[-2][1])
            return
        start, then = self._events[0]
        measured = (admitted - then) / max(end - start, 0.1)
        self._rate = max(min(self._before, max(measured, self._before / 2)), self._LOWEST)
