"""The table that people read."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from vocero.cli.table import print_table
from vocero.cli.terminal import printable
from vocero.schema import (
    Actor,
    Attribution,
    Document,
    Extraction,
    Mention,
    Provenance,
    Rejection,
    Relay,
    Span,
)

TEXT = (
    "“No habrá más retrasos”, dijo la portavoz del Ayuntamiento de Cuenca, citada por El Diario. "
    "La obra, añadió el informe de la comisión de seguimiento, ha costado 12 millones de euros."
)
TABLE = """
El alcalde habla
who                how       stance    what
────────────────────────────────────────────────────────────────────────────────
la portavoz del    dijo      promises  “No habrá más retrasos”
Ayuntamiento de    direct
Cuenca → El
Diario

el informe de la   añadió    asserts   La obra […] ha costado 12 millones de
comisión de        indirect            euros
seguimiento

—                  —         asserts   “No habrá más retrasos”
                   direct

3 attributions · 3 actors · 0 claims · 3 proposals rejected (2 not in text, 1 no
cue)
"""


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start=start, end=start + len(words), text=words)


def actor(name: str) -> Actor:
    return Actor(id=name, name=name, mentions=(Mention(span=span(name), form="nominal"),))


def rejection(reason: str) -> Rejection:
    fields = {"stage": "attributions", "reason": reason, "detail": "…", "proposed": None}
    return Rejection.model_validate(fields)


SPOKESWOMAN = actor("la portavoz del Ayuntamiento de Cuenca")
PAPER = actor("El Diario")
REPORT = actor("el informe de la comisión de seguimiento")
ARTICLE = Extraction(
    document=Document.from_text(TEXT, title="El alcalde habla", origin="cuenca.txt"),
    actors=(SPOKESWOMAN, PAPER, REPORT),
    attributions=(
        Attribution(
            id="1",
            source=SPOKESWOMAN.id,
            cue_span=span("dijo"),
            content=(span("“No habrá más retrasos”"),),
            speech="direct",
            stance="promises",
            chain=(Relay(actor=PAPER.id, span=span("El Diario")),),
        ),
        Attribution(
            id="2",
            source=REPORT.id,
            cue_span=span("añadió"),
            content=(span("La obra"), span("ha costado 12 millones de euros")),
            speech="indirect",
            stance="asserts",
        ),
        Attribution(
            id="3",
            content=(span("“No habrá más retrasos”"),),
            speech="direct",
            stance="asserts",
        ),
    ),
    rejected=(rejection("no_cue"), rejection("not_in_text"), rejection("not_in_text")),
    provenance=Provenance(
        model="m", prompts={}, vocero_version="0", created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    ),
)


def printed(extraction: Extraction, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_table(extraction, console)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def test_eighty_columns_are_enough() -> None:
    assert printed(ARTICLE, 80) == TABLE


@pytest.mark.parametrize("width", [44, 60, 120])
def test_other_widths_will_do_and_nothing_is_cut(width: int) -> None:
    table = printed(ARTICLE, width)

    assert max(map(cell_len, table.split("\n"))) <= width
    assert "millones" in table
    assert "…" not in table.replace("[…]", "")


def test_an_article_in_which_nobody_speaks() -> None:
    silent = ARTICLE.model_copy(update={"attributions": (), "actors": (), "rejected": ()})

    assert printed(silent, 80) == (
        "\nEl alcalde habla\nNobody is said to have said anything.\n\n"
        "0 attributions · 0 actors · 0 claims\n"
    )


def test_an_article_without_a_title_goes_by_its_file() -> None:
    untitled = Document.from_text(TEXT, origin="cuenca.txt")

    assert printed(ARTICLE.model_copy(update={"document": untitled}), 80).startswith("\ncuenca.txt")


@given(st.text())
def test_whatever_is_shown_is_one_line_that_a_terminal_does_not_obey(text: str) -> None:
    shown = printable(text)

    assert all(one.isprintable() or one in "\u200c\u200d" for one in shown)
    assert printable(shown) == shown


def test_text_that_means_no_harm_is_shown_as_it_is() -> None:
    assert printable("«¿Qué?», 说 👩‍⚕️ می‌خواهم [red]") == "«¿Qué?», 说 👩‍⚕️ می‌خواهم [red]"
    assert printable("a\xa0b\n\tc in\u00adfor\u200bma") == "a b c informa"
