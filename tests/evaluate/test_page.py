"""The page: what it shows, and that nothing in an article can make it do anything else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from marked import annotated, article, attribution, place, predicted
from vocero.evaluate import compare, gold_of, score
from vocero.evaluate.page import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.evaluate import Annotation, Gold

LINES = (
    "[Ana Ruiz] {dijo} ⟦que el puente cerrará⟧.",
    "⟦“No hay agua”⟧, {añadió}.",
    "{Según} [la policía], ⟦hubo dos heridos⟧.",
    "El alcalde desmintió el dato.",
)
HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(1)> & \"'\u202e\x1b[2J {{ 7*7 }}"


class Reader(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(*articles: tuple[Gold, Sequence[Annotation]]) -> str:
    comparisons = [compare(gold, read) for gold, read in articles]
    return page("gold.jsonl", comparisons, score(comparisons))


def cards(source: str) -> list[str]:
    """What the page says of each attribution, on a line, in its own markup where words differ."""
    found = re.findall(r"<article.*?</article>", source, re.DOTALL)
    labelled = (
        one.replace("</i>", ":").replace("</h3>", " |").replace("</dt>", ":") for one in found
    )
    bare = (re.sub(r"<(?!/?(?:del|ins)>)[^>]*>", "", one) for one in labelled)
    return [" ".join(one.split()) for one in bare]


def test_gold_stands_above_the_prediction_with_what_differs_and_errors_before_the_rest() -> None:
    gold = annotated(*LINES)
    read = predicted(
        gold,
        "Ana [Ruiz] {dijo} ⟦que el puente⟧ cerrará.",
        "⟦“No hay agua⟧”, {añadió}.",
        "Según la policía, hubo dos heridos.",
        "[El alcalde] {desmintió} ⟦el dato⟧.",
    )

    assert cards(shown((gold, read))) == [
        (
            "wrong boundary |"
            " gold:who:<del>Ana </del>Ruiz how:dijo what:que el puente<del> cerrará</del>."
            " predicted:Ana who:Ruiz how:dijo what:que el puente cerrará."
        ),
        "missed | gold:how:Según who:la policía, what:hubo dos heridos.",
        "spurious | predicted:who:El alcalde how:desmintió what:el dato.",
        "right | gold:what:“No hay agua”, how:añadió. predicted:what:“No hay agua”, how:añadió.",
    ]


def test_words_that_only_the_prediction_has_are_inserted_and_punctuation_is_no_difference() -> None:
    gold = annotated("[Ana] {dijo} ⟦que no⟧, vaya.")
    read = predicted(gold, "Ana [dijo] ⟦que no, vaya.⟧")

    (card,) = cards(shown((gold, read)))

    assert card == (
        "wrong source, wrong boundary |"
        " gold:who:<del>Ana</del> how:<del>dijo</del> what:que no, vaya."
        " predicted:Ana who:<ins>dijo</ins> what:que no<ins>, vaya.</ins>"
    )


def test_far_parts_of_a_content_are_shown_without_what_lies_between() -> None:
    text = "“Sí”, dijo Ana. Llovía. “No”, añadió."
    one = attribution(content=[place(text, "“Sí”"), place(text, "“No”")], cue=place(text, "dijo"))
    gold = gold_of(article("a", text=text, attributions=[one]), "the gold")

    (card,) = cards(shown((gold, ())))

    assert card == "missed | gold:what:“Sí”, how:dijo Ana. […] what:“No”, añadió."


def test_articles_with_most_errors_come_first_and_can_be_jumped_to() -> None:
    good = gold_of(article("good", *LINES), "the gold")
    bad = gold_of(article("bad", *LINES), "the gold")
    source = shown((good, good.annotations), (bad, ()))

    assert re.findall(r'href="#(\w+)"><bdi>(\w+)', source) == [("a2", "bad"), ("a1", "good")]
    assert re.findall(r'<section id="(\w+)">', source) == ["a2", "a1"]
    assert source.index("bad</bdi></h2>") < source.index("good</bdi></h2>")


def test_article_text_is_text() -> None:
    text = f"Ana dijo: {HOSTILE}"
    one = attribution(content=[place(text, HOSTILE)], source=[0, 3], actor=HOSTILE, stance="denies")
    gold = gold_of(article(HOSTILE, text=text, attributions=[one]), "the gold")
    source = page(HOSTILE, [compare(gold, gold.annotations)], {})
    read = Reader(source)

    assert not {"script", "img"} & read.tags
    assert "onerror" not in read.attributes
    assert "\x1b" not in source
    assert "<script>alert(1)</script>" in read.text
    assert "{{ 7*7 }}" in read.text


PLAIN = Reader(shown((annotated("{Ana} ⟦dijo⟧"), ())))


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_whatever_the_text_the_page_has_its_own_tags_and_no_others(words: str) -> None:
    text = f"Ana dijo {words}"
    one = attribution(content=[[0, len(text)]], cue=[4, 8], actor=words)
    gold = gold_of(article("a", text=text, attributions=[one]), "the gold")

    mine = Reader(shown((gold, ())))

    assert mine.tags <= PLAIN.tags | {"small"}  # around the actor
    assert mine.attributes == PLAIN.attributes


def test_it_needs_nothing_but_itself() -> None:
    source = shown((annotated(*LINES), ()))
    read = Reader(source)

    assert not {"link", "script", "img", "iframe", "object"} & read.tags
    assert not {"src", "style", "onclick"} & read.attributes
    assert "url(" not in source
    assert "default-src 'none'" in source
    assert "color-scheme: light dark" in source
