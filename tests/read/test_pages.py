"""HTML pages: the article without its surroundings, and what the page states about it."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pytest

from reading import read_document
from vocero.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
<title>No habrá recortes | El Diario</title>
<meta property="og:title" content="No habrá recortes">
<meta property="og:site_name" content="El Diario">
<meta property="article:published_time" content="2024-01-05T10:00:00+01:00">
<link rel="canonical" href="https://diario.example/politica/recortes">
"""
FIRST = "La ministra dijo el viernes que «no habrá más recortes» en lo que queda de año."
SECOND = "La oposición, según su portavoz, duda de que el Gobierno pueda cumplirlo."


def page(head: str = HEAD, article: str = f"<p>{FIRST}</p><p>{SECOND}</p>") -> str:
    return f"""<!DOCTYPE html><html><head>{head}</head><body>
<nav><ul><li><a href="/">Portada</a></li><li><a href="/politica">Política</a></li></ul></nav>
<article><h1>No habrá recortes</h1>{article}</article>
<footer>Aviso legal</footer></body></html>"""


def write(folder: Path, data: bytes, name: str = "a.html") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_document(path)
    message = str(caught.value)
    assert message.isprintable()
    return message.removeprefix(repr(str(path))).strip()


@pytest.fixture
def _trafilatura() -> None:
    pytest.importorskip("trafilatura", reason="needs the extra html")


def test_without_the_extra_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    path = write(tmp_path, page().encode())
    assert refusal(path) == "needs the html extra; pip install 'vocero[html]'"


@pytest.mark.usefixtures("_trafilatura")
class TestPages:
    @pytest.mark.parametrize("name", ["a.html", "a.HTM"])
    def test_the_article_is_found_in_its_page(self, tmp_path: Path, name: str) -> None:
        document = read_document(write(tmp_path, page().encode(), name), language="es")
        assert document.text == f"No habrá recortes\n{FIRST}\n{SECOND}"
        assert document.language == "es"
        assert document.title == "No habrá recortes"
        assert document.outlet == "El Diario"
        assert document.url == "https://diario.example/politica/recortes"
        assert document.published == dt.date(2024, 1, 5)

    def test_what_a_page_does_not_state_is_unknown(self, tmp_path: Path) -> None:
        article = f"<p>{FIRST}</p><p>{SECOND}</p><p>El 3 de marzo de 2021 dijo lo mismo.</p>"
        document = read_document(write(tmp_path, page("", article).encode()))
        assert "3 de marzo de 2021" in document.text
        assert document.published is None
        assert document.language is None
        assert document.url is None
        assert document.outlet is None

    @pytest.mark.parametrize(
        ("declaration", "encoding"),
        [
            ('<meta charset="utf-8">', "utf-8"),
            ("", "utf-8"),
            ("", "utf-8-sig"),
            ("", "utf-16"),
            ('<meta charset="windows-1252">', "cp1252"),
            ('<meta charset="ISO-8859-1">', "cp1252"),  # as browsers have always read it
            (
                "<META http-equiv=Content-Type content='text/html; charset=iso-8859-15'>",
                "iso8859-15",
            ),
            # Converted when it was saved, and the declaration left as it was.
            ('<meta charset="iso-8859-1">', "utf-8"),
        ],
    )
    def test_a_page_is_decoded_as_it_declares(
        self, tmp_path: Path, declaration: str, encoding: str
    ) -> None:
        data = page(declaration + HEAD).encode(encoding)
        assert FIRST in read_document(write(tmp_path, data)).text

    def test_a_japanese_mail_encoding_that_is_all_ascii_bytes_is_decoded(
        self, tmp_path: Path
    ) -> None:
        said = "首相は記者会見で「国民の理解を得たい」と述べた。" * 5
        data = (
            page('<meta charset="iso-2022-jp">', f"<p>{said}</p>")
            .replace("á", "a")
            .replace("í", "i")
        )
        assert said in read_document(write(tmp_path, data.encode("iso-2022-jp"))).text

    @pytest.mark.parametrize(
        "declaration", ["", '<meta charset="utf-8">', '<meta charset="rot13">']
    )
    def test_a_page_that_is_not_what_it_declares_is_refused(
        self, tmp_path: Path, declaration: str
    ) -> None:
        path = write(tmp_path, page(declaration).encode("cp1252"))
        assert "but most likely CP1252 (Western European, Windows)" in refusal(path)

    @pytest.mark.parametrize("data", [b"", b" \n", b"<html><body></body></html>", b"<p></p>"])
    def test_a_page_without_an_article_is_refused(self, tmp_path: Path, data: bytes) -> None:
        path = write(tmp_path, data)
        assert refusal(path) == "holds no article that can be found; save its text as .txt"

    def test_a_pdf_that_calls_itself_a_page_is_refused(self, tmp_path: Path) -> None:
        assert refusal(write(tmp_path, b"%PDF-1.7\n")).startswith("is a PDF document")

    def test_the_limit_holds_for_the_article_and_not_for_the_page(self, tmp_path: Path) -> None:
        path = write(tmp_path, page(HEAD + f"<!--{'x' * 10_000}-->").encode())
        length = len(read_document(path, limit=1_000).text)
        with pytest.raises(InputError, match="longer than the limit of 99 code points"):
            read_document(path, limit=99)
        assert 99 < length < 1_000

    def test_a_page_of_an_absurd_size_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.html"
        with path.open("wb") as file:
            file.truncate(20_000_001)
        assert refusal(path) == "has more than 20,000,000 bytes; save its article as text"
