"""Files compressed with gzip or zstd, unpacked as they are read."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from typing import TYPE_CHECKING, BinaryIO

from vocero.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 17


def decompressed(stream: BinaryIO, compression: str, name: str) -> BinaryIO:
    """Return a stream of what a compressed stream holds; memory does not grow with either.

    Args:
        stream: The compressed bytes; several members or frames in a row are one content.
        compression: ``".gz"`` or ``".zst"``.
        name: What to call the file in messages.

    Returns:
        A stream which gives all that comes before the place where the compressed one is damaged or
        cut off, and then raises an `InputError`.

    Raises:
        InputError: The extra ``zstd`` is missing.
    """
    if compression == ".gz":
        unpacked = _Unpacked(gzip.GzipFile(fileobj=stream), (gzip.BadGzipFile, zlib.error), name)
    else:
        unpacked = _zstd(stream, name)
    return io.BufferedReader(unpacked, _CHUNK)


def _zstd(stream: BinaryIO, name: str) -> _Unpacked:
    try:
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdError, ZstdFile  # noqa: PLC0415 - only for zstd
        else:
            from backports.zstd import ZstdError, ZstdFile  # noqa: PLC0415
    except ImportError:
        raise InputError(f"{name} needs the zstd extra; pip install 'vocero[zstd]'") from None
    # By its defaults no frame takes more than 128 MB to unpack; others are refused.
    return _Unpacked(ZstdFile(stream), (ZstdError,), name)


class _Unpacked(io.RawIOBase):
    """What a decompressor gives, its errors made one that names the file."""

    def __init__(
        self, source: io.BufferedIOBase, damage: tuple[type[Exception], ...], name: str
    ) -> None:
        self._source = source
        self._damage = damage
        self._name = name
        self._failed: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._failed:  # for good: what came after would have no beginning
            raise self._failed
        view = memoryview(buffer).cast("B")
        try:
            # read() would throw away what it has got when the next piece fails.
            data = self._source.read1(len(view))
        except EOFError:
            self._failed = InputError(f"{self._name} was cut off within its data; get it again")
            raise self._failed from None
        except self._damage:
            self._failed = InputError(
                f"{self._name} is damaged or not what its ending says; get it again"
            )
            raise self._failed from None
        view[: len(data)] = data
        return len(data)
