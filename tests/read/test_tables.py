"""CSV and TSV: a row is an article, and only a broken quotation costs more than its row."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading import read_documents
from vocero.errors import InputError
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path

SI, NO = Document.from_text("Sí."), Document.from_text("No.")


def read(
    folder: Path,
    content: str | bytes,
    name: str = "a.csv",
    limit: int = 1_000_000,
    **fields: str,
) -> list[Document | str]:
    """What is found in a table: documents, and messages without the name of the file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found: list[Document | str] = []
    for each in read_documents([path], limit=limit, fields=fields):
        if isinstance(each, InputError):
            assert str(each).isprintable()
            found.append(str(each).removeprefix(repr(str(path))).lstrip(", "))
        else:
            found.append(each)
    return found


def test_columns_are_fields(tmp_path: Path) -> None:
    table = 'id,text,lang,source\n7,"Dijo, ""no"".\r\n\r\nY se fue.",es,El Diario\n8,Sí.,,\n'
    assert read(tmp_path, table, outlet="source") == [
        Document.from_text(
            'Dijo, "no".\r\n\r\nY se fue.', id="7", language="es", outlet="El Diario"
        ),
        Document.from_text("Sí.", id="8"),
    ]


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
    dialect=st.sampled_from(
        [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.TSV", "\t")]
    ),
)
def test_any_table_of_texts_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], dialect: tuple[str, str]
) -> None:
    name, delimiter = dialect
    texts = [*("." + text for text in texts), '"', "\ufeff,;\t\r", "\r\n\n\r.\x85\u2028"]
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow(["n", "text", "url"])
    writer.writerows([n, text, text] for n, text in enumerate(texts))
    folder = tmp_path_factory.mktemp("table")
    expected = [Document.from_text(text, url=text) for text in texts]
    assert read(folder, table.getvalue(), name) == expected
    assert read(folder, "\ufeff" + table.getvalue(), name) == expected


def test_the_delimiter_is_the_one_by_which_there_is_a_text(tmp_path: Path) -> None:
    document = Document.from_text("Sí; no, nunca.", id="1")
    assert read(tmp_path, 'id;text\n1;"Sí; no, nunca."') == [document]
    assert read(tmp_path, "id\ttext\n1\tSí; no, nunca.") == [document]
    assert read(tmp_path, "text\nSí; no.") == [Document.from_text("Sí; no.")]
    assert read(tmp_path, 'id;text, ;body\n1;"";Sí.', text="body") == [
        Document.from_text("Sí.", id="1")
    ]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "text\n\nSí.\r\n\r\n\nNo.") == [SI, NO]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2,b,c", "line 3 has 3 columns and the header 2; put quotation marks around a cell that"),
        ("2", "line 3 has 1 columns and the header 2"),
        ("2,", 'line 3: "text" is empty'),
        ("2,a\0b", 'line 3: "text" holds a NUL character'),
        (b"2,se\xf1or", "line 3 is not UTF-8 (byte 0xf1 at offset 2) but most likely CP1252"),
        (b"2,\xed\xa0\x80", "line 3 is not UTF-8"),  # half a surrogate pair
        ("2,Thirteen (13)", 'line 3: "text" is longer than the limit of 12 code points'),
        ('2,"' + "x\n" * 1_000_000 + '"', "line 3 is longer than the limit of 12 code points"),
        ("2," + "x" * 2_000_000, "line 3 is longer than the limit of 12 code points"),
    ],
)
def test_a_bad_row_costs_itself(tmp_path: Path, row: str | bytes, message: str) -> None:
    row = row.encode() if isinstance(row, str) else row
    first, error, last = read(tmp_path, b"id,text\n1,S\xc3\xad.\n" + row + b"\n3,No.\n", limit=12)
    assert str(error).startswith(message)
    assert first == Document.from_text("Sí.", id="1")
    assert last == Document.from_text("No.", id="3")


@pytest.mark.parametrize(
    "rows",
    [
        'No.\n"Dijo "no".\nY él, nada.\nSí.\n',  # not doubled
        'No.\n"Dijo que no.\nSí.\n',  # not closed
        'No.\n"Dijo que no.\nSí.\n"Sí."\n',
        "No.\nDijo\rque no.\nSí.\n",
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_nothing_after_a_broken_quotation_is_taken_for_an_article(
    tmp_path: Path, rows: str, name: str
) -> None:
    first, error = read(tmp_path, "text\n" + rows, name)
    assert first == NO
    assert error == (
        "line 3 has a broken quotation or a bare carriage return, so what follows is not read; "
        'put quotation marks around the cell and write those within it as ""'
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", 'has no "text" but []; put the article there or map its field (text=NAME)'),
        ("id,body\n1,Sí.\n", "has no \"text\" but ['id', 'body']; put the article there or map"),
        ("id;body\n1;Sí.\n", "has no \"text\" but ['id', 'body']"),
        ("text,text\nSí.,No.\n", "has more than one column 'text'; rename the others"),
        ("text\n\n", "has no rows; write one a line under the names of the columns"),
        ("text\n".encode("utf-16"), "is UTF-16LE, which is not read by lines; convert it: iconv"),
        (b"PK\x03\x04\0\0", "is a zip archive or an Office document"),
    ],
)
def test_a_table_that_is_wrong_as_a_whole_is_one_error(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    (error,) = read(tmp_path, content)
    assert str(error).startswith(message)


def test_rows_without_an_end_take_no_memory(tmp_path: Path) -> None:
    table = b'text\nNo.\n"' + b'x""' * 5_000_000
    tracemalloc.start()
    first, error = read(tmp_path, table, limit=1_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first == NO
    assert error == "line 3 is too long to find its end; split the table"
    assert peak < 12_000_000


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f'{n},"Dijo {n},\nno."\n' for n in range(20_000)))
    tracemalloc.start()
    count = sum(1 for _ in read_documents([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000
