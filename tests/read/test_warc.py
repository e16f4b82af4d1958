"""Web archives: the pages of a crawl, record by record, and a word on what is none."""

from __future__ import annotations

import datetime as dt
import gzip
import logging
import sys
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest

from reading import read_documents
from vocero.errors import InputError
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("trafilatura", reason="needs the extra warc")
pytest.importorskip("warcio", reason="needs the extra warc")

SAID = "La ministra dijo el viernes que «no habrá más recortes» en lo que queda de año."
URL = "https://diario.example/politica/1"
PAGE = f"""<!DOCTYPE html><html><head><title>Recortes</title>
<meta property="og:site_name" content="El Diario">
<meta property="article:published_time" content="2024-01-05T10:00:00+01:00">
</head><body><article><p>{SAID}</p><p>La oposición, según su portavoz, lo duda.</p></article>
</body></html>"""
HTML = "text/html; charset=utf-8"
PAGE_HEADERS = {"Content-Type": HTML}


class Archive:
    """A web archive being written; compressed, each record is a member of its own, as is usual."""

    def __init__(self, *, compressed: bool = False) -> None:
        self.data = b""
        self._compressed = compressed

    def response(
        self,
        body: bytes | str = PAGE,
        headers: dict[str, str] = PAGE_HEADERS,
        status: str = "200 OK",
        **warc_headers: str,
    ) -> Archive:
        http = _block(f"HTTP/1.1 {status}", headers) + _bytes(body)
        return self.record("response", http, "application/http; msgtype=response", **warc_headers)

    def record(
        self, kind: str, content: bytes | str, content_type: str = "text/plain", **headers: str
    ) -> Archive:
        content = _bytes(content)
        headers = {
            "WARC-Type": kind,
            "WARC-Target-URI": URL,
            "Content-Type": content_type,
            "Content-Length": str(len(content)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        record = _block("WARC/1.1", headers) + content + b"\r\n\r\n"
        self.data += gzip.compress(record) if self._compressed else record
        return self


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _block(first: str, headers: dict[str, str]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def read(folder: Path, data: bytes, name: str = "a.warc", limit: int = 1_000_000) -> list[object]:
    """What is found in an archive: documents, and messages without the name of the file."""
    path = folder / name
    path.write_bytes(data)
    found: list[object] = []
    for each in read_documents([path], limit=limit):
        if isinstance(each, InputError):
            assert str(each).isprintable()
            found.append(str(each).removeprefix(repr(str(path))).lstrip(", "))
        else:
            found.append(each)
    return found


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_page_is_read_with_what_it_says_of_itself(tmp_path: Path, name: str) -> None:
    archive = Archive(compressed=name.endswith(".gz"))
    archive.record("warcinfo", "software: crawler\r\n")
    archive.record("request", "GET / HTTP/1.1\r\n\r\n")
    document, again = read(tmp_path, archive.response().response().data, name)
    assert document == again
    assert isinstance(document, Document)
    assert SAID in document.text
    assert document.url == URL
    assert document.title == "Recortes"
    assert document.outlet == "El Diario"
    assert document.published == dt.date(2024, 1, 5)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE.encode()), {"Content-Encoding": "gzip"}),
        (zlib.compress(PAGE.encode()), {"Content-Encoding": "deflate"}),
        (PAGE, {"Content-Encoding": "gzip"}),  # as archives that unpack bodies leave it
        (
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE.encode()), PAGE.encode()),
            {"Transfer-Encoding": "chunked"},
        ),
        (
            PAGE.replace("«", '"').replace("»", '"').encode("cp1252"),
            {"Content-Type": "text/html; charset=windows-1252"},
        ),
    ],
)
def test_a_body_is_read_however_it_was_sent(
    tmp_path: Path, body: bytes | str, headers: dict[str, str]
) -> None:
    (document,) = read(tmp_path, Archive().response(body, PAGE_HEADERS | headers).data)
    assert isinstance(document, Document)
    assert "La oposición, según su portavoz, lo duda." in document.text


def test_converted_and_archived_texts_are_articles(tmp_path: Path) -> None:
    archive = Archive()
    for kind in ("conversion", "resource"):
        archive.record(kind, "Sí,\r\nseñor.\n", "text/plain")
        archive.record(kind, PAGE, "text/html")
    text = Document.from_text("Sí,\r\nseñor.\n", url=URL)
    first, page, second, other = read(tmp_path, archive.data)
    assert first == second == text
    assert page == other
    assert isinstance(page, Document)
    assert (page.title, page.url) == ("Recortes", URL)


def test_what_is_no_article_is_left_out_and_counted_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Archive().response().response("", status="301 Moved")
    archive.response(b"\x89PNG", {"Content-Type": "image/png"})
    archive.response(b"\x89PNG", {"Content-Type": "IMAGE/PNG; q=1"})
    archive.response("User-agent: *", {"Content-Type": "text/plain"})
    archive.response("?", {"Content-Type": "\x1b[2J"})
    archive.record("revisit", "").record("metadata", "x: y")
    with caplog.at_level(logging.WARNING, "vocero.read"):
        (document,) = read(tmp_path, archive.data)
    assert isinstance(document, Document)
    (line,) = caplog.messages
    assert line == (
        f"{str(tmp_path / 'a.warc')!r}: of 8 records 6 are no articles and were left out: "
        "2 image/png, 1 status 301, 1 text/plain, 1 odd types, 1 revisit"
    )


@pytest.mark.parametrize(
    ("body", "headers", "warc_headers", "message"),
    [
        ("<html></html>", {}, {}, "holds no article that can be found; save its text as .txt"),
        (b"%PDF-1.7", {}, {}, "is a PDF document, not text"),
        (PAGE, {}, {"WARC_Truncated": "length"}, "was cut off by its crawler ('length'); fetch"),
        (PAGE, {"Content-Encoding": "br"}, {}, "is compressed with Brotli; archive it without"),
        (
            gzip.compress(PAGE.encode())[:-9],
            {"Content-Encoding": "gzip"},
            {},
            "has a damaged body; fetch its page again",
        ),
        (
            gzip.compress(b"x" * 30_000_000),
            {"Content-Encoding": "gzip"},
            {},
            "has more than 20,000,000 bytes; save its article as text",
        ),
    ],
)
def test_a_bad_page_costs_itself(
    tmp_path: Path,
    body: bytes | str,
    headers: dict[str, str],
    warc_headers: dict[str, str],
    message: str,
) -> None:
    archive = Archive().response()
    archive.response(body, PAGE_HEADERS | headers, **warc_headers).response()
    first, error, last = read(tmp_path, archive.data)
    assert first == last
    assert isinstance(first, Document)
    assert str(error).startswith(f"record 2 ({URL!r}) {message}")


def test_a_page_above_the_limit_is_named(tmp_path: Path) -> None:
    (error,) = read(tmp_path, Archive().response().data, limit=20)
    assert "is longer than the limit of 20 code points" in str(error)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_what_comes_before_a_tear_is_read(tmp_path: Path, name: str) -> None:
    archive = Archive(compressed=name.endswith(".gz")).response().response().response()
    whole = archive.data
    for cut in (20, 100, 400, len(whole) // 6):
        first, second, error = read(tmp_path, whole[:-cut], name)
        assert first == second
        assert isinstance(first, Document)
        assert "was cut off" in str(error)


def test_damage_ends_the_archive(tmp_path: Path) -> None:
    whole = Archive().response().data
    first, error = read(tmp_path, whole + b"rubbish\r\n\r\n" + whole)
    assert isinstance(first, Document)
    assert error == "record 2 is damaged, so what follows is not read; get the archive again"
    (error,) = read(tmp_path, b"WARC/1.0\r\nWARC-Type: response\r\n\r\n" + whole)
    assert error == "record 1 is damaged, so what follows is not read; get the archive again"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty; give a WARC file with records"),
        (b"Dijo que no.\n", "record 1 is damaged, so what follows is not read"),
        (b"\0" * 5_000_000, "is damaged, or no WARC file; get it again"),
        (b"WARC/1.0\r\n" + b"x: y\r\n" * 1_000_000, "is damaged, or no WARC file; get it again"),
    ],
)
def test_what_is_no_archive_is_one_error(tmp_path: Path, data: bytes, message: str) -> None:
    (error,) = read(tmp_path, data)
    assert str(error).startswith(message)


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    text = "Dijo que no. " * 200
    archive = Archive(compressed=True)
    for _ in range(1_000):
        archive.record("conversion", text, "text/plain")
    path.write_bytes(archive.data)
    tracemalloc.start()
    count = sum(1 for _ in read_documents([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1_000
    assert peak < 2_000_000


def test_without_the_extra_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "warcio.recordloader", None)
    assert read(tmp_path, b"") == ["needs the warc extra; pip install 'vocero[warc]'"]
