"""From paths to documents: which reader takes what, in which order, and what may fail alone."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vocero.errors import InputError
from vocero.read.binary import not_text
from vocero.read.compressed import decompressed
from vocero.read.decode import decode
from vocero.read.fields import Fields
from vocero.read.folders import articles, expand
from vocero.read.jsonl import longest_line, read_json, read_jsonl
from vocero.read.kinds import ENDINGS, JSON, JSONL, PAGES, PARQUET, TABLES, WARC, kind
from vocero.read.pages import read_page
from vocero.read.parquet import read_parquet
from vocero.read.records import language_code, record_document
from vocero.read.streams import bounded_lines, read_at_most
from vocero.read.tables import read_table
from vocero.read.texts import check_text, too_long
from vocero.read.warc import read_warc
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vocero.read.records import Found

LIMIT = 1_000_000
"""Code points an article may have unless the caller says otherwise: a book or two."""

_OPENS_RECORD = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"')
"""How a line of JSONL starts, and no prose does."""


def read_documents(
    paths: Iterable[str | Path],
    *,
    fields: Mapping[str, str] | None = None,
    language: str | None = None,
    limit: int = LIMIT,
    stdin: BinaryIO | None = None,
) -> Iterator[Document | InputError]:
    """Read articles one at a time, in the order given; a bad one does not stop the others.

    A folder is read with its subfolders, and a pattern (``news/**/*.jsonl``) for what it matches,
    sorted by name, hidden files left out: the order depends on the names alone. The ending of a
    file decides how it is read, without ``.gz`` or ``.zst`` (extra ``zstd``), which tell how it is
    unpacked: ``.html`` and ``.htm`` as a page (extra ``html``), ``.jsonl`` and ``.ndjson`` as one
    record a line, ``.json`` as one record or a list of them, ``.csv`` and ``.tsv`` as a table whose
    first line names its columns, ``.parquet`` as a table (extra ``parquet``), ``.warc`` as an
    archive of pages (extra ``warc``), anything else as plain text. ``-``, pipes and devices have no
    ending: they are JSONL if their first line opens a JSON object, else one plain text.

    All but ``.json`` is read as a stream: memory does not grow with the number of articles.

    Args:
        paths: Files, folders, patterns, or ``-`` for standard input.
        fields: Which field or column of a record holds what, e.g. ``{"text": "body", "id": "guid",
            "outlet": "source.name"}``; see `vocero.read.fields.Fields`.
        language: ISO 639 code of the articles which do not name their own.
        limit: Code points an article may have.
        stdin: What ``-`` stands for; the process's standard input by default.

    Yields:
        For each article its document, or (not raised) the `InputError` that says what is wrong
        with it: one line with the file, the line where there is one, and the cure. At the end one
        more for each field of ``fields`` that no record had; at the beginning that is only likely,
        and logged (logger ``vocero.read``, level warning).

    Raises:
        SettingsError: ``language`` is not an ISO 639 code, or ``fields`` maps what is not known.
    """
    code = language_code(language) if language is not None else None
    reader = _Reader(Fields(fields), code, limit)
    for path in [paths] if isinstance(paths, str) else paths:
        if str(path) == "-":
            stream = sys.stdin.buffer if stdin is None else stdin
            yield from _guarded(reader.stream(stream, "standard input"), path)
        else:
            yield from _guarded(reader.path(Path(path)), path)
    yield from reader.fields.misspelt()


def read_document(path: str | Path, *, language: str | None = None, limit: int = LIMIT) -> Document:
    """Read the one article of a file.

    Args:
        path: The file; see `read_documents` for how it is read.
        language: ISO 639 code of the article if it does not name its own.
        limit: Code points the article may have.

    Raises:
        InputError: The article cannot be read, or there is more than one.
        SettingsError: ``language`` is not an ISO 639 code.
    """
    found = read_documents([path], language=language, limit=limit)
    document = next(found)
    if isinstance(document, InputError):
        raise document
    if next(found, None) is not None:
        raise InputError(f"{str(path)!r} holds more than one article; use read_documents")
    return document


def _guarded(
    found: Iterator[Document | InputError], path: str | Path
) -> Iterator[Document | InputError]:
    """Note where documents came from, and turn what ends the reading into one more thing found."""
    name = repr(str(path))
    # A file name need not be UTF-8; what is written has to be.
    origin = str(path).encode("utf-8", "backslashreplace").decode()
    try:
        for one in found:
            if isinstance(one, Document) and one.origin is None:
                yield one.model_copy(update={"origin": origin})
            else:
                yield one
    except InputError as error:
        yield error
    except FileNotFoundError:
        yield InputError(f"{name} does not exist; check the name")
    except PermissionError:
        yield InputError(f"{name} may not be read; give yourself permission: chmod u+rX")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        yield InputError(f"{name} cannot be read ({reason}); check the name and the disk")


class _Reader:
    """Reads whatever a path names.

    Args:
        fields: Where records hold what.
        language: ISO 639 code of the articles which do not name their own.
        limit: Code points an article may have.
    """

    def __init__(self, fields: Fields, language: str | None, limit: int) -> None:
        self.fields = fields
        self._language = language
        self._limit = limit

    def path(self, path: Path) -> Iterator[Document | InputError]:
        """Read a file, a folder, or what a pattern matches."""
        if "\0" in str(path):  # which open() refuses with a ValueError
            raise FileNotFoundError
        for match in expand(path):
            found = self._folder(match) if match.is_dir() else self._file(match)
            yield from _guarded(found, match)

    def stream(self, stream: BinaryIO, name: str) -> Iterator[Document | InputError]:
        """Read a stream whose kind no ending tells.

        Only its first line is looked at: the others may be many, may come slowly, and a broken
        record among them must cost itself and not turn all of them into one text.
        """
        lines = bounded_lines(stream, longest_line(self._limit))
        head = []
        for line in lines:
            head.append(line)
            if line.strip():
                break
        if head and _OPENS_RECORD.match(head[-1]):
            records = read_jsonl(itertools.chain(head, lines), name, self._limit)
            yield from self._documents(records)
        else:
            yield self._text(stream, name, head=b"".join(head))

    def _folder(self, folder: Path) -> Iterator[Document | InputError]:
        empty = True
        for file in articles(folder):
            empty = False
            yield from _guarded(self._file(file), file)
        if empty:
            raise InputError(
                f"{str(folder)!r} holds no articles; put files there that end in "
                f"{', '.join(ENDINGS)}, or in nothing"
            )

    def _file(self, path: Path) -> Iterator[Document | InputError]:
        name = repr(str(path))
        ending, compression = kind(path)
        with path.open("rb") as stream:
            if not path.is_file():
                yield from self.stream(stream, name)
            elif ending in PARQUET and compression:
                raise InputError(f"{name} cannot be read within its compression; unpack it first")
            elif compression:
                with decompressed(stream, compression, name) as unpacked:
                    yield from self._content(unpacked, ending, name)
            else:
                yield from self._content(stream, ending, name)

    def _content(self, stream: BinaryIO, ending: str, name: str) -> Iterator[Document | InputError]:
        limit = self._limit
        if ending in JSONL:
            lines = bounded_lines(stream, longest_line(limit))
            yield from self._documents(read_jsonl(lines, name, limit))
        elif ending in JSON:
            yield from self._documents(read_json(stream, name))
        elif ending in TABLES:
            yield from self._documents(read_table(stream, ending, name, self.fields, limit))
        elif ending in PARQUET:
            yield from self._documents(read_parquet(stream, name, self.fields))
        elif ending in WARC:
            yield from read_warc(stream, name, self._language, limit)
        elif ending in PAGES:
            yield read_page(stream, name, self._language, limit)
        else:
            yield self._text(stream, name)

    def _documents(self, records: Iterable[Found]) -> Iterator[Document | InputError]:
        for found in records:
            if isinstance(found, InputError):
                yield found
                continue
            name, record = found
            try:
                yield record_document(record, name, self.fields, self._language, self._limit)
            except InputError as error:
                yield error

    def _text(self, stream: BinaryIO, name: str, head: bytes = b"") -> Document:
        # No encoding decoded here takes more than four bytes a code point or a mark; what is longer
        # need not be read to be refused, so a huge file or an endless device costs no memory.
        most = 4 * (self._limit + 1)
        data = head + read_at_most(stream, most + 1 - len(head))
        if len(data) > most:
            raise not_text(data, name) or too_long(name, self._limit)
        text = decode(data, name)
        check_text(text, name, self._limit)
        return Document.from_text(text, language=self._language)
