"""What a provider allows: two token buckets, and the headers that tell of them."""

from __future__ import annotations

import math
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HEADER_STYLES", "HeaderStyle", "Headers", "RateLimit", "duration", "retry_headers"]

HeaderStyle = Literal["retry-after", "retry-after-date", "retry-after-ms", "x-ratelimit", "none"]
"""How an endpoint tells its clients when to come again; ``none``: not at all."""

HEADER_STYLES: tuple[HeaderStyle, ...] = get_args(HeaderStyle)

Headers = tuple[tuple[str, str], ...]

# What the headers of a 429 without a limit behind it claim: the lowest tier of OpenAI's.
_CLAIMED = (("requests", 60), ("tokens", 150_000))


def duration(seconds: float) -> str:
    """Write a duration as OpenAI does: ``120ms``, ``1s``, ``6m0s``, ``1h0m0s``; rounded up."""
    milliseconds = math.ceil(round(seconds * 1000, 6))
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:g}s"
    if minutes or hours:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def retry_headers(style: HeaderStyle, wait: float) -> Headers:
    """Make the headers of a refusal.

    Args:
        style: Which headers.
        wait: Seconds until the client may come again; whole seconds, rounded up, where the style
            has no finer unit.
    """
    match style:
        case "retry-after":
            return (("retry-after", str(math.ceil(wait))),)
        case "retry-after-date":
            return (("retry-after", formatdate(math.ceil(time.time() + wait), usegmt=True)),)
        case "retry-after-ms":
            return (("retry-after-ms", str(math.ceil(wait * 1000))),)
        case "x-ratelimit":
            return tuple(
                header for kind, limit in _CLAIMED for header in _state(kind, limit, 0, wait)
            )
        case "none":
            return ()


def _state(kind: str, limit: int, remaining: int, reset: float) -> Headers:
    return (
        (f"x-ratelimit-limit-{kind}", str(limit)),
        (f"x-ratelimit-remaining-{kind}", str(remaining)),
        (f"x-ratelimit-reset-{kind}", duration(reset)),
    )


class _Bucket:
    def __init__(self, kind: str, rate: float, capacity: float, now: float) -> None:
        self.kind = kind
        self.rate = rate
        self.capacity = capacity
        self.level = capacity
        self.then = now

    def wait(self, amount: float, now: float) -> float:
        """Seconds until the amount is there. More than the bucket holds waits for a full one."""
        self.level = min(self.capacity, self.level + (now - self.then) * self.rate)
        self.then = now
        return max(0.0, (min(amount, self.capacity) - self.level) / self.rate)

    @property
    def headers(self) -> Headers:
        full_in = (self.capacity - self.level) / self.rate
        return _state(self.kind, math.floor(self.capacity), max(0, math.floor(self.level)), full_in)


class RateLimit:
    """Token buckets for requests and for tokens; a request must find room in both.

    A refused request takes nothing. In the style ``x-ratelimit`` every answer tells the state of
    each bucket: its capacity, what remains, and the time until it is full again, so that
    (limit - remaining) / reset is the rate. The other styles speak up with a refusal only.
    """

    def __init__(
        self,
        *,
        requests_per_second: float | None = None,
        tokens_per_minute: float | None = None,
        burst_seconds: float = 1.0,
        style: HeaderStyle = "x-ratelimit",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Fill the buckets.

        Args:
            requests_per_second: None: as many as come.
            tokens_per_minute: Of prompt and completion together; None: as many as come.
            burst_seconds: How many seconds' worth a bucket holds; at least one request.
            style: The headers that tell of it.
            clock: Seconds, for tests.
        """
        now = clock()
        self._clock = clock
        self._style = style
        self._requests = self._tokens = None
        if requests_per_second is not None:
            capacity = max(1.0, requests_per_second * burst_seconds)
            self._requests = _Bucket("requests", requests_per_second, capacity, now)
        if tokens_per_minute is not None:
            rate = tokens_per_minute / 60
            self._tokens = _Bucket("tokens", rate, max(1.0, rate * burst_seconds), now)

    def admit(self, tokens: int) -> tuple[bool, Headers]:
        """Take one request and its tokens out of the buckets, if both have them.

        Args:
            tokens: Of the prompt and of the answer it would get.

        Returns:
            Whether it is let through, and the headers of its answer.
        """
        now = self._clock()
        asked = [(self._requests, 1.0), (self._tokens, float(tokens))]
        buckets = [(bucket, amount) for bucket, amount in asked if bucket is not None]
        wait = max((bucket.wait(amount, now) for bucket, amount in buckets), default=0.0)
        if not wait:
            for bucket, amount in buckets:
                bucket.level -= amount
        if self._style == "x-ratelimit":
            return not wait, tuple(header for bucket, _ in buckets for header in bucket.headers)
        return not wait, retry_headers(self._style, wait) if wait else ()
