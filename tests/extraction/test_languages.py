"""The same few sentences in the eight languages with a lexicon, and in one without."""

from __future__ import annotations

import pytest

import vocero
from scripted import asked_numbers, item, said, scripted
from vocero import Document, Extraction

ARTICLES = {
    "es": "El alcalde de Lugo, Pedro Outeiro, dijo el lunes que el viejo puente cerrará en marzo. "
    "“No habrá peajes”, añadió. Según un informe de la universidad, el puente tiene doce grietas.",
    "en": "The mayor of Leith, Joan Baird, said on Monday that the old bridge would close in March. "
    "“There will be no tolls,” she added. According to a report, the bridge has twelve cracks.",
    "de": "Der Bürgermeister von Celle, Karl Brandt, sagte am Montag, dass die alte Brücke im März "
    "schließt. „Es wird keine Maut geben“, fügte er hinzu. Laut einem Bericht der Universität hat "
    "die Brücke zwölf Risse.",
    "fr": "Le maire de Vannes, Paul Le Goff, a déclaré lundi que le vieux pont fermerait en mars. "
    "« Il n’y aura pas de péage », a-t-il ajouté. Selon un rapport de l’université, le pont compte "
    "douze fissures.",
    "it": "Il sindaco di Lecco, Carlo Riva, ha detto lunedì che il vecchio ponte chiuderà a marzo. "
    "«Non ci sarà alcun pedaggio», ha aggiunto. Secondo un rapporto dell’università, il ponte ha "
    "dodici crepe.",
    "pt": "O prefeito de Olinda, Paulo Lins, disse na segunda-feira que a ponte velha fechará em "
    "março. “Não haverá pedágio”, acrescentou. Segundo um relatório da universidade, a ponte tem "
    "doze rachaduras.",
    "cs": "Starosta Tábora Karel Hanák v pondělí řekl, že starý most v březnu zavře. „Mýtné nebude,“ "
    "dodal. Podle zprávy univerzity má most dvanáct trhlin.",
    "ru": "Мэр Твери Павел Лукин заявил в понедельник, что старый мост закроют в марте. «Проезд "
    "останется бесплатным», — добавил он. Согласно отчёту университета, в мосту двенадцать трещин.",
}
MAYORS = {
    "es": ("Pedro Outeiro", "alcalde de Lugo"),
    "en": ("Joan Baird", "mayor of Leith"),
    "de": ("Karl Brandt", "Bürgermeister von Celle"),
    "fr": ("Paul Le Goff", "maire de Vannes"),
    "it": ("Carlo Riva", "sindaco di Lecco"),
    "pt": ("Paulo Lins", "prefeito de Olinda"),
    "cs": ("Karel Hanák", "Starosta Tábora"),
    "ru": ("Павел Лукин", "Мэр Твери"),
}
INDIRECT = {
    "es": "que el viejo puente cerrará en marzo",
    "en": "that the old bridge would close in March",
    "de": "dass die alte Brücke im März schließt",
    "fr": "que le vieux pont fermerait en mars",
    "it": "che il vecchio ponte chiuderà a marzo",
    "pt": "que a ponte velha fechará em março",
    "cs": "že starý most v březnu zavře",
    "ru": "что старый мост закроют в марте",
}
DIRECT = {
    "es": "“No habrá peajes”",
    "en": "“There will be no tolls,”",
    "de": "„Es wird keine Maut geben“",
    "fr": "« Il n’y aura pas de péage »",
    "it": "«Non ci sarà alcun pedaggio»",
    "pt": "“Não haverá pedágio”",
    "cs": "„Mýtné nebude,“",
    "ru": "«Проезд останется бесплатным»",
}


SURE = 0.8


@pytest.mark.parametrize("language", ARTICLES)
def test_eight_languages_are_read_by_code(language: str) -> None:
    model = scripted(sentences=1)

    extraction = vocero.extract(ARTICLES[language], model=model)  # the language is detected

    assert "attributions" not in {call.label for call in model.calls}
    mayor, report = extraction.actors
    assert (mayor.name, mayor.role) == MAYORS[language]
    assert (mayor.kind, report.kind) == ("person", "document")
    assert [(one.who, one.what) for one in said(extraction)][:2] == [
        (mayor.name, INDIRECT[language]),
        (mayor.name, DIRECT[language]),
    ]
    assert [one.speech for one in extraction.attributions] == ["indirect", "direct", "indirect"]
    assert said(extraction)[2].who == report.name


@pytest.mark.parametrize("language", ARTICLES)
def test_a_capable_model_may_read_them_in_its_own_way(language: str) -> None:
    shorter = " ".join(INDIRECT[language].split()[1:])  # without its "that"
    name = MAYORS[language][0]
    cue = next(one.cue for one in said(_by_code(language)) if one.what == INDIRECT[language])
    given = item(cue=cue or "", src=name, who=name, say=[shorter], st="promises")

    extraction = vocero.extract(
        ARTICLES[language], model=scripted(attributions=[{"items": [given]}])
    )

    first, *others = extraction.attributions
    assert first.stance == "promises"  # the model's
    assert first.content[0].text == INDIRECT[language]  # finished by rule
    # What it passed over is added where code is sure: by measure, or of a whole quotation.
    read = [one for one in _by_code(language).attributions if one.content != first.content]
    sure = [
        one
        for one in read
        if (one.speech == "direct" if one.confidence is None else one.confidence >= SURE)
    ]
    assert [one.content for one in others] == [one.content for one in sure]
    assert extraction.rejected == () or {one.stage for one in extraction.rejected} == {"claims"}


def _by_code(language: str) -> Extraction:
    return vocero.extract(ARTICLES[language], model=scripted(sentences=1))


SLOVAK = (
    "Starosta Trnavy Ján Novák povedal v pondelok, že starý most sa v marci zavrie. „Mýtne "
    "nebude,“ dodal. Podľa správy univerzity má most dvanásť trhlín."
)


def test_without_a_lexicon_the_model_reads_and_code_still_proves() -> None:
    model = scripted(
        sentences=1,
        attributions=[
            {"items": [item(cue="povedal", src="Ján Novák", say=["že starý … sa v marci zavrie"])]},
            {"items": [item(s=2, cue="dodal", who="Jan Novak", say=['"Mýtne nebude,"'])]},
            {"items": [item(s=3, cue="Podľa", src="správy univerzity", say=["most má trhliny"])]},
        ],
    )

    extraction = vocero.extract(SLOVAK, model=model)

    asked = [asked_numbers(call.messages) for call in model.calls if call.label == "attributions"]
    assert asked[:3] == [[1], [2], [3]]
    assert asked[3:] == [[3]]  # the second chance for words that the article does not hold
    assert said(extraction) == [
        ("Ján Novák", "povedal", "že starý most sa v marci zavrie"),
        ("Ján Novák", "dodal", "„Mýtne nebude,“"),
    ]
    assert [one.speech for one in extraction.attributions] == ["indirect", "direct"]
    (one,) = [one for one in extraction.rejected if one.stage == "attributions"]
    assert (one.reason, one.sentence) == ("not_in_text", 3)


def test_the_language_a_document_names_is_not_guessed_anew() -> None:
    document = Document.from_text(ARTICLES["en"], language="es")

    extraction = vocero.extract(document, model=scripted(sentences=1))

    assert extraction.document.language == "es"
    assert "said" not in {one.cue for one in said(extraction)}


def test_a_detected_language_is_not_written_into_the_document() -> None:
    extraction = vocero.extract(ARTICLES["en"], model=scripted(sentences=1))

    assert extraction.document == Document.from_text(ARTICLES["en"])
    assert extraction.document.language is None
