"""The sentences of an attribution, cut into runs of source, cue, content and what stands between."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from vocero.evaluate.words import WORD
from vocero.text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vocero.evaluate.annotation import Annotation, Range, Role
    from vocero.evaluate.verdicts import Verdict
    from vocero.schema import Document

__all__ = ["BRACKETS", "GAP", "Excerpts", "Piece", "Run", "marked"]

BRACKETS: Final[dict[Role, str]] = {"source": "[]", "cue": "{}", "content": "⟦⟧"}
"""What stands around the runs of a role in plain text."""
GAP: Final = " […] "
"""What stands between stretches that are not adjacent."""


class Piece(NamedTuple):
    """A part of a run."""

    text: str
    differs: bool
    """Its words have another role, or none, on the other side."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of the article with one role."""

    role: Role | None
    """None: none of the attribution's."""
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The stretch as the article has it."""
        return "".join(piece.text for piece in self.pieces)


class Excerpts:
    """Shows attributions of one article in their sentences."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._sentences = sentences(document.text, document.language)

    def gold(self, verdict: Verdict) -> list[list[Run]]:
        """Mark the gold in the sentences of gold and prediction; empty where there is no gold.

        Returns:
            For each stretch of adjacent sentences its runs, which together are its text.
        """
        return self._marked(verdict.gold, verdict.predicted)

    def predicted(self, verdict: Verdict) -> list[list[Run]]:
        """Mark the prediction, as `gold` does the gold."""
        return self._marked(verdict.predicted, verdict.gold)

    def _marked(self, one: Annotation | None, other: Annotation | None) -> list[list[Run]]:
        if one is None:
            return []
        own, theirs = _roles(one), _roles(other) if other else None
        stretches = self._stretches([*own, *(theirs or ())])
        return [list(self._runs(stretch, own, theirs)) for stretch in stretches]

    def _stretches(self, ranges: Sequence[tuple[Range, Role]]) -> list[Range]:
        """The sentences that hold the ranges, those joined that have nothing between them."""
        found: list[Range] = []
        for start, end in sorted(place for place, _ in ranges):
            around = [one for one in self._sentences if one[0] < end and start < one[1]]
            left = min([start, *(first for first, _ in around)])
            right = max([end, *(last for _, last in around)])
            if found and not self._text[found[-1][1] : left].strip():
                left, right = found[-1][0], max(found.pop()[1], right)
            found.append((left, right))
        return found

    def _runs(
        self,
        stretch: Range,
        own: Sequence[tuple[Range, Role]],
        theirs: Sequence[tuple[Range, Role]] | None,
    ) -> Iterator[Run]:
        bounds = {at for (start, end), _ in (*own, *(theirs or ())) for at in (start, end)}
        first, last = stretch
        cuts = sorted({first, last, *(at for at in bounds if first < at < last)})
        pieces: list[tuple[Role | None, Piece]] = []
        for start, end in pairwise(cuts):
            role, text = _role_at(start, own), self._text[start:end]
            # Punctuation does not count, so it differs from nothing.
            differs = theirs is not None and role is not None and role != _role_at(start, theirs)
            pieces.append((role, Piece(text, differs and WORD.search(text) is not None)))
        for role, same in groupby(pieces, lambda piece: piece[0]):
            yield Run(role, tuple(piece for _, piece in same))


def marked(stretches: Iterable[Sequence[Run]]) -> str:
    """Return stretches as plain text, with `BRACKETS` around source, cue and content."""
    return GAP.join("".join(map(_bracketed, runs)) for runs in stretches)


def _bracketed(run: Run) -> str:
    return run.text.join(BRACKETS[run.role]) if run.role else run.text


def _roles(one: Annotation) -> list[tuple[Range, Role]]:
    """Where the roles are; a cue or a source inside a content comes before it."""
    return [
        *((place, "cue") for place in one.cue),
        *((place, "source") for place in one.source),
        *((place, "content") for place in one.content),
    ]


def _role_at(position: int, roles: Sequence[tuple[Range, Role]]) -> Role | None:
    return next((role for (start, end), role in roles if start <= position < end), None)
