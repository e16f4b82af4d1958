"""The journal's SQLite file: its tables, how it is made and opened, and what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vocero.errors import VoceroError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VERSION", "connect", "create", "explaining", "transaction"]

VERSION: Final = 1
"""Of the tables, in SQLite's ``user_version``."""

_APPLICATION: Final = (
    0x566F6365  # "Voce", in SQLite's application_id: tells ours from others' files
)
_BUSY_SECONDS: Final = 60.0

# Calls are append-only: a question asked twice has two rows. An article has one for each run that
# has finished it. The large columns come last, so that reading the others leaves the pages those
# overflow to alone.
_TABLES = f"""
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    label TEXT NOT NULL,
    run TEXT,
    model TEXT NOT NULL,
    form TEXT NOT NULL,
    max_tokens INTEGER,
    parameters TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT NOT NULL,
    seconds REAL NOT NULL,
    answered_by TEXT,
    finish TEXT,
    error TEXT,
    why TEXT,
    input_tokens INTEGER,
    cached_tokens INTEGER,
    output_tokens INTEGER,
    transport_retries INTEGER NOT NULL,
    validation_retries INTEGER NOT NULL,
    answer TEXT,
    messages BLOB NOT NULL
);
CREATE INDEX call_key ON call (key);
CREATE TABLE article (
    run TEXT NOT NULL,
    position INTEGER NOT NULL,
    model TEXT NOT NULL,
    ended TEXT NOT NULL,
    digest TEXT NOT NULL,
    failed INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    document BLOB,
    PRIMARY KEY (run, position)
);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""


def create(path: Path) -> None:
    """Make an empty journal that only its owner can read, unless there is a file already.

    It is made under another name and linked to its own when whole: of several processes that
    begin at once none sees half of it, and its rights are narrow from the first byte on.

    Raises:
        VoceroError: the folder is missing or cannot be written.
    """
    try:
        if path.exists():
            return
        handle, name = tempfile.mkstemp(prefix=".journal-", dir=path.parent)  # has mode 0600
        os.close(handle)
        made = Path(name)
        try:
            with explaining(path), closing(sqlite3.connect(made, isolation_level=None)) as database:
                database.executescript(_TABLES)
            path.hardlink_to(made)
        except FileExistsError:
            pass  # another process was quicker
        finally:
            made.unlink()
    except OSError as error:
        msg = (
            f"the journal {str(path)!r} cannot be made ({error.strerror}): "
            "look at its folder and the permissions there, or name another"
        )
        raise VoceroError(msg) from error


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal; the connection commits by itself and may be handed from thread to thread.

    Raises:
        VoceroError: there is none, or the file is damaged, no journal, or a newer Vocero's.
    """
    with explaining(path):
        # mode=rw: SQLite must not make a file, which everybody could read.
        database = sqlite3.connect(
            f"{path.as_uri()}?mode=rw",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _check(path, database)
            # FULL: what is acknowledged outlives a power cut too, not only the process.
            database.execute("PRAGMA synchronous = FULL")
        except BaseException:
            database.close()
            raise
    database.text_factory = _text
    return database


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogatepass")


def _check(path: Path, database: sqlite3.Connection) -> None:
    [application] = database.execute("PRAGMA application_id").fetchone()
    [version] = database.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        msg = f"{str(path)!r} is no journal of Vocero: name another file"
        raise VoceroError(msg)
    if version > VERSION:
        msg = (
            f"{str(path)!r} is a journal of a newer Vocero (version {version}, this one reads "
            f"{VERSION}): upgrade vocero, or name another file"
        )
        raise VoceroError(msg)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or none of it; other writers wait, readers do not."""
    # IMMEDIATE: a transaction that began as a reader cannot wait for another writer's end.
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        # After some failures, a full disk among them, SQLite has rolled back already.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Raise what goes wrong inside as one line that names the file and the cure.

    Raises:
        VoceroError: SQLite failed.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        what = _COMPLAINTS.get(code, "cannot be used: look at the disk and the permissions there")
        msg = f"the journal {str(path)!r} {what} ({error})"
        raise VoceroError(msg) from error


_COMPLAINTS: Final = {
    sqlite3.SQLITE_NOTADB: "is no journal of Vocero: name another file",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore it from a copy, or begin another file",
    sqlite3.SQLITE_FULL: "has no room left: free some on its disk and run again; nothing that was "
    "finished before is lost",
    sqlite3.SQLITE_IOERR: "cannot be written or read: look at its disk and run again; nothing that "
    "was finished before is lost",
    sqlite3.SQLITE_BUSY: f"is held by another process for more than {_BUSY_SECONDS:.0f} s: end "
    "that one and run again",
    sqlite3.SQLITE_READONLY: "may not be written: change its permissions or its folder's",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: look whether it is a file that you may read and "
    "write, in a folder that you may write",
}
