"""Scripted models for tests of the extraction, and short views of what was asked and found.

The extraction asks a few kinds of questions. `scripted` answers each kind from a list of its own:

    model = scripted(attributions=[{"items": [item(s=1, cue="dijo", say=["que vendrá"])]}])
    assert said(vocero.extract(article, model=model)) == [...]

Items are written alike for a model that reads whole articles and for one that reads sentences: the
former gets them with numbered sources, the latter without kind, country, claim and modality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vocero.extraction.drafts import (
    ActorsDraft,
    ArticleDraft,
    AttributionDraft,
    AttributionsDraft,
    ClaimsDraft,
    SpeakerDraft,
    StatementDraft,
)
from vocero.model import FakeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic import BaseModel

    from vocero.model import FakeCall, Message, Reply
    from vocero.schema import ActorKind, Extraction, Modality, Stance

__all__ = ["Said", "asked_numbers", "fence", "item", "part", "said", "scripted", "task", "whole"]


def scripted(
    *,
    sentences: int | None = None,
    attributions: Iterable[Reply] = (),
    speaker: Iterable[Reply] = (),
    actors: Iterable[Reply] = (),
    claims: Iterable[Reply] = (),
) -> FakeModel:
    """Make a model that takes the next reply of its kind, and finds nothing once there is none.

    Args:
        sentences: How many sentences it reads at once; None: as many as fit.
        attributions: Replies to the question who said what, with items made by `item`.
        speaker: Replies to the question which candidate a description means.
        actors: Replies to the question what kinds of actors some names are.
        claims: Replies to the question for self-contained sentences.
    """
    who_said_what = iter(attributions)
    replies = {
        ArticleDraft: _shaped(who_said_what, whole),
        AttributionsDraft: _shaped(who_said_what, part),
        SpeakerDraft: iter(speaker),
        ActorsDraft: iter(actors),
        ClaimsDraft: iter(claims),
    }

    def script(_messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
        nothing: dict[type[BaseModel], Reply] = {
            SpeakerDraft: {"who": 0},
            ArticleDraft: {"sources": [], "items": []},
        }
        return next(replies[answer], nothing.get(answer, {"items": []}))

    return FakeModel(script, sentences_per_call=sentences)


def item(
    *,
    s: int = 1,
    say: Sequence[str],
    cue: str = "",
    src: str = "",
    who: str = "",
    st: Stance = "asserts",
    via: str = "",
    kind: ActorKind = "person",
    country: str = "",
    claim: str = "",
    mod: Modality = "fact",
) -> dict[str, Any]:
    """One attribution as a model gives it; the fields are those of the prompts."""
    words = {"s": s, "cue": cue, "src": src, "who": who, "say": list(say), "st": st, "via": via}
    return {**words, "kind": kind, "country": country, "claim": claim, "mod": mod}


def whole(*items: dict[str, Any]) -> dict[str, Any]:
    """The answer about a whole article: its sources in a list, to which the items point."""
    sources: dict[tuple[str, str, str], int] = {}
    pointing = []
    for one in items:
        source = one["who"], one["kind"], one["country"]
        number = sources.setdefault(source, len(sources) + 1) if one["who"] else 0
        pointing.append({name: one[name] for name in StatementDraft.model_fields} | {"who": number})
    listed = [
        {"n": n, "name": name, "kind": kind, "country": country}
        for (name, kind, country), n in sources.items()
    ]
    return {"sources": listed, "items": pointing}


def part(*items: dict[str, Any]) -> dict[str, Any]:
    """The answer about a few sentences."""
    fields = AttributionDraft.model_fields
    return {"items": [{name: one[name] for name in fields} for one in items]}


def _shaped(replies: Iterable[Reply], shape: Callable[..., Reply]) -> Iterator[Reply]:
    for reply in replies:
        yield shape(*reply["items"]) if isinstance(reply, dict) else reply


class Said(NamedTuple):
    """An attribution at a glance."""

    who: str | None
    cue: str | None
    what: str


def said(extraction: Extraction) -> list[Said]:
    """Who said what, with the name of the actor and the article's own words."""
    return [
        Said(
            extraction.actor(one.source).name if one.source else None,
            one.cue_span.text if one.cue_span else None,
            " … ".join(span.text for span in one.content),
        )
        for one in extraction.attributions
    ]


def fence(call: FakeCall) -> str:
    """The fenced article in a question, tags included."""
    return "\n".join(_lines(call)[: _closing(call) + 1])


def task(call: FakeCall) -> str:
    """What a question asks, behind the article."""
    return "\n".join(_lines(call)[_closing(call) + 1 :]).strip()


def asked_numbers(messages: Sequence[Message]) -> list[int]:
    """Numbers of the sentences that a question for attributions is about."""
    _, _, numbers = messages[-1]["content"].rpartition("\nSentences asked about: ")
    return [int(number) for number in numbers.splitlines()[0].split(", ")]


def _lines(call: FakeCall) -> list[str]:
    return call.messages[-1]["content"].split("\n")


def _closing(call: FakeCall) -> int:
    lines = _lines(call)
    return lines.index(lines[0].replace("<", "</"))
