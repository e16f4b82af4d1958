"""What an endpoint tells of its limits in the headers of an answer."""

from __future__ import annotations

import datetime as dt
import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# OpenAI and those who copy it; Anthropic; the IETF draft `ratelimit-headers`; its forerunner.
_REQUESTS = (
    "x-ratelimit-{}-requests",
    "anthropic-ratelimit-requests-{}",
    "ratelimit-{}",
    "x-ratelimit-{}",
)
_TOKENS = ("x-ratelimit-{}-tokens", "anthropic-ratelimit-tokens-{}")

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_EPOCH = 1e9
"""More seconds than any limit takes to come back: a moment, counted from 1970."""
_EPOCH_IN_MILLISECONDS = 1e12


class Limit(NamedTuple):
    """One limit as it stood when the endpoint took the request in."""

    size: float
    """What it allows at once, in requests or tokens."""
    remaining: float
    reset: float
    """Seconds until all of it is there again."""


class Told(NamedTuple):
    """Everything that the headers of one answer tell of limits."""

    pause: float | None = None
    """Seconds until the endpoint wants to hear anything again."""
    requests: Limit | None = None
    tokens: Limit | None = None


def told(headers: Mapping[str, str]) -> Told:
    """Read the headers of an answer; what makes no sense is passed over.

    Args:
        headers: By their names in lower case.
    """
    return Told(retry_after(headers), _limit(headers, _REQUESTS), _limit(headers, _TOKENS))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds an endpoint asks to wait; None where it names no time to come.

    ``retry-after-ms``, else ``retry-after`` in seconds or as a date (RFC 9110, 10.2.3).
    """
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


def _limit(headers: Mapping[str, str], names: tuple[str, ...]) -> Limit | None:
    for name in names:
        size = headers.get(name.format("limit"))
        remaining = headers.get(name.format("remaining"))
        reset = headers.get(name.format("reset"))
        if size is None or remaining is None or reset is None:
            continue
        try:
            found = Limit(float(size), float(remaining), _seconds(reset))
        except ValueError:
            continue
        if all(map(math.isfinite, found)) and found.size > 0 and found.remaining >= 0:
            return found
    return None


def _seconds(text: str) -> float:
    """Seconds from now: ``6m0s``, ``120ms``, ``1.5``, a date (RFC 3339), or seconds since 1970."""
    if _DURATION.fullmatch(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if "T" in text:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return max(0.0, moment.timestamp() - time.time())
    seconds = float(text)
    if seconds >= _EPOCH_IN_MILLISECONDS:
        seconds /= 1000
    return max(0.0, seconds - time.time() if seconds >= _EPOCH else seconds)
