"""The yardstick's own scorer and ours give the same numbers, whatever was predicted.

Its sets are other people's texts and lie beside the repository; without them there is nothing to
compare.
"""

from __future__ import annotations

import importlib.util
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from marked import write_lines
from vocero.evaluate import Selection, compare, read_gold, read_predictions, score

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from vocero.evaluate import Score

YARDSTICK = ROOT.parent / "shared" / "eval"
RESAMPLES = 40
VERBS = frozenset({"said", "says", "told", "asked", "added", "claimed"})

pytestmark = pytest.mark.skipif(
    not (YARDSTICK / "score.py").exists(), reason="no ../shared/eval with score.py and its sets"
)


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    """The yardstick's scorer."""
    spec = importlib.util.spec_from_file_location("yardstick", YARDSTICK / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def perturbed(article: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A prediction that is the gold with all kinds of mistakes in it."""
    length = len(article["text"])

    def moved(place: list[int] | None) -> list[int] | None:
        if place is None or chance.random() < 0.1:
            return somewhere() if chance.random() < 0.5 else None
        start, end = (at + round(chance.gauss(0, 8)) * (chance.random() < 0.4) for at in place)
        start = min(max(start, 0), length - 1)
        return [start, min(max(end, start + 1), length)]

    def somewhere() -> list[int]:
        start = chance.randrange(length)
        return [start, min(length, start + chance.randint(1, 120))]

    found = []
    for one in article["attributions"]:
        for _ in range(chance.choice([0, 1, 1, 1, 1, 2])):
            contents = [moved(place) for place in one["content"]]
            found.append(
                {
                    "source": moved(one["source"]),
                    "cue": moved(one["cue"]),
                    "content": [place for place in contents if place],
                    "type": chance.choice(["direct", "indirect", "mixed", None]),
                }
            )
    found += [
        {"source": somewhere(), "cue": somewhere(), "content": [somewhere()]}
        for _ in range(chance.randint(0, 3))
    ]
    chance.shuffle(found)
    return {"doc_id": article["doc_id"], "attributions": found}


def numbers(one: Score) -> tuple[float | None, ...]:
    spread = () if one.precision is None else (one.precision, one.recall)
    return (*spread, one.value, one.low, one.high)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("name", "selection"),
    [
        ("wikinews_es", Selection()),
        ("wikinews_es", Selection(types=frozenset({"direct", "mixed"}))),
        ("polnear_en", Selection(reported_only=True, lexicon=VERBS)),
        ("dewiki_de", Selection(types=frozenset({"indirect"}))),
        ("claimpt_pt", Selection()),
        ("cstnews_pt", Selection()),
        ("adaq_ru", Selection()),
    ],
)
def test_the_numbers_are_the_same(
    name: str, selection: Selection, seed: int, scorer: ModuleType, tmp_path: Path
) -> None:
    gold = YARDSTICK / "dev" / f"{name}.dev.jsonl"
    lines = gold.read_text(encoding="utf-8").splitlines()[seed::4]
    articles = [json.loads(line) for line in lines]
    chance = random.Random(f"{name} {seed}")  # noqa: S311 - mistakes need no secrecy
    guesses = [perturbed(one, chance) for one in articles if chance.random() < 0.9]
    some = write_lines(tmp_path / "gold.jsonl", *articles)
    guessed = write_lines(tmp_path / "guessed.jsonl", *guesses)

    asked = scorer.options([str(some), str(guessed), "--boot", str(RESAMPLES)])
    asked.types, asked.speech = selection.types, selection.reported_only
    asked.lexicon = selection.lexicon
    theirs, intervals, _ = scorer.evaluate(articles, guesses, asked)

    golds = read_gold(some)
    found = read_predictions(guessed, golds)
    ours = score(
        (compare(one, found.get(one.document.id, ()), selection) for one in golds),
        resamples=RESAMPLES,
    )
    assert ours["attr.content_src"].of > 0
    for measure, value in theirs.items():
        if value is None:  # there was nothing to measure
            assert measure not in ours
            continue
        expected = (*(value if isinstance(value, tuple) else (value,)), *intervals[measure])
        assert numbers(ours[measure]) == pytest.approx(expected, abs=1e-9), measure
