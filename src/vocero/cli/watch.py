"""What a run shows while it is under way: three lines on a terminal, one now and then elsewhere."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vocero.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from vocero.corpus import Tally
    from vocero.corpus.runner import Progress
    from vocero.model import Price

__all__ = ["account", "telling", "watching"]

_LINE_SECONDS = 30.0
_REFRESHES_A_SECOND = 2
_BAR_WIDTH = 48
_BINDING = 4


def telling(most: int) -> Callable[[str], None]:
    """Give a function that says so many failures, each in a line, and then no more."""
    said = 0

    def tell(message: str) -> None:
        nonlocal said
        said += 1
        if said <= most:
            say(f"vocero: {message}")
        elif said == most + 1:
            say("vocero: further failures are in failures.jsonl")

    return tell


@contextmanager
def watching(progress: Progress, *, quiet: bool) -> Iterator[None]:
    """Show how far a run is for as long as it lasts."""
    if quiet:
        yield
    elif sys.stderr.isatty():
        with _display(progress):
            yield
    else:
        with _lines(progress):
            yield


@contextmanager
def _display(progress: Progress) -> Iterator[None]:
    from rich.console import Console  # noqa: PLC0415 - only where it is shown
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    def now() -> RenderableType:
        lines = [_articles(progress), account(progress)]
        if progress.total:
            done = min(progress.summary.finished / progress.total, 1.0)
            lines.insert(0, "━" * round(done * _BAR_WIDTH) + "·" * round((1 - done) * _BAR_WIDTH))
        return Text("\n".join(lines), overflow="ellipsis", no_wrap=True)

    with Live(
        get_renderable=now,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=True,
        refresh_per_second=_REFRESHES_A_SECOND,
    ):
        yield


@contextmanager
def _lines(progress: Progress) -> Iterator[None]:
    over = threading.Event()

    def tell() -> None:
        while not over.wait(_LINE_SECONDS):
            say(f"vocero: {_articles(progress)}; {account(progress)}")

    thread = threading.Thread(target=tell, name="vocero-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _articles(progress: Progress) -> str:
    if progress.note:
        return progress.note
    summary, speed = progress.summary, progress.articles_a_second
    of = f"/{progress.total:,}" if progress.total else ""
    parts = [
        f"{summary.finished:,}{of} articles",
        f"{summary.failed:,} failed",
        f"{summary.rejected.total():,} proposals rejected",
        f"{speed:.1f}/s" if speed >= 1 else f"{speed * 60:.1f}/min",
    ]
    if progress.stopping:
        parts.insert(0, f"finishing {progress.in_flight}, Ctrl-C again stops at once")
    elif progress.total and speed:
        parts.append(f"{_clock((progress.total - summary.finished) / speed)} left")
    return " · ".join(parts)


def account(progress: Progress) -> str:
    """What a run's results have taken so far, and will have taken at its end.

    Where some of it was paid before, or by another run, also what is new in this session.
    """
    summary, asked, price = progress.summary, progress.asked, progress.price
    parts = [_tokens(summary)]
    if said := _cost(summary, price):
        money = summary.cost(price)
        if money and progress.total and summary.finished:
            whole = money / summary.finished * progress.total
            said += f", {whole:.2f} at the end"
        parts.append(said)
    if summary.calls > asked.calls:
        new = _tokens(asked) if asked.calls else "nothing"
        if said := _cost(asked, price):
            new += f", {said}"
        parts.append(f"new in this session: {new}")
    rate = progress.rate_limit()
    # One that is far off is a guess, and binds nobody.
    if rate is not None and rate < _BINDING * progress.articles_a_second:
        parts.append(f"limit {rate:.1f} requests/s")
    return " · ".join(parts)


def _tokens(tally: Tally) -> str:
    untold = ", not told for all" if tally.untold else ""
    return f"{_short(tally.input_tokens)} tokens in, {_short(tally.output_tokens)} out{untold}"


def _cost(tally: Tally, price: Price | None) -> str:
    """What it cost; empty where there is no price, or nothing that has one."""
    money = tally.cost(price)
    if money is None:
        return "" if price is None else "cost unknown"
    return f"cost {money:.2f}" if money else ""


def _short(count: int) -> str:
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return str(count)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
