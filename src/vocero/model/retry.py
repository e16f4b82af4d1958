"""Trying again when the way to the endpoint fails, as opposed to what it answers."""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import openai
from tenacity import AsyncRetrying, RetryCallState
from tenacity.retry import retry_if_exception
from tenacity.stop import stop_after_attempt, stop_before_delay
from tenacity.wait import wait_exponential_jitter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

ResultT = TypeVar("ResultT")

_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}

# 0.5, 1, 2, 4, 8 s and up to half a second more: six tries take 16 to 18 s where nothing answers.
_BACKOFF = wait_exponential_jitter(initial=0.5, max=30, jitter=0.5)


class BrokenBodyError(Exception):
    """A 200 whose body is no completion: cut, not JSON, of another type, or an error report."""


async def with_retries(
    send: Callable[[], Awaitable[ResultT]],
    *,
    max_tries: int,
    max_seconds: float,
    sleep: Callable[[float], Awaitable[None]],
    before_retry: Callable[[BaseException], Awaitable[None]],
) -> ResultT:
    """Send until it succeeds, fails for good, or the budget is used up.

    Waits as long as the endpoint asks (``Retry-After`` in seconds or as a date,
    ``retry-after-ms``), otherwise exponentially longer with jitter.

    Args:
        send: One try.
        max_tries: Tries in all, the first included.
        max_seconds: No try begins later than this after the first.
        sleep: Waits that many seconds.
        before_retry: Told of the failure before each wait.

    Raises:
        Exception: that of the last try, as it was raised.
    """

    async def tell(state: RetryCallState) -> None:
        await before_retry(_failure(state))

    retrying = AsyncRetrying(
        sleep=sleep,
        stop=stop_after_attempt(max_tries) | stop_before_delay(max_seconds),
        wait=_wait,
        retry=retry_if_exception(is_transient),
        before_sleep=tell,
        reraise=True,
    )
    result: ResultT = await retrying(send)
    return result


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed when it is sent again."""
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, openai.APIConnectionError | TimeoutError | BrokenBodyError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds an endpoint asks to wait; None where it names no time to come."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            seconds = float(milliseconds) / 1000
        elif value is None:
            return None
        elif value.endswith("GMT"):
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        else:
            seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _wait(state: RetryCallState) -> float:
    failure = _failure(state)
    asked = (
        retry_after(failure.response.headers)
        if isinstance(failure, openai.APIStatusError)
        else None
    )
    return _BACKOFF(state) if asked is None else asked


def _failure(state: RetryCallState) -> BaseException:
    failure = state.outcome.exception() if state.outcome else None
    return failure or RuntimeError("a try that did not fail is not tried again")
