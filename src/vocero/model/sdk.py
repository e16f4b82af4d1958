"""The SDK's client: connections for one event loop, and one request through them.

Requests take the SDK's general way (`post`) and not its resource for chat completions, which scans
the types of every part of a request (0.4 ms of CPU) and costs 14 MB to import. They travel by
aiohttp: httpx2's own pool looks at all its connections for every request (with 500 of them 1.4 ms)
and parses HTTP in Python.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import httpx2
import openai
from openai._constants import RAW_RESPONSE_HEADER
from openai.types.chat import ChatCompletion

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from openai._legacy_response import LegacyAPIResponse

    from vocero.model.endpoint import Address

_CONNECT_SECONDS = 10.0
# aiohttp's word for no bound; the number of questions on their way is bounded elsewhere.
_UNBOUNDED = 0


class _Client(openai.DefaultAioHttpClient):
    """Connections by aiohttp, whose lost connections are not taken for timeouts."""

    async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:  # noqa: ANN401
        try:
            return await super().send(request, **how)
        except httpx2.ConnectTimeout as error:
            # The SDK's adapter to aiohttp calls every failure to connect and every reset so.
            if isinstance(error.__cause__, TimeoutError):
                raise
            raise httpx2.ConnectError(str(error), request=request) from error.__cause__

    def __del__(self) -> None:
        # A program that forgets to close it may end in silence, as with httpx2's own connections;
        # aiohttp would log two errors.
        for transport in (self._transport, *self._mounts.values()):
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
    """
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


async def complete(
    sdk: openai.AsyncOpenAI, body: Mapping[str, Any], address: Address
) -> LegacyAPIResponse[ChatCompletion]:
    """Ask an address for a chat completion.

    Args:
        sdk: Made by `new_client`.
        body: The request, without the model.
        address: Where to, as whom, and to which model. Not kept: the next request may go elsewhere.

    Returns:
        The answer with its headers; its completion, once parsed, has been validated by nobody.

    Raises:
        openai.APIError: the request failed or was refused.
        httpx2.InvalidURL: the address is none.
    """
    key = f"Bearer {address.key}" if address.key else openai.omit
    answer: object = await sdk.post(
        f"{address.url}/chat/completions",
        body={**body, "model": address.model},
        cast_to=ChatCompletion,
        # No security of the SDK's: it would add a key that lies around for an OpenAI account.
        options={"headers": {"Authorization": key, RAW_RESPONSE_HEADER: "true"}, "security": {}},
    )
    return cast("LegacyAPIResponse[ChatCompletion]", answer)


@cache
def _certificates(trust_env: bool) -> ssl.SSLContext:
    # Shared: reading the authorities' certificates takes 20 ms.
    return httpx2.create_ssl_context(trust_env=trust_env)
