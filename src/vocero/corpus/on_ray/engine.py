"""``vocero batch --engine ray``: Ray Data reads the input, and actors on any machine extract.

The input is cut into shards (`vocero.corpus.on_ray.shards`). A shard goes to one actor, which
gives back a whole Parquet part; this process writes it under the shard's name. A part that is
there is a shard that is finished: nothing else decides where a run goes on. If a worker dies, Ray
starts another one and gives it the shard again, whose finished questions the journal answers.
"""

from __future__ import annotations

import logging
import math
import os
import socket
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, cast

from vocero.corpus.folder import RunFolder
from vocero.corpus.manifest import asked_of, made_with
from vocero.corpus.outputs import append_line
from vocero.corpus.runner import Progress
from vocero.corpus.summary import spent
from vocero.corpus.worker import Setup
from vocero.errors import DependencyError, SettingsError, VoceroError
from vocero.extraction.confidence import check_least
from vocero.model import connect
from vocero.model.settings import ModelSettings
from vocero.read import read_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from vocero.corpus.manifest import Manifest
    from vocero.corpus.on_ray.parts import Parts
    from vocero.model import ConnectOptions, Model

__all__ = ["run_on_ray"]

_NAMESPACE: Final = "vocero"
_STORE_BYTES: Final = 256_000_000
"""Of Ray's object store where this process starts Ray: a shard takes a few megabytes."""
_KNOCK_SECONDS: Final = 10
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
    min_confidence: float | None = None,
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
        min_confidence: As for `vocero.Extractor`.
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
    from vocero.corpus.on_ray.session import Session  # noqa: PLC0415
    from vocero.corpus.on_ray.shards import Reading, digest, groups  # noqa: PLC0415

    if at_once < workers or workers < 1 or shard < 1:
        msg = (
            f"{workers} workers, {at_once} articles at once and {shard} in a shard do not fit: "
            "give at least one worker, an article at once for each, and one in a shard"
        )
        raise SettingsError(msg)
    least = check_least(min_confidence)
    share = math.ceil(at_once / workers)
    sent, asked = _resolved(model, options or {}, concurrency=share)
    found = groups([paths] if isinstance(paths, str) else paths)
    next(read_documents([], **reading or {}), None)  # so that it refuses what it does not know
    read = Reading(dict(reading or {}), shard, os.getcwd())  # noqa: PTH109
    run = RunFolder(folder)
    progress = progress or Progress()
    progress.price = asked.price
    with run.held():
        settings = _settings(asked, digest(found), read.options, shard)
        manifest = run.begin(settings | {"min_confidence": least})
        parts = Parts(run.path / "extractions")
        todo = parts.todo(found, retry_failed=retry_failed)
        _count(parts, progress, retry_failed=retry_failed)
        if journal is None:
            run.open_journal().close()  # so that workers which begin at once find it
        kept = (journal or run.journal).absolute()
        setup = Setup(asked.name, sent, kept, manifest.time, manifest.run, least)
        try:
            if todo:
                with _connected(address, own_journal=journal is None):
                    Session(setup, share, workers, parts, progress).go(
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
        **made_with(),
        **asked_of(asked),
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

    started = not ray.is_initialized()
    if started:
        _start(address)
    try:
        machines = sum(node["Alive"] for node in ray.nodes())
        if own_journal and machines > 1:
            msg = (
                f"the cluster has {machines} machines, and each needs a journal of its own: "
                "give --journal with a path that is local to each"
            )
            raise SettingsError(msg)
        yield
    finally:
        if started:
            ray.shutdown()


def _start(address: str | None) -> None:
    import ray  # noqa: PLC0415 - an extra

    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "namespace": _NAMESPACE}
    try:
        if address is None:
            ray.init(include_dashboard=False, object_store_memory=_STORE_BYTES, **quiet)
        else:
            _knock(address)
            ray.init(address=address, **quiet)
    except Exception as error:  # noqa: BLE001 - Ray raises whatever its parts do
        where = "be started on this machine" if address is None else f"be reached at {address!r}"
        reason = str(error).strip().partition("\n")[0]
        msg = f"Ray cannot {where} ({reason}): look at the address, and at `ray status` there"
        raise VoceroError(msg) from None


def _knock(address: str) -> None:
    """Find out within seconds that nobody is there, for which Ray takes minutes.

    Raises:
        OSError: nobody is.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=_KNOCK_SECONDS).close()


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
        latencies = journal and journal.latencies(manifest.run)
        spending = journal and spent(journal, manifest, progress.price)
    run.write_summary(
        {
            "finished": whole,
            "created": manifest.created,
            "model": model,
            **progress.summary.to_json(progress.price),
            "spent": spending,
            "seconds_per_call": latencies,
        }
    )
