"""What came of each attribution: right, or in which way wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from vocero.evaluate.annotation import Annotation
    from vocero.evaluate.compare import Comparison

__all__ = ["FAULTS", "Fault", "Verdict", "verdicts"]

Fault = Literal["missed", "spurious", "wrong source", "wrong boundary"]
"""``wrong source``: no word in common with the gold's; ``wrong boundary``: the content has other
words than the gold's."""
FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An attribution of the gold beside the predicted one."""

    gold: Annotation | None
    """None: spurious."""
    predicted: Annotation | None
    """None: missed."""
    faults: tuple[Fault, ...] = ()
    """Empty: right."""

    @property
    def place(self) -> int:
        """Where it begins, in code points."""
        both = [one for one in (self.gold, self.predicted) if one]
        return min(start for one in both for start, _ in (*one.content, *one.cue))


def verdicts(comparison: Comparison) -> list[Verdict]:
    """Judge every attribution of an article, in the order of the text."""
    found = [Verdict(one.annotation, None, ("missed",)) for one in comparison.missed]
    found += [Verdict(None, one.annotation, ("spurious",)) for one in comparison.spurious]
    for gold, one in comparison.pairs:
        faults: list[Fault] = []
        if not one.has_source_of(gold):
            faults.append("wrong source")
        if one.content != gold.content:
            faults.append("wrong boundary")
        found.append(Verdict(gold.annotation, one.annotation, tuple(faults)))
    return sorted(found, key=lambda one: one.place)
