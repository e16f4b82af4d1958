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

    Its text brings in no number and no proper name that is neither in the article nor among its
    actors: whoever restates sees to that, it is not checked here. Several attributions, with
    different stances, may bear on one claim.
    """

    id: str
    text: str = Field(min_length=1)
    """The proposition, decontextualised: understood without the article."""
    about: tuple[str, ...] = ()
    """Ids of the actors the claim mentions, in the order of `Extraction.actors`."""
    modality: Modality = "fact"
    when: Span | None = None
    """The words of the article that date the claim; None where nothing does."""
    evidence: tuple[Span, ...] = Field(min_length=1)
    """The spans of the article that the text restates."""
