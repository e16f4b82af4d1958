"""The articles in a web archive (WARC, ISO 28500), read with warcio (extra ``warc``)."""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

from vocero.errors import InputError
from vocero.read.decode import decode
from vocero.read.pages import MOST_PAGE, page_document
from vocero.read.streams import read_at_most
from vocero.read.texts import check_text
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeaders

_LOG = logging.getLogger("vocero.read")

_MOST_HEADERS = 1_000_000
"""Bytes the headers of a record may have."""
_MOST_REASONS = 100
_REASONS_TOLD = 5

_HTTP = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/2", "HTTP/3"]
_PAGES = {"text/html", "application/xhtml+xml"}
_ABOUT_THE_CRAWL = {"warcinfo", "request", "metadata"}
"""Records that tell how a crawl went; they hold nothing that was published."""


def read_warc(
    stream: BinaryIO, name: str, language: str | None, limit: int
) -> Iterator[Document | InputError]:
    """Read the pages of an archive record by record.

    Articles are the responses with status 200 which are HTML, and what was archived or converted as
    HTML or plain text. The address is the archive's own (``WARC-Target-URI``); title, site and date
    are the page's. Of each page without an article, cut off by the crawler or otherwise bad there
    is an `InputError`. Images, redirections, scripts and the like are no articles: how many were
    left out, and what they were, is logged in one line (logger ``vocero.read``, level warning, so
    it shows unless the application says otherwise).

    Args:
        stream: The archive, uncompressed.
        name: What to call it in messages.
        language: ISO 639 code of the articles.
        limit: Code points an article may have.

    Raises:
        InputError: warcio is missing, there are no records, or the archive is damaged or cut off.
    """
    try:
        from warcio.recordloader import ArcWarcRecordLoader  # noqa: PLC0415 - only for archives
    except ImportError:
        raise InputError(f"{name} needs the warc extra; pip install 'vocero[warc]'") from None
    counts: Counter[str] = Counter()
    number = 0
    try:
        for number, record in enumerate(_records(stream, name, ArcWarcRecordLoader()), start=1):
            where = f"{name}, record {number}"
            found: Document | InputError | None = None
            try:
                found = _document(record, where, language, limit)
            except _LeftOut as reason:
                counts[str(reason) if len(counts) < _MOST_REASONS else "others"] += 1
            except InputError as error:
                found = error
            # First, as an article is whole only if its record is, and that may tell why it is not.
            _skip_rest(record, where)
            if found is not None:
                yield found
    finally:
        if counts:
            _LOG.warning("%s", _summary(name, number, counts))
    if not number:
        raise InputError(f"{name} is empty; give a WARC file with records")


class _LeftOut(Exception):  # noqa: N818 - no error: a record that is no article
    """What a record is instead of an article."""


class _Source:
    """An archive as warcio reads it, its headers kept from growing without bounds."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._header_bytes = 0

    def next_record(self) -> bytes:
        """Return the first line of the next record, ``b""`` at the end."""
        self._header_bytes = 0
        while line := self.readline():
            if line.strip():
                break
            self._header_bytes = 0
        return line

    def readline(self, length: int | None = None) -> bytes:
        most = _MOST_HEADERS if length is None else min(length, _MOST_HEADERS)
        line = self._stream.readline(most)
        self._header_bytes += len(line)
        if self._header_bytes >= _MOST_HEADERS:
            raise InputError(f"{self._name} is damaged, or no WARC file; get it again")
        return line

    def read(self, length: int) -> bytes:
        return self._stream.read(length)


def _records(stream: BinaryIO, name: str, loader: ArcWarcRecordLoader) -> Iterator[ArcWarcRecord]:
    """Yield the records of an archive, each to be read to its end before the next."""
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    from warcio.limitreader import LimitReader  # noqa: PLC0415

    source = _Source(stream, name)
    number = 0
    while line := source.next_record():
        number += 1
        try:
            record = loader.parse_record_stream(
                source, line.decode("latin-1"), known_format="warc", no_record_parse=True
            )
        except (ArchiveLoadFailed, EOFError):
            record = None
        if record is None or not isinstance(record.raw_stream, LimitReader):
            raise InputError(
                f"{name}, record {number} is damaged, so what follows is not read; "
                "get the archive again"
            )
        yield record


def _skip_rest(record: ArcWarcRecord, name: str) -> None:
    while record.raw_stream.read(1 << 16):
        pass
    if record.raw_stream.limit:
        raise InputError(f"{name} was cut off; get the archive again")


def _document(
    record: ArcWarcRecord, name: str, language: str | None, limit: int
) -> Document | None:
    """Make a document of a record, or None of one about the crawl.

    Raises:
        InputError: It should be an article and is none.
        _LeftOut: It is nothing that could be an article.
    """
    headers = record.rec_headers
    if record.rec_type in _ABOUT_THE_CRAWL:
        return None
    if record.rec_type == "response":
        http = _http_headers(record, name)
        content_type = _content_type(http)
        if content_type not in _PAGES:
            raise _LeftOut(content_type)
    elif record.rec_type in ("resource", "conversion"):
        http, content_type = None, _content_type(headers)
        if content_type not in {*_PAGES, "text/plain"}:
            raise _LeftOut(content_type)
    else:
        raise _LeftOut("revisit" if record.rec_type == "revisit" else "records of another type")
    url = _printable(headers.get_header("WARC-Target-URI") or "") or None
    name = f"{name} ({url[:200]!r})" if url else name
    if reason := headers.get_header("WARC-Truncated"):
        raise InputError(f"{name} was cut off by its crawler ({reason[:20]!r}); fetch it again")
    data = read_at_most(record.raw_stream, MOST_PAGE + 1)
    if http is not None:
        data = _body(data, http, name)
    if content_type == "text/plain":
        text = decode(data, name)
        check_text(text, name, limit)
        return Document.from_text(text, language=language, url=url)
    document = page_document(data, name, language, limit, charset=_charset(http or headers))
    return document.model_copy(update={"url": url or document.url})


def _http_headers(record: ArcWarcRecord, name: str) -> StatusAndHeaders:
    from warcio.statusandheaders import (  # noqa: PLC0415
        StatusAndHeadersParser,
        StatusAndHeadersParserException,
    )

    if not _content_type(record.rec_headers).startswith("application/http"):
        raise _LeftOut("not HTTP")  # e.g. a look-up of a name (dns:)
    try:
        http = StatusAndHeadersParser(_HTTP).parse(record.raw_stream)
    except (StatusAndHeadersParserException, EOFError):
        raise InputError(f"{name} has broken HTTP headers; fetch its page again") from None
    status = http.get_statuscode()
    if status != "200":
        raise _LeftOut(f"status {status}" if re.fullmatch(r"\d{3}", status) else "broken status")
    return http


def _content_type(headers: StatusAndHeaders) -> str:
    value = (headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    if not value:
        return "without a type"
    return value if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", value, re.ASCII) else "odd types"


def _charset(headers: StatusAndHeaders) -> str | None:
    found = re.search(
        r"charset\s*=\s*[\"']?([\w.:-]+)", headers.get_header("Content-Type") or "", re.IGNORECASE
    )
    return found[1] if found else None


def _body(data: bytes, http: StatusAndHeaders, name: str) -> bytes:
    """Undo how a body was transferred; archives may keep it so, or undone but for the headers."""
    from warcio.bufferedreaders import ChunkedDataReader  # noqa: PLC0415

    if (http.get_header("Transfer-Encoding") or "").lower() == "chunked":
        data = ChunkedDataReader(io.BytesIO(data)).read()
    encoding = (http.get_header("Content-Encoding") or "").strip().lower()
    if encoding == "br":
        raise InputError(f"{name} is compressed with Brotli; archive it without")
    if encoding not in {"gzip", "x-gzip", "deflate"} or not _is_packed(data):
        return data
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, as it says itself
    try:
        body = unpacker.decompress(data, MOST_PAGE + 1)
    except zlib.error:
        body = b""
    if len(body) <= MOST_PAGE and not unpacker.eof:
        raise InputError(f"{name} has a damaged body; fetch its page again")
    return body


def _is_packed(data: bytes) -> bool:
    # The marks of gzip, and of zlib with each of its levels; no page begins so.
    return data.startswith((b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"))


def _printable(url: str) -> str:
    return url if url.isprintable() else ""


def _summary(name: str, records: int, left_out: Counter[str]) -> str:
    most = left_out.most_common(_REASONS_TOLD)
    told = [f"{count:,} {reason}" for reason, count in most]
    if rest := left_out.total() - sum(count for _, count in most):
        told.append(f"{rest:,} others")
    return (
        f"{name}: of {records:,} records {left_out.total():,} are no articles and were left out: "
        f"{', '.join(told)}"
    )
