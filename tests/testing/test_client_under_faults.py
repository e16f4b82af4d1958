"""Vocero's own client against the mock endpoint: what passes is survived, what stays is named."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ConfigDict

import vocero
from vocero.errors import (
    AnswerError,
    AuthenticationError,
    ModelError,
    ModelNotFoundError,
    RequestError,
    TransportError,
    TruncatedError,
)
from vocero.model import Answer, connect
from vocero.testing import HEADER_STYLES, Fault, MockEndpoint, RateLimit, chaos, faults

if TYPE_CHECKING:
    from pathlib import Path

    from vocero.model import Message
    from vocero.model.settings import Mode

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

ASKED: list[Message] = [{"role": "user", "content": "1| «No», dijo Kirby."}]
TIMEOUT = 0.25


class Draft(BaseModel):
    """Any small answer."""

    model_config = ConfigDict(extra="forbid")

    items: list[str]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(params=["json_schema", "tools"])
def mode(request: pytest.FixtureRequest) -> Mode:
    value: Mode = request.param
    return value


class Waits(list[float]):
    """Stands in for sleep: writes down the seconds and lets none pass."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def ask(
    server: MockEndpoint,
    *,
    mode: Mode = "auto",
    max_tries: int = 3,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - the client's setting, which is under test
    waits: Waits | None = None,
) -> Answer[Draft]:
    model = connect(
        "mock",
        base_url=server.base_url,
        api_key="x",
        timeout=timeout,
        mode=mode,
        max_tries=max_tries,
        sleep=Waits() if waits is None else waits,
    )
    try:
        return await model.ask(ASKED, Draft, label="test")
    finally:
        await model.aclose()


def mock(*planned: Fault) -> MockEndpoint:
    return MockEndpoint(lambda _asked: '{"items": ["no"]}', faults=planned)


def named(fault: object) -> str | None:
    return fault.name if isinstance(fault, Fault) else None


REFUSALS = [faults.rate_limited(style) for style in HEADER_STYLES]
ON_THE_WAY = [
    faults.status(500),
    faults.html(502),
    faults.status(503),
    faults.reset(),
    faults.reset(0.5),
    faults.drip(0.01),
    faults.never(),
    faults.latency(2 * TIMEOUT),
    faults.truncated_body(),
    faults.malformed_body(),
    faults.error_in_200(),
    faults.html(200),
]
IN_THE_ANSWER = [faults.malformed_answer(), faults.wrong_schema(), faults.empty_choices()]
FOR_GOOD: list[tuple[Fault, type[ModelError]]] = [
    (faults.status(400), RequestError),
    (faults.status(401), AuthenticationError),
    (faults.status(403), AuthenticationError),
    (faults.status(404), ModelNotFoundError),
    (faults.refusal(), AnswerError),
    (faults.cut_answer(), TruncatedError),
]


@pytest.mark.parametrize("fault", [*REFUSALS, *ON_THE_WAY], ids=named)
async def test_a_fault_on_the_way_that_passes_costs_a_try(fault: Fault) -> None:
    async with mock(fault.first(2)) as server:
        answer = await ask(server)
    assert answer.value == Draft(items=["no"])
    assert (answer.transport_retries, answer.validation_retries) == (2, 0)
    assert len(server.requests) == 3


@pytest.mark.parametrize("fault", ON_THE_WAY, ids=named)
async def test_a_fault_on_the_way_that_stays_is_a_transport_error(fault: Fault) -> None:
    async with mock(fault) as server:
        with pytest.raises(TransportError, match="after 2 tries") as raised:
            await ask(server, max_tries=2)
    assert server.base_url in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(server.requests) == 2


@pytest.mark.parametrize("fault", REFUSALS, ids=named)
async def test_where_everything_is_refused_for_long_a_question_is_given_up(fault: Fault) -> None:
    waits = Waits()
    async with mock(fault) as server:
        with pytest.raises(TransportError, match=r"nothing through for \d+ s .* with 429"):
            await ask(server, max_tries=2, waits=waits)
    # Refusals are no tries; of the 300 seconds that a question has, none is left.
    assert 250 < sum(waits) <= 301
    assert len(server.requests) > 2


@pytest.mark.parametrize("fault", IN_THE_ANSWER, ids=named)
async def test_a_fault_in_the_answer_that_passes_is_asked_about_again(
    fault: Fault, mode: Mode
) -> None:
    async with mock(fault.first(2)) as server:
        answer = await ask(server, mode=mode)
    assert answer.value == Draft(items=["no"])
    assert (answer.transport_retries, answer.validation_retries) == (0, 2)


@pytest.mark.parametrize("fault", IN_THE_ANSWER, ids=named)
async def test_a_fault_in_the_answer_that_stays_is_an_answer_error(
    fault: Fault, mode: Mode
) -> None:
    async with mock(fault) as server:
        with pytest.raises(AnswerError, match="test: 3 answers of 'mock', none usable"):
            await ask(server, mode=mode)
    assert len(server.requests) == 3


@pytest.mark.parametrize(("fault", "error"), FOR_GOOD, ids=named)
async def test_what_asking_again_cannot_mend_is_an_error_at_once(
    fault: Fault, error: type[ModelError], mode: Mode
) -> None:
    async with mock(fault) as server:
        with pytest.raises(error):
            await ask(server, mode=mode)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.latency(0.01),
        faults.lognormal(0.01),
        # The SDK reads a body that is JSON under whatever content type.
        faults.wrong_content_type("text/plain"),
        faults.wrong_content_type("text/html"),
    ],
    ids=named,
)
async def test_what_does_no_harm_costs_no_try(fault: Fault) -> None:
    async with mock(fault) as server:
        answer = await ask(server)
    assert answer.value == Draft(items=["no"])
    assert (answer.transport_retries, answer.validation_retries) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (faults.rate_limited("retry-after", wait=7), 7, 7),
        (faults.rate_limited("retry-after-date", wait=7), 6, 8),
        (faults.rate_limited("retry-after-ms", wait=7.125), 7.125, 7.125),
    ],
    ids=named,
)
async def test_it_waits_as_long_as_the_endpoint_asks(
    fault: Fault, least: float, most: float
) -> None:
    waits = Waits()
    async with mock(fault.first(1)) as server:
        await ask(server, waits=waits)
    (waited,) = waits
    assert least - 0.05 <= waited <= most


async def test_behind_a_limit_nothing_is_lost() -> None:
    limit = RateLimit(requests_per_second=2, burst_seconds=0.5, style="retry-after-ms")
    async with MockEndpoint(lambda _asked: '{"items": []}', limit=limit) as server:
        model = connect("mock", base_url=server.base_url, api_key="x", max_tries=3)
        for _ in range(2):
            await model.ask(ASKED, Draft, label="test")
        await model.aclose()
    assert [one.status for one in server.requests] == [200, 429, 200]


async def test_a_refusal_is_no_try() -> None:
    fault = faults.rate_limited("retry-after-ms", wait=0.05)
    async with mock(fault.first(9)) as server:
        answer = await ask(server, max_tries=1)
    assert answer.transport_retries == 9
    assert len(server.requests) == 10


async def test_many_at_once_behind_a_limit_are_all_answered_and_hardly_refused() -> None:
    limit = RateLimit(requests_per_second=100, burst_seconds=0.2)
    async with MockEndpoint(lambda _asked: '{"items": []}', limit=limit) as server:
        model = connect("mock", base_url=server.base_url, api_key="x", concurrency=50, max_tries=1)
        await asyncio.gather(*(model.ask(ASKED, Draft, label="test") for _ in range(120)))
        await model.aclose()
    # The first fifty cannot know that there is room for twenty.
    assert server.counts["none"] == 120
    assert server.counts["rate limit"] < 60


async def test_one_that_is_always_refused_is_given_up_once_nothing_else_gets_through() -> None:
    bad: list[Message] = [{"role": "user", "content": "BAD"}]
    fault = faults.rate_limited("retry-after-ms", wait=0.05).containing("BAD")
    async with mock(fault) as server:
        model = connect("mock", base_url=server.base_url, api_key="x", max_seconds=0.5)
        asked = [bad, *([ASKED] * 30)]
        ended = await asyncio.gather(
            *(model.ask(one, Draft, label="test") for one in asked), return_exceptions=True
        )
        await model.aclose()
    assert isinstance(ended[0], TransportError)
    assert all(isinstance(one, Answer) for one in ended[1:])


async def test_in_chaos_a_question_ends_with_an_answer_or_a_named_error() -> None:
    ended: list[str] = []
    async with mock(*chaos(0.03, seed=1)) as server:
        model = connect(
            "mock", base_url=server.base_url, api_key="x", timeout=TIMEOUT, sleep=Waits()
        )
        for number in range(30):
            asked: list[Message] = [{"role": "user", "content": f"article {number}"}]
            try:
                ended.append(str((await model.ask(asked, Draft, label="test")).value.items))
            except ModelError as error:
                ended.append(type(error).__name__)
        await model.aclose()
    # A fabrication that fits its class is no concern of the client's: the extraction refuses it.
    assert set(ended) <= {"['no']", "[]", "AnswerError", "TruncatedError"}
    assert ended.count("['no']") > 20
    assert server.counts.total() > server.counts["none"] + 5


def extract(server: MockEndpoint, text: str, mode: Mode = "json_schema") -> vocero.Extraction:
    model = connect(
        "mock", base_url=server.base_url, api_key="x", mode=mode, max_tries=2, sleep=Waits()
    )
    return vocero.extract(text, model=model)


def test_the_default_answers_stand_up_to_the_proof(seeds: Path, articles: Path, mode: Mode) -> None:
    for path in sorted([*seeds.glob("*.txt"), *articles.glob("*.txt")]):
        with MockEndpoint() as server:
            extraction = extract(server, path.read_text("utf-8"), mode)
        assert extraction.rejected == ()
        assert extraction.attributions
        assert server.counts.keys() == {"none"}
        assert (extraction.provenance.usage.input_tokens or 0) > 1000


def test_fabrications_are_refused_and_recorded(articles: Path) -> None:
    text = (articles / "es_agua.txt").read_text("utf-8")
    with MockEndpoint(faults=[faults.fabrication()]) as server:
        extraction = extract(server, text)
    assert "Nobody has ever" not in extraction.model_dump_json(exclude={"rejected"})
    assert "Xanthippe" not in extraction.model_dump_json(exclude={"rejected"})
    assert "not_in_text" in {one.reason for one in extraction.rejected}


def test_a_fault_of_one_article_is_not_the_others(articles: Path) -> None:
    water, harbour = (
        (articles / name).read_text("utf-8") for name in ("es_agua.txt", "en_harbour.txt")
    )
    with MockEndpoint(faults=[faults.status(503).containing(water.splitlines()[0])]) as server:
        assert extract(server, harbour).attributions
        with pytest.raises(TransportError):
            extract(server, water)
