"""Plain text and Markdown: read to the letter, or refused in one line that names file and cure."""

from __future__ import annotations

import codecs
import errno
import os
import tempfile
from pathlib import Path
from typing import Never

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reading import read_document, read_documents
from vocero.errors import InputError, SettingsError
from vocero.schema import Document

SPANISH = "La ministra dijo que «no habrá más recortes» este año; la oposición lo dudó: «¿Seguro?»."


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path, limit: int = 1_000_000) -> str:
    """The message of the refusal; it is one printable line that names the file."""
    with pytest.raises(InputError) as caught:
        read_document(path, limit=limit)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(repr(str(path)))
    return message.removeprefix(repr(str(path))).strip()


@pytest.mark.parametrize("name", ["a.txt", "a.text", "a.md", "A.MARKDOWN", "a", "a.unheard-of"])
def test_a_text_is_an_article_to_the_letter(tmp_path: Path, name: str) -> None:
    text = "# Título\r\n\r\nDijo:\xa0“sí”.  \n\n*Añadió* que no.\n"
    assert read_document(write(tmp_path, name, text)) == Document.from_text(text)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@example("uno\rdos\x0btres\u2028cuatro\x85cinco\ufeffseis\r\n")
@example("\N{SLICE OF PIZZA}e\N{COMBINING ACUTE ACCENT}\uffff")
def test_any_text_survives_the_round_trip(text: str) -> None:
    text = "." + text  # neither empty nor starting with a mark
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "a.txt", text)
        assert read_document(path).text == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_believed_and_is_no_part_of_the_text(
    tmp_path: Path, mark: bytes, encoding: str
) -> None:
    path = write(tmp_path, "a.txt", mark + SPANISH.encode(encoding))
    assert read_document(path).text == SPANISH


def test_a_mark_that_lies_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", codecs.BOM_UTF16_LE + b"odd")
    assert refusal(path).startswith("starts with the mark of UTF-16LE but is not; save it again")


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (SPANISH, "cp1252", "CP1252"),
        ("Sí", "latin-1", "CP1252"),  # what programs that say Latin-1 mostly mean
        ("Entró en el café", "cp1252", "CP1252"),  # its last byte could start a UTF-8 character
        ("«Não há acordo», disse o presidente à imprensa.", "cp1252", "CP1252"),
        ("„Das können wir nicht bestätigen“, sagte der Sprecher.", "cp1252", "CP1252"),
        (SPANISH, "mac_roman", "MACINTOSH"),
        (SPANISH, "cp850", "CP850"),
        ("Premier powiedział, że rozmowy będą trwały dłużej.", "cp1250", "CP1250"),
        ("Başbakan dün yaptığı açıklamada öyle söyledi.", "cp1254", "CP1254"),
        ("Ο πρωθυπουργός δήλωσε ότι δεν θα υπάρξουν αλλαγές.", "cp1253", "CP1253"),
        ("Министр заявил, что переговоры будут продолжены.", "cp1251", "CP1251"),
        ("Министр заявил, что переговоры будут продолжены.", "koi8-r", "KOI8-R"),
        (SPANISH, "utf-16-le", "UTF-16LE"),
        (SPANISH, "utf-16-be", "UTF-16BE"),
        ("Переговоры будут продолжены на следующей неделе.", "utf-16-le", "UTF-16LE"),
    ],
)
def test_another_encoding_is_named_with_the_command_that_converts_it(
    tmp_path: Path, text: str, encoding: str, named: str
) -> None:
    message = refusal(write(tmp_path, "a.txt", text.encode(encoding)))
    assert f"most likely {named}" in message
    assert f"iconv -f {named} -t UTF-8" in message
    assert text.encode(encoding).decode(named) == text


def test_an_encoding_that_nothing_speaks_for_is_not_named(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.txt", "首相は記者会見で「国民の理解を得たい」と述べた。".encode("euc-jp")
    )
    assert refusal(path).startswith("is not UTF-8 (byte 0xbc at offset 0) nor any encoding known")


def test_a_text_cut_off_within_a_character_is_told_from_another_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", (SPANISH + " Sí").encode()[:-1])
    assert refusal(path) == "ends within a UTF-8 character; it was cut off, so get it again"


def test_a_few_broken_bytes_are_told_from_another_encoding(tmp_path: Path) -> None:
    # Converting this from CP1252 would turn every accent into rubbish.
    path = write(tmp_path, "a.txt", SPANISH.encode() + b" \xff")
    assert refusal(path).startswith("is UTF-8 with broken places (1; the first is byte 0xff at")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\nstream", "a PDF document, not text; export"),
        (b"{\\rtf1 Hola}", "a rich text (RTF) document, not text; export"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "an old Office document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image, not text; run text recognition"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\1\0\1\0", "a GIF image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "an image, sound or film"),
        (b"PK\x03\x04\x14\0\6\0", "a zip archive or an Office document"),
        (b"\x1f\x8b\x08\0\0\0", "a gzip archive, not text; unpack it"),
        (b"PAR1\x15\0\x15", "a Parquet table"),
        (b"\1\0\2\0\0\0\3", "binary (it holds NUL bytes), not text"),
        (codecs.BOM_UTF8 + b"uno\0dos", "holds a NUL character"),
    ],
)
def test_what_is_no_text_is_called_by_its_name(tmp_path: Path, data: bytes, named: str) -> None:
    assert refusal(write(tmp_path, "a.txt", data)).removeprefix("is ").startswith(named)


@pytest.mark.parametrize("data", [b"PK\x03\x04\x14\0\6\0", b"\1\0\2\0\0\0\3\4\5"])
def test_what_is_no_text_is_not_called_too_long(tmp_path: Path, data: bytes) -> None:
    assert ", not text;" in refusal(write(tmp_path, "a.txt", 10 * data), limit=2)


@pytest.mark.parametrize("text", ["GIF89a was a format.", "RIFF, they said.", "BZh"])
def test_a_text_that_begins_like_a_picture_is_a_text(tmp_path: Path, text: str) -> None:
    assert read_document(write(tmp_path, "a.txt", text)).text == text


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8, b" \r\n\t\n", "\xa0\u2028".encode()])
def test_nothing_but_white_space_is_empty(tmp_path: Path, data: bytes) -> None:
    assert refusal(write(tmp_path, "a.txt", data)).startswith("is empty; give it the text")


@pytest.mark.parametrize("letter", ["a", "ñ", "\N{SLICE OF PIZZA}"])
def test_the_limit_counts_code_points(tmp_path: Path, letter: str) -> None:
    path = write(tmp_path, "a.txt", codecs.BOM_UTF8 + (1_200 * letter).encode())
    assert len(read_document(path, limit=1_200).text) == 1_200
    assert refusal(path, limit=1_199) == (
        "is longer than the limit of 1,199 code points; split it or raise the limit"
    )
    assert "limit of 7 code points" in refusal(path, limit=7)


def test_a_limit_beyond_all_memory_is_no_limit(tmp_path: Path) -> None:
    assert read_document(write(tmp_path, "a.txt", "Hola."), limit=10**15).text == "Hola."


def test_the_caller_may_name_the_language(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "Hola.")
    assert read_document(path).language is None
    assert read_document(path, language="es").language == "es"
    assert read_document(path, language="es-MX").language == "es"
    with pytest.raises(SettingsError, match="'Spanish' is not an ISO 639 code"):
        read_document(path, language="Spanish")


@pytest.mark.parametrize("name", ["no.txt", "no", "no.jsonl", "nul\0.txt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path / name) == "does not exist; check the name"


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, mode: str) -> Never:
        raise PermissionError(errno.EACCES, f"{mode} {self}")

    path = write(tmp_path, "a.txt", "Hola.")
    monkeypatch.setattr(Path, "open", refuse)  # as root may read everything
    assert refusal(path) == "may not be read; give yourself permission: chmod u+rX"


def test_a_name_that_the_system_refuses_is_an_input_error_too(tmp_path: Path) -> None:
    assert refusal(tmp_path / ("x" * 300)).startswith("cannot be read (File name too long)")


def test_a_hostile_name_does_not_reach_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path, "a\x1b[2J\n\u202etxt\r.md", "")
    assert "empty" in refusal(path)
    undecodable = tmp_path / os.fsdecode(b"\xff.txt")
    undecodable.write_bytes(b"")
    assert "empty" in refusal(undecodable)


def test_a_bad_article_does_not_stop_the_others(tmp_path: Path) -> None:
    first, last = write(tmp_path, "1.txt", "Uno."), write(tmp_path, "3.txt", "Tres.")
    found = list(read_documents([first, tmp_path / "2.txt", str(last)]))
    assert [type(each) for each in found] == [Document, InputError, Document]
    assert found[2] == Document.from_text("Tres.")


def test_articles_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    found = read_documents([write(tmp_path, "1.txt", "Uno."), tmp_path / "2.txt"])
    assert next(found) == Document.from_text("Uno.")
    write(tmp_path, "2.txt", "Dos.")
    assert next(found) == Document.from_text("Dos.")


def test_one_path_in_place_of_many_is_understood(tmp_path: Path) -> None:
    path = write(tmp_path, "1.txt", "Uno.")
    assert list(read_documents(str(path))) == [Document.from_text("Uno.")]
