"""From paths to documents: which reader takes what, in which order, and what may fail alone."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vocero.errors import InputError
from vocero.read.binary import not_text
from vocero.read.decode import decode
from vocero.read.folders import ENDINGS, JSON, JSONL, PAGES, articles
from vocero.read.pages import read_page
from vocero.read.records import language_code, longest_line, read_json, read_jsonl
from vocero.read.streams import bounded_lines, read_at_most
from vocero.read.texts import check_text, too_long
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIMIT = 1_000_000
"""Code points an article may have unless the caller says otherwise: a book or two."""

_OPENS_RECORD = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"')
"""How a line of JSONL starts, and no prose does."""


def read_documents(
    paths: Iterable[str | Path],
    *,
    language: str | None = None,
    limit: int = LIMIT,
    stdin: BinaryIO | None = None,
) -> Iterator[Document | InputError]:
    """Read articles one at a time, in the order given; a bad one does not stop the others.

    A folder is read with its subfolders, sorted by name, hidden files left out. The ending of a
    file decides how it is read: ``.html`` and ``.htm`` as a page (needs the extra ``html``),
    ``.jsonl`` and ``.ndjson`` as one record a line (streamed), ``.json`` as one record or a list of
    them, anything else as plain text. ``-``, pipes and devices have no ending: they are JSONL if
    their first line opens a JSON object, else one plain text.

    Args:
        paths: Files, folders, or ``-`` for standard input.
        language: ISO 639 code of the articles which do not name their own.
        limit: Code points an article may have.
        stdin: What ``-`` stands for; the process's standard input by default.

    Yields:
        For each article its document, or (not raised) the `InputError` that says what is wrong
        with it: one line with the file, the line where there is one, and the cure.

    Raises:
        SettingsError: ``language`` is not an ISO 639 code.
    """
    code = language_code(language) if language is not None else None
    for path in [paths] if isinstance(paths, str) else paths:
        if str(path) == "-":
            stream = sys.stdin.buffer if stdin is None else stdin
            yield from _guarded(_read_unnamed(stream, "standard input", code, limit), path)
        else:
            yield from _guarded(_read_path(Path(path), code, limit), path)


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


def _read_path(path: Path, language: str | None, limit: int) -> Iterator[Document | InputError]:
    if "\0" in str(path):  # which open() refuses with a ValueError
        raise FileNotFoundError
    if not path.is_dir():
        yield from _read_file(path, language, limit)
        return
    empty = True
    for file in articles(path):
        empty = False
        yield from _guarded(_read_file(file, language, limit), file)
    if empty:
        raise InputError(
            f"{str(path)!r} holds no articles; put files there that end in {ENDINGS}, or in nothing"
        )


def _read_file(path: Path, language: str | None, limit: int) -> Iterator[Document | InputError]:
    name = repr(str(path))
    ending = path.suffix.lower()
    with path.open("rb") as stream:
        if not path.is_file():
            yield from _read_unnamed(stream, name, language, limit)
        elif ending in JSONL:
            yield from read_jsonl(bounded_lines(stream, longest_line(limit)), name, language, limit)
        elif ending in JSON:
            yield from read_json(stream, name, language, limit)
        elif ending in PAGES:
            yield read_page(stream, name, language, limit)
        else:
            yield _read_text(stream, name, language, limit)


def _read_unnamed(
    stream: BinaryIO, name: str, language: str | None, limit: int
) -> Iterator[Document | InputError]:
    """Read a stream whose kind no ending tells.

    Only its first line is looked at: the others may be many, may come slowly, and a broken record
    among them must cost itself and not turn all of them into one text.
    """
    lines = bounded_lines(stream, longest_line(limit))
    head = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    if head and _OPENS_RECORD.match(head[-1]):
        yield from read_jsonl(itertools.chain(head, lines), name, language, limit)
    else:
        yield _read_text(stream, name, language, limit, head=b"".join(head))


def _read_text(
    stream: BinaryIO, name: str, language: str | None, limit: int, head: bytes = b""
) -> Document:
    # No encoding decoded here takes more than four bytes a code point or a mark; what is longer
    # need not be read to be refused, so a huge file or an endless device costs no memory.
    most = 4 * (limit + 1)
    data = head + read_at_most(stream, most + 1 - len(head))
    if len(data) > most:
        raise not_text(data, name) or too_long(name, limit)
    text = decode(data, name)
    check_text(text, name, limit)
    return Document.from_text(text, language=language)
