"""An extraction can be written as JSON and read back: nothing lost, nothing changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from strategies import extractions
from vocero.schema import Document, Extraction, Rejection

if TYPE_CHECKING:
    from pydantic import JsonValue


@settings(deadline=None)
@given(extractions())
def test_reading_what_was_written_is_identity(extraction: Extraction) -> None:
    written = extraction.model_dump_json()

    read = Extraction.model_validate_json(written)

    assert read == extraction
    assert read.model_dump_json() == written


@settings(deadline=None)
@given(extractions())
def test_so_it_is_by_way_of_python_values(extraction: Extraction) -> None:
    assert Extraction.model_validate(extraction.model_dump()) == extraction


def test_an_extraction_is_one_line_of_jsonl() -> None:
    document = Document.from_text("Uno.\r\nDos.\u2028Tres.\x85Cuatro.")

    assert "\n" not in document.model_dump_json()
    assert "\r" not in document.model_dump_json()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_cannot_hold_are_refused(number: float) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        _rejection({"confidence": [number]})


@pytest.mark.parametrize("proposed", ["\ud83d", {"\ud83d": 1}, [{"say": "\udc80"}]])
def test_strings_that_utf8_cannot_hold_are_refused(proposed: JsonValue) -> None:
    with pytest.raises(ValidationError, match="valid string"):
        _rejection(proposed)


def test_so_are_they_in_every_other_field() -> None:
    with pytest.raises(ValidationError, match="valid string"):
        Document.from_text("Texto.", title="\ud83d")


def _rejection(proposed: JsonValue) -> Rejection:
    return Rejection(stage="claims", reason="no_content", detail="no claim", proposed=proposed)
