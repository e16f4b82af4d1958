"""One checkable proposition."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vocero.schema.base import Record
from vocero.schema.span import Span

Modality = Literal["fact", "future", "possibility", "demand", "intention", "question"]
"""How the proposition stands to the world: said to be so; to come; possible; called for; wanted;
asked."""


class Claim(Record):
    """A proposition in a self-contained sentence of the article's own language.

    Restated by a model, or in the article's own words with what they lean on in square brackets:
    *[Barack Obama:] No tenía «ningún interés».* Its text brings in no number and no proper name
    that is neither in the article nor among its actors, but for dates that were counted from the
    day of publication (*este mes [2023-09]*): whoever restates sees to that, it is not checked
    here. Several attributions, with different stances, may bear on one claim.
    """

    id: str
    text: str = Field(min_length=1)
    """The proposition, decontextualised: understood without the article but for what `leans` holds."""
    about: tuple[str, ...] = ()
    """Ids of the actors the claim mentions, in the order of `Extraction.actors`."""
    modality: Modality = "fact"
    when: Span | None = None
    """The words of the article that date the claim; None where nothing does."""
    evidence: tuple[Span, ...] = Field(min_length=1)
    """The spans of the article that the text restates."""
    leans: tuple[Span, ...] = ()
    """Words of the evidence that the text still holds and that lean on the article (*dicho país*,
    *ellos*): nobody could tell what they mean. Empty for a sentence that is understood by itself."""
