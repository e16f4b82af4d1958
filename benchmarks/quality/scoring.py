"""What score.py says of predictions, as a Markdown table."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Record", "table"]

Record = dict[str, Any]
"""A line of a file of predictions."""

_OPTIONS = {"polnear_en": ["--speech", "--lexicon", "dev/en_reporting_verbs.txt"]}
_SCORES = (
    ("content exact", "content.exact"),
    ("soft", "content.soft"),
    ("source", "source.exact"),
    ("cue", "cue.exact"),
    ("joint exact", "attr.joint_exact"),
)
_HEAD = ("", "`content_src`", "P", "R", *(name for name, _ in _SCORES))
_COSTS = ("requests", "output tokens", "all tokens", "seconds", "not in the text", "lost", "broken")


def table(folder: Path, name: str, ids: Sequence[str], read: Mapping[str, list[Record]]) -> str:
    """Return the table of the ways that have read all of the articles, and name the others.

    F1 in percent; tokens and seconds an article. "Not in the text": strings returned that it does
    not hold. "Lost": pieces of articles given up. "Broken": answers that were no JSON.

    Args:
        folder: Of score.py.
        name: Of the set in it.
        ids: The articles.
        read: Predictions of each way.
    """
    rows = [_HEAD + _COSTS, ("---",) * len(_HEAD + _COSTS)]
    notes = []
    for way, records in read.items():
        if len(records) < len(ids):
            notes.append(f"{way} has read {len(records)} of {len(ids)}")
        else:
            rows.append((way, *_scores(folder, name, ids, records), *_costs(records)))
            notes += _by_question(way, records)
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"{name}, {len(ids)} articles", "", *lines, "", *notes])


def _by_question(way: str, records: list[Record]) -> list[str]:
    """What the way's output tokens went to, where it says so."""
    asked = {question for one in records for question in one.get("output_by_question", ())}
    each = [
        f"{question} {mean(one['output_by_question'].get(question, 0) for one in records):,.0f}"
        for question in sorted(asked)
    ]
    return [f"{way}, output tokens by question: {', '.join(each)}"] if each else []


def _scores(folder: Path, name: str, ids: Sequence[str], records: list[Record]) -> list[str]:
    file = folder / "dev" / f"{name}.dev.jsonl"
    with file.open(encoding="utf-8") as lines:
        gold = [line.strip() for line in lines if line.strip()]
    chosen = [one for one in gold if json.loads(one)["doc_id"] in ids]
    with tempfile.TemporaryDirectory() as place:
        golds, predictions = Path(place, "gold.jsonl"), Path(place, "read.jsonl")
        golds.write_text("\n".join(chosen), encoding="utf-8")
        predictions.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        command = [sys.executable, "score.py", str(golds), str(predictions), "--json"]
        command += _OPTIONS.get(name, [])
        told = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    scored = json.loads(told.stdout)
    precision, recall, f1 = scored["result"]["attr.content_src"]
    low, high = scored["ci"]["attr.content_src"]
    return [
        f"{100 * f1:.1f} [{100 * low:.0f}, {100 * high:.0f}]",
        *(f"{100 * one:.0f}" for one in (precision, recall)),
        *(f"{100 * scored['result'][key][2]:.1f}" for _, key in _SCORES),
    ]


def _costs(records: list[Record]) -> list[str]:
    def each(*names: str) -> str:
        return f"{mean(sum(one[name] for name in names) for one in records):,.0f}"

    def total(name: str) -> int:
        return sum(one[name] for one in records)

    seconds = mean(one["seconds"] for one in records)
    return [
        each("requests"),
        each("output_tokens"),
        each("input_tokens", "output_tokens"),
        f"{seconds:.0f}" if seconds >= 1 else f"{seconds:.2f}",
        f"{total('outside')} of {total('spans')}",
        str(total("lost")),
        str(total("broken")),
    ]
