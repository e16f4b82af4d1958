"""How well code alone reads attributions, by the gold's own scorer.

    python benchmarks/by_code.py FOLDER [SET ...]

FOLDER holds ``score.py`` and ``dev/NAME.dev.jsonl``, one article a line as score.py describes. Each set
is scored in two halves: the lexicons and rules were tuned on the even articles (0, 2, …), and never on
the odd ones. Only readings of clear constructions count; no model is asked. SET is the name of one
(dewiki_de); without any, all are measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocero.extraction.article import Article
from vocero.extraction.by_code import read_by_code
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from vocero.extraction.found import Found

SETS = {
    "wikinews_es": [],
    "cess_es": [],
    "polnear_en": ["--speech", "--lexicon", "dev/en_reporting_verbs.txt"],
    "dewiki_de": [],
    "cstnews_pt": [],
    "adaq_cs": [],
    "adaq_ru": [],
}
METRICS = ("attr.content_src", "content.exact", "attr.joint_exact")


def main(folder: Path, names: Collection[str] = tuple(SETS)) -> None:
    if not (folder / "score.py").is_file():
        raise SystemExit(f"{folder} holds no score.py: nothing to measure against")
    if unknown := set(names) - set(SETS):
        raise SystemExit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    print(
        f"{'set':<12} {'half':<6} {'articles':>8} {'gold':>5}  content_src F1 [95 %]   exact  joint"
    )
    for name in names:
        options = SETS[name]
        lines = (folder / "dev" / f"{name}.dev.jsonl").read_text(encoding="utf-8").splitlines()
        articles = [json.loads(line) for line in lines if line.strip()]
        for half, label in enumerate(("tuned", "held")):
            some = articles[half::2]
            scores = score(folder, some, options)
            f1, low, high = scores["attr.content_src"][2:5]
            exact, joint = scores["content.exact"][2], scores["attr.joint_exact"][2]
            print(
                f"{name:<12} {label:<6} {len(some):>8} {scores['gold'][0]:>5}"
                f"  {f1:>14} [{low}, {high}]  {exact:>5}  {joint:>5}"
            )


def score(folder: Path, articles: list[dict[str, Any]], options: list[str]) -> dict[str, list[str]]:
    """Read the articles, and let score.py judge: precision, recall, F1 and the bounds of F1."""
    with tempfile.TemporaryDirectory() as place:
        gold, read = Path(place, "gold.jsonl"), Path(place, "read.jsonl")
        gold.write_text("".join(f"{json.dumps(one)}\n" for one in articles), encoding="utf-8")
        read.write_text(
            "".join(f"{json.dumps(reading(one))}\n" for one in articles), encoding="utf-8"
        )
        command = [sys.executable, "score.py", str(gold), str(read), *options]
        told = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    scores: dict[str, list[str]] = {}
    for line in told.stdout.splitlines():
        name, *numbers = line.replace("[", "").replace("]", "").replace(",", "").split() or [""]
        if name == "documents":
            scores["gold"] = [numbers[numbers.index("attributions") + 1]]
        elif name in METRICS:
            scores[name] = numbers
    return scores


def reading(article: dict[str, Any]) -> dict[str, Any]:
    document = Document.from_text(article["text"], language=article["lang"])
    found = read_by_code(Article.of(document))
    return {"doc_id": article["doc_id"], "attributions": list(attributions(found))}


def attributions(found: Iterable[Found]) -> Iterable[dict[str, Any]]:
    for one in found:
        if one.clear:
            yield {
                "source": [one.source.start, one.source.end] if one.source else None,
                "cue": [one.cue.start, one.cue.end] if one.cue else None,
                "content": [[span.start, span.end] for span in one.content],
            }


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("gold"), sys.argv[2:] or tuple(SETS))
