"""Which files of a folder are articles, and what a pattern matches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vocero.errors import InputError
from vocero.read.kinds import ENDINGS, kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_READ = {"", *ENDINGS}
_MARKERS = {"_SUCCESS", "_metadata", "_common_metadata"}
"""What Spark and Arrow put beside the parts of a Parquet table; none is an article."""


def articles(folder: Path) -> Iterator[Path]:
    """Yield the articles in a folder and its subfolders, sorted by name, hidden ones left out.

    Links to folders are not followed, as they may lead in circles; pipes and devices are left out,
    as opening one may wait for ever. Of the folders along the way the names that are still to come
    are held, and nothing else: about 80 bytes each.

    What cannot be looked into is yielded as it is: opening it will tell why.
    """
    waiting = [(folder.parent, [folder.name])]
    while waiting:
        parent, names = waiting[-1]
        if not names:
            waiting.pop()
            continue
        path = parent / names.pop()
        try:
            if path == folder or (path.is_dir() and not path.is_symlink()):
                waiting.append((path, _names(path)))
                continue
            wanted = kind(path)[0] in _READ and path.name not in _MARKERS and _may_be_opened(path)
        except OSError:
            wanted = True
        if wanted:
            yield path


def _names(folder: Path) -> list[str]:
    """The names in a folder, the last one first, hidden ones left out."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".")]
    names.sort(reverse=True)
    return names


def expand(path: Path) -> list[Path]:
    """Return the files and folders that a pattern of ``*``, ``?``, ``[…]`` and ``**`` matches.

    They are sorted by the names along the path, hidden ones are left out unless the pattern names
    them, and what lies in a folder that matches as well is left to that folder. A path without such
    characters, or one that exists to the letter, stands for itself.

    Raises:
        InputError: The pattern matches nothing, or is none.
    """
    parts = path.parts
    fixed = next((n for n, part in enumerate(parts) if set(part) & set("*?[")), None)
    if fixed is None or path.exists() or path.is_symlink():
        return [path]
    base, wild = Path(*parts[:fixed]), parts[fixed:]
    may_be_hidden = any(part.startswith(".") for part in wild)
    try:
        found = [
            match
            for match in base.glob("/".join(wild))
            if may_be_hidden or not _is_hidden(match.relative_to(base))
        ]
    except ValueError as error:
        raise InputError(f"{str(path)!r} is no pattern ({error}); correct it") from None
    if not found:
        raise InputError(f"{str(path)!r} matches nothing; check the pattern")
    folders = {match for match in found if match.is_dir()}
    return sorted(match for match in set(found) if folders.isdisjoint(match.parents))


def expand_patterns(paths: Iterable[str]) -> list[str]:
    """Put what patterns match in their place, as a shell does; see `expand`.

    A pattern that matches nothing stays, to be told of when it is read.
    """
    expanded: list[str] = []
    for path in paths:
        try:
            expanded += [path] if path == "-" else map(str, expand(Path(path)))
        except (InputError, OSError, ValueError):  # a ValueError: a NUL in the name
            expanded.append(path)
    return expanded


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _may_be_opened(path: Path) -> bool:
    """True for a file, and for a dead link: it was meant to be one, and its reader will say so."""
    return path.is_file() or not path.exists()
