"""Records and articles as rows of the journal's tables, and back."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import Any, Final, TypeAlias

from vocero.corpus.record import Entry, Record, compact, in_bytes
from vocero.schema import Usage

__all__ = [
    "ENTER",
    "ENTERED",
    "INSERT",
    "SELECT",
    "Row",
    "entry_of",
    "inflated",
    "record_of",
    "row_of",
    "row_of_article",
    "utc",
]

_TEXTS: Final = (
    "key, label, run, model, form, parameters, started, ended, answered_by, finish, error, why, "
    "answer"
)
_OTHERS: Final = (
    "max_tokens, seconds, input_tokens, cached_tokens, output_tokens, transport_retries, "
    "validation_retries, messages"
)
_COLUMNS: Final = f"{_TEXTS}, {_OTHERS}"
# Text goes in as bytes: the binding to SQLite refuses lone surrogates, SQLite itself does not.
INSERT: Final = "INSERT INTO call ({}) VALUES ({})".format(  # noqa: S608 - of constants
    _COLUMNS,
    ", ".join(["CAST(? AS TEXT)"] * len(_TEXTS.split(",")) + ["?"] * len(_OTHERS.split(","))),
)
SELECT: Final = f"SELECT {_COLUMNS} FROM call"  # noqa: S608 - of constants
ENTER: Final = "INSERT OR REPLACE INTO article VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?, ?, ?)"
ENTERED: Final = "SELECT position, model, ended, digest, failed, outcome"
# SQLite's integers have 64 bits.
_TOO_LARGE: Final = 2**63

Row: TypeAlias = "tuple[bytes | int | float | str | None, ...]"


def row_of(record: Record) -> Row:
    """Return what `INSERT` takes.

    Raises:
        OverflowError: a count is larger than any that SQLite has.
    """
    texts = (
        record.key,
        record.label,
        record.run,
        record.model,
        record.form,
        compact(record.parameters),
        utc(record.started),
        utc(record.ended),
        record.answered_by,
        record.finish,
        record.error,
        record.why,
        record.answer,
    )
    counts = (
        record.usage.input_tokens,
        record.usage.cached_tokens,
        record.usage.output_tokens,
        record.transport_retries,
        record.validation_retries,
    )
    if any(count is not None and count >= _TOO_LARGE for count in counts):
        msg = f"a journal holds no count as large as {max(filter(None, counts))}"
        raise OverflowError(msg)
    return (
        *(None if text is None else in_bytes(text) for text in texts),
        record.max_tokens,
        record.seconds,
        *counts,
        _deflated(compact(record.messages)),
    )


def row_of_article(run: str, entry: Entry, document: str | None) -> Row:
    """Return what `ENTER` takes; the document is JSON, or None where there is none."""
    return (
        run,
        entry.position,
        in_bytes(entry.model),
        utc(entry.ended),
        entry.digest,
        entry.failed,
        entry.outcome,
        None if document is None else _deflated(document),
    )


def entry_of(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row that `ENTERED` selected."""
    position, model, ended, digest, failed, outcome = row
    return Entry(position, model, dt.datetime.fromisoformat(ended), digest, bool(failed), outcome)


def _deflated(text: str) -> bytes:
    # Level 1: 5 % more bytes than by default, and a quarter less of the largest cost of a record.
    return zlib.compress(in_bytes(text), level=1)


def inflated(stored: bytes) -> str:
    """Return a text that is stored compressed: a document, or messages."""
    return zlib.decompress(stored).decode("utf-8", "surrogatepass")


def record_of(row: tuple[Any, ...]) -> Record:
    """Return the record of a row that `SELECT` selected."""
    named = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Record(
        messages=tuple(json.loads(inflated(named.pop("messages")))),
        parameters=json.loads(named.pop("parameters")),
        started=dt.datetime.fromisoformat(named.pop("started")),
        ended=dt.datetime.fromisoformat(named.pop("ended")),
        usage=Usage(
            input_tokens=named.pop("input_tokens"),
            cached_tokens=named.pop("cached_tokens"),
            output_tokens=named.pop("output_tokens"),
        ),
        **named,
    )


def utc(time: dt.datetime) -> str:
    """Return a time as it is stored: all in one form, so that they compare as text."""
    return time.astimezone(dt.UTC).isoformat(timespec="microseconds")
