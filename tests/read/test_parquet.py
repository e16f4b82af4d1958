"""Parquet: rows are articles, and only the columns that say something of them are read."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading import read_documents
from vocero.errors import InputError
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
parquet = pytest.importorskip("pyarrow.parquet")

SI, NO = Document.from_text("Sí."), Document.from_text("No.")


def write(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "a.parquet"
    parquet.write_table(pa.table(columns), path, **options)
    return path


def read(path: Path, **fields: str) -> list[Document | str]:
    return [
        str(found).removeprefix(repr(str(path))).lstrip(", ")
        if isinstance(found, InputError)
        else found
        for found in read_documents([path], fields=fields)
    ]


def test_columns_are_fields_and_structs_lead_on(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "id": [7, 8],
            "body": ["Sí.", "No."],
            "lang": ["es", None],
            "source": [{"name": "El Diario", "rank": 1}, None],
            "vector": [[0.5] * 100] * 2,
            "published": [dt.datetime(2024, 1, 5, 10, 30, tzinfo=dt.UTC), None],
        },
    )
    assert read(path, text="body", outlet="source.name") == [
        Document.from_text(
            "Sí.",
            id="7",
            language="es",
            outlet="El Diario",
            published=dt.datetime(2024, 1, 5, 10, 30, tzinfo=dt.UTC),
        ),
        Document.from_text("No.", id="8"),
    ]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_any_text_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    texts = [*("." + text for text in texts), "\ufeff\r\n\x85", "%PDF-"]
    path = write(tmp_path_factory.mktemp("table"), {"text": texts})
    assert read(path) == [Document.from_text(text) for text in texts]


@pytest.mark.parametrize("kind", ["large_string", "string_view", "binary", "large_binary"])
def test_texts_may_be_kept_as_any_kind_of_string_or_bytes(tmp_path: Path, kind: str) -> None:
    texts = pa.array(["Sí.", "No."]).cast(getattr(pa, kind)())
    assert read(write(tmp_path, {"text": texts})) == [SI, NO]
    assert read(write(tmp_path, {"text": pa.array(["Sí.", "No."]).dictionary_encode()})) == [SI, NO]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([dt.date(2024, 1, 5)]), dt.date(2024, 1, 5)),
        (pa.array(["2024-01-05"]), dt.date(2024, 1, 5)),
        (
            pa.array([1_704_449_400_123_456_789], pa.timestamp("ns")),  # as pandas writes them
            dt.datetime(2024, 1, 5, 10, 10, 0, 123456),  # noqa: DTZ001 - the table names no zone
        ),
        (
            pa.array([1_704_449_400], pa.timestamp("s", "UTC")),
            dt.datetime(2024, 1, 5, 10, 10, tzinfo=dt.UTC),
        ),
    ],
)
def test_dates_and_times_are_read_in_each_unit(
    tmp_path: Path, column: Any, expected: dt.date
) -> None:
    path = write(tmp_path, {"text": ["Sí."], "published": column})
    assert read(path) == [Document.from_text("Sí.", published=expected)]


def test_a_bad_row_costs_itself(tmp_path: Path) -> None:
    broken = pa.array([b"S\xc3\xad.", b"se\xf1or", b"", b"a\0b", None, b"No."])
    path = write(tmp_path, {"text": broken})
    assert [str(one).partition(";")[0][:60] for one in read(path)[1:-1]] == [
        "row 2 is not UTF-8 (byte 0xf1 at offset 2) but most likely C",
        'row 3: "text" is empty',
        'row 4: "text" holds a NUL character, as binary data does',
        'row 5: "text" is null',
    ]
    assert (read(path)[0], read(path)[-1]) == (SI, NO)


def test_strings_that_are_no_utf8_are_found_out(tmp_path: Path) -> None:
    # Nothing checks what is written as a string.
    buffers = pa.array([b"S\xc3\xad.", b"se\xf1or"], pa.binary()).buffers()
    path = write(tmp_path, {"text": pa.StringArray.from_buffers(2, buffers[1], buffers[2])})
    first, error = read(path)
    assert first == SI
    assert str(error).startswith("row 2 is not UTF-8 (byte 0xf1 at offset 2)")


def test_a_table_without_a_text_or_rows_says_so(tmp_path: Path) -> None:
    assert read(write(tmp_path, {"id": [1], "body": ["Sí."]})) == [
        "has no \"text\" but ['id', 'body']; put the article there or map its field (text=NAME)"
    ]
    assert read(write(tmp_path, {"text": pa.array([], pa.string())})) == [
        "has no rows; write one for each article"
    ]


def test_of_a_table_that_was_cut_off_nothing_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["Sí."] * 1_000})
    whole = path.read_bytes()
    for data in (whole[:-20], b"", b"Dijo que no."):
        path.write_bytes(data)
        assert read(path) == ["is damaged or cut off, or no Parquet table; get or write it again"]


def test_what_comes_before_damage_is_read(tmp_path: Path) -> None:
    texts = [f"Dijo {n} veces que no." for n in range(3_000)]
    path = write(tmp_path, {"text": texts}, row_group_size=1_000, compression="gzip")
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 1_000] = bytes(1_000)
    path.write_bytes(damaged)
    *documents, error = read(path)
    assert documents == [Document.from_text(text) for text in texts[: len(documents)]]
    assert len(documents) >= 1_000
    assert str(error).startswith(f"is damaged or cut off after row {len(documents)}")


def test_a_compressed_table_has_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet.gz"
    path.write_bytes(b"")
    assert read(path) == ["cannot be read within its compression; unpack it first"]


def test_memory_stays_flat_within_one_row_group(tmp_path: Path) -> None:
    text = "Dijo que no. " * 20
    table = {"text": [f"{n} {text}" for n in range(20_000)], "other": [text * 4] * 20_000}
    path = write(tmp_path, table, row_group_size=20_000, use_dictionary=False)
    del table
    before = peak = pa.total_allocated_bytes()
    count = 0
    for _ in read_documents([path]):
        count += 1
        peak = max(peak, pa.total_allocated_bytes())
    assert count == 20_000
    assert peak - before < 4_000_000  # of 26 MB


def test_without_the_extra_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"text": ["Sí."]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert read(path) == ["needs the parquet extra; pip install 'vocero[parquet]'"]
