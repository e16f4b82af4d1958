"""One article's conversation with the model: what was asked, and what it took."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from pydantic import BaseModel

from vocero.errors import AnswerError, ModelError, TruncatedError
from vocero.extraction.prompts import render
from vocero.model import cost, spent_on, total_usage
from vocero.schema import Attempts, Provenance, Usage
from vocero.version import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence

    from vocero.model import Message, Model

__all__ = ["DeferredError", "Session", "Step", "in_parts", "off_loop", "together"]

DraftT = TypeVar("DraftT", bound=BaseModel)
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
ArgsT = ParamSpec("ArgsT")

# Code points. To read so much by code takes about 25 ms, which other questions on the event loop
# should not wait for longer; a thread costs 0.06 ms, which each short article can be spared.
_LONG = 10_000


class DeferredError(Exception):
    """Raised by a model that answers later: the article has to be read again then."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far an article is."""

    stage: Literal["attributions", "actors", "claims"]
    done: int
    """Sentences, actors or statements that need no more reading."""
    total: int


class Session:
    """Asks the questions about one article and keeps the account that becomes its provenance."""

    def __init__(
        self,
        model: Model,
        on_step: Callable[[Step], None] | None = None,
        created_at: dt.datetime | None = None,
    ) -> None:
        self.model = model
        self._created_at = created_at
        self._on_step = on_step
        self._sent: dict[str, list[str]] = defaultdict(list)
        self._usages: list[Usage] = []
        self._models: list[str] = []
        self._calls = self._transport = self._validation = 0
        self._failure: ModelError | None = None

    async def ask(
        self, question: str, article: str, task: str, answer: type[DraftT], *, max_tokens: int
    ) -> DraftT:
        """Ask one question about the article.

        The article comes first and the task last, so that every question about one article shares
        the longest possible prefix with the one before.

        Args:
            question: Name of the question, for the account.
            article: The fenced, numbered sentences.
            task: What is asked about them.
            answer: The draft class to fill.
            max_tokens: Bound on the answer.

        Raises:
            ModelError: see `vocero.model.Model.ask`.
        """
        messages: list[Message] = [
            {"role": "system", "content": _system()},
            {"role": "user", "content": f"{article}\n\n{task}"},
        ]
        wire = json.dumps(messages, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self._sent[question].append(hashlib.sha256(wire).hexdigest())
        self._calls += 1
        try:
            got = await self.model.ask(messages, answer, max_tokens=max_tokens, label=question)
        except ModelError as error:
            spent = spent_on(error)
            self._note(spent.usage, spent.transport_retries, spent.validation_retries)
            self._failure = self._failure or error
            raise
        self._note(got.usage, got.transport_retries, got.validation_retries)
        self._models.append(got.model)
        return got.value

    def _note(self, usage: Usage, transport: int, validation: int) -> None:
        self._usages.append(usage)
        self._transport += transport
        self._validation += validation

    def step(self, step: Step) -> None:
        """Tell whoever watches how far the article is."""
        if self._on_step:
            self._on_step(step)

    def count_second_chance(self) -> None:
        """Note that a question was asked again for its refused items."""
        self._validation += 1

    def check(self) -> None:
        """Raise if a model that reads whole articles had no answer to any question about this one.

        Without the answer the article is not read, and must not pass for one in which nobody says
        anything. Where code reads first, the model's part can be missing.

        Raises:
            ModelError: the first failure.
        """
        if self._failure and not self._models and self.model.sentences_per_call is None:
            raise self._failure

    def provenance(self) -> Provenance:
        """The account so far."""
        usage = total_usage(self._usages)
        return Provenance(
            model=min(self._models, default=self.model.name),
            prompts={name: _digest(sent) for name, sent in sorted(self._sent.items())},
            vocero_version=__version__,
            created_at=self._created_at or dt.datetime.now(dt.UTC),
            usage=usage,
            cost=cost(usage, self.model.price),
            attempts=Attempts(
                calls=self._calls,
                transport_retries=self._transport,
                validation_retries=self._validation,
            ),
        )


@cache
def _system() -> str:
    return render("system")


def _digest(sent: Sequence[str]) -> str:
    # Sorted: questions run side by side, and the account must not depend on which came first.
    return hashlib.sha256("".join(sorted(sent)).encode()).hexdigest()


async def off_loop(
    text: str, work: Callable[ArgsT, ResultT], *args: ArgsT.args, **kwargs: ArgsT.kwargs
) -> ResultT:
    """Do work on an article without blocking the event loop: in a thread, if its text is long."""
    if len(text) < _LONG:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


async def together(questions: Iterable[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """Await questions side by side; when one fails the others are not asked to their end.

    When one is deferred they are: all that can be asked now is asked at once.
    """
    asked = list(questions)
    if len(asked) <= 1:  # most articles have one: a task and its gathering take 0.05 ms
        return [await one for one in asked]
    tasks = [asyncio.ensure_future(one) for one in asked]
    try:
        try:
            return await asyncio.gather(*tasks)
        except DeferredError:
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def in_parts(
    items: Sequence[ItemT],
    ask: Callable[[Sequence[ItemT]], Awaitable[list[ResultT]]],
    unanswered: Callable[[Sequence[ItemT], str], None],
) -> list[ResultT]:
    """Ask about items together; where the answer is cut at its limit, about each half by itself.

    Args:
        items: What to ask about.
        ask: Asks about some of them.
        unanswered: Told of items that no answer could be had for, and why.
    """
    if not items:
        return []
    try:
        return await ask(items)
    except TruncatedError as error:
        if len(items) == 1:
            unanswered(items, str(error))
            return []
        half = len(items) // 2
        parts = (items[:half], items[half:])
        done = await together(in_parts(part, ask, unanswered) for part in parts)
        return [one for part in done for one in part]
    except AnswerError as error:
        unanswered(items, str(error))
        return []
