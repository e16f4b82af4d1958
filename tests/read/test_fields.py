"""Records of other shapes: which field holds the text, and what is known of it."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING

import pytest

from reading import read_documents
from vocero.errors import InputError, SettingsError
from vocero.read import parse_fields
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path

SCRAPED = {
    "guid": "n-1",
    "body": "Dijo que no.",
    "lang_code": "es-MX",
    "headline": "No",
    "link": "https://diario.example/1",
    "source": {"name": "El Diario"},
    "meta": {"dates": {"first": "2024-01-05"}},
}
MAPPING = {
    "text": "body",
    "id": "guid",
    "language": "lang_code",
    "title": "headline",
    "url": "link",
    "outlet": "source.name",
    "published": "meta.dates.first",
}
DOCUMENT = Document.from_text(
    "Dijo que no.",
    id="n-1",
    language="es",
    title="No",
    url="https://diario.example/1",
    outlet="El Diario",
    published=dt.date(2024, 1, 5),
)


def read(folder: Path, *records: object, fields: dict[str, str]) -> list[Document | str]:
    """What is found in records: documents, and messages from the number of the line on."""
    path = folder / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return [
        str(found).removeprefix(repr(str(path))).removeprefix(", ")
        if isinstance(found, InputError)
        else found
        for found in read_documents([path], fields=fields)
    ]


def test_each_thing_known_of_an_article_may_have_another_name(tmp_path: Path) -> None:
    assert read(tmp_path, SCRAPED, fields=MAPPING) == [DOCUMENT]


def test_what_is_not_mapped_keeps_its_name(tmp_path: Path) -> None:
    record = {"id": "n-1", "body": "Sí.", "text": "not this", "title": "Sí"}
    assert read(tmp_path, record, fields={"text": "body"}) == [
        Document.from_text("Sí.", id="n-1", title="Sí")
    ]


def test_a_name_with_a_dot_in_it_comes_before_a_way_into_an_object(tmp_path: Path) -> None:
    record = {"text": "Sí.", "source.name": "El Diario", "source": {"name": "Otro"}}
    assert read(tmp_path, record, fields={"outlet": "source.name"}) == [
        Document.from_text("Sí.", outlet="El Diario")
    ]


def test_a_field_may_be_absent_from_some_records(tmp_path: Path) -> None:
    fields = {"outlet": "source.name"}
    assert read(tmp_path, {"text": "Sí.", "source": {"name": "A"}}, {"text": "No."}, fields=fields)
    assert read(tmp_path, {"text": "Sí.", "source": None}, {"text": "No."}, fields=fields) == [
        Document.from_text("Sí."),
        Document.from_text("No."),
        "no record has a field 'source.name'; correct outlet=source.name or leave it out",
    ]


def test_a_field_that_the_first_records_lack_is_told_before_the_others_are_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "vocero.read")  # commands may have made it quiet
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"text": f"Sí {n}.", "title": "Sí", "date": None}) for n in range(30)]
    path.write_text("\n".join(lines), encoding="utf-8")

    found = read_documents([path], fields={"published": "dates", "title": "title"})
    told = []
    for _ in found:
        told.append(caplog.messages)
        caplog.clear()

    # 30 documents, and the error at the end for what no record had.
    assert [number for number, lines in enumerate(told, start=1) if lines] == [20]
    (line,) = told[19]
    assert line == (
        "none of the first 20 records has a field 'dates', the last has ['text', 'title', 'date']; "
        "correct published=dates, unless those that follow have it"
    )
    assert len(told) == 31


def test_a_column_that_a_table_lacks_is_told_before_its_first_row(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "vocero.read")
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("text,date\n" + "Sí.,2024-01-05\n" * 30, encoding="utf-8")
    other.write_text("text,dates\nNo.,2024-01-06\n", encoding="utf-8")

    found = read_documents([path, other], fields={"published": "dates"})
    next(found)
    (line,) = caplog.messages
    assert line == (
        f"{str(path)!r} has no field 'dates' but ['text', 'date']; "
        "correct published=dates, unless those that follow have it"
    )
    assert [one.published for one in found if isinstance(one, Document)][-1] == dt.date(2024, 1, 6)
    assert len(caplog.messages) == 1


def test_errors_speak_of_the_fields_by_their_own_names(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        {"text": "Sí."},
        {"body": 3},
        {"body": "Sí.", "source": {"name": 3}},
        fields={"text": "body", "outlet": "source.name"},
    ) == [
        "line 1 has no \"body\" but ['text']; put the article there or map its field (text=NAME)",
        'line 2: "body" is a number; make it a string',
        'line 3: "source.name" is 3, not a string; correct it or leave it out',
    ]


def test_texts_have_no_fields_and_miss_none(tmp_path: Path) -> None:
    tmp_path.joinpath("a.txt").write_text("Sí.")
    assert list(read_documents([tmp_path], fields=MAPPING)) == [Document.from_text("Sí.")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"body": "text"}, "field 'body' is none of text, id, language, title, url, outlet, pub"),
        ({"text": ""}, "field 'text' is mapped to no name; give it one"),
    ],
)
def test_a_mapping_of_what_is_not_known_is_refused(fields: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        list(read_documents([], fields=fields))


def test_the_command_line_writes_them_as_pairs() -> None:
    assert parse_fields([f"{target}={name}" for target, name in MAPPING.items()]) == MAPPING
    assert parse_fields(["text=a=b"]) == {"text": "a=b"}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["body"], "field 'body' has no '='; write it as in text=body"),
        (["text=a", "text=b"], "field 'text' is mapped twice; leave one out"),
        (["=a"], "field '' is none of text"),
        (["text="], "field 'text' is mapped to no name"),
    ],
)
def test_a_malformed_pair_is_refused(pairs: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_fields(pairs)
