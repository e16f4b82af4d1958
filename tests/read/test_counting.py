"""How many articles there are, for a display of progress: a cheap answer or none."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from vocero.read import count_documents, read_documents

if TYPE_CHECKING:
    from pathlib import Path

RECORD = json.dumps({"text": "Sí."}).encode()
CONTENTS = {
    "a.txt": b"Dijo que no.\nSi.",
    "b": b"x\n",
    "c.html.gz": gzip.compress(b"<html></html>"),
    "d.json": b" \n" + RECORD,
    "e.jsonl": RECORD + b"\n" + RECORD + b"\n",
    "f.ndjson": RECORD + b"\n{broken\n" + RECORD,
    "g.csv": b'text,n\r\n"Dijo,\n""no"".\n",1\r\nNo.,2\r\n',
    "h.tsv": b'text\n"a\n\nb"\nNo.',
    "i.jsonl": b"\n",
}


@pytest.mark.parametrize("name", CONTENTS)
def test_the_count_is_that_of_what_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(CONTENTS[name])
    assert count_documents([path]) == len(list(read_documents([path])))


def test_folders_and_patterns_are_counted_through(tmp_path: Path) -> None:
    for name, content in CONTENTS.items():
        tmp_path.joinpath(name).write_bytes(content)
    count = count_documents([tmp_path])
    assert count == len(list(read_documents([tmp_path]))) == 14
    assert count_documents([str(tmp_path / "*")]) == count
    assert count_documents([tmp_path / "gone.csv", "none-*.txt", "a\0b.csv"]) == 3
    assert count_documents([]) == 0


def test_quotation_marks_are_followed_from_piece_to_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\n" + ('"' + "línea\n" * 300_000 + '"\n') * 3)
    assert count_documents([path]) == 3


def test_parquet_says_how_many_rows_it_has(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.table({"text": ["Sí."] * 7}), tmp_path / "a.parquet")
    assert count_documents([tmp_path]) == 7
    tmp_path.joinpath("a.parquet").write_bytes(b"")
    assert count_documents([tmp_path]) is None


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.zst", "a.warc", "a.warc.gz", "a.json"])
def test_what_only_reading_would_tell_is_unknown(tmp_path: Path, name: str) -> None:
    tmp_path.joinpath(name).write_bytes(b"[{}, {}]")
    tmp_path.joinpath("b.txt").write_bytes(b"Dijo que no.")
    assert count_documents([tmp_path]) is None


def test_streams_are_not_counted() -> None:
    assert count_documents(["-"]) is None
    assert count_documents(["/dev/null"]) is None
