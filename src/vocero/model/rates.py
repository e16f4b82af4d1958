"""The rate of an endpoint, in requests or tokens a second: as it tells it, or as it is found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vocero.model.headers import Limit


class Bucket:
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

    def correct(self, limit: Limit, *, number: int, at: float, since: float, now: float) -> None:
        """Take over what an answer told.

        Args:
            limit: As it was when the endpoint took the request in.
            number: Of the request; a later one knows better.
            at: When it was sent.
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
        if number > self._latest:
            self._latest = number
            self._then = now
            refilled = limit.remaining + self.rate * max(0.0, now - at)
            self.level = min(self.size, refilled) - since

    def _refill(self, now: float) -> None:
        if now > self._then:
            self.level = min(self.size, self.level + (now - self._then) * self.rate)
            self._then = now


class FoundRate:
    """A rate that is found by being refused; without a limit until then.

    At each refusal the endpoint's allowance was used up: what it let through between two refusals,
    over the time between them, is its rate. Before there are two, and where nothing gets through,
    the rate is searched for from below, exponentially. Afterwards it grows slowly and then faster,
    as the window of TCP CUBIC (RFC 9438) does, until the next refusal: the limit may have risen.
    What a pause leaves unused is made up for after it, as far as the endpoint keeps it.
    """

    # Requests a second; some free tiers allow three a minute.
    _LOWEST = 1 / 60
    # Seconds between the refusals from which a rate is told.
    _MEMORY = 2.0
    _BELOW = 0.97
    # What may be sent at once at least: timers are not exact.
    _LEAST_BURST = 2.0

    def __init__(self) -> None:
        self._rate = math.inf
        self._since = 0.0
        self._searching = True
        self._burst = self._LEAST_BURST
        self._level = 0.0
        self._then = 0.0
        self._before = math.inf
        self._started = math.inf
        # When an event was, and how many requests the endpoint had let through by then: the last
        # one, and the one from which is measured.
        self._event: tuple[float, int] | None = None
        self._anchor: tuple[float, int] = (0.0, 0)
        self._how: Literal["guess", "burst", "search", "steady"] = "guess"

    def rate(self, now: float) -> float:
        """Requests a second; infinite before the first refusal."""
        seconds = max(0.0, now - self._since)
        if self._searching:
            return self._rate * 4 ** min(seconds, 20.0)
        slope = 0.05 if self._how == "search" else 0.01
        return self._rate * (1 + slope * seconds + (seconds / 20) ** 3)

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

    def doubt(self, now: float) -> None:
        """Search on: what was taken for a limit was one request's own fault."""
        if not self._searching:
            self._rate, self._since, self._searching = self.rate(now), now, True

    def refused(
        self,
        admitted: int,
        *,
        now: float,
        until: float,
        first: bool,
        saved: float,
        stalled: bool,
    ) -> None:
        """Find the rate anew.

        Args:
            admitted: How many requests were let through in all.
            now: The time.
            until: When the pause that follows ends.
            first: Whether it is no request that was sent before another's refusal was known: such
                only correct what was let through.
            saved: What `take` returned for it.
            stalled: Whether nothing was let through since the last refusal.
        """
        if first or self._event is None:
            self._open(now, bursting=saved >= 1, stalled=stalled)
            self._event = now, admitted
        else:
            self._event = self._event[0], admitted
        self._measure(*self._event, until - now)
        # What is left now is nothing; at the end of the pause one request may go in any case.
        self._level, self._then = max(0.0, 1 - self._rate * (until - now)), now
        self._since = until

    def _open(self, now: float, *, bursting: bool, stalled: bool) -> None:
        self._before = self.rate(now)
        if self._event is None:
            return
        if self._how != "steady" or self._event[0] - self._anchor[0] >= self._MEMORY:
            self._anchor = self._event
        if bursting:
            self._how = "burst"
        elif self._searching and not stalled:
            self._how = "search"
        else:
            self._how = "steady"
        self._searching = stalled or (self._searching and self._how == "burst")

    def _measure(self, at: float, admitted: int, pause: float) -> None:
        since, before = self._anchor
        # The refused one counts: it was the next. What was on its way at the anchor may have been
        # refused since.
        measured = (max(admitted - before, 0) + 1) / max(at - since, 0.001)
        match self._how:
            case "guess":
                # What it let through at once it holds at once. That it does so again each second
                # is a guess; that it lets one through after each pause is hardly one.
                self._burst = max(self._LEAST_BURST, admitted)
                self._rate = max(admitted / max(at - self._started, 1.0), 1 / max(pause, 0.1))
            case "burst":
                # What had been saved up during a pause was too much, not the rate.
                self._burst = max(self._LEAST_BURST, admitted - before)
                self._rate = self._before
            case "search":
                # It began below the limit and ended above.
                self._rate = max(math.sqrt(self._before * measured), self._LOWEST)
            case "steady":
                # A little less, or the next refusal comes at once; never much less than before,
                # for it may not have been asked for more.
                measured = max(self._BELOW * measured, 0.7 * self._before)
                self._rate = max(min(self._BELOW * self._before, measured), self._LOWEST)
