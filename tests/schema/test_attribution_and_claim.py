"""Who speaks, what is attributed to them, and what it claims: what each must be by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from vocero.schema import (
    Actor,
    Attempts,
    Attribution,
    Claim,
    Mention,
    Provenance,
    Relay,
    Span,
    Usage,
)

TEXT = "«No», dijo Kirby a la prensa, citado por CNN, «no habrá acuerdo»."


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start=start, end=start + len(words), text=words)


KIRBY = Actor(id="kirby", name="Kirby", mentions=(Mention(span=span("Kirby"), form="named"),))
SAID = Attribution(
    id="said",
    source="kirby",
    source_span=span("Kirby"),
    cue_span=span("dijo"),
    content=(span("«No»"), span("«no habrá acuerdo»")),
    speech="direct",
    stance="denies",
    addressee=span("a la prensa"),
    chain=(Relay(actor="cnn", span=span("CNN"), cue_span=span("citado por")),),
)
CLAIM = Claim(id="deal", text="No habrá acuerdo.", evidence=(span("no habrá acuerdo"),))


def test_what_the_article_does_not_tell_is_none() -> None:
    assert (KIRBY.kind, KIRBY.role, KIRBY.country) == (None, None, None)
    assert CLAIM.when is None
    unsigned = Attribution(id="a", content=SAID.content, speech="direct", stance="asserts")
    assert (unsigned.source, unsigned.source_span, unsigned.cue_span) == (None, None, None)
    assert (unsigned.addressee, unsigned.within, unsigned.chain) == (None, None, ())


@pytest.mark.parametrize(
    ("record", "changed", "message"),
    [
        (KIRBY, {"name": ""}, "name\n.*at least 1 character"),
        (KIRBY, {"mentions": ()}, "mentions\n.*at least 1 item"),
        (KIRBY, {"kind": "robot"}, "kind\n.*'person', 'government'"),
        (KIRBY, {"country": "USA"}, "country\n.*pattern"),
        (KIRBY, {"country": "us"}, "country\n.*pattern"),
        (KIRBY.mentions[0], {"form": "implied"}, "form\n.*'named', 'nominal'"),
        (CLAIM, {"text": ""}, "text\n.*at least 1 character"),
        (CLAIM, {"evidence": ()}, "evidence\n.*at least 1 item"),
        (CLAIM, {"modality": "true"}, "modality\n.*'fact', 'future'"),
        (SAID, {"content": ()}, "content\n.*at least 1 item"),
        (SAID, {"speech": "free"}, "speech\n.*'direct', 'indirect' or 'mixed'"),
        (SAID, {"stance": "lies"}, "stance\n.*'asserts', 'denies'"),
    ],
)
def test_a_field_is_refused_by_name(
    record: Actor | Mention | Claim | Attribution, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        type(record).model_validate({**dict(record), **changed})


@pytest.mark.parametrize("record", [KIRBY, KIRBY.mentions[0], CLAIM, SAID, SAID.chain[0]])
def test_a_record_is_frozen_and_closed(
    record: Actor | Mention | Claim | Attribution | Relay,
) -> None:
    field, value = next(iter(record))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(record, field, value)
    with pytest.raises(ValidationError, match=r"sentiment\n.*not permitted"):
        type(record).model_validate({**dict(record), "sentiment": 1})


def test_content_split_by_its_cue_is_in_order() -> None:
    assert [part.text for part in SAID.content] == ["«No»", "«no habrá acuerdo»"]


def test_parts_of_a_content_may_touch() -> None:
    touching = (span("«No"), span("», dijo"))

    assert _changed(content=touching).content == touching


@pytest.mark.parametrize(
    "content",
    [
        tuple(reversed(SAID.content)),
        (span("«no habrá"), span("habrá acuerdo»")),
        (span("«No»"), span("«No»")),
    ],
    ids=["out of order", "overlapping", "twice"],
)
def test_content_out_of_order_is_refused(content: tuple[Span, ...]) -> None:
    with pytest.raises(ValidationError, match="content spans overlap or are out of order at"):
        _changed(content=content)


def test_a_chain_of_several_relays_ends() -> None:
    chain = (*SAID.chain, Relay(actor="efe", span=span("prensa")))

    assert [relay.actor for relay in _changed(chain=chain).chain] == ["cnn", "efe"]


@pytest.mark.parametrize(
    "changed",
    [{"source": "cnn"}, {"chain": SAID.chain * 2}, {"chain": SAID.chain * 2, "source": None}],
    ids=["the source relays itself", "a relay comes again", "and so without a source"],
)
def test_a_chain_with_an_actor_twice_does_not_end(changed: dict[str, Any]) -> None:
    with pytest.raises(
        ValidationError, match="the chain does not end: an actor stands in it twice"
    ):
        _changed(**changed)


def test_an_attribution_within_itself_is_refused() -> None:
    with pytest.raises(ValidationError, match="an attribution cannot lie within itself"):
        _changed(within="said")


def test_unknown_usage_and_cost_are_none_and_not_zero() -> None:
    provenance = _provenance()

    assert provenance.cost is None
    assert provenance.usage == Usage(input_tokens=None, cached_tokens=None, output_tokens=None)
    assert provenance.usage != Usage(input_tokens=0, cached_tokens=0, output_tokens=0)
    assert provenance.attempts == Attempts(calls=0, transport_retries=0, validation_retries=0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"created_at": dt.datetime(2024, 1, 5)}, "created_at\n.*timezone"),  # noqa: DTZ001 - refused
        ({"usage": {"input_tokens": -1}}, r"usage\.input_tokens\n.*greater than or equal to 0"),
        ({"attempts": {"calls": -1}}, r"attempts\.calls\n.*greater than or equal to 0"),
        ({"cost": "NaN"}, "cost\n.*finite"),
    ],
)
def test_provenance_is_refused_by_field(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _provenance(**changed)


def test_cost_is_written_as_people_write_money() -> None:
    assert '"cost":"0.0000001"' in _provenance(cost="1E-7").model_dump_json()


def _changed(**fields: object) -> Attribution:
    return Attribution.model_validate({**dict(SAID), **fields})


def _provenance(**fields: object) -> Provenance:
    known = {
        "model": "m",
        "prompts": {},
        "vocero_version": "0.1.0",
        "created_at": dt.datetime.now(dt.UTC),
    }
    return Provenance.model_validate({**known, **fields})
