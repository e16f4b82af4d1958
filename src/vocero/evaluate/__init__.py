"""Measuring extractions against a gold of one's own: who said what, found and placed right.

golds = read_gold(Path("gold.jsonl"))
predicted = read_predictions(Path("predictions.jsonl"), golds)
scores = score(compare(gold, predicted.get(gold.document.id, ())) for gold in golds)
print(scores["attr.content_src"].value)
"""

from __future__ import annotations

from vocero.evaluate.annotation import Annotation, Gold, annotations_of
from vocero.evaluate.compare import Comparison, Selection, compare
from vocero.evaluate.files import read_gold, read_predictions, sample
from vocero.evaluate.records import gold_of, prediction
from vocero.evaluate.scores import Score, score
from vocero.evaluate.verdicts import Verdict, verdicts

__all__ = [
    "Annotation",
    "Comparison",
    "Gold",
    "Score",
    "Selection",
    "Verdict",
    "annotations_of",
    "compare",
    "gold_of",
    "prediction",
    "read_gold",
    "read_predictions",
    "sample",
    "score",
    "verdicts",
]
