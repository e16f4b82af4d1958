"""Records kept as JSON: one a line (JSONL), or one or a list of them (JSON)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO, cast

from vocero.errors import InputError
from vocero.read.decode import check_start, decode
from vocero.read.streams import read_at_most
from vocero.read.texts import too_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vocero.read.records import Found

_MOST_JSON = 100_000_000
"""Bytes a ``.json`` file may have: it is held in memory whole."""


def longest_line(limit: int) -> int:
    r"""Return the bytes a line may have whose text has up to ``limit`` code points.

    JSON needs at most twelve a code point (``\ud83d\ude00``); a megabyte is for the other fields.
    """
    return 12 * limit + 1_000_000


def read_jsonl(lines: Iterable[bytes], name: str, limit: int) -> Iterator[Found]:
    """Read records, one a line; blank lines are skipped and a bad line costs only itself.

    Args:
        lines: As `bounded_lines` gives them for `longest_line`.
        name: What to call the whole in messages, e.g. ``'a.jsonl'``.
        limit: Code points a text may have.

    Raises:
        InputError: There is no record, or the whole is binary or UTF-16.
    """
    empty = True
    for number, line in enumerate(lines, start=1):
        if number == 1:
            check_start(line, name)
        if not line.strip():
            continue
        empty = False
        where = f"{name}, line {number}"
        try:
            if len(line) > longest_line(limit):
                raise too_long(where, limit)
            record = _parse(decode(line.rstrip(), where), where, "write one JSON object a line")
        except InputError as error:
            yield error
        else:
            yield where, record
    if empty:
        raise InputError(f"{name} is empty; write one JSON object with a text a line")


def read_json(stream: BinaryIO, name: str) -> Iterator[Found]:
    """Read one record, or a list of them.

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
        yield name, content
        return
    if not content:
        raise InputError(f"{name} is an empty list; put JSON objects with a text there")
    for number, record in enumerate(content, start=1):
        yield f"{name}, item {number}", record


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
