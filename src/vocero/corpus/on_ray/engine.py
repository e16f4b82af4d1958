"""``vocero batch --engine ray``: Ray Data reads the input, and actors on any machine extract.

The input is cut into shards (`vocero.corpus.on_ray.shards`). A shard goes to one actor, which
gives back a whole Parquet part; this process writes it under the shard's name. A part that is
there is a shard that is finished: nothing else decides where a run goes on. If a worker dies, Ray
starts another one and gives it the shard again, whose finished questions the journal answers.
"""

from __future__ import annotations

import functools
import logging
import math
import os
import pickle
import signal
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from vocero.corpus.folder import RunFolder
from vocero.corpus.outputs import append_line
from vocero.corpus.runner import Progress
from vocero.corpus.worker import Setup
from vocero.errors import DependencyError, SettingsError, VoceroError
from vocero.extraction.prompts import prompts_digest
from vocero.model import connect
from vocero.model.settings import ModelSettings
from vocero.schema import SCHEMA_VERSION
from vocero.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from vocero.corpus.manifest import Manifest
    from vocero.corpus.on_ray.parts import Parts
    from vocero.corpus.on_ray.shards import Group, Reading
    from vocero.corpus.on_ray.worker import Came
    from vocero.model import ConnectOptions, Model

__all__ = ["run_on_ray"]

_NAMESPACE: Final = "vocero"
_STORE_BYTES: Final = 256_000_000
"""Of Ray's object store where this process starts Ray: a shard takes a few megabytes."""
_SHARDS_AT_ONCE: Final = 2
"""For each actor: the second fills the gaps that the last articles of the first leave."""
_READING_TASKS: Final = 200
"""Most tasks that the groups are shared out to; as many as Ray has CPUs for run at once."""
_START_SECONDS: Final = 300
_NOT_SENT: Final = ("budget", "pacer", "on_call", "progress", "transport", "sleep")


def run_on_ray(
    folder: Path | str,
    paths: Iterable[str],
    *,
    model: str | None = None,
    options: ConnectOptions | None = None,
    at_once: int = 8,
    workers: int = 2,
    address: str | None = None,
    journal: Path | None = None,
    retry_failed: bool = False,
    reading: Mapping[str, Any] | None = None,
    shard: int = 500,
    progress: Progress | None = None,
) -> bool:
    """Extract every article that is not finished, on one machine or many.

    Ctrl-C, in the main thread, lets requests that are on their way end and starts no other; a
    second one ends at once. Either way no answer is lost that was there.

    Args:
        folder: The run's; only this process writes there.
        paths: Files, folders and patterns, not standard input; each worker's machine must have
            them under the same names.
        model: As for `vocero.model.connect`; the settings are found on this machine.
        options: Other arguments of `vocero.model.connect`, such as can be sent to other machines.
        at_once: Articles that are read at any time, by all workers together.
        workers: Processes that read.
        address: Of a cluster, as for ``ray.init``; None: start Ray on this machine and end it at
            the end. Where Ray runs in this process already that one is used.
        journal: A path local to each machine. None: the run's own, which only a cluster of this one
            machine can use.
        retry_failed: Read those articles again that failed before.
        reading: Keyword arguments of `vocero.read.documents.read_documents`.
        shard: Articles in a shard, and hence at most in a part.
        progress: Kept up to date, a shard at a time.

    Returns:
        Whether all articles are finished now.

    Raises:
        DependencyError: the extra `ray` is not installed.
        SettingsError: a setting contradicts another or the run's, or another process writes it.
        VoceroError: nothing more can be done; what was finished is written.
        KeyboardInterrupt: Ctrl-C came twice.
    """
    _need_ray()
    from vocero.corpus.on_ray.parts import Parts  # noqa: PLC0415 - needs the extra
    from vocero.corpus.on_ray.shards import Reading, digest, groups  # noqa: PLC0415

    if at_once < workers or workers < 1 or shard < 1:
        msg = (
            f"{workers} workers, {at_once} articles at once and {shard} in a shard do not fit: "
            "give at least one worker, an article at once for each, and one in a shard"
        )
        raise SettingsError(msg)
    share = math.ceil(at_once / workers)
    sent, asked = _resolved(model, options or {}, concurrency=share)
    found = groups([paths] if isinstance(paths, str) else paths)
    read = Reading(dict(reading or {}), shard, os.getcwd())  # noqa: PTH109
    run = RunFolder(folder)
    progress = progress or Progress()
    with run.held():
        manifest = run.begin(_settings(asked, digest(found), read.options, shard))
        parts = Parts(run.path / "extractions")
        todo = parts.todo(found, retry_failed=retry_failed)
        _count(parts, progress, retry_failed=retry_failed)
        if journal is None:
            run.open_journal().close()  # so that workers which begin at once find it
        setup = Setup(asked.name, sent, (journal or run.journal).absolute(), manifest.time)
        try:
            if todo:
                with _connected(address, own_journal=journal is None):
                    _Session(setup, share, workers, parts, progress).go(
                        todo, read, name=f"gate-{manifest.run}"
                    )
        finally:
            whole = not parts.todo(found, retry_failed=False)
            own = journal is None
            _conclude(
                run, manifest, parts, progress, model=asked.name, own_journal=own, whole=whole
            )
    return whole


def _need_ray() -> None:
    try:
        import ray.data  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        msg = "the engine ray needs the extra `ray`: pip install 'vocero[ray]'"
        raise DependencyError(msg) from None


def _resolved(
    model: str | None, options: ConnectOptions, *, concurrency: int
) -> tuple[ConnectOptions, Model]:
    """Find the settings here, as other machines have other variables; and the model, for its name."""
    if given := [name for name in _NOT_SENT if cast("dict[str, Any]", options).get(name)]:
        msg = (
            f"{given[0]} cannot be shared with other processes: leave it out, or use another engine"
        )
        raise SettingsError(msg)
    names = ("base_url", "api_key", "timeout", "concurrency", "mode", "price")
    chosen = {name: options.get(name) for name in names} | {"concurrency": None}
    found = ModelSettings.resolve(model, **cast("Any", chosen))
    whole: dict[str, Any] = dict(options) | {"timeout": found.timeout, "price": found.price}
    if not found.local:
        whole |= {
            "base_url": found.base_url,
            "api_key": found.api_key,
            "mode": found.mode,
            "concurrency": concurrency,
        }
    sent = cast("ConnectOptions", whole)
    return sent, connect(found.model, **sent)


def _settings(asked: Model, files: str, reading: Mapping[str, Any], shard: int) -> dict[str, Any]:
    return {
        "vocero": __version__,
        "schema": SCHEMA_VERSION,
        "prompts": prompts_digest(),
        "model": asked.name,
        "parameters": dict(asked.parameters),
        "sentences_per_call": asked.sentences_per_call,
        "price": None if asked.price is None else str(asked.price),
        "output": "parquet",
        "engine": "ray",
        "input": files,
        "shard": shard,
        **reading,
    }


def _count(parts: Parts, progress: Progress, *, retry_failed: bool) -> None:
    """Begin with what earlier sessions finished; what is read again is not among that."""
    from vocero.corpus.on_ray.parts import plus  # noqa: PLC0415

    for mark in parts.marks.values():
        earlier = mark.done if retry_failed else mark.summary()
        progress.summary = plus(progress.summary, earlier)
    progress.earlier = progress.summary.finished


@contextmanager
def _connected(address: str | None, *, own_journal: bool) -> Iterator[None]:
    import ray  # noqa: PLC0415 - an extra

    if ray.is_initialized():
        yield
        return
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "namespace": _NAMESPACE}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        if address is None:
            ray.init(include_dashboard=False, object_store_memory=_STORE_BYTES, **quiet)
        else:
            ray.init(address=address, **quiet)
    except Exception as error:  # noqa: BLE001 - Ray raises whatever its parts do
        where = "on this machine" if address is None else f"at {address!r}"
        reason = str(error).partition("\n")[0]
        msg = f"Ray cannot be started {where} ({reason}): look at the address, or run `ray status`"
        raise VoceroError(msg) from None
    try:
        others = [node for node in ray.nodes() if node["Alive"]]
        if own_journal and len(others) > 1:
            msg = (
                f"the cluster has {len(others)} machines, and each needs a journal of its own: "
                "give --journal with a path that is local to each"
            )
            raise SettingsError(msg)
        yield
    finally:
        ray.shutdown()


class _Session:
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
        import ray  # noqa: PLC0415 - an extra

        from vocero.corpus.on_ray.gate import Gate  # noqa: PLC0415

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
                    if came.part is not None:
                        self._put(came)
        except (ray.exceptions.RayError, ray.exceptions.RaySystemError) as failure:
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
        import ray.data  # noqa: PLC0415 - an extra

        from vocero.corpus.on_ray.gate import GatePacing  # noqa: PLC0415
        from vocero.corpus.on_ray.shards import Shards  # noqa: PLC0415
        from vocero.corpus.on_ray.worker import Extract  # noqa: PLC0415

        context = ray.data.DataContext.get_current().copy()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.target_max_block_size = 1  # a block for each shard, instead of gathering them
        context.wait_for_min_actors_s = _START_SECONDS
        options: ConnectOptions = {**self._setup.options, "pacer": GatePacing(gate)}
        setup = replace(self._setup, options=options)
        with ray.data.DataContext.current(context):
            shards = Shards(todo, reading, functools.partial(_is_open, gate))
            rows = ray.data.read_datasource(
                shards, override_num_blocks=min(len(todo), _READING_TASKS)
            ).map_batches(
                Extract,
                fn_constructor_args=(setup, gate, self._share),
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
        from vocero.corpus.on_ray.parts import plus  # noqa: PLC0415

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
    import ray  # noqa: PLC0415 - an extra

    answer: bool = ray.get(gate.is_open.remote())
    return answer


def _conclude(
    run: RunFolder,
    manifest: Manifest,
    parts: Parts,
    progress: Progress,
    *,
    model: str,
    own_journal: bool,
    whole: bool,
) -> None:
    """Write the failures and the summary anew."""
    with run.rewritten(run.failures) as file:
        for position, failed in parts.failures():
            append_line(file, failed.line(position))
    with run.open_journal() if own_journal else nullcontext() as journal:
        latencies = journal and journal.latencies(model, manifest.time)
    run.write_summary(
        {
            "finished": whole,
            "created": manifest.created,
            "model": model,
            **progress.summary.to_json(),
            "seconds_per_call": latencies,
        }
    )
