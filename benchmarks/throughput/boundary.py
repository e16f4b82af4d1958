"""What one request costs a client: CPU and memory of the ways to ask a model for an object.

Each way asks the same questions (an article of 420 words, eight of its sentences quotations) of
the same mock endpoint, in a process of its own, and validates the answers with the same class.

Run: python benchmarks/throughput/boundary.py [--requests 600] [--in-flight 50] [--latency 0.2]
"""
# ruff: noqa: PLC0415 - a process imports what its way needs, and no other's megabytes

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import resource
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from vocero.extraction.drafts import AttributionsDraft

    Ask = Callable[[Any], Awaitable[AttributionsDraft]]

WARM_UP = 20
SENTENCES = 24
TASK = "Task: list every attribution in the article, in JSON."


def question(number: int) -> list[dict[str, str]]:
    """Messages about an article of 420 words, unlike the others."""
    told = "The harbour board of the town met for the third time this year and put off its vote."
    said = "“We will not close the old mine before winter comes,” said Clara Boyd of Lugo Ltd."
    lines = (f"[{n}] {said if n % 3 == 1 else told} ({number})" for n in range(1, SENTENCES + 1))
    article = "\n".join(lines)
    return [
        {"role": "system", "content": "You read news articles. Answer with one JSON object."},
        {"role": "user", "content": f"<article-1>\n{article}\n</article-1>\n\n{TASK}"},
    ]


def plain() -> tuple[Callable[[Any], dict[str, Any]], Callable[[str], AttributionsDraft]]:
    """How to make a body and how to read an answer, for the ways that do neither themselves."""
    from vocero.extraction.drafts import AttributionsDraft

    schema = AttributionsDraft.model_json_schema()
    form = {"name": AttributionsDraft.__name__, "strict": True, "schema": schema}
    fixed = {"temperature": 0, "response_format": {"type": "json_schema", "json_schema": form}}

    def body(messages: object) -> dict[str, Any]:
        return {"messages": messages, "model": "mock", **fixed}

    return body, AttributionsDraft.model_validate_json


@asynccontextmanager
async def raw_aiohttp(url: str, in_flight: int) -> AsyncIterator[Ask]:
    import aiohttp

    body, read = plain()
    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask(messages: object) -> AttributionsDraft:
            async with session.post(f"{url}/chat/completions", json=body(messages)) as got:
                said = json.loads(await got.read())
            return read(said["choices"][0]["message"]["content"])

        yield ask


@asynccontextmanager
async def raw_httpx2(url: str, in_flight: int) -> AsyncIterator[Ask]:
    import httpx2

    body, read = plain()
    limits = httpx2.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with httpx2.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(messages: object) -> AttributionsDraft:
            got = await client.post(f"{url}/chat/completions", json=body(messages))
            return read(got.json()["choices"][0]["message"]["content"])

        yield ask


@asynccontextmanager
async def sdk(url: str, in_flight: int, client: str) -> AsyncIterator[Ask]:
    import httpx2
    import openai

    body, read = plain()
    limits = httpx2.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    http = getattr(openai, client)(limits=limits)
    async with openai.AsyncOpenAI(base_url=url, api_key="x", max_retries=0, http_client=http) as it:

        async def ask(messages: object) -> AttributionsDraft:
            got = await it.chat.completions.create(**body(messages))
            return read(got.choices[0].message.content)

        yield ask


@asynccontextmanager
async def instructor(url: str, _in_flight: int) -> AsyncIterator[Ask]:
    import openai
    from instructor import Mode, from_openai

    from vocero.extraction.drafts import AttributionsDraft

    async with openai.AsyncOpenAI(base_url=url, api_key="x", max_retries=0) as client:
        instructed = from_openai(client, mode=Mode.JSON_SCHEMA)

        async def ask(messages: Any) -> AttributionsDraft:  # noqa: ANN401 - as each types them
            return await instructed.chat.completions.create(
                model="mock", messages=messages, response_model=AttributionsDraft, temperature=0
            )

        yield ask


@asynccontextmanager
async def vocero(url: str, in_flight: int) -> AsyncIterator[Ask]:
    from vocero.extraction.drafts import AttributionsDraft
    from vocero.model import connect

    model = connect("mock", base_url=url, api_key="x", concurrency=in_flight, mode="json_schema")

    async def ask(messages: Any) -> AttributionsDraft:  # noqa: ANN401 - as each types them
        return (await model.ask(messages, AttributionsDraft, label="boundary")).value

    yield ask
    await model.aclose()


WAYS: dict[str, tuple[str, Callable[[str, int], AbstractAsyncContextManager[Ask]]]] = {
    "raw aiohttp": ("aiohttp", raw_aiohttp),
    "raw httpx2": ("httpx2", raw_httpx2),
    "AsyncOpenAI": ("openai", lambda url, n: sdk(url, n, "DefaultAsyncHttpxClient")),
    "AsyncOpenAI by aiohttp": ("aiohttp", lambda url, n: sdk(url, n, "DefaultAioHttpClient")),
    "Instructor as documented": ("instructor", instructor),
    "Vocero": ("vocero", vocero),
}
"""The package that each way needs, and how it asks."""


async def measure(way: str, url: str, requests: int, in_flight: int) -> None:
    """Ask so many questions; print CPU ms a request, seconds, and peak memory in MB."""
    async with WAYS[way][1](url, in_flight) as ask:
        await asyncio.gather(*(ask(question(number)) for number in range(WARM_UP)))
        waiting = iter([question(number) for number in range(requests)])

        async def caller() -> None:
            for messages in waiting:
                got = await ask(messages)
                assert len(got.items) == SENTENCES / 3

        cpu, clock = time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(in_flight)))
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu / requests * 1e3, "seconds": clock, "peak": peak}))


def run(way: str, url: str, given: argparse.Namespace) -> None:
    """Measure one way in a process of its own and print its line of the table."""
    needed = WAYS[way][0]
    if importlib.util.find_spec(needed) is None:
        print(f"{way:26} skipped: {needed} is not installed")
        return
    asking = [sys.executable, __file__, "--url", url, "--only", way]
    asking += ["--requests", str(given.requests), "--in-flight", str(given.in_flight)]
    ran = subprocess.run(asking, check=True, stdout=subprocess.PIPE, text=True)
    got = json.loads(ran.stdout)
    limit = given.requests / given.in_flight * given.latency
    print(f"{way:26} {got['cpu']:14.2f} {got['seconds'] / limit:8.2f} {got['peak']:8.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--latency", type=float, default=0.2, help="of the mock, in seconds")
    parser.add_argument("--only", choices=WAYS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        asyncio.run(measure(given.only, given.url, given.requests, given.in_flight))
        return
    print(f"{given.requests} requests, {given.in_flight} in flight, {given.latency} s each")
    print(f"{'':26} CPU ms/request  x limit  peak MB")
    mock = [sys.executable, "-m", "vocero.testing", "--latency", str(given.latency)]
    with subprocess.Popen(mock, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        for way in [given.only] if given.only else WAYS:
            run(way, url, given)
        server.terminate()
        server.communicate()


if __name__ == "__main__":
    main()
