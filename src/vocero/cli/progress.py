"""One line on the error stream that says how far an article is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Self

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from rich.progress import Progress, TaskID

    from vocero.extraction import Step
    from vocero.model import CallRecord

__all__ = ["ProgressLine"]

_STAGES = {"attributions": "reading", "actors": "actors", "claims": "restating"}


class ProgressLine:
    """A bar with the sentences or statements done, tokens a second, and the time left."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._name = ""
        self._tokens = 0
        self._seconds = 0.0

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console  # noqa: PLC0415 - only where it is shown
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415
            from rich.progress import TimeRemainingColumn  # noqa: PLC0415

            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def say(self, line: str) -> None:
        """Print a line on the error stream, above the bar."""
        if self._bar:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            typer.echo(line, err=True)
            sys.stderr.flush()

    @contextmanager
    def article(self, name: str) -> Iterator[None]:
        """Show that an article is being read."""
        self._name = PurePath(name).name.encode("ascii", "backslashreplace").decode()[:30]
        if self._bar:
            self._task = self._bar.add_task(self._name, total=None, rate="")
        try:
            yield
        finally:
            if self._bar and self._task is not None:
                self._bar.remove_task(self._task)

    def step(self, step: Step) -> None:
        """Take note of a step of the article at hand."""
        if self._bar and self._task is not None:
            rate = f"{self._tokens / self._seconds:.0f} tokens/s" if self._seconds else ""
            self._bar.update(
                self._task,
                description=f"{self._name} {_STAGES[step.stage]}",
                completed=step.done,
                total=step.total,
                rate=rate,
            )

    def called(self, record: CallRecord) -> None:
        """Take note of an answer, for the tokens a second."""
        self._tokens += record.usage.output_tokens or 0
        self._seconds += record.seconds

    def fetched(self, stage: str, done: int, total: int) -> None:
        """Take note of the download of the embedded model."""
        if self._bar:
            if self._task is None or self._task not in self._bar.task_ids:
                self._task = self._bar.add_task(stage, total=total or None, rate="")
            self._bar.update(self._task, description=stage, completed=done, total=total or None)
