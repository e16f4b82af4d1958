"""`vocero batch` and `vocero replay` as people and scripts meet them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from runs import NUMBER_7, articles, ids, lines, read_files
from vocero.cli import main
from vocero.cli.watch import account
from vocero.corpus.runner import Progress
from vocero.model import Price
from vocero.schema import Usage
from vocero.testing import MockEndpoint, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockEndpoint]:
    with MockEndpoint() as endpoint:
        point_at(endpoint, monkeypatch)
        yield endpoint


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "articles.jsonl", 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def point_at(server: MockEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCERO_MODEL", "mock")
    monkeypatch.setenv("VOCERO_BASE_URL", server.base_url)
    monkeypatch.setenv("VOCERO_API_KEY", "sesame")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def write_articles(path: Path, count: int) -> Path:
    records = [{"guid": one.id, "body": one.text} for one in articles(count)]
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


FIELDS = ("--field", "text=body", "--field", "id=guid", "--language", "es")


def command(*arguments: object) -> object:
    """Run the command line here; return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    return ended.value.code


@pytest.mark.usefixtures("server")
def test_a_folder_holds_what_came_of_every_article(
    source: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("batch", source, "-o", folder, *FIELDS, "--price", "1/2") == 0

    assert ids(folder) == [f"a{n}" for n in range(12)]
    assert {one.name for one in folder.iterdir() if one.name != ".lock"} == {
        "extractions.jsonl",
        "failures.jsonl",
        "journal.sqlite",
        "manifest.json",
        "summary.json",
    }
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("model: mock (http://127.0.0.1")
    assert "12 articles done; " in said[-1]
    assert "tokens in" in said[-1]
    assert "cost " in said[-1]


def test_who_goes_on_is_not_made_to_think_that_he_pays_twice(
    source: Path, folder: Path, server: MockEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    priced = ("-o", folder, *FIELDS, "--price", "1000/2000")

    def account(*arguments: object) -> list[str]:
        assert command("batch", *arguments, *priced) == 0
        return capsys.readouterr().err.splitlines()[-1].partition("; ")[2].split(" · ")

    first = account(source)
    assert first[1].startswith("cost ")
    assert not any("session" in part for part in first)

    assert [*first[:2], "new in this session: nothing"] == account(source)[:3]
    write_articles(source, 13)
    new = account(source)[2]
    assert len(server.requests) == 13
    assert re.fullmatch(r"new in this session: 1\.\d k tokens in, \d\d out, cost 1\.\d\d", new)

    assert command("replay", folder) == 0
    assert capsys.readouterr().err.endswith(
        f"13 articles rebuilt in {str(folder)!r}; nothing asked\n"
    )


@pytest.mark.parametrize(
    ("price", "took", "cost"),
    [
        (
            Price(Decimal(1), Decimal(1)),
            Usage(input_tokens=10**6, output_tokens=10**6),
            "cost 4.00",
        ),
        # What is not known of one article is not known of the run.
        (Price(Decimal(1), Decimal(1)), Usage(input_tokens=10**6), "cost unknown"),
        (
            Price(Decimal(1), Decimal(1), cached=Decimal(0)),
            Usage(input_tokens=10**6, output_tokens=10**6),
            "cost unknown",
        ),
        (None, Usage(input_tokens=10**6, output_tokens=10**6), None),
    ],
)
def test_the_display_and_the_summary_agree_on_what_was_spent(
    price: Price | None, took: Usage, cost: str | None
) -> None:
    progress = Progress(price=price)
    told = Usage(input_tokens=10**6, cached_tokens=0, output_tokens=10**6)
    for tally in (progress.summary, progress.asked):
        tally.count(told)
        tally.count(took)

    said = [part for part in account(progress).split(" · ") if part.startswith("cost ")]

    assert said == ([cost] if cost else [])
    known = progress.summary.to_json(price)["cost"]
    assert said == [] or said == [f"cost {Decimal(known):.2f}" if known else "cost unknown"]


def test_what_is_new_in_this_session_may_be_known_where_the_whole_is_not() -> None:
    progress = Progress(price=Price(Decimal(1), Decimal(1)))
    progress.summary.count(Usage(input_tokens=1))
    for tally in (progress.summary, progress.asked):
        tally.count(Usage(input_tokens=10**4, output_tokens=10**4))

    whole, new = account(progress).split(" · ")[1:]

    assert whole == "cost unknown"
    assert new == "new in this session: 10.0 k tokens in, 10.0 k out, cost 0.02"


def test_failed_articles_are_named_and_tried_again(
    source: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with MockEndpoint(faults=[faults.refusal().containing(NUMBER_7)]) as server:
        point_at(server, monkeypatch)
        assert command("batch", source, "-o", folder, *FIELDS) == 1
        assert "11 articles done, 1 failed (failures.jsonl)" in capsys.readouterr().err
        assert [one["id"] for one in lines(folder / "failures.jsonl")] == ["a7"]

    with MockEndpoint() as server:
        point_at(server, monkeypatch)
        assert command("batch", source, "-o", folder, *FIELDS, "--retry-failed") == 0
    assert ids(folder) == [f"a{n}" for n in range(12)]


@pytest.mark.usefixtures("server")
def test_replay_needs_no_endpoint(
    source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command("batch", source, "-o", folder, *FIELDS)
    before = read_files(folder)
    source.unlink()
    monkeypatch.setenv("VOCERO_BASE_URL", "http://127.0.0.1:9/v1")

    assert command("replay", folder, "-o", tmp_path / "again") == 0
    assert read_files(tmp_path / "again") == before


@pytest.mark.usefixtures("server")
def test_parquet_parts_hold_the_same_extractions(
    source: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    command("batch", source, "-o", folder, *FIELDS)

    assert command("batch", source, "-o", tmp_path / "parts", *FIELDS, "--format", "parquet") == 0
    # Run again, the finished part stays as it is.
    assert command("batch", source, "-o", tmp_path / "parts", *FIELDS, "--format", "parquet") == 0

    [part] = (tmp_path / "parts" / "extractions").iterdir()
    rows = parquet.read_table(part).to_pylist()
    assert [json.loads(row["extraction"]) for row in rows] == lines(folder / "extractions.jsonl")
    assert [row["id"] for row in rows] == ids(folder)
    assert all(row["attributions"] == 1 for row in rows)


@pytest.mark.parametrize("limit", [("--budget-tokens", "40,000 tokens"), ("--budget", "0.04")])
def test_a_budget_stops_the_run_before_it_is_crossed(
    tmp_path: Path,
    folder: Path,
    server: MockEndpoint,
    capsys: pytest.CaptureFixture[str],
    limit: tuple[str, str],
) -> None:
    option = (limit[0], limit[1].removesuffix(" tokens").replace(",", ""))
    run = ("batch", write_articles(tmp_path / "many.jsonl", 60), "-o", folder, *FIELDS)
    assert command(*run, "--price", "1/2", *option) == 3
    assert f"the budget of {limit[1]} does not last" in capsys.readouterr().err
    summary = json.loads((folder / "summary.json").read_text())
    tokens = summary["usage"]["input_tokens"] + summary["usage"]["output_tokens"]
    assert 20_000 < tokens <= 40_000
    assert float(summary["cost"]) <= 0.04
    assert 3 < len(ids(folder)) < 60
    assert not lines(folder / "failures.jsonl")

    # What was spent counts when it goes on.
    asked = len(server.requests)
    assert command(*run, "--price", "1/2", *option) == 3
    assert len(server.requests) <= asked + 2
    assert command(*run, "--price", "1/2") == 0
    assert len(ids(folder)) == 60


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--field", "body"), "field 'body' has no '='"),
        (("--budget", "free"), "budget is 'free': give an amount"),
        (("--budget", "25"), "a budget of money needs a price"),
        (("--format", "csv"), "'csv'"),
        (("--concurrency", "0"), "--concurrency"),
    ],
)
@pytest.mark.usefixtures("server")
def test_wrong_use_is_one_line_and_makes_no_folder(
    source: Path,
    folder: Path,
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command("batch", source, "-o", folder, *arguments) == 2
    assert said in capsys.readouterr().err
    assert not folder.exists()


@pytest.mark.usefixtures("server")
def test_the_run_may_not_lie_in_what_it_reads(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = source.parent / "run"
    assert command("batch", source.parent, "-o", inside, *FIELDS) == 2
    assert "would be read as part of" in capsys.readouterr().err
    assert not inside.exists()


def test_ctrl_c_finishes_what_is_under_way_and_the_same_command_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_articles(tmp_path / "many.jsonl", 400)
    with MockEndpoint(faults=[faults.latency(0.1)]) as server:
        point_at(server, monkeypatch)
        arguments = ["batch", str(source), "-o", str(folder), *FIELDS, "-c", "5"]
        process = subprocess.Popen(
            [sys.executable, "-c", "from vocero.cli import main; main()", *arguments],
            env=os.environ,
            text=True,
            stderr=subprocess.PIPE,
        )
        while len(server.requests) < 20:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

        assert process.returncode == 130
        assert "articles; Ctrl-C again stops at once" in said
        assert said.endswith("vocero: interrupted; run the same again to go on\n")
        assert len(ids(folder)) == len(server.requests) < 400
        assert command(*arguments) == 0
        assert len(server.requests) == len(ids(folder)) == 400


def test_a_killed_process_is_replaced_and_costs_no_article(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_articles(tmp_path / "many.jsonl", 200)
    with MockEndpoint(faults=[faults.latency(0.3)]) as server:
        point_at(server, monkeypatch)
        arguments = ["batch", str(source), "-o", str(folder), *FIELDS, "-c", "8"]
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "if __name__ == '__main__': from vocero.cli import main; main()",
                *arguments,
                "--processes",
                "2",
            ],
            env=os.environ,
            text=True,
            stderr=subprocess.PIPE,
        )
        while len(server.requests) < 10:
            time.sleep(0.01)
        os.kill(children(process.pid)[-1], signal.SIGKILL)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert ids(folder) == [f"a{n}" for n in range(200)]


def children(pid: int) -> list[int]:
    """The processes that a process has started and that serve it; not Python's resource tracker."""
    found = []
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in listed.stdout.splitlines():
        number, arguments = line.split(maxsplit=1)
        if "spawn_main" in arguments:
            found.append(int(number))
    return found
