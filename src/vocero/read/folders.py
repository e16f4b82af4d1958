"""Which files of a folder are articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = (".txt", ".text", ".md", ".markdown")
PAGES = (".html", ".htm")
JSONL = (".jsonl", ".ndjson")
JSON = (".json",)
ENDINGS = ", ".join((*TEXTS, *PAGES, *JSONL, *JSON))
"""The endings read in a folder, for messages; a file without any is read as well."""

_READ = {"", *TEXTS, *PAGES, *JSONL, *JSON}


def articles(folder: Path) -> Iterator[Path]:
    """Yield the articles in a folder and its subfolders, sorted by name, hidden ones left out.

    Links to folders are not followed, as they may lead in circles; pipes and devices are left out,
    as opening one may wait for ever.

    What cannot be looked into is yielded as it is: opening it will tell why.
    """
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            if path == folder or (path.is_dir() and not path.is_symlink()):
                entries = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
                waiting += sorted(entries, key=lambda entry: entry.name, reverse=True)
                continue
            wanted = path.suffix.lower() in _READ and _may_be_opened(path)
        except OSError:
            wanted = True
        if wanted:
            yield path


def _may_be_opened(path: Path) -> bool:
    """True for a file, and for a dead link: it was meant to be one, and its reader will say so."""
    return path.is_file() or not path.exists()
