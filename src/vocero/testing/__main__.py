"""The mock endpoint as a process: ``python -m vocero.testing --port 8000 --latency 0.2``.

Prints its address on the first line, runs until it is interrupted or terminated, and then prints
its counters as JSON. While it runs they are at ``/stats``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from vocero.testing import faults
from vocero.testing.endpoint import MockEndpoint
from vocero.testing.limits import HEADER_STYLES, RateLimit


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m vocero.testing", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="seconds; the median with --sigma"
    )
    parser.add_argument("--sigma", type=float, default=0.0, help="of a lognormal latency")
    parser.add_argument("--requests-per-second", type=float, help="refuse what is more")
    parser.add_argument("--tokens-per-minute", type=float, help="refuse what is more")
    parser.add_argument("--headers", choices=HEADER_STYLES, default="x-ratelimit")
    parser.add_argument("--chaos", type=float, default=0.0, help="probability of each single fault")
    parser.add_argument("--seed", type=int, default=0, help="of latency and chaos")
    return parser.parse_args()


def _endpoint(given: argparse.Namespace) -> MockEndpoint:
    plan = faults.chaos(given.chaos, seed=given.seed) if given.chaos else []
    if given.sigma:
        plan.append(faults.lognormal(given.latency, given.sigma, seed=given.seed))
    elif given.latency:
        plan.append(faults.latency(given.latency))
    limited = given.requests_per_second is not None or given.tokens_per_minute is not None
    limit = RateLimit(
        requests_per_second=given.requests_per_second,
        tokens_per_minute=given.tokens_per_minute,
        style=given.headers,
    )
    return MockEndpoint(faults=plan, limit=limit if limited else None, port=given.port)


async def _run(server: MockEndpoint) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await ended.wait()
    sys.stdout.write(f"{json.dumps(server.stats())}\n")


if __name__ == "__main__":
    asyncio.run(_run(_endpoint(_arguments())))
