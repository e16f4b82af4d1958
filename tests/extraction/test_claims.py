"""What is claimed: a sentence that is understood without the article, and brings nothing in."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

import vocero
from scripted import item, said, scripted, task
from vocero import AnswerError, Document, Extraction, ModelError, TruncatedError
from vocero.model import FakeModel

if TYPE_CHECKING:
    from pathlib import Path

    from vocero.schema import Modality, Rejection, Stance


def read(text: str, model: FakeModel | None = None, language: str = "es") -> Extraction:
    document = Document.from_text(text, language=language)
    return vocero.extract(document, model=model or scripted(sentences=1))


def claim(n: int, text: str, mod: Modality = "fact") -> dict[str, Any]:
    return {"n": n, "claim": text, "mod": mod}


def texts(extraction: Extraction) -> list[str]:
    return [one.text for one in extraction.claims]


def refused(extraction: Extraction) -> list[Rejection]:
    return [one for one in extraction.rejected if one.stage == "claims"]


# --- In the article's own words, where they stand alone -------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Ruiz dijo que el puente cerrará.", "El puente cerrará."),
        ("Ana Ruiz advirtió de que el río\xa0 crece.", "El río crece."),
        ("“El puente está cerrado”, dijo Ana Ruiz.", "El puente está cerrado."),
        ("“El puente está «en ruinas»”, dijo Ana Ruiz.", "El puente está «en ruinas»"),
        ("Según Ana Ruiz, 30 obreros perderán su empleo.", "30 obreros perderán su empleo."),
        ("La obra, según Ana Ruiz, costará 6.000 euros.", "La obra costará 6.000 euros."),
    ],
)
def test_words_that_stand_alone_are_taken_without_asking(text: str, expected: str) -> None:
    model = scripted(sentences=1)

    extraction = read(text, model)

    assert texts(extraction) == [expected]
    assert "claims" not in {call.label for call in model.calls}
    (attribution,) = extraction.attributions
    assert attribution.claims == (extraction.claims[0].id,)
    assert extraction.claims[0].evidence == attribution.content


# --- In the article's own words, with what they lean on in brackets --------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A subject left out, the first person: the source says it of itself.
        ("Ana Ruiz dijo que no hay dinero.", "[Ana Ruiz:] No hay dinero."),
        ("“Vamos a vender la flota”, dijo Ana Ruiz.", "[Ana Ruiz:] Vamos a vender la flota."),
        ("“Nadie nos ha llamado”, dijo Ana Ruiz.", "[Ana Ruiz:] Nadie nos ha llamado."),
        # What it denies is not to be read as its words.
        ("Ana Ruiz negó que fuera a venderla.", "[Ana Ruiz negó:] Fuera a venderla."),
        # No clause: source and cue make it one.
        ("Ana Ruiz negó haber vendido la flota.", "[Ana Ruiz negó] haber vendido la flota."),
        ("Según informa EFE, no hay dinero.", "[EFE:] No hay dinero."),
        ("Zubia ha prometido comprar Oria.", "[Zubia ha prometido] comprar Oria."),
        (
            "“No [2009] hay [Paz:] dinero”, dijo Ana Ruiz.",
            "[Ana Ruiz:] No (2009) hay (Paz:) dinero.",
        ),
        ("Ana Ruiz dijo que «el plan es caro».", "El plan es caro."),
        ("Zubia prometió la compra de Oria.", "[Zubia prometió] la compra de Oria."),
        ("Zubia planea comprar 30 barcos.", "[Zubia planea] comprar 30 barcos."),
        ("Ana Ruiz acusó a Zubia de mentir.", "[Ana Ruiz acusó] a Zubia de mentir."),
        ("Ana Ruiz preguntó cuándo cerrará Oria.", "[Ana Ruiz preguntó] cuándo cerrará Oria."),
    ],
)
def test_words_that_lean_on_their_source_have_it_in_brackets(text: str, expected: str) -> None:
    model = scripted(sentences=1)

    (one,) = read(text, model).claims

    assert (one.text, one.leans) == (expected, ())
    assert "claims" not in {call.label for call in model.calls}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "Ana Ruiz dijo que Zubia cerró ayer.", "Zubia cerró ayer [2023-02-28]."),
        ("es", "Ana Ruiz dijo que Zubia cerró el mes pasado.", "Zubia cerró el mes pasado [2023-02]."),
        ("en", "Ann Reed said the port will close next year.", "The port will close next year [2024]."),
        ("de", "Ina Roth sagte, dass die Bahn heute fährt.", "Die Bahn heute [2023-03-01] fährt."),
        ("fr", "Anne Roux a dit que Zubia fermera demain.", "Zubia fermera demain [2023-03-02]."),
        ("it", "Anna Rossi ha detto che Zubia chiuderà quest’anno.", "Zubia chiuderà quest’anno [2023]."),
        ("pt", "Ana Reis disse que a Zubia fechou anteontem.", "A Zubia fechou anteontem [2023-02-27]."),
    ],
)  # fmt: skip
def test_a_time_that_counts_from_the_day_of_publication_is_counted(
    language: str, text: str, expected: str
) -> None:
    document = Document.from_text(text, language=language, published=dt.date(2023, 3, 1))

    (one,) = vocero.extract(document, model=scripted(sentences=1)).claims

    assert (one.text, one.leans) == (expected, ())


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("Ana Ruiz dijo que Zubia cerró ayer.", ["ayer"]),  # nobody knows when that was
        ("Ana Ruiz dijo que ella no irá a dicho puerto.", ["ella", "dicho"]),
        ("Según Ana Ruiz, los dos países lo que quieren es negociar.", ["los dos"]),
        ("Se dijo que no hay dinero para nosotros.", ["no", "nosotros"]),  # whoever speaks
    ],
)
def test_words_whose_meaning_nobody_could_tell_are_named(text: str, leans: list[str]) -> None:
    (one,) = read(text).claims

    assert [span.text for span in one.leans] == leans


def test_a_cue_in_the_first_person_agrees_with_nobody() -> None:
    extraction = read("“Instamos a Zubia a vender la flota”, dijo Ana Ruiz.")

    assert texts(extraction) == [
        "[Ana Ruiz:] Instamos a Zubia a vender la flota.",
        "[Ana Ruiz: Instamos] a Zubia a vender la flota.",
    ]


def test_brackets_in_a_name_do_not_close_those_around_it() -> None:
    (one,) = read("Los vecinos [del puerto] dijeron que no hay dinero.").claims

    assert one.text == "[vecinos (del puerto):] No hay dinero."


def test_outside_its_brackets_a_claim_in_own_words_is_its_content(seeds: Path) -> None:
    for path in sorted(seeds.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        document = Document.from_text(text, language="es", published=dt.date(2023, 9, 5))
        extraction = vocero.extract(document, model=scripted(sentences=1))
        contents = {one.claims[0]: one.content for one in extraction.attributions}
        assert len(contents) > 5
        for claim in extraction.claims:
            words = re.findall(r"\w+", re.sub(r"\[[^]]*\]", "", claim.text).lower())
            given = re.findall(r"\w+", " ".join(span.text for span in contents[claim.id]).lower())
            assert given[-len(words) :] == words  # a complementiser is left out
            assert all(any(one.contains(lean) for one in claim.evidence) for lean in claim.leans)


# --- Restated by the model ------------------------------------------------------------------------

FLEET = (
    "La ministra de Pesca, Ana Ruiz, dijo que la flota de Burela perderá 30 barcos. "
    "“Nadie nos ha llamado allí”, añadió. “Estos barcos no están en venta”, dijo el alcalde de Burela, "
    "Luis Mera."
)
CALLED = "Nadie ha llamado a Burela a la ministra de Pesca, Ana Ruiz."
IN_OWN_WORDS = "[Ana Ruiz:] Nadie nos ha llamado allí."
SELL = "Los barcos de Burela no están en venta."


def test_a_model_for_whole_articles_restates_all_statements_at_once() -> None:
    model = scripted(claims=[{"items": [claim(2, SELL, "intention"), claim(1, CALLED)]}])

    extraction = read(FLEET, model)

    (call,) = [call for call in model.calls if call.label == "claims"]
    assert "1. Ana Ruiz: “Nadie nos ha llamado allí”" in task(call)
    assert "2. Luis Mera: “Estos barcos no están en venta”" in task(call)
    assert "30 barcos" not in task(call).partition("Statements:")[2]  # it stands alone
    assert texts(extraction) == ["La flota de Burela perderá 30 barcos.", CALLED, SELL]
    assert [one.modality for one in extraction.claims] == ["future", "fact", "intention"]
    assert [one.claims for one in extraction.attributions] == [
        (one.id,) for one in extraction.claims
    ]
    assert not refused(extraction)


def test_a_model_for_single_sentences_is_not_asked() -> None:
    model = scripted(sentences=1)

    extraction = read(FLEET, model)

    assert model.calls == []
    assert texts(extraction)[1:] == [
        IN_OWN_WORDS,
        "[Luis Mera:] Estos barcos no están en venta.",
    ]


def test_what_is_no_clause_is_asked_for_only_where_it_leans_on_the_article() -> None:
    first = item(s=1, cue="planea", src="Zubia", say=["comprar 30 barcos"], st="promises")
    second = item(s=2, cue="planea", src="Oria", say=["comprar otros allí"], st="promises")
    model = scripted(attributions=[{"items": [first, second]}])

    read("Zubia planea comprar 30 barcos. Oria planea comprar otros allí.", model)

    (call,) = [call for call in model.calls if call.label == "claims"]
    assert "1. Oria: comprar otros allí" in task(call)
    assert "Zubia" not in task(call).partition("Statements:")[2]


def test_white_space_in_a_claim_is_put_right() -> None:
    model = scripted(claims=[{"items": [claim(1, f"\n {CALLED.replace(' ', '  ')}\t")]}])

    assert CALLED in texts(read(FLEET, model))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Nadie ha llamado a la ministra Ana Ruiz en 12 días.", "new_number"),
        ("Nadie ha llamado a la ministra de Pesca por los 300 barcos.", "new_number"),
        ("Nadie ha llamado a la ministra de Pesca, Clara Bueno.", "new_name"),
        ("Zubia no ha llamado allí, dijo la ministra.", "new_name"),
        ("Nobody has called the minister of fishing, Ana Ruiz.", "other_words"),
        ("La flota de Burela perderá 30 barcos.", "other_words"),
        ("Han llamado a la ministra de Pesca, Ana Ruiz.", "other_words"),  # without the “nadie”
        ("Nadie no ha llamado a la ministra de Pesca, Ana Ruiz.", "other_words"),
        ("", "no_content"),
        (" \n", "no_content"),
        ("…", "no_content"),
    ],
)
def test_a_claim_that_says_something_else_is_refused(text: str, reason: str) -> None:
    answer = {"items": [claim(1, text), claim(2, SELL)]}
    model = scripted(claims=[answer, answer])

    extraction = read(FLEET, model)

    # The article's own words stay, and say what they lean on.
    assert texts(extraction)[1:] == [IN_OWN_WORDS, SELL]
    assert [span.text for span in extraction.claims[1].leans] == ["allí"]
    (one,) = refused(extraction)
    assert (one.reason, one.proposed, one.sentence) == (reason, claim(1, text), 2)


def test_a_claim_may_begin_with_a_word_that_denies() -> None:
    denial = claim(1, "Ninguno irá al puerto del norte.")
    model = scripted(claims=[{"items": [denial]}])

    assert texts(read("Ana Ruiz dijo que nadie irá al puerto del norte este año.", model)) == [
        denial["claim"]
    ]


@pytest.mark.parametrize(
    ("cue", "stance", "held"),
    [
        ("negó", "denies", False),  # it holds no negation that the claim could take over
        ("teme", "speculates", False),
        ("no cree", "denies", True),
    ],
)
def test_only_a_negative_cue_lends_its_negation(cue: str, stance: Stance, held: bool) -> None:
    restated = "El puente de Lugo no va a cerrar."
    words = "que ese puente de Lugo va a cerrar"
    given = item(cue=cue, src="Ana Ruiz", st=stance, say=[words], claim=restated)
    model = scripted(attributions=[{"items": [given]}])

    extraction = read(f"Ana Ruiz {cue} {words}.", model)

    assert (restated in texts(extraction)) == held
    why = [one.detail for one in refused(extraction)]
    assert ("it denies more than the statement" in why) == (not held)


def test_a_claim_does_not_say_of_one_what_was_said_of_the_other() -> None:
    text = "Ana Ruiz dijo que aquel barco de Zubia hundió al de Oria."
    swapped = claim(1, "El barco de Oria hundió al de Zubia.")
    kept = claim(1, "El barco de Zubia hundió al de Oria.")

    extraction = read(text, scripted(claims=[{"items": [swapped]}, {"items": [kept]}]))

    assert texts(extraction) == [kept["claim"]]
    assert "order of the names" in extraction.model_dump_json() or not refused(extraction)


def test_only_the_refused_claim_is_asked_for_again_with_the_reason() -> None:
    bad = "Nadie ha llamado a la ministra Ana Ruiz en 12 días."
    model = scripted(
        claims=[{"items": [claim(1, bad), claim(2, SELL)]}, {"items": [claim(1, CALLED)]}]
    )

    extraction = read(FLEET, model)

    first, again = (call for call in model.calls if call.label == "claims")
    complaint = task(again).removeprefix(task(first))
    assert bad in complaint
    assert "the number '12' is not in the article" in complaint
    assert SELL not in complaint
    assert texts(extraction)[1:] == [CALLED, SELL]
    assert not refused(extraction)
    assert extraction.provenance.attempts.validation_retries == 1


def test_of_two_refused_claims_the_one_that_is_not_given_again_is_in_rejected_too() -> None:
    first, second = (
        claim(1, "Zubia no ha llamado."),
        claim(2, "Zubia no está en venta con los barcos."),
    )
    still = claim(1, "Nadie llamó a Zubia.")
    model = scripted(claims=[{"items": [first, second]}, {"items": [still]}])

    extraction = read(FLEET, model)

    assert [one.proposed for one in refused(extraction)] == [still, second]


def test_a_second_claim_for_one_statement_is_in_rejected() -> None:
    other = "Nadie ha llamado a la ministra."
    model = scripted(claims=[{"items": [claim(1, CALLED), claim(1, other), claim(2, SELL)]}])

    extraction = read(FLEET, model)

    assert texts(extraction)[1:] == [CALLED, SELL]
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [
        ("duplicate", claim(1, other))
    ]


def test_a_claim_for_a_statement_that_was_not_listed_is_in_rejected() -> None:
    stray = claim(7, CALLED)
    model = scripted(claims=[{"items": [claim(1, CALLED), claim(2, SELL), stray]}])

    extraction = read(FLEET, model)

    assert texts(extraction)[1:] == [CALLED, SELL]
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [("out_of_range", stray)]


def test_a_statement_that_the_model_passes_over_is_in_rejected() -> None:
    model = scripted(claims=[{"items": [claim(2, SELL)]}])

    extraction = read(FLEET, model)

    assert texts(extraction)[1:] == [IN_OWN_WORDS, SELL]
    (one,) = refused(extraction)
    assert (one.reason, one.sentence) == ("unanswered", 2)
    assert one.proposed == {"say": "“Nadie nos ha llamado allí”"}


# --- Failures of the model ------------------------------------------------------------------------


def test_without_a_usable_answer_the_attributions_stay_and_the_record_says_so() -> None:
    extraction = read(FLEET, scripted(claims=[AnswerError("no JSON")]))

    assert len(extraction.attributions) == 3
    assert texts(extraction)[1:] == [IN_OWN_WORDS, "[Luis Mera:] Estos barcos no están en venta."]
    assert [(one.reason, one.detail, one.sentence) for one in refused(extraction)] == [
        ("unanswered", "no JSON", 2),
        ("unanswered", "no JSON", 3),
    ]


def test_an_answer_cut_at_its_limit_splits_the_statements() -> None:
    model = scripted(
        claims=[
            TruncatedError("too long"),
            {"items": [claim(1, CALLED)]},
            {"items": [claim(1, SELL)]},
        ]
    )

    extraction = read(FLEET, model)

    assert texts(extraction)[1:] == [CALLED, SELL]
    assert not refused(extraction)


@pytest.mark.parametrize("error", [AnswerError("no JSON"), TruncatedError("too long")])
def test_where_the_second_chance_gets_no_answer_the_good_claims_are_kept(error: ModelError) -> None:
    bad = claim(1, "Zubia no ha llamado.")
    model = scripted(claims=[{"items": [bad, claim(2, SELL)]}, error])

    extraction = read(FLEET, model)

    assert texts(extraction)[1:] == [IN_OWN_WORDS, SELL]
    assert [one.proposed for one in refused(extraction)] == [bad]


# --- One claim, several attributions --------------------------------------------------------------


def test_what_one_asserts_and_another_denies_is_one_claim_with_two_stances() -> None:
    extraction = read(
        "La Casa Blanca acusó a Corea del Norte de suministrar cohetes a Rusia, lo que Pyongyang "
        "ha negado.",
    )

    accused, denied = extraction.attributions
    assert (accused.stance, denied.stance) == ("accuses", "denies")
    assert accused.content == denied.content
    assert accused.source != denied.source
    (one,) = extraction.claims
    assert accused.claims == denied.claims == (one.id,)


def test_in_the_first_seed_pyongyang_denies_what_the_white_house_says(seeds: Path) -> None:
    model = FakeModel(lambda _messages, _answer: {"items": []}, sentences_per_call=1)

    extraction = vocero.extract(seeds / "000_a10e1c77af15f961.txt", model=model)

    (one,) = [one for one in extraction.claims if "suministrar cohetes" in one.text]
    assert one.text.startswith("[Casa Blanca ha acusado] a Corea del Norte de suministrar cohetes")
    bearing = [a for a in extraction.attributions if one.id in a.claims]
    assert [(a.source_span and a.source_span.text, a.stance) for a in bearing] == [
        ("La Casa Blanca", "accuses"),
        ("Pyongyang", "denies"),
    ]


def test_the_same_words_said_twice_are_one_claim_with_both_places_as_evidence() -> None:
    extraction = read("Ana Ruiz dijo que el puente cerrará. Luis Mera negó que el puente cerrará.")

    (one,) = extraction.claims
    first, second = extraction.attributions
    assert (first.stance, second.stance) == ("asserts", "denies")
    assert first.claims == second.claims == (one.id,)
    assert one.evidence == (*first.content, *second.content)


# --- About whom, when, and how it stands to the world ---------------------------------------------


def test_a_claim_is_about_the_actors_that_it_names() -> None:
    extraction = read(
        "El alcalde, Luis Mera, dijo que Ana Ruiz es capaz de cerrar el puente. La ministra Ana Ruiz "
        "dijo que el puente de Mera es capaz de caer. La concejala Eva Paz negó que haya plan."
    )

    names = {actor.id: actor.name for actor in extraction.actors}
    about = {one.text: [names[actor] for actor in one.about] for one in extraction.claims}
    # Nothing here is about Paz, whose name is only within another word.
    assert about["Ana Ruiz es capaz de cerrar el puente."] == ["Ana Ruiz"]
    assert about["El puente de Mera es capaz de caer."] == ["Luis Mera"]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Ana Ruiz dijo que el puente cerrará en marzo de 2025.", "marzo de 2025"),
        ("En febrero, Ana Ruiz dijo que el puente cerrará.", None),  # that dates the saying
        ("En febrero, Ana Ruiz dijo que el puente cerrará el 3 de mayo.", "3 de mayo"),
        ("Ana Ruiz dijo que el puente cerrará.", None),
        ("En febrero llovió. Ana Ruiz dijo que el puente cerrará.", None),  # in another
    ],
)
def test_a_claim_is_dated_by_the_words_of_the_article(text: str, when: str | None) -> None:
    (one,) = read(text).claims

    assert (one.when is None) == (when is None)
    assert when is None or (one.when is not None and when in one.when.text)


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Ana Ruiz dijo que el puente está cerrado.", "fact"),
        ("Ana Ruiz dijo que el puente cerrará.", "future"),
        ("Ana Ruiz dijo que el puente puede caer.", "possibility"),
        ("Ana Ruiz teme que el puente caiga.", "possibility"),
        ("Ana Ruiz pidió que el Gobierno pague la obra.", "demand"),
        ("Ana Ruiz prometió que el Gobierno pagará la obra.", "intention"),
        ("“¿El Gobierno pagará la obra?”, preguntó Ana Ruiz.", "question"),
    ],
)
def test_how_a_claim_stands_to_the_world(text: str, modality: str) -> None:
    extraction = read(text)

    assert [one.modality for one in extraction.claims] == [modality], said(extraction)


def test_of_words_that_the_model_restates_it_also_tells_the_modality() -> None:
    model = scripted(claims=[{"items": [claim(1, CALLED, "possibility")]}])

    (one,) = [one for one in read(FLEET, model).claims if one.text == CALLED]

    assert one.modality == "possibility"
