"""Reading no more of a stream than is wanted, so that memory stays bounded whatever it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20


def read_at_most(stream: BinaryIO, most: int) -> bytes:
    """Return the rest of a stream, or the first ``most`` bytes of it."""
    chunks = []
    # Piece by piece: a buffered stream sets aside at once all the bytes it is asked for.
    while most > 0 and (chunk := stream.read(min(most, _CHUNK))):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)


def bounded_lines(stream: BinaryIO, most: int) -> Iterator[bytes]:
    """Yield the lines of a stream; of one longer than ``most`` bytes its first ``most + 1``."""
    while line := stream.readline(most + 1):
        yield line
        while len(line) > most and not line.endswith(b"\n"):
            line = stream.readline(most + 1)
