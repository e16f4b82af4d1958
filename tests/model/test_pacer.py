"""When requests may be sent: limits that are told, limits that are found, and no limits at all.

Time is simulated: the event loop's clock jumps to the next timer instead of waiting for it.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from vocero.model import Limit, Pacer, Pacing, StandstillError, Told, Turn
from vocero.model.headers import told
from vocero.testing import HEADER_STYLES, RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from vocero.testing import HeaderStyle

ResultT = TypeVar("ResultT")

PASSED, REFUSED = 200, 429
NETWORK = 0.002
"""Seconds from a client to the endpoint."""
EPOCH = 1_790_000_000.0


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop for which waiting takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        selector: Any = vars(self)["_selector"]
        look = selector.select

        def select(timeout: float | None = None) -> Any:
            self._now += timeout or 0.0
            return look(0)

        selector.select = select

    def time(self) -> float:
        return self._now


@pytest.fixture
def simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[], Coroutine[Any, Any, ResultT]]], ResultT]:
    """Runs a coroutine in simulated time."""

    def run(main: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
            clock = runner.get_loop().time
            monkeypatch.setattr(time, "time", lambda: EPOCH + clock())
            return runner.run(main())

    return run


def now() -> float:
    return asyncio.get_running_loop().time()


def a_pacer(share: float = 1.0) -> Pacer:
    return Pacer(share=share, clock=asyncio.get_running_loop().time)


@dataclass
class Endpoint:
    """An endpoint with a limit, and clients that ask it until each request is through."""

    limit: RateLimit | None = None
    latency: Callable[[], float] = lambda: 0.05
    tokens: int = 1000
    refusals: int = 0
    ended: list[float] = field(default_factory=list)

    async def run(self, pacer: Pacing, requests: int, concurrency: int = 50) -> float:
        """Send requests, so many at once; return the seconds they took."""
        started, places = now(), asyncio.Semaphore(concurrency)
        await asyncio.gather(*(self._send(pacer, places) for _ in range(requests)))
        return now() - started

    async def _send(self, pacer: Pacing, places: asyncio.Semaphore) -> None:
        async with places:
            while True:
                turn = await pacer.acquire(self.tokens)
                await asyncio.sleep(NETWORK)
                admitted, headers = self.limit.admit(self.tokens) if self.limit else (True, ())
                if admitted:
                    await asyncio.sleep(self.latency())
                    pacer.note(turn, PASSED, told(dict(headers)))
                    self.ended.append(now())
                    return
                self.refusals += 1
                await asyncio.sleep(NETWORK)
                pacer.note(turn, REFUSED, told(dict(headers)))


def ideal(requests: int, rate: float, *, burst: float, latency: float = 0.05) -> float:
    """Seconds that requests take at least behind a token bucket that is full at first."""
    return (requests - burst) / rate + latency


def lognormal(median: float, sigma: float, seed: int = 1) -> Callable[[], float]:
    drawn = random.Random(seed)  # noqa: S311 - no secret
    return lambda: drawn.lognormvariate(math.log(median), sigma)


# --- no limit ---------------------------------------------------------------------------------


class Unpaced:
    """What a client without any pacing does."""

    async def acquire(
        self,
        tokens: float,
        *,
        refused: int = 0,
        patience: float = math.inf,  # noqa: ARG002 - of the protocol
    ) -> Turn:
        return Turn(0, 0, 0, 0, refused, tokens, 0, 0)

    def note(self, turn: Turn, status: int, told: Told) -> None:
        pass


@pytest.mark.parametrize("sigma", [0.0, 0.8])
def test_without_a_limit_nothing_waits_however_uneven_the_latency(
    sigma: float, simulated: Callable[..., float]
) -> None:
    async def paced() -> float:
        pacer = a_pacer()
        seconds = await Endpoint(latency=lognormal(0.2, sigma)).run(pacer, 600)
        assert (pacer.rate, pacer.pause) == (None, 0)
        return seconds

    async def unpaced() -> float:
        return await Endpoint(latency=lognormal(0.2, sigma)).run(Unpaced(), 600)

    assert simulated(paced) == simulated(unpaced)


def test_limits_that_are_told_and_not_reached_slow_nothing(simulated: Callable[..., float]) -> None:
    async def run() -> float:
        limit = RateLimit(requests_per_second=1000, burst_seconds=60, clock=now)
        return await Endpoint(limit).run(a_pacer(), 600)

    assert simulated(run) == pytest.approx(12 * (0.05 + NETWORK))


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("style", HEADER_STYLES)
@pytest.mark.parametrize("kind", ["requests", "tokens"])
@pytest.mark.parametrize("burst_seconds", [1.0, 5.0])
def test_behind_a_limit_nearly_all_of_it_is_used_whatever_the_headers_tell(
    style: HeaderStyle, kind: str, burst_seconds: float, simulated: Callable[..., float]
) -> None:
    async def run() -> float:
        limit = RateLimit(
            requests_per_second=40 if kind == "requests" else None,
            tokens_per_minute=40 * 60 * 1000 if kind == "tokens" else None,
            burst_seconds=burst_seconds,
            style=style,
            clock=now,
        )
        endpoint = Endpoint(limit)
        seconds = await endpoint.run(a_pacer(), 600)
        assert len(endpoint.ended) == 600
        # Ten of the first fifty cannot know better, nor, with a bucket five times as large, can
        # fifty that are on their way when it is empty.
        assert endpoint.refusals < 120
        return seconds

    least = ideal(600, 40, burst=40 * burst_seconds)
    assert least <= simulated(run) <= least / 0.95


def test_a_small_bucket_is_found_as_well(simulated: Callable[..., float]) -> None:
    async def run() -> float:
        limit = RateLimit(requests_per_second=40, burst_seconds=0.1, style="none", clock=now)
        return await Endpoint(limit).run(a_pacer(), 1200)

    least = ideal(1200, 40, burst=4)
    assert least <= simulated(run) <= least / 0.9


def test_processes_with_a_share_each_use_a_limit_that_is_told_together(
    simulated: Callable[..., float],
) -> None:
    async def run() -> float:
        endpoint = Endpoint(RateLimit(requests_per_second=40, clock=now))
        seconds = await asyncio.gather(
            *(endpoint.run(a_pacer(share=0.25), 150) for _process in range(4))
        )
        return max(seconds)

    assert simulated(run) <= ideal(600, 40, burst=40) / 0.95


def test_a_limit_that_rises_is_found_again(simulated: Callable[..., float]) -> None:
    async def run() -> float:
        pacer = a_pacer()
        before = Endpoint(RateLimit(requests_per_second=10, style="none", clock=now))
        await before.run(pacer, 100)
        assert pacer.rate == pytest.approx(10, rel=0.2)
        after = Endpoint(RateLimit(requests_per_second=40, style="none", clock=now))
        await after.run(pacer, 2400)
        return pacer.rate or 0.0

    assert simulated(run) == pytest.approx(40, rel=0.2)


def test_what_a_display_shows_is_known_after_the_first_answers(
    simulated: Callable[..., tuple[float | None, float]],
) -> None:
    async def run() -> tuple[float | None, float]:
        pacer = a_pacer()
        turn = await pacer.acquire(500)
        limit = Limit(size=30_000, remaining=15_000, reset=30)
        pacer.note(turn, PASSED, Told(tokens=limit))
        turn = await pacer.acquire(500)
        pacer.note(turn, 503, Told(pause=7))
        return pacer.rate, pacer.pause

    rate, pause = simulated(run)
    assert rate == pytest.approx(1, rel=0.01)  # 500 tokens a second, 500 tokens a request
    assert pause == 7


# --- refusals ---------------------------------------------------------------------------------


def test_a_refusal_that_names_a_time_pauses_everything_until_then(
    simulated: Callable[..., list[float]],
) -> None:
    async def run() -> list[float]:
        pacer = a_pacer()
        first, other = await pacer.acquire(1), await pacer.acquire(1)
        pacer.note(other, PASSED, Told())
        pacer.note(first, REFUSED, Told(pause=7))
        return [(await pacer.acquire(1)).at for _ in range(3)]

    at = simulated(run)
    assert at[0] == 7
    assert at == sorted(at)


def test_turns_are_given_in_the_order_in_which_they_were_asked_for(
    simulated: Callable[..., list[int]],
) -> None:
    async def run() -> list[int]:
        pacer, order = a_pacer(), list[int]()
        pacer.note(await pacer.acquire(1), REFUSED, Told(pause=1))

        async def one(number: int) -> None:
            await pacer.acquire(1)
            order.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(5)]
        await asyncio.sleep(0.5)
        tasks[0].cancel()  # the one whose turn is next
        await asyncio.gather(*tasks, return_exceptions=True)
        return order

    assert simulated(run) == [1, 2, 3, 4]


def test_one_request_that_is_always_refused_does_not_slow_the_others(
    simulated: Callable[..., float],
) -> None:
    async def run() -> float:
        pacer = a_pacer()

        async def refused() -> None:
            times = answered = 0
            while True:
                turn = await pacer.acquire(1000, refused=times)
                times += turn.answered > answered
                answered = turn.answered
                await asyncio.sleep(NETWORK)
                pacer.note(turn, REFUSED, Told(pause=1))
                await asyncio.sleep(1)

        bad = asyncio.create_task(refused())
        seconds = await Endpoint(latency=lambda: 0.5).run(pacer, 3000)
        bad.cancel()
        return seconds

    # It takes a few refusals to see that they are its own fault.
    assert 30 <= simulated(run) < 36


def test_where_nothing_gets_through_patience_ends(simulated: Callable[..., float]) -> None:
    async def run() -> float:
        pacer, waited, turns = a_pacer(), 0.0, 0
        try:
            while True:
                turn = await pacer.acquire(1, patience=300 - waited)
                waited += turn.waited
                turns += 1
                pacer.note(turn, REFUSED, Told())
        except StandstillError:
            assert turns < 30  # the pauses grow
            return now()

    assert 250 < simulated(run) <= 300


def test_a_pause_longer_than_patience_is_not_begun(simulated: Callable[..., float]) -> None:
    async def run() -> float:
        pacer = a_pacer()
        pacer.note(await pacer.acquire(1), REFUSED, Told(pause=3600))
        with pytest.raises(StandstillError) as raised:
            await pacer.acquire(1, patience=300)
        assert raised.value.seconds == 3600
        return now()

    assert simulated(run) == 0


def test_slow_answers_are_no_standstill(simulated: Callable[..., float]) -> None:
    async def run() -> float:
        pacer = a_pacer()
        # Two a second; no answer comes within patience, but none is refused either.
        pacer.note(await pacer.acquire(1), PASSED, Told(requests=Limit(10, 0, 5)))
        turns = await asyncio.gather(*(pacer.acquire(1, patience=300) for _ in range(700)))
        return turns[-1].at

    assert simulated(run) == pytest.approx(350, rel=0.1)


def test_one_pacer_serves_several_event_loops() -> None:
    pacer = Pacer()

    async def ask() -> int:
        turn = await pacer.acquire(1)
        pacer.note(turn, PASSED, Told(requests=Limit(100, 90, 1)))
        return turn.number

    assert [asyncio.run(ask()) for _ in range(3)] == [1, 2, 3]


# --- headers ----------------------------------------------------------------------------------


def openai(limit: str, remaining: str, reset: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-remaining-requests": remaining,
        "x-ratelimit-reset-requests": reset,
    }


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("120ms", 0.12),
        ("1s", 1),
        ("6m0s", 360),
        ("1h0m0.5s", 3600.5),
        ("2d3h", 183_600),
        ("17", 17),
        ("0.25", 0.25),
        (f"{EPOCH + 30:.0f}", 30),
        (f"{(EPOCH + 30) * 1000:.0f}", 30),
        ("2026-09-21T14:13:50Z", 30),
        ("2026-09-21T14:13:50", 30),
    ],
)
def test_the_time_until_a_limit_is_whole_again_is_read_in_all_its_forms(
    reset: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: EPOCH)
    found = told(openai("60", "58", reset)).requests
    assert found is not None
    assert tuple(found) == pytest.approx((60, 58, seconds))


def test_limits_of_requests_and_tokens_are_read_by_the_names_that_are_in_use() -> None:
    anthropic = {
        f"anthropic-ratelimit-{kind}-{name}": value
        for kind, size in (("requests", "50"), ("tokens", "40000"))
        for name, value in (("limit", size), ("remaining", "7"), ("reset", "3"))
    }
    drafted = {"ratelimit-limit": "50", "ratelimit-remaining": "7", "ratelimit-reset": "3"}

    assert told(anthropic) == Told(None, Limit(50, 7, 3), Limit(40_000, 7, 3))
    assert told(drafted) == Told(None, Limit(50, 7, 3), None)
    assert told({"content-type": "application/json", "retry-after": "3"}) == Told(pause=3)


@pytest.mark.parametrize(
    "headers",
    [
        openai("sixty", "58", "1s"),
        openai("60", "58", "soon"),
        openai("60", "58", "Tomorrow"),
        openai("60", "nan", "1s"),
        openai("inf", "58", "1s"),
        openai("60", "-1", "1s"),
        openai("0", "0", "1s"),
        {"x-ratelimit-remaining-requests": "58"},
    ],
)
def test_headers_that_make_no_sense_are_passed_over(headers: dict[str, str]) -> None:
    assert told(headers) == Told()
