"""A quote is found as the same words, at exactly their characters, or it is not found."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vocero.text.fold import INVISIBLE, WHITE
from vocero.text.locate import ELISION_LIMIT, TextIndex, locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vocero.schema import Match

# --- Every fragment of 5 to 18 words of the two reference articles, stride 1 ---------------------

SEEDS = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
]
INDEXES = [TextIndex(text) for text in SEEDS]


def fragments() -> Iterator[tuple[TextIndex, int, int]]:
    for index in INDEXES:
        words = [word.span() for word in re.finditer(r"\S+", index.text)]
        for first in range(len(words)):
            for last in range(first + 4, min(first + 18, len(words))):
                yield index, words[first][0], words[last][1]


def without_accents(text: str) -> str:
    return "".join(char for char in normalize("NFD", text) if not combining(char))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "no-break spaces as spaces": lambda words: words.replace("\xa0", " "),
    "straight quotation marks": lambda words: words.replace("“", '"').replace("”", '"'),
    "NFD": lambda words: normalize("NFD", words),
    "upper case": str.upper,
    "accents lost": without_accents,
    "all at once": lambda words: " ".join(without_accents(words).upper().split()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_fragment_is_found_at_its_own_characters(spelling: str) -> None:
    missed = []
    for index, start, end in fragments():
        words = index.text[start:end]
        again = index.text.casefold().count(words.casefold()) > 1
        near = start if again else None
        span = index.locate(SPELLINGS[spelling](words), near=near)
        if span is None or (span.start, span.end, span.text) != (start, end, words):
            missed.append(words)
    assert missed == []


def insert_no(words: list[str], at: int) -> list[str]:
    return [*words[:at], "no", *words[at:]]


def replace_by_number(words: list[str], at: int) -> list[str]:
    return [*words[:at], "1987", *words[at + 1 :]]


def replace_by_name(words: list[str], at: int) -> list[str]:
    return [*words[:at], "Zelenski", *words[at + 1 :]]


def swap_neighbours(words: list[str], at: int) -> list[str]:
    return [*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]]


def drop_word(words: list[str], at: int) -> list[str]:
    return [*words[:at], *words[at + 1 :]]


@pytest.mark.parametrize(
    "change", [insert_no, replace_by_number, replace_by_name, swap_neighbours, drop_word]
)
def test_no_changed_fragment_is_accepted(change: Callable[[list[str], int], list[str]]) -> None:
    rng = random.Random(0)  # noqa: S311 - chooses which word to change, no secret
    accepted = []
    for index, start, end in fragments():
        words = index.text[start:end].split()
        changed = change(words, rng.randrange(1, len(words) - 1))
        if changed != words and index.locate(" ".join(changed)):
            accepted.append(changed)
    assert accepted == []


# --- Tiers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "quote", "found", "match"),
    [
        ("Lo que Pyongyang ha negado.", "Pyongyang ha negado", "Pyongyang ha negado", "exact"),
        ("Lo que Pyongyang ha negado.", "  Pyongyang ha\n", "Pyongyang ha", "exact"),
        (
            "más de\xa06.000\u2009 aviones",
            "de 6.000 aviones",
            "de\xa06.000\u2009 aviones",
            "typographic",
        ),
        ("Fin.\n\nRusia también", "Fin. Rusia", "Fin.\n\nRusia", "typographic"),
        ("el arma\xadmento ruso", "armamento ruso", "arma\xadmento ruso", "typographic"),
        ("el \ufeffKrem\u200blin calla", "Kremlin", "Krem\u200blin", "typographic"),
        ("dijo «avanzando» ayer", "dijo 'avanzando' ayer", "dijo «avanzando» ayer", "typographic"),
        ("don’t sell „arms“", 'don\'t sell "arms"', "don’t sell „arms“", "typographic"),
        ("casos –la revelación—", "casos -la revelación-", "casos –la revelación—", "typographic"),
        ("y luego… nada", "luego... nada", "luego… nada", "typographic"),
        ("y luego... nada", "luego… nada", "luego... nada", "typographic"),
        ("la ﬁrma oﬃcial", "firma official", "ﬁrma oﬃcial", "typographic"),
        ("añadió Kirby", "an\u0303adio\u0301 Kirby", "añadió Kirby", "typographic"),
        ("an\u0303adio\u0301 Kirby", "añadió", "an\u0303adio\u0301", "typographic"),
        ("la Casa Blanca", "LA CASA BLANCA", "la Casa Blanca", "case"),
        ("die Straße ist frei", "DIE STRASSE IST", "die Straße ist", "case"),
        ("ΟΔΟΣ 5", "οδος", "ΟΔΟΣ", "case"),
        ("İstanbul dedi", "i̇stanbul", "İstanbul", "case"),
        ("İstanbul dedi", "istanbul dedi", "İstanbul dedi", "accents"),
        ("EL MIÉRCOLES dijo", "el miercoles", "EL MIÉRCOLES", "accents"),
        ("an\u0303adio\u0301 Kirby", "anadio", "an\u0303adio\u0301", "accents"),
        ("ёлка стоит", "елка", "ёлка", "accents"),
        ("قال شكرًا لكم", "شكرا", "شكرًا", "accents"),
        ("אמר שלום לכם", "שלום לכם", "שלום לכם", "exact"),
        ("sí 👩‍💻 y 👍🏽 no", "👩‍💻 y 👍🏽", "👩‍💻 y 👍🏽", "exact"),
        ("te ❤\ufe0f mucho", "te ❤ mucho", "te ❤\ufe0f mucho", "typographic"),
        ("金正恩表示同意。", "表示同意", "表示同意", "exact"),
    ],
)
def test_spelling_is_folded_and_its_tier_recorded(
    text: str, quote: str, found: str, match: Match
) -> None:
    span = locate(text, quote)
    assert span is not None
    assert (span.text, span.match) == (found, match)
    assert text[span.start : span.end] == found


def test_a_nearer_tier_farther_on_comes_first() -> None:
    span = locate("Kirby DIJO que sí. Kirby dijo que no.", "Kirby dijo")
    assert span is not None
    assert (span.start, span.match) == (19, "exact")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("ninguno de los dos", "uno de los dos"),  # half a word
        ("los dos países", "los dos paí"),
        ("arma\xadmento ruso", "arma"),
        ("arma\xadmento ruso", "mento ruso"),
        ("el_usuario calla", "usuario calla"),
        ("cafe\u0301 solo", "caf"),
        ("dos cafe\u0301s", "dos cafe\u0301"),
        ("la ﬁrma", "la f"),  # half a ligature, half a ß, half an emoji
        ("la ﬁrma", "irma"),
        ("die Straße", "die Stras"),
        ("sí 👩‍💻 no", "👩"),
        ("sí 👩‍💻 no", "💻 no"),
        ("sí 👍🏽 no", "👍"),
        ("más de 6.000 aviones", "000 aviones"),  # half a number
        ("más de 6.000 aviones", "más de 6"),
        ("2.5 million shells", "5 million shells"),
        ("sold 1,500 drones", "500 drones"),
        ("vendió 1\u202f500 drones", "500 drones"),
        ("vendió 1 500 drones", "vendió 1"),
        ("entre 10-15 muertos", "15 muertos"),
        ("a −5 grados", "5 grados"),
        ("unos .5 millones", "5 millones"),
        ("unos 5 millones", ".5 millones"),
        ("el caza F-16 ruso", "16 ruso"),
        ("los ex-agentes rusos", "los ex"),
        ("non-violent protests", "violent protests"),  # half a compound, half a name
        ("We can't sell arms", "We can"),
        ("We can’t sell arms", "We can"),
        ("O’Neill denied it", "Neill denied it"),
        ("área de 5 m² libres", "5 m2"),  # superscripts, digits and units are not typography
        ("área de 5 m² libres", "5 m"),
        ("unos ٥ drones", "unos 5 drones"),
        ("mide 5′ de alto", 'mide 5" de alto'),
        ("x ≠ y", "x = y"),
        ("x =\u0338 y", "x ="),
        ("¿Vendrá Kim?", "¡Vendrá Kim!"),
        ("El líder público", "El líder publicó"),  # an accent the text has not
        ("El lider calla", "El líder calla"),
        ("か", "が"),
        ("が", "か"),
        ("anything", ""),
        ("anything", " \xa0\u200b"),
        ("anything", "…"),
        ("", "anything"),
    ],
)
def test_what_is_not_the_same_words_is_refused(text: str, quote: str) -> None:
    assert locate(text, quote) is None


def test_missing_accents_are_refused_where_they_could_be_two_words() -> None:
    both = "El órgano público publicó la ley."
    only = "El órgano publicó la ley."
    assert locate(both, "publico") is None
    assert locate(both, "publico", near=0) is None
    assert locate(both, "público") is not None
    assert locate(both, "publico la ley") is not None
    found = locate(only, "publico")
    assert found is not None
    assert (found.text, found.match) == ("publicó", "accents")
    within = locate(both, "publico", within=(18, len(both)))
    assert within is not None
    assert within.text == "publicó"


def test_missing_accents_of_one_word_in_two_places_need_near() -> None:
    text = "Kim añadió que sí. Putin añadió que no."
    assert locate(text, "anadio") is None
    span = locate(text, "anadio", near=30)
    assert span is not None
    assert span.start == text.rindex("añadió")


def test_what_no_span_can_hold_is_refused() -> None:
    assert locate("un \ud800 mundo", "un \ud800 mundo") is None
    assert locate("un \ud800 mundo", "un … mundo") is None
    assert locate("un \ud800 mundo", "MUNDO") is not None


# --- Edges of the quote -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote",
    [
        "“avanzando activamente”",
        "'avanzando activamente'.",
        "« avanzando activamente »,",
        "avanzando activamente…",
        "...avanzando activamente...",
    ],
)
def test_marks_around_the_quote_may_be_missing_in_the_text(quote: str) -> None:
    span = locate("Las charlas siguen avanzando activamente entre ambos.", quote)
    assert span is not None
    assert (span.text, span.match) == ("avanzando activamente", "exact")


def test_marks_that_the_text_has_are_kept() -> None:
    span = locate("como “avanzando activamente”, dijo", '"avanzando activamente",')
    assert span is not None
    assert (span.text, span.match) == ("“avanzando activamente”,", "typographic")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("L’Iran a nié", "Iran a nié"),
        ("Iran’s envoy", "Iran"),
        ("productos y otras.El líder calla", "El líder calla"),
        ("los casos -la revelación de Irán- no", "la revelación de Irán"),
        ("costó $5, dijo", "5"),
    ],
)
def test_a_match_may_begin_and_end_at_punctuation(text: str, quote: str) -> None:
    span = locate(text, quote)
    assert span is not None
    assert span.text == quote


def test_words_glued_by_a_lost_line_break_are_told_apart() -> None:
    text = SEEDS[0]
    glue = text.index("HocksteinEl") + len("Hockstein")
    after = locate(text, "el coordinador del NSC", near=glue)
    assert after is not None
    assert after.start == glue
    before = locate(text, "EE.UU.. REUTERS/Evelyn Hockstein", near=0)
    assert before is not None
    assert before.end == glue
    two_words = locate(text, "REUTERS/Evelyn Hockstein", near=0)
    assert two_words is not None
    assert two_words.start > glue  # where they stand alone


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("McDonald dijo que sí. Donald calla.", "Donald dijo que sí"),
        ("ExxonMobil dijo que sí. Exxon calla.", "Mobil dijo que sí"),
        ("Lo dijo ayer YouTube. You know.", "Lo dijo ayer You"),
        ("Lo dijo ayer WhatsApp. App calla.", "Lo dijo ayer Whats"),
        ("lecturaEl líder. El líder calla.", "El líder"),
    ],
)
def test_names_in_camel_case_are_not_taken_apart(text: str, quote: str) -> None:
    assert locate(text, quote, within=(0, text.index(".") + 1)) is None


# --- Several places -----------------------------------------------------------------------------

TWICE = "Kirby dijo sí. Watson calló. Kirby dijo no."


@pytest.mark.parametrize(
    ("near", "start"), [(None, 0), (0, 0), (15, 0), (28, 29), (99, 29), (-7, 0)]
)
def test_the_place_nearest_to_near_is_taken_else_the_first(near: int | None, start: int) -> None:
    span = locate(TWICE, "kirby dijo", near=near)
    assert span is not None
    assert span.start == start


def test_overlapping_places_are_all_seen() -> None:
    span = locate("no y no y no", "no y no", near=5)
    assert span is not None
    assert span.start == 5


@pytest.mark.parametrize(
    ("within", "start"),
    [((0, 43), 0), ((1, 43), 29), ((29, 39), 29), ((-5, 999), 0)],
)
def test_the_whole_match_lies_within_the_range(within: tuple[int, int], start: int) -> None:
    span = locate(TWICE, "Kirby dijo", within=within)
    assert span is not None
    assert span.start == start


@pytest.mark.parametrize("within", [(1, 38), (30, 43), (0, 0), (9, 3), (99, 120), (-9, -1)])
def test_a_range_without_the_whole_match_holds_nothing(within: tuple[int, int]) -> None:
    assert locate(TWICE, "Kirby dijo", within=within) is None
    assert locate(TWICE, "KIRBY DIJO", within=within) is None


def test_a_range_may_not_cut_a_word() -> None:
    assert locate("ninguno calla", "uno calla", within=(4, 13)) is None
    assert locate("cafe\u0301 solo", "cafe", within=(0, 4)) is None


# --- Elision ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote",
    [
        "Instamos a la RPDC … vender armas a Rusia",
        "Instamos a la RPDC ... vender armas a Rusia",
        "INSTAMOS A LA RPDC [...] vender armas a Rusia.",
        '"Instamos a la RPDC... compromisos públicos… vender armas a Rusia",',
    ],
)
def test_first_and_last_words_stand_for_all_between(quote: str) -> None:
    span = locate(SEEDS[1], quote)
    assert span is not None
    assert span.text.startswith("Instamos a la RPDC a cesar")
    assert span.text.endswith("ni vender armas a Rusia")


def test_an_ellipsis_that_the_text_has_is_no_elision() -> None:
    span = locate("No sé… dijo. No sé qué dijo.", "No sé... dijo")
    assert span is not None
    assert (span.text, span.match) == ("No sé… dijo", "typographic")


def test_elision_takes_the_shortest_stretch_and_the_widest_tier() -> None:
    span = locate("Kim va. Kim vio a Putin y a Putin.", "kim … Putin")
    assert span is not None
    assert (span.text, span.match) == ("Kim vio a Putin", "case")


def test_elision_in_two_places_needs_near() -> None:
    text = "Kim vio a Putin. Kim oyó a Putin."
    assert locate(text, "Kim … Putin") is None
    span = locate(text, "Kim … Putin", near=30)
    assert span is not None
    assert span.text == "Kim oyó a Putin"


@pytest.mark.parametrize(
    "quote",
    ["Putin … Kim", "Kim … Biden", "Biden … Putin", "Kim … Kim", "Kim … no … Putin", "Ki … Putin"],
)
def test_elision_needs_both_ends_in_order(quote: str) -> None:
    assert locate("Kim vio a Putin.", quote) is None


def test_elision_does_not_cross_half_an_article() -> None:
    text = "Kim " + "x " * (ELISION_LIMIT // 2) + "Putin"
    assert locate(text, "Kim … Putin") is None
    assert locate(text, "Kim … Putin", within=(0, len(text))) is not None


# --- Properties ---------------------------------------------------------------------------------

# fmt: off
WORDS = st.text(min_size=1, max_size=4) | st.sampled_from([
    "público", "publicó", "an\u0303o", "ﬁn", "oﬃce", "Straße", "İzmir", "ıssız", "ΟΔΟΣ", "ᾳ", "ёж",
    "שלום", "شكرًا", "हिन्दी", "金正恩", "ภาษาไทย", "한국", "👩\u200d💻", "👍🏽", "❤\ufe0f", "🇪🇸",
    "x\u0338", "arma\xadmento", "\ud800", "“sí”", "‘no’", "«ya»,", "-", "—", "…", "...", "EE.UU.",
    "1,500", "m²", "don’t", "HocksteinEl",
])
# fmt: on
SPACES = st.sampled_from([" ", "\xa0", "\n\n", " \u200b", "\u2009", "\ufeff "])
TEXTS = st.lists(st.tuples(WORDS, SPACES), min_size=1, max_size=12).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)


@st.composite
def word_runs(draw: st.DrawFn) -> tuple[str, str]:
    """A text and some of its words, as they stand in it."""
    text = draw(TEXTS)
    words = [word.span() for word in re.finditer(r"\S+", text)]
    assume(words)
    first = draw(st.integers(0, len(words) - 1))
    last = draw(st.integers(first, len(words) - 1))
    return text, text[words[first][0] : words[last][1]].strip(WHITE + INVISIBLE)


def letters(text: str) -> str:
    """What no tier may change, by Unicode's widest folding."""
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    return "".join(char for char in folded if char.isalnum() and char not in "ʼʻ")


@settings(deadline=None)
@given(word_runs())
def test_any_run_of_words_is_found_as_it_stands(case: tuple[str, str]) -> None:
    text, words = case
    assume(words and not re.search(r"[\ud800-\udfff]|\d\s\d", text))
    span = locate(text, words)
    assert span is not None
    assert (span.text, span.match) == (words, "exact")
    assert text[span.start : span.end] == words


@settings(deadline=None)
@given(word_runs())
def test_any_run_of_words_is_found_in_another_spelling(case: tuple[str, str]) -> None:
    text, words = case
    assume(letters(words) and not re.search(r"[\ud800-\udfff]|\d\s\d", text))
    span = locate(text, " ".join(normalize("NFD", words).casefold().split()))
    assert span is not None
    assert letters(span.text) == letters(words)
    assert text[span.start : span.end] == span.text


@settings(max_examples=300, deadline=None)
@given(
    text=TEXTS,
    data=st.data(),
    within=st.none() | st.tuples(st.integers(-3, 99), st.integers(-3, 99)),
    near=st.none() | st.integers(-3, 99),
)
def test_nothing_raises_and_what_is_found_is_the_same_words(
    text: str, data: st.DataObject, within: tuple[int, int] | None, near: int | None
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    slices = st.sampled_from([text[start:end], without_accents(text[start:end]).upper()])
    quote = data.draw(slices | TEXTS)
    span = locate(text, quote, within=within, near=near)
    if span:
        assert text[span.start : span.end] == span.text
        assert span.text == span.text.strip()
        if "…" not in quote and "..." not in quote:
            assert letters(span.text) == letters(quote)
        if within:
            assert within[0] <= span.start < span.end <= within[1]
