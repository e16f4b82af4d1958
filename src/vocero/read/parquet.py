"""Records kept in Parquet, read with pyarrow (extra ``parquet``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from vocero.errors import InputError
from vocero.read.decode import decode_part
from vocero.read.records import no_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    from vocero.read.fields import Fields
    from vocero.read.records import Found

_ROWS = 64
"""Rows decoded at once."""
_BUFFER = 1 << 18
"""Bytes read ahead in each column; without it pyarrow holds whole row groups."""


def read_parquet(stream: BinaryIO, name: str, fields: Fields) -> Iterator[Found]:
    """Read the rows of a table, and of its columns only those that are wanted.

    Args:
        stream: The table, which can be sought in.
        name: What to call it in messages.
        fields: Which columns hold what; text may be kept as strings or as bytes in UTF-8.

    Raises:
        InputError: pyarrow is missing, the table has no rows or no column for the text, or is
            damaged; a Parquet table has its directory at its end, so of one that was cut off
            nothing can be read.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - takes 0.3 s to import, and only Parquet needs it
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError:
        raise InputError(f"{name} needs the parquet extra; pip install 'vocero[parquet]'") from None
    number = 0
    try:
        table = ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)
        columns = _wanted(table.schema_arrow.names, name, fields)
        for batch in _batches(table, columns):
            arrays = {
                column: _to_microseconds(array)
                for column, array in zip(batch.schema.names, batch.columns, strict=True)
            }
            for index in range(batch.num_rows):
                number += 1
                where = f"{name}, row {number}"
                try:
                    record = {at: _value(array[index], where) for at, array in arrays.items()}
                except InputError as error:
                    yield error
                else:
                    yield where, record
    except (pa.ArrowException, OSError):
        after = f" after row {number}" if number else ""
        raise InputError(
            f"{name} is damaged or cut off{after}, or no Parquet table; get or write it again"
        ) from None
    if not number:
        raise InputError(f"{name} has no rows; write one for each article")


def count_rows(stream: BinaryIO) -> int | None:
    """Return the rows a table says it has; None if it cannot be asked."""
    try:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow.parquet import read_metadata  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return int(read_metadata(stream).num_rows)
    except (pa.ArrowException, OSError):
        return None


def _wanted(there: list[str], name: str, fields: Fields) -> list[str]:
    """Return the fields that the table has, as pyarrow selects columns and parts of structs."""
    wanted = [field for field in fields.names if field in there or field.partition(".")[0] in there]
    if fields.text not in wanted:
        raise no_text(name, fields.text, there)
    fields.check_columns(there, name)
    return wanted


def _batches(table: ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    # Group by group, so that a damaged one does not cost the end of the one before.
    for group in range(table.num_row_groups):
        yield from table.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False)


def _to_microseconds(array: pa.Array) -> pa.Array:
    """Make of times what Python can hold; pandas writes nanoseconds."""
    import pyarrow as pa  # noqa: PLC0415

    if not pa.types.is_timestamp(array.type):
        return array
    return array.cast(pa.timestamp("us", array.type.tz), safe=False)


def _value(scalar: pa.Scalar, name: str) -> object:
    try:
        value = scalar.as_py()
    except UnicodeDecodeError:  # nothing checks what is written as a string
        value = scalar.as_buffer().to_pybytes()
    return decode_part(value, name) if isinstance(value, bytes) else value
