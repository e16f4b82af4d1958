"""JSONL and JSON: a record is an article, and a bad record costs only itself."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading import read_document, read_documents
from vocero.errors import InputError
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path

GOOD = b'{"text": "Dijo que no."}'


def read(path: Path, limit: int = 1_000_000) -> list[Document | str]:
    """What is found in a file: documents, and the rest of each message that names the file."""
    found: list[Document | str] = []
    for each in read_documents([path], limit=limit):
        if isinstance(each, InputError):
            message = str(each)
            assert message.isprintable()
            assert message.startswith(repr(str(path)))
            found.append(message.removeprefix(repr(str(path))).removeprefix(",").strip())
        else:
            found.append(each)
    return found


def read_lines(folder: Path, *lines: bytes, limit: int = 1_000_000) -> list[Document | str]:
    path = folder / "a.jsonl"
    path.write_bytes(b"\n".join(lines))
    return read(path, limit)


def refusal(folder: Path, line: bytes, limit: int = 1_000_000) -> str:
    """The message for one bad line between two good ones, which are read all the same."""
    first, message, last = read_lines(folder, GOOD, line, GOOD, limit=limit)
    assert first == last == Document.from_text("Dijo que no.")
    assert isinstance(message, str)
    assert message.startswith("line 2")
    return message.removeprefix("line 2").removeprefix(":").strip()


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".JSONL"])
def test_every_line_is_an_article(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b'\xef\xbb\xbf{"text": "Uno.\\r\\n"}\r\n\n  \n{"text": "\xc2\xa0Dos"}')
    assert read(path) == [Document.from_text("Uno.\r\n"), Document.from_text("\xa0Dos")]


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    text = "." + text
    path.write_text(
        json.dumps({"text": text}) + "\n" + json.dumps({"text": text}, ensure_ascii=False),
        encoding="utf-8",
    )
    assert read(path) == [Document.from_text(text)] * 2


def test_what_a_record_says_of_its_article_is_kept(tmp_path: Path) -> None:
    record = {
        "id": "n-1",
        "text": "Dijo que no.",
        "language": "es",
        "title": "No",
        "url": "https://diario.example/1",
        "outlet": "El Diario",
        "published": "2024-01-05T10:30:00+01:00",
        "topic": {"unknown": ["fields", "are", "ignored"]},
    }
    assert read_lines(tmp_path, json.dumps(record).encode()) == [
        Document.from_text(
            "Dijo que no.",
            id="n-1",
            language="es",
            title="No",
            url="https://diario.example/1",
            outlet="El Diario",
            published=dt.datetime.fromisoformat("2024-01-05T10:30:00+01:00"),
        )
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('"doc_id": "n-2"', Document.from_text("Sí.", id="n-2")),
        ('"id": 7', Document.from_text("Sí.", id="7")),
        ('"id": 0, "doc_id": "n-2"', Document.from_text("Sí.", id="0")),
        ('"lang": "pt"', Document.from_text("Sí.", language="pt")),
        ('"language": "es-MX"', Document.from_text("Sí.", language="es")),
        ('"language": "EN_us"', Document.from_text("Sí.", language="en")),
        ('"published": "2024-01-05"', Document.from_text("Sí.", published=dt.date(2024, 1, 5))),
        (
            '"id": "", "title": null, "url": "", "lang": "", "published": ""',
            Document.from_text("Sí."),
        ),
    ],
)
def test_fields_have_a_second_name_or_may_be_left_empty(
    tmp_path: Path, fields: str, expected: Document
) -> None:
    assert read_lines(tmp_path, f'{{"text": "Sí.", {fields}}}'.encode()) == [expected]


def test_the_record_knows_its_language_better_than_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "Yes.", "lang": "en"}\n' + GOOD)
    found = [each for each in read_documents([path], language="es") if isinstance(each, Document)]
    assert [document.language for document in found] == ["en", "es"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a"', "is broken JSON at column 13 (Expecting ',' delimiter); write one"),
        (
            b"Dijo que no.",
            "is broken JSON at column 1 (Expecting value); write one JSON object a line",
        ),
        (b'{"text": "a\tb"}', "is broken JSON at column 12 (Invalid control character at)"),
        (b'{"text": "' + "¡Ñ!".encode() + b'" x}', "is broken JSON at column 16"),
        (b'{"text": "\x1b[2J\\q"}', "is broken JSON at column 11"),
        (b'{"body": "Hola.", "n": 1}', "has no \"text\" but ['body', 'n']; put the article there"),
        (b'{"\\u001b[2J": 1}', "has no \"text\" but ['\\x1b[2J']"),
        (b"{}", 'has no "text" but []'),
        (b'["Hola."]', 'is a list, not a JSON object; write {"text": "…"}'),
        (b'"Hola."', "is a string, not a JSON object"),
        (b"3", "is a number, not a JSON object"),
        (b"null", "is null, not a JSON object"),
        (b'{"text": null}', '"text" is null; make it a string'),
        (b'{"text": true}', '"text" is a boolean; make it a string'),
        (b'{"text": {"es": "Hola."}}', '"text" is an object; make it a string'),
        (b'{"text": ""}', '"text" is empty; give it the text of an article'),
        (b'{"text": " \\n\\u00a0"}', '"text" is empty'),
        (b'{"text": "a\\u0000b"}', '"text" holds a NUL character'),
        (b'{"text": "a\\ud800b"}', '"text" holds \\ud800, half of a surrogate pair; write the'),
        (b'{"text": "a", "title": "\\udfff"}', '"title" holds \\udfff, half of a surrogate pair'),
        (b'{"text": "a", "id": "\\udfff"}', '"id" holds \\udfff'),
        (b'{"text": "a", "title": 3}', '"title" is 3, not a string; correct it or leave it out'),
        (b'{"text": "a", "id": true}', '"id" is True, not a string'),
        (b'{"text": "a", "lang": "Spanish"}', "\"lang\" is 'Spanish', not an ISO 639 code such as"),
        (
            b'{"text": "a", "published": "5 May"}',
            "\"published\" is '5 May', not an ISO date or time",
        ),
        (b'{"text": "a", "published": 1704449400}', '"published" is 1704449400, not a string'),
        (b'{"text": "se\xf1or"}', "is not UTF-8 (byte 0xf1 at offset 12) but most likely CP1252"),
        (b'{"text": "a", "n": ' + b"9" * 5_000 + b"}", "holds a number too long to read"),
        (b'{"text": ' + b"[" * 100_000, "is nested too deep to read; flatten it"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(
    tmp_path: Path, line: bytes, message: str
) -> None:
    assert refusal(tmp_path, line).startswith(message)


def test_a_message_does_not_repeat_all_that_is_wrong(tmp_path: Path) -> None:
    record = {"text": "a", "url": ["x" * 10_000], **{f"k{n}": n for n in range(1000)}}
    assert len(refusal(tmp_path, json.dumps(record).encode())) < 150
    del record["text"]
    assert len(refusal(tmp_path, json.dumps(record).encode())) < 150


def test_a_text_above_the_limit_is_named(tmp_path: Path) -> None:
    longest = json.dumps({"text": 12 * "\N{SLICE OF PIZZA}"}).encode()  # 12 bytes each when escaped
    assert read_lines(tmp_path, longest, limit=12) == [
        Document.from_text(12 * "\N{SLICE OF PIZZA}")
    ]
    assert refusal(tmp_path, b'{"text": "thirteen (13)"}', limit=12) == (
        '"text" is longer than the limit of 12 code points; split it or raise the limit'
    )


def test_a_line_longer_than_any_article_is_not_even_held(tmp_path: Path) -> None:
    endless = b'{"text": "a", "n": "' + b"x" * 30_000_000 + b'"}'
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([GOOD, endless, GOOD]))
    del endless
    tracemalloc.start()
    first, message, last = read(path, limit=100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first == last == Document.from_text("Dijo que no.")
    assert (
        message == "line 2 is longer than the limit of 100 code points; split it or raise the limit"
    )
    assert peak < 10_000_000


def test_lines_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((GOOD + b"\n") * 20_000)
    tracemalloc.start()
    count = sum(1 for _ in read_documents([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty; write one JSON object with a text a line"),
        (b"\n \r\n", "is empty; write one JSON object with a text a line"),
        (b"\x1f\x8b\x08\0\n\0\n\0", "is a gzip archive, not text; unpack it first"),
        (b"PAR1\x15\0\n\0\n", "is a Parquet table, not text; call it .parquet"),
        (
            "\ufeff{}\n{}\n".encode("utf-16-le"),
            "is UTF-16LE, which is not read by lines; convert it: iconv -f UTF-16LE -t UTF-8",
        ),
        (
            '{"text": "a"}\n{}\n'.encode("utf-16-le"),
            "is most likely UTF-16LE without its mark; convert it: iconv -f UTF-16LE -t UTF-8",
        ),
    ],
)
def test_a_file_that_is_wrong_in_every_line_is_one_error(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    (found,) = read(path)
    assert str(found).startswith(message)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{\n  "text": "Sí.",\n  "id": "n-1"\n}\n', [Document.from_text("Sí.", id="n-1")]),
        (
            '[{"text": "Sí."}, {"text": 3}, 4, {"text": "No."}]',
            [
                Document.from_text("Sí."),
                'item 2: "text" is a number; make it a string',
                'item 3 is a number, not a JSON object; write {"text": "…"}',
                Document.from_text("No."),
            ],
        ),
        ("[]", ["is an empty list; put JSON objects with a text there"]),
        (" \n", ["is empty; write a JSON object with a text, or a list of them"]),
        ("3", ['is a number, not a JSON object; write {"text": "…"}']),
    ],
)
def test_a_json_file_is_one_record_or_a_list_of_them(
    tmp_path: Path, content: str, found: list[Document | str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    assert read(path) == found


def test_jsonl_that_calls_itself_json_is_told_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(GOOD + b"\n" + GOOD)
    (message,) = read(path)
    assert str(message).startswith("is broken JSON at line 2, column 1 (Extra data); if it holds")
    assert str(message).endswith("one object a line, call it .jsonl")


def test_a_json_file_too_large_to_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate(100_000_001)  # sparse: takes no room on the disk
    assert read(path) == [
        "has more than 100,000,000 bytes; make it JSONL: jq -c '.[]' OLD > NEW.jsonl"
    ]


def test_one_document_is_asked_for_and_there_are_more(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD)
    assert read_document(path).text == "Dijo que no."
    path.write_bytes(GOOD + b"\n" + GOOD)
    with pytest.raises(InputError, match="holds more than one article; use read_documents"):
        read_document(path)
