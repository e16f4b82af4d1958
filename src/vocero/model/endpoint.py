"""Where requests go: an address from the settings, or the embedded model's own server."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vocero.model.local import Lease
    from vocero.model.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Address:
    """Where one request goes, as whom, and to which model."""

    url: str
    key: str | None
    model: str


class Endpoint(Protocol):
    """What answers, as far as the transport needs to know it."""

    extra_body: Mapping[str, object]
    """Sent along with every request."""
    uses_proxies: bool
    """Whether HTTP_PROXY and the like apply."""

    @property
    def where(self) -> str:
        """For people: who answers."""

    @property
    def parameters(self) -> Mapping[str, object]:
        """What of it changes answers, beside the model's name; goes into JSON."""

    async def address(self) -> Address:
        """Return where to send the next request."""

    async def repair(self) -> None:
        """Do what can be done about a lost connection before the next try."""

    async def release(self) -> None:
        """Let go of what was taken."""


class Remote:
    """An address that the settings name; whether it answers is its own affair."""

    def __init__(self, settings: ModelSettings) -> None:
        self.extra_body: Mapping[str, object] = {}
        self.uses_proxies = True
        self._address = Address(settings.base_url or "", settings.api_key, settings.model)

    @property
    def where(self) -> str:
        """The address."""
        return self._address.url

    @property
    def parameters(self) -> Mapping[str, object]:
        """None that are known."""
        return {}

    async def address(self) -> Address:
        """Return the one address."""
        return self._address

    async def repair(self) -> None:
        """Nothing can be done from here."""

    async def release(self) -> None:
        """Nothing was taken."""


class Embedded:
    """The server of `vocero.model.local`: leased at the first question, mended when it dies."""

    def __init__(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        # llama.cpp keeps the article, with which every question begins, between calls.
        self.extra_body: Mapping[str, object] = {"cache_prompt": True}
        # A proxy cannot reach this machine's loopback, and has no business with the article.
        self.uses_proxies = False
        self._progress = progress
        self._lease: Lease | None = None
        self._wanted = False
        self._starting = threading.Lock()
        self._changing = threading.Lock()

    @property
    def where(self) -> str:
        """``embedded``, and the server's address once it runs."""
        lease = self._lease
        return "embedded" if lease is None else f"embedded, {lease.base_url}"

    @property
    def parameters(self) -> Mapping[str, object]:
        """Which weights it has."""
        from vocero.model.local.weights import identity  # noqa: PLC0415 - only where it is needed

        return {"weights": identity()}

    async def address(self) -> Address:
        """Return the server's address, after starting it where it does not run.

        Raises:
            DependencyError: the extra `local` is not installed.
            LocalModelError: the weights cannot be had or the server cannot be started.
        """
        with self._changing:
            self._wanted = True
        lease = await asyncio.to_thread(self._leased)
        return Address(lease.base_url, lease.api_key, lease.model)

    async def repair(self) -> None:
        """Start the server again if it died; it may come back at another address.

        Raises:
            LocalModelError: it cannot be started.
        """
        if self._lease is not None:
            await asyncio.to_thread(self._lease.ensure)

    async def release(self) -> None:
        """Give the lease back; the server stops with its last user."""
        with self._changing:
            self._wanted = False
            lease, self._lease = self._lease, None
        if lease is not None:
            await asyncio.to_thread(lease.release)

    def _leased(self) -> Lease:
        # Two event loops must not lease twice: one of the two would never be released.
        with self._starting:
            if (lease := self._lease) is not None:
                return lease
            from vocero.model.local import acquire  # noqa: PLC0415 - only where it is needed

            lease = acquire(progress=self._progress)
            with self._changing:
                if self._wanted:
                    self._lease = lease
                    return lease
            # Whoever asked has been cancelled, and has let go of what it did not have yet.
            lease.release()
            return lease
