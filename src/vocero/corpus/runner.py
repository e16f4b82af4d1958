"""Many articles at once, each for itself: fed in order, read in any order, handed on as they end."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from vocero.corpus.breaker import SAME_FAILURES, Breaker, SameFailureError
from vocero.corpus.feed import Feed
from vocero.corpus.outcome import Failed
from vocero.corpus.summary import Summary
from vocero.corpus.tally import Tally
from vocero.errors import BudgetError, InputError, SettingsError, TransportError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from vocero.corpus.outcome import Outcome
    from vocero.corpus.record import Entry
    from vocero.corpus.worker import Reader
    from vocero.model import Price
    from vocero.schema import Document

__all__ = ["Article", "Progress", "Runner", "changed"]

ItemT = TypeVar("ItemT")

# Seconds that articles under way have for their end, after an error that concerns all.
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the input, or what stands in its place."""

    position: int
    """In the input, from 0."""
    read: Document | InputError
    text: str | None
    """The document as JSON; None where it could not be read."""
    digest: str
    """SHA-256 over that, or over what is wrong with it."""

    @classmethod
    def of(cls, position: int, read: Document | InputError) -> Article:
        """Describe what was read."""
        text = None if isinstance(read, InputError) else read.model_dump_json()
        shown = str(read) if text is None else text
        digest = hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(position, read, text, digest)

    @property
    def name(self) -> str:
        """What to call it in a message."""
        read = self.read
        return str(read) if isinstance(read, InputError) else repr(read.origin or read.id)


@dataclass(slots=True)
class Progress:
    """How far a run is; whoever displays it reads it at any time."""

    summary: Summary = field(default_factory=Summary)
    asked: Tally = field(default_factory=Tally)
    """Questions of this session, and what they took; what the journal answered is not among them,
    and in `summary`."""
    price: Price | None = None
    """Of the tokens."""
    total: int | None = None
    """Articles of the input; None where that cannot be told without reading it."""
    earlier: int = 0
    """Articles that were finished before this session."""
    in_flight: int = 0
    stopping: bool = False
    note: str = ""
    """What is being done before articles are."""
    told: Callable[[str], None] = lambda _: None
    """Told what each article failed of, in one line."""
    rate_limit: Callable[[], float | None] = lambda: None
    """Gives the requests a second that the endpoint allows; None where that is not known."""
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Of this session so far."""
        return time.monotonic() - self.started

    @property
    def articles_a_second(self) -> float:
        """In this session."""
        return (self.summary.finished - self.earlier) / max(self.seconds, 1e-9)


class Runner:
    """Reads every article that was not finished before.

    Args:
        reader: Reads one.
        at_once: Articles that are being read at any time.
        progress: Kept up to date.
        entry: Gives what an earlier session entered for a position, if anything.
        finish: Told of each article's outcome, once and in any order; awaited.
        skip: Articles at the beginning that are written already, and only compared.
        last: The last position that an earlier session entered; -1 for none.
        retry_failed: Read those again that an earlier session entered as failed.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        at_once: int,
        progress: Progress,
        entry: Callable[[int], Entry | None],
        finish: Callable[[Article, Outcome], Awaitable[None]],
        skip: int,
        last: int,
        retry_failed: bool,
    ) -> None:
        self._reader = reader
        self._slots = asyncio.Semaphore(at_once)
        self._progress = progress
        self._entry = entry
        self._finish = finish
        self._skip = skip
        self._last = last
        self._retry_failed = retry_failed
        self._breaker = Breaker(SAME_FAILURES)
        # Outages are no failures of articles: until one is done they are not written down.
        self._outage: list[tuple[Article, Failed]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self._stopped = asyncio.Event()
        self._feed: Feed[Article] | None = None

    def stop(self) -> None:
        """Begin no further article; a second time, give up those that are being read."""
        if self._stopped.is_set():
            self._give_up()
        self._progress.stopping = True
        self._end()

    def _end(self) -> None:
        self._stopped.set()
        if self._feed is not None:
            self._feed.close()

    async def run(self, documents: Iterable[Document | InputError]) -> bool:
        """Read the articles; return whether that was all of them.

        Raises:
            SettingsError: the input is not what it was when the run was begun.
            VoceroError: nothing more can be done; what was finished is finished.
        """
        articles = (Article.of(place, one) for place, one in enumerate(documents))
        self._feed = Feed(articles)
        try:
            whole = await self._begin_all(self._feed)
            await self._drain()
            if self._error is not None:
                raise self._error
            # The end came before anybody could tell whether the endpoint would recover.
            await self._write_outage()
            return whole
        finally:
            self._feed.close()
            self._give_up()
            await self._drain()

    async def _begin_all(self, feed: Feed[Article]) -> bool:
        """Take articles up until there is none left; False where it is time to stop."""
        unreadable = 0
        count = 0
        while taken := await feed.take():
            for article in taken:
                entry = self._entry(article.position)
                if entry is not None and not self._is_same(article, entry):
                    raise changed(article)
                count += 1
                if article.position < self._skip:
                    continue
                if not await self._begin(article, entry):
                    return False
                if isinstance(article.read, InputError) and entry is None and not self._skip:
                    unreadable += article.position == unreadable
                    if unreadable == SAME_FAILURES:
                        self._error = self._error or _unreadable(article)
                        return False
        if self._stopped.is_set():
            return False
        if count <= self._last:
            raise _shortened(count, self._last)
        return True

    def _is_same(self, article: Article, entry: Entry) -> bool:
        """Whether an article is what it was; one that could not be read may have been mended."""
        return entry.digest == article.digest or (
            self._retry_failed and entry.failed and Failed.from_json(entry.outcome).stage == "read"
        )

    async def _begin(self, article: Article, entry: Entry | None) -> bool:
        """Take an article up; False where it is time to stop."""
        await self._slots.acquire()
        if self._stopped.is_set():
            return False
        task = asyncio.create_task(self._settle(article, entry))
        self._tasks.add(task)
        self._progress.in_flight = len(self._tasks)
        task.add_done_callback(self._ended)
        return True

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._progress.in_flight = len(self._tasks)
        self._slots.release()
        if task.cancelled() or (error := task.exception()) is None:
            return
        if self._error is None:
            self._error = error
            self._end()
            # What is on its way has been paid for, and ends; where nothing answers it waits in vain.
            if not isinstance(error, BudgetError):
                patience = 0.0 if isinstance(error, SameFailureError) else _PATIENCE
                asyncio.get_running_loop().call_later(patience, self._give_up)

    async def _settle(self, article: Article, entry: Entry | None) -> None:
        if entry is not None and entry.failed and not self._retry_failed:
            await self._finish(article, Failed.from_json(entry.outcome))
        elif isinstance(article.read, InputError):
            await self._finish(article, Failed.to_read(article.read))
        else:
            retry = self._retry_failed and (entry is None or entry.failed)
            await self._note(article, await self._reader.read(article.read, retry=retry))

    async def _note(self, article: Article, outcome: Outcome) -> None:
        if isinstance(outcome, Failed) and outcome.error == TransportError.__name__:
            self._outage.append((article, outcome))
            self._breaker.note(outcome)
            return
        await self._write_outage()
        await self._finish(article, outcome)
        self._breaker.note(outcome)

    async def _write_outage(self) -> None:
        over, self._outage = self._outage, []
        for article, outcome in over:
            await self._finish(article, outcome)

    async def _drain(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _give_up(self) -> None:
        for task in self._tasks:
            task.cancel()


def changed(article: Article) -> SettingsError:
    """Return the error for an article that was another one when the run was begun."""
    return SettingsError(
        f"article {article.position + 1} of the input, {article.name}, is not what it was when the "
        "run was begun: give the same input (--retry-failed, if it could not be read and is mended), "
        "or begin another run with --journal"
    )


def _shortened(count: int, last: int) -> SettingsError:
    return SettingsError(
        f"the input ends after {count} articles, and the run has read {last + 1}: give the same "
        "input, to which more may have been added, or begin another run with --journal"
    )


def _unreadable(article: Article) -> InputError:
    # A field that is called otherwise, or another format: all that follow would fail as well.
    return InputError(
        f"{SAME_FAILURES} articles in a row at the beginning cannot be read, the last because "
        f"{article.name}: correct the input or its --field, or run again to go on all the same"
    )
