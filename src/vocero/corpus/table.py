"""Extractions as a Parquet table: each as JSON, beside what tables are sorted and filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

__all__ = ["table_of"]

_COLUMNS: Final = ("id", "language", "title", "url", "outlet", "published", "origin", "sha256")
_COUNTED: Final = ("attributions", "actors", "claims", "rejected")


def table_of(lines: Iterable[bytes]) -> pa.Table:
    """Make a table with a row for each extraction; needs the extra `parquet`.

    Args:
        lines: The extractions as JSON.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra

    schema = pa.schema(
        [
            *((name, pa.string()) for name in _COLUMNS),
            *((name, pa.int32()) for name in _COUNTED),
            ("extraction", pa.string()),
        ]
    )
    return pa.Table.from_pylist([_row(line) for line in lines], schema=schema)


def _row(line: bytes) -> dict[str, Any]:
    read = from_json(line)
    known = {name: read["document"][name] for name in _COLUMNS}
    return known | {name: len(read[name]) for name in _COUNTED} | {"extraction": line.decode()}
