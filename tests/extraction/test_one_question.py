"""A model that reads whole articles is asked once: sources, attributions and claims together."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

import vocero
from scripted import asked_numbers, item, said, scripted, task, whole
from vocero import AnswerError, Document, Extraction, TruncatedError
from vocero.model import FakeModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from vocero.model import Message, Reply
    from vocero.schema import Rejection

FLEET = (
    "La ministra de Pesca, Ana Ruiz, dijo que la flota de Burela perderá 30 barcos. "
    "“Nadie nos ha llamado allí”, añadió. Zubia dijo que no hay dinero allí. La patronal "
    "acusó a Corea del Norte de hundir 3 barcos, lo que ella negó."
)
LOSES = item(
    cue="dijo",
    src="La ministra de Pesca, Ana Ruiz",
    who="Ana Ruiz",
    say=["que la flota de Burela perderá 30 barcos"],
)
CALLED = item(
    s=2,
    cue="añadió",
    who="Ana Ruiz",
    say=["“Nadie nos ha llamado allí”"],
    claim="Nadie ha llamado a la ministra de Pesca, Ana Ruiz.",
)
MONEY = item(
    s=3,
    cue="dijo",
    src="Zubia",
    who="Zubia",
    kind="organization",
    say=["que no hay dinero allí"],
    claim="La flota no tiene dinero en Burela.",
)
SINKING = ["a Corea del Norte de hundir 3 barcos"]
ACCUSED = item(
    s=4,
    say=SINKING,
    cue="acusó",
    src="La patronal",
    who="La patronal",
    kind="organization",
    st="accuses",
    claim="Corea del Norte hundió 3 barcos.",
)
DENIED = item(s=4, say=SINKING, cue="negó", src="ella", who="Ana Ruiz", st="denies")
ALL = (LOSES, CALLED, MONEY, ACCUSED, DENIED)


def read(*items: dict[str, Any], claims: tuple[Reply, ...] = ()) -> tuple[Extraction, FakeModel]:
    model = scripted(attributions=[{"items": list(items)}], claims=claims)
    return vocero.extract(Document.from_text(FLEET, language="es"), model=model), model


def claimed(extraction: Extraction) -> list[str]:
    texts = {claim.id: claim.text for claim in extraction.claims}
    return [" ".join(texts[one] for one in a.claims) for a in extraction.attributions]


def refused(extraction: Extraction) -> list[Rejection]:
    return [one for one in extraction.rejected if one.stage == "claims"]


def restated(n: int, text: str) -> dict[str, Any]:
    return {"items": [{"n": n, "claim": text, "mod": "fact"}]}


def test_where_everything_fits_there_is_one_question() -> None:
    extraction, model = read(*ALL)

    assert [call.label for call in model.calls] == ["article"]
    assert [one.who for one in said(extraction)] == [
        "Ana Ruiz",
        "Ana Ruiz",
        "Zubia",
        "patronal",
        "Ana Ruiz",
    ]
    assert claimed(extraction) == [
        "La flota de Burela perderá 30 barcos.",  # its own words, which stand alone
        "Nadie ha llamado a la ministra de Pesca, Ana Ruiz.",
        "La flota no tiene dinero en Burela.",
        "Corea del Norte hundió 3 barcos.",
        "Corea del Norte hundió 3 barcos.",  # given once for the content that both share
    ]
    assert extraction.rejected == ()
    assert extraction.provenance.attempts.calls == 1
    assert extraction.provenance.attempts.validation_retries == 0


def test_the_question_names_the_language_of_the_claims_and_the_day() -> None:
    document = Document.from_text(FLEET, language="es", published=dt.date(2026, 5, 3))
    model = scripted()
    vocero.extract(document, model=model)

    assert "complete sentence in Spanish" in task(model.calls[0])
    assert "published on 2026-05-03" in task(model.calls[0])


# --- Sources --------------------------------------------------------------------------------------


def test_kinds_come_along_where_code_knows_none() -> None:
    wrong = LOSES | {"kind": "outlet"}
    extraction, _ = read(wrong, *ALL[1:])

    assert {actor.name: actor.kind for actor in extraction.actors} == {
        "Ana Ruiz": "person",  # a minister is one, whatever the model says
        "Zubia": "organization",
        "patronal": "organization",
    }


def test_a_country_that_comes_along_is_one_of_the_article_or_refused() -> None:
    extraction, _ = read(*(one | {"country": "kp"} for one in ALL))
    assert {actor.country for actor in extraction.actors} == {"KP"}

    extraction, _ = read(LOSES, CALLED, MONEY | {"country": "DE"}, ACCUSED)
    assert {actor.country for actor in extraction.actors} == {None}
    (one,) = extraction.rejected
    assert (one.stage, one.reason) == ("actors", "not_in_text")
    assert one.proposed == {"name": "Zubia", "kind": "organization", "country": "DE"}


def test_a_source_that_is_not_listed_costs_the_hint_and_not_the_item() -> None:
    answer = whole(CALLED)
    answer["items"][0]["who"] = 7
    model = FakeModel([answer])

    extraction = vocero.extract(
        Document.from_text(FLEET.split(". Zubia", maxsplit=1)[0], language="es"), model=model
    )

    assert [(one.cue, one.who) for one in said(extraction)] == [
        ("dijo", "Ana Ruiz"),
        ("añadió", "Ana Ruiz"),
    ]
    (one,) = extraction.rejected
    assert (one.stage, one.reason, one.sentence) == ("actors", "out_of_range", 2)
    assert one.detail == "there is no source 7"


def test_who_is_asked_again_may_point_to_the_sources_of_the_first_answer() -> None:
    bad = MONEY | {"say": ["que no hay 12 euros"]}
    again = whole(MONEY) | {"sources": []}
    again["items"][0]["who"] = 2
    first = whole(LOSES, CALLED, bad, ACCUSED, DENIED)
    model = FakeModel([first, again])

    extraction = vocero.extract(Document.from_text(FLEET, language="es"), model=model)

    assert [call.label for call in model.calls] == ["article", "article"]
    assert {actor.name: actor.kind for actor in extraction.actors}["Zubia"] == "organization"
    assert extraction.rejected == ()


# --- Claims ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason", "why"),
    [
        ("La flota no tiene 99 euros de dinero en Burela.", "new_number", "the number '99'"),
        ("La flota de Clara Bueno no tiene dinero en Burela.", "new_name", "the name 'Clara'"),
        ("The fleet has no money.", "other_words", "not in the words of the article"),
    ],
)
def test_only_a_claim_that_is_refused_is_asked_for_again(text: str, reason: str, why: str) -> None:
    bad = MONEY | {"claim": text}
    good = restated(1, "La flota de Zubia no tiene dinero en Burela.")

    extraction, model = read(LOSES, CALLED, bad, ACCUSED, DENIED, claims=(good,))

    first, again = model.calls
    assert (first.label, again.label) == ("article", "claims")
    statements = task(again).partition("\nStatements:\n")[2].splitlines()
    assert statements[0] == "1. Zubia: que no hay dinero allí"
    assert statements[1].startswith(f"   Not “{text}”, which was refused: ")
    assert why in statements[1]
    assert statements[2:] == ["Answer, with claims in Spanish:"]
    assert claimed(extraction)[2] == "La flota de Zubia no tiene dinero en Burela."
    assert extraction.rejected == ()
    assert extraction.provenance.attempts.validation_retries == 1

    # There is no third chance: what is refused twice is on record as it was given last.
    worse = restated(1, "Xanthippe dijo que no hay dinero.")
    extraction, model = read(LOSES, CALLED, bad, ACCUSED, DENIED, claims=(worse,))
    assert len(model.calls) == 2
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [
        ("new_name", worse["items"][0])
    ]

    # Passed over, or without an answer to it, it is on record as it was given first.
    replies: list[Reply] = [{"items": []}, AnswerError("no JSON"), TruncatedError("cut")]
    for reply in replies:
        extraction, _ = read(LOSES, CALLED, bad, ACCUSED, DENIED, claims=(reply,))
        (one,) = refused(extraction)
        assert (one.reason, one.sentence) == (reason, 3)
        assert one.proposed == {"n": 3, "claim": text, "mod": "fact"}


def test_a_claim_that_is_left_out_is_asked_for_where_the_words_do_not_stand_alone() -> None:
    good = restated(1, "Nadie ha llamado a Ana Ruiz.")

    extraction, model = read(LOSES, CALLED | {"claim": ""}, MONEY, ACCUSED, DENIED, claims=(good,))

    assert [call.label for call in model.calls] == ["article", "claims"]
    statements = task(model.calls[1]).partition("\nStatements:\n")[2].splitlines()
    assert statements[:-1] == ["1. Ana Ruiz: “Nadie nos ha llamado allí”"]
    assert claimed(extraction)[1] == "Nadie ha llamado a Ana Ruiz."
    assert extraction.provenance.attempts.validation_retries == 0


def test_words_that_stand_alone_are_taken_whatever_comes_along() -> None:
    extraction, model = read(LOSES | {"claim": "Xanthippe perderá 30 barcos."}, *ALL[1:])

    assert len(model.calls) == 1
    assert claimed(extraction)[0] == "La flota de Burela perderá 30 barcos."
    assert extraction.claims[0].modality == "future"


def test_a_speech_act_within_its_own_quotation_shares_its_claim() -> None:
    text = "“Instamos a la flota de Burela a volver al puerto de Lugo”, dijo Ana Ruiz."
    urged = item(
        cue="dijo",
        src="Ana Ruiz",
        who="Ana Ruiz",
        st="requests",
        say=["“Instamos a la … puerto de Lugo”"],
        claim="Ana Ruiz insta a la flota de Burela a volver al puerto de Lugo.",
        mod="demand",
    )
    inner = urged | {"cue": "Instamos", "src": "", "claim": ""}
    inner["say"] = ["a la flota … puerto de Lugo”"]
    model = scripted(attributions=[{"items": [urged, inner]}])

    extraction = vocero.extract(Document.from_text(text, language="es"), model=model)

    assert len(model.calls) == 1
    assert claimed(extraction) == [urged["claim"]] * 2
    assert [one.modality for one in extraction.claims] == ["demand"] * len(extraction.claims)


# --- Long articles --------------------------------------------------------------------------------

NAMES = ("Zubia", "Oria")


def test_each_block_of_a_long_article_is_one_question_with_sources_of_its_own() -> None:
    # In an undetermined language code reads nothing by itself.
    lines = [f"{NAMES[n > 150]} dijo que no hay {n} barcos en Burela." for n in range(300)]
    document = Document.from_text("\n".join(lines), language="und")

    def script(messages: Sequence[Message], _answer: type[BaseModel]) -> Reply:
        numbers = asked_numbers(messages)
        if len(numbers) > 60:
            return TruncatedError("cut at its token limit")
        return whole(*map(reported, numbers))

    def reported(number: int) -> dict[str, Any]:
        who, say = NAMES[number > 151], f"que no hay {number - 1} barcos en Burela"
        claim = f"No hay {number - 1} barcos en Burela."
        return item(s=number, cue="dijo", src=who, who=who, kind="group", say=[say], claim=claim)

    model = FakeModel(script)
    extraction = vocero.extract(document, model=model)

    assert {call.label for call in model.calls} == {"article"}
    asked = [asked_numbers(call.messages) for call in model.calls]
    answered = sorted(number for some in asked if len(some) <= 60 for number in some)
    assert answered == list(range(1, 301))  # each once
    assert [one.who for one in said(extraction)] == [NAMES[n > 150] for n in range(300)]
    assert {(actor.name, actor.kind) for actor in extraction.actors} == {
        ("Zubia", "group"),
        ("Oria", "group"),
    }
    assert len(extraction.claims) == 300
    assert extraction.rejected == ()


# --- What code adds -------------------------------------------------------------------------------


def test_code_adds_only_for_sentences_of_which_the_model_gives_nothing() -> None:
    extraction, _ = read(LOSES, ACCUSED)

    assert [one.cue for one in said(extraction)] == ["dijo", "añadió", "dijo", "acusó"]
