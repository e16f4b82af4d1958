"""Which field of a record holds what: the names known here, or those the caller maps."""

from __future__ import annotations

import logging
from reprlib import repr as shortened
from typing import TYPE_CHECKING

from vocero.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_KNOWN = {
    "text": ("text",),
    "id": ("id", "doc_id"),
    "language": ("language", "lang"),
    "title": ("title",),
    "url": ("url",),
    "outlet": ("outlet",),
    "published": ("published",),
}
"""What can be known of an article, and the fields that are looked into for it."""

_ABSENT = object()
_LOG = logging.getLogger("vocero.read")
# Records after which a field that none of them has is rather misspelt than rare.
_FIRST = 20


class Fields:
    """Where records hold the text of an article and what is known of it.

    Args:
        mapping: From what it is (``text``, ``id``, ``language``, ``title``, ``url``, ``outlet``,
            ``published``) to the field that holds it. A dot leads into an object or struct
            (``source.name``) unless a field has that very name. What is not mapped is looked for
            under its own name.

    Attributes:
        names: All fields that are looked into.

    Raises:
        SettingsError: There is no such thing to map, or a field has no name.
    """

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        mapping = mapping or {}
        for target, name in mapping.items():
            if target not in _KNOWN:
                raise SettingsError(f"field {target!r} is none of {', '.join(_KNOWN)}; correct it")
            if not name:
                raise SettingsError(f"field {target!r} is mapped to no name; give it one")
        self._names = _KNOWN | {target: (name,) for target, name in mapping.items()}
        self.names = [name for names in self._names.values() for name in names]
        # Whether a field is optional or misspelt only shows once no record has had it.
        self._unseen = {target: name for target, name in mapping.items() if target != "text"}
        self._doubted: set[str] = set()
        self._looked = False
        self._records = 0

    @property
    def text(self) -> str:
        """The field of the text."""
        return self._names["text"][0]

    def values(self, record: Mapping[str, object], target: str) -> Iterator[tuple[str, object]]:
        """Yield the fields of a record that may hold a thing, with their values."""
        self._looked = True
        for name in self._names[target]:
            value = _look_up(record, name)
            if value is not _ABSENT:
                self._unseen.pop(target, None)
                yield name, value

    def count(self, record: Mapping[str, object]) -> None:
        """Count a record that was read; warn of mapped fields that none of the first ones had."""
        self._records += 1
        if self._records == _FIRST:
            for target, name in self._unseen.items():
                first, last = f"none of the first {_FIRST} records", shortened(list(record))
                self._doubt(target, f"{first} has a field {name!r}, the last has {last}")

    def check_columns(self, there: Sequence[str], table: str) -> None:
        """Warn of mapped fields that a table lacks and that no other has had.

        Args:
            there: Its columns.
            table: What to call it in messages.
        """
        for target, name in self._unseen.items():
            if name not in there and name.partition(".")[0] not in there:
                columns = shortened(list(there))
                self._doubt(target, f"{table} has no field {name!r} but {columns}")

    def _doubt(self, target: str, why: str) -> None:
        # No error: in mixed records the field may come yet.
        if target not in self._doubted:
            self._doubted.add(target)
            name = self._names[target][0]
            _LOG.warning("%s; correct %s=%s, unless those that follow have it", why, target, name)

    def misspelt(self) -> Iterator[InputError]:
        """Yield an error for each mapped field that none of the records had."""
        if self._looked:
            for target, name in self._unseen.items():
                yield InputError(
                    f"no record has a field {name!r}; correct {target}={name} or leave it out"
                )


def parse_fields(pairs: Iterable[str]) -> dict[str, str]:
    """Read mappings as the command line has them: ``text=body``.

    Raises:
        SettingsError: One is malformed, names nothing that can be mapped, or maps a thing twice.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        target, equals, name = pair.partition("=")
        if not equals:
            raise SettingsError(f"field {pair!r} has no '='; write it as in text=body")
        if target in mapping:
            raise SettingsError(f"field {target!r} is mapped twice; leave one out")
        mapping[target] = name
    Fields(mapping)
    return mapping


def _look_up(record: Mapping[str, object], name: str) -> object:
    if name in record:
        return record[name]
    head, _, rest = name.partition(".")
    inner = record.get(head)
    return _look_up(inner, rest) if rest and isinstance(inner, dict) else _ABSENT
