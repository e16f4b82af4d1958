"""What came of a shard, in one Parquet file, which is also the mark that the shard is finished.

The table has the columns of every other run. What of a shard is no extraction (failures, sums)
lies in the file's key-value metadata, so that both are there or neither, whenever a run is killed.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from vocero.corpus.on_ray.shards import Key
from vocero.corpus.outcome import Failed
from vocero.corpus.outputs import writing
from vocero.corpus.summary import Summary
from vocero.corpus.table import table_of
from vocero.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from vocero.corpus.on_ray.shards import Group
    from vocero.corpus.outcome import Done

__all__ = ["Mark", "Part", "Parts"]

_KEY: Final = b"vocero"


@dataclass(frozen=True, slots=True)
class Mark:
    """That a shard is finished."""

    count: int
    """Its articles."""
    last: bool
    """Whether it ends its group."""
    done: Summary
    """Of its articles that are done."""
    failures: Mapping[int, Failed]
    """By their place in the shard."""

    def summary(self) -> Summary:
        """The sums of all its articles."""
        whole = plus(self.done, Summary())
        for failed in self.failures.values():
            whole.add(failed)
        return whole

    def to_json(self) -> bytes:
        """As the file's metadata have it; `from_json` reads it."""
        done = {one.name: getattr(self.done, one.name) for one in fields(Summary)}
        return json.dumps(
            {
                "count": self.count,
                "last": self.last,
                "done": done,
                "failures": [[place, one.to_json()] for place, one in self.failures.items()],
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Mark:
        """The mark that `to_json` wrote."""
        read: dict[str, Any] = json.loads(text)
        done = plus(Summary(), Summary(**read["done"]))
        failures = {place: Failed.from_json(one) for place, one in read["failures"]}
        return cls(read["count"], read["last"], done, failures)


def plus(one: Summary, other: Summary) -> Summary:
    """Add sums up."""
    both: dict[str, Any] = {}
    for field in fields(Summary):
        value = type(getattr(Summary(), field.name))  # JSON has dictionaries for counters
        both[field.name] = value(getattr(one, field.name)) + value(getattr(other, field.name))
    return Summary(**both)


@dataclass(frozen=True, slots=True)
class Part:
    """A mark and its table, in which articles that are done lie in the order of the input."""

    mark: Mark
    table: pa.Table

    @classmethod
    def of(
        cls, count: int, done: Sequence[Done], failures: Mapping[int, Failed], *, last: bool
    ) -> Part:
        """Put together what came of a shard."""
        sums = Summary()
        for one in done:
            sums.add(one)
        return cls(Mark(count, last, sums, failures), table_of(one.line for one in done))

    @classmethod
    def read(cls, source: Path | io.BytesIO) -> Part:
        """Read what `to_bytes` made."""
        table = pq.read_table(source)
        return cls(Mark.from_json(table.schema.metadata[_KEY]), table)

    def to_bytes(self) -> bytes:
        """The whole file."""
        file = io.BytesIO()
        table = self.table.replace_schema_metadata({_KEY: self.mark.to_json()})
        pq.write_table(table, file, compression="zstd")
        return file.getvalue()

    def mended(self, again: Part) -> Part:
        """Put in what came of those articles that had failed.

        Args:
            again: Made of no others.
        """
        failed, left = self.mark.failures, again.mark.failures
        places = [place for place in range(self.mark.count) if place not in failed]
        places += [place for place in failed if place not in left]
        table = pa.concat_tables([self.table, again.table.cast(self.table.schema)])
        order = sorted(range(len(places)), key=places.__getitem__)
        done = plus(self.mark.done, again.mark.done)
        return Part(Mark(self.mark.count, self.mark.last, done, left), table.take(order))


class Parts:
    """The parts of a run.

    Args:
        folder: Where they lie; made if it is not there.

    Attributes:
        marks: Of all shards that are finished.

    Raises:
        SettingsError: a part is not one of this engine's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.marks: dict[Key, Mark] = {}
        with writing(folder):
            folder.mkdir(exist_ok=True)
            for unfinished in folder.glob("*.tmp"):
                unfinished.unlink()
            for path in folder.glob("part-*.parquet"):
                try:
                    _, group, number = path.stem.split("-")
                    mark = Mark.from_json(pq.read_metadata(path).metadata[_KEY])
                except (ValueError, KeyError, TypeError, pa.ArrowException):
                    msg = f"{str(path)!r} is no part of a run on Ray: move it away, or delete it"
                    raise SettingsError(msg) from None
                self.marks[Key(int(group), int(number))] = mark

    def put(self, key: Key, file: bytes) -> Mark:
        """Write a part whole or not at all; return the mark of what it adds.

        Raises:
            VoceroError: the disk is full, or may not be written.
        """
        path = self._folder / f"{key.name}.parquet"
        came = whole = Part.read(io.BytesIO(file))
        if path.exists():
            whole = Part.read(path).mended(came)
            file = whole.to_bytes()
        unfinished = path.with_suffix(".tmp")
        with writing(path):
            with unfinished.open("wb") as stream:
                stream.write(file)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(path)
        self.marks[key] = whole.mark
        return came.mark

    def todo(
        self, groups: Sequence[Group], *, retry_failed: bool
    ) -> list[tuple[Group, dict[int, list[int]]]]:
        """What is left: the groups, each with what is known of its shards, as `Shards` wants it."""
        known: dict[int, dict[int, list[int]]] = {group.number: {} for group in groups}
        ended = set()
        for key, mark in self.marks.items():
            known[key.group][key.number] = list(mark.failures) if retry_failed else []
            if mark.last:
                ended.add((key.group, key.number))
        return [
            (group, shards)
            for group in groups
            if any((shards := known[group.number]).values())
            or (group.number, len(shards) - 1) not in ended
        ]

    def failures(self) -> Iterator[tuple[int, Failed]]:
        """Yield what failed and its position in the input, up to the first shard that is missing."""
        position, expected = 0, Key(0, 0)
        for key in sorted(self.marks):
            if key != expected:
                return
            mark = self.marks[key]
            for place, failed in sorted(mark.failures.items()):
                yield position + place, failed
            position += mark.count
            expected = Key(key.group + 1, 0) if mark.last else Key(key.group, key.number + 1)
