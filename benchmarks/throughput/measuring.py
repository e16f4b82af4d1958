"""What a stretch of work took: time, CPU, memory, and requests that the mock endpoint got."""

from __future__ import annotations

import json
import resource
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measuring", "requests_to"]


def requests_to(url: str) -> int:
    """How many requests a mock endpoint has got so far."""
    with urlopen(f"{url.removesuffix('/v1')}/stats") as got:  # noqa: S310 - the mock's address
        count: int = json.load(got)["requests"]
    return count


@contextmanager
def measuring(url: str) -> Iterator[dict[str, Any]]:
    """Yield a dict that holds, at the end, ``seconds``, ``cpu`` (s), ``peak`` (MB), ``requests``.

    CPU is that of this process and its ended children. The peak is this process's; where there
    were children, ``child_peak`` is that of the largest.
    """
    took: dict[str, Any] = {}
    requests, cpu, clock = requests_to(url), _cpu(), time.perf_counter()
    yield took
    took["seconds"] = time.perf_counter() - clock
    took["cpu"] = _cpu() - cpu
    took["requests"] = requests_to(url) - requests
    took["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took["child_peak"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)
