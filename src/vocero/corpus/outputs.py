"""Where extractions go: one file of JSON lines, or a folder of Parquet parts; both in input order.

Articles are finished in any order and written in that of the input, so that two runs over the same
answers write the same bytes, and what is written is always the beginning of the whole.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from vocero.corpus.table import table_of
from vocero.errors import DependencyError, VoceroError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["InOrder", "JsonLines", "Output", "ParquetParts", "append_line", "remove", "writing"]

_HELD_BYTES: Final = 64_000_000
_PART_ROWS: Final = 20_000
_GROUP_ROWS: Final = 500
_CHUNK: Final = 1 << 20


class Output(Protocol):
    """A growing sequence of extractions that outlives the process."""

    def __len__(self) -> int:
        """Extractions that are written, or will be with `close`."""

    def keep(self, count: int) -> int:
        """Take back all but the first ``count`` or fewer; return how many are left.

        Called before the first `write`. What a killed process left half written goes too.
        """

    def write(self, line: bytes) -> None:
        """Add one extraction, as JSON without an end of line.

        Raises:
            VoceroError: the disk is full, or may not be written.
        """

    def close(self) -> None:
        """Write what waits, and have it on the disk."""


class JsonLines:
    """``extractions.jsonl``: a line of JSON for each article."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0
        with writing(path):
            self._file = path.open("ab")

    def __len__(self) -> int:
        return self._count

    def keep(self, count: int) -> int:
        """See `Output.keep`."""
        with writing(self._path), self._path.open("r+b") as file:
            self._count, end = _lines(file, count)
            file.truncate(end)
        return self._count

    def write(self, line: bytes) -> None:
        """See `Output.write`; it is in the file when this returns."""
        with writing(self._path):
            append_line(self._file, line)
        self._count += 1

    def close(self) -> None:
        """See `Output.close`."""
        with writing(self._path):
            os.fsync(self._file.fileno())
            self._file.close()


def append_line(file: BinaryIO, line: bytes) -> None:
    """Write a line and its end, and push both out of the process."""
    file.write(line + b"\n")
    file.flush()


def _lines(file: BinaryIO, most: int) -> tuple[int, int]:
    """Count whole lines up to a number; return how many there are, and where the last one ends."""
    count = end = position = 0
    while count < most and (chunk := file.read(_CHUNK)):
        at = -1
        while count < most and (at := chunk.find(b"\n", at + 1)) >= 0:
            count, end = count + 1, position + at + 1
        position += len(chunk)
    return count, end


class ParquetParts:
    """``extractions/part-00000.parquet`` and so on: the extraction as JSON beside what is sorted by.

    A part takes its name when it is whole. Of one that is being written nothing outlives a kill:
    its articles are extracted again from the journal.

    Raises:
        DependencyError: the extra `parquet` is not installed.
    """

    def __init__(self, folder: Path, *, part_rows: int = _PART_ROWS) -> None:
        try:
            import pyarrow.parquet as pq  # noqa: PLC0415 - an extra
        except ImportError:
            msg = "Parquet needs the extra `parquet`: pip install 'vocero[parquet]'"
            raise DependencyError(msg) from None
        self._pq = pq
        self._folder = folder
        self._part_rows = part_rows
        with writing(folder):
            folder.mkdir(exist_ok=True)
        self._rows: list[bytes] = []
        self._writer: Any = None
        self._in_part = self._parts = self._count = 0

    def __len__(self) -> int:
        return self._count

    def keep(self, count: int) -> int:
        """See `Output.keep`; whole parts only."""
        self._count = self._parts = 0
        with writing(self._folder):
            for left in self._folder.glob("*.tmp"):
                left.unlink()
            for part in sorted(self._folder.glob("part-*.parquet")):
                rows = self._rows_of(part)
                if part != self._part(self._parts) or not rows or self._count + rows > count:
                    part.unlink()
                    count = 0  # the parts behind a gap go too
                else:
                    self._count += rows
                    self._parts += 1
        return self._count

    def write(self, line: bytes) -> None:
        """See `Output.write`."""
        self._rows.append(line)
        self._count += 1
        self._in_part += 1
        if len(self._rows) == _GROUP_ROWS:
            self._write_group()
        if self._in_part == self._part_rows:
            self._end_part()

    def close(self) -> None:
        """See `Output.close`."""
        self._end_part()

    def _part(self, number: int) -> Path:
        return self._folder / f"part-{number:05}.parquet"

    def _rows_of(self, part: Path) -> int:
        import pyarrow as pa  # noqa: PLC0415 - an extra

        try:
            rows: int = self._pq.read_metadata(part).num_rows
        except pa.ArrowException:
            return 0  # torn by a power cut: its articles are written again from the journal
        return rows

    def _write_group(self) -> None:
        if not self._rows:
            return
        with writing(self._folder):
            if self._writer is None:
                unfinished = self._part(self._parts).with_suffix(".tmp")
                schema = table_of([]).schema
                self._writer = self._pq.ParquetWriter(unfinished, schema, compression="zstd")
            self._writer.write_table(table_of(self._rows))
        self._rows = []

    def _end_part(self) -> None:
        self._write_group()
        if self._writer is None:
            return
        whole = self._part(self._parts)
        with writing(self._folder):
            self._writer.close()
            unfinished = whole.with_suffix(".tmp")
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())  # a name must not be on the disk before what it names
            unfinished.replace(whole)
        self._writer = None
        self._parts += 1
        self._in_part = 0


class InOrder:
    """Writes what became of articles in the order of their positions, whatever order it comes in.

    What has to wait longest is whatever is behind the slowest article: above 64 MB it waits in a
    temporary file.

    Args:
        first: The first position.
        extractions: Where lines of articles go that were done.
        failures: Where lines of articles go that failed; each is on the disk before anything
            behind it is written.
        folder: For the temporary file.
    """

    def __init__(self, first: int, extractions: Output, failures: BinaryIO, folder: Path) -> None:
        self._next = first
        self._extractions = extractions
        self._failures = failures
        self._folder = folder
        self._held: dict[int, tuple[bool, bytes | tuple[int, int]]] = {}
        self._bytes = 0
        self._file: Any = None

    def put(self, position: int, line: bytes, *, failed: bool) -> None:
        """Take what became of one article, and write all that waited for it."""
        self._bytes += len(line)
        if position != self._next and self._bytes > _HELD_BYTES:
            self._bytes -= len(line)
            self._held[position] = failed, self._spilled(line)
            return
        self._held[position] = failed, line
        while self._next in self._held:
            self._write(*self._held.pop(self._next))
            self._next += 1

    def close(self) -> None:
        """Forget what still waits: the journal has it."""
        self._held.clear()
        if self._file is not None:
            self._file.close()

    def _write(self, failed: bool, line: bytes | tuple[int, int]) -> None:
        whole = self._unspilled(*line) if isinstance(line, tuple) else line
        self._bytes -= len(line) if whole is line else 0
        if failed:
            with writing(self._folder):
                append_line(self._failures, whole)
                os.fsync(self._failures.fileno())
        else:
            self._extractions.write(whole)

    def _unspilled(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        read: bytes = self._file.read(length)
        return read

    def _spilled(self, line: bytes) -> tuple[int, int]:
        with writing(self._folder):
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - until close
            start: int = self._file.seek(0, os.SEEK_END)
            self._file.write(line)
        return start, len(line)


class writing:  # noqa: N801 - a context manager, used like a function
    """Raise what the disk refuses as one line that names the place and the cure.

    Raises:
        VoceroError: the disk is full, or the place may not be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            why = error.strerror or type(error).__name__
            msg = (
                f"{str(self._path)!r} cannot be written ({why}): make room there or look at the "
                "permissions, and run again; nothing that was finished is lost"
            )
            raise VoceroError(msg) from None


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    with writing(path):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            with suppress(FileNotFoundError):
                path.unlink()
