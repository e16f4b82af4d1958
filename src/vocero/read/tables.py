"""Records kept as CSV or TSV: the first line names the columns, each row is a record."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, BinaryIO

from vocero.errors import InputError
from vocero.read.decode import check_start, decode_part
from vocero.read.records import no_text
from vocero.read.texts import too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.read.fields import Fields
    from vocero.read.records import Found

_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
_PIECE = 1 << 16
_MARK = b"\xef\xbb\xbf"

# To the parser all characters are alike but for these.
_ALIKE = re.compile(r'[^",;\t\r\n]+')


def longest_row(limit: int) -> int:
    """Return the bytes a row may have whose text has up to ``limit`` code points.

    UTF-8 takes at most four a code point, a doubled quotation mark two; a megabyte is for the other
    columns.
    """
    return 4 * limit + 1_000_000


def read_table(
    stream: BinaryIO, ending: str, name: str, fields: Fields, limit: int
) -> Iterator[Found]:
    """Read the rows of a table as RFC 4180 has them: quoted cells may hold delimiters and lines.

    The delimiter of ``.csv`` is the first of comma, semicolon and tab by which the header has a
    column for the text. A row of another number of columns, with a cell that is not UTF-8, or
    longer than any article costs only itself. A broken quotation ends the table: nothing after it
    can be told apart for certain, and what is taken for an article has to be one.

    Args:
        stream: The table in UTF-8.
        ending: ``".csv"`` or ``".tsv"``.
        name: What to call the table in messages.
        fields: Which columns hold what.
        limit: Code points a text may have.

    Raises:
        InputError: There are no rows or no column for the text, the table is binary or UTF-16, or
            a quotation is broken.
    """
    lines = _Lines(stream, longest_row(limit))
    # The module's own guard, for all its users: raised where it must be, and never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), lines.most_held))
    delimiter, header = _header(lines, _DELIMITERS[ending], name, fields)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    empty = True
    while True:
        where = lines.start_row(name)
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error:
            raise InputError(
                f"{where} has a broken quotation or a bare carriage return, so what follows is not "
                'read; put quotation marks around the cell and write those within it as ""'
            ) from None
        if not row:
            continue
        empty = False
        try:
            if lines.row_is_too_long:
                raise too_long(where, limit)
            yield where, _record(row, header, fields, where)
        except InputError as error:
            yield error
    if empty:
        raise InputError(f"{name} has no rows; write one a line under the names of the columns")


class _Lines:
    """The lines of a table, each byte a character, held back from growing beyond bounds.

    What a row has beyond ``most`` bytes is shrunk to what the parser needs to find its end.
    """

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self.most_held = 2 * most
        self._stream = stream
        self._most = most
        self._number = self._size = self._held = 0
        self._where = ""

    def start_row(self, name: str) -> str:
        """Return what to call the row that begins with the next line."""
        self._size = self._held = 0
        self._where = f"{name}, line {self._number + 1}"
        return self._where

    @property
    def row_is_too_long(self) -> bool:
        """Whether the row at hand was shrunk."""
        return self._size > self._most

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self._number += 1
        pieces = []
        while piece := self._stream.readline(_PIECE):
            self._size += len(piece)
            text = piece.decode("latin-1")
            if self.row_is_too_long:
                text = _ALIKE.sub("x", text)
            pieces.append(text)
            self._held += len(text)
            if self._held > self.most_held:
                raise InputError(f"{self._where} is too long to find its end; split the table")
            if piece.endswith(b"\n"):
                break
        if not pieces:
            raise StopIteration
        return "".join(pieces)


def _header(lines: _Lines, delimiters: str, name: str, fields: Fields) -> tuple[str, list[str]]:
    """Find the columns, and the delimiter between them."""
    lines.start_row(name)
    data = next(lines, "").encode("latin-1")
    check_start(data, name)
    line = data.removeprefix(_MARK).decode("latin-1")
    headers = {}
    for delimiter in delimiters:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        headers[delimiter] = [_decode(cell, f"{name}, line 1") for cell in cells]
        if fields.text in headers[delimiter]:
            break
    else:
        raise no_text(name, fields.text, max(headers.values(), key=len, default=[]))
    header = headers[delimiter]
    for column in fields.names:
        if header.count(column) > 1:
            raise InputError(f"{name} has more than one column {column!r}; rename the others")
    fields.check_columns(header, name)
    return delimiter, header


def _record(row: list[str], header: list[str], fields: Fields, name: str) -> dict[str, str]:
    """Make a record of those cells of a row that are wanted."""
    if len(row) != len(header):
        raise InputError(
            f"{name} has {len(row)} columns and the header {len(header)}; put quotation marks "
            "around a cell that holds a delimiter or a line end"
        )
    return {
        column: _decode(cell, name)
        for column, cell in zip(header, row, strict=True)
        if column in fields.names
    }


def _decode(cell: str, name: str) -> str:
    return decode_part(cell.encode("latin-1"), name)
