"""The provider's Files and Batches, through its SDK: every step can be repeated safely."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

import httpx2
import openai

from vocero.corpus.outputs import writing
from vocero.corpus.provider.outbox import CHAT, PART
from vocero.corpus.provider.reply import explained
from vocero.errors import SettingsError, VoceroError
from vocero.model.endpoint import Address
from vocero.model.retry import BrokenBodyError, Contact, wait, with_retries
from vocero.model.sdk import new_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from openai.types import Batch
    from tenacity import RetryCallState

    from vocero.errors import ModelError
    from vocero.model import ModelSettings

__all__ = ["Remote"]

ResultT = TypeVar("ResultT")

_MARK: Final = "vocero"
"""In a batch's metadata: the name of its file."""
_PAGE: Final = 100
_NOT_FOUND: Final = 404


class Remote:
    """One provider, in one event loop.

    Args:
        settings: Its address, the key and the timeout of each step of a request.
        max_calls: Tries of each call while the way to the provider fails; 18 take six minutes.
        transport: Instead of the network, for tests.
        sleep: Waits between tries.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        max_calls: int,
        transport: httpx2.AsyncBaseTransport | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._address = Address(settings.base_url or "", settings.api_key, settings.model)
        self._max_calls = max_calls
        self._sleep = sleep
        self._contact = Contact()
        self._sdk = new_client(
            timeout=settings.timeout,
            proxies=True,
            openai_account=settings.openai_account,
            transport=transport,
        )
        self._sdk.base_url, self._sdk.api_key = self._address.url, settings.api_key or ""

    @property
    def where(self) -> str:
        """Its address, for messages."""
        return self._address.url

    def explain(self, error: openai.APIError | BrokenBodyError, tries: int) -> ModelError:
        """Turn a failure into one of our errors."""
        return explained(error, self._address, tries, reached=self._contact.made)

    async def upload(self, path: Path, *, arrived: bool) -> str:
        """Upload a file of requests; return its id.

        Args:
            path: The file; by its name it is found again.
            arrived: Whether an earlier try may have arrived without our knowing.

        Raises:
            ModelError, SettingsError: the provider cannot be reached, or refuses.
        """

        async def upload(tries: int) -> str:
            if arrived or tries > 1:
                async for one in self._sdk.files.list(purpose="batch", limit=_PAGE):
                    if one.filename == path.name:
                        return one.id
            with writing(path), path.open("rb") as file:
                made = await self._sdk.files.create(file=file, purpose="batch")
            return _told(made, "id")

        return await self._persist(upload)

    async def create(self, file_id: str, name: str, *, arrived: bool) -> str:
        """Submit an uploaded file as a batch; return the batch's id.

        Args:
            file_id: The provider's id of the file.
            name: By which the batch is found again.
            arrived: Whether an earlier try may have arrived without our knowing.

        Raises:
            ModelError, SettingsError: the provider cannot be reached, or refuses.
        """

        async def create(tries: int) -> str:
            if arrived or tries > 1:
                async for one in self._sdk.batches.list(limit=_PAGE):
                    if (one.metadata or {}).get(_MARK) == name and one.status != "failed":
                        return one.id
            made = await self._sdk.batches.create(
                input_file_id=file_id,
                endpoint=CHAT,
                completion_window="24h",
                metadata={_MARK: name},
            )
            return _told(made, "id")

        return await self._persist(create)

    async def batch(self, batch_id: str) -> Batch:
        """Return how a batch stands.

        Raises:
            ModelError: the provider cannot be reached, or refuses.
        """

        async def look(_tries: int) -> Batch:
            batch = await self._sdk.batches.retrieve(batch_id)
            _told(batch, "status")
            return batch

        return await self._persist(look)

    async def download(self, file_id: str, path: Path) -> None:
        """Write a file of results to the disk, whole or not at all.

        Raises:
            ModelError: the provider cannot be reached, or refuses.
            VoceroError: the disk cannot be written.
        """
        part = path.with_name(f"{path.name}{PART}")

        async def download(_tries: int) -> None:
            async with self._sdk.files.with_streaming_response.content(file_id) as response:
                with writing(path), part.open("wb") as file:
                    async for chunk in response.iter_bytes():
                        file.write(chunk)
            with writing(path):
                part.replace(path)

        await self._persist(download)

    async def delete(self, file_id: str) -> None:
        """Delete a file; one that is gone already, or may not be deleted, stays as it is."""
        with suppress(openai.APIError):
            await self._sdk.files.delete(file_id)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._sdk.close()

    async def _persist(self, send: Callable[[int], Awaitable[ResultT]]) -> ResultT:
        """Send until it succeeds; each try is told its number, from 1."""
        tries = 0

        async def call() -> ResultT:
            nonlocal tries
            tries += 1
            try:
                result = await send(tries)
            except httpx2.HTTPError as error:  # while a body is read; the SDK does not see it
                raise openai.APIConnectionError(request=error.request) from error
            except (json.JSONDecodeError, UnicodeDecodeError) as error:
                raise BrokenBodyError(str(error)) from error
            self._contact.made = True
            return result

        try:
            return await with_retries(call, stop=self._is_enough, wait=wait, sleep=self._sleep)
        except (openai.APIError, BrokenBodyError) as error:
            raise self._explained(error, tries) from None

    def _is_enough(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self._max_calls or self._contact.missed(state)

    def _explained(self, error: openai.APIError | BrokenBodyError, tries: int) -> VoceroError:
        if isinstance(error, openai.APIStatusError) and error.status_code == _NOT_FOUND:
            return SettingsError(
                f"{self._address.url} has no batches, or no longer those of this run (404): "
                "use an endpoint that offers them, or delete the folder `provider` of the run to "
                "send its questions anew"
            )
        return self.explain(error, tries)


def _told(made: object, name: str) -> str:
    """Return what an object of the SDK must have; it validates nothing."""
    value = getattr(made, name, None)
    if not isinstance(value, str):
        raise BrokenBodyError(str(made))
    return value
