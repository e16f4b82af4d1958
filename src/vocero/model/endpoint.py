"""Where requests go: an address from the settings, or the embedded model's own server."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vocero.model.answer import Message
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

    def extras(self, messages: Sequence[Message]) -> Mapping[str, object]:
        """What is to be sent along with the next request."""

    def rehearsals(self, messages: Sequence[Message]) -> Iterator[Mapping[str, object]]:
        """Bodies to be sent before the next request, each when the one before was answered."""

    def remember(self, messages: Sequence[Message]) -> None:
        """Take note of a question that was answered without this endpoint."""

    async def repair(self) -> None:
        """Do what can be done about a lost connection before the next try."""

    async def release(self) -> None:
        """Let go of what was taken."""


class Remote:
    """An address that the settings name; whether it answers is its own affair."""

    def __init__(self, settings: ModelSettings) -> None:
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

    def extras(self, messages: Sequence[Message]) -> Mapping[str, object]:  # noqa: ARG002
        """Nothing."""
        return {}

    def rehearsals(self, messages: Sequence[Message]) -> Iterator[Mapping[str, object]]:  # noqa: ARG002
        """None."""
        return iter(())

    def remember(self, messages: Sequence[Message]) -> None:
        """What others asked before is nothing to an endpoint that answers many."""

    async def repair(self) -> None:
        """Nothing can be done from here."""

    async def release(self) -> None:
        """Nothing was taken."""


class Embedded:
    """The server of `vocero.model.local`: leased at the first question, mended when it dies.

    llama.cpp keeps the article, with which every question about it begins, between questions. What
    it computes for the rest depends, in the last bits and now and then in a word, on where that
    began to differ from the question before. So that an answer depends on its article alone, and a
    run that was interrupted comes to the same as one that was not, nothing is kept from one article
    to the next, and questions that a journal answered are read (not answered) once more before the
    next one about the same article is asked. That holds for one article after the other, as a run
    reads them; questions of several at once, or of several event loops, cost each other what was
    kept, and nothing else.
    """

    def __init__(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        # A proxy cannot reach this machine's loopback, and has no business with the article.
        self.uses_proxies = False
        self._progress = progress
        self._last = ""
        self._unseen: list[tuple[Sequence[Message], bool]] = []
        self._lease: Lease | None = None
        self._wanted = False
        self._starting = threading.Lock()
        self._changing = threading.Lock()
        self._noting = threading.Lock()

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

    def extras(self, messages: Sequence[Message]) -> Mapping[str, object]:
        """Whether what was read for the question before is of use for this one."""
        with self._noting:
            return {"cache_prompt": self._follows(messages)}

    def rehearsals(self, messages: Sequence[Message]) -> Iterator[Mapping[str, object]]:
        """The questions about the same article that were answered since one was asked here."""
        done = None
        while (unseen := self._next_unseen(messages, done)) is not None:
            before, follows = done = unseen
            body = {"messages": before, "max_tokens": 1, "temperature": 0}
            yield body | {"cache_prompt": follows}

    def remember(self, messages: Sequence[Message]) -> None:
        """Note a question for `rehearsals`."""
        with self._noting:
            follows = self._follows(messages)
            if not follows:
                self._unseen.clear()
            self._unseen.append((messages, follows))

    def _next_unseen(
        self, messages: Sequence[Message], done: tuple[Sequence[Message], bool] | None
    ) -> tuple[Sequence[Message], bool] | None:
        with self._noting:
            if not _alike(_text(messages), self._last):
                self._unseen.clear()
            # Another one stands there if the article was changed while that was on its way.
            if self._unseen and self._unseen[0] is done:
                self._unseen.pop(0)
            return self._unseen[0] if self._unseen else None

    def _follows(self, messages: Sequence[Message]) -> bool:
        text, before = _text(messages), self._last
        self._last = text
        return _alike(text, before)

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


def _text(messages: Sequence[Message]) -> str:
    return "\0".join(message["content"] for message in messages)


def _alike(text: str, before: str) -> bool:
    """Whether half of a question or more is the same as the beginning of the one before."""
    half = (len(text) + 1) // 2
    return text[:half] == before[:half]
