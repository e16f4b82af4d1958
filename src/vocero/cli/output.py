"""Where extractions go: tables on a terminal, lines of JSON in a file or a pipe."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from vocero.errors import SettingsError, VoceroError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vocero.schema import Extraction

__all__ = ["check_apart", "open_lines", "open_output"]


@contextmanager
def open_output(
    path: Path | None, *, inputs: Sequence[str], force: bool, quiet: bool
) -> Iterator[Callable[[Extraction], None]]:
    """Give a function that writes one extraction, and has it written when it returns.

    Args:
        path: A file for JSONL; None: tables on a terminal, JSONL in a pipe.
        inputs: What is read; the output must not be among it.
        force: Replace an existing file.
        quiet: No tables beside the file.

    Raises:
        SettingsError: the file exists, is read as well, or cannot be opened.
        VoceroError: from the function: the disk is full, or the file cannot be written.
    """
    terminal = sys.stdout.isatty()
    if path is not None:
        with open_lines(path, inputs=inputs, force=force) as write_line:

            def write(extraction: Extraction) -> None:
                write_line(extraction.model_dump_json())
                if terminal and not quiet:
                    _print(extraction)

            yield write
    elif terminal:
        yield _print
    else:
        with FileIO(sys.stdout.fileno(), "w", closefd=False) as pipe:
            yield lambda one: _write(pipe, "standard output", one.model_dump_json())


@contextmanager
def open_lines(
    path: Path, *, inputs: Sequence[str], force: bool
) -> Iterator[Callable[[str], None]]:
    """Give a function that writes one line to a new file, whole or not at all, and at once.

    A file to be replaced stays as it is until there is a first line; one that gets none is removed.

    Args:
        path: The file.
        inputs: What is read; the file must not be among it.
        force: Replace an existing file.

    Raises:
        SettingsError: the file exists, is read as well, or cannot be opened.
        VoceroError: from the function: the disk is full, or the file cannot be written.
    """
    name = repr(str(path))
    check_apart(path, inputs)
    try:
        # Unbuffered: a line that the disk refused must not be tried again at the end.
        file = FileIO(path, _mode(path, force=force))
    except FileExistsError:
        msg = f"{name} exists; name another output, or replace it with --force"
        raise SettingsError(msg) from None
    except OSError as error:
        msg = f"{name} cannot be written ({error.strerror}); name another output"
        raise SettingsError(msg) from None
    try:
        with file:
            yield lambda line: _write_whole(file, path, line)
    finally:
        # Without a line in it, it would only be in the way of the next run.
        if path.is_file() and path.stat().st_size == 0:
            path.unlink()


def check_apart(path: Path, inputs: Sequence[str]) -> None:
    """Refuse an output that would be read.

    Raises:
        SettingsError: it is one of the inputs, or lies in one.
    """
    target = _real(path)
    for one in inputs:
        if _real(one) in (target, *target.parents):
            msg = (
                f"the output {str(path)!r} would be read as part of {one!r}; "
                "write it somewhere else"
            )
            raise SettingsError(msg)


def _real(path: Path | str) -> Path:
    # Path.resolve() raises for links that lead in circles.
    return Path(os.path.realpath(path))


def _mode(path: Path, *, force: bool) -> str:
    if path.exists() and not path.is_file():
        return "w"  # a device or a pipe
    # What is to be replaced stays until there is a first line to replace it with.
    return "r+" if force and path.exists() else "x"


def _write_whole(file: FileIO, path: Path, line: str) -> None:
    """Write a line behind those of this run; where that fails, leave no part of it."""
    start = file.tell() if path.is_file() else None
    try:
        if start is not None:
            file.truncate()
        _write(file, repr(str(path)), line)
    except VoceroError:
        if start is not None:
            with suppress(OSError):
                file.truncate(start)
        raise


def _write(file: FileIO, name: str, line: str) -> None:
    rest = memoryview(f"{line}\n".encode())
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except BrokenPipeError:
        raise  # not worth a word: whoever read it has seen enough
    except OSError as error:
        msg = (
            f"{name} cannot be written ({error.strerror}); make room there, or name another output"
        )
        raise VoceroError(msg) from None


def _print(extraction: Extraction) -> None:
    from vocero.cli.table import print_table  # noqa: PLC0415 - only a terminal needs Rich

    print_table(extraction)
