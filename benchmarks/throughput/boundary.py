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
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from articles import QUOTATIONS, sentences
from measuring import measuring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from vocero.extraction.drafts import AttributionsDraft

    Ask = Callable[[Any], Awaitable[AttributionsDraft]]

WARM_UP = 20
TASK = "Task: list every attribution in the article, in JSON."


def question(number: int) -> list[dict[str, str]]:
    """Messages about an article of 420 words, unlike the others."""
    told = enumerate(sentences(number), start=1)
    article = "\n".join(f"[{place}] {sentence}" for place, sentence in told)
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
    """Ask so many questions; print what it took as JSON."""
    async with WAYS[way][1](url, in_flight) as ask:
        await asyncio.gather(*(ask(question(number)) for number in range(WARM_UP)))
        waiting = iter([question(number) for number in range(requests)])
        lost = 0

        async def caller() -> None:
            nonlocal lost
            for messages in waiting:
                got = await ask(messages)
                lost += len(got.items) != QUOTATIONS

        with measuring(url) as took:
            await asyncio.gather(*(caller() for _ in range(in_flight)))
    print(json.dumps({**took, "lost": lost}))


def taken(way: str, url: str, requests: int, in_flight: int) -> dict[str, Any]:
    """Measure one way in a process of its own.

    Returns:
        What `measuring` tells, and ``lost``.

    Raises:
        ModuleNotFoundError: the package that it needs is not installed.
    """
    if importlib.util.find_spec(WAYS[way][0]) is None:
        raise ModuleNotFoundError(f"{WAYS[way][0]} is not installed")
    asking = [sys.executable, __file__, "--url", url, "--only", way]
    asking += ["--requests", str(requests), "--in-flight", str(in_flight)]
    ran = subprocess.run(asking, check=True, stdout=subprocess.PIPE, text=True)
    took: dict[str, Any] = json.loads(ran.stdout)
    return took


def show(way: str, url: str, given: argparse.Namespace) -> None:
    """Print one way's line of the table."""
    try:
        got = taken(way, url, given.requests, given.in_flight)
    except ModuleNotFoundError as error:
        print(f"{way:26} skipped: {error}")
        return
    limit = given.requests / given.in_flight * given.latency
    cpu = got["cpu"] / given.requests * 1e3
    print(f"{way:26} {cpu:14.2f} {got['seconds'] / limit:8.2f} {got['peak']:8.0f}")


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
            show(way, url, given)
        server.terminate()
        server.communicate()


if __name__ == "__main__":
    main()
