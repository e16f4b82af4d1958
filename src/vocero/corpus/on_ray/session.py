"""One pass of Ray Data over what is left of a run, and how it is stopped."""

from __future__ import annotations

import functools
import pickle
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import ray
import ray.data

from vocero.corpus.on_ray.gate import Gate
from vocero.corpus.on_ray.parts import Parts, plus
from vocero.corpus.on_ray.shards import Group, Reading, Shards
from vocero.corpus.on_ray.worker import Came, Extract
from vocero.errors import VoceroError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.corpus.runner import Progress
    from vocero.corpus.worker import Setup

__all__ = ["Session"]

_SHARDS_AT_ONCE: Final = 2
"""For each actor: the second fills the gaps that the last articles of the first leave."""
_READING_TASKS: Final = 200
"""Most tasks that the groups are shared out to; as many as Ray has CPUs for run at once."""
_START_SECONDS: Final = 300


class Session:
    """One pass over what is left.

    Args:
        setup: The workers'.
        share: Articles that one of them reads at once.
        workers: How many there are.
        parts: Where results go.
        progress: Kept up to date.
    """

    def __init__(
        self, setup: Setup, share: int, workers: int, parts: Parts, progress: Progress
    ) -> None:
        self._setup = setup
        self._share = share
        self._workers = workers
        self._parts = parts
        self._progress = progress

    def go(
        self,
        todo: list[tuple[Group, dict[int, list[int]]]],
        reading: Reading,
        *,
        name: str,
    ) -> None:
        """Read it.

        Raises:
            VoceroError: what stopped the workers, or Ray itself.
        """
        gate = (
            ray.remote(Gate)
            .options(
                name=name,
                num_cpus=0,
                max_restarts=-1,
                max_task_retries=-1,
                max_concurrency=100_000,
            )
            .remote()
        )
        error: VoceroError | None = None
        try:
            with self._interruptible(gate):
                for came in self._results(todo, reading, gate):
                    error = error or came.error
                    self._progress.asked.include(came.asked)
                    if came.part is not None:
                        self._put(came)
        except ray.exceptions.RayError as failure:
            msg = f"Ray gave up ({str(failure).strip().splitlines()[-1]}): run again to go on"
            raise VoceroError(msg) from None
        finally:
            ray.kill(gate)
        if error is not None:
            raise error

    def _results(
        self,
        todo: list[tuple[Group, dict[int, list[int]]]],
        reading: Reading,
        gate: Any,  # noqa: ANN401 - a handle of Ray's
    ) -> Iterator[Came]:

        context = ray.data.DataContext.get_current().copy()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.target_max_block_size = 1  # a block for each shard, instead of gathering them
        context.wait_for_min_actors_s = _START_SECONDS
        with ray.data.DataContext.current(context):
            shards = Shards(todo, reading, functools.partial(_is_open, gate))
            rows = ray.data.read_datasource(
                shards, override_num_blocks=min(len(todo), _READING_TASKS)
            ).map_batches(
                Extract,
                fn_constructor_args=(self._setup, gate, self._share),
                batch_size=None,
                batch_format="pyarrow",
                compute=ray.data.ActorPoolStrategy(
                    size=self._workers,
                    max_tasks_in_flight_per_actor=_SHARDS_AT_ONCE,
                    max_concurrent_calls_per_actor=_SHARDS_AT_ONCE,
                ),
                # They wait most of the time; and where they took all CPUs nothing could be read.
                num_cpus=0,
            )
            for batch in rows.iter_batches(
                batch_size=None, batch_format="pyarrow", prefetch_batches=0
            ):
                for pickled in batch["came"].to_pylist():
                    yield pickle.loads(pickled)  # noqa: S301 - from this run's own workers

    def _put(self, came: Came) -> None:

        added = self._parts.put(came.key, came.part or b"")
        self._progress.summary = plus(self._progress.summary, added.summary())

    @contextmanager
    def _interruptible(self, gate: Any) -> Iterator[None]:  # noqa: ANN401 - a handle of Ray's
        """At the first Ctrl-C close the gate, after which everything comes to its end by itself."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        over = threading.Event()

        def close() -> None:
            over.wait()
            if self._progress.stopping:
                gate.close.remote()

        def stop(*_: object) -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._progress.stopping = True
            over.set()

        # In a thread of its own: Ray cannot be called from a handler, which may interrupt it.
        closing = threading.Thread(target=close, name="vocero-stop", daemon=True)
        closing.start()
        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            over.set()
            closing.join()


def _is_open(gate: Any) -> bool:  # noqa: ANN401 - a handle of Ray's
    answer: bool = ray.get(gate.is_open.remote())
    return answer
