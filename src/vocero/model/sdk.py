"""The SDK's client: connections for one event loop, and one request through them.

Requests take the SDK's general way (`post`) and not its resource for chat completions, which scans
the types of every part of a request (0.4 ms of CPU) and costs 14 MB to import. They travel by
aiohttp: httpx2's own pool looks at all its connections for every request (1.1 ms for 500 of them)
and parses HTTP in Python.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

import aiohttp
import httpx2
import openai

from vocero.errors import SettingsError
from vocero.model.completion import completion_of
from vocero.model.retry import BrokenBodyError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from openai.types.chat import ChatCompletion

    from vocero.model.endpoint import Address

_CONNECT_SECONDS = 10.0
# aiohttp's word for no bound; the number of questions on their way is bounded elsewhere.
_UNBOUNDED = 0


class _Client(openai.DefaultAioHttpClient):
    """Connections by aiohttp, with the errors that httpx2's own would raise."""

    async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:  # noqa: ANN401
        try:
            return await super().send(request, **how)
        except httpx2.ConnectTimeout as error:
            # The SDK's adapter to aiohttp calls every failure to connect and every reset so.
            cause = error.__cause__
            if isinstance(cause, TimeoutError):
                raise
            never_sent = isinstance(cause, aiohttp.ClientConnectorError)
            lost = httpx2.ConnectError if never_sent else httpx2.ReadError
            raise lost(str(error), request=request) from cause

    def __del__(self) -> None:
        # A program that forgets to close it may end in silence, as with httpx2's own connections;
        # aiohttp would log two errors. Where the constructor failed, neither attribute is there.
        mounts = getattr(self, "_mounts", {})
        for transport in (getattr(self, "_transport", None), *mounts.values()):
            session = getattr(transport, "client", None)
            if isinstance(session, aiohttp.ClientSession) and session.connector is not None:
                session.connector._close()  # noqa: SLF001 - the public one is to be awaited
                session.detach()


def new_client(
    *,
    timeout: float,
    proxies: bool,
    openai_account: bool,
    transport: httpx2.AsyncBaseTransport | None,
) -> openai.AsyncOpenAI:
    """Return a client for this event loop; it retries nothing, and is to be closed.

    Args:
        timeout: Seconds that each step of a request may take.
        proxies: Whether HTTP_PROXY and the like apply.
        openai_account: Whether the organisation, the project and the headers that OPENAI_*
            variables name go along.
        transport: Instead of the network, for tests.

    Raises:
        SettingsError: a variable names a proxy that cannot be used.
    """
    if proxies and transport is None:
        _check_proxies()
    sdk = openai.AsyncOpenAI(
        base_url="http://127.0.0.1",
        api_key="each request brings its own, and its address",
        max_retries=0,
        http_client=_Client(
            transport=transport,
            verify=_certificates(proxies),
            trust_env=proxies,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
            limits=httpx2.Limits(max_connections=_UNBOUNDED),
        ),
    )
    if not openai_account:
        # The SDK takes these from OPENAI_* variables; they are no other endpoint's business.
        sdk.organization = sdk.project = None
        sdk._custom_headers = {}  # noqa: SLF001 - OPENAI_CUSTOM_HEADERS has no public off switch
    return sdk


async def send(
    sdk: openai.AsyncOpenAI, body: Mapping[str, Any], address: Address
) -> httpx2.Response:
    """Ask an address for a chat completion.

    Args:
        sdk: Made by `new_client`.
        body: The request, without the model.
        address: Where to, as whom, and to which model. Not kept: the next request may go elsewhere.

    Returns:
        The response, which is no error: its headers, and its body for `parsed`.

    Raises:
        openai.APIError: the request failed or was refused.
        httpx2.InvalidURL: the address is none.
    """
    key = f"Bearer {address.key}" if address.key else openai.omit
    return await sdk.post(
        f"{address.url}/chat/completions",
        body={**body, "model": address.model},
        cast_to=httpx2.Response,
        # No security of the SDK's: it would add a key that lies around for an OpenAI account.
        options={"headers": {"Authorization": key}, "security": {}},
    )


def parsed(response: httpx2.Response) -> ChatCompletion:
    """Return the completion that a response holds; parts may be missing.

    Raises:
        BrokenBodyError: it holds none: it is cut, not JSON, or an error report.
    """
    try:
        body = json.loads(response.content)
    except RecursionError:
        msg = "nested too deeply"
        raise BrokenBodyError(msg) from None
    except ValueError as error:  # also of numbers that are too long for Python
        said_json = response.headers.get("content-type", "").split(";")[0].endswith("json")
        raise BrokenBodyError(str(error) if said_json else response.text) from error
    return completion_of(body)


def _check_proxies() -> None:
    named = getproxies()
    for kind in ("http", "https", "all"):
        proxy = named.get(kind, "")
        try:
            scheme = httpx2.URL(proxy if "://" in proxy else f"http://{proxy}").scheme
        except httpx2.InvalidURL:
            scheme = ""
        if scheme not in {"http", "https"}:
            # The address is not shown: it may hold a password. aiohttp speaks no SOCKS.
            msg = (
                f"{kind.upper()}_PROXY names no HTTP proxy: set it to http://host:port, or unset it"
            )
            raise SettingsError(msg)


@cache
def _certificates(trust_env: bool) -> ssl.SSLContext:
    # Shared by all clients of the process: reading the certificates of authorities takes 20 ms.
    return httpx2.create_ssl_context(trust_env=trust_env)
