"""Questions and articles as the journal keeps them, and the key a question is found by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vocero.schema import Usage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from vocero.model import Message

__all__ = ["Entry", "Record", "compact", "in_bytes", "key_of"]


@dataclass(frozen=True, slots=True)
class Record:
    """A question that has ended: with an answer, or with a failure, and never with both."""

    key: str
    """What `key_of` made of the question: 64 hexadecimal digits."""
    label: str
    """What the question was about, in the caller's words."""
    model: str
    """The model as the user named it."""
    messages: tuple[Message, ...]
    """The conversation as it was sent."""
    form: str
    """Name of the class that was to be filled."""
    started: dt.datetime
    """When it was asked; aware of its zone, kept in UTC to the microsecond."""
    ended: dt.datetime
    """When its answer or failure was there."""
    seconds: float
    """From asking to the end, waits and retries included; by a clock that nobody sets."""
    run: str | None = None
    """The run that asked; None where it was none."""
    max_tokens: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else changes an answer, as JSON can hold it; see `key_of`."""
    answer: str | None = None
    """The validated answer as JSON; None where there was none."""
    answered_by: str | None = None
    """The model that answered, as the endpoint named it."""
    finish: str | None = None
    """Why the model stopped, in the endpoint's words."""
    error: str | None = None
    """Name of the class of `vocero.errors` that it failed with; None for an answer."""
    why: str | None = None
    """That error's message."""
    usage: Usage = field(default_factory=Usage)
    """Tokens of every answer the endpoint gave to it, the refused ones included."""
    transport_retries: int = 0
    validation_retries: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that a run has finished, well or badly."""

    position: int
    """In the run's input, from 0."""
    model: str
    """The model as the user named it."""
    ended: dt.datetime
    digest: str
    """Of the article with all that is known of it, so that a changed input is noticed."""
    failed: bool
    outcome: str
    """What came of it, as JSON; see `vocero.corpus.outcome`."""


def key_of(
    messages: Sequence[Message],
    answer: type[BaseModel],
    *,
    model: str,
    max_tokens: int | None,
    parameters: Mapping[str, Any],
) -> str:
    """Return the SHA-256, in 64 hexadecimal digits, over all that an answer depends on.

    Neither the API key nor the address goes into it: the same model behind another address, or
    paid by somebody else, gives the same answers. Nor does the label, which is not sent.

    Args:
        messages: The conversation, code point for code point.
        answer: The class to fill; its JSON Schema counts, so that a changed field is a new
            question. That is built once for each class.
        model: The model as the user named it.
        max_tokens: Bound on the tokens of one answer.
        parameters: Whatever else changes an answer, in any order: the mode, the weights' digest.
    """
    asked = compact([list(messages), model, max_tokens, parameters])
    return hashlib.sha256(_schema_of(answer) + b"\n" + in_bytes(asked)).hexdigest()


@lru_cache(maxsize=256)
def _schema_of(answer: type[BaseModel]) -> bytes:
    return in_bytes(compact(answer.model_json_schema()))


def compact(value: object) -> str:
    """Return JSON in one spelling: sorted keys, no spaces, no escapes but those that JSON needs.

    Without escapes because two lone surrogates in a row would be escaped like the one character
    that they are not.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def in_bytes(text: str) -> bytes:
    """Return UTF-8, in which lone surrogates, which broken articles hold, are kept as they are."""
    return text.encode("utf-8", "surrogatepass")
