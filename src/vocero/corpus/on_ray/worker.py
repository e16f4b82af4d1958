"""The actor that reads articles: many at once, and the next shard while the last of one ends."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from vocero.corpus.breaker import SAME_FAILURES, Breaker
from vocero.corpus.on_ray.gate import ClosedError, GatePacing
from vocero.corpus.on_ray.parts import Part
from vocero.corpus.outcome import Done, Failed
from vocero.corpus.tally import Tally
from vocero.errors import InputError, VoceroError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from vocero.corpus.on_ray.shards import Key, Shard
    from vocero.corpus.outcome import Outcome
    from vocero.corpus.worker import Setup, Worker
    from vocero.schema import Document

__all__ = ["Came", "Extract"]

_BEGUN: Final = 5


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a shard: one of the two, or neither where the run was being stopped."""

    key: Key
    part: bytes | None = None
    error: VoceroError | None = None
    asked: Tally = field(default_factory=Tally)
    """What its worker has asked since it told of the shard before."""


class Extract:
    """What `map_batches` calls, in one event loop for each actor, with a row for each shard.

    Args:
        setup: How to read.
        gate: Handle of the run's gate.
        at_once: Articles that one actor reads at any time, whichever shards they belong to: where
            the last of one shard are slow the first of the next take their places.
    """

    def __init__(self, setup: Setup, gate: Any, at_once: int) -> None:  # noqa: ANN401 - Ray's
        self._setup = setup
        self._gate = gate
        self._slots = asyncio.Semaphore(at_once)
        self._breaker = Breaker(SAME_FAILURES)
        self._opening = asyncio.Lock()
        self._opened = AsyncExitStack()  # Ray ends actors without a goodbye: the journal bears it
        self._worker: Worker | None = None
        self._asked = Tally()

    async def __call__(self, batch: pa.Table) -> AsyncIterator[pa.Table]:
        """Read shards; what goes wrong is a row as well."""
        for pickled in batch["shard"].to_pylist():
            came = await self._read(pickle.loads(pickled))  # noqa: S301 - this run's own
            came = replace(came, asked=self._asked.taken())
            yield pa.table({"came": pa.array([pickle.dumps(came)], pa.large_binary())})

    async def _read(self, shard: Shard) -> Came:
        try:
            begun = await self._gate.begin.remote(shard.key.name)
            if not begun:
                return Came(shard.key)
            if begun > _BEGUN:
                msg = (
                    f"{begun - 1} workers died on the articles of {shard.key.name}: give them more "
                    "memory, or take those articles out"
                )
                raise VoceroError(msg)  # noqa: TRY301 - closes the gate as well
            return Came(shard.key, part=await self._extract(shard, await self._open()))
        except ClosedError:
            return Came(shard.key)
        except VoceroError as error:
            return Came(shard.key, error=error)

    async def _open(self) -> Worker:
        async with self._opening:
            if self._worker is None:
                self._worker = await self._opened.enter_async_context(
                    self._setup.worker(self._asked.count, GatePacing(self._gate))
                )
            return self._worker

    async def _extract(self, shard: Shard, worker: Worker) -> bytes:
        came = await asyncio.gather(
            *(self._one(worker, one, shard.retry) for _, one in shard.articles),
            return_exceptions=True,
        )
        # Not before all have ended: what they were answered is in the journal then.
        errors = [one for one in came if isinstance(one, BaseException)]
        for error in sorted(errors, key=lambda one: isinstance(one, ClosedError)):
            raise error
        done, failures = [], {}
        for (place, _), outcome in zip(shard.articles, came, strict=True):
            if isinstance(outcome, Failed):
                failures[place] = outcome
            elif isinstance(outcome, Done):
                done.append(outcome)
        part = await asyncio.to_thread(Part.of, shard.count, done, failures, last=shard.last)
        return await asyncio.to_thread(part.to_bytes)

    async def _one(self, worker: Worker, article: Document | InputError, retry: bool) -> Outcome:
        if isinstance(article, InputError):
            return Failed.to_read(article)
        async with self._slots:
            try:
                outcome = await worker.read(article, retry=retry)
                self._breaker.note(outcome)
            except VoceroError:
                # Whatever it was, the others would fare no better; those on their way may end.
                await self._gate.close.remote()
                raise
        return outcome
