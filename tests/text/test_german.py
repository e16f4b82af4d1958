"""German: verbs in two parts or at the end of their clause, cases, and what commas part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vocero.text import find_cues
from vocero.text.contents import contents
from vocero.text.sources import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from vocero.schema import Stance
    from vocero.text.site import Range, Site

    Unmark = Callable[[str, str], tuple[Site, tuple[Range, ...], Range | None]]


@pytest.mark.parametrize(
    "marked",
    [
        # What stands right behind a verb is a part of it, and what stands further off is not.
        "Anna [fügte hinzu], der Hafen schließe.",
        "Anna [wies darauf hin], dass der Hafen schließt.",
        "Anna [verwies darauf], dass der Hafen schließt.",
        "Das Amt [teilte] am Montag mit, dass der Hafen schließt.",
        "Der Hafen ist alt, wie Anna [gesagt hatte].",
        "Zunächst [war vermutet worden], dass der Hafen schließt.",
        "Anna [sagte nicht], dass der Hafen schließt.",
        "Anna [kündigte nicht an], den Hafen zu schließen.",
        "Anna [verwies nicht] darauf, dass der Hafen schließt.",
        # An adverb in front is none.
        "Zudem [verlangt] Anna, dass der Hafen schließt.",
        # A report is a source, unless a genitive or "von" tells whose it is.
        "[Nach] einer Studie der Universität ist der Hafen alt.",
        "[Nach] ersten Angaben ist der Hafen alt.",
        "[Nach Angaben] der Polizei ist der Hafen alt.",
        "[Nach Ansicht von] Anna ist der Hafen alt.",
        # With a noun, or with its predicate.
        "Anna [vertrat] am Montag die Auffassung, der Hafen sei alt.",
        "Anna [bezeichnet] den Hafen als Ruine.",
        "Anna [geht] nach dem Treffen in Kiel davon aus, dass der Hafen schließt.",
    ],
)
def test_a_cue_is_as_much_as_stands_together(marked: str) -> None:
    text = marked.replace("[", "").replace("]", "")
    cue = marked[marked.index("[") + 1 : marked.index("]")]
    assert [text[one.start : one.end] for one in find_cues(text, "de")] == [cue]


@pytest.mark.parametrize(
    "text",
    [
        "Timor teilt sich den Platz mit Ruanda auf einer Liste.",
        "Das Gericht erklärte die Wahl am Montag für ungültig.",
        "Es gab am Montag an der Küste Regen.",
        "Zwölf Todesopfer forderte der Sturm.",
        "Angaben zum Ort wurden nicht gemacht.",
        "Der Roman, der „Morgenstern“ heißt, ist alt.",
    ],
)
def test_other_uses_of_a_verb_are_no_cues(text: str) -> None:
    assert find_cues(text, "de") == []


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Anna sagte nicht, dass der Hafen schließt.", "declines"),
        ("Anna bestätigte niemals, dass der Hafen schließt.", "declines"),
        ("Die Bahn bestätigte das nicht.", "declines"),
        ("Die Bahn kündigte der Stadt nicht an, den Hafen zu schließen.", "declines"),
        ("Am Montag sagte Anna noch nicht, ob der Hafen schließt.", "declines"),
        ("Anna plant nicht, den Hafen zu schließen.", None),
        ("Anna versprach nie, den Hafen zu schließen.", None),
        ("Anna geht nicht davon aus, dass der Hafen schließt.", "denies"),
        # What is said is turned round, or said beside something else.
        ("Anna sagte, dass der Hafen nicht schließt.", "asserts"),
        ("Anna sagte: „Das geht nicht.“", "asserts"),
        ("Anna sagte nicht nur, dass der Hafen schließt.", "asserts"),
        ("Anna versprach nicht zu gehen.", "promises"),
        ("Was Anna plant\nDas geht nicht.", "promises"),
        ("Anna versprach es und kam nicht, als es regnete.", "promises"),
    ],
)
def test_a_negation_behind_a_verb_turns_it_round(text: str, stance: Stance | None) -> None:
    cue = find_cues(text, "de")[0]
    assert cue.stance == stance


def test_a_cue_knows_where_its_particle_closes_the_clause() -> None:
    text = "Das Amt teilte am Montag mit, dass der Hafen schließt."
    (cue,) = find_cues(text, "de")
    assert cue.closed == text.index(", dass")
    (whole,) = find_cues("Anna fügte hinzu, der Hafen sei alt.", "de")
    assert whole.closed is None


@pytest.mark.parametrize(
    "marked",
    [
        # What is said stands behind the particle, wherever that is.
        "<Anna> {geht} nach dem Treffen mit Karl Roth, dem Chef, davon aus, [dass er schließt].",
        "<Die Firma> {kündigte} am Montag [Entlassungen] an.",
        "<Anna> {warf} der Firma vor, [den Hafen schließen zu wollen].",
        # What is said begins with its dass, whatever stands between, a noun for it, too.
        "<Anna> {erklärte} Mitte Mai in Kiel, [dass der Hafen schließt].",
        "<Anna> {bestätigte} am Montag die Meldung, [dass der Hafen schließt].",
        # A main clause ends a subordinate one.
        "<Anna> {hofft}, [dass der Hafen schließt], denn er ist sehr alt.",
        # No comma, no content clause.
        "<Anna> {begrüßte} [Häfen wie Kiel].",
        # What follows an object or a relative clause goes on with the sentence, and has its mood.
        "<Anna> {kritisierte} [den Plan, der Markt wurde trotzdem geschlossen].",
        "<Anna> {forderte} den Rat auf, [den Hafen zu schließen].",
        # Words that are announced stand behind the colon.
        "<Anna> schloss {mit den Worten}: [„Der Hafen ist alt.“]",
        # What a preposition attributes may be a clause, or begin behind somebody else's.
        "Der Hafen schließt, [weil er] {nach Ansicht} <der Polizei> [alt ist].",
        "Wie Karl sagte, [ist der Hafen] {laut} <Anna> [sehr alt].",
        "[Zunächst ist] {laut} <Anna> [kein Umbau geplant].",
        "[Der Hafen ist] {laut} <Anna> [alt]; der Markt ist neu.",
        # Nobody is the subject of "es".
        "[Der Hafen sei alt], {hieß es} aus <dem Ministerium>.",
        "Aus <dem Ministerium> {hieß es}, [der Hafen sei alt].",
    ],
)
def test_what_is_said_and_by_whom(marked: str, unmark: Unmark) -> None:
    site, said, source = unmark("de", marked)
    first = next(contents(site)).content
    assert [site.text[slice(*one)] for one in first] == [site.text[slice(*one)] for one in said]
    (speaker, *_) = sources(site, first)
    assert source is not None
    assert site.text[slice(*speaker)] == site.text[slice(*source)]


@pytest.mark.parametrize(
    "marked",
    [
        # One constituent stands before the verb, whatever it is made of.
        "<Die Sprecherin des Senders in Kiel> {sagte}, [dass er schließt].",
        "<Die Chefin der Werft, Anna Roth> {sagte}, [dass sie schließt].",
        # A dative is no subject.
        "Der englischen Zeitung {sagte} <Anna Roth>: [„Der Hafen ist alt.“]",
        # Nor is an auxiliary a part of one.
        "[„Der Hafen ist alt“], hatte <Anna Roth> in Kiel {gesagt}.",
        "Zuvor hatte <der Minister> {gesagt}, [der Hafen sei alt].",
        # Names with particles, ages, outlets in lower case.
        "[Der Hafen sei alt], {sagte} <Jaap de Hoop Roth>.",
        "[Der Hafen sei alt], {sagte} <die 56-jährige Chefin> am Montag.",
        "[Der Hafen sei alt], {sagte} <ein Reporter des Senders n-tv>.",
        # A quoted name ends there.
        "[Der Hafen ist] {laut} „<Kieler Post>“ [Schauplatz eines Films].",
        # The preposition that a verb takes opens its object.
        "Insgesamt {spricht} <die Polizei> [von drei Bränden].",
        # Who is made to speak in the passive is whom "von" names.
        "Von <der Opposition> {wird gefordert}, [dass der Hafen schließt].",
        # Who speaks stands before what is said, where the verb closes the clause.
        "<Der Minister Karl Roth> hat [den Plan als „schweren Fehler“] {bezeichnet}.",
        "<Von der Leyen> {sagte}, [der Hafen sei alt].",
        # A relative pronoun, and where its clause goes on.
        "Karl Roth, <der> in einer Rede {sagte}, [der Hafen sei alt], ging.",
        # Whoever is meant.
        "{<Demnach>} [ist der Hafen alt].",
        "{Nach <ihrer> Ansicht} [ist der Hafen alt].",
    ],
)
def test_who_speaks(marked: str, unmark: Unmark) -> None:
    site, said, source = unmark("de", marked)
    assert source is not None
    (speaker, *_) = sources(site, said)
    assert site.text[slice(*speaker)] == site.text[slice(*source)]


def test_nobody_speaks_in_a_passive_without_its_agent(unmark: Unmark) -> None:
    site, said, _ = unmark("de", "Die Männer, die {beschuldigt werden}, [den Hafen zu sperren].")
    assert not list(sources(site, said))


@pytest.mark.parametrize(
    "marked",
    [
        "Der Plan, den Anna {kritisierte}, wurde gebaut.",
        "Der Mann, der den Plan {ablehnt}, fragt, welche Häfen schließen.",
        "Das Haus war für Kinder {vorgesehen}, die in Kiel leben.",
        "Die Firma (Motto: „Jeder Tag zählt sehr“) {kritisierte}, wie Anna sagte.",
        "Karl hatte keinen Grund, an dem Plan zu {zweifeln}, wie er am Montag sagte.",
    ],
)
def test_what_stands_behind_a_verb_need_not_be_what_is_said(marked: str, unmark: Unmark) -> None:
    site, _, _ = unmark("de", marked.replace("{", "[]{"))
    assert next((one for one in contents(site) if one.pattern != "other"), None) is None
