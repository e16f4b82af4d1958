"""A model that is asked by post: what has no reply yet goes into the outbox, and is told later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vocero.corpus.provider.reply import explained
from vocero.corpus.provider.state import State
from vocero.corpus.record import key_of
from vocero.errors import AnswerError, ModelError, TruncatedError, VoceroError
from vocero.extraction.session import DeferredError
from vocero.model import Spent, connect
from vocero.model.endpoint import Address
from vocero.model.front import Front

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from openai.types.chat import ChatCompletion

    from vocero.corpus.provider.outbox import Outbox
    from vocero.corpus.provider.reply import Reply
    from vocero.model import Answer, Message, ModelSettings
    from vocero.model.answer import DraftT
    from vocero.model.exchange import AnswerMode

__all__ = ["PostedModel"]


class PostedModel(Front):
    """The `Model` of a run whose questions travel in batches.

    A question is read anew each time from all replies to it so far, by the code that reads answers
    over HTTP: they end in an answer or a failure, or in one more request. That goes to the outbox,
    and `DeferredError` says that the article must wait. Once nothing is left to send there is no
    outbox; what failed on its way is raised only then, so that the journal notes it once.

    Args:
        settings: Of an endpoint, as for the same questions asked online.
        folder: Of the state, which is opened when it is first wanted.
        validation_retries: Answers asked for again because the one before did not fit.
        max_tries: Requests whose way failed (429, 5xx, no answer), until the question is given up.

    Attributes:
        outbox: Where requests go while some are collected; else None.
        max_tries: As given.
        stopped: Why requests are left that were not sent, if some were; raised in their place.
    """

    def __init__(
        self, settings: ModelSettings, folder: Path, *, validation_retries: int, max_tries: int
    ) -> None:
        # Never asked: its parameters make the keys those of an online run.
        online = connect(
            settings.model,
            base_url=settings.base_url,
            api_key=settings.api_key,
            mode=settings.mode,
            price=settings.price,
        )
        super().__init__(online)
        self.outbox: Outbox | None = None
        self.stopped: VoceroError | None = None
        self._settings = settings
        self._folder = folder
        self._state: State | None = None
        self._validation_retries = validation_retries
        self.max_tries = max_tries

    @property
    def state(self) -> State:
        """What is known of the run's batches, open until `aclose`.

        Raises:
            VoceroError: it cannot be opened.
        """
        if self._state is None:
            self._state = State(self._folder)
        return self._state

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        """Read the answer from the replies; see `Model.ask`.

        Raises:
            DeferredError: one more request has to be answered first.
            ModelError: as online.
            VoceroError: nothing can be sent any more, and something would have to be.
        """
        from vocero.model.question import Question  # noqa: PLC0415 - 2 s

        key = key_of(
            messages, answer, model=self.name, max_tokens=max_tokens, parameters=self.parameters
        )
        spent = Spent(label=label)
        question = Question(
            _Letters(self, key, self.state.replies(key)),
            self._settings,
            messages,
            answer,
            max_tokens,
            label,
            self._validation_retries,
            None,
            spent,
        )
        try:
            got = await question.ask(self._mode())
        except ModelError as error:
            if self.outbox is not None and not isinstance(error, AnswerError | TruncatedError):
                raise DeferredError from None
            vars(error)["spent"] = spent  # for `spent_on`
            raise
        self.state.settle(key)
        return got

    async def aclose(self) -> None:
        """Close the state."""
        state, self._state = self._state, None
        if state is not None:
            state.close()

    @property
    def address(self) -> Address:
        """The endpoint, for messages about failures."""
        return Address(self.where, self._settings.api_key, self.name)

    async def post(self, key: str, request: Mapping[str, Any]) -> Exception:
        """Put a request into the outbox; return what is to be raised in place of its answer.

        Args:
            key: Of the question.
            request: The body of a request for a chat completion, without the model.
        """
        if self.outbox is not None:
            from vocero.model.wire import acceptable  # noqa: PLC0415 - the SDK takes 1.7 s

            await self.outbox.post(key, acceptable(request, self.state.refused))
            return DeferredError()
        return self.stopped or VoceroError(
            "the input is not what it was when its questions were sent: run again"
        )

    def _mode(self) -> AnswerMode:
        if self._settings.mode == "auto":
            return "tools" if "schema" in self.state.refused else "json_schema"
        return self._settings.mode


class _Letters:
    """The replies to one question, in the place of the wire that `Question` knows."""

    def __init__(self, model: PostedModel, key: str, replies: Iterable[Reply]) -> None:
        self._model = model
        self._key = key
        self._replies = iter(replies)

    async def complete(
        self, request: Mapping[str, Any], spent: Spent
    ) -> tuple[ChatCompletion, float]:
        """Return the next completion, passing over failures; see `Wire.complete`.

        Raises:
            DeferredError: there is none yet; the request is in the outbox.
            ModelError: a failure for good, or too many that pass.
            VoceroError: the request would have to be sent, and nothing is sent any more.
        """
        import openai  # noqa: PLC0415 - 1 s

        from vocero.model.failures import RefusedFeatureError  # noqa: PLC0415
        from vocero.model.retry import BrokenBodyError, is_transient  # noqa: PLC0415

        failures, refused = 0, set[str]()
        for reply in self._replies:
            try:
                return reply.completion(), 0.0
            except (openai.APIStatusError, BrokenBodyError) as error:
                failure = explained(error, self._model.address, failures + 1)
                if isinstance(failure, RefusedFeatureError) and failure.feature not in refused:
                    # The next request was made without it.
                    refused.add(failure.feature)
                    continue
                failures += 1
                if not is_transient(error) or failures == self._model.max_tries:
                    raise failure from None
                spent.transport_retries += 1
        raise await self._model.post(self._key, request)
