"""From a record, whatever it was read from, to a document."""

from __future__ import annotations

import datetime as dt
import re
from reprlib import repr as shortened
from typing import TYPE_CHECKING

from vocero.errors import InputError, SettingsError
from vocero.read.texts import check_text, check_unicode
from vocero.schema import Document

if TYPE_CHECKING:
    from vocero.read.fields import Fields

Found = tuple[str, object] | InputError
"""A record with what to call it in messages (``'a.jsonl', line 3``), or why there is none."""


def record_document(
    record: object, name: str, fields: Fields, language: str | None, limit: int
) -> Document:
    """Make a document of one record. Null and ``""`` are unknown; other fields are ignored.

    Args:
        record: The JSON value, or what a table's row was made into.
        name: What to call it in messages, e.g. ``'a.jsonl', line 3``.
        fields: Where it holds what.
        language: ISO 639 code if the record does not name one.
        limit: Code points the text may have.

    Raises:
        InputError: It is no object, has no usable text, or one of the fields is malformed.
    """
    if not isinstance(record, dict):
        raise InputError(f'{name} is {_kind(record)}, not a JSON object; write {{"text": "…"}}')
    reader = _Record(record, name, fields)
    document = Document.from_text(
        reader.text(limit),
        id=reader.identity(),
        language=reader.language() or language,
        title=reader.string("title"),
        url=reader.string("url"),
        outlet=reader.string("outlet"),
        published=reader.published(),
    )
    fields.count(record)
    return document


def no_text(name: str, field: str, there: list[str]) -> InputError:
    """Return the error for a record or table without the field that should hold the text."""
    return InputError(
        f'{name} has no "{field}" but {shortened(there)}; '
        "put the article there or map its field (text=NAME)"
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


class _Record:
    """A record being read; its methods raise `InputError` where a field is malformed."""

    def __init__(self, record: dict[str, object], name: str, fields: Fields) -> None:
        self._record = record
        self._name = name
        self._fields = fields

    def text(self, limit: int) -> str:
        for field, value in self._fields.values(self._record, "text"):
            if not isinstance(value, str):
                raise InputError(f'{self._name}: "{field}" is {_kind(value)}; make it a string')
            check_text(value, f'{self._name}: "{field}"', limit)
            return value
        raise no_text(self._name, self._fields.text, list(self._record))

    def identity(self) -> str | None:
        for field, value in self._fields.values(self._record, "id"):
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value)
            if found := self._as_string(field, value):
                return found
        return None

    def language(self) -> str | None:
        for field, value in self._fields.values(self._record, "language"):
            if found := self._as_string(field, value):
                try:
                    return language_code(found)
                except SettingsError:
                    wanted = "an ISO 639 code such as 'es'"
                    raise self._malformed(field, found, wanted) from None
        return None

    def published(self) -> dt.date | dt.datetime | None:
        for field, value in self._fields.values(self._record, "published"):
            if isinstance(value, dt.date):  # as is a datetime
                return value
            if found := self._as_string(field, value):
                for read in (dt.date.fromisoformat, dt.datetime.fromisoformat):
                    try:
                        return read(found)
                    except ValueError:
                        continue
                wanted = "an ISO date or time such as '2024-01-05'"
                raise self._malformed(field, found, wanted)
        return None

    def string(self, target: str) -> str | None:
        for field, value in self._fields.values(self._record, target):
            return self._as_string(field, value)
        return None

    def _as_string(self, field: str, value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._malformed(field, value, "a string")
        check_unicode(value, f'{self._name}: "{field}"')
        return value

    def _malformed(self, field: str, value: object, wanted: str) -> InputError:
        return InputError(
            f'{self._name}: "{field}" is {shortened(value)}, not {wanted}; '
            "correct it or leave it out"
        )


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
