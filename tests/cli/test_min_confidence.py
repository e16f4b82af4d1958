"""`--min-confidence`: extract, batch and eval leave out what is less sure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runs import finds_nothing, lines
from vocero.cli import main
from vocero.testing import MockEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

TEXT = (
    "«La mina de Llanes no se vende a nadie», dijo Ana Ruiz.\n"
    "El sindicato pidió que la mina cierre en mayo."
)
GOLD = {
    "doc_id": "mine",
    "lang": "es",
    "text": TEXT,
    "attributions": [{"content": [[0, 39]], "cue": [41, 45], "source": [46, 54]}],
}


@pytest.fixture(autouse=True)
def _endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    Path("mine.txt").write_text(TEXT, encoding="utf-8")
    Path("gold.jsonl").write_text(json.dumps(GOLD), encoding="utf-8")
    with MockEndpoint(finds_nothing) as server:
        monkeypatch.setenv("VOCERO_MODEL", "mock")
        monkeypatch.setenv("VOCERO_BASE_URL", server.base_url)
        monkeypatch.setenv("VOCERO_API_KEY", "sesame")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield


def command(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


def counted(path: Path) -> tuple[int, int]:
    """How many attributions the one article of a file has, and how many were less sure."""
    [article] = lines(path)
    reasons = [one["reason"] for one in article["rejected"]]
    return len(article["attributions"]), reasons.count("low_confidence")


def test_extract() -> None:
    assert command("extract", "mine.txt", "-l", "es", "-o", "all") == 0
    assert command("extract", "mine.txt", "-l", "es", "-o", "sure", "--min-confidence", "0.9") == 0

    assert counted(Path("all")) == (2, 0)
    assert counted(Path("sure")) == (1, 1)


def test_batch() -> None:
    assert command("batch", "mine.txt", "-l", "es", "-o", "run", "--min-confidence", "0.9") == 0

    assert counted(Path("run", "extractions.jsonl")) == (1, 1)
    assert (
        json.loads(Path("run", "manifest.json").read_bytes())["settings"]["min_confidence"] == 0.9
    )


def test_eval(capsys: pytest.CaptureFixture[str]) -> None:
    def precision(*more: str) -> float:
        assert command("eval", "gold.jsonl", "--json", *more) == 0
        found: float = json.loads(capsys.readouterr().out)["scores"]["attr.content_src"][
            "precision"
        ]
        return found

    assert precision() == 0.5
    assert precision("--min-confidence", "0.9") == 1


def test_eval_of_what_was_predicted_knows_no_confidence(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pred.jsonl").write_text('{"doc_id": "mine", "attributions": []}', encoding="utf-8")

    options = ("--pred", "pred.jsonl", "--min-confidence", "0.9")
    assert command("eval", "gold.jsonl", *options) == 2
    assert "leave out --model, --base-url, --min-confidence" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["extract", "batch", "eval"])
def test_a_percentage_is_no_chance(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    output = () if name == "eval" else ("-o", "out")
    assert command(name, "gold.jsonl", *output, "--min-confidence", "80") == 2
    assert "'--min-confidence': Input should be less than or equal to 1" in capsys.readouterr().err
    assert not Path("out").exists()
