"""The folder of a run: what lies where, and that only one process writes there."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vocero.corpus.journal import FILE_NAME, Journal
from vocero.corpus.manifest import Manifest
from vocero.corpus.outputs import JsonLines, ParquetParts, remove, writing
from vocero.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from typing import BinaryIO

    from vocero.corpus.outputs import Output

__all__ = ["RunFolder"]

FAILURES: Final = "failures.jsonl"
_NAMES: Final = {"jsonl": "extractions.jsonl", "parquet": "extractions"}


class RunFolder:
    """``RUN/``: manifest, journal, extractions, failures and summary.

    While failed articles are tried again, or a price is put in, extractions and failures are
    written anew, under names that end in ``.new``; those there are stay until the new ones are
    whole.

    Args:
        path: The folder; made if it is not there.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.manifest = self.path / "manifest.json"
        self.journal = self.path / FILE_NAME
        self.failures = self.path / FAILURES
        self.summary = self.path / "summary.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from writing here.

        Raises:
            SettingsError: one does, or the folder cannot be made.
            VoceroError: the folder cannot be written.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 - only where a run is written

        if self.path.exists() and not self.path.is_dir():
            msg = f"{str(self.path)!r} is a file: name a folder for the run"
            raise SettingsError(msg)
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(self.path / ".lock", timeout=0)
            try:
                lock.acquire()
            except Timeout:
                msg = f"another process is writing {str(self.path)!r}: wait for it, or end it"
                raise SettingsError(msg) from None
        try:
            yield
        finally:
            lock.release()

    def begin(
        self,
        settings: Mapping[str, Any],
        is_used: Callable[[Manifest], bool] = lambda _: True,
        may_change: Collection[str] = (),
    ) -> Manifest:
        """Return the run's manifest, after comparing its settings; a new one for a new run.

        Args:
            settings: Those of now.
            is_used: Whether anything was done with the settings of a manifest.
            may_change: Names of settings of which the manifest returned may have other values.

        Raises:
            SettingsError: the run was begun with other settings, or the folder holds other things.
        """
        if self.manifest.exists():
            manifest = Manifest.read(self.manifest)
            try:
                manifest.check(settings, self.path, may_change)
            except SettingsError:
                if is_used(manifest):
                    raise
            else:
                return manifest
        else:
            self.check_holds_nothing_but()
        manifest = Manifest.new(settings)
        self.write_manifest(manifest)
        return manifest

    def write_manifest(self, manifest: Manifest) -> None:
        """Write ``manifest.json`` whole or not at all."""
        with self.rewritten(self.manifest) as file:
            file.write(manifest.to_json())

    def check_holds_nothing_but(self, *names: str) -> None:
        """Refuse a folder of somebody else's.

        Raises:
            SettingsError: there is something of another name in it.
        """
        allowed = {".lock", *names}
        if others := sorted(one.name for one in self.path.iterdir() if one.name not in allowed):
            msg = f"{str(self.path)!r} is no run and holds {others[0]!r}: name a new folder"
            if self.journal.name in others:
                msg += f", and --journal {self.journal} for the answers that are in that one"
            raise SettingsError(msg)

    def open_journal(self, path: Path | str | None = None) -> Journal:
        """Open the run's journal, or the one that it shares with others."""
        return Journal(path or self.journal)

    def open_output(self, form: str, *, anew: bool = False) -> Output:
        """Open the extractions where they are being written.

        Args:
            form: ``jsonl`` or ``parquet``.
            anew: Begin a new version beside the one there is, from an empty one.
        """
        path = self.path / _NAMES[form]
        new = _new(path)
        if anew:
            remove(new)
        if anew or new.exists():
            self.failures = _new(self.path / FAILURES)
            path = new
        return JsonLines(path) if form == "jsonl" else ParquetParts(path)

    def done(self) -> int:
        """Articles that were done when the run last ended, by its summary; 0 without one."""
        if not self.summary.exists():
            return 0
        count: int = json.loads(self.summary.read_bytes())["articles"]["done"]
        return count

    def settle(self, form: str) -> None:
        """Put the new version of extractions and failures, if there is one, in the old one's place.

        Between the two a kill leaves failures of before: they are written anew at each start.
        """
        for path in (self.path / _NAMES[form], self.path / FAILURES):
            if (new := _new(path)).exists():
                with writing(path):
                    if path.is_dir():
                        remove(path)
                    new.replace(path)
        self.failures = self.path / FAILURES

    def write_summary(self, fields: Mapping[str, Any]) -> None:
        """Write ``summary.json`` whole or not at all."""
        with self.rewritten(self.summary) as file:
            file.write(json.dumps(fields, indent=2).encode() + b"\n")

    @contextmanager
    def rewritten(self, path: Path) -> Iterator[BinaryIO]:
        """Write a file anew; it takes the place of the old one when it is whole."""
        whole = path.with_name(f"{path.name}.tmp")
        with writing(path):
            with whole.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            whole.replace(path)


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
