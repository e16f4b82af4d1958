"""A model behind an OpenAI-compatible endpoint, asked for validated objects through Instructor."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from vocero.errors import BudgetError, ModelError, SettingsError
from vocero.model.answer import Spent
from vocero.model.endpoint import Embedded, Remote
from vocero.model.pacer import Pacer
from vocero.model.settings import ModelSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    import httpx2

    from vocero.model.answer import Answer, CallRecord, DraftT, Message, Model
    from vocero.model.budget import Spending
    from vocero.model.endpoint import Endpoint
    from vocero.model.pacer import Pacing
    from vocero.model.question import Question
    from vocero.model.settings import Mode
    from vocero.model.usage import Price
    from vocero.model.wire import Wire


def connect(
    model: str | Model | None = None,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    timeout: float | None = None,
    concurrency: int | None = None,
    mode: Mode | None = None,
    price: Price | str | None = None,
    max_tries: int = 6,
    max_seconds: float = 300.0,
    validation_retries: int = 2,
    pacer: Pacing | None = None,
    budget: Spending | None = None,
    on_call: Callable[[CallRecord], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Model:
    """Return the model that the settings name; nothing starts before the first question.

    Args:
        model: As the endpoint names it, ``"local"`` for the embedded one, or a `Model`, which is
            returned as it is. None: see `ModelSettings.resolve`, as for the settings below.
        base_url: Address of an OpenAI-compatible endpoint.
        api_key: Sent to that address only.
        timeout: Seconds one try may take in all.
        concurrency: Questions on their way at once.
        mode: ``"json_schema"``, ``"tools"``, or ``"auto"``: a strict schema, and tools where the
            endpoint refuses it or answers the first question in prose.
        price: Per million tokens.
        max_tries: Tries of one request while the transport fails; three where there never was a
            connection. A refusal because of a rate limit (429) is none: the
            request waits for its turn again.
        max_seconds: No try of one request begins later than this after its first, turns that it
            waited for not counted. Where the endpoint refuses everything: the seconds after which
            it is given up.
        validation_retries: Answers asked for again because the one before did not fit.
        pacer: Gives requests their turns; give one to several models that share one endpoint's
            limits. None: one of this model's own.
        budget: What its requests may cost; may be shared with other models.
        on_call: Told of every answer that comes over HTTP.
        progress: Told of the embedded model's download: the stage in words, the bytes there and
            the bytes in all. Called in another thread.
        transport: Instead of the network, for tests.
        sleep: Waits between tries, for tests.

    Raises:
        SettingsError: a setting is malformed, missing, or contradicts another.
    """
    given = (base_url, api_key, timeout, concurrency, mode, price, pacer, budget)
    if model is not None and not isinstance(model, str):
        if any(value is not None for value in given):
            msg = f"settings were given for the model {model.name!r}, which is connected already"
            raise SettingsError(msg)
        return model
    settings = ModelSettings.resolve(
        model,
        base_url=base_url,
        api_key=api_key,
        timeout=timeout,
        concurrency=concurrency,
        mode=mode,
        price=price,
    )
    return Client(
        settings,
        max_tries=max_tries,
        max_seconds=max_seconds,
        validation_retries=validation_retries,
        pacer=Pacer(sleep=sleep) if pacer is None else pacer,
        budget=budget,
        on_call=on_call,
        progress=progress,
        transport=transport,
        sleep=sleep,
    )


class Client:
    """The `Model` that `connect` makes, for many questions at once; bounded in each event loop."""

    def __init__(
        self,
        settings: ModelSettings,
        *,
        max_tries: int,
        max_seconds: float,
        validation_retries: int,
        pacer: Pacing,
        budget: Spending | None,
        on_call: Callable[[CallRecord], None] | None,
        progress: Callable[[str, int, int], None] | None,
        transport: httpx2.AsyncBaseTransport | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        if budget is not None:
            budget.lend(settings.price)
        self._settings = settings
        self._endpoint: Endpoint = Embedded(progress) if settings.local else Remote(settings)
        self._max_tries = max_tries
        self._max_seconds = max_seconds
        self._validation_retries = validation_retries
        self._pacer = pacer
        self._budget = budget
        self._on_call = on_call
        self._transport = transport
        self._sleep = sleep
        self._mode: Mode = settings.mode
        self._wire: Wire | None = None
        self._first: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )

    @property
    def name(self) -> str:
        """The model as the user named it."""
        return self._settings.model

    @property
    def where(self) -> str:
        """The endpoint's address; ``embedded`` and, once it runs, the server's address."""
        return self._endpoint.where

    @property
    def sentences_per_call(self) -> int | None:
        """One for the embedded model, which reads no more at once; else None, as many as fit."""
        return 1 if self._settings.local else None

    @property
    def price(self) -> Price | None:
        """What tokens cost; None if no price was set."""
        return self._settings.price

    @property
    def parameters(self) -> Mapping[str, object]:
        """The mode, the temperature, and which weights the embedded model has."""
        return {"mode": self._settings.mode, "temperature": 0, **self._endpoint.parameters}

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        """Ask until an answer fits the class; see `Model.ask`.

        Raises:
            AuthenticationError, ModelNotFoundError, QuotaError, RequestError: at once; trying again
                is vain.
            TransportError: when the tries or the time ran out; UnreachableError: soon, where there
                never was a connection.
            AnswerError: refused by the model or filtered (at once), or nothing fits the class.
            TruncatedError: at once when an answer hit its token limit, or the question is too long
                for the model; ask about less.
            BudgetError: the next request might cost more than the budget has left.
            LocalModelError: the embedded model cannot be had or started.
        """
        wire, question_of = await self._connected()
        spent = Spent(label=label)
        question = question_of(
            wire,
            self._settings,
            messages,
            answer,
            max_tokens,
            label,
            self._validation_retries,
            self._on_call,
            spent,
        )
        try:
            async with wire.slot():
                if self._mode != "auto":
                    return await question.ask(self._mode)
                found, mode = await question.ask_either_way()
                # Of questions on their way at once each finds out: a schema that was honoured
                # once is, and an answer in prose beside it was a slip.
                if mode == "json_schema" or self._mode == "auto":
                    self._mode = mode
                return found
        except (ModelError, BudgetError) as error:
            vars(error)["spent"] = spent  # for `spent_on`
            raise

    async def _connected(self) -> tuple[Wire, type[Question[Any]]]:
        if self._wire is None:
            # In the order in which they came: the embedded model's answers hang on it.
            async with self._first.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
                # Not in the event loop, which would stand still for 2 s, nor within the time that
                # the first answer may take.
                await asyncio.to_thread(_import_sdk)
        from vocero.model.question import Question  # noqa: PLC0415
        from vocero.model.wire import Wire  # noqa: PLC0415

        if self._wire is None:
            self._wire = Wire(
                self._endpoint,
                self._settings,
                pacer=self._pacer,
                budget=self._budget,
                max_tries=self._max_tries,
                max_seconds=self._max_seconds,
                transport=self._transport,
                sleep=self._sleep,
            )
        return self._wire, Question

    def remember(self, messages: Sequence[Message]) -> None:
        """Take note of a question that a journal answered; see `Remembering`."""
        self._endpoint.remember(messages)

    async def aclose(self) -> None:
        """Close this loop's connections; the embedded server stops when its last user lets go."""
        if self._wire is not None:
            await self._wire.aclose()
        await self._endpoint.release()


def _import_sdk() -> None:
    for name in ("vocero.model.question", "vocero.model.wire"):
        import_module(name)
