"""One request to an OpenAI-compatible endpoint: its turn, its price, the SDK, and trying again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx2
import openai

from vocero.errors import SettingsError
from vocero.model.budget import NOTHING
from vocero.model.estimate import Estimate, at_most
from vocero.model.failures import RefusedFeatureError, explain
from vocero.model.headers import told
from vocero.model.pacer import StandstillError
from vocero.model.retry import BrokenBodyError, Contact, Patience, never_sent, with_retries
from vocero.model.sdk import new_client, parsed, send
from vocero.model.usage import usage_of
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from openai.types.chat import ChatCompletion

    from vocero.model.answer import Spent
    from vocero.model.budget import Spending
    from vocero.model.endpoint import Address, Endpoint
    from vocero.model.pacer import Pacing
    from vocero.model.settings import ModelSettings


class Wire:
    """Connections to one endpoint: an SDK client and a bound on questions for each event loop."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: ModelSettings,
        *,
        pacer: Pacing,
        budget: Spending | None,
        max_tries: int,
        max_seconds: float,
        transport: httpx2.AsyncBaseTransport | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._pacer = pacer
        self._budget = budget
        self._estimate = Estimate()
        # The embedded server has answered before anybody is told its address.
        self._contact = Contact(made=settings.local)
        self._max_tries = max_tries
        self._max_seconds = max_seconds
        self._transport = transport
        self._sleep = sleep
        # Connections and semaphores belong to the loop they were first used in.
        self._loops: WeakKeyDictionary[
            asyncio.AbstractEventLoop, tuple[openai.AsyncOpenAI, asyncio.Semaphore]
        ] = WeakKeyDictionary()
        # What this endpoint refused once is not sent to it again.
        self._refused: set[str] = set()

    def slot(self) -> asyncio.Semaphore:
        """Return this loop's semaphore, to be held while a question is on its way."""
        return self._here()[1]

    async def complete(
        self, request: Mapping[str, Any], spent: Spent
    ) -> tuple[ChatCompletion, float]:
        """Send a request until there is a completion; return it and the seconds it took.

        Args:
            request: The arguments of a chat completion, without the model.
            spent: Its ``transport_retries`` are counted up.

        Raises:
            ModelError: AuthenticationError, ModelNotFoundError, QuotaError, RequestError,
                TransportError, or TruncatedError where the request is too long for the model.
            BudgetError: it might cost more than is left.
            LocalModelError: the embedded server cannot be started.
        """
        while True:
            sent = acceptable(request, self._refused)
            try:
                return await self._persist(sent, spent)
            except RefusedFeatureError as error:
                if error.feature not in sent:
                    raise
                self._refused.add(error.feature)

    async def aclose(self) -> None:
        """Close the connections of this loop."""
        here = self._loops.pop(asyncio.get_running_loop(), None)
        if here is not None:
            await here[0].close()

    async def _persist(
        self, request: Mapping[str, Any], spent: Spent
    ) -> tuple[ChatCompletion, float]:
        address = await self._endpoint.address()
        patience = Patience(
            max_tries=self._max_tries, max_seconds=self._max_seconds, contact=self._contact
        )

        async def send() -> tuple[ChatCompletion, float]:
            return await self._try(address, request, patience)

        async def before_retry(error: BaseException) -> None:
            nonlocal address
            spent.transport_retries += 1
            if isinstance(error, openai.APIConnectionError):
                await self._endpoint.repair()
                address = await self._endpoint.address()

        try:
            return await with_retries(
                send,
                stop=patience.ended,
                wait=patience.wait,
                sleep=self._sleep,
                before_retry=before_retry,
            )
        except httpx2.InvalidURL as error:
            msg = f"{address.url} is no address ({error}): set VOCERO_BASE_URL or --base-url"
            raise SettingsError(msg) from None
        except (openai.APIError, TimeoutError, BrokenBodyError, StandstillError) as error:
            # Not chained: the SDK's message quotes what the endpoint said, parts of keys included.
            raise explain(error, address, patience) from None

    async def _try(
        self, address: Address, request: Mapping[str, Any], patience: Patience
    ) -> tuple[ChatCompletion, float]:
        """Send a request once, when the budget has room for it and its turn has come."""
        hold = await self._budget.hold(at_most(request)) if self._budget else None
        took = NOTHING
        try:
            turn = await self._pacer.acquire(
                self._estimate.guess(request),
                refused=patience.passed_over,
                patience=patience.left,
            )
            patience.granted(turn)
            took = Usage()  # from here on it may cost, whatever becomes of it
            started = time.monotonic()
            try:
                # The SDK's timeout is for each read; a server that drips would never meet it.
                async with asyncio.timeout(self._settings.timeout):
                    sdk, messages = self._here()[0], request["messages"]
                    for body in self._endpoint.rehearsals(messages):
                        await send(sdk, body, address)
                    extras = self._endpoint.extras(messages)
                    response = await send(sdk, {**request, **extras}, address)
            except openai.APIStatusError as error:
                took = NOTHING
                self._contact.made = True
                self._pacer.note(turn, error.status_code, told(error.response.headers))
                raise
            except openai.APIConnectionError as error:
                if never_sent(error):
                    took = NOTHING
                raise
            self._contact.made = True
            seconds = time.monotonic() - started
            self._pacer.note(turn, response.status_code, told(response.headers))
            completion = parsed(response)
            took = usage_of(completion)
            self._estimate.learn(request, took)
            return completion, seconds
        finally:
            if hold is not None:
                hold.settle(took)

    def _here(self) -> tuple[openai.AsyncOpenAI, asyncio.Semaphore]:
        loop = asyncio.get_running_loop()
        if loop not in self._loops:
            self._loops[loop] = self._sdk(), asyncio.Semaphore(self._settings.concurrency)
        return self._loops[loop]

    def _sdk(self) -> openai.AsyncOpenAI:
        return new_client(
            timeout=self._settings.timeout,
            proxies=self._endpoint.uses_proxies,
            openai_account=self._settings.openai_account,
            transport=self._transport,
        )


def acceptable(request: Mapping[str, Any], refused: Collection[str]) -> dict[str, Any]:
    """Return a request without the parts that an endpoint has refused (`RefusedFeatureError`)."""
    # Some models refuse a temperature, and name the limit on tokens otherwise.
    sent = dict(request)
    if "temperature" in refused:
        sent.pop("temperature", None)
    if "max_tokens" in refused and "max_tokens" in sent:
        sent["max_completion_tokens"] = sent.pop("max_tokens")
    return sent
