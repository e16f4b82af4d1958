"""What goes beyond who said what, where the gold tells it: stance, resolved speakers, nesting."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from vocero.evaluate.measures import Share, is_half
from vocero.evaluate.words import WORD
from vocero.extraction.names import name_key

if TYPE_CHECKING:
    from vocero.evaluate.compare import Comparison

__all__ = ["resolved_hits"]


def resolved_hits(comparison: Comparison) -> dict[str, Share]:
    """Count what Vocero resolves beyond spans.

    - ``attr.stance_acc``: over pairs of which both tell a stance, the same one;
    - ``elided.actor``: over the gold's attributions without a source span whose actor it names,
      those found (contents alike by half or more) and given to that actor; ``elided.actor_acc``:
      the same over those found;
    - ``nested.found``: over the gold's attributions inside others, those found.
    """
    actors = _Actors(comparison)
    found = {id(gold): one for gold, one in comparison.pairs if is_half(gold, one)}
    stances = [
        gold.annotation.stance == one.annotation.stance
        for gold, one in comparison.pairs
        if gold.annotation.stance and one.annotation.stance
    ]
    elided = [one for one in comparison.wanted if one.annotation.actor and not one.sources]
    given = [
        actors.same(one.annotation.actor, found[id(one)].annotation.actor)
        for one in elided
        if id(one) in found
    ]
    nested = [id(one) in found for one in comparison.wanted if one.annotation.nested]
    return {
        "attr.stance_acc": Share(sum(stances), len(stances)),
        "elided.actor": Share(sum(given), len(elided)),
        "elided.actor_acc": Share(sum(given), len(given)),
        "nested.found": Share(sum(nested), len(nested)),
    }


class _Actors:
    """Which actor of the gold a predicted one is.

    It is the one whose words it speaks in most often, by the pairs with overlapping sources: *UAW*
    is the *United Auto Workers*, and *Mannion, the chief of Aer Lingus* is not *Aer Lingus*. One
    that never speaks in a source span is known by its name alone.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._votes: dict[str, Counter[str]] = defaultdict(Counter)
        for gold, one in comparison.pairs:
            wanted, given = gold.annotation.actor, one.annotation.actor
            if wanted and given and gold.sources and one.has_source_of(gold):
                self._votes[_key(given)][_key(wanted)] += 1

    def same(self, wanted: str | None, given: str | None) -> bool:
        """Whether a predicted actor is that of the gold; of equal candidates each will do."""
        if not wanted or not given:
            return False
        right, name = _key(wanted), _key(given)
        if votes := self._votes.get(name):
            return votes[right] == max(votes.values())
        return f" {right} " in f" {name} " or f" {name} " in f" {right} "


def _key(name: str) -> str:
    return " ".join(WORD.findall(name_key(name)))
