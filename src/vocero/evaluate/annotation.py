"""What a gold says of an article, and what was predicted for it: attributions as offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from vocero.schema import Document, Extraction, Span, Speech, Stance

__all__ = ["ROLES", "Annotation", "Gold", "Range", "Role", "annotations_of"]

Range = tuple[int, int]
"""Half-open range of code points of the article's text."""
Role = Literal["source", "cue", "content"]
ROLES: Final[tuple[Role, ...]] = ("source", "cue", "content")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One attribution, annotated or predicted. What is unknown is None, and is not scored."""

    content: tuple[Range, ...]
    """What is attributed; in gold at least one range, and in each a word."""
    source: tuple[Range, ...] = ()
    """The words that name who speaks; empty where they are elided or missing."""
    cue: tuple[Range, ...] = ()
    """The reporting words; empty where there are none."""
    other_sources: tuple[Range, ...] = ()
    """Gold only: other places that name the source and are as right."""
    speech: Speech | None = None
    stance: Stance | None = None
    actor: str | None = None
    """Full name of who speaks, resolved through the article; each actor has one in an article."""
    nested: bool = False
    """It stands inside the content of another attribution."""
    reported: bool = False
    """Gold only: reported speech, where the gold has intentions and attitudes as well."""


@dataclass(frozen=True, slots=True)
class Gold:
    """An article with its attributions, as somebody annotated them."""

    document: Document
    annotations: tuple[Annotation, ...]
    roles: tuple[Role, ...] = ROLES
    """What was annotated at all; the other roles are not scored."""
    ignore: tuple[Range, ...] = ()
    """Stretches on which annotators disagree: what is predicted there is not counted."""
    outermost_only: bool = False
    """Attributions inside others were left out, so that predicting them is no mistake."""


def annotations_of(extraction: Extraction) -> tuple[Annotation, ...]:
    """Return an extraction's attributions as they are scored, in its order.

    Spans become their ranges, a missing source or cue span becomes an empty role, and the actor is
    the name of the one that the source resolves to, also where no span names it.
    """
    return tuple(
        Annotation(
            content=tuple((span.start, span.end) for span in one.content),
            source=_range(one.source_span),
            cue=_range(one.cue_span),
            speech=one.speech,
            stance=one.stance,
            actor=extraction.actor(one.source).name if one.source else None,
            nested=one.within is not None,
        )
        for one in extraction.attributions
    )


def _range(span: Span | None) -> tuple[Range, ...]:
    return ((span.start, span.end),) if span else ()
