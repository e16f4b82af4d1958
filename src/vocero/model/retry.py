"""Trying again when the way to the endpoint fails, as opposed to what it answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import httpx2
import openai
from tenacity import AsyncRetrying, RetryCallState
from tenacity.retry import retry_if_exception
from tenacity.wait import wait_exponential_jitter

from vocero.model.headers import retry_after
from vocero.model.pacer import OWN_FAULT, PAUSING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from vocero.model.pacer import Turn

ResultT = TypeVar("ResultT")

_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
# What providers call a 429 that only money ends; OpenAI's words, then those of its hard limit.
_FOR_GOOD = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}

# 0.5, 1, 2, 4, 8 s and up to half a second more: six tries take 16 to 18 s where nothing answers.
_BACKOFF = wait_exponential_jitter(initial=0.5, max=30, jitter=0.5)

# Tries that an endpoint which never was there is worth: 1.5 to 2.5 s where it refuses connections,
# half a minute where nothing comes back. Fewer would take a crowd at its door for nobody at home.
_KNOCKS = 3
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class BrokenBodyError(Exception):
    """A 200 whose body is no completion: cut, not JSON, of another type, or an error report."""


class Contact:
    """Whether there ever was a connection to an endpoint; all requests to it share one.

    One that was there may come back, and is waited for. One that never was is down, or the address
    is wrong, and no waiting mends that.

    Attributes:
        made: Whether there was.
    """

    def __init__(self, *, made: bool = False) -> None:
        """Begin with what is known."""
        self.made = made

    def missed(self, state: RetryCallState) -> bool:
        """Learn from a failed try; return whether that is enough where nobody ever was."""
        self.made = self.made or not never_sent(_failure(state))
        return not self.made and state.attempt_number >= _KNOCKS


class Patience:
    """What one request may still take in tries and in seconds.

    A refusal (429) counts for neither: it waits for its turn again, as long as anything at all
    gets through.

    Attributes:
        contact: With the endpoint.
        tries: How often it was sent.
        passed_over: How often it was refused while others got through.
        idle: Seconds for which it has waited since anything got through.
        failure: Of the last try.
    """

    def __init__(self, *, max_tries: int, max_seconds: float, contact: Contact) -> None:
        """Take the most tries, and the seconds within which the last one has to begin."""
        self.contact = contact
        self.tries = 0
        self.passed_over = 0
        self.idle = 0.0
        self.failure: BaseException | None = None
        self._max_tries = max_tries
        self._max_seconds = max_seconds
        self._refusals = 0
        self._answered = 0
        self._in_turn = 0.0

    @property
    def left(self) -> float:
        """Seconds for which it still waits while nothing gets through."""
        return max(0.0, self._max_seconds - self.idle)

    def granted(self, turn: Turn) -> None:
        """Count a try."""
        self.tries += 1
        self._in_turn += turn.waited
        self.idle += turn.waited
        if turn.answered > self._answered:
            self._answered, self.idle = turn.answered, 0.0
            if self.failure is not None and is_refusal(self.failure):
                self.passed_over += 1

    def ended(self, state: RetryCallState) -> bool:
        """Count a failure that may pass; return whether there is no other try."""
        self.failure = _failure(state)
        if self.contact.missed(state):
            return True
        if is_refusal(self.failure):
            self._refusals += 1
            return self.idle >= self._max_seconds
        seconds = (state.seconds_since_start or 0.0) - self._in_turn + state.upcoming_sleep
        return self.tries - self._refusals >= self._max_tries or seconds >= self._max_seconds

    def wait(self, state: RetryCallState) -> float:
        """Return the seconds until it asks for its next turn."""
        failure = _failure(state)
        if is_refusal(failure) and self.passed_over >= OWN_FAULT:
            seconds = max(_asked(failure) or 0.0, _BACKOFF(state))
            self.idle += seconds
            return seconds
        if is_refusal(failure) or (_asked(failure) is not None and _status(failure) in PAUSING):
            return 0.0  # the pacer holds back all requests
        return wait(state)


async def with_retries(
    send: Callable[[], Awaitable[ResultT]],
    *,
    stop: Callable[[RetryCallState], bool],
    wait: Callable[[RetryCallState], float],
    sleep: Callable[[float], Awaitable[None]],
    before_retry: Callable[[BaseException], Awaitable[None]] | None = None,
) -> ResultT:
    """Send until it succeeds, fails for good, or there is no other try.

    Args:
        send: One try.
        stop: Whether that is enough, after a failure that may pass.
        wait: Seconds until the next try; 0 for none.
        sleep: Waits that many seconds.
        before_retry: Told of the failure before each wait.

    Raises:
        Exception: that of the last try, as it was raised.
    """

    async def tell(state: RetryCallState) -> None:
        if before_retry is not None:
            await before_retry(_failure(state))

    async def pause(seconds: float) -> None:
        if seconds:
            await sleep(seconds)

    retrying = AsyncRetrying(
        sleep=pause,
        stop=stop,
        wait=wait,
        retry=retry_if_exception(is_transient),
        before_sleep=tell,
        reraise=True,
    )
    result: ResultT = await retrying(send)
    return result


def wait(state: RetryCallState) -> float:
    """Return the seconds that the endpoint asks for; else such as grow from try to try."""
    asked = _asked(_failure(state))
    return _BACKOFF(state) if asked is None else asked


def never_sent(error: BaseException) -> bool:
    """Whether a request found no connection to travel by."""
    return isinstance(error, openai.APIConnectionError) and isinstance(error.__cause__, _NEVER_SENT)


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed when it is sent again."""
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        passing = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return passing and not is_unpaid(error)
    return isinstance(error, openai.APIConnectionError | TimeoutError | BrokenBodyError)


def is_refusal(error: BaseException) -> bool:
    """Whether it only came too early (429)."""
    return _status(error) == HTTPStatus.TOO_MANY_REQUESTS


def is_unpaid(error: openai.APIStatusError) -> bool:
    """Whether the account has no money or quota left, which no waiting brings back."""
    return error.status_code == HTTPStatus.PAYMENT_REQUIRED or bool(
        # An endpoint may send anything for a code, also what has no hash.
        {one for one in (error.code, error.type) if isinstance(one, str)} & _FOR_GOOD
    )


def _status(error: BaseException) -> int | None:
    return error.status_code if isinstance(error, openai.APIStatusError) else None


def _asked(error: BaseException) -> float | None:
    return retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None


def _failure(state: RetryCallState) -> BaseException:
    failure = state.outcome.exception() if state.outcome else None
    return failure or RuntimeError("a try that did not fail is not tried again")
