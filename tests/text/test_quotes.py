"""Quotations, by their marks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocero.text.quotes import quotations

SEEDS = Path(__file__).parents[2] / "seeds"
MARKS = "“”„\"«»‹›‘’‚'—–-"


def inner(text: str) -> list[str]:
    return [text[one.inner_start : one.inner_end] for one in quotations(text)]


def whole(text: str) -> list[str]:
    return [text[one.start : one.end] for one in quotations(text)]


def left_open(text: str) -> list[str]:
    return [text[one.start : one.end] for one in quotations(text) if not one.closed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Nos vamos”, dijo.", "Nos vamos"),
        ("«Nos vamos», dijo.", "Nos vamos"),
        ("Dijo:«Nos vamos».", "Nos vamos"),
        ("« On part », dit-il.", "On part"),
        ("«\xa0On part\xa0», dit-il.", "On part"),
        ("‹On part›, dit-il.", "On part"),
        ("d'«État» et rien d'autre", "État"),
        ("„Wir gehen“, sagte er.", "Wir gehen"),
        ("‚Wir gehen‘, sagte er.", "Wir gehen"),
        ("»Wir gehen«, sagte er.", "Wir gehen"),
        ("›Wir gehen‹, sagte er.", "Wir gehen"),
        ("„Jdeme,“ řekl.", "Jdeme,"),
        ('"We go," he said.', "We go,"),
        ("'We go,' he said.", "We go,"),
        ("‘We go,’ he said.", "We go,"),
        ('("we go")', "we go"),
        ('"...y nos vamos"', "...y nos vamos"),
        ('Dijo " nos vamos " y se fue.', "nos vamos"),
        ("“”", ""),
    ],
)
def test_each_pair_of_marks(text: str, expected: str) -> None:
    (one,) = quotations(text)
    assert text[one.inner_start : one.inner_end] == expected
    assert one.closed
    assert one.depth == 0


@pytest.mark.parametrize(
    "text",
    [
        '“Nos vamos", dijo.',
        '"Nos vamos”, dijo.',
        "“Nos vamos“, dijo.",
        "„Nos vamos”, dijo.",
        "‘Nos vamos‘, dijo.",
        "‘Nos vamos', dijo.",
    ],
)
def test_marks_of_one_family_close_one_another(text: str) -> None:
    assert inner(text) == ["Nos vamos"]
    assert left_open(text) == []


def test_an_outer_quotation_comes_before_those_within_it() -> None:
    text = '“El juez dijo «no es ‘urgente’» y «adiós»”, contó Ana. "Ya".'
    assert inner(text) == [
        "El juez dijo «no es ‘urgente’» y «adiós»",
        "no es ‘urgente’",
        "urgente",
        "adiós",
        "Ya",
    ]
    assert [one.depth for one in quotations(text)] == [0, 1, 2, 1, 0]


def test_straight_marks_nest_where_their_neighbours_tell() -> None:
    assert inner('"She called it "odd" twice," he said, "and \'very odd\' once."') == [
        'She called it "odd" twice,',
        "odd",
        "and 'very odd' once.",
        "very odd",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "L'homme de l’État n'a rien dit.",
        "They don't know what we’re doing.",
        "'Tis the dogs' day in the '90s, isn't it?",
        "’Tis the dogs’ day in the ’90s, rock ’n’ roll.",
        "‘Tis the summer of ‘69.",
        'A 5" disk for a 6\'2" man.',
        "El fin” llegó» de veras’.",
        "» Leer más",
        "»Leer más",
        "Hawai‘i, word”.",
    ],
)
def test_what_quotes_nothing(text: str) -> None:
    assert quotations(text) == []


def test_a_possessive_does_not_close_the_quotation() -> None:
    for text in (
        "‘The workers’ rights don’t matter’, he said.",
        "'The workers' rights don't matter', he said.",
    ):
        (one,) = quotations(text)
        assert text[one.end] == ","
    assert inner("‘Yes’ and ‘no’") == ["Yes", "no"]


def test_an_opener_without_a_closer_runs_to_the_end_of_its_line() -> None:
    text = "Dijo: “Nos vamos. Ya.  \n\nNadie «lo oyó».\n'Así es."
    assert whole(text) == ["“Nos vamos. Ya.", "«lo oyó»"]
    assert left_open(text) == ["“Nos vamos. Ya."]


def test_an_opener_without_a_closer_ends_with_the_quotation_around_it() -> None:
    text = "«Dijo “nos vamos», contó Ana."
    assert whole(text) == ["«Dijo “nos vamos»", "“nos vamos"]
    assert [one.closed for one in quotations(text)] == [True, False]


def test_a_closer_without_an_opener_is_ignored() -> None:
    assert inner("Nos vamos”, dijo. «Ya». Fin», “sí”.") == ["Ya", "sí"]


def test_a_quotation_may_go_on_over_lines() -> None:
    assert inner("Dijo: “Nos vamos.\n\nYa «es tarde».” Y se fue.") == [
        "Nos vamos.\n\nYa «es tarde».",
        "es tarde",
    ]
    assert inner('Dijo que " nos vamos .\nYa es tarde ".\nFin.') == ["nos vamos .\nYa es tarde"]
    # A mark that may open something of its own closes nothing from afar.
    assert left_open('Dijo: "Nos vamos.\n"Ya", dijo otro.') == ['"Nos vamos.']
    assert left_open('Dijo: "Nos vamos.\nUn disco de 5" y nada más.') == ['"Nos vamos.']


def test_paragraphs_that_each_open_the_quotation_anew() -> None:
    for text in ("“Uno.\n\n“Dos.\n\n“Tres”, dijo.", "«Uno.\n»Dos.\n»Tres», dijo."):
        assert inner(text) == ["Uno.", "Dos.", "Tres"]
        assert [one.closed for one in quotations(text)] == [False, False, True]


def test_german_guillemets_do_not_harm_the_others() -> None:
    assert inner("»Er sagte ›nein‹ dazu«, so «Le Monde».") == [
        "Er sagte ›nein‹ dazu",
        "nein",
        "Le Monde",
    ]
    assert inner("»Leer más «aquí» y «allí»") == ["aquí", "allí"]


def test_a_dialogue_dash_opens_speech_and_its_asides_are_left_out() -> None:
    text = "—Nos vamos —dijo Ana—. Ya es «tarde» —añadió—, muy tarde."
    assert whole(text) == ["—Nos vamos", "Ya es «tarde»", "«tarde»", "muy tarde."]
    assert inner(text)[0] == "Nos vamos"
    assert [one.depth for one in quotations(text)] == [0, 0, 1, 0]
    assert inner("— Мы уходим, — сказала Анна. — Уже поздно.") == ["Мы уходим,", "Уже поздно."]
    assert inner("– Vamos embora – disse Ana.") == ["Vamos embora"]
    assert inner("- Vamos embora - disse Ana.") == ["Vamos embora"]


@pytest.mark.parametrize(
    "text",
    [
        "― Sonya Herridge",
        "- Un punto de una lista.",
        "– Otro punto – Madrid.",
        "-10 grados en Soria.",
        "Los casos -la guerra y la paz- siguen.",
        "-",
    ],
)
def test_what_opens_no_dialogue(text: str) -> None:
    assert quotations(text) == []


def test_the_reference_articles() -> None:
    first, second = (path.read_bytes().decode() for path in sorted(SEEDS.glob("*.txt")))
    assert [one[:14] for one in inner(first)] == [
        "Tras estas neg",
        "avanzando acti",
        "Es posible que",
    ]
    assert [one[:14] for one in inner(second)] == [
        "Tenemos inform",
        "avanzando acti",
        "para intentar ",
        "Instamos a la ",
    ]
    assert left_open(first) == left_open(second) == []


@given(st.text(st.sampled_from("abs .,?\n" + MARKS) | st.characters(exclude_categories=())))
def test_quotations_hold_their_words_and_never_cross(text: str) -> None:
    found = quotations(text)
    for place, one in enumerate(found):
        assert 0 <= one.start <= one.inner_start <= one.inner_end <= one.end <= len(text)
        inside = text[one.inner_start : one.inner_end]
        assert inside == inside.strip()
        before = found[:place]
        assert all((other.start, -other.end) <= (one.start, -one.end) for other in before)
        assert all(other.end <= one.start or one.end <= other.end for other in before)
        assert one.depth == sum(one.end <= other.end for other in before)


@pytest.mark.parametrize(
    "unit",
    [
        "“",
        "“" * 50 + "»" * 50,
        "“a» ",
        "'a ",
        "‘s’ ",
        "“\n",
        "“a\nb",
        "— a ",
        "«\n»\n",
        " ",
        "s’ a",
    ],
)
def test_a_hundred_thousand_characters_take_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    before = time.process_time()
    quotations(text)
    assert time.process_time() - before < 5


def test_closers_that_close_nothing_do_not_search_what_is_open() -> None:
    text = "“" * 50_000 + "»" * 50_000
    before = time.process_time()
    assert len(quotations(text)) == 50_000
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A closing mark typed where an opening one belongs.
        ("She said ’we go’ and left the boat’s owner.", ["we go"]),
        ("’Wir gehen’, sagte er.", ["Wir gehen"]),
        ("La ’ndrangheta controlla un po’ tutto.", []),
        ("In the ’90s the workers’ rock ’n’ roll was theirs.", []),
    ],
)
def test_a_curly_apostrophe_may_open_what_another_closes(text: str, expected: list[str]) -> None:
    assert inner(text) == expected


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("''We go,'' he said. ''Now.''", ["''We go,''", "''Now.''"]),
        ("``We go,'' he said.", ["``We go,''"]),
        ("He's 6'2'' tall, and the owner's 5'.", []),
        ("''We go\nand stay,'' he said.", ["''We go\nand stay,''"]),
    ],
)
def test_a_mark_may_be_typed_as_two(text: str, quoted: list[str]) -> None:
    assert whole(text) == quoted
