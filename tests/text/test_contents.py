"""What is said at a cue: the first proposal for each construction, and what holds for any text."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructions import CONSTRUCTIONS, each_construction
from vocero.text import Cue, find_cues, quotations, sentences
from vocero.text.contents import contents
from vocero.text.lexicons import LANGUAGES
from vocero.text.site import Range, Site
from vocero.text.sources import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Unmark = Callable[[str, str], tuple[Site, tuple[Range, ...], Range | None]]


@each_construction
def test_the_first_proposal_is_what_is_said(language: str, marked: str, unmark: Unmark) -> None:
    site, said, _ = unmark(language, marked)
    first = next(contents(site)).content
    assert [site.text[slice(*one)] for one in first] == [site.text[slice(*one)] for one in said]


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_each_construction_has_an_example_in_each_language(construction: str) -> None:
    assert CONSTRUCTIONS[construction].keys() == set(LANGUAGES)


@pytest.mark.parametrize(
    ("pattern", "language", "marked"),
    [
        ("preposition", "es", "{Según} Ana, [el plan es caro]."),
        ("antecedent", "es", "Juan dijo [que el plan es caro], lo que Ana {negó}."),
        ("aside", "es", "[“El plan] – {dijo} Ana – [es caro”]."),
        ("announced", "es", "Como {dijo} Ana, [el plan es caro]."),
        ("quotation", "es", "[“El plan es caro”], {dijo} Ana."),
        ("bare clause", "de", "Anna {sagte}, [der Plan sei teuer]."),
        ("complement", "es", "Ana {dijo} [que el plan es caro]."),
        ("colon", "es", "Ana {dijo} ayer: [el plan es caro]."),
        ("parenthetical", "es", "[El plan es muy caro], {dijo} Ana."),
        ("object", "es", "Ana {anunció} [un plan muy caro]."),
    ],
)
def test_a_proposal_names_its_construction(
    pattern: str, language: str, marked: str, unmark: Unmark
) -> None:
    site, said, _ = unmark(language, marked)
    first = next(contents(site))
    assert (first.pattern, first.content) == (pattern, said)


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        # A statement may end at any comma.
        ("es", "Ana {dijo} [que el plan es caro], los ríos crecieron y se fue."),
        # A quotation may be all that is said of a longer clause.
        ("en", "The plan is [“a farce,”] Ann Rowe {said}."),
        # An insertion may interrupt a statement, or end one.
        ("de", "[Der Plan sei viel zu teuer], {sagte} Anna, als sie ging."),
    ],
)
def test_less_likely_readings_are_proposed_too(language: str, marked: str, unmark: Unmark) -> None:
    site, said, _ = unmark(language, marked)
    assert said in [one.content for one in contents(site)]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        # Who denies a statement at its end denies what was stated, and no more.
        ("en", "Ana said [the boat was old], a claim the owner {denied} on Monday."),
        ("es", "Según Ana, [el barco es viejo], extremo que el dueño {ha desmentido}."),
        ("it", "Secondo Ana, [la barca è vecchia]; il padrone {lo ha smentito}."),
        ("fr", "Ana affirme [que le bateau est vieux], une accusation que le patron {rejette}."),
        ("pt", "Ana disse [que o barco é velho], acusação que o dono {nega}."),
        # And who states it did not state the denial.
        ("en", "Ana {said} [the boat was old], a claim the owner denied on Monday."),
        ("es", "{Según} Ana, [el barco es viejo], extremo que el dueño ha desmentido."),
        ("de", "Anna {sagte}, [das Boot sei alt], ein Vorwurf, den der Chef zurückwies."),
        # A noun that opens the sentence ends with its clause; what is said of it is said of all.
        ("en", "{The claim} [that the boat is old], made by the owner, surprised the crew."),
        ("es", "{La idea de} [que el barco es viejo], defendida por Ana, no convence."),
        ("it", "{La tesi secondo cui} [la barca è vecchia] «è una favola», ha detto Ana."),
        ("fr", "{L’idée selon laquelle} [le bateau est vieux] « ne tient pas », juge Ana."),
        ("es", "[La idea de que el barco es viejo «ya no se sostiene»], {dijo} Ana."),
        # Only the end of a statement may be quoted.
        ("en", "[She would sell the boat], she {said}, [“if they pay in advance”]."),
        # Who is told is no part of what is told.
        ("en", "Ana {told} the newspaper [that the boat was old]."),
        # A complementiser far off opens a relative clause in what is said.
        (
            "es",
            "{Instamos} [a los dueños del barco a parar y a cumplir todo lo claro y justo que hay].",
        ),
        ("es", "Ayer {describió} [las dificultades que tiene el barco como “un aviso”]."),
        # Semicolons part one statement from the next.
        ("en", "Ana {said} [the boat was old]; the owner said it was new."),
        # More words about a document come before what it says.
        ("pt", "{Segundo} o mapa, publicado no boletim de maio, [o barco é velho]."),
        ("de", "{Laut} dem Bericht, den Anna am Montag las, [ist das Boot alt]."),
        # What is said in a clause before the main one ends with it.
        ("es", "Aunque Ana {dijo} [que el barco es viejo], el dueño no lo vende."),
        ("pt", "Embora Ana {tenha dito} [que o barco é velho], o dono não o vende."),
        ("en", "While he {acknowledged} [the boat was old], the owner kept it."),
        ("es", "La naviera, que {anunció} [que cerrará], venderá el barco."),
        ("en", "Rowe, who {said} [the boat was old], left on Monday."),
        ("es", "{Diciendo} [que el barco es viejo], la alcaldesa se fue."),
        ("en", "{Asked} [whether the boat was old], Ann Rowe laughed."),
        # Who is described before speaking says what comes behind the verb.
        ("es", "Ana Ruiz, que llegó ayer de Lugo, {criticó} [la venta del barco]."),
        # An adverbial between commas is not said.
        ("es", "Ana {afirma}, en alusión al viejo barco del puerto, [que no navega]."),
        ("en", "Rowe {said}, in a letter to all owners of boats, [that it was old]."),
        ("es", "Ana {informó} también [de que el barco es viejo]."),
        ("es", "Ana {dijo} antes de la reunión [que el barco es viejo]."),
        # A clause of what is said is no complement of an insertion.
        ("es", "[Su plan], {declaró}, [es que el barco zarpe]."),
        ("en", "[Nobody here], she {said}, [thinks that the boat is old]."),
        # A quotation that nothing closes ends before who is said to speak.
        ("es", "[“El barco del puerto es viejo], {dijo} Ana Ruiz."),
        ("en", "[“The boat in the harbour is old], {said} Ann Rowe."),
        # In a bracket the writer speaks.
        ("es", "Ana {dijo} [que el barco es viejo] (una cita de lo que aseveró Gil)."),
        # What is coordinated with a quoted statement goes on with the verb.
        ("en", "Ann Rowe {said} [“it is over”] and left."),
        ("en", "Ann Rowe {said} [“budget cuts” and taxes would help]."),
        # Without a comma behind the source, it ends with its names and known nouns.
        ("cs", "{Podle} mluvčího ministerstva vnitra Jana Malého [je loď stará]."),
        ("cs", "Vrak, který {podle} policie [ležel u mola], zmizel."),
        # Where every clause has its comma, one in front of a verb opens no adverbial.
        ("cs", "[Na člunu z přístavu v Brně byl jen majitel], {řekl} včera soused."),
        # What the clause is about may stand before its "that", and is left out.
        ("ru", "Анна {обвинила} владельца в том, [что лодка старая]."),
        # The name of an outlet in marks is no statement.
        ("ru", "Анна {сказала} газете «Волга», [что лодка старая]."),
        ("ru", "{Заявление} Анны о том, [что лодка старая], удивило порт."),
        # A cue within a quotation reads what is quoted.
        ("es", "«{Dijeron} [que el barco era viejo]», contó Ana."),
        ("fr", "« On nous {a dit} [que le bateau était vieux] », raconte Ana."),
    ],
)
def test_a_statement_ends_where_another_begins(language: str, marked: str, unmark: Unmark) -> None:
    site, said, _ = unmark(language, marked)
    assert next(contents(site)).content == said


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("es", "«{Esperamos}», dijo Ana Ruiz."),
        ("en", "“We {hope},” said Ann Rowe."),
        ("en", "“We {hope}” Rowe said."),
        ("en", "“He {denied}” the report, Ann Rowe said."),
        ("de", "„Wir {hoffen}“, sagte Anna Roth."),
        ("cs", "„{Čekáme},“ řekla Nováková."),
        ("es", "Según el diario «Ana {dijo}», el puerto cierra."),
        ("es", "—{Esperamos} —dijo Ana Ruiz."),
    ],
)
def test_a_cue_in_a_short_quotation_tells_nothing_beyond_its_marks(
    language: str, marked: str, unmark: Unmark
) -> None:
    site, _, _ = unmark(language, marked)
    assert list(contents(site)) == []


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("es", "Ana «{anunció}» [que el puerto cierra]."),
        ("es", "«{Dijo} [que no]», aseguró Ana Ruiz."),
    ],
)
def test_a_quoted_verb_reports_and_a_quotation_may_report(
    language: str, marked: str, unmark: Unmark
) -> None:
    site, said, _ = unmark(language, marked)
    assert next(contents(site)).content == said


def test_a_chain_of_denials_is_read_however_long(unmark: Unmark) -> None:
    chain = ", lo que Paz negó" * 3_000
    site, said, _ = unmark("es", f"Ana dijo que el barco es viejo{chain}[, lo que Gil] {{negó}}.")
    assert next(contents(site)).content[0][1] <= said[0][0]


def test_without_a_lexicon_punctuation_alone_is_read() -> None:
    text = "“Havnen lukker”, sagde Anna."
    cue = Cue(text.index("sagde"), text.index(" Anna"), "sige", "asserts", "verb", "say", False)
    site = Site(text, (0, len(text)), cue, quotations(text), [cue], "da")
    said = next(contents(site)).content
    assert [text[slice(*one)] for one in said] == ["“Havnen lukker”"]
    assert not list(sources(site, said))


# Words of the constructions in any order, with marks between them: cues, openers, names.
SCRAPS = {
    language: sorted(
        {
            word.translate(str.maketrans("", "", "[]{}<>"))
            for examples in CONSTRUCTIONS.values()
            for word in examples[language].split()
        }
        | set(",:;.–-—()“”«»„\"'")
    )
    for language in LANGUAGES
}
TEXTS = st.sampled_from(LANGUAGES).flatmap(
    lambda language: st.tuples(
        st.just(language),
        st.lists(st.sampled_from(SCRAPS[language]) | st.text(max_size=3)).map(" ".join),
    )
)


def sites(text: str, language: str) -> Iterator[Site]:
    outer = [one for one in quotations(text) if one.depth == 0]
    for sentence in sentences(text, language):
        cues = find_cues(text, language, within=sentence)
        for cue in cues:
            yield Site(text, sentence, cue, outer, cues, language)


def lie_apart(ranges: Iterable[Range], text: str) -> bool:
    edges = [0, *(edge for one in sorted(ranges) for edge in one), len(text)]
    return edges == sorted(edges) and all(start < end for start, end in ranges)


@given(TEXTS)
def test_proposals_for_any_text_are_few_and_lie_apart(case: tuple[str, str]) -> None:
    language, text = case
    for site in sites(text, language):
        proposals = list(contents(site))
        assert len(proposals) <= 7
        assert len({one.content for one in proposals}) == len(proposals)
        for one in proposals:
            assert one.content
            assert list(one.content) == sorted(one.content)
            assert lie_apart(one.content, text)
            speakers = list(sources(site, one.content))
            assert len(speakers) <= 5
            assert all(lie_apart([*one.content, speaker], text) for speaker in speakers)


def test_reading_takes_time_in_proportion_to_the_sentence() -> None:
    def seconds(copies: int) -> float:
        taken = 0.0
        for language in LANGUAGES:
            text = f"{' '.join(SCRAPS[language])} " * copies
            cues = find_cues(text, language)
            outer = [one for one in quotations(text) if one.depth == 0]
            begin = time.process_time()
            for cue in (cues[0], cues[len(cues) // 2], cues[-1]):
                site = Site(text, (0, len(text)), cue, outer, cues, language)
                for one in islice(contents(site), 1):
                    list(sources(site, one.content))
            taken += time.process_time() - begin
        return taken

    seconds(1)
    # Eight times the text: a quadratic reading would take 64 times as long.
    assert seconds(160) < 30 * seconds(20)
