"""How sure code's readings are: fits the weights of their confidence, and tells how well it holds.

    python benchmarks/confidence.py FOLDER [--write]

FOLDER holds ``dev/NAME.dev.jsonl``, one article a line as ``docs/evaluation.md`` describes. What code
reads in a clear construction is right if gold agrees who said what (``content_src``); what gold cannot
judge is left out. The weights are fitted on the even articles (0, 2, …) of all sets together, and
judged on the odd ones: the tables are of these alone. ``--write`` puts the weights where Vocero finds
them.

Logistic regression, with a penalty of half of `PENALTY` on each squared weight but for those of the
languages, by Newton's method, one weight at a time. No model is asked; takes some seconds.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from vocero.evaluate import Annotation, Selection, compare, read_gold
from vocero.evaluate.measures import attribution_hits, is_half
from vocero.extraction import confidence
from vocero.extraction.article import Article
from vocero.extraction.by_code import read_unrated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vocero.evaluate import Comparison, Gold
    from vocero.extraction.found import Found
    from vocero.schema import Span

PENALTY = 2.0
SWEEPS = 100
BINS = 10
THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9)
WEIGHTS = Path(confidence.__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Set:
    """A development set, and which part of its gold is scored."""

    name: str
    selection: Selection


@dataclass(frozen=True)
class Reading:
    """What code read, as it is scored, and what holds of it."""

    found: Found
    annotation: Annotation
    held: Mapping[str, bool]


@dataclass(frozen=True)
class Read:
    """An article's gold, and what code read there."""

    gold: Gold
    selection: Selection
    readings: tuple[Reading, ...]

    def compare(self, least: float, weights: Mapping[str, float]) -> Comparison:
        """Score what is at least so sure, and stands inside nothing that is less."""
        rated = [
            replace(one.found, confidence=confidence.estimate(one.held, weights))
            for one in self.readings
        ]
        marked, _ = confidence.set_aside(rated, least)
        sure = [
            one.annotation for one, found in zip(self.readings, marked, strict=True) if found.wanted
        ]
        return compare(self.gold, sure, self.selection)

    def labelled(self) -> Iterator[tuple[Mapping[str, bool], bool]]:
        """What holds of each reading that the gold can judge, and whether it is right."""
        comparison = compare(self.gold, [one.annotation for one in self.readings], self.selection)
        right = {
            id(found.annotation)
            for gold, found in comparison.pairs
            if is_half(gold, found) and found.has_source_of(gold)
        }
        judged = {id(found.annotation) for found in comparison.found}
        for one in self.readings:
            if id(one.annotation) in judged:
                yield one.held, id(one.annotation) in right


def main(folder: Path, *, write: bool) -> None:
    if not (folder / "dev").is_dir():
        raise SystemExit(f"{folder} holds no folder dev: nothing to measure against")
    read = {one.name: [*articles(folder, one)] for one in sets(folder)}
    tuned = [pair for some in read.values() for one in some[0::2] for pair in one.labelled()]
    weights = fit(tuned)
    held = {name: some[1::2] for name, some in read.items()}
    held["together"] = [one for some in held.values() for one in some]
    print(f"fitted on {len(tuned)} readings; on the odd articles:\n")
    sureness(held, weights)
    print()
    thresholds(held, weights)
    print()
    bins(held["together"], weights)
    print()
    print(written(weights))
    if write:
        WEIGHTS.write_text(written(weights), encoding="utf-8")
        print(f"written to {WEIGHTS}")


def sets(folder: Path) -> list[Set]:
    verbs = (folder / "dev" / "en_reporting_verbs.txt").read_text(encoding="utf-8").lower()
    speech = Selection(reported_only=True, lexicon=frozenset(verbs.splitlines()) - {""})
    return [
        Set("wikinews_es", Selection()),
        Set("cess_es", Selection()),
        Set("polnear_en", speech),
        Set("dewiki_de", Selection()),
    ]


def articles(folder: Path, one: Set) -> Iterator[Read]:
    for gold in read_gold(folder / "dev" / f"{one.name}.dev.jsonl"):
        article = Article.of(gold.document)
        readings = tuple(
            Reading(
                found,
                Annotation(
                    content=tuple(place for span in found.content for place in places(span)),
                    source=places(found.source),
                    cue=places(found.cue),
                ),
                confidence.features(article, found),
            )
            for found in read_unrated(article)
            if found.clear
        )
        yield Read(gold, one.selection, readings)


def places(span: Span | None) -> tuple[tuple[int, int], ...]:
    return ((span.start, span.end),) if span else ()


def fit(labelled: Sequence[tuple[Mapping[str, bool], bool]]) -> dict[str, float]:
    """Find the weights: one by one, each to where the penalised likelihood is highest."""
    rows: dict[str, list[int]] = {
        name: [number for number, (held, _) in enumerate(labelled) if held[name]]
        for name in sorted(labelled[0][0])
    }
    totals, weights = [0.0] * len(labelled), dict.fromkeys(rows, 0.0)
    for _ in range(SWEEPS):
        for name, weight in weights.items():
            penalty = 0.0 if name.startswith("language_") else PENALTY
            slope, bend = -penalty * weight, penalty
            for number in rows[name]:
                chance = 1 / (1 + math.exp(-totals[number]))
                slope += labelled[number][1] - chance
                bend += chance * (1 - chance)
            step = slope / bend
            weights[name] += step
            for number in rows[name]:
                totals[number] += step
    return {name: round(weight, 2) for name, weight in weights.items()}


def sureness(sets: Mapping[str, Sequence[Read]], weights: Mapping[str, float]) -> None:
    print("| set | readings | right | mean confidence | AUC | calibration error |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, some in sets.items():
        judged = rated(some, weights)
        right = sum(is_right for _, is_right in judged) / len(judged)
        mean = sum(sure for sure, _ in judged) / len(judged)
        print(
            f"| {name} | {len(judged)} | {right:.2f} | {mean:.2f} "
            f"| {auc(judged):.2f} | {calibration_error(judged):.3f} |"
        )


def thresholds(sets: Mapping[str, Sequence[Read]], weights: Mapping[str, float]) -> None:
    print("| set | " + " | ".join(f"≥ {least}" if least else "all" for least in THRESHOLDS) + " |")
    print("| --- |" + " --- |" * len(THRESHOLDS))
    for name, some in sets.items():
        cells = []
        for least in THRESHOLDS:
            hits = [attribution_hits(one.compare(least, weights))["content_src"] for one in some]
            right, found, _, wanted = map(sum, zip(*hits, strict=True))
            cells.append(f"{100 * right / max(found, 1):.0f} / {100 * right / wanted:.0f}")
        print(f"| {name} | {' | '.join(cells)} |")


def bins(some: Sequence[Read], weights: Mapping[str, float]) -> None:
    print("| confidence | readings | mean | right |")
    print("| --- | --- | --- | --- |")
    for number, judged in sorted(by_bin(rated(some, weights)).items()):
        mean, right = means(judged)
        low, high = number / BINS, (number + 1) / BINS
        print(f"| {low:.1f}–{high:.1f} | {len(judged)} | {mean:.2f} | {right:.2f} |")


def rated(some: Sequence[Read], weights: Mapping[str, float]) -> list[tuple[float, bool]]:
    pairs = (pair for one in some for pair in one.labelled())
    return [(confidence.estimate(held, weights), is_right) for held, is_right in pairs]


def auc(judged: Sequence[tuple[float, bool]]) -> float:
    """The chance that a right reading is surer than a wrong one; a tie is half of it."""
    right = [sure for sure, is_right in judged if is_right]
    wrong = [sure for sure, is_right in judged if not is_right]
    won = sum((one > other) + (one == other) / 2 for one in right for other in wrong)
    return won / (len(right) * len(wrong))


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """How far confidence and share of right ones are apart, by bins of equal width, weighted."""
    return sum(
        len(some) * abs(mean - right)
        for some in by_bin(judged).values()
        for mean, right in [means(some)]
    ) / len(judged)


def by_bin(judged: Sequence[tuple[float, bool]]) -> dict[int, list[tuple[float, bool]]]:
    found: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for one in judged:
        found[min(int(one[0] * BINS), BINS - 1)].append(one)
    return found


def means(judged: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    sure, right = zip(*judged, strict=True)
    return sum(sure) / len(judged), sum(right) / len(judged)


def written(weights: Mapping[str, float]) -> str:
    lines = [
        "# Written by `python benchmarks/confidence.py FOLDER --write`; not by hand.",
        "# What adds to the log-odds that a reading is right; `vocero.extraction.confidence` says how.",
        "[weights]",
        *(f"{name} = {weight}" for name, weight in weights.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if one != "--write"]
    main(Path(given[0] if given else "gold"), write="--write" in sys.argv)
