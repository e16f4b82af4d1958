"""Articles kept as JSON: one record a line (JSONL), or one record or a list of them (JSON)."""

from __future__ import annotations

import datetime as dt
import json
import re
from reprlib import repr as shortened
from typing import TYPE_CHECKING, BinaryIO, cast

from vocero.errors import InputError, SettingsError
from vocero.read.binary import not_text
from vocero.read.decode import decode
from vocero.read.encodings import iconv, marked
from vocero.read.streams import read_at_most
from vocero.read.texts import check_text, check_unicode, too_long
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_JSON = 100_000_000
"""Bytes a ``.json`` file may have: it is held in memory whole."""


def longest_line(limit: int) -> int:
    r"""Return the bytes a line may have whose text has up to ``limit`` code points.

    JSON needs at most twelve a code point (``\ud83d\ude00``); a megabyte is for the other fields.
    """
    return 12 * limit + 1_000_000


def read_jsonl(
    lines: Iterable[bytes], name: str, language: str | None, limit: int
) -> Iterator[Document | InputError]:
    """Read records, one a line; blank lines are skipped and a bad line costs only itself.

    Args:
        lines: As `bounded_lines` gives them for `longest_line`.
        name: What to call the whole in messages, e.g. ``'a.jsonl'``.
        language: ISO 639 code of the records which do not name their own.
        limit: Code points a text may have.

    Raises:
        InputError: There is no record, or the whole is binary or UTF-16.
    """
    empty = True
    for number, line in enumerate(lines, start=1):
        if number == 1:
            _check_start(line, name)
        if not line.strip():
            continue
        empty = False
        where = f"{name}, line {number}"
        try:
            if len(line) > longest_line(limit):
                raise too_long(where, limit)
            record = _parse(decode(line.rstrip(), where), where, "write one JSON object a line")
            yield record_document(record, where, language, limit)
        except InputError as error:
            yield error
    if empty:
        raise InputError(f"{name} is empty; write one JSON object with a text a line")


def read_json(
    stream: BinaryIO, name: str, language: str | None, limit: int
) -> Iterator[Document | InputError]:
    """Read one record, or a list of them of which a bad one costs only itself.

    Raises:
        InputError: The file is not JSON, is too large to be held whole, or its list is empty.
    """
    data = read_at_most(stream, _MOST_JSON + 1)
    if len(data) > _MOST_JSON:
        raise InputError(
            f"{name} has more than {_MOST_JSON:,} bytes; make it JSONL: jq -c '.[]' OLD > NEW.jsonl"
        )
    if not data.strip():
        raise InputError(f"{name} is empty; write a JSON object with a text, or a list of them")
    content = _parse(decode(data, name), name, "if it holds one object a line, call it .jsonl")
    if not isinstance(content, list):
        yield record_document(content, name, language, limit)
        return
    if not content:
        raise InputError(f"{name} is an empty list; put JSON objects with a text there")
    for number, record in enumerate(content, start=1):
        try:
            yield record_document(record, f"{name}, item {number}", language, limit)
        except InputError as error:
            yield error


def record_document(record: object, name: str, language: str | None, limit: int) -> Document:
    """Make a document of one record.

    Fields: ``text``, and where known ``id`` (or ``doc_id``), ``language`` (or ``lang``), ``title``,
    ``url``, ``outlet`` and ``published``. Null and ``""`` are unknown; other fields are ignored.

    Args:
        record: The JSON value.
        name: What to call it in messages, e.g. ``'a.jsonl', line 3``.
        language: ISO 639 code if the record does not name one.
        limit: Code points the text may have.

    Raises:
        InputError: It is no object, has no usable text, or one of the fields is malformed.
    """
    if not isinstance(record, dict):
        raise InputError(f'{name} is {_kind(record)}, not a JSON object; write {{"text": "…"}}')
    if "text" not in record:
        raise InputError(
            f'{name} has no "text" but {shortened(list(record))}; put the article there'
        )
    text = record["text"]
    if not isinstance(text, str):
        raise InputError(f'{name}: "text" is {_kind(text)}; make it a string')
    check_text(text, f'{name}: "text"', limit)
    return Document.from_text(
        text,
        id=_identity(record, name),
        language=_language(record, name) or language,
        title=_string(record, "title", name),
        url=_string(record, "url", name),
        outlet=_string(record, "outlet", name),
        published=_published(record, name),
    )


def language_code(name: str) -> str:
    """Return the ISO 639 code in a language tag: ``es`` for ``es``, ``ES`` or ``es-MX``.

    Raises:
        SettingsError: There is none.
    """
    code = re.split("[-_]", name.lower(), maxsplit=1)[0]
    if not re.fullmatch("[a-z]{2,3}", code):
        raise SettingsError(f"language {name!r} is not an ISO 639 code; write one such as 'es'")
    return code


def _check_start(line: bytes, name: str) -> None:
    """Refuse at its first line what would otherwise fail in every line."""
    _, encoding = marked(line) or (b"", "UTF-8")
    if encoding != "UTF-8":
        raise InputError(f"{name} is {encoding}, which is not read by lines; {iconv(encoding)}")
    if error := not_text(line, name):
        raise error


def _parse(text: str, name: str, cure: str) -> object:
    try:
        return cast("object", json.loads(text))
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text else ""
        raise InputError(
            f"{name} is broken JSON at {line}column {error.colno} ({error.msg}); {cure}"
        ) from None
    except ValueError:  # Python's own guard against numbers of thousands of digits
        raise InputError(f"{name} holds a number too long to read; shorten it") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deep to read; flatten it") from None


def _identity(record: dict[str, object], name: str) -> str | None:
    for field in ("id", "doc_id"):
        value = record.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if found := _string(record, field, name):
            return found
    return None


def _language(record: dict[str, object], name: str) -> str | None:
    for field in ("language", "lang"):
        if found := _string(record, field, name):
            try:
                return language_code(found)
            except SettingsError:
                raise _malformed(name, field, found, "an ISO 639 code such as 'es'") from None
    return None


def _published(record: dict[str, object], name: str) -> dt.date | dt.datetime | None:
    value = _string(record, "published", name)
    if value is None:
        return None
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat):
        try:
            return read(value)
        except ValueError:
            continue
    raise _malformed(name, "published", value, "an ISO date or time such as '2024-01-05'")


def _string(record: dict[str, object], field: str, name: str) -> str | None:
    value = record.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _malformed(name, field, value, "a string")
    check_unicode(value, f'{name}: "{field}"')
    return value


def _malformed(name: str, field: str, value: object, wanted: str) -> InputError:
    return InputError(
        f'{name}: "{field}" is {shortened(value)}, not {wanted}; correct it or leave it out'
    )


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
