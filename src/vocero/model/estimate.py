"""How many tokens a request will take: a guess for pacing, a bound for budgets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

# To begin with; English has about 4 characters a token, other languages fewer.
_TOKENS_A_CHARACTER = 0.3
# So much does one more answer count among those before it.
_WEIGHT = 0.1
# Where a request names no bound: what most models can write at most.
_LONGEST_ANSWER = 16_384


class Estimate:
    """Guesses from what the requests before took; forgets slowly, for articles change."""

    def __init__(self) -> None:
        self._per_character = _TOKENS_A_CHARACTER
        self._answer: float | None = None

    def guess(self, request: Mapping[str, Any]) -> float:
        """Return the tokens of a request and its answer, as far as can be said."""
        answer = _bound(request) or 0 if self._answer is None else self._answer
        return self._per_character * _characters(request) + answer

    def learn(self, request: Mapping[str, Any], took: Usage) -> None:
        """Take in what a request took."""
        characters = _characters(request)
        if took.input_tokens is not None and characters:
            measured = took.input_tokens / characters
            self._per_character += _WEIGHT * (measured - self._per_character)
        if took.output_tokens is not None:
            before = took.output_tokens if self._answer is None else self._answer
            self._answer = before + _WEIGHT * (took.output_tokens - before)


def at_most(request: Mapping[str, Any]) -> Usage:
    """Return bounds on what a request takes.

    A token stands for at least one byte, and what models put around messages for less than JSON
    does. Without a bound on its answer, 16,384 tokens are taken for one.
    """
    sent = {
        name: request[name] for name in ("messages", "response_format", "tools") if name in request
    }
    text = json.dumps(sent, ensure_ascii=False)
    bound = _bound(request)
    return Usage(
        input_tokens=len(text.encode("utf-8", "surrogatepass")),
        cached_tokens=0,
        output_tokens=_LONGEST_ANSWER if bound is None else bound,
    )


def _bound(request: Mapping[str, Any]) -> int | None:
    bound: int | None = request.get("max_tokens", request.get("max_completion_tokens"))
    return bound


def _characters(request: Mapping[str, Any]) -> int:
    return sum(len(message.get("content") or "") for message in request["messages"])
