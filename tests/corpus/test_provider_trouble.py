"""Half-price batches when the way to the provider, or the provider, is in trouble."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from posting import ARTICLES, ask, failures, mock, once, post, written
from vocero.corpus.provider import Limits
from vocero.errors import RequestError, TransportError, UnreachableError, VoceroError
from vocero.testing import Batches, faults

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("at_a_fixed_time"),
]


@pytest.mark.parametrize("call", ["POST files", "POST batches"])
@pytest.mark.parametrize("max_calls", [1, 3])
def test_what_arrived_without_our_knowing_is_found_and_taken_up(
    tmp_path: Path, call: str, max_calls: int
) -> None:
    with mock(batches=Batches(lost={call: 1})) as server:
        if max_calls == 1:
            with pytest.raises(TransportError, match="cannot be reached after 1 try"):
                post(tmp_path, server, max_calls=1)
        post(tmp_path, server, max_calls=max_calls)

    assert once(server.batches)
    assert server.batches.calls[call] == 2  # one for each round
    assert failures(tmp_path) == []


def test_where_no_provider_is_that_is_said_after_three_calls(tmp_path: Path) -> None:
    waits = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    with mock() as server:
        pass  # and now it has gone
    with pytest.raises(UnreachableError, match=r"cannot be reached after 3 tries .*: start the"):
        post(tmp_path, server, sleep=noted)
    assert sum(waits) < 3

    with mock() as server:
        post(tmp_path, server)
    assert once(server.batches)


def test_it_finds_its_own_on_a_later_page_of_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocero.corpus.provider.remote._PAGE", 3)
    with mock(batches=Batches(lost={"POST batches": 1})) as server:
        with pytest.raises(TransportError):
            post(tmp_path / "one", server, max_calls=1)
        post(tmp_path / "other", server, limits=Limits(requests=1))
        post(tmp_path / "one", server)

    assert server.batches.calls["GET batches"] == 5  # 13 batches, three a page
    # The other run asks the same; of both nothing is submitted twice.
    assert server.batches.submitted.total() == 2 * 12


@pytest.mark.parametrize(
    "call",
    ["POST files", "POST batches", "GET batches id", "GET files content", "DELETE files id"],
)
@pytest.mark.parametrize("trouble", ["refused", "lost"])
def test_passing_trouble_on_the_way_costs_nothing(tmp_path: Path, call: str, trouble: str) -> None:
    plans: Any = {trouble: {call: 2}}
    with mock(batches=Batches(**plans)) as server:
        post(tmp_path, server)

    assert once(server.batches)
    assert failures(tmp_path) == []


def test_an_expired_batch_keeps_what_came_and_the_rest_is_submitted_again(tmp_path: Path) -> None:
    with mock() as server:
        ask(tmp_path / "online", server)
    with mock(batches=Batches(fates=["expired"])) as server:
        post(tmp_path / "posted", server)

    assert written(tmp_path / "posted") == written(tmp_path / "online")
    questions = Counter(name.partition("-")[0] for name in server.batches.submitted)
    assert Counter(questions.values()) == {1: 9, 2: 3}
    assert server.counts["none"] == 12  # each was carried out, and paid, once


def test_a_batch_that_expires_without_one_answer_stops_the_run(tmp_path: Path) -> None:
    with mock(batches=Batches(fates=["expired"])) as server:
        with pytest.raises(TransportError, match="expired without one answer: run again"):
            post(tmp_path, server, ARTICLES[:1])
        post(tmp_path, server, ARTICLES[:1])
    assert failures(tmp_path) == []


def test_a_cancelled_batch_stops_the_run_and_keeps_what_came(tmp_path: Path) -> None:
    with mock(batches=Batches(fates=["cancelled"])) as server:
        with pytest.raises(VoceroError, match="was cancelled: run again to submit what is left"):
            post(tmp_path, server)
        assert server.counts["none"] == 3
        post(tmp_path, server)
    assert server.counts["none"] == 12
    assert failures(tmp_path) == []


def test_a_refused_file_is_told_with_the_reasons(tmp_path: Path) -> None:
    with mock(batches=Batches(fates=["failed"])) as server:
        with pytest.raises(
            RequestError, match=r"batch_2 at .* was refused \(line 1: This line is not parseable"
        ):
            post(tmp_path, server)
        post(tmp_path, server)
    assert once(server.batches)


def test_where_the_queue_is_full_a_batch_waits_for_another_to_end(tmp_path: Path) -> None:
    with mock(batches=Batches(looks=2, fates=["completed", "queue full"])) as server:
        post(tmp_path / "two", server, limits=Limits(requests=3))
    assert once(server.batches)
    assert server.batches.calls["POST batches"] == 5
    assert server.batches.calls["POST files"] == 4

    with mock(batches=Batches(fates=["queue full"])) as server:
        with pytest.raises(RequestError, match="wait for other batches there to end"):
            post(tmp_path / "one", server)
        post(tmp_path / "one", server)


@pytest.mark.parametrize(
    "fault",
    [
        faults.rate_limited("none"),
        faults.status(500),
        faults.html(502),
        faults.never(),
        faults.malformed_body(),
        faults.error_in_200(),
    ],
    ids=lambda fault: fault.name,
)
def test_failures_on_the_way_are_tried_again_up_to_a_bound(
    tmp_path: Path, fault: faults.Fault
) -> None:
    with mock(faults=[fault.containing("mina número 3").first(2)]) as server:
        post(tmp_path / "passing", server)
    assert failures(tmp_path / "passing") == []

    with mock(faults=[fault.containing("mina número 3")]) as server:
        post(tmp_path / "lasting", server)
        [failed] = failures(tmp_path / "lasting")
        assert (failed["position"], failed["error"]) == (3, "TransportError")
        assert failed["attempts"] == 3
        assert "after 3 tries" in failed["message"]

        submitted = server.batches.submitted.total()
        post(tmp_path / "lasting", server)  # finished: nothing is asked
        assert server.batches.submitted.total() == submitted

    with mock() as server:
        post(tmp_path / "lasting", server, retry_failed=True)
        assert server.batches.submitted.total() == 2
    assert failures(tmp_path / "lasting") == []


def test_batches_that_end_together_keep_their_results_apart(tmp_path: Path) -> None:
    # Each of the three has an output file and an error file.
    some = [faults.status(500).containing(f"mina número {n}").first(1) for n in (0, 2, 4)]
    with mock(faults=some, batches=Batches(looks=1)) as server:
        post(tmp_path, server, limits=Limits(requests=2))
    assert failures(tmp_path) == []
    assert server.counts["none"] == 12
