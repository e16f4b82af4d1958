"""Files and batches of the mock endpoint, as the SDK of a provider sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest

from vocero.testing import Batches, MockEndpoint, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from openai.types import Batch

    from vocero.testing import Fate

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

NAMES = [f"question-{n}" for n in range(8)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def client() -> AsyncIterator[Callable[[MockEndpoint], openai.AsyncOpenAI]]:
    made: list[openai.AsyncOpenAI] = []

    def client_of(server: MockEndpoint) -> openai.AsyncOpenAI:
        made.append(openai.AsyncOpenAI(base_url=server.base_url, api_key="x", max_retries=0))
        return made[-1]

    yield client_of
    for one in made:
        await one.close()


def requests(*names: str) -> bytes:
    """The lines of a file, each asking for its own name."""
    lines = (
        {
            "custom_id": name,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "m", "messages": [{"role": "user", "content": name}]},
        }
        for name in names
    )
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


async def submit(sdk: openai.AsyncOpenAI, *names: str, **metadata: str) -> Batch:
    file = await sdk.files.create(file=("mine.jsonl", requests(*names)), purpose="batch")
    return await sdk.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata=metadata,
    )


async def lines(sdk: openai.AsyncOpenAI, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    found = (await sdk.files.content(name)).text.splitlines()
    return {line["custom_id"]: line for line in map(json.loads, found)}


def echo(asked: dict[str, Any]) -> str:
    return str(asked["messages"][0]["content"]).upper()


async def test_a_batch_passes_through_its_states_and_answers_out_of_order(client: Any) -> None:
    with MockEndpoint(echo, batches=Batches(looks=4)) as server:
        sdk = client(server)
        batch = await submit(sdk, *NAMES, vocero="mine")
        assert (batch.status, batch.metadata) == ("validating", {"vocero": "mine"})
        seen = [await sdk.batches.retrieve(batch.id) for _ in range(5)]
        assert [one.status for one in seen] == [
            "validating",
            "in_progress",
            "finalizing",
            "completed",
            "completed",
        ]
        assert seen[-1].request_counts.model_dump() == {"total": 8, "completed": 8, "failed": 0}
        answered = await lines(sdk, seen[-1].output_file_id)

    assert sorted(answered) == NAMES
    assert list(answered) != NAMES
    body = answered["question-3"]["response"]["body"]
    assert body["choices"][0]["message"]["content"] == "QUESTION-3"
    assert seen[-1].error_file_id is None
    assert server.batches.submitted == dict.fromkeys(NAMES, 1)
    assert not server.requests


async def test_what_fails_is_in_the_error_file_and_what_never_comes_in_neither(client: Any) -> None:
    planned = [
        faults.status(500).containing("question-1"),
        faults.never().containing("question-2"),
        faults.html(502).containing("question-4"),
        faults.cut_answer().containing("question-5"),
    ]
    with MockEndpoint(echo, faults=planned, batches=Batches(looks=1)) as server:
        sdk = client(server)
        batch = await sdk.batches.retrieve((await submit(sdk, *NAMES)).id)
        fine = await lines(sdk, batch.output_file_id)
        wrong = await lines(sdk, batch.error_file_id)

    assert {name: one["response"]["status_code"] for name, one in wrong.items()} == {
        "question-1": 500,
        "question-4": 502,
    }
    assert set(fine) == {*NAMES} - {"question-1", "question-2", "question-4"}
    assert fine["question-5"]["response"]["body"]["choices"][0]["finish_reason"] == "length"
    assert server.counts["never"] == 1


@pytest.mark.parametrize("fate", ["expired", "cancelled"])
async def test_a_batch_that_ends_early_has_half_of_its_answers(client: Any, fate: Fate) -> None:
    with MockEndpoint(echo, batches=Batches(looks=1, fates=[fate])) as server:
        sdk = client(server)
        batch = await sdk.batches.retrieve((await submit(sdk, *NAMES)).id)
        fine = await lines(sdk, batch.output_file_id)
        wrong = await lines(sdk, batch.error_file_id)

    assert batch.status == fate
    assert len(fine) == 4
    assert [one["error"]["code"] for one in wrong.values()] == [f"batch_{fate}"] * 2
    assert not {*fine} & {*wrong}


async def test_a_batch_can_be_cancelled(client: Any) -> None:
    with MockEndpoint(echo, batches=Batches(looks=1)) as server:
        sdk = client(server)
        batch = await submit(sdk, *NAMES)
        assert (await sdk.batches.cancel(batch.id)).status == "cancelling"
        assert (await sdk.batches.retrieve(batch.id)).status == "cancelled"


@pytest.mark.parametrize(
    ("fate", "code"), [("failed", "invalid_json_line"), ("queue full", "token_limit_exceeded")]
)
async def test_a_refused_batch_says_why_and_submits_nothing(
    client: Any, fate: Fate, code: str
) -> None:
    with MockEndpoint(echo, batches=Batches(looks=1, fates=[fate])) as server:
        sdk = client(server)
        batch = await sdk.batches.retrieve((await submit(sdk, *NAMES)).id)
    assert (batch.status, batch.errors.data[0].code) == ("failed", code)
    assert not server.batches.submitted


async def test_files_are_kept_listed_and_deleted(client: Any) -> None:
    with MockEndpoint() as server:
        sdk = client(server)
        for number in range(5):
            await sdk.files.create(file=(f"{number}.jsonl", b"\r\n--x\r\n"), purpose="batch")
        listed = [one.filename async for one in sdk.files.list(limit=2)]
        assert listed == [f"{number}.jsonl" for number in (4, 3, 2, 1, 0)]
        first = [one async for one in sdk.files.list()][-1]
        assert (await sdk.files.content(first.id)).content == b"\r\n--x\r\n"
        assert (await sdk.files.retrieve(first.id)).bytes == 7
        await sdk.files.delete(first.id)
        with pytest.raises(openai.NotFoundError):
            await sdk.files.content(first.id)


async def test_a_lost_call_has_arrived_and_a_refused_one_has_not(client: Any) -> None:
    plan = Batches(lost={"POST files": 1}, refused={"POST batches": 1})
    with MockEndpoint(batches=plan) as server:
        sdk = client(server)
        with pytest.raises(openai.APIConnectionError):
            await submit(sdk, *NAMES)
        assert len(plan.files) == 1
        with pytest.raises(openai.InternalServerError):
            await submit(sdk, *NAMES)
        assert not plan.submitted
        await submit(sdk, *NAMES)
        assert [one.status async for one in sdk.batches.list()] == ["validating"]
    assert plan.calls == {"POST files": 3, "POST batches": 2, "GET batches": 1}
