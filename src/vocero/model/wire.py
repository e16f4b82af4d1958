"""One request to an OpenAI-compatible endpoint: the SDK, its connections, and trying again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx2
import openai

from vocero.errors import SettingsError
from vocero.model.failures import RefusedFeatureError, explain
from vocero.model.retry import BrokenBodyError, with_retries
from vocero.model.sdk import new_client, parsed, send

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from openai.types.chat import ChatCompletion

    from vocero.model.answer import Spent
    from vocero.model.endpoint import Address, Endpoint
    from vocero.model.settings import ModelSettings


class Wire:
    """Connections to one endpoint: an SDK client and a bound on questions for each event loop."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: ModelSettings,
        *,
        max_tries: int,
        max_seconds: float,
        transport: httpx2.AsyncBaseTransport | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
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
            ModelError: AuthenticationError, ModelNotFoundError, RequestError or TransportError.
            LocalModelError: the embedded server cannot be started.
        """
        while True:
            sent = self._acceptable(request)
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

    def _acceptable(self, request: Mapping[str, Any]) -> dict[str, Any]:
        # Some models refuse a temperature, and name the limit on tokens otherwise.
        acceptable = dict(request)
        if "temperature" in self._refused:
            acceptable.pop("temperature", None)
        if "max_tokens" in self._refused and "max_tokens" in acceptable:
            acceptable["max_completion_tokens"] = acceptable.pop("max_tokens")
        return acceptable

    async def _persist(
        self, request: Mapping[str, Any], spent: Spent
    ) -> tuple[ChatCompletion, float]:
        address = await self._endpoint.address()
        tries = 1

        async def send() -> tuple[ChatCompletion, float]:
            started = time.monotonic()
            # The SDK's timeout is for each read; a server that drips would never meet it.
            async with asyncio.timeout(self._settings.timeout):
                completion = await self._send(address, request)
            return completion, time.monotonic() - started

        async def before_retry(error: BaseException) -> None:
            nonlocal address, tries
            tries += 1
            spent.transport_retries += 1
            if isinstance(error, openai.APIConnectionError):
                await self._endpoint.repair()
                address = await self._endpoint.address()

        try:
            return await with_retries(
                send,
                max_tries=self._max_tries,
                max_seconds=self._max_seconds,
                sleep=self._sleep,
                before_retry=before_retry,
            )
        except httpx2.InvalidURL as error:
            msg = f"{address.url} is no address ({error}): set VOCERO_BASE_URL or --base-url"
            raise SettingsError(msg) from None
        except (openai.APIError, TimeoutError, BrokenBodyError) as error:
            # Not chained: the SDK's message quotes what the endpoint said, parts of keys included.
            raise explain(error, address, tries) from None

    async def _send(self, address: Address, request: Mapping[str, Any]) -> ChatCompletion:
        sdk, _ = self._here()
        return parsed(await send(sdk, {**request, **self._endpoint.extra_body}, address))

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
