"""Carries files of requests to a provider and their replies back, from wherever each of them is."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vocero.corpus.outputs import writing
from vocero.corpus.provider.reply import UNANSWERED, read_line
from vocero.corpus.provider.state import STATE
from vocero.corpus.worker import HOPELESS
from vocero.errors import ModelError, RequestError, TransportError, VoceroError
from vocero.extraction.session import together
from vocero.model.failures import RefusedFeatureError
from vocero.model.unfit import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from openai.types import Batch

    from vocero.corpus.provider.remote import Remote
    from vocero.corpus.provider.reply import Reply
    from vocero.corpus.provider.state import RequestFile, State, Step

__all__ = ["Post", "Standing"]

_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
_FIRST_LOOKS: Final = 16
_ERRORS_SHOWN: Final = 3
_QUEUE_FULL: Final = "token_limit_exceeded"
_NO_BATCH: Final = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the batches of a round stand."""

    requests: int
    """That were written for it."""
    answered: int
    """Of them, as far as the provider has told; failures included."""
    batches: Mapping[str, int]
    """How many are in which state, in the provider's words; before that ``written``,
    ``uploading``, ``uploaded``, ``creating``, and after it ``taken``."""


class Post:
    """Carries the files that the state holds.

    Args:
        folder: Where they are, and where results go until they are taken.
        state: Told of each step before the next.
        remote: The provider.
        interval: Seconds between two looks at a batch.
        on_progress: Told how they stand.
        sleep: Waits.
    """

    def __init__(
        self,
        folder: Path,
        state: State,
        remote: Remote,
        *,
        interval: float,
        on_progress: Callable[[Standing], None] | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._folder = folder
        self._state = state
        self._remote = remote
        self._interval = interval
        self._on_progress = on_progress
        self._sleep = sleep
        self._files: list[RequestFile] = []
        self._seen: dict[int, tuple[str, int]] = {}
        self._uploading = asyncio.Semaphore(1)  # one file fills the line
        self._under_way = self._ends = 0
        self._room = asyncio.Condition()

    async def carry(self) -> None:
        """Carry every file to its end: its replies in the state, and nothing of it left elsewhere.

        Raises:
            ModelError, SettingsError: the provider cannot be reached or refuses; or it let a batch
                expire without one answer.
            VoceroError: a batch was cancelled; or the disk cannot be written.
        """
        self._files = self._state.files()
        self._seen = {file.serial: (file.step, 0) for file in self._files}
        self._sweep()
        await together(self._carry(file) for file in self._files)

    async def _carry(self, file: RequestFile) -> None:
        trouble: VoceroError | None = None
        if file.step != "taken":
            file_id = file.file_id or await self._upload(file)
            batch = await self._ended(file, file_id)
            trouble = await self._take(file, batch)
            for result in (batch.output_file_id, batch.error_file_id):
                if result:
                    await self._remote.delete(result)
            await self._remote.delete(file_id)
        self._state.forget_file(file.serial)
        self._delete(file.name, *_results(file))
        if trouble is not None:
            raise trouble

    async def _upload(self, file: RequestFile) -> str:
        self._advance(file, "uploading")
        path = self._folder / file.name
        async with self._uploading:
            file_id = await self._remote.upload(path, arrived=file.step == "uploading")
        self._advance(file, "uploaded", file_id=file_id)
        return file_id

    async def _ended(self, file: RequestFile, file_id: str) -> Batch:
        """Have a file carried out; where the provider's queue is full, once there is room."""
        batch_id, arrived = file.batch_id, file.step == "creating"
        while True:
            ends = self._ends
            if not batch_id:
                self._advance(file, "creating")
                batch_id = await self._remote.create(file_id, file.name, arrived=arrived)
                self._advance(file, "created", batch_id=batch_id)
            self._under_way += 1
            try:
                batch = await self._followed(file, batch_id)
            finally:
                self._under_way -= 1
            if not (_is_queue_full(batch) and (self._under_way or self._ends > ends)):
                break
            self._advance(file, "uploaded", batch_id=_NO_BATCH)
            batch_id, arrived = None, False
            async with self._room:
                await self._room.wait_for(lambda: self._ends > ends)  # noqa: B023 - awaited here
        self._ends += 1
        async with self._room:
            self._room.notify_all()
        return batch

    async def _followed(self, file: RequestFile, batch_id: str) -> Batch:
        wait = self._interval / _FIRST_LOOKS
        while True:
            batch = await self._remote.batch(batch_id)
            counts = batch.request_counts
            answered = counts.completed + counts.failed if counts else 0
            self._tell(file, batch.status, answered)
            if batch.status in _ENDED:
                return batch
            await self._sleep(wait)
            wait = min(2 * wait, self._interval)

    async def _take(self, file: RequestFile, batch: Batch) -> VoceroError | None:
        """Take what a batch brought; return why the run cannot go on, if so."""
        paths = []
        for name, result in zip(
            _results(file), (batch.output_file_id, batch.error_file_id), strict=True
        ):
            if result:
                paths.append(self._folder / name)
                await self._remote.download(result, paths[-1])
        hopeless = self._learn(paths)
        replies = (one for one in _read(paths) if hopeless is None or one[1].fine)
        whole = batch.status == "completed" and hopeless is None
        taken = self._state.take(file.serial, replies, rest=UNANSWERED if whole else None)
        self._tell(file, "taken", taken)
        return hopeless or self._trouble(batch, taken)

    def _learn(self, paths: Iterable[Path]) -> ModelError | None:
        """Look what the provider refuses; return the failure that all requests would meet."""
        for _, reply in _read(paths):
            if not reply.fine:
                failure = self._remote.explain(reply.error(), 1)
                if isinstance(failure, HOPELESS):
                    return failure
                if isinstance(failure, RefusedFeatureError):
                    self._state.refuse(failure.feature)
        return None

    def _trouble(self, batch: Batch, taken: int) -> VoceroError | None:
        where = f"the batch {batch.id} at {self._remote.where}"
        if batch.status == "failed":
            cure = "wait for other batches there to end, or write smaller files"
            return RequestError(
                f"{where} was refused{_said(batch)}: "
                f"{cure if _is_queue_full(batch) else 'mend that'}, and run again"
            )
        if batch.status == "cancelled":
            return VoceroError(f"{where} was cancelled: run again to submit what is left of it")
        if batch.status == "expired" and not taken:
            return TransportError(
                f"{where} expired without one answer: run again to submit it anew"
            )
        return None

    def _advance(
        self,
        file: RequestFile,
        step: Step,
        *,
        file_id: str | None = None,
        batch_id: str | None = None,
    ) -> None:
        self._state.advance(file.serial, step, file_id=file_id, batch_id=batch_id)
        self._tell(file, step, 0)

    def _tell(self, file: RequestFile, state: str, answered: int) -> None:
        self._seen[file.serial] = (state, answered)
        if self._on_progress:
            standing = Standing(
                requests=sum(file.requests for file in self._files),
                answered=sum(answered for _, answered in self._seen.values()),
                batches=Counter(state for state, _ in self._seen.values()),
            )
            self._on_progress(standing)

    def _sweep(self) -> None:
        """Delete what a crash has left, but for the files that are to be sent."""
        kept = {file.name for file in self._files}
        names = [path.name for path in self._folder.iterdir()]
        self._delete(*(one for one in names if one not in kept and not one.startswith(STATE)))

    def _delete(self, *names: str) -> None:
        with writing(self._folder):
            for name in names:
                (self._folder / name).unlink(missing_ok=True)


def _results(file: RequestFile) -> tuple[str, str]:
    """What the output file and the error file of a batch are called here."""
    return f"{file.serial}.output", f"{file.serial}.errors"


def _read(paths: Iterable[Path]) -> Iterator[tuple[str, Reply]]:
    for path in paths:
        with writing(path), path.open("rb") as lines:
            for line in lines:
                if (read := read_line(line)) is not None:
                    yield read


def _is_queue_full(batch: Batch) -> bool:
    errors = batch.errors.data if batch.errors else None
    return batch.status == "failed" and any(one.code == _QUEUE_FULL for one in errors or ())


def _said(batch: Batch) -> str:
    errors = (batch.errors.data if batch.errors else None) or []
    shown = [
        f"line {one.line}: {one.message}" if one.line else one.message or one.code or ""
        for one in errors[:_ERRORS_SHOWN]
    ]
    return f" ({one_line('; '.join(shown))})" if shown else ""
