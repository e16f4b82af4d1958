"""A model that remembers: the journal answers what it can, the rest is asked and kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from vocero.corpus.record import Record, key_of
from vocero.errors import AnswerError, ModelError, TruncatedError
from vocero.model import Answer, Spent, spent_on
from vocero.model.answer import Remembering
from vocero.model.budget import NOTHING
from vocero.model.front import Front

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vocero.corpus.journal import Journal
    from vocero.model import Message, Model
    from vocero.model.answer import DraftT
    from vocero.schema import Usage

__all__ = ["Journaled"]

# These are what the model made of the question, and as much its result as an answer is: an
# article that was split because an answer was cut must be split at every replay. All other
# failures are of the way to the model, and say nothing about the question.
_RESULTS: Final = {error.__name__: error for error in (AnswerError, TruncatedError)}


class Journaled(Front):
    """A `Model` before which the journal answers.

    An answer from the journal says of its usage and retries what the first one said, so that a
    replay makes the same provenance; what was paid anew is told apart by `on_asked`. Identical
    questions that come while one of them is on its way wait for it, in every thread and event loop
    that shares this object. A failure of the way to the model is
    noted, and the next time the question is asked again; that an answer was cut or did not fit
    (`TruncatedError`, `AnswerError`) is what the model makes of the question, and is replayed.

    The answer given is the one that the journal will give again. A class must therefore read the
    JSON that it writes; otherwise its questions are noted, and asked every time.

    Attributes:
        model: What is asked where the journal has no answer.
        journal: Where answers come from and go to; `aclose` leaves it open.
        parameters: The model's, by which its questions differ from those to others of its name.

    Args:
        model: Any model, once for a process.
        journal: An open one.
        retry_failed: Ask again where the journal holds nothing but failures.
        run: Id of the run that asks, if it is one; see `Journal.usage`.
        on_asked: Told of each question that went to the model, by the tokens of its answers; it has
            to be safe in threads if they share this object.
    """

    def __init__(
        self,
        model: Model,
        journal: Journal,
        *,
        retry_failed: bool = False,
        run: str | None = None,
        on_asked: Callable[[Usage], None] = lambda _: None,
    ) -> None:
        super().__init__(model)
        self.journal = journal
        self._on_asked = on_asked
        self._retry_failed = retry_failed
        self._run = run
        # Of threads' futures: those of asyncio belong to one event loop.
        self._flights: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        """Answer from the journal, or ask and note what comes; see `vocero.model.Model.ask`.

        Raises:
            ModelError: from the model, or as the journal has it.
            VoceroError: the journal cannot be read or written; see `Journal`.
        """
        key = key_of(
            messages, answer, model=self.name, max_tokens=max_tokens, parameters=self.parameters
        )
        while (flight := self._flight(key)) is not None:
            await asyncio.wrap_future(flight)
        with self._landing(key):
            found = self._find(key, answer)
            if found is None:
                return await self._ask(key, messages, answer, max_tokens, label)
            if isinstance(self.model, Remembering):
                self.model.remember(messages)
            if isinstance(found, ModelError):
                raise found
            return found

    def _flight(self, key: str) -> Future[None] | None:
        """The same question on its way; None if there is none, and from then on it is ours."""
        with self._lock:
            if key in self._flights:
                return self._flights[key]
            flight: Future[None] = Future()
            flight.set_running_or_notify_cancel()  # one who tires of waiting must not cancel it
            self._flights[key] = flight
            return None

    @contextmanager
    def _landing(self, key: str) -> Iterator[None]:
        """Let those who wait go on: to the journal, or with the same failure of the model.

        Where the question was cancelled, the first of them asks it himself.
        """
        failure: ModelError | None = None
        try:
            yield
        except ModelError as error:
            failure = error
            raise
        finally:
            with self._lock:
                flight = self._flights.pop(key)
            if failure is None:
                flight.set_result(None)
            else:
                flight.set_exception(failure)

    def _find(self, key: str, answer: type[DraftT]) -> Answer[DraftT] | ModelError | None:
        for record in self.journal.history(key):
            if record.answer is not None:
                try:
                    return _answer(record, record.answer, answer)
                except ValidationError:
                    continue  # the class has other validators than it had
            if not self._retry_failed and record.error in _RESULTS:
                return _failure(record, _RESULTS[record.error])
        return None

    async def _ask(
        self,
        key: str,
        messages: Sequence[Message],
        answer: type[DraftT],
        max_tokens: int | None,
        label: str,
    ) -> Answer[DraftT]:
        started, clock = dt.datetime.now(dt.UTC), time.perf_counter()

        def ended(**came: Any) -> Record:  # noqa: ANN401 - fields of a record
            return Record(
                key=key,
                label=label,
                run=self._run,
                model=self.name,
                messages=tuple(messages),
                form=answer.__name__,
                max_tokens=max_tokens,
                parameters=self.parameters,
                started=started,
                ended=dt.datetime.now(dt.UTC),
                seconds=time.perf_counter() - clock,
                **came,
            )

        try:
            got = await self.model.ask(messages, answer, max_tokens=max_tokens, label=label)
        except ModelError as error:
            spent = spent_on(error)
            self._on_asked(spent.usage if spent.usages else NOTHING)
            failed = ended(
                error=type(error).__name__,
                why=str(error),
                usage=spent.usage,
                transport_retries=spent.transport_retries,
                validation_retries=spent.validation_retries,
            )
            await self.journal.aput(failed)
            raise
        self._on_asked(got.usage)
        text = got.value.model_dump_json(by_alias=True)
        record = ended(
            answer=text,
            answered_by=got.model,
            finish=got.finish,
            usage=got.usage,
            transport_retries=got.transport_retries,
            validation_retries=got.validation_retries,
        )
        if await self.journal.aput(record):
            with suppress(ValidationError):  # a class that does not read what it writes
                return _answer(record, text, answer)
            return got
        # Another process has asked the same meanwhile: the first answer stands for both.
        stands = self._find(key, answer)
        return stands if isinstance(stands, Answer) else got


def _answer(record: Record, text: str, answer: type[DraftT]) -> Answer[DraftT]:
    return Answer(
        value=answer.model_validate_json(text),
        usage=record.usage,
        model=record.answered_by or record.model,
        transport_retries=record.transport_retries,
        validation_retries=record.validation_retries,
        finish=record.finish,
    )


def _failure(record: Record, kind: type[ModelError]) -> ModelError:
    error = kind(record.why)
    # The sum is all that is kept of several answers' tokens: the first gets it.
    usages = [record.usage, *[NOTHING] * record.validation_retries]
    vars(error)["spent"] = Spent(usages, record.transport_retries, record.label)  # for `spent_on`
    return error
