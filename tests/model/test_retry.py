"""Trying again when the way to the endpoint fails: what is tried again, how long it waits."""

from __future__ import annotations

import asyncio
import datetime as dt
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import BaseModel

from vocero.errors import AuthenticationError, TransportError, UnreachableError
from vocero.model import Message, connect, spent_on
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from vocero.model import Answer

URL = "http://models.example/v1"
ASKED: list[Message] = [{"role": "user", "content": "1| «No», dijo Kirby."}]
COMPLETION: dict[str, Any] = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": '{"who": "Kirby"}'},
        }
    ],
    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
}


class Saying(BaseModel):
    who: str


def good() -> httpx2.Response:
    return httpx2.Response(200, json=COMPLETION)


def bad(status: int, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, headers=named, json={"error": {"message": "busy"}})


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no settings file of the machine that runs the tests."""
    for setting in ("TIMEOUT", "CONCURRENCY", "PRICE"):
        monkeypatch.delenv(f"VOCERO_{setting}", raising=False)
    monkeypatch.chdir(tmp_path)


class Endpoint:
    """Asks one question of an endpoint that gives these responses, and notes the waits between."""

    def __init__(self, *responses: httpx2.Response | Exception) -> None:
        self.waits: list[float] = []
        self.tries = 0
        self._left = iter(responses)

    async def ask(self, **settings: Any) -> Answer[Saying]:
        model = connect(
            "m",
            base_url=URL,
            api_key="sk-0123456789abcdef",
            mode="json_schema",
            transport=httpx2.MockTransport(self._respond),
            sleep=self._wait,
            **settings,
        )
        return await model.ask(ASKED, Saying, label="who")

    def _respond(self, _request: httpx2.Request) -> httpx2.Response:
        self.tries += 1
        response = next(self._left)
        if isinstance(response, Exception):
            raise response
        return response

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)


async def cut_off() -> AsyncIterator[bytes]:
    """Half a body, and then the connection is gone."""
    yield b'{"id": "1", "choices": [{"index"'
    msg = "peer closed connection"
    raise httpx2.RemoteProtocolError(msg)


PASSING: dict[str, Callable[[], httpx2.Response | Exception]] = {
    "408": lambda: bad(408),
    "409": lambda: bad(409),
    "429": lambda: bad(429),
    "500": lambda: bad(500),
    "502 with HTML": lambda: httpx2.Response(502, html="<h1>Bad Gateway</h1>"),
    "503": lambda: bad(503),
    "529": lambda: bad(529),
    "connection refused": lambda: httpx2.ConnectError("All connection attempts failed"),
    "connection reset": lambda: httpx2.ReadError("Connection reset by peer"),
    "read timeout": lambda: httpx2.ReadTimeout("timed out"),
    "connect timeout": lambda: httpx2.ConnectTimeout("timed out"),
    "closed in the middle of the body": lambda: httpx2.Response(200, content=cut_off()),
    "truncated JSON": lambda: httpx2.Response(
        200, content=b'{"id": "1", "choi', headers={"content-type": "application/json"}
    ),
    "not UTF-8": lambda: httpx2.Response(
        200, content=b'{"id": "\xff"}', headers={"content-type": "application/json"}
    ),
    "empty body": lambda: httpx2.Response(200, headers={"content-type": "application/json"}),
    "null": lambda: httpx2.Response(200, json=None),
    "200 with HTML": lambda: httpx2.Response(200, html="<h1>Please log in</h1>"),
    "200 with an error": lambda: httpx2.Response(200, json={"error": {"message": "overloaded"}}),
    "200 with an error and no choices": lambda: httpx2.Response(
        200, json=COMPLETION | {"choices": None, "error": {"code": 502}}
    ),
    "200 with another object": lambda: httpx2.Response(200, json={"status": "ok"}),
}


@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING.keys())
async def test_what_may_pass_is_tried_again_and_counted(
    failure: Callable[[], httpx2.Response | Exception],
) -> None:
    endpoint = Endpoint(failure(), failure(), good())

    got = await endpoint.ask()

    assert got.value == Saying(who="Kirby")
    assert (got.transport_retries, got.validation_retries) == (2, 0)
    assert got.usage == Usage(input_tokens=10, output_tokens=2)
    assert len(endpoint.waits) == 2


COUNTED = {name: failure for name, failure in PASSING.items() if name != "429"}


@pytest.mark.parametrize("failure", COUNTED.values(), ids=COUNTED.keys())
async def test_what_does_not_pass_ends_in_one_line_that_names_the_address(
    failure: Callable[[], httpx2.Response | Exception],
) -> None:
    endpoint = Endpoint(bad(503), *(failure() for _ in range(5)))

    with pytest.raises(TransportError) as caught:
        await endpoint.ask()

    assert type(caught.value) is TransportError  # somebody is there, or was
    assert str(caught.value).startswith(URL)
    assert "after 6 tries" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert endpoint.tries == 6
    assert spent_on(caught.value).transport_retries == 5


def no_connection_in_time() -> httpx2.ConnectTimeout:
    error = httpx2.ConnectTimeout("Connection timeout to host")
    error.__cause__ = TimeoutError()  # as aiohttp's transport has it
    return error


@pytest.mark.parametrize("failure", [PASSING["connection refused"], no_connection_in_time])
async def test_where_nobody_ever_was_that_is_said_within_seconds(
    failure: Callable[[], httpx2.Response | Exception],
) -> None:
    endpoint = Endpoint(*(failure() for _ in range(6)))

    with pytest.raises(UnreachableError, match="cannot be reached after 3 tries"):
        await endpoint.ask()

    assert endpoint.tries == 3
    assert sum(endpoint.waits) < 3


async def test_nobody_there_says_what_to_start_or_to_set() -> None:
    endpoint = Endpoint(*[httpx2.ConnectError("All connection attempts failed")] * 2)

    with pytest.raises(UnreachableError) as caught:
        await endpoint.ask(max_tries=2)

    assert str(caught.value) == (
        f"{URL} cannot be reached after 2 tries (All connection attempts failed): "
        "start the server there or set VOCERO_BASE_URL"
    )


async def test_waits_grow_with_jitter_where_the_endpoint_names_none() -> None:
    first, second = (Endpoint(*[bad(503)] * 6) for _ in range(2))

    for endpoint in (first, second):
        with pytest.raises(TransportError):
            await endpoint.ask()
        for wait, base in zip(endpoint.waits, (0.5, 1, 2, 4, 8), strict=True):
            assert base <= wait <= base + 0.5
    assert first.waits != second.waits


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after_ms": "250"}, 0.25),
        ({"retry_after_ms": "250", "retry_after": "7"}, 0.25),
    ],
)
async def test_the_wait_that_the_endpoint_asks_for_is_kept(
    headers: dict[str, str], seconds: float
) -> None:
    endpoint = Endpoint(bad(429, **headers), bad(503, **headers), good())

    await endpoint.ask()

    assert endpoint.waits == pytest.approx([seconds, seconds], abs=0.05)


async def test_the_wait_may_be_given_as_a_date() -> None:
    date = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30), usegmt=True)
    endpoint = Endpoint(bad(429, retry_after=date), good())

    await endpoint.ask()

    assert 25 < endpoint.waits[0] <= 30


@pytest.mark.parametrize(
    "value", ["soon", "", "-5", "0", "nan", "inf", "Wed, 21 Oct 2015 07:28:00 GMT", "21 Oct GMT"]
)
async def test_a_wait_that_means_nothing_is_passed_over(value: str) -> None:
    endpoint = Endpoint(bad(503, retry_after=value), good())

    await endpoint.ask()

    assert 0.5 <= endpoint.waits[0] <= 1.0


async def test_a_wait_beyond_the_time_for_all_tries_is_not_begun() -> None:
    endpoint = Endpoint(bad(429, retry_after="3600"))

    told = r"lets nothing through for 3600 s after 1 try with 429 \(busy\): try later"
    with pytest.raises(TransportError, match=told):
        await endpoint.ask(max_seconds=300)

    assert endpoint.waits == []


async def test_each_try_has_a_deadline_that_a_dripping_server_cannot_stretch() -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(50):
            await asyncio.sleep(0.02)
            yield b" "

    # Each read comes in time; only the whole does not.
    endpoint = Endpoint(
        *(httpx2.Response(200, content=drip()) for _ in range(2)),
    )

    with pytest.raises(TransportError, match=r"did not answer in time after 2 tries.*VOCERO_TIME"):
        await endpoint.ask(timeout=0.1, max_tries=2)

    assert endpoint.tries == 2


async def test_a_failure_for_good_after_a_passing_one_ends_it() -> None:
    endpoint = Endpoint(bad(503), bad(401))

    with pytest.raises(AuthenticationError):
        await endpoint.ask()

    assert endpoint.tries == 2


async def test_the_two_budgets_are_counted_apart() -> None:
    choice = COMPLETION["choices"][0] | {"message": {"role": "assistant", "content": "{}"}}
    unfit = httpx2.Response(200, json=COMPLETION | {"choices": [choice]})
    endpoint = Endpoint(bad(503), unfit, bad(429), bad(429), good())

    got = await endpoint.ask()

    assert (got.transport_retries, got.validation_retries) == (3, 1)
    assert got.usage == Usage(input_tokens=20, output_tokens=4)
