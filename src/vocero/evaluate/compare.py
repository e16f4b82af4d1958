"""Predicted attributions paired with those of the gold.

Pairs are one to one, taken greedily by the Jaccard index of the words of their contents; of equal
ones that whose cues share a word comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocero.evaluate.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vocero.evaluate.annotation import Annotation, Gold, Role
    from vocero.schema import Speech

__all__ = ["EVERYTHING", "HALF", "Comparison", "Selection", "Tokens", "compare", "jaccard"]

HALF = 0.5
"""The Jaccard index from which on two contents are taken for the same."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which attributions of the gold are scored; predictions of the others do not count either."""

    types: frozenset[Speech] | None = None
    """Only these kinds of speech; None: all."""
    reported_only: bool = False
    """Only those that the gold marks as reported speech."""
    lexicon: frozenset[str] | None = None
    """Words in lower case: a prediction without a partner counts only if its cue has one of them or
    it has no cue. For golds that hold nothing but what certain verbs report."""

    def takes(self, one: Annotation) -> bool:
        """Whether an attribution of the gold is scored."""
        right_type = self.types is None or one.speech in self.types
        return right_type and (one.reported or not self.reported_only)


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """An attribution with the words it touches, by their numbers in the article."""

    annotation: Annotation
    source: frozenset[int]
    cue: frozenset[int]
    content: frozenset[int]
    sources: tuple[frozenset[int], ...]
    """Whatever is right as a source: the source itself, if there is one, and the other ones."""

    @classmethod
    def of(cls, annotation: Annotation, words: Words) -> Tokens:
        """Find the words of an attribution."""
        source = words.touched(annotation.source)
        others = (words.touched([one]) for one in annotation.other_sources)
        return cls(
            annotation=annotation,
            source=source,
            cue=words.touched(annotation.cue),
            content=words.touched(annotation.content),
            sources=tuple(one for one in (source, *others) if one),
        )

    def of_role(self, role: Role) -> frozenset[int]:
        """The words of a role; empty where it has none."""
        return {"source": self.source, "cue": self.cue, "content": self.content}[role]

    def has_source_of(self, gold: Tokens) -> bool:
        """Whether the source shares a word with that of the gold, or the gold has none to share."""
        return not gold.sources or any(one & self.source for one in gold.sources)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One article's gold beside its prediction."""

    gold: Gold
    wanted: tuple[Tokens, ...]
    """What is to be found, in the order of the gold."""
    found: tuple[Tokens, ...]
    """What was predicted, in its order; without that which does not count."""
    partners: Mapping[int, int]
    """From the place in ``wanted`` to that in ``found``."""

    @property
    def pairs(self) -> Iterator[tuple[Tokens, Tokens]]:
        """Gold and prediction, in the order of the gold."""
        for at, partner in sorted(self.partners.items()):
            yield self.wanted[at], self.found[partner]

    @property
    def missed(self) -> list[Tokens]:
        """What has no partner in the prediction."""
        return [one for at, one in enumerate(self.wanted) if at not in self.partners]

    @property
    def spurious(self) -> list[Tokens]:
        """What has no partner in the gold."""
        paired = set(self.partners.values())
        return [one for at, one in enumerate(self.found) if at not in paired]


def compare(
    gold: Gold, predicted: Iterable[Annotation], selection: Selection = EVERYTHING
) -> Comparison:
    """Pair what was predicted for an article with what its gold says.

    A prediction without a partner does not count where the gold cannot tell: where half of its
    words or a word of its cue lie in what the gold ignores or the selection leaves out, where its
    cue is not in the lexicon, or where it lies inside another and the gold has outermost ones only.
    A prediction that touches no word of the text with content or cue is none.

    Args:
        gold: The article and its gold.
        predicted: Attributions; their offsets are into the gold's text.
        selection: Which of the gold are scored.
    """
    words = Words(gold.document.text)
    annotated = [Tokens.of(one, words) for one in gold.annotations]
    wanted = [one for one in annotated if selection.takes(one.annotation)]
    given = [Tokens.of(one, words) for one in predicted]
    found = [one for one in given if one.content or one.cue]
    partners = _pair(wanted, found)
    paired = set(partners.values())
    beyond = _Beyond(gold, annotated, words, selection)
    counted = [at for at, one in enumerate(found) if at in paired or not beyond.reaches(one)]
    new_place = {old: new for new, old in enumerate(counted)}
    return Comparison(
        gold=gold,
        wanted=tuple(wanted),
        found=tuple(found[at] for at in counted),
        partners={at: new_place[partner] for at, partner in partners.items()},
    )


def jaccard(left: frozenset[int], right: frozenset[int]) -> float:
    """Share of the words of two sets that are common to both, 0 to 1; 0 where one is empty."""
    common = len(left & right)
    return common / (len(left) + len(right) - common) if common else 0.0


def _pair(wanted: Sequence[Tokens], found: Sequence[Tokens]) -> dict[int, int]:
    candidates = sorted(
        (-likeness, not one.cue & other.cue, at, partner)
        for at, one in enumerate(wanted)
        for partner, other in enumerate(found)
        if (likeness := jaccard(one.content, other.content))
    )
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for *_, at, partner in candidates:
        if at not in partners and partner not in taken:
            partners[at] = partner
            taken.add(partner)
    return partners


class _Beyond:
    """What lies beyond the gold's knowledge or the selection."""

    def __init__(
        self, gold: Gold, annotated: Sequence[Tokens], words: Words, selection: Selection
    ) -> None:
        self._words = words
        self._lexicon = selection.lexicon
        self._outermost = annotated if gold.outermost_only else ()
        ignored = words.touched(gold.ignore)
        left_out = [one for one in annotated if not selection.takes(one.annotation)]
        self._zones = [(ignored, ignored), *((one.content, one.cue) for one in left_out)]

    def reaches(self, one: Tokens) -> bool:
        """Whether a prediction without a partner lies there."""
        if one.cue and any(one.cue <= outer.content for outer in self._outermost):
            return True
        if self._lexicon is not None and one.cue:
            forms = map(self._words.form, one.cue)
            if self._lexicon.isdisjoint(forms):
                return True
        return any(
            (one.content and 2 * len(one.content & contents) >= len(one.content)) or one.cue & cues
            for contents, cues in self._zones
        )
