"""What the model fills: small, flat, pointing into the article instead of copying it.

Field names are short because they are paid for in every item. The prompts explain them; the
descriptions of fields here are for readers of this file and are not sent. A class's is: keep it so
short, and know that another one is another question to a recording or a journal.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from vocero.schema import ActorKind, Modality, Stance

__all__ = [
    "ActorDraft",
    "ActorsDraft",
    "ArticleDraft",
    "AttributionDraft",
    "AttributionsDraft",
    "ClaimDraft",
    "ClaimsDraft",
    "SourceDraft",
    "SpeakerDraft",
    "StatementDraft",
]

_WORDS = 400  # no field is longer: a small model that starts to copy the article is cut short
_CLAIM = 600


class _Draft(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class AttributionDraft(_Draft):
    """One attribution."""

    s: int
    """Number of the sentence that holds the cue."""
    cue: str = Field(max_length=_WORDS)
    """The reporting words; empty for a bare quotation."""
    src: str = Field(max_length=_WORDS)
    """The words that name the source; empty where the subject is elided."""
    who: str = Field(max_length=_WORDS)
    """The source's fullest name or description in the article."""
    say: list[str] = Field(max_length=4)
    """Stretches of content, long ones as ``first words … last words``."""
    st: Stance
    via: str = Field(max_length=_WORDS)
    """The outlet or document through which it was said; empty if none is named."""


class AttributionsDraft(_Draft):
    """Answer to the question for attributions."""

    items: list[AttributionDraft] = Field(max_length=80)


class SourceDraft(_Draft):
    """One source."""

    n: int
    """Number that the items use."""
    name: str = Field(max_length=_WORDS)
    """Its fullest name or description in the article."""
    kind: ActorKind
    country: str = Field(max_length=8)
    """ISO 3166-1 alpha-2 code; empty if unknown."""


class StatementDraft(_Draft):
    """One attribution with its claim."""

    s: int
    """Number of the sentence that holds the cue."""
    cue: str = Field(max_length=_WORDS)
    """The reporting words; empty for a bare quotation."""
    src: str = Field(max_length=_WORDS)
    """The words that name the source; empty where the subject is elided."""
    who: int
    """Number of the source; 0 if the article does not tell."""
    say: list[str] = Field(max_length=4)
    """Stretches of content, long ones as ``first words … last words``."""
    st: Stance
    via: str = Field(max_length=_WORDS)
    """The outlet or document through which it was said; empty if none is named."""
    claim: str = Field(max_length=_CLAIM)
    """The content in a sentence that is understood without the article; empty where the content
    is one itself, and where an item before has the same content."""
    mod: Modality


class ArticleDraft(_Draft):
    """Answer to the one question about an article."""

    sources: list[SourceDraft] = Field(max_length=80)
    items: list[StatementDraft] = Field(max_length=80)


class SpeakerDraft(_Draft):
    """Answer to the question who one elided, pronominal or nominal source is."""

    who: int
    """Number of a candidate; 0 for none of them."""


class ActorDraft(_Draft):
    """What kind of actor one of the listed names is."""

    n: int
    """Number in the list."""
    kind: ActorKind
    country: str = Field(max_length=8)
    """ISO 3166-1 alpha-2 code; empty if unknown."""


class ActorsDraft(_Draft):
    """Answer to the question for actors."""

    items: list[ActorDraft] = Field(max_length=40)


class ClaimDraft(_Draft):
    """One restated claim."""

    n: int
    """Number of the statement in the list."""
    claim: str = Field(max_length=_CLAIM)
    """The statement in a sentence that is understood without the article."""
    mod: Modality


class ClaimsDraft(_Draft):
    """Answer to the question for claims."""

    items: list[ClaimDraft] = Field(max_length=40)
