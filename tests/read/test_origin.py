"""Where an article was read from is told as the caller named it."""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

from vocero.read import read_documents
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_a_file_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Uno.")
    (tmp_path / "b.jsonl").write_text('{"text": "Dos."}\n')
    found = list(read_documents([tmp_path, "-"], stdin=BytesIO(b"Tres.")))
    assert [one.origin for one in found if isinstance(one, Document)] == [
        str(tmp_path / "a.txt"),
        str(tmp_path / "b.jsonl"),
        "-",
    ]


def test_a_name_that_is_not_utf_8_can_still_be_written(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"art\xedculo.txt")).write_text("Uno.")
    (found,) = read_documents([tmp_path])
    assert isinstance(found, Document)
    assert "art\\\\udcedculo.txt" in found.model_dump_json()
