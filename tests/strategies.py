"""Hypothesis strategies for the data model: whole extractions that hold together, over any text.

@given(extractions())
def test_an_exporter_loses_nothing(extraction: Extraction) -> None: ...
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st

from vocero.schema import (
    Actor,
    ActorKind,
    Attempts,
    Attribution,
    Claim,
    Document,
    Extraction,
    Match,
    Mention,
    MentionForm,
    Modality,
    Provenance,
    Reason,
    Rejection,
    Relay,
    Span,
    Speech,
    Stage,
    Stance,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy
    from pydantic import JsonValue

__all__ = ["extractions", "texts"]

# Where code points are not what an eye, a byte or UTF-16 counts.
_TRAPS = (
    "😀",
    "👩🏽‍🚀",
    "𝒦𝑖𝑚",
    "e\u0301",  # a combining mark
    "ñ",
    "n\u0303",
    "\u0301",  # a mark with nothing to stand on
    "İ",
    "ﬁ",
    "ß",
    "\xa0",
    "«No»",
    "\r\n",
    "\u2028",
    "\u202eעברית",
    "\ufeff",
    "\0",
)
_COUNTRIES = ("KP", "RU", "US")


def texts() -> SearchStrategy[str]:
    """Texts of 1 to some dozens of code points, rich in astral characters and combining marks."""
    pieces = st.sampled_from(_TRAPS) | st.text(min_size=1, max_size=6)
    return st.lists(pieces, min_size=1, max_size=8).map("".join)


@st.composite
def extractions(draw: DrawFn) -> Extraction:
    """Extractions in which every span holds, every id resolves, every chain and nesting ends."""
    document = draw(_documents())
    text = document.text
    actors = [draw(_actors(f"actor-{n}", text)) for n in range(draw(st.integers(0, 3)))]
    actor_ids = [actor.id for actor in actors]
    claims = [draw(_claims(f"claim-{n}", text, actor_ids)) for n in range(draw(st.integers(0, 2)))]
    claim_ids = [claim.id for claim in claims]
    attributions: list[Attribution] = []
    for n in range(draw(st.integers(0, 3))):
        so_far = [one.id for one in attributions]
        attribution = draw(_attributions(f"attribution-{n}", text, actor_ids, claim_ids))
        within = draw(st.none() | st.sampled_from(so_far)) if so_far else None
        attributions.append(attribution.model_copy(update={"within": within}))
    # A reference may point forwards: nothing says that the outer attribution comes first.
    attributions = draw(st.permutations(attributions))
    return Extraction(
        document=document,
        actors=tuple(actors),
        claims=tuple(claims),
        attributions=tuple(attributions),
        rejected=tuple(draw(st.lists(_rejections(), max_size=2))),
        provenance=draw(_provenances()),
    )


def _maybe_text() -> SearchStrategy[str | None]:
    return st.none() | st.text(max_size=8) | st.sampled_from(_TRAPS)


def _zones() -> SearchStrategy[dt.timezone]:
    # ISO 8601 writes offsets in minutes.
    return st.integers(-1439, 1439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


def _documents() -> SearchStrategy[Document]:
    return st.builds(
        Document.from_text,
        texts(),
        id=st.none() | st.text(min_size=1, max_size=8),
        language=st.none() | st.sampled_from(("es", "en", "qu", "nah")),
        title=_maybe_text(),
        url=_maybe_text(),
        outlet=_maybe_text(),
        published=st.none() | st.dates() | st.datetimes(timezones=st.none() | _zones()),
        origin=_maybe_text(),
    )


@st.composite
def _spans(draw: DrawFn, text: str) -> Span:
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return Span(start=start, end=end, text=text[start:end], match=draw(_any_of(Match)))


@st.composite
def _contents(draw: DrawFn, text: str) -> tuple[Span, ...]:
    """One to three spans, in order and without overlaps; neighbours may touch."""
    size = draw(st.integers(1, 3)) * 2
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=size, unique=True)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return tuple(Span(start=start, end=end, text=text[start:end]) for start, end in pairs)


@st.composite
def _actors(draw: DrawFn, own: str, text: str) -> Actor:
    mentions = st.builds(Mention, span=_spans(text), form=_any_of(MentionForm))
    return Actor(
        id=own,
        name=draw(st.text(min_size=1, max_size=8)),
        kind=draw(st.none() | _any_of(ActorKind)),
        role=draw(_maybe_text()),
        country=draw(st.none() | st.sampled_from(_COUNTRIES)),
        anonymous=draw(st.booleans()),
        mentions=tuple(draw(st.lists(mentions, min_size=1, max_size=2))),
    )


@st.composite
def _claims(draw: DrawFn, own: str, text: str, actors: Sequence[str]) -> Claim:
    return Claim(
        id=own,
        text=draw(st.text(min_size=1, max_size=8)),
        about=tuple(draw(_some(actors))),
        modality=draw(_any_of(Modality)),
        when=draw(st.none() | _spans(text)),
        evidence=draw(_contents(text)),
    )


@st.composite
def _attributions(
    draw: DrawFn, own: str, text: str, actors: Sequence[str], claims: Sequence[str]
) -> Attribution:
    path = draw(_some(actors))
    is_known = draw(st.booleans())
    source = path.pop(0) if path and is_known else None
    maybe_span = st.none() | _spans(text)
    return Attribution(
        id=own,
        source=source,
        source_span=draw(maybe_span),
        cue_span=draw(maybe_span),
        content=draw(_contents(text)),
        speech=draw(_any_of(Speech)),
        stance=draw(_any_of(Stance)),
        addressee=draw(maybe_span),
        chain=tuple(
            Relay(actor=actor, span=draw(_spans(text)), cue_span=draw(maybe_span)) for actor in path
        ),
        claims=tuple(draw(_some(claims))),
        confidence=draw(st.none() | st.floats(0, 1)),
    )


def _json_values() -> SearchStrategy[JsonValue]:
    leaves: SearchStrategy[JsonValue] = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        ),
        max_leaves=4,
    )


def _rejections() -> SearchStrategy[Rejection]:
    return st.builds(
        Rejection,
        stage=_any_of(Stage),
        reason=_any_of(Reason),
        detail=st.text(max_size=8),
        proposed=_json_values(),
        sentence=st.none() | st.integers(1, 500),
    )


def _provenances() -> SearchStrategy[Provenance]:
    counts = st.integers(0, 10**6)
    tokens = st.none() | counts
    return st.builds(
        Provenance,
        model=st.text(max_size=8),
        prompts=st.dictionaries(st.text(max_size=4), st.text("0123456789abcdef"), max_size=2),
        vocero_version=st.just("0.1.0"),
        created_at=st.datetimes(timezones=_zones()),
        usage=st.builds(Usage, input_tokens=tokens, cached_tokens=tokens, output_tokens=tokens),
        cost=st.none() | st.decimals(0, 10**6, allow_nan=False),
        attempts=st.builds(
            Attempts, calls=counts, transport_retries=counts, validation_retries=counts
        ),
    )


def _some(items: Sequence[str]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(items), unique=True) if items else st.just([])


def _any_of(literal: object) -> SearchStrategy[Any]:
    return st.sampled_from(get_args(literal))  # whose types no type checker can tell
