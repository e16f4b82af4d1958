"""Tokens and money. Unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openai.types.chat import ChatCompletion

_PARTS = (2, 3)
# No request takes so many tokens; sums of millions of smaller counts still fit into 64 bits.
_TOO_MANY = 2**40


@dataclass(frozen=True, slots=True)
class Price:
    """Currency units per million tokens."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    """For input tokens that the endpoint had in its prompt cache; None: the same as others."""

    @classmethod
    def parse(cls, text: str) -> Price:
        """Read ``"input/output"`` or ``"input/output/cached input"``, e.g. ``"0.15/0.60"``.

        Raises:
            ValueError: not two or three numbers of at least 0.
        """
        parts = text.split("/")
        try:
            numbers = [Decimal(part.strip()) for part in parts]
        except InvalidOperation:
            numbers = []
        if len(numbers) not in _PARTS or not all(n.is_finite() and n >= 0 for n in numbers):
            msg = f"{text!r} is no price"
            raise ValueError(msg)
        return cls(*numbers)

    def __str__(self) -> str:
        """As `parse` reads it."""
        parts = (self.input, self.output, self.cached)
        return "/".join(f"{one:f}" for one in parts if one is not None)


def usage_of(completion: ChatCompletion) -> Usage:
    """Return what an endpoint says a completion took; nobody has validated it."""
    told = completion.usage
    details = getattr(told, "prompt_tokens_details", None)
    return Usage(
        input_tokens=token_count(getattr(told, "prompt_tokens", None)),
        cached_tokens=token_count(getattr(details, "cached_tokens", None)),
        output_tokens=token_count(getattr(told, "completion_tokens", None)),
    )


def token_count(told: object) -> int | None:
    """Return a count of tokens that an endpoint tells; None where it can be none."""
    return told if type(told) is int and 0 <= told < _TOO_MANY else None


def total_usage(usages: Iterable[Usage]) -> Usage:
    """Add up tokens. A sum with an unknown part is unknown; so is the sum of nothing."""
    all_of_them = list(usages)

    def add(counts: list[int | None]) -> int | None:
        known = [count for count in counts if count is not None]
        return sum(known) if known and len(known) == len(counts) else None

    return Usage(
        input_tokens=add([usage.input_tokens for usage in all_of_them]),
        cached_tokens=add([usage.cached_tokens for usage in all_of_them]),
        output_tokens=add([usage.output_tokens for usage in all_of_them]),
    )


def cost(usage: Usage, price: Price | None) -> Decimal | None:
    """Return what the tokens cost, exactly, in the currency of the price.

    None without a price, without token counts, or where the price sets cached tokens apart and
    the endpoint does not say how many there were.
    """
    if price is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    cached = usage.cached_tokens if price.cached is not None else 0
    if cached is None:
        return None
    amount = (usage.input_tokens - cached) * price.input + usage.output_tokens * price.output
    return (amount + cached * (price.cached or Decimal(0))) / 1_000_000
