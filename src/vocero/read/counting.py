"""How many articles there are to read, where that is cheap to tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vocero.read.folders import articles, expand_patterns
from vocero.read.kinds import JSON, JSONL, PARQUET, TABLES, WARC, kind
from vocero.read.parquet import count_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CHUNK = 1 << 20


def count_documents(paths: Iterable[str | Path]) -> int | None:
    """Count what `read_documents` will yield, for a display of progress.

    Texts, pages and what cannot be opened count one; lines of JSONL and rows of CSV are counted by
    their line ends, blank and broken ones included; Parquet says how many rows it has.

    Args:
        paths: As for `read_documents`.

    Returns:
        The number, or None where only reading would tell it: standard input, pipes, compressed
        records, WARC, and lists in ``.json``.
    """
    total = 0
    for path in [paths] if isinstance(paths, str) else paths:
        for match in expand_patterns([str(path)]):
            if match == "-":
                return None
            for file in _files(Path(match)):
                count = _count(file)
                if count is None:
                    return None
                total += count
    return total


def _files(path: Path) -> Iterator[Path]:
    yield from articles(path) if path.is_dir() else [path]


def _count(path: Path) -> int | None:
    ending, compression = kind(path)
    if path.exists() and not path.is_file():
        return None
    if ending not in {*JSONL, *JSON, *TABLES, *PARQUET, *WARC}:
        return 1
    if compression or ending in WARC:
        return None
    try:
        with path.open("rb") as stream:
            return _count_records(stream, ending)
    except (OSError, ValueError):  # a ValueError: a NUL in the name
        return 1


def _count_records(stream: BinaryIO, ending: str) -> int | None:
    if ending in PARQUET:
        return count_rows(stream)
    if ending in JSON:
        is_list = stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        return None if is_list else 1
    if ending in TABLES:
        return max(_count_lines(stream, quoted=True) - 1, 0)
    return _count_lines(stream, quoted=False)


def _count_lines(stream: BinaryIO, *, quoted: bool) -> int:
    """Count lines; if they may hold quoted ones, those that end outside quotation marks."""
    lines = 0
    inside = False
    last = b"\n"
    while chunk := stream.read(_CHUNK):
        last = chunk[-1:]
        if not quoted:
            lines += chunk.count(b"\n")
            continue
        parts = chunk.split(b'"')
        lines += sum(part.count(b"\n") for part in parts[inside::2])
        inside ^= len(parts) % 2 == 0
    return lines + (last != b"\n")
