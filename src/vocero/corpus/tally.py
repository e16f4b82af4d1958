"""Questions and what they took, counted."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from vocero.model import cost
from vocero.schema import Usage

if TYPE_CHECKING:
    from decimal import Decimal

    from vocero.model import Price

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Sums over questions, one by one or article by article; grows with each."""

    calls: int = 0
    """Questions."""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    untold: int = 0
    """Of what was counted: where the endpoint did not tell all tokens."""
    uncached: int = 0
    """And where it did not tell how many of them it had in its cache."""

    @property
    def usage(self) -> Usage:
        """Tokens, as far as they were told."""
        return Usage(
            input_tokens=self.input_tokens,
            cached_tokens=self.cached_tokens,
            output_tokens=self.output_tokens,
        )

    def count(self, usage: Usage, calls: int = 1) -> None:
        """Count a question, or several together.

        Args:
            usage: Their tokens.
            calls: How many; where there were none their tokens are not unknown.
        """
        self.calls += calls
        self.input_tokens += usage.input_tokens or 0
        self.cached_tokens += usage.cached_tokens or 0
        self.output_tokens += usage.output_tokens or 0
        if calls:
            self.untold += usage.input_tokens is None or usage.output_tokens is None
            self.uncached += usage.cached_tokens is None

    def include(self, other: Tally) -> None:
        """Count what another has counted."""
        for field in fields(Tally):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def taken(self) -> Tally:
        """Return what was counted so far, and begin anew."""
        so_far = replace(self)
        for field in fields(Tally):
            setattr(self, field.name, 0)
        return so_far

    def cost(self, price: Price | None) -> Decimal | None:
        """What it cost; None where that is not known of every part."""
        usage = self.usage
        if self.uncached:
            usage = usage.model_copy(update={"cached_tokens": None})
        return None if self.untold else cost(usage, price)
