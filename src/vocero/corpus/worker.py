"""Reads articles for a run: an article costs itself at most, and what concerns all of them stops."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vocero.corpus.collecting import collecting_seldom
from vocero.corpus.journal import Journal
from vocero.corpus.journaled import Journaled
from vocero.corpus.outcome import Account, Done, Failed
from vocero.errors import (
    AuthenticationError,
    ModelError,
    ModelNotFoundError,
    QuotaError,
    UnreachableError,
    VoceroError,
)
from vocero.extraction import Extractor
from vocero.model import Pacer, connect

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from vocero.corpus.outcome import Outcome
    from vocero.model import ConnectOptions, Model, Pacing
    from vocero.model.budget import Spending
    from vocero.schema import Document, Usage

__all__ = ["HOPELESS", "Reader", "Setup", "Worker"]

HOPELESS = (AuthenticationError, ModelNotFoundError, QuotaError, UnreachableError)
"""Failures of the model after which the next article would fare no better."""


class Reader(Protocol):
    """Whatever reads articles for a run: this process, or others."""

    async def read(self, document: Document, *, retry: bool) -> Outcome:
        """Return what came of an article.

        Args:
            document: The article.
            retry: Ask again where the journal holds nothing but failures.

        Raises:
            VoceroError: nothing more can be done, for this article or any other.
        """

    async def aclose(self) -> None:
        """Give back what was taken."""


class Worker:
    """Reads articles in this process.

    Args:
        model: Asked where the journal has no answer; closed at the end.
        journal: Comes before the model, so that nothing is paid for twice. It stays open.
        created_at: The time that extractions give as theirs.
        run: The run's own id.
        min_confidence: As for `vocero.Extractor`.
        on_asked: Told what each question took that the journal had no answer to.
    """

    def __init__(
        self,
        model: Model,
        journal: Journal,
        *,
        created_at: dt.datetime,
        run: str,
        min_confidence: float | None,
        on_asked: Callable[[Usage], None],
    ) -> None:
        self._model = model
        self._extractors = {
            retry: Extractor(
                Journaled(model, journal, retry_failed=retry, run=run, on_asked=on_asked),
                created_at=created_at,
                min_confidence=min_confidence,
            )
            for retry in (False, True)
        }

    async def read(self, document: Document, *, retry: bool) -> Outcome:
        """See `Reader.read`."""
        try:
            extraction = await self._extractors[retry].aextract(document)
        except HOPELESS:
            raise
        except ModelError as error:
            return Failed.to_answer(document, error)
        except VoceroError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not cost the other articles
            return Failed.by_bug(document, error)
        return Done(extraction.model_dump_json().encode(), Account.of(extraction))

    async def aclose(self) -> None:
        """See `Reader.aclose`."""
        await self._model.aclose()


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs to know; can be sent to another process, or another machine."""

    model: str | None
    """As for `vocero.model.connect`."""
    options: ConnectOptions
    """The other arguments of `vocero.model.connect`; such as can be pickled."""
    journal: Path
    created_at: dt.datetime
    run: str
    """The run's own id."""
    min_confidence: float | None
    """As for `vocero.Extractor`."""
    workers: int = 1
    """How many share the questions at once, and the endpoint's rate."""

    def connect(self, pacer: Pacing | None = None, budget: Spending | None = None) -> Model:
        """Connect with this worker's part of all that is shared.

        Args:
            pacer: Instead of one that keeps to that part.
            budget: The whole run's.
        """
        options = self.options.copy()
        if self.workers > 1 and (concurrency := options.get("concurrency")):
            options["concurrency"] = math.ceil(concurrency / self.workers)
        if budget is not None:
            options["budget"] = budget
        options["pacer"] = pacer or Pacer(share=1 / self.workers)
        return connect(self.model, **options)

    @asynccontextmanager
    async def worker(
        self,
        on_asked: Callable[[Usage], None],
        pacer: Pacing | None = None,
        budget: Spending | None = None,
    ) -> AsyncIterator[Worker]:
        """Open the journal and connect; both are closed at the end."""
        with Journal(self.journal) as journal, collecting_seldom():
            worker = Worker(
                self.connect(pacer, budget),
                journal,
                created_at=self.created_at,
                run=self.run,
                min_confidence=self.min_confidence,
                on_asked=on_asked,
            )
            try:
                yield worker
            finally:
                await worker.aclose()
