"""What a run has come to, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vocero.corpus.outcome import Failed
from vocero.corpus.tally import Tally
from vocero.model import cost

if TYPE_CHECKING:
    from vocero.corpus.journal import Journal
    from vocero.corpus.manifest import Manifest
    from vocero.corpus.outcome import Account, Outcome
    from vocero.model import Price

__all__ = ["Summary", "spent"]

_SUMS = ("attributions", "actors", "claims", "transport_retries", "validation_retries")


@dataclass(slots=True)
class Summary(Tally):
    """Sums over the articles of a run, whoever asked about them; grows with each."""

    done: int = 0
    failed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Failed articles by the name of the error."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Refused proposals by reason."""
    sums: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> int:
        """Articles that are done or failed."""
        return self.done + self.failed

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
        self.count(account.usage, account.calls)

    def to_json(self, price: Price | None) -> dict[str, Any]:
        """As an object for ``summary.json``; a cost that is not known of every article is null.

        Args:
            price: Of the tokens.
        """
        money = self.cost(price)
        return {
            "articles": {"done": self.done, "failed": self.failed},
            "failures": dict(sorted(self.failures.items())),
            "calls": self.calls,
            **{name: self.sums[name] for name in _SUMS},
            "rejected": dict(sorted(self.rejected.items())),
            "usage": self.usage.model_dump(),
            "articles_without_token_counts": self.untold,
            "cost": None if money is None else f"{money:f}",
        }


def spent(journal: Journal, manifest: Manifest, price: Price | None) -> dict[str, Any]:
    """What a run has paid itself, in all its sessions, as an object for ``summary.json``.

    Its results may have cost more, where others had paid for answers in the journal, or less, where
    answers came that are in no result.
    """
    usage = journal.usage(manifest.run)
    money = cost(usage, price)
    return {"usage": usage.model_dump(), "cost": None if money is None else f"{money:f}"}
