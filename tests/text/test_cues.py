"""Cues: which words report, how far they reach, what they say about the speaker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocero.text.cues import Cue, find_cues
from vocero.text.lexicons import LANGUAGES

if TYPE_CHECKING:
    from vocero.schema import Stance


def found(language: str, text: str) -> list[str]:
    return [text[cue.start : cue.end] for cue in find_cues(text, language)]


def only(language: str, text: str) -> Cue:
    (cue,) = find_cues(text, language)
    return cue


# In each example the cue stands between brackets.
CUES = {
    "es": [
        "Pyongyang [ha negado] el envío.",
        "Ellos [habrían dicho] que no.",
        "Rusia viajará, [según informó] ayer Kirby.",
        "Watson, [citada por] CNN, fue clara.",
        "[Según recoge] la prensa, Putin irá.",
        "[Según] la policía, el hombre huyó.",
        "[De acuerdo con] la ONU, hay hambre.",
        "[En palabras de] Kirby, avanzan.",
        "El ministro [no quiso comentar] el asunto.",
        "El ministro [se ha negado a] dimitir.",
        "Kim [planea] un viaje.",
        "Kim [espera] viajar a Rusia.",
        "La ONU [prevé] una crisis.",
        "Putin [quiere] cambiar la ley.",
        "[El anuncio de] que vendrá sorprendió.",
        "[La acusación de] que mintió es falsa.",
        "[La acusación] de Washington de que Rusia miente sorprendió.",
        "Sobre Kirby, [diciéndole] que no.",
        "El acusado [volvió a decir] que no.",
        "Watson [ha dado a entender] que no.",
        "La empresa [no ha confirmado] la venta.",
    ],
    "en": [
        "She [said] it was over.",
        "He [has not confirmed] the sale.",
        "Seoul [didn't say] when.",
        "[According to] the army, all is well.",
        "[In the words of] Kirby, talks advance.",
        "Watson, [quoted by] a network, was clear.",
        "He [declined to comment] on the sale.",
        "[The claim] that he lied is false.",
        "They [would have said] so.",
        "The minister [has also said] no.",
        "Kim [plans] to travel.",
        "Tehran [denies] it.",
        "The police [pointed out] an error.",
    ],
    "pt": [
        "Brasília [teria dito] que sim.",
        "O Kremlin [negou] tudo.",
        "[Segundo] a polícia, o homem fugiu.",
        "Moscou virá, [segundo informou] a agência.",
        "[De acordo com] a ONU, há fome.",
        "[Nas palavras do] presidente, acabou.",
        "Watson, [citada pela] CNN, foi clara.",
        "Ele [não quis comentar] o caso.",
        "Ele [disse-lhe] que não.",
        "Ele [recusou-se a responder] ontem.",
        "O governo [planeja] cortes.",
        "[A acusação de] que mentiu é falsa.",
    ],
    "fr": [
        "« Nous irons », [a-t-il déclaré] hier.",
        "Moscou [a démenti] la nouvelle.",
        "Ils [auraient dit] que non.",
        "[Selon] la police, il a fui.",
        "[D’après] la police, il a fui.",
        "M. Dupont, [cité par] la presse, était clair.",
        "Le ministre [n’a pas voulu commenter] cette affaire.",
        "La firme [a refusé de commenter] cette affaire.",
        "[L’annonce] que l’usine fermerait a surpris.",
        "Le maire [souhaite] un vote.",
    ],
    "de": [
        "Sie [sagte], es sei vorbei.",
        "[Laut] Polizei floh er.",
        "[Nach Angaben] der Polizei floh er.",
        "Dem Gericht [zufolge] floh er.",
        "Er hat gestern [mitgeteilt], dass er kommt.",
        "Das Amt [teilte] gestern mit, dass er kommt.",
        "Die Firma [kündigte] Entlassungen an.",
        "„Das ist falsch“, [so] der Minister.",
        "Watson, [zitiert von] der Presse, war deutlich.",
        "Er [hat nicht bestätigt], dass er kommt.",
        "Er [wollte sich nicht äußern] und ging.",
        "[Die Behauptung], dass er log, ist falsch.",
        "Kim [plant] eine Reise.",
    ],
    "cs": [
        "Starosta [řekl], že neví.",
        "Starosta [neřekl], kdy přijde.",
        "Vláda [to popírá].",
        "[Podle] policie utekl.",
        "[Podle slov] mluvčí utekl.",
        "[Podle jejího názoru] je pozdě.",
        "Mluvčí [odmítla sdělit] datum.",
        "Ministr [se nechtěl vyjádřit] k věci.",
        "Opozice [domnívá se], že ne.",
        "[Tvrzení], že lhal, je mylné.",
        "[Tvrzení] vlády, že lhal, je mylné.",
        "Vláda [plánuje] škrty.",
        "Vláda [chce] snížit daně.",
        "Úřad [dal najevo] nesouhlas.",
        "Úřad [vyjádřil naději], že ne.",
    ],
    "ru": [
        "Мэр [заявила], что не знает.",
        "Мэр [не сказала], когда придёт.",
        "Завод [это отрицает].",
        "[По словам] мэра, он сбежал.",
        "[По её словам], он сбежал.",
        "[По предварительным данным] полиции, он сбежал.",
        "[По его мнению], уже поздно.",
        "[Согласно] докладу, рыбы нет.",
        "Министр [отказался комментировать] слухи.",
        "Власти [отказались назвать] сумму.",
        "[Заявление] о том, что он лгал, неверно.",
        "[Заявление] мэра о том, что он лгал, неверно.",
        "Компания [планирует] сокращения.",
        "Компания [хочет] снизить цены.",
        "Уходя, он улыбнулся, [сказав], что вернётся.",
        "«Рыбы нет», — [говорится] в докладе.",
        "Мэр [выразил надежду], что нет.",
    ],
    "it": [
        "Mosca [ha negato] tutto.",
        "Loro [avrebbero detto] di no.",
        "[Secondo] la polizia, è fuggito.",
        "[Stando alla] polizia, è fuggito.",
        "Watson, [citata dalla] Cnn, era chiara.",
        "[Come riporta] la stampa, verrà.",
        "Il ministro [non ha voluto commentare] il caso.",
        "Il ministro [si è rifiutato di] andare.",
        "[L’annuncio] che verrà sorprende.",
        "[L’accusa di] aver mentito è falsa.",
        "Il premier [spera] di vincere.",
    ],
}


@pytest.mark.parametrize(
    ("language", "marked"), [(language, text) for language in CUES for text in CUES[language]]
)
def test_a_cue_takes_in_its_auxiliaries_clitics_and_negation(language: str, marked: str) -> None:
    cue = marked[marked.index("[") + 1 : marked.index("]")]
    assert found(language, marked.replace("[", "").replace("]", "")) == [cue]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "El informe trata del anuncio de ayer y de la denuncia."),
        ("es", "El llamado caso de dichos puestos y sus declaraciones."),
        ("es", "Es decir, las señales de las cuentas son claras."),
        ("es", "Hizo una casa, tiene un perro y dio un paseo."),
        ("en", "The state of the union in a recent report."),
        ("en", "His claims, her plans and a new pledge."),
        ("pt", "No segundo turno, o pedido do partido venceu."),
        ("fr", "C'est-à-dire une annonce de plus dans la note."),
        ("de", "Das heißt, es gab keinen Bericht und keine Fragen."),
        ("it", "Nel secondo trimestre il conto è in una nota."),
        ("cs", "Podle zákona a podle potřeby se platí podle toho, co zbylo."),
        ("cs", "Panuje názor, že je pozdě."),
        ("ru", "Существует мнение, что поздно."),
        ("cs", "Ta zpráva a jeho názory, stručně řečeno."),
        ("ru", "Согласно закону и согласно договору платят, честно говоря, мало."),
        ("ru", "Это заявление и его сообщения."),
    ],
)
def test_nouns_adjectives_and_set_phrases_are_no_cues(language: str, text: str) -> None:
    assert found(language, text) == []


@pytest.mark.parametrize(
    ("language", "text", "lemma", "stance"),
    [
        ("es", "Kirby aseveró que no.", "aseverar", "asserts"),
        ("es", "Moscú lo desmintió.", "desmentir", "denies"),
        ("es", "Seúl acusó a Pyongyang.", "acusar", "accuses"),
        ("es", "Seúl lo reconoce.", "reconocer", "confirms"),
        ("es", "Seúl advierte de un ataque.", "advertir", "warns"),
        ("es", "Seúl exigió su retirada.", "exigir", "requests"),
        ("es", "Seúl prometió ayuda.", "prometer", "promises"),
        ("es", "Seúl preguntó por él.", "preguntar", "asks"),
        ("es", "Seúl sospecha que no.", "sospechar", "speculates"),
        ("es", "Seúl declinó la oferta.", "declinar", "declines"),
        ("es", "Seúl no lo dijo.", "decir", "declines"),
        ("es", "Seúl no lo prometió.", "prometer", None),
        ("en", "Seoul warned of war.", "warn", "warns"),
        ("en", "Seoul urged calm.", "urge", "requests"),
        ("en", "Seoul admitted it.", "admit", "confirms"),
        ("de", "Moskau bestritt das.", "bestreiten", "denies"),
        ("de", "Seoul warf Moskau Spionage vor.", "vorwerfen", "accuses"),
        ("fr", "Séoul menaça Moscou.", "menacer", "warns"),
        ("it", "Seul ha chiesto calma.", "chiedere", "requests"),
        ("pt", "Seul exortou os aliados.", "exortar", "requests"),
        ("cs", "Soul obvinil Moskvu.", "obvinit", "accuses"),
        ("cs", "Soul to nepotvrdil.", "potvrdit", "declines"),
        ("cs", "Soul nesouhlasí.", "nesouhlasit", "denies"),
        ("ru", "Сеул пригрозил Москве.", "пригрозить", "warns"),
        ("ru", "Сеул этого не подтвердил.", "подтвердить", "declines"),
    ],
)
def test_a_cue_names_its_lemma_and_stance(
    language: str, text: str, lemma: str, stance: Stance | None
) -> None:
    cue = only(language, text)
    assert (cue.lemma, cue.stance) == (lemma, stance)


def test_a_cue_tells_what_kind_of_word_it_is() -> None:
    assert only("es", "Según Kirby, no.").kind == "preposition"
    assert only("es", "El anuncio de que vendrá.").kind == "noun"
    assert only("es", "Kirby habló y dijo que no.").kind == "verb"


def test_saying_thinking_and_wanting_are_told_apart() -> None:
    assert only("es", "Kirby dijo que no.").factor == "say"
    assert only("es", "Kirby cree que no.").factor == "think"
    assert only("es", "Kim planea un viaje.").factor == "want"


@pytest.mark.parametrize(
    ("language", "relayed", "said"),
    [
        ("es", "Watson, citada por CNN.", "Watson dijo que no."),
        ("es", "Según recoge CNN, no.", "Según CNN, no."),
        ("en", "Watson, quoted by CNN.", "Watson said no."),
        ("pt", "Watson, citada pela CNN.", "Watson disse não."),
        ("fr", "Watson, citée par CNN.", "Watson a dit non."),
        ("de", "Watson, zitiert von CNN.", "Watson sagte nein."),
        ("it", "Watson, citata dalla Cnn.", "Watson ha detto no."),
        ("cs", "Watsonová, citovaná CNN.", "Watsonová řekla ne."),
        ("ru", "Уотсон, со ссылкой на CNN.", "Уотсон сказала нет."),
    ],
)
def test_words_that_pass_on_the_words_of_another_are_relays(
    language: str, relayed: str, said: str
) -> None:
    assert only(language, relayed).relay
    assert not only(language, said).relay


def test_a_line_break_may_stand_inside_a_cue_but_an_empty_line_may_not() -> None:
    assert found("es", "Pyongyang ha\nnegado el envío.") == ["ha\nnegado"]
    assert found("es", "Eso es todo lo que ha\n\nnegado Pyongyang.") == []


def test_accents_may_be_code_points_of_their_own() -> None:
    text = normalize("NFD", "Añadió que no. Moscú lo desmintió, según informó Tokio: sólo mintió.")
    words = [text[cue.start : cue.end] for cue in find_cues(text, "es")]
    assert [normalize("NFC", word) for word in words] == ["Añadió", "lo desmintió", "según informó"]
    (cue,) = find_cues(text, "es", within=(text.index("Moscu"), text.index(", ")))
    assert text[cue.start : cue.end] == words[1]


def test_only_the_range_asked_for_is_searched() -> None:
    text = "Kirby dijo que sí. Watson negó todo. Putin afirmó otra cosa."
    start, end = text.index("Watson"), text.index("Putin")
    (cue,) = find_cues(text, "es", within=(start, end))
    assert text[cue.start : cue.end] == "negó"


def test_a_language_without_a_lexicon_has_no_cues() -> None:
    assert find_cues("Dijo que no.", None) == []
    assert find_cues("Sagde han.", "da") == []


# Words of the examples in any order: cues, parts of cues, and marks between them.
SCRAPS = st.sampled_from(
    sorted({word.strip("[]") for texts in CUES.values() for text in texts for word in text.split()})
)


@given(
    st.sampled_from(LANGUAGES),
    st.one_of(st.text(), st.lists(SCRAPS).map(" ".join)),
    st.integers(0, 80),
    st.integers(0, 80),
)
def test_cues_lie_within_the_range_in_order_and_never_overlap(
    language: str, text: str, one: int, other: int
) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    for low, high, cues in (
        (0, len(text), find_cues(text, language)),
        (start, end, find_cues(text, language, within=(start, end))),
    ):
        edges = [edge for cue in cues for edge in (cue.start, cue.end)]
        assert edges == sorted(edges)
        assert all(cue.start < cue.end for cue in cues)
        assert all(low <= edge <= high for edge in edges)


def test_the_search_takes_time_in_proportion_to_the_text() -> None:
    def seconds(copies: int) -> float:
        text = "quiere querer decir que no nach Para teilte \n" * copies
        begin = time.process_time()
        for language in LANGUAGES:
            find_cues(text, language)
        return time.process_time() - begin

    seconds(1)
    # Eight times the text: a quadratic search would take 64 times as long.
    assert min(seconds(1600) for _ in range(3)) < 30 * seconds(200)
