"""Every way an endpoint can fail: what stays costs the article that it is about, what passes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runs import NUMBER_7, articles, ids, lines, run
from vocero.errors import AuthenticationError, ModelError, ModelNotFoundError
from vocero.testing import HEADER_STYLES, Fault, MockEndpoint, faults

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])


LASTING = {
    "status 500": (faults.status(500), "TransportError"),
    "status 503": (faults.status(503), "TransportError"),
    "status 400": (faults.status(400), "RequestError"),
    "html 502": (faults.html(502), "TransportError"),
    "html 200": (faults.html(200), "TransportError"),
    "reset before": (faults.reset(), "TransportError"),
    "reset in the middle": (faults.reset(0.5), "TransportError"),
    "drip": (faults.drip(0.05), "TransportError"),
    "never": (faults.never(), "TransportError"),
    "truncated body": (faults.truncated_body(), "TransportError"),
    "malformed body": (faults.malformed_body(), "TransportError"),
    "error in 200": (faults.error_in_200(), "TransportError"),
    "empty choices": (faults.empty_choices(), "AnswerError"),
    "malformed answer": (faults.malformed_answer(), "AnswerError"),
    "wrong schema": (faults.wrong_schema(), "AnswerError"),
    "refusal": (faults.refusal(), "AnswerError"),
    "cut answer": (faults.cut_answer(), "TruncatedError"),
}
PASSING = {name: fault for name, (fault, _) in LASTING.items()} | {
    f"429 {style}": faults.rate_limited(style, wait=0.01) for style in HEADER_STYLES
}
PASSING["wrong content type"] = faults.wrong_content_type()
# A refusal, a cut answer and a 400 are answers: the same question would get the same again.
del PASSING["refusal"], PASSING["cut answer"], PASSING["status 400"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module", autouse=True)
def imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    # The SDK imports what it needs with its first request, which takes longer than these timeouts.
    with MockEndpoint() as server:
        run(tmp_path_factory.mktemp("first") / "run", articles(1), server)


async def at_once(_seconds: float) -> None:
    """Stands in for the waits between tries."""


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_fault_of_one_article_costs_that_one(tmp_path: Path, name: str) -> None:
    fault, error = LASTING[name]
    with MockEndpoint(faults=[fault.containing(NUMBER_7)]) as server:
        run(tmp_path / "run", articles(20), server, timeout=0.4, sleep=at_once)

    assert ids(tmp_path / "run") == [f"a{n}" for n in range(20) if n != 7]
    [failure] = lines(tmp_path / "run" / "failures.jsonl")
    assert failure["id"] == "a7"
    assert failure["error"] == error
    assert failure["message"]
    assert failure["attempts"] >= 1


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_fault_costs_none(tmp_path: Path, name: str) -> None:
    with MockEndpoint(faults=[PASSING[name].first(2)]) as server:
        run(tmp_path / "run", articles(20), server, timeout=0.4, sleep=at_once)

    assert len(ids(tmp_path / "run")) == 20
    assert not lines(tmp_path / "run" / "failures.jsonl")


def test_what_is_not_in_the_text_is_refused_and_the_article_is_done(tmp_path: Path) -> None:
    with MockEndpoint(faults=[faults.fabrication()]) as server:
        run(tmp_path / "run", articles(5), server)

    for line in lines(tmp_path / "run" / "extractions.jsonl"):
        text = line["document"]["text"]
        assert line["rejected"]
        for one in line["attributions"]:
            for span in one["content"]:
                assert text[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.status(401), AuthenticationError),
        (faults.status(403), AuthenticationError),
        (faults.status(404), ModelNotFoundError),
    ],
)
def test_what_concerns_all_articles_stops_the_run_with_one_message(
    tmp_path: Path, fault: Fault, error: type[ModelError]
) -> None:
    folder = tmp_path / "run"
    with MockEndpoint(faults=[fault]) as server, pytest.raises(error):
        run(folder, articles(500), server)
    assert len(server.requests) < 50
    assert not lines(folder / "failures.jsonl")

    with MockEndpoint() as server:
        run(folder, articles(30), server)
    assert len(ids(folder)) == 30


def test_an_outage_stops_the_run_and_costs_no_article(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with MockEndpoint() as server:
        run(folder, articles(10), server)
    down = MockEndpoint(faults=[faults.status(503)])
    with down, pytest.raises(ModelError, match=r"20 articles in a row failed in the same way: "):
        run(folder, articles(500), down, sleep=at_once)
    assert not lines(folder / "failures.jsonl")
    assert len(ids(folder)) == 10

    with MockEndpoint() as server:
        run(folder, articles(60), server)
    assert ids(folder) == [f"a{n}" for n in range(60)]
