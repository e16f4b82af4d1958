"""What `vocero eval` says: a table of scores and examples of errors, JSON, or a page."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vocero.cli.terminal import printable
from vocero.evaluate import compare, score, verdicts
from vocero.evaluate.marks import BRACKETS, Excerpts, marked
from vocero.evaluate.page import page
from vocero.evaluate.records import annotation_record
from vocero.evaluate.verdicts import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vocero.evaluate import Annotation, Gold, Score, Selection, Verdict

__all__ = ["Report"]


class Report:
    """Gold and predictions compared.

    Args:
        golds: The articles.
        predicted: What was found, by the articles' ids; an article without it counts as empty.
        selection: What of the gold is scored.

    Attributes:
        unpredicted: Number of articles without a prediction.
    """

    def __init__(
        self,
        golds: Sequence[Gold],
        predicted: Mapping[str, Sequence[Annotation]],
        selection: Selection,
    ) -> None:
        ids = [one.document.id for one in golds]
        self.unpredicted = sum(one not in predicted for one in ids)
        self._comparisons = [
            compare(gold, predicted.get(one, ()), selection)
            for one, gold in zip(ids, golds, strict=True)
        ]
        self._scores = score(self._comparisons)
        self._wanted = sum(len(one.wanted) for one in self._comparisons)
        self._found = sum(len(one.found) for one in self._comparisons)

    def page(self, title: str) -> str:
        """Return the comparison as HTML."""
        return page(title, self._comparisons, self._scores)

    def as_json(self) -> dict[str, Any]:
        """Return scores and errors for machines; offsets are code points, shares 0 to 1."""
        return {
            "articles": len(self._comparisons),
            "unpredicted": self.unpredicted,
            "gold": self._wanted,
            "predicted": self._found,
            "scores": {name: asdict(one) for name, one in self._scores.items()},
            "errors": [
                {
                    "doc_id": name,
                    "faults": verdict.faults,
                    "gold": verdict.gold and annotation_record(verdict.gold),
                    "predicted": verdict.predicted and annotation_record(verdict.predicted),
                    "marked": dict(_sides(verdict, excerpts)),
                }
                for name, verdict, excerpts in self._errors()
            ],
        }

    def print(self, errors: int, console: Console | None = None) -> None:
        """Print the table, and so many errors of each kind.

        Args:
            errors: How many; the others are counted.
            console: Where; by default standard output, as wide as its terminal.
        """
        console = console or Console(highlight=False)
        console.print(
            f"articles: {len(self._comparisons)} · attributions in the gold: {self._wanted} · "
            f"predicted: {self._found}\n"
        )
        console.print(_table(self._scores))
        found = list(self._errors())
        if found and errors:
            legend = " ".join(role.join(brackets) for role, brackets in BRACKETS.items())
            console.print(Text(f"\nErrors, marked {legend}"))
        for fault in FAULTS:
            such = [one for one in found if fault in one[1].faults]
            if such:
                console.print(Text(f"\n{fault}: {len(such)}", "bold"))
            for name, verdict, excerpts in such[:errors]:
                console.print(Text(f"\n{printable(name)}", "dim"))
                for side, text in _sides(verdict, excerpts):
                    console.print(Text.assemble((f"{side:<10}", "dim"), printable(text)))
            if errors and len(such) > errors:
                console.print(Text(f"… and {len(such) - errors} more", "dim"))

    def _errors(self) -> Iterator[tuple[str, Verdict, Excerpts]]:
        for one in self._comparisons:
            document = one.gold.document
            excerpts = Excerpts(document)
            for verdict in verdicts(one):
                if verdict.faults:
                    yield document.id, verdict, excerpts


def _sides(verdict: Verdict, excerpts: Excerpts) -> Iterator[tuple[str, str]]:
    if stretches := excerpts.gold(verdict):
        yield "gold", marked(stretches)
    if stretches := excerpts.predicted(verdict):
        yield "predicted", marked(stretches)


def _table(scores: Mapping[str, Score]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("in percent")
    for head in ("P", "R", "F1", "95 %", "of"):
        table.add_column(head, justify="right")
    group = ""
    for name, one in scores.items():
        if group and group != name.partition(".")[0]:
            table.add_section()
        group = name.partition(".")[0]
        interval = "" if one.low is None else f"[{_percent(one.low)}, {_percent(one.high)}]"
        table.add_row(
            Text(name, "bold" if name == "attr.content_src" else ""),
            _percent(one.precision),
            _percent(one.recall),
            _percent(one.value),
            Text(interval),
            f"{one.of:.0f}",
        )
    return table


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"
