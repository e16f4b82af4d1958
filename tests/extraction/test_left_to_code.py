"""What code reads of some sentences is what it reads of them with all the others.

A model that reads whole articles leaves only a few to it, and reading the rest as well would be
most of what an article costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vocero.extraction.article import Article
from vocero.extraction.by_code import read_by_code
from vocero.schema import Document

if TYPE_CHECKING:
    from pathlib import Path

ARTICLES = {
    "a quotation goes on as a sentence of its own": (
        "en",
        (
            "“The water is clean,” the mayor said on Monday. “Nobody has to boil it any more.” "
            "“That is what our own laboratory tells us.” The union denied that it was so."
        ),
    ),
    "and may go on from either of two speakers": (
        "en",
        (
            "The union said: “The bridge is closed”, and the mayor said: “The road is open.” "
            "“We will build another one next year.” A driver said that he had waited for hours."
        ),
    ),
    "a line of a quotation and a name": (
        "es",
        (
            "El alcalde dijo que no habrá agua hasta el martes.\n\n"
            "“No habrá agua hasta el martes que viene”. Ana Ruiz Alcaldesa de Lugo\n\n"
            "El sindicato negó que fuera así. Según la oposición, nadie sabe nada."
        ),
    ),
    "a mood that reports": (
        "de",
        (
            "Die Polizei sprach am Montag von Brandstiftung. Es gebe keine Zeugen. Niemand sei verletzt "
            "worden. Der Bürgermeister sagte, die Schule bleibe geschlossen. Sie werde saniert."
        ),
    ),
}


def compared(document: Document) -> int:
    """Compare what is read with one sentence left out, and of one alone; return how much it is."""
    article = Article.of(document)
    everything = read_by_code(article)
    indices = frozenset(range(len(article.sentences)))
    for index in indices:
        for but in (indices - {index}, frozenset({index})):
            wanted = [one for one in everything if one.sentence not in but]
            assert read_by_code(article, but) == wanted, (index, but)
    return len(everything)


@pytest.mark.parametrize("name", ARTICLES)
def test_some_sentences_are_read_as_with_all_the_others(name: str) -> None:
    language, text = ARTICLES[name]

    assert compared(Document.from_text(text, language=language)) > 1


def test_some_sentences_of_the_seeds_are_read_as_with_all_the_others(seeds: Path) -> None:
    for path in seeds.glob("*.txt"):
        assert compared(Document.from_text(path.read_text(encoding="utf-8"))) > 5
