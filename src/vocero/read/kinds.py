"""What the ending of a file says of it: the kind of its content, and how it is compressed."""

from __future__ import annotations

from pathlib import PurePath

TEXTS = (".txt", ".text", ".md", ".markdown")
PAGES = (".html", ".htm")
JSONL = (".jsonl", ".ndjson")
JSON = (".json",)
TABLES = (".csv", ".tsv")
PARQUET = (".parquet",)
WARC = (".warc",)
COMPRESSED = (".gz", ".zst")

ENDINGS = (*TEXTS, *PAGES, *JSONL, *JSON, *TABLES, *PARQUET, *WARC)
"""The endings read in a folder, each also with one of `COMPRESSED` after it, but for Parquet."""


def kind(path: PurePath) -> tuple[str, str]:
    """Return the ending that tells the kind and that of the compression, either ``""`` for none.

    ``a.JSONL.gz`` gives ``(".jsonl", ".gz")``.
    """
    ending = path.suffix.lower()
    if ending in COMPRESSED:
        return PurePath(path.stem).suffix.lower(), ending
    return ending, ""
