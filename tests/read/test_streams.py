"""Standard input, pipes and devices: no ending tells what they hold, so their first line does."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reading import read_documents
from vocero.errors import InputError
from vocero.schema import Document


def read(data: bytes, limit: int = 1_000_000) -> list[Document | str]:
    return [
        str(found) if isinstance(found, InputError) else found
        for found in read_documents(["-"], stdin=io.BytesIO(data), limit=limit)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Dijo que no.\nAñadió que nunca.\r\n",
        "\n\n  Dijo que no.",
        "{Nota de la redacción} Dijo que no.\n",
        "[Actualizado] Dijo que no.",
        'Dijo que no.\n{"text": "esto no"}\n',
    ],
)
def test_prose_is_one_article(text: str) -> None:
    assert read(text.encode()) == [Document.from_text(text)]


def test_utf16_is_known_by_its_mark() -> None:
    assert read("Sí.\nNo.".encode("utf-16")) == [Document.from_text("Sí.\nNo.")]


@pytest.mark.parametrize("start", ["", "\ufeff", "\n  \r\n"])
def test_a_first_line_that_opens_an_object_makes_it_jsonl(start: str) -> None:
    lines = ['{ "id": "n-1", "text": "Uno."}', "rubbish", "", '{"text": "Dos."}', ""]
    first, message, last = read((start + "\n".join(lines)).encode())
    assert first == Document.from_text("Uno.", id="n-1")
    assert last == Document.from_text("Dos.")
    number = 2 + start.count("\n")
    assert str(message).startswith(f"standard input, line {number} is broken JSON at column 1")


def test_records_are_given_out_before_the_stream_ends() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stdin, os.fdopen(writer, "wb", buffering=0) as feed:
        found = read_documents(["-"], stdin=stdin)
        feed.write(b'{"text": "Uno."}\n')
        assert next(found) == Document.from_text("Uno.")
        feed.write(b'{"text": "Dos."}\n')
        assert next(found) == Document.from_text("Dos.")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "standard input is empty; give it the text of an article or leave it out"),
        (b"\n\n", "standard input is empty; give it the text of an article or leave it out"),
        (
            b"%PDF-1.4\n",
            "standard input is a PDF document, not text; export its text and read that",
        ),
        (
            b'{"id": 1}',
            (
                "standard input, line 1 has no \"text\" but ['id']; "
                "put the article there or map its field (text=NAME)"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, message: str) -> None:
    assert read(data) == [message]


def test_an_endless_line_is_refused_without_being_read_to_its_end() -> None:
    data = io.BytesIO(b"x" * 20_000_000)
    (found,) = read_documents([Path("-")], stdin=data, limit=1_000)
    assert "standard input is longer than the limit of 1,000 code points" in str(found)
    assert data.tell() < 2_000_000


def test_the_process_s_own_standard_input_is_the_default() -> None:
    code = "from vocero.read import *; print(*(found.text for found in read_documents(['-'])))"
    done = subprocess.run(
        [sys.executable, "-c", code], input="Dijo que sí.".encode(), capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "Dijo que sí."


def test_a_named_pipe_is_read_like_standard_input(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(
        target=pipe.write_bytes, args=(b'{"text": "Uno."}\n{"text": "Dos."}\n',)
    )
    feeder.start()
    assert list(read_documents([pipe])) == [Document.from_text("Uno."), Document.from_text("Dos.")]
    feeder.join()


def test_an_endless_device_is_refused() -> None:
    (found,) = read_documents(["/dev/zero"])
    assert str(found).startswith("'/dev/zero' is binary")
