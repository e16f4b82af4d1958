"""What code reads across sentences, with a model that finds nothing."""

from __future__ import annotations

import pytest

import vocero
from scripted import scripted
from vocero import Document


def read(text: str, language: str) -> list[tuple[str | None, list[str]]]:
    """Read a text: who speaks, by name, and what is said, an attribution each."""
    document = Document.from_text(text, language=language)
    extraction = vocero.extract(document, model=scripted(sentences=1))
    names = {actor.id: actor.name for actor in extraction.actors}
    return [
        (names.get(one.source or ""), [span.text for span in one.content])
        for one in extraction.attributions
    ]


@pytest.mark.parametrize(
    ("language", "statement", "reference", "name"),
    [
        ("de", "Die Brücke schließt im Mai.", "Das teilte Anna Roth am Montag mit.", "Anna Roth"),
        ("es", "El puente cerrará en mayo.", "Así lo anunció ayer Ana Ruiz.", "Ana Ruiz"),
        ("es", "El puente cerrará en mayo.", "Lo ha confirmado Ana Ruiz.", "Ana Ruiz"),
        ("it", "Il ponte chiuderà a maggio.", "Lo ha annunciato ieri Anna Riva.", "Anna Riva"),
        ("fr", "Le pont fermera en mai.", "C’est ce qu’a annoncé Anne Roy.", "Anne Roy"),
        ("cs", "Most v květnu zavře.", "To včera oznámila Anna Malá.", "Anna Malá"),
        ("cs", "Most v květnu zavře.", "Uvedla to včera Anna Malá.", "Anna Malá"),
        ("ru", "Мост закроют в мае.", "Об этом сообщила Анна Рощина.", "Анна Рощина"),
        ("ru", "Мост закроют в мае.", "Сообщает об этом Анна Рощина.", "Анна Рощина"),
    ],
)
def test_a_pronoun_may_stand_for_the_sentence_before(
    language: str, statement: str, reference: str, name: str
) -> None:
    assert read(f"{statement} {reference}", language) == [(name, [statement.rstrip(".")])]


def test_a_heading_is_not_what_is_meant() -> None:
    assert read("Brücke im Mai\n\nDas teilte Anna Roth mit.", "de") == []


def test_a_quotation_goes_on_over_what_is_told_in_it() -> None:
    text = "“We waited,” Ann Rowe said. “They told us that the boat was late.”"
    first, second = "“We waited,”", "“They told us that the boat was late.”"

    assert ("Ann Rowe", [first, second]) in read(text, "en")


@pytest.mark.parametrize(
    ("language", "text", "name", "content"),
    [
        ("es", "—No volveré —dijo Ana Ruiz.", "Ana Ruiz", ["No volveré"]),
        ("es", "— ¿Por qué? — preguntó Juan Paz.", "Juan Paz", ["¿Por qué?"]),
        ("pt", "– O plano morreu, disse Ana Reis.", "Ana Reis", ["O plano morreu"]),
        ("pt", "— O plano morreu! — disse Ana Reis.", "Ana Reis", ["O plano morreu!"]),
        ("fr", "— Le plan est mort, répond Anne Roy.", "Anne Roy", ["Le plan est mort"]),
        ("it", "— Il piano è morto — disse Anna Riva.", "Anna Riva", ["Il piano è morto"]),
        (
            "es",
            "—El plan está muerto —dijo Ana Ruiz—. Ya no hay dinero para el puente.",
            "Ana Ruiz",
            ["El plan está muerto", "Ya no hay dinero para el puente."],
        ),
        (
            "es",
            "—No es verdad —respondió Juan Paz—, y usted lo sabe.",
            "Juan Paz",
            ["No es verdad", "y usted lo sabe"],
        ),
    ],
)
def test_a_line_of_dialogue_opens_with_a_dash(
    language: str, text: str, name: str, content: list[str]
) -> None:
    assert read(text, language) == [(name, content)]


def test_a_verb_in_a_quotation_takes_nothing_from_outside_it() -> None:
    text = "“Nobody rang, nobody wrote,” Ann Rowe said."

    assert ("Ann Rowe", ["“Nobody rang, nobody wrote,”"]) in read(text, "en")
    assert all("said" not in part for _, content in read(text, "en") for part in content)


def test_the_german_mood_of_report_goes_on_with_who_spoke_before() -> None:
    text = "Anna Roth sagte, die Brücke sei alt. Es gebe Risse. Der Regen hält an."

    assert read(text, "de") == [
        ("Anna Roth", ["die Brücke sei alt"]),
        ("Anna Roth", ["Es gebe Risse"]),
    ]


@pytest.mark.parametrize(
    ("language", "text", "content"),
    [
        ("es", "Señaló la quiebra como un ejemplo.", "la quiebra como un ejemplo"),
        ("pt", "Descreveu o plano como um aviso.", "o plano como um aviso"),
        ("it", "Ha descritto il piano come un avviso.", "il piano come un avviso"),
        ("fr", "Anne Roy a décrit le plan comme un avis.", "le plan comme un avis"),
        # What somebody says to be or to have done.
        ("es", "Ana Ruiz dijo estar preocupada por el plan.", "estar preocupada por el plan"),
        ("pt", "Ana Reis disse ter visto o barco.", "ter visto o barco"),
        ("fr", "Anne Roy a dit avoir vu le bateau.", "avoir vu le bateau"),
    ],
)
def test_an_object_that_makes_a_statement_is_one(language: str, text: str, content: str) -> None:
    assert [said for _, said in read(text, language)] == [[content]]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Ana Ruiz describió la quiebra."),
        ("es", "Ana Ruiz describió la quiebra, como otros."),
        ("es", "Ana Ruiz anunció la compra."),
    ],
)
def test_a_bare_object_is_none(language: str, text: str) -> None:
    assert read(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "stance"),
    [
        ("es", "Ana Ruiz añadió que el puente podría cerrar.", "speculates"),
        ("es", "“Es posible que el puente cierre”, dijo Ana Ruiz.", "speculates"),
        ("en", "Ann Rowe said the bridge might close.", "speculates"),
        ("es", "Ana Ruiz dijo que la posible venta del puente es un error.", "asserts"),
        ("es", "Ana Ruiz negó que el puente pudiera cerrar.", "denies"),
        ("es", "A Ana Ruiz le preocupa que el puente cierre.", "speculates"),
        ("en", "Ann Rowe believes that the bridge is old.", "speculates"),
    ],
)
def test_what_may_be_so_is_speculated(language: str, text: str, stance: str) -> None:
    document = Document.from_text(text, language=language)
    (one,) = vocero.extract(document, model=scripted(sentences=1)).attributions

    assert one.stance == stance


def test_sentences_in_the_mood_of_report_that_follow_each_other_are_one_statement() -> None:
    text = "Anna Roth sagte, die Brücke sei alt. Es gebe Risse. Das Eisen roste. Der Regen hält an."

    assert read(text, "de")[1:] == [("Anna Roth", ["Es gebe Risse"])]
    assert read(text.replace("roste", "breche, es fehle Farbe"), "de")[1:] == [
        ("Anna Roth", ["Es gebe Risse", "Das Eisen breche, es fehle Farbe"]),
    ]


def test_the_mood_reaches_over_one_sentence_of_its_paragraph_that_says_nothing() -> None:
    said = "Anna Roth sagte, die Brücke sei alt."

    assert read(f"{said} Es regnet. Es gebe Risse.", "de")[1:] == [("Anna Roth", ["Es gebe Risse"])]
    assert read(f"{said} Es regnet.\n\nEs gebe Risse.", "de")[1:] == []
    assert read(f"{said} Es regnet. Es schneit. Es gebe Risse.", "de")[1:] == []


def test_a_german_hearsay_belongs_to_who_spoke_before() -> None:
    text = "Anna Roth sprach von einem Unfall. Das Schiff soll gegen die Brücke gefahren sein."

    assert ("Anna Roth", ["Das Schiff soll gegen die Brücke gefahren sein"]) in read(text, "de")


def test_the_mood_of_a_clause_in_a_sentence_tells_nothing_of_the_sentence() -> None:
    text = "Anna Roth sagte, die Brücke sei alt. Karl lacht, wenn er nach Rissen gefragt werde."

    assert read(text, "de") == [("Anna Roth", ["die Brücke sei alt"])]


def test_the_mood_goes_on_with_who_said_the_whole_sentence() -> None:
    text = "Wie Anna Roth sagte, ist die Brücke laut Karl Voss alt. Daran ändere auch Farbe nichts."

    assert ("Anna Roth", ["Daran ändere auch Farbe nichts"]) in read(text, "de")


def test_words_that_are_announced_are_said_once() -> None:
    text = "Anna Roth kommentierte den Plan mit den Worten: „Die Brücke ist zu alt.“"

    assert read(text, "de") == [("Anna Roth", ["„Die Brücke ist zu alt.“"])]


def test_a_german_adverb_may_point_to_who_spoke() -> None:
    text = "Anna Roth teilte mit, die Brücke schließe. Demnach ist sie sehr alt."

    assert ("Anna Roth", ["ist sie sehr alt"]) in read(text, "de")


def test_when_and_to_whom_is_not_what_is_said() -> None:
    assert read("Residents had complained for years.", "en") == []
    assert read("Residents had complained for years about the noise.", "en") == [
        ("Residents", ["about the noise"])
    ]
