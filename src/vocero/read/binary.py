"""Naming what is no text at all."""

from __future__ import annotations

from vocero.errors import InputError
from vocero.read.encodings import iconv, marked

_DOCUMENT = "export its text and read that"
_IMAGE = "run text recognition (OCR) on it and read that"
_ARCHIVE = "unpack it first"
_OTHER = "give the article's text instead"

# From the formats' own specifications.
_SIGNATURES = (
    (b"%PDF-", "a PDF document", _DOCUMENT),
    (b"{\\rtf", "a rich text (RTF) document", _DOCUMENT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls, .ppt)", _DOCUMENT),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", _IMAGE),
    (b"GIF8", "a GIF image", _IMAGE),
    (b"II*\0", "a TIFF image", _IMAGE),
    (b"MM\0*", "a TIFF image", _IMAGE),
    (b"RIFF", "an image, sound or film (RIFF)", _OTHER),
    (
        b"PK\x03\x04",
        "a zip archive or an Office document (.docx, .odt)",
        "export its text or unpack it",
    ),
    (b"\x1f\x8b", "a gzip archive", _ARCHIVE),
    (b"BZh", "a bzip2 archive", _ARCHIVE),
    (b"\xfd7zXZ\0", "an xz archive", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _ARCHIVE),
    (b"SQLite format 3\0", "an SQLite database", _OTHER),
    (b"PAR1", "a Parquet table", "call it .parquet"),
    (b"\x7fELF", "a program", _OTHER),
)
_TEXTUAL = (b"%PDF-", b"{\\rtf")
"""Signatures of formats that are no plain text even when all their bytes are valid UTF-8."""


def not_text(data: bytes, name: str) -> InputError | None:
    """Return the error that names what binary data, or UTF-16 without its mark, look like.

    Args:
        data: The bytes, or the first of them.
        name: What to call them in the message.

    Returns:
        None if the data may be text: no known signature, and no NUL or a byte order mark.
    """
    for signature, what, cure in _SIGNATURES:
        if data.startswith(signature) and (signature in _TEXTUAL or not _may_be_text(data)):
            return InputError(f"{name} is {what}, not text; {cure}")
    if b"\0" not in data or marked(data):
        return None
    # Latin letters, spaces and line ends have a NUL as their high byte in UTF-16.
    low, high = data[::2].count(0), data[1::2].count(0)
    for encoding, rare, frequent in (("UTF-16LE", low, high), ("UTF-16BE", high, low)):
        if rare * 100 <= frequent and frequent > len(data) / 20:
            return InputError(
                f"{name} is most likely {encoding} without its mark; {iconv(encoding)}"
            )
    return InputError(f"{name} is binary (it holds NUL bytes), not text; {_OTHER}")


def _may_be_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False
