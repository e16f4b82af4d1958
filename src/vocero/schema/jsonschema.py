"""The data model as versioned JSON Schema (2020-12)."""

from __future__ import annotations

from typing import Any

from vocero.schema.actor import Actor
from vocero.schema.attribution import Attribution
from vocero.schema.base import SCHEMA_VERSION, Record
from vocero.schema.claim import Claim
from vocero.schema.document import Document
from vocero.schema.extraction import Extraction
from vocero.schema.provenance import Provenance
from vocero.schema.rejection import Rejection
from vocero.schema.span import Span

SCHEMAS: dict[str, type[Record]] = {
    model.__name__.lower(): model
    for model in (Extraction, Document, Actor, Attribution, Claim, Span, Rejection, Provenance)
}
"""The classes that have a published schema, by lower-case name."""


def json_schema(name: str = "extraction") -> dict[str, Any]:
    """Return the JSON Schema of what Vocero writes for one class.

    Args:
        name: A key of `SCHEMAS`.

    Returns:
        A new dictionary with ``$schema`` (draft 2020-12) and ``$id``
        (``urn:vocero:schema:VERSION:NAME``).

    Raises:
        KeyError: no such class.
    """
    body = SCHEMAS[name].model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vocero:schema:{SCHEMA_VERSION}:{name}",
        **body,
    }
