"""Rounds of batches, until no article of a run has a question left that has no answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from vocero.corpus.journaled import Journaled
from vocero.corpus.provider.model import PostedModel
from vocero.corpus.provider.outbox import Limits, Outbox
from vocero.corpus.runner import Article, changed
from vocero.errors import InputError, ModelError, SettingsError, VoceroError
from vocero.extraction import Extractor
from vocero.extraction.session import DeferredError, together
from vocero.model import total_usage
from vocero.model.budget import NOTHING, Budget

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator
    from decimal import Decimal
    from pathlib import Path

    import httpx2

    from vocero.corpus.journal import Journal
    from vocero.corpus.manifest import Manifest
    from vocero.corpus.provider.post import Standing
    from vocero.model import ModelSettings
    from vocero.schema import Document, Usage

__all__ = ["OpenAIBatch"]

# Articles read at once. Their answers go into the journal together, at a fraction of the time that
# each would take by itself; more of them make that hardly faster.
_AT_ONCE: Final = 64
# As `State.article` knows them; True are those that need nothing more.
_BEGUN: Final[frozenset[bool | None]] = frozenset({False})
_NEW: Final[frozenset[bool | None]] = frozenset({None})


@dataclass(frozen=True, slots=True)
class _Pass:
    """One reading of the input."""

    journal: Journal
    manifest: Manifest
    outbox: Outbox
    wanted: frozenset[bool | None]
    """Which articles, as `State.article` has them."""
    retry_failed: bool


class OpenAIBatch:
    """Asks all questions of a run through a provider's batches, at half their price.

    `fill` asks, and keeps what comes. Then `model` answers from it, without a request, to whoever
    reads the articles in the ordinary way: what a run writes is what it would have written online.
    Everything that must outlive a crash is in the folder; it can go once the run is finished.

    Args:
        folder: Of the run, for these files alone; made if it is not there.
        settings: Of an endpoint that offers OpenAI's Files and Batches.
        budget_money: Submit nothing that might make the run cost more, in the currency of the price.
        budget_tokens: Submit nothing that might make the run take more tokens.
        limits: Of a file of requests.
        interval: Seconds between two looks at a batch; the first ones follow sooner.
        validation_retries: Answers asked for again because the one before did not fit.
        max_tries: Requests of one question that the provider failed to carry out (429, 5xx).
        max_calls: Tries of each call to the provider; 18 outlast six minutes without it, if it
            was ever there.
        on_progress: Told how the batches stand, whenever that changes and at each look.
        on_asked: Told of each question that was answered, by the tokens of its answers.
        transport: Instead of the network, for tests.
        sleep: Waits, for tests.

    Raises:
        SettingsError: the settings name the embedded model, or the budget has no price.
    """

    def __init__(
        self,
        folder: Path,
        settings: ModelSettings,
        *,
        budget_money: Decimal | None = None,
        budget_tokens: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - immutable
        interval: float = 60.0,
        validation_retries: int = 2,
        max_tries: int = 3,
        max_calls: int = 18,
        on_progress: Callable[[Standing], None] | None = None,
        on_asked: Callable[[Usage], None] = lambda _: None,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if settings.local:
            msg = "the embedded model has no batches: name the model of an endpoint (--model)"
            raise SettingsError(msg)
        self._folder = folder
        self._settings = settings
        self._money = budget_money
        self._tokens = budget_tokens
        self._limits = limits
        self._interval = interval
        self._max_calls = max_calls
        self._on_progress = on_progress
        self._on_asked = on_asked
        self._transport = transport
        self._sleep = sleep
        self.model = PostedModel(
            settings, folder, validation_retries=validation_retries, max_tries=max_tries
        )
        self._budget(NOTHING)  # one without a price is better told now

    async def fill(
        self,
        documents: Callable[[], Iterable[Document | InputError]],
        journal: Journal,
        manifest: Manifest,
        *,
        retry_failed: bool = False,
    ) -> None:
        """Ask until the journal and `model` can answer every question of the articles.

        Cancelled or killed at any moment, it goes on from there when it is called again, and
        submits nothing twice. Where the budget does not reach, it returns and `model` raises
        `BudgetError` for what was not asked.

        Args:
            documents: Gives the input from its beginning, each time it is called: once a round.
            journal: The run's.
            manifest: The run's.
            retry_failed: Ask again about articles that the journal has entered as failed.

        Raises:
            SettingsError: the endpoint offers no batches, or the input is not the run's.
            ModelError: the provider refuses the key, the model or a whole file; or it could not be
                reached, or let a batch expire without one answer. Run again to go on.
            VoceroError: a batch was cancelled; or the disk cannot be written.
        """
        self.model.state.begin()
        self.model.stopped = None
        # Not above: the SDK takes 1.7 s to import.
        from vocero.corpus.provider.post import Post  # noqa: PLC0415
        from vocero.corpus.provider.remote import Remote  # noqa: PLC0415

        remote = Remote(
            self._settings,
            max_calls=self._max_calls,
            transport=self._transport,
            sleep=self._sleep,
        )
        post = Post(
            self._folder,
            self.model.state,
            remote,
            interval=self._interval,
            on_progress=self._on_progress,
            sleep=self._sleep,
        )
        try:
            await post.carry()
            while await self._collect(documents, journal, manifest, retry_failed=retry_failed):
                await post.carry()
        finally:
            await remote.aclose()
        if self.model.stopped is None:
            self.model.state.whole()

    async def _collect(
        self,
        documents: Callable[[], Iterable[Document | InputError]],
        journal: Journal,
        manifest: Manifest,
        *,
        retry_failed: bool,
    ) -> int:
        """Read what can be read by now, and write the requests that are wanted; return how many."""
        noted = journal.usage(manifest.run)
        # What has come is noted when its article is read, which for some of it is now.
        budget = self._budget(total_usage([noted, self.model.state.usage()]))
        outbox = Outbox(
            self._folder,
            self.model.state,
            run=manifest.run,
            model=self.model.name,
            limits=self._limits,
            budget=budget,
        )
        with self.model.state.together(), outbox:
            self.model.outbox = outbox
            try:
                # Where money may be short, what was begun comes before what was not, and one article
                # before the next: half of an article is of no use.
                for wanted in (_BEGUN, _NEW) if budget else (_BEGUN | _NEW,):
                    await self._read(
                        (Article.of(place, one) for place, one in enumerate(documents())),
                        _Pass(journal, manifest, outbox, wanted, retry_failed),
                        at_once=1 if budget else _AT_ONCE,
                    )
            finally:
                self.model.outbox = None
            self.model.state.tidy(lambda key: any(one.answer for one in journal.history(key)))
        if not outbox.requests:
            self.model.stopped = outbox.stopped
        return outbox.requests

    async def _read(self, articles: Iterator[Article], this: _Pass, *, at_once: int) -> None:
        """Read articles as far as the replies go, or the budget."""
        extractors = {
            retry: Extractor(
                Journaled(
                    self.model,
                    this.journal,
                    retry_failed=retry,
                    run=this.manifest.run,
                    on_asked=self._on_asked,
                ),
                min_confidence=this.manifest.min_confidence,
            )
            for retry in (False, True)
        }
        state, outbox = self.model.state, this.outbox

        async def read(article: Article) -> None:
            entry = this.journal.entry(this.manifest.run, article.position)
            if entry is not None and entry.digest != article.digest:
                raise changed(article)
            finished = entry is not None and not (entry.failed and this.retry_failed)
            if finished or state.article(article.digest) not in this.wanted:
                return
            if isinstance(article.read, InputError):
                return
            before = outbox.requests
            done = await _is_read(extractors[entry is not None], article.read)
            if done or outbox.requests > before or not outbox.stopped:
                state.note_article(article.digest, done=done)

        while some := await asyncio.to_thread(list, islice(articles, at_once)):
            await together(map(read, some))
            if outbox.stopped and this.wanted == _NEW:
                return

    def _budget(self, spent: Usage) -> Budget | None:
        if self._money is None and self._tokens is None:
            return None
        budget = Budget(money=self._money, tokens=self._tokens, spent=spent)
        budget.lend(self.model.price)
        return budget


async def _is_read(extractor: Extractor, document: Document) -> bool:
    """Read an article as far as the replies go; whether it needs no further one."""
    try:
        await extractor.aextract(document)
    except DeferredError:
        return False
    except ModelError:
        return True
    except VoceroError:
        raise
    except Exception:  # noqa: BLE001, S110 - a bug of ours; the run tells of it when it reads this
        pass
    return True
