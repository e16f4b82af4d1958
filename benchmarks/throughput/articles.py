"""Articles to measure with: English news of about 420 words, each unlike the others."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["QUOTATIONS", "sentences", "write_articles"]

_FIRST = ("Clara", "Tom", "Ines", "Paul", "Marta", "Hugh", "Nora", "Egon", "Ruth", "Ivan")
_LAST = ("Boyd", "Keller", "Moreau", "Ferrer", "Lindqvist", "Okafor", "Tanaka", "Weiss", "Doyle")
_FIRMS = ("Lugo Ltd", "the Harbour Board", "Northern Rail", "the City Council", "Delta Energy")
_THINGS = (
    "the old mine",
    "the northern line",
    "the fishing quota",
    "the second bridge",
    "the port",
)
_DOINGS = ("close", "sell", "repair", "inspect", "extend", "give up", "pay for", "talk about")
_WHENS = ("before winter comes", "next year", "within nine weeks", "in the coming months")
_TOLD = (
    "The board of the town met for the third time this year and put off its vote on {thing}.",
    "Work on {thing} began {n} years ago and has cost {m} million, more than planned.",
    "Several hundred people gathered on the square on Tuesday to talk about {thing}.",
    "A storm had damaged {thing} in March, and {n} families still wait for help.",
    "The price of fuel rose by {m} per cent last month, as few had expected.",
)
_SAID = (
    "“We will not {doing} {thing} {when}, whatever the others may want,” said {name} of {firm}.",
    "{name}, who speaks for {firm}, said: “Nobody has asked us to {doing} {thing} {when}.”",
    "“It took {n} years to agree that we {doing} {thing} {when},” {name} told reporters.",
)
_SENTENCES = 24
QUOTATIONS = 8
"""In each article."""


def sentences(number: int) -> list[str]:
    """The sentences of one article; every third, from the second on, holds a quotation.

    Args:
        number: Which article; the same number gives the same sentences.
    """
    draw = random.Random(number)  # noqa: S311 - no secret
    said = []
    for place in range(_SENTENCES):
        form = _SAID[place // 3 % len(_SAID)] if place % 3 == 1 else draw.choice(_TOLD)
        said.append(
            form.format(
                name=f"{draw.choice(_FIRST)} {draw.choice(_LAST)}",
                firm=draw.choice(_FIRMS),
                thing=draw.choice(_THINGS),
                doing=draw.choice(_DOINGS),
                when=draw.choice(_WHENS),
                n=draw.randrange(2, 90),
                m=draw.randrange(2, 900),
            )
        )
    return said


def write_articles(path: Path, count: int) -> None:
    """Write so many articles as JSON lines: six paragraphs under a headline each."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            told = sentences(number)
            paragraphs = [" ".join(told[at : at + 4]) for at in range(0, _SENTENCES, 4)]
            text = "\n\n".join((f"Report {number} of the day", *paragraphs))
            fields = {"id": f"a{number}", "language": "en", "text": text}
            file.write(f"{json.dumps(fields, ensure_ascii=False)}\n")
