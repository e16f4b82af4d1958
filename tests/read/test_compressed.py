"""gzip and zstd: read as what they hold, without ever holding it whole."""

from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from reading import read_documents
from vocero.errors import InputError
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

zstd = pytest.importorskip("backports.zstd", reason="needs the extra zstd")

PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd.compress}


@pytest.fixture(params=PACKERS)
def ending(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(path: Path, limit: int = 1_000_000) -> list[Document | str]:
    return [
        str(found).removeprefix(repr(str(path))).lstrip(", ")
        if isinstance(found, InputError)
        else found
        for found in read_documents([path], limit=limit)
    ]


def lines(count: int) -> bytes:
    # Numbers that no packer can foresee, so that a tear falls among them.
    texts = (f"Dijo {(n * 2654435761) % 2**32} y {(n * 40503) ** 3 % 2**61}." for n in range(count))
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)


@pytest.mark.parametrize("name", ["a.txt", "a", "a.JSON", "a.jsonl", "a.ndjson", "a.csv"])
def test_the_ending_before_tells_what_is_inside(tmp_path: Path, ending: str, name: str) -> None:
    document = Document.from_text("Sí, señor.\r\n")
    content = {
        ".csv": '"text"\r\n"Sí, señor.\r\n"\r\n',
        ".txt": document.text,
        "": document.text,
    }.get(name[1:], json.dumps({"text": document.text}))
    path = tmp_path / (name + ending)
    path.write_bytes(PACKERS[ending](content.encode()))
    assert read(path) == [document]
    assert read(tmp_path) == [document]  # in a folder as well


def test_several_members_in_a_row_are_one_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    pack = PACKERS[ending]
    path.write_bytes(pack(b'{"text": "Uno."}\n{"te') + pack(b'xt": "Dos."}\n'))
    assert read(path) == [Document.from_text("Uno."), Document.from_text("Dos.")]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.999])
def test_what_comes_before_a_tear_is_read(tmp_path: Path, ending: str, share: float) -> None:
    content = lines(20_000)
    whole = PACKERS[ending](content)
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(whole[: int(len(whole) * share)])
    *documents, error = read(path)
    assert error == "was cut off within its data; get it again"
    expected = [json.loads(line)["text"] for line in content.splitlines()]
    texts = [found.text for found in documents if isinstance(found, Document)]
    assert texts == expected[: len(documents)]
    assert len(documents) > 20_000 * (share - 0.15)


def test_half_a_text_is_no_text(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.txt{ending}"
    path.write_bytes(PACKERS[ending](lines(10_000))[:-10])
    assert read(path) == ["was cut off within its data; get it again"]


def test_damage_ends_the_file_and_not_the_run(tmp_path: Path, ending: str) -> None:
    damaged = bytearray(PACKERS[ending](lines(20_000)))
    damaged[len(damaged) // 2 :] = b"\xff" * (len(damaged) // 2)
    (tmp_path / f"a.jsonl{ending}").write_bytes(damaged)
    (tmp_path / f"b.txt{ending}").write_bytes(b"Dijo que no.")
    (tmp_path / "c.txt").write_text("Dijo que no.")
    found = list(read_documents([tmp_path]))
    errors = [str(one) for one in found if isinstance(one, InputError)]
    damaged_error, other_error = errors
    assert damaged_error.endswith("get it again")
    assert other_error.endswith("is damaged or not what its ending says; get it again")
    assert found[-1] == Document.from_text("Dijo que no.")


def test_a_bomb_costs_itself_and_no_memory(tmp_path: Path, ending: str) -> None:
    record = b'{"text": "Dijo que no."}\n'
    bomb = b'{"text": "' + b"x" * 50_000_000 + b'"}\n'
    (tmp_path / f"a.jsonl{ending}").write_bytes(PACKERS[ending](record + bomb + record))
    (tmp_path / f"b.txt{ending}").write_bytes(PACKERS[ending](bomb))
    del bomb
    tracemalloc.start()
    first, line, last, text = read_documents([tmp_path], limit=100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first == last == Document.from_text("Dijo que no.")
    for error in (line, text):
        assert "is longer than the limit of 100,000 code points" in str(error)
    assert peak < 20_000_000


def test_memory_stays_flat(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(PACKERS[ending](lines(20_000)))
    tracemalloc.start()
    count = sum(1 for _ in read_documents([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000


def test_without_the_extra_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("backports.zstd", "compression.zstd"):
        monkeypatch.setitem(sys.modules, module, None)
    path = tmp_path / "a.txt.zst"
    path.write_bytes(b"")
    assert read(path) == ["needs the zstd extra; pip install 'vocero[zstd]'"]
