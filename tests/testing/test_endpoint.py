"""The mock endpoint as a raw client sees it: one connection, bytes in, bytes out."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from email.utils import parsedate_to_datetime
from itertools import pairwise
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from vocero.testing import Fault, MockEndpoint, RateLimit, Reply, chaos, faults

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

PATH = "/v1/chat/completions"
SAYS = '{"said": "que no"}'


class Got(NamedTuple):
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def choice(self) -> Any:
        return self.json["choices"][0]


class Raw:
    """A kept connection that knows nothing of HTTP but where a body ends."""

    def __init__(self, server: MockEndpoint) -> None:
        self._port = urlsplit(server.base_url).port

    async def __aenter__(self) -> Raw:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, text: str = "Who?", *, path: str = PATH, **more: object) -> Got:
        asked = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
        return await self.send(json.dumps(asked).encode(), path=path)

    async def send(self, body: bytes, *, path: str = PATH) -> Got:
        head = f"POST {path} HTTP/1.1\r\nHost: mock\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        content = await self._reader.readexactly(int(headers["content-length"]))
        return Got(int(first.split()[1]), headers, content)


async def ask(server: MockEndpoint, text: str = "Who?") -> Got:
    async with Raw(server) as raw:
        return await raw.post(text)


def mock(*planned: Fault, limit: RateLimit | None = None) -> MockEndpoint:
    return MockEndpoint(lambda _asked: SAYS, faults=planned, limit=limit)


async def test_without_faults_it_answers_with_what_the_script_says() -> None:
    async with mock() as server, Raw(server) as raw:
        first, again = await raw.post("a" * 400), await raw.post()
    assert first.status == again.status == 200
    assert first.headers["content-type"] == "application/json"
    assert first.choice["message"] == {"role": "assistant", "content": SAYS, "refusal": None}
    assert first.choice["finish_reason"] == "stop"
    assert first.json["usage"]["prompt_tokens"] == 100
    assert first.json["usage"]["completion_tokens"] == 5
    assert first.json["usage"]["total_tokens"] == 105


async def test_a_request_with_a_tool_is_answered_by_a_call_of_it() -> None:
    tool = {"type": "function", "function": {"name": "Draft", "parameters": {}}}
    async with mock() as server, Raw(server) as raw:
        got = await raw.post(tools=[tool])
    (call,) = got.choice["message"]["tool_calls"]
    assert call["function"] == {"name": "Draft", "arguments": SAYS}
    assert got.choice["finish_reason"] == "tool_calls"


async def test_the_script_sees_the_request() -> None:
    async with MockEndpoint(lambda asked: asked["messages"][0]["content"].upper()) as server:
        assert (await ask(server, "¿quién?")).choice["message"]["content"] == "¿QUIÉN?"


async def test_a_script_that_fails_says_so_to_the_client() -> None:
    async with MockEndpoint(lambda asked: str(asked["nothing"])) as server, Raw(server) as raw:
        broken, no_json = await raw.post(), await raw.send(b"{")
    assert broken.status == no_json.status == 400
    assert "KeyError('nothing')" in broken.json["error"]["message"]
    assert "JSONDecodeError" in no_json.json["error"]["message"]


async def test_other_addresses_are_not_found_and_not_counted() -> None:
    async with mock() as server, Raw(server) as raw:
        assert (await raw.post(path="/chat/completions")).status == 404
        assert (await raw.post()).status == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", [401, 403, 404, 500, 503])
async def test_a_status_comes_with_an_error_report(code: int) -> None:
    async with mock(faults.status(code, "no")) as server:
        got = await ask(server)
    assert got.status == code
    assert got.json["error"] == {
        "message": "no",
        "type": "mock_error",
        "param": None,
        "code": str(code),
    }


async def test_a_gateway_answers_in_html() -> None:
    async with mock(faults.html(502)) as server:
        got = await ask(server)
    assert (got.status, got.headers["content-type"]) == (502, "text/html")
    assert got.body.startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    ("fault", "headers"),
    [
        (faults.rate_limited("retry-after", wait=1.5), {"retry-after": "2"}),
        (faults.rate_limited("retry-after-ms", wait=0.12), {"retry-after-ms": "120"}),
        (faults.rate_limited("none"), {}),
        (
            faults.rate_limited("x-ratelimit", wait=360),
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "6m0s",
                "x-ratelimit-limit-tokens": "150000",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "6m0s",
            },
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_429_tells_when_to_come_again(fault: Fault, headers: dict[str, str]) -> None:
    async with mock(fault) as server:
        got = await ask(server)
    assert got.status == 429
    assert got.headers.items() - headers.items() == {
        ("content-type", "application/json"),
        ("content-length", str(len(got.body))),
    }
    assert headers.items() <= got.headers.items()


async def test_429_may_name_a_date() -> None:
    async with mock(faults.rate_limited("retry-after-date", wait=60)) as server:
        asked_at = time()
        date = (await ask(server)).headers["retry-after"]
    assert date.endswith(" GMT")
    assert 60 <= parsedate_to_datetime(date).timestamp() - asked_at < 63


async def test_reset_before_any_byte() -> None:
    async with mock(faults.reset()) as server:
        with pytest.raises(ConnectionResetError):
            await ask(server)
    assert server.requests[0].status is None


async def test_reset_in_the_middle_of_the_body() -> None:
    async with mock(faults.reset(0.5)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(server.base_url).port)
        body = b'{"messages": []}'
        head = f"POST {PATH} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        got = (await reader.readuntil(b"\r\n\r\n")).decode()
        promised = int(got.partition("content-length: ")[2].split()[0])
        half = await reader.readexactly(promised // 2)
        assert half.startswith(b'{"id"')
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()


async def test_a_drip_takes_its_time_and_arrives_whole() -> None:
    async with mock(faults.drip(0.001)) as server:
        loop = asyncio.get_running_loop()
        started = loop.time()
        got = await ask(server)
        assert loop.time() - started > 0.001 * len(got.body)
    assert got.choice["message"]["content"] == SAYS


async def test_never_is_never_until_the_client_goes() -> None:
    async with mock(faults.never()) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ask(server)
        await asyncio.sleep(0.1)
        assert server.in_flight == 0
    assert server.requests[0].status is None


async def test_latency_is_the_same_for_all_and_adds_up_for_nobody() -> None:
    async with mock(faults.latency(0.1)) as server:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await asyncio.gather(*(ask(server) for _ in range(20)))
        assert 0.1 <= loop.time() - started < 1
    assert server.peak_in_flight == 20


async def test_lognormal_latency_is_seeded() -> None:
    def times(seed: int) -> list[float]:
        fault = faults.lognormal(0.2, 0.8, seed=seed)
        return [fault.change(Reply({}, None)).delay for _ in range(2001)]

    assert times(1) == times(1) != times(2)
    assert sorted(times(1))[1000] == pytest.approx(0.2, rel=0.1)


async def test_json_that_is_cut_or_none() -> None:
    for fault in (faults.truncated_body(), faults.malformed_body()):
        async with mock(fault) as server:
            got = await ask(server)
        assert got.status == 200
        assert got.headers["content-type"] == "application/json"
        with pytest.raises(json.JSONDecodeError):
            assert got.json


async def test_an_error_report_with_status_200() -> None:
    async with mock(faults.error_in_200()) as server:
        got = await ask(server)
    assert got.status == 200
    assert list(got.json) == ["error"]


async def test_the_right_body_under_a_wrong_content_type() -> None:
    async with mock(faults.wrong_content_type("text/html")) as server:
        got = await ask(server)
    assert got.headers["content-type"] == "text/html"
    assert got.choice["message"]["content"] == SAYS


async def test_no_choices() -> None:
    async with mock(faults.empty_choices()) as server:
        assert (await ask(server)).json["choices"] == []


async def test_a_refusal() -> None:
    async with mock(faults.refusal("No.")) as server:
        message = (await ask(server)).choice["message"]
    assert (message["content"], message["refusal"]) == (None, "No.")


async def test_an_answer_cut_at_its_limit() -> None:
    async with mock(faults.cut_answer()) as server:
        choice = (await ask(server)).choice
    assert choice["finish_reason"] == "length"
    assert choice["message"]["content"] == SAYS[:9]


async def test_an_answer_that_is_no_json_and_one_of_another_schema() -> None:
    async with mock(faults.malformed_answer()) as server:
        with pytest.raises(json.JSONDecodeError):
            json.loads((await ask(server)).choice["message"]["content"])
    async with mock(faults.wrong_schema()) as server:
        content = json.loads((await ask(server)).choice["message"]["content"])
    assert list(content) == ["unexpected"]


async def test_faults_are_confined_and_combined() -> None:
    plan = [
        faults.latency(0.001),
        faults.status(503).containing("Peskov «sí»\n").first(2),
        faults.status(500).first(1),
    ]
    async with mock(*plan) as server, Raw(server) as raw:
        texts = ["Kirby", "Peskov «sí»\n", "Peskov «sí»\n", "Peskov «sí»\n", "Kirby"]
        statuses = [(await raw.post(text)).status for text in texts]
    assert statuses == [500, 503, 503, 200, 200]
    assert server.counts == {"latency": 5, "status 503": 2, "status 500": 1}
    assert server.requests[1].faults == ("latency", "status 503")


async def test_a_text_is_found_however_the_client_escapes_it() -> None:
    body = {"messages": [{"role": "user", "content": "añadió"}]}
    async with mock(faults.status(503).containing("añadió")) as server, Raw(server) as raw:
        for escaped in (True, False):
            sent = json.dumps(body, ensure_ascii=escaped).encode()
            assert (await raw.send(sent)).status == 503


async def statuses(server: MockEndpoint, texts: Sequence[str]) -> dict[str, int]:
    async with server, Raw(server) as raw:
        return {text: (await raw.post(text)).status for text in texts}


async def test_chance_is_seeded_and_does_not_hang_on_the_order_of_requests() -> None:
    texts = [f"article {n}" for n in range(400)]
    rare = faults.status(503).sometimes(0.25, seed=1)
    struck = await statuses(mock(rare), texts)
    assert 70 <= sum(status == 503 for status in struck.values()) <= 130
    assert await statuses(mock(rare), texts[::-1]) == struck
    assert await statuses(mock(faults.status(503).sometimes(0.25, seed=2)), texts) != struck


async def test_the_same_request_has_other_luck_the_next_time() -> None:
    async with mock(faults.status(503).sometimes(0.5)) as server, Raw(server) as raw:
        assert {(await raw.post()).status for _ in range(40)} == {200, 503}


async def test_chaos_holds_every_fault_that_may_pass() -> None:
    names = {fault.name for fault in chaos(0.1)}
    assert {"reset", "reset at 50%", "drip", "never", "html 502", "fabrication"} <= names
    assert len(names) == 22
    assert not names & {"status 401", "status 403", "status 404"}


async def test_requests_are_recorded_by_the_hash_of_their_body() -> None:
    before = time()
    async with mock(faults.reset().first(1)) as server:
        with pytest.raises(ConnectionResetError):
            await ask(server, "Kirby")
        await ask(server, "Peskov")
        await ask(server, "Kirby")
    lost, other, again = server.requests
    assert lost.body == again.body != other.body
    assert [one.status for one in server.requests] == [None, 200, 200]
    assert before <= lost.at <= other.at <= again.at <= time()
    assert server.counts == {"reset": 1, "none": 2}


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_limit_on_requests_tells_its_state_with_every_answer() -> None:
    clock = Clock()
    limit = RateLimit(requests_per_second=4, burst_seconds=0.5, clock=clock)
    async with mock(limit=limit) as server, Raw(server) as raw:
        got = [await raw.post() for _ in range(3)]
        clock.now += 0.25
        got.append(await raw.post())
    assert [one.status for one in got] == [200, 200, 429, 200]
    kinds = ("limit", "remaining", "reset")
    told = [tuple(one.headers[f"x-ratelimit-{kind}-requests"] for kind in kinds) for one in got]
    assert told == [
        ("2", "1", "250ms"),
        ("2", "0", "500ms"),
        ("2", "0", "500ms"),
        ("2", "0", "500ms"),
    ]
    assert server.counts == {"none": 3, "rate limit": 1}


async def test_a_limit_on_tokens_lets_even_the_longest_request_through_when_it_is_full() -> None:
    clock = Clock()
    limit = RateLimit(tokens_per_minute=600, style="retry-after-ms", clock=clock)
    async with mock(limit=limit) as server, Raw(server) as raw:
        long = await raw.post("a" * 60)  # 15 tokens and 5 of the answer, of the 10 there are
        refused = await raw.post("a" * 20)
        clock.now += 2
        short = await raw.post("a" * 20)
    assert [one.status for one in (long, refused, short)] == [200, 429, 200]
    assert int(refused.headers["retry-after-ms"]) == 2000
    assert "retry-after-ms" not in short.headers


async def test_a_bucket_lets_its_rate_through() -> None:
    async with mock(limit=RateLimit(requests_per_second=100, burst_seconds=0.01)) as server:
        async with Raw(server) as raw, asyncio.timeout(5):
            while server.counts["none"] < 30:
                await raw.post()
        passed = [one.at for one in server.requests if one.status == 200]
    assert passed[-1] - passed[0] > 0.28
    assert all(late - early > 0.005 for early, late in pairwise(passed))


def test_as_a_thread_it_serves_code_without_an_event_loop() -> None:
    with mock() as server:
        request = urllib.request.Request(  # noqa: S310 - http, to this machine
            f"{server.base_url}/chat/completions", data=b'{"messages": []}'
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            assert json.load(response)["choices"][0]["message"]["content"] == SAYS
    assert len(server.requests) == 1
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(request)  # noqa: S310


def test_a_port_that_cannot_be_had_is_an_error_at_the_start() -> None:
    with mock() as server:
        port = urlsplit(server.base_url).port or 0
        with pytest.raises(OSError, match="in use"), MockEndpoint(port=port):
            pass
    with pytest.raises(OverflowError), MockEndpoint(port=99_999):
        pass


def test_before_the_start_it_has_no_address() -> None:
    with pytest.raises(RuntimeError, match="with statement"):
        assert mock().base_url


def test_as_a_process_it_prints_its_address_and_at_the_end_its_counts() -> None:
    command = [sys.executable, "-m", "vocero.testing", "--latency", "0.01", "--sigma", "0.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        request = urllib.request.Request(  # noqa: S310 - http, to this machine
            f"{base_url}/chat/completions", data=b'{"messages": []}'
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            assert json.load(response)["choices"][0]["message"]["content"] == "OK"
        with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as response:  # noqa: S310
            during = json.load(response)
        process.send_signal(signal.SIGINT)
        assert json.loads(process.stdout.read()) == during
    assert process.returncode == 0
    assert during == {
        "requests": 1,
        "different": 1,
        "peak_in_flight": 1,
        "faults": {"lognormal": 1},
    }
