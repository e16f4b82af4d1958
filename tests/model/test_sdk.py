"""The connections a client makes: how many, to whom, and what is said when one is lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import httpx2
import openai
import pytest
from pydantic import BaseModel

from vocero.errors import SettingsError, TransportError
from vocero.model import Message, connect
from vocero.model.endpoint import Address
from vocero.model.retry import BrokenBodyError
from vocero.model.sdk import new_client, parsed, send
from vocero.testing import MockEndpoint, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

ASKED: list[Message] = [{"role": "user", "content": "1| «No», dijo Kirby."}]
MESSAGE = {"role": "assistant", "content": '{"items": []}'}
COMPLETION = json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": MESSAGE}]})


class Draft(BaseModel):
    """Any small answer."""

    items: list[str]


@pytest.fixture(autouse=True)
def _no_keys_and_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "VOCERO_API_KEY", "VOCERO_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def server(before: Callable[[str], Awaitable[None]]) -> AsyncIterator[str]:
    """An endpoint that is told the first line of each request before it answers; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
        await before(head.partition("\r\n")[0])
        lines = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        writer.write(f"{lines}content-length: {len(COMPLETION)}\r\n\r\n{COMPLETION}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000) as serving:
        host, port = serving.sockets[0].getsockname()
        yield f"http://{host}:{port}"


async def test_as_many_questions_are_on_their_way_as_the_setting_allows() -> None:
    # More than the 100 connections that aiohttp opens, and that the SDK keeps, by default.
    many, here, all_here = 150, 0, asyncio.Event()

    async def wait_for_all(_line: str) -> None:
        nonlocal here
        here += 1
        if here == many:
            all_here.set()
        await all_here.wait()

    async with server(wait_for_all) as url:
        model = connect("m", base_url=url, concurrency=many, mode="json_schema", timeout=30)
        questions = (model.ask(ASKED, Draft, label=str(n)) for n in range(many))
        answers = await asyncio.gather(*questions)
        await model.aclose()

    assert [answer.value for answer in answers] == [Draft(items=[])] * many
    assert {answer.transport_retries for answer in answers} == {0}


async def test_where_nothing_listens_is_not_called_slow() -> None:
    async with server(lambda _line: asyncio.sleep(0)) as url:
        pass  # and now it has gone
    model = connect("m", base_url=url, max_tries=1)

    with pytest.raises(TransportError, match=r"cannot be reached after 1 try \(.*: start the serv"):
        await model.ask(ASKED, Draft, label="who")
    await model.aclose()


@pytest.mark.parametrize("share", [0.0, 0.5])
async def test_a_lost_connection_is_not_called_slow(share: float) -> None:
    with MockEndpoint(faults=[faults.reset(share)]) as mock:
        model = connect("m", base_url=mock.base_url, max_tries=1)
        with pytest.raises(TransportError, match="cannot be reached after 1 try"):
            await model.ask(ASKED, Draft, label="who")
        await model.aclose()


async def test_what_was_never_sent_is_told_from_what_was_lost_on_the_way() -> None:
    async def cause(url: str) -> BaseException | None:
        sdk = new_client(timeout=5, proxies=False, openai_account=False, transport=None)
        with pytest.raises(openai.APIConnectionError) as caught:
            await send(sdk, {"messages": ASKED}, Address(url, None, "m"))
        await sdk.close()
        return caught.value.__cause__

    async with server(lambda _line: asyncio.sleep(0)) as url:
        pass  # and now it has gone
    assert isinstance(await cause(url), httpx2.ConnectError)
    for share in (0.0, 0.5):
        with MockEndpoint(faults=[faults.reset(share)]) as mock:
            assert isinstance(await cause(mock.base_url), httpx2.ReadError)


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        ("<h1>Hello</h1>", "text/html", "<h1>Hello</h1>"),
        ('{"choices": [', "application/json; charset=utf-8", "Expecting value"),
        ('{"choices": [{"in', "application/json", "Unterminated string"),
        ('{"error": {"message": "overloaded"}}', "application/json", "overloaded"),
        ('{"id": "1"}', "application/json", "id"),
        ("null", "application/json", "None"),
        ("[]", "application/json", "\\[\\]"),
        ("\x00", "", "\x00"),
    ],
)
def test_a_body_that_holds_no_completion_says_what_it_holds(body: str, kind: str, why: str) -> None:
    response = httpx2.Response(200, content=body.encode(), headers={"content-type": kind})

    with pytest.raises(BrokenBodyError, match=why):
        parsed(response)


def test_a_completion_is_read_whatever_its_type_is_called() -> None:
    response = httpx2.Response(200, text=COMPLETION)

    assert parsed(response).choices[0].message.content == MESSAGE["content"]


async def test_a_server_that_says_nothing_is_called_slow() -> None:
    with MockEndpoint(faults=[faults.never()]) as mock:
        model = connect("m", base_url=mock.base_url, max_tries=1, timeout=0.2)
        with pytest.raises(TransportError, match="did not answer in time"):
            await model.ask(ASKED, Draft, label="who")
        await model.aclose()


def test_a_program_that_forgets_to_close_ends_in_silence() -> None:
    program = """
import asyncio, sys
from pydantic import create_model
from vocero.model import connect

model = connect("m", base_url=sys.argv[1])
asked = [{"role": "user", "content": "1| «No», dijo Kirby."}]
asyncio.run(model.ask(asked, create_model("Draft", items=list[str]), label="who"))
"""
    with MockEndpoint() as mock:
        ran = subprocess.run(
            [sys.executable, "-c", program, mock.base_url], capture_output=True, check=True
        )
    assert (ran.stdout, ran.stderr) == (b"", b"")


async def test_a_proxy_is_asked_for_an_endpoint_and_not_for_the_embedded_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: dict[str, list[str]] = {"proxy": [], "embedded": []}

    async def to_proxy(line: str) -> None:
        lines["proxy"].append(line)

    async def to_embedded(line: str) -> None:
        lines["embedded"].append(line)

    async with server(to_proxy) as proxy, server(to_embedded) as embedded:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        lease = SimpleNamespace(base_url=f"{embedded}/v1", api_key="k", model="m")
        lease.ensure = lease.release = lambda: None
        monkeypatch.setattr("vocero.model.local.acquire", lambda **_: lease)
        for model in (connect("m", base_url="http://models.example/v1"), connect("local")):
            await model.ask(ASKED, Draft, label="who")
            await model.aclose()

    assert lines == {
        "proxy": ["post http://models.example/v1/chat/completions http/1.1"],
        "embedded": ["post /v1/chat/completions http/1.1"],
    }


@pytest.mark.parametrize("proxy", ["socks5://me:secret@proxy.example:1080", "http://[::1:secret"])
async def test_a_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(SettingsError, match="HTTPS_PROXY names no HTTP proxy: set it") as caught:
        await connect("m", base_url="http://models.example/v1").ask(ASKED, Draft, label="who")

    assert "secret" not in str(caught.value)


async def test_keys_that_lie_around_go_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "sk-theirs")
    sent: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, text=COMPLETION, headers={"content-type": "application/json"})

    model = connect("m", base_url="http://m.example/v1", transport=httpx2.MockTransport(respond))
    await model.ask(ASKED, Draft, label="who")

    assert "authorization" not in sent[0].headers
    assert "theirs" not in str(sent[0].headers)
