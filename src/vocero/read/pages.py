"""The article in an HTML page, found by trafilatura (extra ``html``)."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from typing import BinaryIO

from vocero.errors import InputError
from vocero.read.binary import not_text
from vocero.read.decode import decode
from vocero.read.encodings import marked
from vocero.read.streams import read_at_most
from vocero.read.texts import check_text
from vocero.schema import Document

MOST_PAGE = 20_000_000
"""Bytes a page may have; trafilatura's own default for what it downloads."""

_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_CHARSET_WITHIN = 1024
"""Bytes in which a page has to name its encoding, by the HTML standard."""

# What browsers take a label to mean, as its writers did, where Python takes it to the letter; from
# the WHATWG Encoding Standard.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_DECLARABLE = re.compile(
    r"cp\d+|iso8859-\d+|koi8-[ru]|mac-\w+|tis-620|gb18030|big5\w*|euc_jp|iso2022_jp"
)
"""Python's names for the encodings a page may declare: the standard's, and no odd codec."""


def read_page(stream: BinaryIO, name: str, language: str | None, limit: int) -> Document:
    """Read the article of a page, with the title, address, site and date that the page states.

    Args:
        stream: The page.
        name: What to call it in messages.
        language: ISO 639 code of the article.
        limit: Code points the article may have.

    Raises:
        InputError: trafilatura is missing, or the page cannot be decoded or holds no article.
    """
    return page_document(read_at_most(stream, MOST_PAGE + 1), name, language, limit)


def page_document(
    data: bytes, name: str, language: str | None, limit: int, charset: str | None = None
) -> Document:
    """Make a document of a page; see `read_page`.

    The document's text is what trafilatura extracts; spans count in it and not in the page.

    Args:
        data: The page, or more than `MOST_PAGE` bytes of it, which are too many.
        name: What to call it in messages.
        language: ISO 639 code of the article.
        limit: Code points the article may have.
        charset: The encoding it was sent with; it counts more than what the page declares.

    Raises:
        InputError: trafilatura is missing, or the page cannot be decoded or holds no article.
    """
    try:
        # Takes 0.5 s to import, and only pages need it.
        from trafilatura import bare_extraction  # noqa: PLC0415
        from trafilatura.settings import Document as Page  # noqa: PLC0415
    except ImportError:
        raise InputError(f"{name} needs the html extra; pip install 'vocero[html]'") from None
    if len(data) > MOST_PAGE:
        raise InputError(f"{name} has more than {MOST_PAGE:,} bytes; save its article as text")
    page = bare_extraction(
        decode_page(data, name, charset),
        include_comments=False,
        with_metadata=True,
        # No date is better than one that merely occurs somewhere in the text.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    if not isinstance(page, Page) or not page.text or page.text.isspace():
        raise InputError(f"{name} holds no article that can be found; save its text as .txt")
    check_text(page.text, name, limit)
    return Document.from_text(
        page.text,
        language=language,
        title=page.title or None,
        url=page.url or None,
        outlet=page.sitename or None,
        published=dt.date.fromisoformat(page.date) if page.date else None,
    )


def decode_page(data: bytes, name: str, charset: str | None = None) -> str:
    """Decode a page as UTF-8 where it is, else strictly as it was sent or as it declares.

    UTF-8 comes first as pages are often converted when saved and their declaration is not; text in
    another encoding is practically never valid UTF-8. trafilatura, given bytes, would guess.

    Raises:
        InputError: The page is in neither; the message names the likeliest encoding.
    """
    declared = _known_encoding(charset) or _declared_encoding(data)
    if declared is None or marked(data) or not_text(data, name):
        return decode(data, name)
    # ISO-2022-JP is all ASCII bytes, so only bytes beyond ASCII can show that a page is UTF-8.
    for encoding in (declared,) if data.isascii() else ("utf-8", declared):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return decode(data, name)


def _declared_encoding(data: bytes) -> str | None:
    declaration = _CHARSET.search(data[:_CHARSET_WITHIN])
    return _known_encoding(declaration[1].decode("ascii", "replace")) if declaration else None


def _known_encoding(label: str | None) -> str | None:
    """Return Python's name for an encoding that a page may be in, or None."""
    try:
        encoding = codecs.lookup(label or "").name
    except (LookupError, ValueError):  # unheard of, or with a NUL in it
        return None
    encoding = _MEANT.get(encoding, encoding)
    return encoding if _DECLARABLE.fullmatch(encoding) else None
