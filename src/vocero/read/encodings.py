"""The encoding of a text: what its byte order mark tells, or the likeliest to name in messages."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32LE"),  # before UTF-16LE, whose mark it starts with
    (codecs.BOM_UTF32_BE, "UTF-32BE"),
    (codecs.BOM_UTF16_LE, "UTF-16LE"),
    (codecs.BOM_UTF16_BE, "UTF-16BE"),
)

_WESTERN = "áéíóúñüàèìòùâêîôûçãõäößåøæœëïÁÉÍÓÚÑÀÈÇÊÄÖÜ¿¡ºª“”„‘’‚«»–—…€\xa0"
_CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžäöüőűăâîşţđŁŚŻČŘŠŽ„”“–—…\xa0"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґў«»–—“”„№\xa0"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώ«»–’\xa0"
_TURKISH = "çğıöşüâîûÇĞİÖŞÜ“”‘’–…\xa0"

# The name that both iconv and Python know, what it is, and the characters that nearly all of the
# non-ASCII part of a text in it consists of. Where two explain a text equally well, the first wins.
_ENCODINGS = (
    ("CP1252", "Western European, Windows", _WESTERN),
    ("MACINTOSH", "Western European, old Mac", _WESTERN),
    ("CP850", "Western European, DOS", _WESTERN),
    ("CP1250", "Central European, Windows", _CENTRAL),
    ("CP1254", "Turkish, Windows", _TURKISH),
    ("CP1253", "Greek, Windows", _GREEK),
    ("CP1251", "Cyrillic, Windows", _CYRILLIC),
    ("KOI8-R", "Cyrillic, Unix", _CYRILLIC),
)

_EXPLAINED = 0.8
"""Share of the non-ASCII characters that an encoding has to explain before it is named.

Articles in the languages of the table reach it; Arabic, Chinese, Japanese and Korean, which are not
in it, reach up to 0.78 by chance.
"""


def marked(data: bytes) -> tuple[bytes, str] | None:
    """Return the byte order mark that the data starts with and the encoding it stands for."""
    return next((found for found in _MARKS if data.startswith(found[0])), None)


def likeliest_encoding(data: bytes) -> tuple[str, str] | None:
    """Return the 8-bit encoding that explains the non-ASCII bytes best, and a word on what it is.

    Good enough for a message, not to decode by.

    Returns:
        None if no encoding known here explains most of them.
    """
    best, found = _EXPLAINED, None
    for encoding, what, usual in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = [character for character in text if not character.isascii()]
        explained = sum(character in usual for character in foreign) / max(1, len(foreign))
        if explained > best:
            best, found = explained, (encoding, what)
    return found


def iconv(encoding: str) -> str:
    """Return the cure, for a message, of a text in an encoding that both iconv and Python know."""
    return f"convert it: iconv -f {encoding} -t UTF-8 OLD > NEW"
