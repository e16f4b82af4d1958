"""`vocero eval` as people and scripts meet it."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from marked import article, write_lines
from vocero.cli import main
from vocero.testing import MockEndpoint, faults, grounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

BRIDGE = ("[Ana Ruiz] {dijo} ⟦que el puente cerrará⟧.", "Nadie protestó.")
WATER = ("[Luis Vega] {negó} ⟦que falte agua⟧.", "⟦“Hay de sobra”⟧, {añadió}.")


@dataclass
class Done:
    """How a command ended."""

    code: object
    out: str
    err: list[str]
    """The lines of the error stream."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory with a gold of two articles, and predictions for them."""
    monkeypatch.chdir(tmp_path)
    write_lines(
        Path("gold.jsonl"),
        article("bridge", *BRIDGE, lang="es"),
        article("water", *WATER, lang="es"),
    )
    write_lines(
        Path("pred.jsonl"),
        article("bridge", "Ana Ruiz {dijo} ⟦que el puente⟧ cerrará.", "[Nadie] {protestó}."),
        article("water", "[Luis Vega] {negó} ⟦que falte agua⟧.", "“Hay de sobra”, añadió."),
    )


@pytest.fixture
def vocero(capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs the command with its output in pipes."""

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(("eval", *arguments))
        out, err = capfd.readouterr()
        return Done(ended.value.code, out, err.splitlines())

    return run


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockEndpoint]:
    """An endpoint that the environment names."""
    with MockEndpoint() as server:
        named(server, monkeypatch)
        yield server


def named(server: MockEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCERO_MODEL", "mock")
    monkeypatch.setenv("VOCERO_BASE_URL", server.base_url)
    monkeypatch.setenv("VOCERO_API_KEY", "x")


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def test_predictions_become_a_table_and_errors_in_their_sentences(
    vocero: Callable[..., Done],
) -> None:
    done = vocero("gold.jsonl", "--pred", "pred.jsonl")

    assert (done.code, done.err) == (0, [])
    table, *errors = re.split(r"\n\n(?=\w+(?: \w+)?: \d+\n)", done.out)
    assert table.startswith("articles: 2 · attributions in the gold: 3 · predicted: 3\n")
    (headline,) = (line.split() for line in table.splitlines() if "content_src" in line)
    assert headline[:4] == ["attr.content_src", "33.3", "33.3", "33.3"]
    bridge = (
        "bridge\ngold      [Ana Ruiz] {dijo} ⟦que el puente cerrará⟧.\n"
        "predicted Ana Ruiz {dijo} ⟦que el puente⟧ cerrará."
    )
    assert errors == [
        "missed: 1\n\nwater\ngold      ⟦“Hay de sobra”⟧, {añadió}.",
        "spurious: 1\n\nbridge\npredicted [Nadie] {protestó}.",
        f"wrong source: 1\n\n{bridge}",
        f"wrong boundary: 1\n\n{bridge}\n",
    ]


def test_some_errors_of_each_kind_will_do(vocero: Callable[..., Done]) -> None:
    write_lines(Path("pred.jsonl"), {"doc_id": "bridge", "attributions": []})

    assert "missed: 3" in vocero("gold.jsonl", "--pred", "pred.jsonl", "--errors", "0").out
    done = vocero("gold.jsonl", "--pred", "pred.jsonl", "--errors", "2")
    assert done.out.count("gold      ") == 2
    assert done.out.endswith("… and 1 more\n")
    assert done.err == ["vocero: 1 of 2 articles without a prediction count as empty"]


def test_json_holds_everything_in_one_line(vocero: Callable[..., Done]) -> None:
    told = json.loads(vocero("gold.jsonl", "--pred", "pred.jsonl", "--json").out)

    assert (told["articles"], told["unpredicted"], told["gold"], told["predicted"]) == (2, 0, 3, 3)
    assert told["scores"]["attr.content_src"] == {
        "value": pytest.approx(1 / 3),
        "precision": pytest.approx(1 / 3),
        "recall": pytest.approx(1 / 3),
        "low": 0.0,
        "high": pytest.approx(2 / 3),
        "right": 1,
        "of": 3,
    }
    wrong = told["errors"][0]
    assert (wrong["doc_id"], wrong["faults"]) == ("bridge", ["wrong source", "wrong boundary"])
    assert wrong["gold"]["source"] == [0, 8]
    assert wrong["predicted"]["source"] is None
    assert wrong["marked"]["predicted"] == "Ana Ruiz {dijo} ⟦que el puente⟧ cerrará."


def test_what_articles_hold_does_not_reach_the_terminal_as_it_is(
    vocero: Callable[..., Done],
) -> None:
    text = "A\x1b]0;x\x07na dijo [red]no."
    said = {"content": [[15, len(text)]], "source": [0, 9]}
    write_lines(Path("gold.jsonl"), article("\x1b[2J", text=text, attributions=[said]))
    write_lines(Path("pred.jsonl"), {"doc_id": "\x1b[2J", "attributions": []})

    done = vocero("gold.jsonl", "--pred", "pred.jsonl")

    assert "\x1b" not in done.out
    assert "�[2J\ngold      [A�]0;x�na] dijo ⟦[red]no.⟧" in done.out


class TestModel:
    """The articles are read before they are scored."""

    def test_predictions_can_be_kept_and_scored_again(
        self, endpoint: MockEndpoint, vocero: Callable[..., Done]
    ) -> None:
        done = vocero("gold.jsonl", "--save", "read.jsonl", "--json")
        asked = len(endpoint.requests)

        assert (done.code, done.err) == (0, [f"model: mock ({endpoint.base_url})"])
        assert asked > 0
        # The mock reads quotations alone.
        recall = json.loads(done.out)["scores"]["attr.content_src"]["recall"]
        assert recall == pytest.approx(1 / 3)
        assert [one["doc_id"] for one in lines("read.jsonl")] == ["bridge", "water"]
        assert vocero("gold.jsonl", "--pred", "read.jsonl", "--json").out == done.out
        assert len(endpoint.requests) == asked

    def test_a_sample_is_all_that_is_read(
        self, endpoint: MockEndpoint, vocero: Callable[..., Done]
    ) -> None:
        done = vocero(
            "gold.jsonl", "--sample", "1", "--seed", "3", "--save", "read.jsonl", "--json"
        )

        assert json.loads(done.out)["articles"] == 1
        assert len(lines("read.jsonl")) == 1
        again = vocero(
            "gold.jsonl", "--sample", "1", "--seed", "3", "--pred", "read.jsonl", "--json"
        )
        assert (again.out, again.err) == (done.out, [])
        assert endpoint.requests

    def test_a_journal_answers_what_was_asked_before(
        self, endpoint: MockEndpoint, vocero: Callable[..., Done]
    ) -> None:
        first = vocero("gold.jsonl", "--journal", "journal.sqlite", "--json")
        asked = len(endpoint.requests)
        second = vocero("gold.jsonl", "--journal", "journal.sqlite", "--json")

        assert asked > 0
        assert len(endpoint.requests) == asked
        assert second.out == first.out

    def test_ctrl_c_keeps_what_was_read_and_the_journal_goes_on_there(
        self, monkeypatch: pytest.MonkeyPatch, vocero: Callable[..., Done]
    ) -> None:
        given_up = threading.Event()
        about_the_bridge = []

        def interrupt(asked: dict[str, Any]) -> str:
            question = asked["messages"][-1]["content"]
            about_the_bridge.append("puente cerrará" in question)
            if "falte agua" in question and not given_up.is_set():
                os.kill(os.getpid(), signal.SIGINT)
                given_up.wait(20)
            return grounded(asked)

        command = ("gold.jsonl", "--journal", "journal.sqlite", "--save", "read.jsonl")
        with MockEndpoint(interrupt) as server:
            named(server, monkeypatch)
            done = vocero(*command)
            given_up.set()
            kept = [one["doc_id"] for one in lines("read.jsonl")]
            asked = sum(about_the_bridge)
            again = vocero(*command, "--force")

            assert done.code == 130
            assert len(done.err) == 2
            assert done.err[1].startswith(
                "vocero: interrupted; 1 of 2 articles read; with --journal"
            )
            assert done.out == ""
            assert kept == ["bridge"]
            assert again.code == 0
            assert [one["doc_id"] for one in lines("read.jsonl")] == ["bridge", "water"]
            assert sum(about_the_bridge) == asked > 0

    def test_articles_that_fail_count_as_empty_and_are_told(
        self, monkeypatch: pytest.MonkeyPatch, vocero: Callable[..., Done]
    ) -> None:
        with MockEndpoint(faults=[faults.status(400).containing("falte agua")]) as server:
            named(server, monkeypatch)
            done = vocero("gold.jsonl", "--json")

        assert done.code == 1
        assert done.err[1].startswith("vocero: 'water': ")
        assert done.err[2] == "vocero: 1 of 2 articles without a prediction count as empty"
        assert json.loads(done.out)["scores"]["attr.content_src"]["recall"] == 0

    def test_where_nothing_can_be_read_there_are_no_scores(
        self, monkeypatch: pytest.MonkeyPatch, vocero: Callable[..., Done]
    ) -> None:
        with MockEndpoint(faults=[faults.status(400)]) as server:
            named(server, monkeypatch)
            assert vocero("gold.jsonl", "--save", "read.jsonl").out == ""
            assert not Path("read.jsonl").exists()
        with MockEndpoint(faults=[faults.status(401)]) as server:
            named(server, monkeypatch)
            done = vocero("gold.jsonl")

        assert (done.code, done.out) == (3, "")
        assert done.err[1].startswith("vocero: stopped; 0 of 2 articles read; ")


def test_the_page_is_written_whole(vocero: Callable[..., Done]) -> None:
    done = vocero("gold.jsonl", "--pred", "pred.jsonl", "--html", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")

    assert done.code == 0
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert "<bdi>bridge</bdi>" in page


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--types", "direct,quoted"], "--types has 'quoted': name some of direct,indirect,mixed"),
        (
            ["--pred", "pred.jsonl", "--model", "m"],
            "--pred scores what is there: leave out --model",
        ),
        (["--pred", "pred.jsonl", "--journal", "j"], "--pred scores what is there: leave out"),
        (["--save", "gold.jsonl", "--force"], "the output 'gold.jsonl' would be read as part of"),
        (["--html", "pred.jsonl"], "'pred.jsonl' exists; name another output, or replace it with"),
        (["--save", "one", "--html", "one"], "--save and --html both name 'one': name two files"),
    ],
)
def test_wrong_use_is_told_before_anything_is_done(
    options: list[str], told: str, vocero: Callable[..., Done]
) -> None:
    done = vocero("gold.jsonl", *options)

    assert (done.code, done.out, len(done.err)) == (2, "", 1)
    assert done.err[0].startswith(f"vocero: {told}")


def test_a_malformed_gold_is_one_line(vocero: Callable[..., Done]) -> None:
    write_lines(Path("gold.jsonl"), article("a", "Ana dijo que no.") | {"attributions": [{}]})

    done = vocero("gold.jsonl", "--pred", "pred.jsonl")

    assert done.code == 2
    assert len(done.err) == 1
    assert done.err[0].startswith(
        "vocero: 'gold.jsonl', line 1, attribution 0 has no \"content\"; "
    )


def test_selections_reach_the_scores(vocero: Callable[..., Done]) -> None:
    record = article("a", "[Ana] {dijo} ⟦que sí⟧.", "[Luis] {quiere} ⟦que no⟧.")
    record["attributions"][0] |= {"speech": True, "type": "direct"}
    write_lines(Path("gold.jsonl"), record)
    write_lines(Path("pred.jsonl"), {"doc_id": "a", "attributions": []})
    Path("verbs.txt").write_text("Dijo\n\n", encoding="utf-8")
    base = ("gold.jsonl", "--pred", "pred.jsonl", "--json")

    assert json.loads(vocero(*base).out)["gold"] == 2
    assert json.loads(vocero(*base, "--speech").out)["gold"] == 1
    assert json.loads(vocero(*base, "--types", "direct,mixed").out)["gold"] == 1
    write_lines(Path("pred.jsonl"), record)
    write_lines(Path("gold.jsonl"), record | {"attributions": record["attributions"][:1]})
    assert json.loads(vocero(*base).out)["predicted"] == 2
    assert json.loads(vocero(*base, "--lexicon", "verbs.txt").out)["predicted"] == 1
