"""What was proposed and refused."""

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
    "low_confidence",
]


class Rejection(Record):
    """One refused item. Nothing that was proposed is dropped in silence.

    ``low_confidence``: read by code, and less sure than was asked for; or inside such a one. All
    other reasons are those for refusing what a model proposed.
    """

    stage: Stage
    reason: Reason
    detail: str
    """One line for a person: what was wrong."""
    proposed: JsonValue
    """The item as it was proposed; what code read, by its words."""
    sentence: int | None = None
    """Number of the sentence it was about, counted from 1; None where it has none."""
