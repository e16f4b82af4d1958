"""A model's items are found in the article, word for word, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

import vocero
from scripted import asked_numbers, fence, item, part, said, scripted, task, whole
from vocero import (
    AnswerError,
    AuthenticationError,
    Document,
    Extraction,
    ModelError,
    ModelNotFoundError,
    TransportError,
    TruncatedError,
)
from vocero.model import FakeModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from vocero.model import Message, Reply
    from vocero.schema import Rejection

# In an undetermined language code reads nothing by itself: what comes out is what the model gave.
BRIDGE = Document.from_text(
    "La ministra, Clara Bueno, dijo que «el puente de Vigo\xa0costará 6.000 euros».\n"
    "La oposición respondió: “No lo sabíamos”. Llovió toda la mañana.\n"
    "“No habrá peajes”, añadió Bueno, “ni este año ni el que viene”.\n"
    "“No lo sabíamos”, repitió un funcionario, según recoge El Faro.\n",
    language="und",
)


def read(*answers: dict[str, Any], document: Document = BRIDGE) -> Extraction:
    """Read an article with a model that gives these items, and no others when asked again."""
    model = scripted(attributions=[{"items": list(answers)}])
    return vocero.extract(document, model=model)


def as_given(one: dict[str, Any]) -> dict[str, Any]:
    """An item as it stands in an answer about a whole article."""
    (pointing,) = whole(one)["items"]
    return cast("dict[str, Any]", pointing)


def refused(extraction: Extraction) -> list[Rejection]:
    return [one for one in extraction.rejected if one.stage == "attributions"]


# --- Found: the article's own characters, whatever the model typed --------------------------------


@pytest.mark.parametrize(
    ("typed", "tier"),
    [
        ("«el puente de Vigo\xa0costará 6.000 euros»", "exact"),
        ("el puente de Vigo\xa0costará 6.000 euros", "exact"),
        ("el puente de Vigo costará 6.000 euros", "typographic"),
        ('"el puente de Vigo costará 6.000 euros"', "typographic"),
        ("el puente de Vigo costara\u0301 6.000 euros", "typographic"),
        ("El puente de Vigo costará 6.000 Euros", "case"),
        ("el puente de Vigo costara 6.000 euros", "accents"),
        ("el puente de … costará 6.000 euros", "exact"),
        ("el puente de ... 6.000 euros", "exact"),
        ("El puente de […] 6.000 euros", "case"),
    ],
)
def test_what_the_model_types_is_never_what_is_returned(typed: str, tier: str) -> None:
    extraction = read(item(s=1, cue="dijo", src="Clara Bueno", say=[typed]))

    (content,) = extraction.attributions[0].content
    # With the quotation marks, which are the article's too.
    assert content.text == "«el puente de Vigo\xa0costará 6.000 euros»"
    assert content.match == tier
    assert not refused(extraction)


def test_a_content_that_its_cue_splits_has_two_spans() -> None:
    extraction = read(
        item(s=4, cue="añadió", src="Bueno", say=["ni este año … el que viene", "No habrá peajes"])
    )

    (one,) = extraction.attributions
    assert [span.text for span in one.content] == [
        "“No habrá peajes”",
        "“ni este año ni el que viene”",
    ]
    assert one.speech == "direct"


def test_the_complementiser_belongs_to_the_content_and_the_cue_does_not() -> None:
    document = Document.from_text("Ana Ruiz dijo que el puente cerrará.", language="es")
    told = [
        read(item(cue="dijo", src="Ana Ruiz", say=[typed]), document=document)
        for typed in ("que el puente cerrará", "el puente cerrará.", "dijo que el puente cerrará")
    ]

    assert [said(one)[0].what for one in told] == ["que el puente cerrará"] * 3
    assert {one.attributions[0].id for one in told} == {told[0].attributions[0].id}


@pytest.mark.parametrize(
    ("text", "typed", "language", "what"),
    [
        ("“No habrá peajes”, dijo Ana.", "habrá peajes", "es", "“No habrá peajes”"),
        ("Ana dijo que no ha caído.", "caído", "es", "que no ha caído"),
        ("Ana dijo que nunca\xa0caerá.", "caerá", "es", "que nunca\xa0caerá"),
        ("Ana said that it will never close.", "close", "en", "never close"),
        ("Ana sagte, dass sie nicht schließt.", "schließt", "de", "nicht schließt"),
        # Not what stands in another sentence, or belongs to the cue.
        ("¿Sí o no? El puente caerá, dijo Ana.", "El puente caerá", "es", "El puente caerá"),
        ("Ana no dijo nada de eso.", "nada de eso", "es", "nada de eso"),
    ],
)
def test_a_content_keeps_the_no_that_the_model_left_out(
    text: str, typed: str, language: str, what: str
) -> None:
    cue = next(one for one in ("dijo", "said", "sagte") if one in text)
    document = Document.from_text(text, language=language)
    s = 2 if "?" in text else 1

    extraction = read(item(s=s, cue=cue, src="Ana", say=[typed]), document=document)

    assert [one.what for one in said(extraction)] == [what]


def test_words_that_occur_twice_are_placed_by_the_sentence_number() -> None:
    second = read(item(s=2, cue="respondió", src="La oposición", say=["No lo sabíamos"]))
    fifth = read(item(s=5, cue="repitió", src="un funcionario", say=["No lo sabíamos"]))

    assert second.attributions[0].content[0].start < fifth.attributions[0].content[0].start
    for extraction in (second, fifth):
        assert said(extraction)[0].what == "“No lo sabíamos”"


def test_words_that_occur_twice_in_a_sentence_are_placed_beside_their_cue() -> None:
    text = "“No lo sé”, dijo Ana Ruiz por la mañana, y por la tarde Luis Paz repitió: “No lo sé”."
    document = Document.from_text(text, language="und")

    extraction = read(
        item(cue="repitió", src="Luis Paz", say=["No lo sé"]),
        item(cue="dijo", src="Ana Ruiz", say=["No lo sé"]),
        document=document,
    )

    first, last = extraction.attributions
    assert (first.content[0].start, last.content[0].end) == (0, len(text) - 1)


def test_a_number_one_too_high_is_put_right_by_the_cue() -> None:
    late = item(s=3, cue="respondió", src="La oposición", say=["No lo sabíamos"])

    extraction = read(late)

    assert [(one.cue, one.what) for one in said(extraction)] == [("respondió", "“No lo sabíamos”")]
    assert not extraction.rejected


def test_a_sentence_that_was_not_asked_about_is_refused() -> None:
    late = item(s=3, cue="respondió", src="La oposición", say=["No lo sabíamos"])
    replies: list[Reply] = [{"items": []}, {"items": []}, {"items": [late]}]
    model = scripted(sentences=1, attributions=replies)  # the third is about sentence 3 alone

    extraction = vocero.extract(BRIDGE, model=model)

    assert extraction.attributions == ()
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [
        ("out_of_range", part(late)["items"][0])
    ]


def test_a_quotation_without_a_cue_is_taken_and_other_words_are_not() -> None:
    extraction = read(
        item(s=4, src="Bueno", say=["No habrá peajes"]),
        item(s=3, src="", say=["Llovió toda la mañana"]),
    )

    assert [one.what for one in said(extraction)] == ["“No habrá peajes”"]
    assert [one.reason for one in refused(extraction)] == ["no_cue"]


@pytest.mark.parametrize(
    ("cue", "found"),
    [
        ("teilte mit", "teilte"),
        ("Teilte … mit", "teilte"),
        ("teilte nicht mit", None),
        ("mit teilte", None),
    ],
)
def test_a_cue_whose_words_stand_apart_is_the_word_that_reports(
    cue: str, found: str | None
) -> None:
    text = "Das Werk schließt im Mai, teilte die Bahn am Abend mit."
    given = item(cue=cue, src="die Bahn", say=["Das Werk schließt im Mai"])

    extraction = read(given, document=Document.from_text(text, language="de"))

    # Where it is refused, code reads the sentence.
    assert [one.cue for one in said(extraction)] == ["teilte"]
    assert [one.reason for one in refused(extraction)] == ([] if found else ["not_in_text"])


ACCUSED = "El alcalde de Lugo, Juan Paz, no anunció ayer en Madrid que dimite."
TOLD = "Mit der Bahn teilte das Werk gestern mit dem Amt nicht alles mit."


@pytest.mark.parametrize(
    ("language", "text", "cue", "found"),
    [
        # Words that the sentence has, in its order, and that are no cue together.
        ("es", ACCUSED, "El Madrid", None),
        ("es", ACCUSED, "El … anunció", None),
        ("es", ACCUSED, "anunció … Madrid", None),
        ("es", ACCUSED, "anunció ayer que", None),
        ("es", ACCUSED, "no … ayer", None),
        ("es", ACCUSED, "no … anunció", "no anunció"),
        ("en", "Ann Rowe did on Monday not say that it rains.", "did say", "not say"),
        ("en", "Ann Rowe did on Monday not say that it rains.", "Monday say", None),
        ("de", "Die Bahn hat dem Amt mitgeteilt, dass sie baut.", "hat mitgeteilt", "mitgeteilt"),
        ("de", "Die Bahn hat dem Amt mitgeteilt, dass sie baut.", "Amt … mitgeteilt", None),
        ("de", TOLD, "teilte … nicht … mit", "teilte"),
        ("de", TOLD, "teilte dem", None),
        ("de", TOLD, "das mit", None),
        # Without a lexicon there is no telling.
        ("und", ACCUSED, "no … anunció", None),
        ("nl", "De baas kondigde gisteren aan dat hij gaat.", "kondigde aan", None),
    ],
)
def test_words_apart_are_a_cue_only_where_one_reports_and_the_others_go_with_it(
    language: str, text: str, cue: str, found: str | None
) -> None:
    given = item(cue=cue, say=[text.rsplit(maxsplit=1)[-1].rstrip(".")])

    extraction = read(given, document=Document.from_text(text, language=language))

    assert [one.reason for one in refused(extraction)] == ([] if found else ["not_in_text"])
    if found:
        assert [one.cue for one in said(extraction)] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Es lebe die Republik.",
        "Das Gesetz gilt, wenn ein Antrag gestellt werde.",
        "Wenn ein Antrag gestellt werde, gilt das Gesetz.",
        "Ich habe das Haus gestern verkauft.",
        "Gestern habe ich das Haus verkauft.",
        "Wir hätten gern ein Haus.",
        "Hoch lebe der König.",
    ],
)
def test_words_that_only_look_like_the_mood_of_reports_are_refused(text: str) -> None:
    given = item(s=1, who="Ina Roth", say=[text.rstrip(".")])

    extraction = read(given, document=Document.from_text(text, language="de"))

    assert not extraction.attributions
    assert [one.reason for one in refused(extraction)] == ["no_cue"]


def test_without_a_cue_the_mood_tells_that_words_are_reported() -> None:
    text = "Ina Roth sprach mit der Presse. Es gebe keinen Plan. Es gibt einen Plan."
    reported = item(s=2, who="Ina Roth", say=["Es gebe keinen Plan"])
    stated = item(s=3, who="Ina Roth", say=["Es gibt einen Plan"])

    extraction = read(reported, stated, document=Document.from_text(text, language="de"))

    assert [one.what for one in said(extraction)] == ["Es gebe keinen Plan"]
    assert [one.reason for one in refused(extraction)] == ["no_cue"]


def test_two_readings_of_one_content_are_beside_each_other_however_they_are_typed() -> None:
    words = "Ana Ruiz dijo que Luis Paz negó el plan"
    document = Document.from_text(f"{words}.", language="und")

    extraction = read(
        item(cue="dijo", say=[words]), item(cue="negó", say=[words.lower()]), document=document
    )

    assert [one.within for one in extraction.attributions] == [None, None]


# --- Refused --------------------------------------------------------------------------------------

CHANGED = {
    "a word changed": "el puente de Vigo valdrá 6.000 euros",
    "a number changed": "el puente de Vigo costará 7.000 euros",
    "the same number spelled anew": "el puente de Vigo costará 6000 euros",
    "a name changed": "el puente de Lugo costará 6.000 euros",
    "a no added": "el puente de Vigo no costará 6.000 euros",
    "a word left out": "el puente costará 6.000 euros",
    "two words swapped": "el puente Vigo de costará 6.000 euros",
    "translated": "the Vigo bridge will cost 6.000 euros",
    "elided to words that are not there": "el puente de … 7.000 euros",
    "elided backwards": "6.000 euros … el puente de Vigo",
}


@pytest.mark.parametrize("words", CHANGED.values(), ids=CHANGED)
def test_other_words_are_refused(words: str) -> None:
    extraction = read(item(s=1, cue="dijo", src="Clara Bueno", say=[words]))

    assert extraction.attributions == ()
    (one,) = refused(extraction)
    assert one.reason == "not_in_text"
    assert repr(words) in one.detail
    assert one.sentence == 1
    assert one.proposed == as_given(item(s=1, cue="dijo", src="Clara Bueno", say=[words]))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (item(s=1, cue="aseguró", say=["el puente de Vigo"]), "not_in_text"),
        (item(s=1, cue="dijo", src="Clara Malo", say=["el puente de Vigo"]), "not_in_text"),
        (item(s=1, cue="dijo", src="el puente", say=["el puente de Vigo"]), "self_source"),
        (item(s=1, cue="dijo", src="Clara Bueno", say=[]), "no_content"),
        (item(s=1, cue="dijo", src="Clara Bueno", say=["dijo"]), "no_content"),
        (item(s=1, cue="dijo", src="Clara Bueno", say=["", " "]), "not_in_text"),
        (item(s=1, cue="", src="Clara Bueno", say=["La ministra"]), "no_cue"),
        (item(s=5, cue="dijo", src="Clara Bueno", say=["el puente de Vigo"]), "not_in_text"),
        (item(s=0, cue="dijo", src="Clara Bueno", say=["el puente de Vigo"]), "out_of_range"),
        (item(s=-3, cue="dijo", src="Clara Bueno", say=["el puente de Vigo"]), "out_of_range"),
        (item(s=77, cue="dijo", src="Clara Bueno", say=["el puente de Vigo"]), "out_of_range"),
    ],
)
def test_an_item_is_refused_with_the_reason(given: dict[str, Any], reason: str) -> None:
    extraction = read(given)

    assert extraction.attributions == ()
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [
        (reason, as_given(given))
    ]


def test_the_same_item_twice_is_one_attribution_and_one_rejection() -> None:
    given = item(s=1, cue="dijo", src="Clara Bueno", say=["el puente de … 6.000 euros"])
    shorter = item(s=1, cue="dijo", src="La ministra", say=["el puente de Vigo"])

    extraction = read(given, given, shorter)

    assert len(extraction.attributions) == 1
    assert [one.reason for one in refused(extraction)] == ["duplicate", "duplicate"]


def test_an_outlet_that_the_article_does_not_name_is_refused() -> None:
    given = item(s=5, cue="repitió", src="un funcionario", say=["No lo sabíamos"], via="El País")

    extraction = read(given)

    assert "El País" not in [actor.name for actor in extraction.actors]
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [
        ("not_in_text", as_given(given))
    ]


# --- The second chance ----------------------------------------------------------------------------

GOOD = item(s=2, cue="respondió", src="La oposición", say=["No lo sabíamos"])
BAD = item(s=1, cue="dijo", src="Clara Bueno", say=["el puente no costará 6.000 euros"])
MENDED = item(s=1, cue="dijo", src="Clara Bueno", say=["el puente de … 6.000 euros"])


def test_only_the_refused_item_is_asked_for_again_with_the_reason_and_the_sentence() -> None:
    model = scripted(attributions=[{"items": [GOOD, BAD]}, {"items": [MENDED]}])

    extraction = vocero.extract(BRIDGE, model=model)

    first, again = (call for call in model.calls if call.label == "article")
    assert fence(again) == fence(first)
    assert task(again).startswith(task(first))
    complaint = task(again).removeprefix(task(first))
    assert "el puente no costará 6.000 euros" in complaint  # the item as it was given,
    assert "is not in sentence 1" in complaint  # what was wrong with it,
    assert BRIDGE.text.splitlines()[0] in complaint  # and the true text
    assert "respondió" not in complaint

    assert [one.cue for one in said(extraction)] == ["dijo", "respondió"]
    assert not refused(extraction)
    assert extraction.provenance.attempts.validation_retries == 1


def test_an_item_that_is_refused_twice_is_in_rejected_and_the_good_ones_are_kept() -> None:
    worse = item(s=1, cue="dijo", src="Clara Bueno", say=["el puente costará 9.000 euros"])
    model = scripted(attributions=[{"items": [GOOD, BAD]}, {"items": [worse]}])

    extraction = vocero.extract(BRIDGE, model=model)

    assert [one.cue for one in said(extraction)] == ["respondió"]
    assert [one.proposed for one in refused(extraction)] == [as_given(worse)]
    asked = [call for call in model.calls if call.label == "article"]
    assert len(asked) == 2  # there is no third chance


def test_an_item_that_is_not_given_again_is_in_rejected() -> None:
    other = item(s=4, cue="añadió", src="Bueno", say=["No habrá multas"])
    model = scripted(attributions=[{"items": [BAD, GOOD, other]}, {"items": [MENDED]}])

    extraction = vocero.extract(BRIDGE, model=model)

    assert [one.cue for one in said(extraction)] == ["dijo", "respondió"]
    assert [(one.reason, one.proposed) for one in refused(extraction)] == [
        ("not_in_text", as_given(other))
    ]


def test_of_two_items_with_one_cue_the_mended_one_is_kept_beside_the_good_one() -> None:
    first = item(s=4, cue="añadió", src="Bueno", say=["No habrá peajes"])
    bad = item(s=4, cue="añadió", src="Bueno", say=["ni este mes ni el que viene"])
    mended = item(s=4, cue="añadió", src="Bueno", say=["ni este año ni el que viene"])
    model = scripted(attributions=[{"items": [first, bad]}, {"items": [mended]}])

    extraction = vocero.extract(BRIDGE, model=model)

    assert [one.what for one in said(extraction)] == [
        "“No habrá peajes”",
        "“ni este año ni el que viene”",
    ]
    assert not refused(extraction)


def test_good_items_given_again_are_not_doubled() -> None:
    model = scripted(attributions=[{"items": [GOOD, BAD]}, {"items": [GOOD, MENDED]}])

    extraction = vocero.extract(BRIDGE, model=model)

    assert [one.cue for one in said(extraction)] == ["dijo", "respondió"]


@pytest.mark.parametrize("error", [AnswerError("no JSON"), TruncatedError("too long")])
def test_where_the_second_chance_gets_no_answer_the_good_items_are_kept(error: ModelError) -> None:
    document = Document.from_text(BRIDGE.text.splitlines()[0], language="und")
    good = item(cue="dijo", src="Clara Bueno", say=["el puente de … 6.000 euros"])
    model = scripted(attributions=[{"items": [good, item(cue="dijo", say=["otra cosa"])]}, error])

    extraction = vocero.extract(document, model=model)

    assert [one.cue for one in said(extraction)] == ["dijo"]
    assert [one.reason for one in refused(extraction)] == ["not_in_text"]


# --- Failures of the model ------------------------------------------------------------------------

TALK = Document.from_text(
    "\n".join(f"Ana Ruiz dijo que el barco {n} volverá." for n in range(1, 9)), language="und"
)


def everything(number: int) -> dict[str, Any]:
    return item(s=number, cue="dijo", src="Ana Ruiz", say=[f"que el barco {number} volverá"])


def test_an_answer_cut_at_its_limit_splits_the_question_and_nothing_is_lost() -> None:
    def script(messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
        if answer.__name__ != "ArticleDraft":
            return {"items": []}
        if len(asked_numbers(messages)) > 3:
            return TruncatedError("cut at its token limit")
        return whole(*(everything(number) for number in asked_numbers(messages)))

    model = FakeModel(script)
    extraction = vocero.extract(TALK, model=model)

    assert [one.what for one in said(extraction)] == [
        f"que el barco {n} volverá" for n in range(1, 9)
    ]
    assert not refused(extraction)
    asked = [asked_numbers(call.messages) for call in model.calls if call.label == "article"]
    assert sorted(asked) == [
        [1, 2],
        [1, 2, 3, 4],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [3, 4],
        [5, 6],
        [5, 6, 7, 8],
        [7, 8],
    ]


def test_a_sentence_whose_answer_is_always_cut_is_in_rejected_and_the_others_are_read() -> None:
    def script(messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
        if answer.__name__ != "ArticleDraft":
            return {"items": []}
        if 5 in asked_numbers(messages):
            return TruncatedError("cut at its token limit")
        return whole(*(everything(number) for number in asked_numbers(messages)))

    extraction = vocero.extract(TALK, model=FakeModel(script))

    assert len(extraction.attributions) == 7
    (one,) = refused(extraction)
    assert (one.reason, one.sentence, one.proposed) == ("unanswered", 5, {"sentences": [5]})
    assert "cut at its token limit" in one.detail


def test_one_question_without_a_usable_answer_leaves_the_others() -> None:
    def script(messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
        if answer.__name__ != "AttributionsDraft":
            return {"items": []}
        if asked_numbers(messages) == [3, 4]:
            return "I am sorry, Dave."
        return part(*(everything(number) for number in asked_numbers(messages)))

    model = FakeModel(script, sentences_per_call=2)
    extraction = vocero.extract(TALK, model=model)

    assert len(extraction.attributions) == 6
    (one,) = refused(extraction)
    assert (one.reason, one.sentence, one.proposed) == ("unanswered", 3, {"sentences": [3, 4]})
    assert extraction.provenance.attempts.validation_retries == 2


def failing(question: str, error: ModelError) -> FakeModel:
    """A model whose endpoint fails at the first question of a kind."""
    given = [
        item(s=1, cue="dijo", src="La alcaldesa de Vigo, Ana Ruiz", say=["que el puente cerrará"]),
        item(s=2, cue="negó", src="El alcalde de Lugo, Luis Paz", say=["que haya plan"]),
        item(s=3, cue="Según", src="Zubia", say=["faltan 30 obreros"]),
        item(s=4, cue="insistió en", src="El político", say=["que lo sabía"]),
    ]

    def script(_messages: Sequence[Message], answer: type[BaseModel]) -> Reply:
        if answer.__name__ == question:
            return error
        if answer.__name__ == "SpeakerDraft":
            return {"who": 1}
        return whole(*given) if answer.__name__ == "ArticleDraft" else {"items": []}

    return FakeModel(script)


@pytest.mark.parametrize(
    "error",
    [
        TransportError("the endpoint is down"),
        AuthenticationError("the key is wrong"),
        ModelNotFoundError("no such model"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("question", ["ArticleDraft", "SpeakerDraft", "ActorsDraft", "ClaimsDraft"])
def test_an_endpoint_that_fails_is_an_error_and_no_half_extraction(
    question: str, error: ModelError
) -> None:
    text = (
        "La alcaldesa de Vigo, Ana Ruiz, dijo que el puente cerrará. El alcalde de Lugo, Luis Paz, "
        "negó que haya plan. Según Zubia, faltan 30 obreros. El político insistió en que lo sabía."
    )
    model = failing(question, error)

    with pytest.raises(type(error), match=str(error)):
        vocero.extract(Document.from_text(text, language="es"), model=model)
