"""What is known of a run's batches, kept so that a crash at any step submits nothing twice."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from vocero.corpus.database import explaining, transaction
from vocero.corpus.outputs import writing
from vocero.corpus.provider.reply import Reply
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

__all__ = ["STATE", "RequestFile", "State", "Step", "request_id"]

STATE: Final = "state.sqlite"
"""The file's name; those that SQLite puts beside it begin with it."""
Step: TypeAlias = Literal["written", "uploading", "uploaded", "creating", "created", "taken"]
"""How far a file is. Before each request to the provider the state says that it is on its way
(``uploading``, ``creating``), so that whoever resumes looks whether it arrived."""

# A file's serial is never used again: with it in their names no two uploads are taken for one
# another. A request without a reply is on its way.
_TABLES: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS file (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    requests INTEGER NOT NULL,
    step TEXT NOT NULL,
    file_id TEXT,
    batch_id TEXT
);
CREATE TABLE IF NOT EXISTS request (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    serial INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER,
    output_tokens INTEGER,
    reply BLOB
);
CREATE INDEX IF NOT EXISTS request_key ON request (key);
CREATE TABLE IF NOT EXISTS article (digest TEXT PRIMARY KEY, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refused (feature TEXT PRIMARY KEY);
"""
_WHOLE: Final = 1
"""In SQLite's ``user_version``: the last session ended with nothing left to ask."""


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A file of requests, and the batch that it becomes."""

    serial: int
    name: str
    """Of the upload, and in the batch's metadata: by it the provider's copy is found again."""
    requests: int
    step: Step
    file_id: str | None
    batch_id: str | None


def request_id(key: str, serial: int) -> str:
    """Return a request's ``custom_id``: unique in its run, for a file asks a question once.

    Args:
        key: The question's.
        serial: The file's.
    """
    return f"{key[:32]}-{serial}"


class State:
    """The file ``state.sqlite`` of a run's folder for batches; for one event loop.

    Args:
        folder: Made if it is not there, for its owner alone: it holds articles.

    Raises:
        VoceroError: the folder or the file cannot be used. Every method may raise it.
    """

    def __init__(self, folder: Path) -> None:
        with writing(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path = folder / STATE
        with explaining(path):
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.executescript(_TABLES)
        self.refused: set[str] = {
            feature for (feature,) in self._all("SELECT feature FROM refused")
        }
        """Parts of requests that the model has been seen to refuse."""

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have all that is noted inside on the disk at its end, or none of it."""
        with explaining(self._path), transaction(self._database):
            yield

    def open_file(self) -> int:
        """Begin a file; return its serial."""
        return self._run("INSERT INTO file (name, requests, step) VALUES ('', 0, 'written')")

    def close_file(self, serial: int, name: str, requests: int) -> None:
        """Note that a file is whole."""
        self._run("UPDATE file SET name = ?, requests = ? WHERE serial = ?", name, requests, serial)

    def files(self) -> list[RequestFile]:
        """Return the files that are not done with, by serial."""
        return [
            RequestFile(*row)
            for row in self._all(
                "SELECT serial, name, requests, step, file_id, batch_id FROM file ORDER BY serial"
            )
        ]

    def advance(
        self,
        serial: int,
        step: Step,
        *,
        file_id: str | None = None,
        batch_id: str | None = None,
    ) -> None:
        """Note how far a file is; ids that are not given stay as they were."""
        self._run(
            "UPDATE file SET step = ?, file_id = coalesce(?, file_id), "
            "batch_id = coalesce(?, batch_id) WHERE serial = ?",
            *(step, file_id, batch_id, serial),
        )

    def forget_file(self, serial: int) -> None:
        """Take a file away that is done with, and those of its requests that have no reply."""
        with self.together():
            self._forget_unanswered(serial)
            self._run("DELETE FROM file WHERE serial = ?", serial)

    def add_request(self, name: str, key: str, serial: int) -> None:
        """Note a request by its ``custom_id``, its question's key and its file."""
        self._run("INSERT INTO request (id, key, serial) VALUES (?, ?, ?)", name, key, serial)

    def waiting(self, key: str) -> bool:
        """Whether a request of this question is on its way."""
        return bool(self._all("SELECT 1 FROM request WHERE key = ? AND reply IS NULL", key))

    def replies(self, key: str) -> list[Reply]:
        """Return the replies to a question, in the order of its requests."""
        return [
            Reply.unpacked(stored)
            for (stored,) in self._all(
                "SELECT reply FROM request WHERE key = ? AND reply IS NOT NULL ORDER BY serial", key
            )
        ]

    def take(self, serial: int, replies: Iterable[tuple[str, Reply]], *, rest: Reply | None) -> int:
        """Keep the replies to a file's requests, whole or not at all; return how many there were.

        Args:
            serial: The file's.
            replies: Each with its ``custom_id``; one to no request of the file is passed over.
            rest: The reply to requests without one; None to forget those, which are then sent anew.
        """
        taken = 0
        with self.together():
            for name, reply in replies:
                taken += self._reply(reply, "id = ? AND serial = ? AND reply IS NULL", name, serial)
            if rest is None:
                self._forget_unanswered(serial)
            else:
                self._reply(rest, "serial = ? AND reply IS NULL", serial)
            self.advance(serial, "taken")
        return taken

    def refuse(self, feature: str) -> None:
        """Note that the model refuses a part of requests."""
        self.refused.add(feature)
        self._run("INSERT OR IGNORE INTO refused VALUES (?)", feature)

    def settle(self, key: str) -> None:
        """Note that a question has found its answer, which the journal is to keep."""
        self._run("UPDATE request SET settled = 1 WHERE key = ?", key)

    def tidy(self, kept: Callable[[str], bool]) -> None:
        """Take away the replies to questions whose answer the journal has by now.

        Args:
            kept: Whether it has that of a question, by its key: what cannot be written there is
                read here again.
        """
        for (key,) in self._all("SELECT DISTINCT key FROM request WHERE settled"):
            if kept(key):
                self._run("DELETE FROM request WHERE key = ?", key)

    def usage(self) -> Usage:
        """Return the tokens of all replies that are here, as far as they were told."""
        [row] = self._all("SELECT total(input_tokens), total(output_tokens) FROM request")
        return Usage(input_tokens=int(row[0]), cached_tokens=0, output_tokens=int(row[1]))

    def note_article(self, digest: str, *, done: bool) -> None:
        """Note that an article needs no further answer, or that questions about it were sent."""
        self._run("INSERT OR REPLACE INTO article VALUES (?, ?)", digest, done)

    def article(self, digest: str) -> bool | None:
        """Whether an article needs no further answer; None where nothing was asked about it."""
        found = self._all("SELECT done FROM article WHERE digest = ?", digest)
        return bool(found[0][0]) if found else None

    def whole(self) -> None:
        """Note that nothing is left to ask."""
        with self.together():
            # Looked at again by the next session: the journal may be pruned until then.
            self._run("DELETE FROM article")
            self._run(f"PRAGMA user_version = {_WHOLE}")

    def begin(self) -> None:
        """Begin a session; where the last one came to its end, forget what failed in it.

        The run has written that down by now, or stopped because of it: whoever begins again wants
        it tried again.
        """
        [[version]] = self._all("PRAGMA user_version")
        with self.together():
            if version == _WHOLE:
                self._run("DELETE FROM request WHERE reply IS NOT NULL")
            self._run("PRAGMA user_version = 0")

    def _reply(self, reply: Reply, where: str, *of: object) -> int:
        usage = reply.usage
        with explaining(self._path):
            return self._database.execute(
                f"UPDATE request SET reply = ?, input_tokens = ?, output_tokens = ? WHERE {where}",  # noqa: S608 - of constants
                (reply.packed(), usage.input_tokens, usage.output_tokens, *of),
            ).rowcount

    def _forget_unanswered(self, serial: int) -> None:
        self._run("DELETE FROM request WHERE serial = ? AND reply IS NULL", serial)

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with explaining(self._path):
            return self._database.execute(query, values).fetchall()

    def _run(self, statement: str, *values: object) -> int:
        with explaining(self._path):
            return self._database.execute(statement, values).lastrowid or 0
