"""What tests of `vocero extract` ask an endpoint for, and how the command ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vocero.schema import Extraction

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ANSWERS", "LAKE", "MAYOR", "RIVER", "SAID", "Done", "Endpoint", "completion", "origins"]

MAYOR = "The river has never been cleaner, the mayor said on Monday.\n"
SAID = {"s": 1, "cue": "said", "src": "the mayor", "who": 1, "st": "asserts", "via": ""}
RIVER = {"say": ["The river has never been cleaner"], "claim": "", "mod": "fact"}
LAKE = {"say": ["The lake is clean"], "claim": "", "mod": "fact"}  # which the article does not hold
ANSWERS: dict[str, dict[str, object]] = {
    "ArticleDraft": {
        "sources": [{"n": 1, "name": "the mayor", "kind": "person", "country": ""}],
        "items": [SAID | RIVER, SAID | LAKE],
    },
    "ClaimsDraft": {
        "items": [{"n": 1, "claim": "The river has never been cleaner.", "mod": "fact"}]
    },
}


@dataclass
class Endpoint:
    """An OpenAI-compatible endpoint. It knows one model, `reader`, and one key, `sesame`."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    """The questions that came, each as the user's message."""
    status: Callable[[str], int] = lambda _question: 200
    """What it answers a question with."""


def completion(request: dict[str, Any]) -> dict[str, Any]:
    """What the model answers to a request."""
    answer = ANSWERS[request["response_format"]["json_schema"]["name"]]
    message = {"role": "assistant", "content": json.dumps(answer)}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "reader-2026",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 90, "completion_tokens": 30, "total_tokens": 120},
    }


@dataclass
class Done:
    """How a command ended."""

    code: object
    out: str
    err: list[str]
    """The lines of the error stream."""


def origins(lines: str) -> list[str | None]:
    """The articles that lines of JSON are about."""
    return [Extraction.model_validate_json(one).document.origin for one in lines.splitlines()]
