"""What the model proposed and Vocero refused."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from vocero.schema.base import Record

Stage = Literal["attributions", "actors", "claims"]
"""The question whose answer held the refused item."""
Reason = Literal[
    "not_in_text",
    "no_content",
    "no_cue",
    "self_source",
    "out_of_range",
    "duplicate",
    "new_number",
    "new_name",
    "other_words",
    "unanswered",
]


class Rejection(Record):
    """One refused item. Nothing that the model proposes is dropped in silence."""

    stage: Stage
    reason: Reason
    detail: str
    """One line for a person: what was wrong."""
    proposed: JsonValue
    """The item as the model gave it."""
    sentence: int | None = None
    """Number of the sentence it was about, counted from 1; None where it has none."""
