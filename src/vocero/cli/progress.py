"""A bar on the error stream that says how far an article is."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING

from vocero.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vocero.extraction import Step
    from vocero.model import CallRecord

__all__ = ["ProgressBar"]

_COUNTED = {"attributions": "sentences", "actors": "speakers", "claims": "claims"}
_REFRESHES_A_SECOND = 4  # the embedded model wants the processor


class ProgressBar:
    """What is done of an article, the model's tokens a second, and the time left.

    It is on the screen only while an article is read, so that whatever is printed between two
    articles needs no regard for it.

    Args:
        shown: False shows nothing.
        articles: How many there will be, where that is known.
    """

    def __init__(self, *, shown: bool, articles: int | None = None) -> None:
        self._shown = shown
        self._articles = articles
        self._begun = 0
        self._answers = self._tokens = 0
        self._seconds = 0.0

    def called(self, record: CallRecord) -> None:
        """Take note of an answer of the model."""
        self._answers += 1
        self._tokens += record.usage.output_tokens or 0
        self._seconds += record.seconds

    @contextmanager
    def article(self, name: str) -> Iterator[Callable[[Step], None] | None]:
        """Show the bar of one article; give the function to be told of its steps."""
        self._begun += 1
        if not self._shown:
            yield None
            return
        which = f"{self._begun}/{self._articles} " if self._articles else ""
        from rich.console import Console  # noqa: PLC0415 - only where it is shown
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415
        from rich.table import Column  # noqa: PLC0415

        with Progress(
            # At 80 columns all of it stands on one line.
            TextColumn("{task.description}", markup=False, table_column=Column(max_width=20)),
            BarColumn(14),
            TextColumn("{task.fields[state]}"),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=_REFRESHES_A_SECOND,
        ) as bar:
            task = bar.add_task(which + printable(PurePath(name).name), total=None, state="")
            pace = _Pace()

            def step(now: Step) -> None:
                left = pace.left(now, self._answers)
                state = [f"{now.done}/{now.total} {_COUNTED[now.stage]}", self._rate(), left]
                bar.update(task, total=now.total, completed=now.done, state="  ".join(state))

            yield step

    def _rate(self) -> str:
        return f"{self._tokens / self._seconds:.0f} tokens/s" if self._tokens else ""


class _Pace:
    """How long a stage will still take, from the pace it has had so far."""

    def __init__(self) -> None:
        self._stage = ""
        self._since = 0.0
        self._done = self._answers = 0

    def left(self, now: Step, answers: int) -> str:
        """The time left of the stage.

        Empty before the model has answered in it: code does its part at once, at no pace at all.
        """
        clock = time.monotonic()
        if now.stage != self._stage:
            self._stage, self._since = now.stage, clock
            self._done, self._answers = now.done, answers
        if answers == self._answers or now.done == self._done:
            return ""
        seconds = (clock - self._since) / (now.done - self._done) * (now.total - now.done)
        return f"{int(seconds) // 60}:{int(seconds) % 60:02} left"
