"""All that was read in one article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import model_validator

from vocero.schema.actor import Actor
from vocero.schema.attribution import Attribution
from vocero.schema.base import Record
from vocero.schema.claim import Claim
from vocero.schema.document import Document
from vocero.schema.provenance import Provenance
from vocero.schema.rejection import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vocero.schema.span import Span

_Identified = TypeVar("_Identified", Actor, Claim)


class Extraction(Record):
    """One article and what is said in it.

    Invariant: every id resolves, no two of a kind share one, every span holds, and nesting ends.
    """

    document: Document
    actors: tuple[Actor, ...] = ()
    """In order of first mention."""
    claims: tuple[Claim, ...] = ()
    """In order of first evidence."""
    attributions: tuple[Attribution, ...] = ()
    """In order of position."""
    rejected: tuple[Rejection, ...] = ()
    provenance: Provenance

    def spans(self) -> Iterator[Span]:
        """Yield every span of the extraction, in no particular order."""
        for actor in self.actors:
            yield from (mention.span for mention in actor.mentions)
        for claim in self.claims:
            yield from claim.evidence
            yield from claim.leans
            if claim.when:
                yield claim.when
        for attribution in self.attributions:
            yield from attribution.content
            for span in (attribution.source_span, attribution.cue_span, attribution.addressee):
                if span:
                    yield span
            for relay in attribution.chain:
                yield relay.span
                if relay.cue_span:
                    yield relay.cue_span

    def actor(self, id: str) -> Actor:  # noqa: A002 - the field's own name
        """Return the actor with this id; raises KeyError."""
        return _by_id(self.actors, id)

    def claim(self, id: str) -> Claim:  # noqa: A002 - the field's own name
        """Return the claim with this id; raises KeyError."""
        return _by_id(self.claims, id)

    @model_validator(mode="after")
    def _spans_hold(self) -> Self:
        text = self.document.text
        for span in self.spans():
            if text[span.start : span.end] != span.text:
                found = text[span.start : span.end]
                place = f"[{span.start}:{span.end}]"
                msg = f"span {place} holds {found!r} in the document, not {span.text!r}"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _ids_resolve(self) -> Self:
        actors = _unique("actor", (actor.id for actor in self.actors))
        claims = _unique("claim", (claim.id for claim in self.claims))
        attributions = _unique("attribution", (attribution.id for attribution in self.attributions))
        for claim in self.claims:
            _known("actor", claim.about, actors)
        for attribution in self.attributions:
            _known("actor", (relay.actor for relay in attribution.chain), actors)
            _known("claim", attribution.claims, claims)
            if attribution.source is not None:
                _known("actor", [attribution.source], actors)
            if attribution.within is not None:
                _known("attribution", [attribution.within], attributions)
        self._nesting_ends()
        return self

    def _nesting_ends(self) -> None:
        outer = {attribution.id: attribution.within for attribution in self.attributions}
        for attribution in self.attributions:
            seen: set[str] = set()
            at: str | None = attribution.id
            while at is not None:
                if at in seen:
                    msg = f"attribution {at!r} lies within itself"
                    raise ValueError(msg)
                seen.add(at)
                at = outer[at]


def _by_id(items: Iterable[_Identified], wanted: str) -> _Identified:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)


def _unique(what: str, ids: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            msg = f"two {what}s have the id {one!r}"
            raise ValueError(msg)
        seen.add(one)
    return seen


def _known(what: str, ids: Iterable[str], known: set[str]) -> None:
    for one in ids:
        if one not in known:
            msg = f"no {what} has the id {one!r}"
            raise ValueError(msg)
