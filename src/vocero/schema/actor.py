"""Who takes part: people, institutions, outlets, documents."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vocero.schema.base import Record
from vocero.schema.span import Span

ActorKind = Literal["person", "government", "organization", "group", "outlet", "document"]
MentionForm = Literal["named", "nominal", "pronoun", "elided", "metonym"]
"""named *John Kirby*; nominal *el portavoz*; pronoun *él*; elided *añadió*; metonym *Pyongyang*."""


class Mention(Record):
    """One place where an actor is referred to."""

    span: Span
    """The words that refer to the actor; for an elided subject, the cue whose subject it is."""
    form: MentionForm


class Actor(Record):
    """A participant resolved within one article, with every place it is mentioned as a source."""

    id: str
    name: str = Field(min_length=1)
    """The fullest name or description the article itself gives."""
    kind: ActorKind | None = None
    """None where the article does not let it be told."""
    role: str | None = None
    """Office or function in the article's own words, e.g. *portavoz del Consejo de Seguridad*."""
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """ISO 3166-1 alpha-2 code of the country the actor is of or speaks for; None if unknown."""
    anonymous: bool = False
    """True where the article withholds the name: *funcionarios*, *una fuente cercana*."""
    mentions: tuple[Mention, ...] = Field(min_length=1)
    """In order of position, without repeats."""
