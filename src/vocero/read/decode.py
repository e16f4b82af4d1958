"""Bytes to text without guessing: UTF-8, or what a byte order mark says; else a named refusal."""

from __future__ import annotations

from vocero.errors import InputError
from vocero.read.binary import not_text
from vocero.read.encodings import iconv, likeliest_encoding, marked


def decode(data: bytes, name: str) -> str:
    """Decode a text strictly; a byte order mark at its start is no part of it.

    Args:
        data: All bytes of the text.
        name: What to call it in the message, e.g. ``'a.txt'``.

    Raises:
        InputError: The bytes are not UTF-8 and bear no mark of UTF-16 or UTF-32; the message says
            what they look like and what to do.
    """
    mark, encoding = marked(data) or (b"", "UTF-8")
    if refusal := not_text(data, name):
        raise refusal
    try:
        return data.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "UTF-8":
            raise _not_utf8(data.removeprefix(mark), name, error) from None
        raise InputError(
            f"{name} starts with the mark of {encoding} but is not; save it again as UTF-8"
        ) from None


def decode_part(data: bytes, name: str) -> str:
    """Decode a part of a file, such as a cell of a table, as UTF-8; no mark is taken off it.

    Raises:
        InputError: The bytes are not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(data, name, error) from None


def check_start(line: bytes, name: str) -> None:
    """Refuse at its first line what would otherwise fail in every line.

    Raises:
        InputError: The file is binary, or in UTF-16 or UTF-32.
    """
    _, encoding = marked(line) or (b"", "UTF-8")
    if encoding != "UTF-8":
        raise InputError(f"{name} is {encoding}, which is not read by lines; {iconv(encoding)}")
    if error := not_text(line, name):
        raise error


def _not_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> InputError:
    """Say what bytes that are neither binary nor UTF-8 look like."""
    if error.reason == "unexpected end of data" and not data[: error.start].isascii():
        return InputError(f"{name} ends within a UTF-8 character; it was cut off, so get it again")
    broken = f"byte 0x{data[error.start]:02x} at offset {error.start}"
    repaired = data.decode(errors="replace")
    replaced = repaired.count("\ufffd")
    if sum(not character.isascii() for character in repaired) > 2 * replaced:
        return InputError(
            f"{name} is UTF-8 with broken places ({replaced:,}; the first is {broken}); "
            "correct them, or drop them: iconv -c -f UTF-8 -t UTF-8 OLD > NEW"
        )
    found = likeliest_encoding(data)
    if found is None:
        return InputError(
            f"{name} is not UTF-8 ({broken}) nor any encoding known here; "
            "find out how it was saved and convert it: iconv -f ITS_ENCODING -t UTF-8 OLD > NEW"
        )
    encoding, what = found
    return InputError(
        f"{name} is not UTF-8 ({broken}) but most likely {encoding} ({what}); {iconv(encoding)}"
    )
