"""When the next request may be sent: one pacer for all that share an endpoint's limits.

An endpoint without limits is never slowed. One that tells its limits in the headers of its answers is
followed; the rate of one that only refuses (429) is found: see `vocero.model.rates`.
"""

from __future__ import annotations

import asyncio
import math
import random
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from vocero.model.rates import Bucket, FoundRate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from vocero.model.headers import Limit, Told

OVERLOADED = 529
"""Not in the standard; several providers answer so when they are short of machines."""

PAUSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, OVERLOADED})
"""Answers after which nothing is sent until the time that they name."""
OWN_FAULT = 2
"""A request that was refused so often while others got through is refused for itself."""
# Seconds: 0.25, 0.5, 1 ... where nothing gets through and the endpoint names no time.
_PAUSE, _LONGEST_PAUSE = 0.25, 30.0
# Seconds between two looks at a wait that may have become shorter.
_LOOK = 0.1


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
        self._requests: Bucket | None = None
        self._tokens: Bucket | None = None
        self._found = FoundRate()
        self._paused_until = -math.inf
        self._granted = self._refused = self._answered = 0
        self._tokens_granted = 0.0
        self._answered_at = -math.inf
        # The last refusal that was none of a request sent before another: the requests granted,
        # let through and answered by then, and those let through by the one before it.
        self._event = self._admitted = self._answered_then = 0
        self._admitted_before = -1
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
                    held_up = self._stalled or self._paused_until > now
                    if held_up and standstill > patience:
                        raise StandstillError(standstill)
                    if at <= now:
                        return self._grant(tokens, refused, entered, now)
                # A pause stands; what else there is to wait for every answer may change.
                seconds = min(at - now, max(_LOOK, self._paused_until - now))
                await self._sleep(seconds)
                # Timers may wake a moment too early, and those of tests at once.
                self._reached = max(self._reached, now + seconds)

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
            if status not in PAUSING:
                return
            if turn.refused >= OWN_FAULT:
                self._found.doubt(now)
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
        self, bucket: Bucket | None, limit: Limit | None, turn: Turn, since: float, now: float
    ) -> Bucket | None:
        if limit is None:
            return bucket
        ours = limit._replace(
            size=limit.size * self._share, remaining=limit.remaining * self._share
        )
        if bucket is None:
            if limit.remaining >= limit.size or limit.reset <= 0:
                return None  # nothing is told of the rate as long as nothing is missing
            bucket = Bucket(now)
        bucket.correct(ours, number=turn.number, at=turn.at, since=since, now=now)
        return bucket

    def _slow_down(self, turn: Turn, told: Told, now: float) -> None:
        # Requests that were on their way when the first of them was refused are one event.
        first = turn.number > self._event
        admitted = self._granted - self._refused
        if first:
            # What is on its way counts as let through until it is known better.
            nothing = admitted <= self._admitted or (
                self._admitted <= self._admitted_before and self._answered == self._answered_then
            )
            self._stalled = self._stalled + 1 if nothing else 0
            self._event, self._answered_then = self._granted, self._answered
            self._admitted_before = self._admitted
        self._admitted = admitted
        explained = any(
            limit is not None and limit.remaining < needed
            for limit, needed in ((told.requests, 1.0), (told.tokens, turn.tokens))
        )
        if first and told.pause is None and (self._stalled or not explained):
            # Where a rate is known, long enough for two requests.
            pause = min(_PAUSE, 2 / self._found.rate(now) or _PAUSE)
            pause = min(pause * 2**self._stalled, _LONGEST_PAUSE)
            self._paused_until = max(
                self._paused_until,
                now + pause * random.uniform(1, 1.25),  # noqa: S311 - processes must not march in step
            )
        if not explained:
            self._found.refused(
                admitted,
                now=now,
                until=max(now, self._paused_until),
                first=first,
                saved=turn.saved,
                stalled=self._stalled > 0,
            )
