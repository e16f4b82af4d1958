"""Every id resolves and every span holds, or an extraction does not validate."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from strategies import extractions
from vocero.schema import (
    Actor,
    Attribution,
    Claim,
    Document,
    Extraction,
    Mention,
    Provenance,
    Relay,
    Span,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "Ayer «no hubo trato», dijo a la prensa 😀 Kirby, citado por CNN. Pyongyang lo niega."

RecordT = TypeVar("RecordT", bound=BaseModel)


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start=start, end=start + len(words), text=words)


def actor(own: str, words: str) -> Actor:
    return Actor(id=own, name=words, mentions=(Mention(span=span(words), form="named"),))


def changed(record: RecordT, **fields: object) -> RecordT:
    return type(record).model_validate({**dict(record), **fields})


KIRBY, CNN, PYONGYANG = actor("kirby", "Kirby"), actor("cnn", "CNN"), actor("kp", "Pyongyang")
RELAY = Relay(actor="cnn", span=span("CNN"), cue_span=span("citado por"))
CLAIM = Claim(
    id="deal",
    text="No hubo trato con Pyongyang.",
    about=("kp",),
    when=span("Ayer"),
    evidence=(span("no hubo trato"),),
)
SAID = Attribution(
    id="said",
    source="kirby",
    source_span=span("Kirby"),
    cue_span=span("dijo"),
    content=(span("«no hubo trato»"),),
    speech="direct",
    stance="denies",
    addressee=span("a la prensa"),
    chain=(RELAY,),
    claims=("deal",),
)
DENIED = Attribution(
    id="denied",
    source="kp",
    content=(span("lo"),),
    speech="indirect",
    stance="denies",
    claims=("deal",),
)
WHOLE = Extraction(
    document=Document.from_text(TEXT),
    actors=(KIRBY, CNN, PYONGYANG),
    claims=(CLAIM,),
    attributions=(SAID, DENIED),
    provenance=Provenance(
        model="m", prompts={}, vocero_version="0.1.0", created_at=dt.datetime.now(dt.UTC)
    ),
)
ELSEWHERE = Span(start=0, end=4, text="Hoy,")


@settings(deadline=None)
@given(extractions())
def test_every_span_is_a_slice_of_the_article(extraction: Extraction) -> None:
    for one in extraction.spans():
        assert extraction.document.text[one.start : one.end] == one.text


@settings(deadline=None)
@given(extractions())
def test_spans_yields_every_span_there_is(extraction: Extraction) -> None:
    def walk(value: object) -> Iterator[Span]:
        if isinstance(value, Span):
            yield value
        elif isinstance(value, BaseModel):
            for _, field in value:
                yield from walk(field)
        elif isinstance(value, tuple):
            for item in value:
                yield from walk(item)

    def by_place(one: Span) -> tuple[int, int, str]:
        return one.start, one.end, one.match

    assert sorted(extraction.spans(), key=by_place) == sorted(walk(extraction), key=by_place)


@pytest.mark.parametrize(
    "broken",
    [
        {
            "actors": (
                changed(KIRBY, mentions=(Mention(span=ELSEWHERE, form="named"),)),
                CNN,
                PYONGYANG,
            )
        },
        {"claims": (changed(CLAIM, evidence=(ELSEWHERE,)),)},
        {"claims": (changed(CLAIM, when=ELSEWHERE),)},
        {"attributions": (changed(SAID, content=(ELSEWHERE,)),)},
        {"attributions": (changed(SAID, source_span=ELSEWHERE),)},
        {"attributions": (changed(SAID, cue_span=ELSEWHERE),)},
        {"attributions": (changed(SAID, addressee=ELSEWHERE),)},
        {"attributions": (changed(SAID, chain=(changed(RELAY, span=ELSEWHERE),)),)},
        {"attributions": (changed(SAID, chain=(changed(RELAY, cue_span=ELSEWHERE),)),)},
    ],
    ids=[
        *("mention", "evidence", "when", "content", "source", "cue", "addressee", "relay"),
        "relay's cue",
    ],
)
def test_a_span_that_does_not_hold_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(
        ValidationError, match=r"span \[0:4\] holds 'Ayer' in the document, not 'Hoy,'"
    ):
        changed(WHOLE, **broken)


@pytest.mark.parametrize(
    "misplaced",
    [
        Span(start=span("Kirby").start + 1, end=span("Kirby").end + 1, text="Kirby"),
        Span(start=len(TEXT), end=len(TEXT) + 5, text="Kirby"),
        Span(start=span("Kirby").start, end=span("Kirby").end, text="KIRBY"),
    ],
    ids=["counted in UTF-16", "past the end", "in other letters"],
)
def test_the_right_words_at_the_wrong_place_are_refused(misplaced: Span) -> None:
    with pytest.raises(ValidationError, match=r"in the document, not '(Kirby|KIRBY)'"):
        changed(WHOLE, attributions=(changed(SAID, source_span=misplaced),))


def test_a_record_is_found_by_its_id() -> None:
    assert WHOLE.actor("kirby") is KIRBY
    assert WHOLE.claim("deal") is CLAIM


def test_an_id_that_nothing_has_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="watson"):
        WHOLE.actor("watson")
    with pytest.raises(KeyError, match="arms"):
        WHOLE.claim("arms")


@settings(deadline=None)
@given(extractions())
def test_every_id_resolves(extraction: Extraction) -> None:
    attributions = {one.id for one in extraction.attributions}
    for claim in extraction.claims:
        assert [extraction.actor(id_).id for id_ in claim.about] == list(claim.about)
    for one in extraction.attributions:
        passed_on = [relay.actor for relay in one.chain]
        assert [extraction.actor(id_).id for id_ in passed_on] == passed_on
        assert [extraction.claim(id_).id for id_ in one.claims] == list(one.claims)
        assert one.source is None or extraction.actor(one.source).id == one.source
        assert one.within is None or one.within in attributions


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"claims": (changed(CLAIM, about=("watson",)),)}, "no actor has the id 'watson'"),
        ({"attributions": (changed(SAID, source="watson"),)}, "no actor has the id 'watson'"),
        ({"actors": (KIRBY, PYONGYANG)}, "no actor has the id 'cnn'"),
        ({"claims": ()}, "no claim has the id 'deal'"),
        ({"attributions": (changed(SAID, within="leak"),)}, "no attribution has the id 'leak'"),
        # An id resolves among its own kind only.
        ({"attributions": (changed(SAID, source="deal"),)}, "no actor has the id 'deal'"),
    ],
    ids=["about", "source", "relay", "claim", "within", "of another kind"],
)
def test_an_id_that_does_not_resolve_is_refused(broken: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        changed(WHOLE, **broken)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"actors": (*WHOLE.actors, actor("kirby", "CNN"))}, "two actors have the id 'kirby'"),
        ({"claims": (CLAIM, CLAIM)}, "two claims have the id 'deal'"),
        ({"attributions": (SAID, SAID)}, "two attributions have the id 'said'"),
    ],
)
def test_an_id_that_two_have_is_refused(broken: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        changed(WHOLE, **broken)


def nested(**within: str | None) -> Extraction:
    """The same extraction with attributions of these ids, each within another or none."""
    return changed(
        WHOLE,
        attributions=tuple(changed(SAID, id=own, within=outer) for own, outer in within.items()),
    )


def test_nesting_may_be_deep_and_point_forwards() -> None:
    assert nested(a="b", b="c", c=None, d="b").attributions[0].within == "b"


@pytest.mark.parametrize(
    "within", [{"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}], ids=["pair", "led into"]
)
def test_nesting_that_does_not_end_is_refused(within: dict[str, str | None]) -> None:
    with pytest.raises(ValidationError, match=r"attribution '[abc]' lies within itself"):
        nested(**within)


def test_the_attribution_named_is_one_of_the_circle() -> None:
    with pytest.raises(ValidationError, match="attribution 'b' lies within itself"):
        nested(a="b", b="c", c="b")


def test_an_article_in_which_nobody_speaks_is_an_extraction() -> None:
    silent = Extraction(document=WHOLE.document, provenance=WHOLE.provenance)

    assert (silent.actors, silent.claims, silent.attributions, silent.rejected) == ((), (), (), ())
    assert list(silent.spans()) == []


def test_an_extraction_is_frozen_and_closed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        WHOLE.actors = ()  # type: ignore[misc]  # that it is refused is the test
    with pytest.raises(ValidationError, match=r"summary\n.*not permitted"):
        changed(WHOLE, summary="Hubo trato.")
