"""The JSON Schemas that other tools read: valid, kept up to date, and true of what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from strategies import extractions
from vocero.cli import app
from vocero.schema import SCHEMA_VERSION, SCHEMAS, Extraction, json_schema

if TYPE_CHECKING:
    from pydantic import BaseModel

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / SCHEMA_VERSION
REWRITE = (
    f"for name in {' '.join(SCHEMAS)}; do "
    f"vocero schema $name > docs/schema/{SCHEMA_VERSION}/$name.schema.json; done"
)
VALIDATORS = {name: Draft202012Validator(json_schema(name)) for name in SCHEMAS}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_what_the_command_prints(name: str) -> None:
    printed = CliRunner().invoke(app, ["schema", name]).stdout
    published = (PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")

    assert published == printed, f"docs/schema has drifted; from the project's root: {REWRITE}"


def test_nothing_else_is_published() -> None:
    assert {path.name for path in PUBLISHED.iterdir()} == {
        f"{name}.schema.json" for name in SCHEMAS
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_2020_12_and_names_its_version(name: str) -> None:
    schema = json_schema(name)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:vocero:schema:1.0:{name}"
    Draft202012Validator.check_schema(schema)


def test_a_schema_of_no_class_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="quote"):
        json_schema("quote")


@settings(deadline=None)
@given(extractions())
def test_what_is_written_fits_its_schema(extraction: Extraction) -> None:
    assert errors("extraction", extraction) == []
    assert errors("document", extraction.document) == []
    assert errors("provenance", extraction.provenance) == []
    for name, records in {
        "actor": extraction.actors,
        "claim": extraction.claims,
        "attribution": extraction.attributions,
        "rejection": extraction.rejected,
        "span": tuple(extraction.spans()),
    }.items():
        for record in records:
            assert errors(name, record) == []


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"text": 7}, "7 is not of type 'string'"),
        ({"text": ""}, "'' should be non-empty"),
        ({"start": -1}, "-1 is less than the minimum of 0"),
        ({"match": "fuzzy"}, "'fuzzy' is not one of"),
        ({"score": 0.9}, "Additional properties are not allowed"),
    ],
)
def test_what_the_model_refuses_its_schema_refuses(broken: dict[str, object], message: str) -> None:
    span = {"start": 0, "end": 4, "text": "dijo", "match": "exact"}

    assert VALIDATORS["span"].is_valid(span)
    assert message in next(VALIDATORS["span"].iter_errors(span | broken)).message


def errors(name: str, record: BaseModel) -> list[str]:
    """What is wrong with a record as it is written, by the schema of this name."""
    written = json.loads(record.model_dump_json())
    return [error.message for error in VALIDATORS[name].iter_errors(written)]
