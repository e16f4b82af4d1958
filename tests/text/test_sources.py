"""Who speaks at a cue, given what is said: the first proposal for each construction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructions import each_construction
from vocero.text.sources import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from vocero.text.site import Range, Site

    Unmark = Callable[[str, str], tuple[Site, tuple[Range, ...], Range | None]]


@each_construction
def test_the_first_proposal_is_who_says_it(language: str, marked: str, unmark: Unmark) -> None:
    site, said, source = unmark(language, marked)
    found = [site.text[slice(*one)] for one in sources(site, said)]
    assert found[:1] == ([site.text[slice(*source)]] if source else [])


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        # What opens a sentence, and stands before a verb, is no part of the subject.
        ("es", "Además, ayer <la alcaldesa> también {dijo} [que no]."),
        ("en", "Meanwhile <the mayor> repeatedly {said} [that it was late]."),
        # German: an auxiliary, a negation or an adverb parts the subject from its verb.
        ("de", "Am Montag hat <die Bürgermeisterin> erneut {erklärt}, [der Hafen schließe]."),
        ("de", "Das {teilte} <die Polizei> am Montag in Kiel mit."),
        ("de", "Der Mann, von dem <die Polizei> {glaubt}, [er sei tot], lebt."),
        # A noun phrase before its postposition.
        ("de", "[Der Mann ist] <dem Bericht der Polizei> {zufolge} [tot]."),
        # Two speakers are one source, two clauses are not.
        ("es", "<Ana Ruiz y Juan Gil> {dijeron} [que no]."),
        ("en", "It rained and <Ann Rowe> {said} [that it was late]."),
        # Who is spoken to is not who speaks.
        ("es", "[“No”], {dijo} a EFE <Juan Gil>."),
        ("en", "[“No,”] <Ann Rowe> {told} The Daily Post."),
        # Somebody in an aside to the subject.
        ("es", "<La alcaldesa>, en declaraciones a la radio, {dijo} [que no]."),
        ("en", "<Ann Rowe>, speaking to a local paper, {said} [that it was late]."),
        # The owner of a noun that reports.
        ("es", "{La acusación} de <Seúl> [de que la empresa miente] es grave."),
        # A document, with more words about it, in which it says so.
        ("de", "In <einem Brief>, den Anna im Keller fand, {heißt es}: [„Der Hafen schließt.“]"),
        # A source within its cue.
        ("es", "<Nos> {preocupa} [que el puerto cierre]."),
        ("fr", "[« Le port fermera »], a-t-<elle> {ajouté}."),
        ("fr", "[« Le port fermera »], {ajoute}-t-<elle>."),
        ("de", "{Nach} <Polizeiangaben> [ist der Mann tot]."),
        # A bracket in the subject is no clause of its own.
        ("es", "<El jefe del puerto (que administra la ciudad), Juan Gil>, {dijo} [que no]."),
        # A subject may hold a quotation and a relative clause.
        ("es", "<Una persona “que conoce el plan”> {dijo} [que no]."),
        # A relative clause stands between a speaker and the verb.
        ("en", "<Two engineers who saw the boat> {said} [it was old]."),
        ("es", "<Dos diplomáticos que siguen el caso> {dijeron} [que no]."),
        ("en", "<An official, who asked not to be named>, {said} [the plan was dead]."),
        # The main clause follows what its subject says in passing.
        ("es", "{Diciendo} [que el barco es viejo], <Ana Ruiz> se fue."),
        ("en", "{Saying} [the boat was old], <the mayor> left."),
        ("en", "<House Speaker Ann Rowe>, a lawyer, smiled, {saying} [the boat was old]."),
        # Who denies, and not the noun for what is denied.
        ("en", "Ana said [the boat was old], a claim <the owner> {denied}."),
        # Who a noun's claim is by.
        ("en", "{The claim} [that the boat is old], made by <the owner>, surprised the crew."),
        ("pt", "{A ideia de} [que o barco é velho], defendida pelo <dono>, não convence."),
        # Adjectives and nouns without articles, and names behind words that no list has.
        # What stands second in a Czech clause is no part of who speaks before it.
        ("cs", "{Podle} <mluvčí> [by most měl být hotový]."),
        ("cs", "{Podle} <mluvčího> [se čeká na povolení]."),
        ("cs", "{Podle} <policie> [se Jana Malá ztratila]."),
        ("cs", "{Podle} <mluvčí policie Jany Malé> [bychom měli jít]."),
        ("cs", "[Most by] {podle} <mluvčí> [měl být hotový]."),
        ("cs", "[Přístav zavře], {řekl} <bývalý ředitel přístavu Jan Malý>."),
        ("cs", "[Most spadne], {varoval} v úterý <statik Jan Pilíř z ČVUT>."),
        ("ru", "[Лодка старая], {говорят} <грузчики>."),
        # An adverbial in front has no comma; one behind a name is no part of it.
        ("ru", "На вчерашней встрече <министр труда> {заявил}, [что порт закроют]."),
        ("cs", "<Jan Malý> v dopise {napsal}, [že přístav zavře]."),
        ("ru", "<Депутат Думы от ЛДПР Иван Грачёв> {сказал}, [что порт закроют]."),
        # The genitive behind a noun or a preposition, and a pronoun within the cue.
        ("cs", "{Tvrzení} <vlády>, [že loď je stará], nikdo nevěří."),
        ("cs", "{Podle} <Malého> [je loď stará]."),
        ("ru", "{По} <её> словам, [лодка старая]."),
        # Where it was said stands for who said it.
        ("ru", "В <полиции> {сообщили}, [что лодка старая]."),
        ("ru", "[Лодка старая], {пояснили} в <пресс-службе порта>."),
        ("cs", "[„Loď je stará,“] {uvádí se} v <prohlášení přístavu>."),
        # The preposition of a wish.
        ("es", "<La empresa> abrió la nave {con la intención de} [cerrar el puerto]."),
    ],
)
def test_the_source_is_told_from_the_words_around_it(
    language: str, marked: str, unmark: Unmark
) -> None:
    site, said, source = unmark(language, marked)
    assert source is not None
    assert next(sources(site, said)) == source


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("es", "Ayer {dijo} [que el puerto cerrará]."),
        ("es", "Sin embargo, no {confirmó} [la noticia]."),
        # An object comes behind its verb like a subject.
        ("es", "Ayer {describió} la crisis [como “un aviso”]."),
        ("es", "“Tenemos {información de} [que el puerto cerrará]”."),
        ("it", "Ieri non {ha confermato} [la notizia]."),
        ("pt", "No entanto, não {confirmou} [a notícia]."),
        ("cs", "Včera však {popřel} [zprávy o prodeji]."),
        ("ru", "Вчера, однако, {опроверг} [слухи о продаже]."),
        ("cs", "[Most zavře], {řekl} pro týdeník Podhorský kurýr."),
    ],
)
def test_none_is_proposed_where_the_subject_is_elided(
    language: str, marked: str, unmark: Unmark
) -> None:
    site, said, _ = unmark(language, marked)
    assert not list(sources(site, said))


def test_no_source_lies_within_what_is_said(unmark: Unmark) -> None:
    site, _, source = unmark("es", "<Ana Ruiz> {dijo} que Juan Gil vendrá.")
    assert source is not None
    assert not list(sources(site, (source,)))
