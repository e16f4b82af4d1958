"""The article, as it came."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Annotated, Self

from pydantic import Field, model_validator

from vocero.schema.base import Record, content_id


class Document(Record):
    """An article and what is known of it. The text is never altered: no strip, no normalisation."""

    id: str = Field(min_length=1)
    """The caller's id, or one made from the text; the same text gives the same id everywhere."""
    text: str
    """The article, code point for code point as it was read; every `Span` counts in it."""
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    """ISO 639 code, e.g. ``es``; None if unknown."""
    title: str | None = None
    url: str | None = None
    outlet: str | None = None
    """The newspaper, agency or site that published it."""
    published: Annotated[dt.date | dt.datetime | None, Field(union_mode="left_to_right")] = None
    """When it was published: a date or a time, whichever is known; relative dates are read against
    it. Midnight counts as the date alone."""
    origin: str | None = None
    """Where it was read from, as the caller named it: a path, or ``-``."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of ``text`` in UTF-8; invariant: it is the text's own."""

    @model_validator(mode="after")
    def _digest(self) -> Self:
        if self.sha256 != text_sha256(self.text):
            msg = "sha256 is not that of the text"
            raise ValueError(msg)
        return self

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        id: str | None = None,  # noqa: A002 - the field's own name
        language: str | None = None,
        title: str | None = None,
        url: str | None = None,
        outlet: str | None = None,
        published: dt.date | dt.datetime | None = None,
        origin: str | None = None,
    ) -> Self:
        """Make a document of a text, with its digest and, unless given, an id made from it."""
        return cls(
            id=id or content_id("doc", text),
            text=text,
            language=language,
            title=title,
            url=url,
            outlet=outlet,
            published=published,
            origin=origin,
            sha256=text_sha256(text),
        )


def text_sha256(text: str) -> str:
    """SHA-256 of the text in UTF-8, as 64 hexadecimal digits.

    Raises:
        ValueError: the text holds a lone surrogate.
    """
    return hashlib.sha256(text.encode()).hexdigest()
