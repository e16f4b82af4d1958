"""What a run has come to, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vocero.corpus.outcome import Failed
from vocero.model import cost
from vocero.schema import Usage

if TYPE_CHECKING:
    from decimal import Decimal

    from vocero.corpus.outcome import Account, Outcome
    from vocero.model import Price

__all__ = ["Summary"]

_SUMS = ("attributions", "actors", "claims", "calls", "transport_retries", "validation_retries")


@dataclass(slots=True)
class Summary:
    """Sums over the articles of a run; grows with each."""

    done: int = 0
    failed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Failed articles by the name of the error."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Refused proposals by reason."""
    sums: Counter[str] = field(default_factory=Counter)
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    untold: int = 0
    """Articles with questions of which the endpoint did not tell all tokens."""
    uncached: int = 0
    """Articles with questions of which it did not tell how many tokens it had in its cache."""

    @property
    def finished(self) -> int:
        """Articles that are done or failed."""
        return self.done + self.failed

    @property
    def usage(self) -> Usage:
        """Tokens of all articles, as far as they were told."""
        return Usage(
            input_tokens=self.input_tokens,
            cached_tokens=self.cached_tokens,
            output_tokens=self.output_tokens,
        )

    def add(self, outcome: Outcome) -> None:
        """Count one article."""
        if isinstance(outcome, Failed):
            self.failed += 1
            self.failures[outcome.error] += 1
            self._add(outcome.account)
        else:
            self.add_done(outcome.account)

    def add_done(self, account: Account) -> None:
        """Count an article that is done, by its account alone."""
        self.done += 1
        self._add(account)

    def _add(self, account: Account) -> None:
        self.rejected.update(account.rejected)
        for name in _SUMS:
            self.sums[name] += getattr(account, name)
        usage = account.usage
        self.input_tokens += usage.input_tokens or 0
        self.cached_tokens += usage.cached_tokens or 0
        self.output_tokens += usage.output_tokens or 0
        if account.calls:
            self.untold += usage.input_tokens is None or usage.output_tokens is None
            self.uncached += usage.cached_tokens is None

    def cost(self, price: Price | None) -> Decimal | None:
        """What the articles cost; None where that is not known of every one."""
        usage = self.usage
        if self.uncached:
            usage = usage.model_copy(update={"cached_tokens": None})
        return None if self.untold else cost(usage, price)

    def to_json(self, price: Price | None) -> dict[str, Any]:
        """As an object for ``summary.json``; a cost that is not known of every article is null.

        Args:
            price: Of the tokens.
        """
        money = self.cost(price)
        return {
            "articles": {"done": self.done, "failed": self.failed},
            "failures": dict(sorted(self.failures.items())),
            **{name: self.sums[name] for name in _SUMS},
            "rejected": dict(sorted(self.rejected.items())),
            "usage": self.usage.model_dump(),
            "articles_without_token_counts": self.untold,
            "cost": None if money is None else f"{money:f}",
        }
