"""The article as it came, and stretches of it counted in code points."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from strategies import texts
from vocero.schema import Document, Span


def test_a_span_counts_code_points() -> None:
    text = "😀 n\u0303o, dijo él"

    span = Span(start=2, end=5, text="n\u0303o")

    assert text[span.start : span.end] == span.text
    assert span.match == "exact"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(0, 1, "😀😀"), (0, 4, "😀"), (0, 2, "😀"), (5, 5, "a"), (6, 5, "a")],
    ids=["too short", "counted in bytes", "counted in UTF-16", "empty range", "backwards"],
)
def test_a_span_is_as_long_as_its_text(start: int, end: int, words: str) -> None:
    with pytest.raises(ValidationError, match=rf"span \[{start}:{end}\] has .* its text"):
        Span(start=start, end=end, text=words)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": -1, "end": 3}, "start\n.*greater than or equal to 0"),
        ({"end": 0}, "end\n.*greater than 0"),
        ({"text": ""}, "text\n.*at least 1 character"),
        ({"match": "fuzzy"}, "match\n.*'exact', 'typographic', 'case' or 'accents'"),
        ({"score": 0.9}, "score\n.*not permitted"),
    ],
)
def test_a_span_is_refused_by_field(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Span.model_validate({"start": 0, "end": 4, "text": "dijo", **changed})


def test_spans_contain_and_overlap_by_code_points() -> None:
    whole, inner, across = _of(0, 10), _of(2, 10), _of(8, 12)

    assert whole.contains(inner)
    assert not inner.contains(whole)
    assert whole.contains(whole)
    assert across.overlaps(whole)
    assert not whole.contains(across)
    assert not _of(0, 8).overlaps(across)  # half-open: they only touch
    assert not across.overlaps(_of(0, 8))


@settings(deadline=None)
@given(texts())
def test_a_text_is_never_altered(text: str) -> None:
    assert Document.from_text(text).text == text


def test_not_even_what_looks_like_a_slip() -> None:
    text = "\ufeff  “Ma\u0301s”,\xa0dijo.\r\n\r\n \0 "

    assert Document.from_text(text).text == text


@settings(deadline=None)
@given(texts())
def test_sha256_is_that_of_the_text_in_utf8(text: str) -> None:
    assert Document.from_text(text).sha256 == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_the_digest_of_another_text_is_refused() -> None:
    document = Document.from_text("Dijo que no.")

    with pytest.raises(ValidationError, match="sha256 is not that of the text"):
        Document.model_validate({**dict(document), "text": "Dijo que sí."})


def test_a_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        Document.from_text("half an emoji: \ud83d")


def test_the_text_makes_the_id_unless_the_caller_has_one() -> None:
    first = Document.from_text("Dijo que no.", title="Una cosa")

    assert first.id == Document.from_text("Dijo que no.", title="Otra cosa").id
    assert first.id != Document.from_text("Dijo que sí.", title="Una cosa").id
    assert Document.from_text("Dijo que no.", id="efe-1").id == "efe-1"


@pytest.mark.parametrize("language", ["es", "nah"])
def test_a_language_is_an_iso_639_code(language: str) -> None:
    assert Document.from_text("Texto.", language=language).language == language


@pytest.mark.parametrize("language", ["", "e", "ES", "es-MX", "español", "es\n"])
def test_other_names_of_languages_are_refused(language: str) -> None:
    with pytest.raises(ValidationError, match=r"language\n.*pattern"):
        Document.from_text("Texto.", language=language)


@settings(deadline=None)
@given(st.dates() | st.datetimes().filter(lambda time: time.time() != dt.time()))
def test_published_is_a_date_or_a_time_whichever_is_known(known: dt.date) -> None:
    published = Document.from_text("Texto.", published=known).published

    assert published == known
    assert type(published) is type(known)


def test_midnight_is_the_date_alone() -> None:
    midnight = dt.datetime(2024, 1, 5, tzinfo=dt.UTC)

    assert Document.from_text("Texto.", published=midnight).published == dt.date(2024, 1, 5)


def test_a_document_is_frozen() -> None:
    document = Document.from_text("Dijo que no.")

    with pytest.raises(ValidationError, match="frozen"):
        document.text = "Dijo que sí."  # type: ignore[misc]  # that it is refused is the test


def _of(start: int, end: int) -> Span:
    return Span(start=start, end=end, text="x" * (end - start))
