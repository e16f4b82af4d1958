"""When failures stop being those of single articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vocero.corpus.outcome import Failed
from vocero.errors import ModelError

if TYPE_CHECKING:
    from vocero.corpus.outcome import Outcome

__all__ = ["SAME_FAILURES", "Breaker", "SameFailureError"]

SAME_FAILURES: Final = 20
"""In a row: as many as nobody would take for a coincidence."""


class SameFailureError(ModelError):
    """Article after article failed in the same way; the message is that of the last one."""


class Breaker:
    """Opens after so many failures of one kind in a row, with no article done between them.

    Args:
        limit: Failures in a row.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kind = ""
        self._row = 0

    def note(self, outcome: Outcome) -> None:
        """Count an article that the model was asked about.

        Raises:
            SameFailureError: it is time to stop.
        """
        if not isinstance(outcome, Failed):
            self._row = 0
            return
        self._row = self._row + 1 if outcome.error == self._kind else 1
        self._kind = outcome.error
        if self._row >= self._limit:
            msg = f"{self._row} articles in a row failed in the same way: {outcome.message}"
            raise SameFailureError(msg)
