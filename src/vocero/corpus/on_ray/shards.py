"""The input in shards: so many articles one after the other, the same ones in every session.

A group is one large file or several small ones; a shard is the n-th piece of a group. Both hang
on nothing but the names and sizes of the files and the number of articles in a shard, so that a
shard that is finished is known by its numbers, and what it holds need not be counted beforehand.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
from ray.data import Datasource, ReadTask
from ray.data.block import BlockMetadata

from vocero.errors import SettingsError
from vocero.read.documents import read_documents
from vocero.read.folders import articles, expand_patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from vocero.errors import InputError
    from vocero.schema import Document

__all__ = ["Group", "Key", "Reading", "Shard", "Shards", "digest", "groups"]

_GROUP_BYTES: Final = 32_000_000


class Key(NamedTuple):
    """Which shard it is; keys sort as the input does."""

    group: int
    number: int

    @property
    def name(self) -> str:
        """Of the part that holds what came of it."""
        return f"part-{self.group:05}-{self.number:05}"


@dataclass(frozen=True, slots=True)
class Group:
    """Files that one task reads, in order."""

    number: int
    files: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Shard:
    """Articles that are read together."""

    key: Key
    count: int
    """How many it has in all."""
    last: bool
    """Whether it ends its group."""
    articles: tuple[tuple[int, Document | InputError], ...]
    """What to read, by its place in the shard: all, or those that failed before."""
    retry: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How the input is read."""

    options: Mapping[str, Any]
    """Keyword arguments of `vocero.read.documents.read_documents`."""
    size: int
    """Articles in a shard."""
    folder: str
    """What relative names are relative to, as far as it exists where they are read."""


def groups(paths: Iterable[str]) -> list[Group]:
    """Put all files that the paths name into groups.

    Raises:
        SettingsError: standard input is among them.
    """
    files: list[str] = []
    for path in expand_patterns(paths):
        if path == "-":
            msg = "the engine ray reads files, not standard input: write it to a file first"
            raise SettingsError(msg)
        within = articles(Path(path)) if os.path.isdir(path) else ()  # noqa: PTH112 - of a NUL too
        # A folder without articles stays, to be told of when it is read.
        files += [str(file) for file in within] or [path]
    return _grouped(files)


def _grouped(files: Iterable[str]) -> list[Group]:
    found: list[Group] = []
    taken: list[str] = []
    size = 0
    for file in files:
        taken.append(file)
        with contextlib.suppress(OSError, ValueError):  # whoever reads it will tell
            size += Path(file).stat().st_size
        if size >= _GROUP_BYTES:
            found.append(Group(len(found), tuple(taken), size))
            taken, size = [], 0
    return [*found, Group(len(found), tuple(taken), size)] if taken else found


def digest(found: Sequence[Group]) -> str:
    """Describe the input, so that another one is noticed: a digest of its files and their sizes."""
    files = sum(len(group.files) for group in found)
    named = repr([(group.files, group.bytes) for group in found]).encode()
    return f"{files} files, {hashlib.sha256(named).hexdigest()[:16]}"


class Shards(Datasource):  # type: ignore[misc] # Ray's classes have no types here
    """What is left of the input, for Ray Data: a row for each shard, which is pickled.

    Args:
        todo: The groups, each with its shards that are known: the places in them to read again,
            none for a shard that is finished.
        reading: How to read them.
        is_open: Asked before each shard whether to go on.
    """

    def __init__(
        self,
        todo: Sequence[tuple[Group, Mapping[int, Sequence[int]]]],
        reading: Reading,
        is_open: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._todo = todo
        self._reading = reading
        self._is_open = is_open

    def estimate_inmemory_data_size(self) -> None:
        """Nothing that Ray could plan with: a shard is a block, whatever its size."""

    def get_read_tasks(
        self,
        parallelism: int,
        per_task_row_limit: int | None = None,
        data_context: object = None,  # noqa: ARG002 - of the base class
    ) -> list[ReadTask]:
        """Share the groups out to as many tasks as Ray wants, in the order of the input."""
        metadata = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [
            ReadTask(
                _Task(self._todo[first::parallelism], self._reading, self._is_open),
                metadata,
                per_task_row_limit=per_task_row_limit,
            )
            for first in range(min(parallelism, len(self._todo)))
        ]


@dataclass(frozen=True, slots=True)
class _Task:
    """Reads some groups, one shard after the other, on whatever machine Ray chooses."""

    todo: Sequence[tuple[Group, Mapping[int, Sequence[int]]]]
    reading: Reading
    is_open: Callable[[], bool]

    def __call__(self) -> Iterator[pa.Table]:
        with contextlib.suppress(OSError):
            os.chdir(self.reading.folder)
        for group, known in self.todo:
            for shard in _shards(group, known, self.reading):
                if not self.is_open():
                    return
                pickled = pa.array([pickle.dumps(shard)], pa.large_binary())
                yield pa.table({"shard": pickled})


def _shards(group: Group, known: Mapping[int, Sequence[int]], reading: Reading) -> Iterator[Shard]:
    found = read_documents(group.files, **reading.options)
    for number, (taken, last) in enumerate(_pieces(found, reading.size)):
        places = known.get(number)
        if places is None:
            chosen = tuple(enumerate(taken))
        else:
            chosen = tuple((place, taken[place]) for place in places if place < len(taken))
        if chosen or places is None:
            key = Key(group.number, number)
            yield Shard(key, len(taken), last, chosen, retry=places is not None)


def _pieces(
    found: Iterable[Document | InputError], size: int
) -> Iterator[tuple[list[Document | InputError], bool]]:
    """Cut into pieces of a size, each with whether it is the last; there is one at least."""
    taken: list[Document | InputError] = []
    for one in found:
        if len(taken) == size:
            yield taken, False
            taken = []
        taken.append(one)
    yield taken, True
