"""Where extractions go: tables on a terminal, lines of JSON in a file or a pipe."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from vocero.errors import SettingsError, VoceroError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vocero.schema import Extraction

__all__ = ["open_output"]


@contextmanager
def open_output(
    path: Path | None, *, force: bool, quiet: bool
) -> Iterator[Callable[[Extraction], None]]:
    """Give a function that writes one extraction, and has it written when it returns.

    Args:
        path: A file for JSONL; None: tables on a terminal, JSONL in a pipe.
        force: Replace an existing file.
        quiet: No tables.

    Raises:
        SettingsError: the file exists, or cannot be opened.
        VoceroError: from the function: the disk is full, or the file cannot be written.
    """
    tables = sys.stdout.isatty() and not quiet
    if path is None:
        yield _both(None, "standard output", tables=tables) if tables else _both(
            sys.stdout, "standard output", tables=False
        )
        return
    try:
        file = path.open("w" if force else "x", encoding="utf-8", newline="\n")
    except FileExistsError:
        msg = f"{str(path)!r} exists; name another output, or give --force to replace it"
        raise SettingsError(msg) from None
    except OSError as error:
        msg = f"{str(path)!r} cannot be written ({error.strerror}); name another output"
        raise SettingsError(msg) from None
    with file:
        yield _both(file, repr(str(path)), tables=tables)


def _both(file: TextIO | None, name: str, *, tables: bool) -> Callable[[Extraction], None]:
    def write(extraction: Extraction) -> None:
        if file is not None:
            try:
                file.write(f"{extraction.model_dump_json()}\n")
                file.flush()
            except BrokenPipeError:
                # Whoever read us has gone; say nothing, also not when Python closes the stream.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise SystemExit(0) from None
            except OSError as error:
                msg = f"{name} cannot be written ({error.strerror}); make room, or name another output"
                raise VoceroError(msg) from None
        if tables:
            from vocero.cli.table import print_table  # noqa: PLC0415 - only a terminal needs it

            print_table(extraction)

    return write
