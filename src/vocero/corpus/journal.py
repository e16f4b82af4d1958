"""The journal: every question ever asked of a model, and what came of it, in one SQLite file.

It is a cache, a place to resume from and a flight recorder: what was answered once is never paid
for twice, by this run or another, and a result can be rebuilt from it offline, for it also holds
every article that a run has finished.

Privacy: a journal holds the articles, whole and readable by whoever can read the file, with all
that the model said about them. It is made so that only its owner can read it (mode 0600); a copy
or an export has the rights that its maker gives it. It holds no API keys; of failures it holds the
message, which may name the endpoint's address. `prune` removes records for good; to be rid of all,
delete the file and those beside it that are named like it and end in ``-wal`` and ``-shm``.

The file is in SQLite's WAL mode, so it needs a local disk: not one shared over a network.
"""

from __future__ import annotations

import json
import math
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from vocero.corpus.database import connect, create, explaining, transaction
from vocero.corpus.grouped import Grouped
from vocero.corpus.record import Record, in_bytes
from vocero.corpus.rows import (
    ENTER,
    ENTERED,
    INSERT,
    SELECT,
    Row,
    entry_of,
    inflated,
    record_of,
    row_of,
    row_of_article,
    utc,
)
from vocero.corpus.stats import Stats, count_calls
from vocero.errors import SettingsError, VoceroError
from vocero.schema import Usage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from typing import Self, TextIO

    from vocero.corpus.record import Entry

__all__ = ["FILE_NAME", "Journal"]

FILE_NAME: Final = "journal.sqlite"
"""What the journal of a run is called in the run's folder."""

_Item: TypeAlias = "tuple[str | None, Row]"
"""What is to be written: a question's key and its record, or None and an article's entry."""


class Journal:
    """One journal, for any number of threads and event loops; other processes may use the file too.

    Each process opens its own: a `Journal` does not outlive a fork. Records are only ever added; a
    question that was asked twice has two, and the first answer stands.

    One thread writes. All records that wait when it is free go into one transaction, and each
    caller goes on when that is on the disk. On the machine of the time (2 cores, ext4 on a virtual
    disk, records of 5 KB; ``benchmarks/journal.py``) one caller got 700 to 1,500 records a second
    on it, 50 callers 4,000 to 5,400, and two processes together 2,300 to 2,800.

    Args:
        path: The file; it is made if there is none. Its folder must be there.

    Raises:
        VoceroError: the file cannot be made or opened, is damaged, is no journal, or is one of a
            newer Vocero. Every method may raise it: a full or failing disk, a file that another
            process holds for more than a minute.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()
        create(self.path)
        self._reader = connect(self.path)
        self._reading = threading.Lock()
        self._writer = connect(self.path)
        self._writing = Grouped(self._write)

    def get(self, key: str) -> Record | None:
        """Return the record that stands for a question: the first answer, else the last failure.

        Takes 0.05 to 0.07 ms, or 0.01 where there is none, so that an event loop may call it.
        """
        return next(iter(self.history(key)), None)

    def history(self, key: str) -> list[Record]:
        """Return all records of a question: answers from the first, then failures from the last."""
        with explaining(self.path), self._reading:
            rows = self._reader.execute(
                f"{SELECT} WHERE key = ? ORDER BY error IS NOT NULL, "
                "CASE WHEN error IS NULL THEN id ELSE -id END",
                (key,),
            ).fetchall()
        return [record_of(row) for row in rows]

    def put(self, record: Record) -> bool:
        """Add a record; it is on the disk when this returns, and not if this raises.

        Returns:
            Whether it is the first of its question.

        Raises:
            OverflowError: a count is larger than any that SQLite has.
        """
        return self._writing.put((record.key, row_of(record)))

    async def aput(self, record: Record) -> bool:
        """`put` for event loops, which it does not hold up.

        Cancelled, it no longer waits, and the record is added all the same.
        """
        return await self._writing.aput((record.key, row_of(record)))

    async def aenter(self, run: str, entry: Entry, document: str | None) -> None:
        """Enter what became of an article of a run, in the place of an earlier entry.

        Args:
            run: The run's own id.
            entry: The article's position in the input, and what came of it.
            document: The article as JSON; None where it could not be read.
        """
        await self._writing.aput((None, row_of_article(run, entry, document)))

    def entry(self, run: str, position: int) -> Entry | None:
        """Return what became of an article; None while it is not finished."""
        with explaining(self.path), self._reading:
            row = self._reader.execute(
                f"{ENTERED} FROM article WHERE run = ? AND position = ?", (run, position)
            ).fetchone()
        return row and entry_of(row)

    def last(self, run: str) -> int:
        """Return the last position of a run that was entered; -1 for none."""
        with explaining(self.path), self._reading:
            [position] = self._reader.execute(
                "SELECT MAX(position) FROM article WHERE run = ?", (run,)
            ).fetchone()
        return -1 if position is None else int(position)

    def entries(self, run: str) -> Iterator[Entry]:
        """Yield what became of the articles of a run, by position; memory stays flat."""
        with explaining(self.path), closing(connect(self.path)) as database:
            for row in database.execute(
                f"{ENTERED} FROM article WHERE run = ? ORDER BY position", (run,)
            ):
                yield entry_of(row)

    def document(self, run: str, position: int) -> str | None:
        """Return an article of a run as JSON; None where it could not be read."""
        with explaining(self.path), self._reading:
            row = self._reader.execute(
                "SELECT document FROM article WHERE run = ? AND position = ?", (run, position)
            ).fetchone()
        return None if row is None or row[0] is None else inflated(row[0])

    def usage(self, run: str) -> Usage:
        """Return the tokens of all that a run has asked, replays not counted.

        Args:
            run: The run's own id.

        Returns:
            Sums, 0 of a run that has asked nothing. None where one of its questions was answered,
            even if badly, without the number; a question that no answer came to counts nothing.
        """
        sums = ", ".join(
            f"CASE WHEN COUNT({one}) = COUNT(*) THEN COALESCE(SUM({one}), 0) END"
            for one in ("input_tokens", "cached_tokens", "output_tokens")
        )
        with explaining(self.path), self._reading:
            sent, cached, received = self._reader.execute(
                f"SELECT {sums} FROM call WHERE run = ? AND ("  # noqa: S608 - of constants
                "error IS NULL OR error IN ('AnswerError', 'TruncatedError') "
                "OR COALESCE(input_tokens, output_tokens) IS NOT NULL)",
                (run,),
            ).fetchone()
        return Usage(input_tokens=sent, cached_tokens=cached, output_tokens=received)

    def latencies(self, run: str) -> dict[str, float]:
        """Return percentiles of the seconds that answers to a run took, waits and retries included.

        Args:
            run: The run's own id.

        Returns:
            Seconds by ``p50``, ``p90``, ``p99`` and ``max``; empty without an answer.
        """
        where = "FROM call WHERE run = ? AND error IS NULL"
        with explaining(self.path), closing(connect(self.path)) as database:
            [count] = database.execute(f"SELECT COUNT(*) {where}", (run,)).fetchone()
            shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
            found = {}
            for name, share in shares.items() if count else ():
                # The nearest rank: the smallest value that at least this share does not exceed.
                rank = max(math.ceil(share * count), 1) - 1
                [found[name]] = database.execute(
                    f"SELECT seconds {where} ORDER BY seconds LIMIT 1 OFFSET {rank}", (run,)
                ).fetchone()
        return found

    def stats(self) -> Stats:
        """Count the records; the whole file is read for it."""
        with explaining(self.path), closing(connect(self.path)) as database:
            [articles] = database.execute("SELECT COUNT(*) FROM article").fetchone()
            return Stats(bytes=self._bytes(), groups=count_calls(database), articles=articles)

    def export(self, stream: TextIO) -> int:
        """Write every record as a line of JSON, in the order they came; return how many.

        Memory stays flat. Lines are plain text; one that holds a lone surrogate, which no file in
        UTF-8 can, is written with escapes.

        Args:
            stream: Where to; its encoding must be UTF-8.
        """
        count = 0
        with explaining(self.path), closing(connect(self.path)) as database:
            for row in database.execute(f"{SELECT} ORDER BY id"):
                stream.write(f"{_line(record_of(row))}\n")
                count += 1
        return count

    def prune(self, *, before: dt.datetime | None = None, model: str | None = None) -> int:
        """Delete records for good and give their room back to the disk; return how many.

        While that lasts the file needs its own size again, and nothing can be put.

        Args:
            before: Only what ended earlier; aware of its zone.
            model: Only what was asked of this model, as the user named it.

        Raises:
            SettingsError: neither is given.
            VoceroError: another process reads, so that the records are gone but not yet their
                bytes; prune again.
        """
        if before is None and model is None:
            msg = "say what to prune, by time or by model; to be rid of all, delete the journal"
            raise SettingsError(msg)
        return self._writing.run(self._prune, before, model)

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._writing.close()
        self._writer.close()
        with self._reading:
            self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, group: Sequence[_Item]) -> list[bool]:
        """Write records and entries; return of each whether it is the first record of its key.

        The rows are made by whoever brings them: one that cannot be is no matter of the others.
        """
        with explaining(self.path), transaction(self._writer):
            known = self._known({key for key, _ in group if key is not None})
            self._writer.executemany(INSERT, [row for key, row in group if key is not None])
            self._writer.executemany(ENTER, [row for key, row in group if key is None])
        firsts = []
        for key, _ in group:
            firsts.append(key is not None and key not in known)
            if key is not None:
                known.add(key)
        return firsts

    def _known(self, keys: set[str]) -> set[str]:
        """Those of the keys that have a record."""
        marks = ", ".join("?" * len(keys))
        rows = self._writer.execute(
            f"SELECT DISTINCT key FROM call WHERE key IN ({marks})",  # noqa: S608 - of marks
            tuple(keys),
        )
        return {key for [key] in rows}

    def _prune(self, before: dt.datetime | None, model: str | None) -> int:
        database = self._writer
        with explaining(self.path):
            with transaction(database):
                gone = sum(
                    database.execute(
                        f"DELETE FROM {table} WHERE (?1 IS NULL OR ended < ?1) "  # noqa: S608
                        "AND (?2 IS NULL OR model = CAST(?2 AS TEXT))",
                        (before and utc(before), None if model is None else in_bytes(model)),
                    ).rowcount
                    for table in ("call", "article")
                )
            database.execute("VACUUM")
            [busy, *_] = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            msg = (
                f"{gone} records are deleted, but another process reads the journal "
                f"{str(self.path)!r}, so their bytes are still there: end it and prune again"
            )
            raise VoceroError(msg)
        return gone

    def _bytes(self) -> int:
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())


def _line(record: Record) -> str:
    fields = {name: getattr(record, name) for name in Record.__slots__}
    fields |= {
        "answer": None if record.answer is None else json.loads(record.answer),
        "started": utc(record.started),
        "ended": utc(record.ended),
        "usage": record.usage.model_dump(),
    }
    line = json.dumps(fields, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(fields)
    return line
