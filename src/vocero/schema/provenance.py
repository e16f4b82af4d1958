"""Where an extraction came from and what it cost. Unknown is None, never 0."""

from __future__ import annotations

from decimal import Decimal

from pydantic import AwareDatetime, Field, field_serializer

from vocero.schema.base import SCHEMA_VERSION, Record


class Usage(Record):
    """Tokens, summed over every call that was answered; None where the endpoint did not say."""

    input_tokens: int | None = Field(default=None, ge=0)
    cached_tokens: int | None = Field(default=None, ge=0)
    """Those of the input tokens that the endpoint had ready in its prompt cache."""
    output_tokens: int | None = Field(default=None, ge=0)


class Attempts(Record):
    """How often the model was called, and why more than once."""

    calls: int = Field(default=0, ge=0)
    """Questions asked: a question that needed three tries is one call."""
    transport_retries: int = Field(default=0, ge=0)
    """Tries repeated because of a 429, a 5xx, a reset or a timeout."""
    validation_retries: int = Field(default=0, ge=0)
    """Tries repeated because the answer did not fit the schema, was cut, or held refused items."""


class Provenance(Record):
    """How an extraction was made."""

    model: str
    """The model that answered, as the endpoint names it."""
    prompts: dict[str, str]
    """By name of the question: SHA-256 over the messages sent for it, as hexadecimal digits."""
    schema_version: str = SCHEMA_VERSION
    vocero_version: str
    created_at: AwareDatetime
    usage: Usage = Field(default_factory=Usage)
    cost: Decimal | None = None
    """In the currency of the price setting; None without one, or where usage is unknown."""
    attempts: Attempts = Field(default_factory=Attempts)

    @field_serializer("cost", when_used="json")
    def _plainly(self, cost: Decimal | None) -> str | None:
        # 0.0000001 and not 1E-7, which not every reader of decimals takes.
        return None if cost is None else f"{cost:f}"
