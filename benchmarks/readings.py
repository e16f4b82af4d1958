"""How often code reads a cue rightly: what is said, and who says it, against gold.

    python benchmarks/readings.py FOLDER

FOLDER holds ``NAME.dev.jsonl``, one article a line: ``text``, ``lang`` and ``attributions``, each with
the spans ``cue``, ``source`` and ``content`` (half-open, in code points), and with ``speech`` where a
set has more than reported speech; ``ignore`` lists spans that nobody judged. Sets without cues or
without a lexicon are left out. Lexicons and rules were tuned on the even articles (0, 2, …) of each
set and never on the odd ones.

The first table takes every cue that lexicon and gold both have, and counts how often the first
proposal is right, and any: a content if it shares half of its words with gold's or more, a source if it
shares one. The second takes every cue of the lexicon, and counts how often its first content with its
first source is one of gold's, by the construction that was read.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocero.text import find_cues, quotations, sentences
from vocero.text.contents import contents
from vocero.text.lexicons import LANGUAGES
from vocero.text.site import Range, Site
from vocero.text.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HALVES = ("tuned", "held out")
ROW = "{:<12} {:<9}{:>6}{:>14}{:>6}{:>10}{:>14}{:>6}{:>9}{:>15}"
HEAD = ("set", "half", "cues", "content first", "any", "sources", "source first", "any")


@dataclass(frozen=True)
class Gold:
    """An attribution as annotated, by the numbers of its words."""

    cue: Range
    content: frozenset[int]
    source: frozenset[int] | None
    speech: bool


@dataclass
class Tally:
    """Counts over one half of a set."""

    rows: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)


class Words:
    """The words of a text, numbered."""

    def __init__(self, text: str) -> None:
        spans = [found.span() for found in re.finditer(r"\w+", text)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def within(self, ranges: Iterable[Iterable[int]]) -> frozenset[int]:
        """Return the numbers of the words that ranges touch."""
        return frozenset(
            number
            for start, end in ranges
            for number in range(bisect_right(self._ends, start), bisect_left(self._starts, end))
        )


def main(folder: Path) -> None:
    sets = {path.name.split(".")[0]: articles(path) for path in sorted(folder.glob("*.dev.jsonl"))}
    tallies = {
        (name, half): tally(found[start::2])
        for name, found in sets.items()
        if found
        for start, half in enumerate(HALVES)
    }
    if not tallies:
        print(f"skipped: {folder} holds no *.dev.jsonl with cues in a language with a lexicon")
        return
    print(ROW.format(*HEAD, "elided", "none proposed"))
    for (name, half), one in tallies.items():
        n = one.rows
        print(
            ROW.format(
                *(name, half, n["cues"]),
                *(share(n[key], n["cues"]) for key in ("content first", "content any")),
                n["sources"],
                *(share(n[key], n["sources"]) for key in ("source first", "source any")),
                *(n["elided"], share(n["none proposed"], n["elided"])),
            )
        )
    for (name, half), one in tallies.items():
        print(f"\n{name}, {half}")
        for pattern, count in one.read.most_common():
            print(f"{pattern:>15}{count:>6}{share(one.right[pattern], count):>7}")


def articles(path: Path) -> list[dict[str, Any]]:
    """Read a set; nothing if it has no cues, or is in a language without a lexicon."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    annotations = [one for article in found for one in article.get("attributions", ())]
    marked = any("speech" in one for one in annotations)
    for one in annotations:
        one.setdefault("speech", not marked)
    known = all(article["lang"] in LANGUAGES for article in found)
    return found if known and any(one.get("cue") for one in annotations) else []


def tally(found: Iterable[dict[str, Any]]) -> Tally:
    result = Tally()
    for article in found:
        words = Words(article["text"])
        golds = list(annotated(article, words))
        ignored = [(start, end) for start, end in article.get("ignore", ())]
        counted: set[Range] = set()
        for site in sites(article):
            proposals = list(contents(site))
            speakers = list(sources(site, proposals[0].content if proposals else ()))
            said = [words.within(one.content) for one in proposals]
            who = [words.within([one]) for one in speakers]
            here = next((one.cue for one in golds if one.speech and touch(one.cue, site)), None)
            if here is not None and here not in counted:
                counted.add(here)
                count(result.rows, [one for one in golds if one.cue == here], said, who)
            if proposals and not any(touch(one, site) for one in ignored):
                result.read[proposals[0].pattern] += 1
                if any(alike(one.content, said[0]) and agree(one, who) for one in golds):
                    result.right[proposals[0].pattern] += 1
    return result


def annotated(article: dict[str, Any], words: Words) -> Iterator[Gold]:
    for one in article["attributions"]:
        if one.get("cue"):
            start, end = one["cue"]
            source = words.within([one["source"]]) if one["source"] else None
            yield Gold((start, end), words.within(one["content"]), source, one["speech"])


def sites(article: dict[str, Any]) -> Iterator[Site]:
    text, language = article["text"], article["lang"]
    outer = [one for one in quotations(text) if one.depth == 0]
    for sentence in sentences(text, language):
        cues = find_cues(text, language, within=sentence)
        for cue in cues:
            yield Site(text, sentence, cue, outer, cues, language)


def count(
    rows: Counter[str], golds: list[Gold], said: list[frozenset[int]], who: list[frozenset[int]]
) -> None:
    """Count one cue of gold, which may have several attributions."""
    rows["cues"] += 1
    right = [any(alike(gold.content, one) for gold in golds) for one in said]
    rows["content first"] += right[:1] == [True]
    rows["content any"] += any(right)
    source = golds[0].source
    if source is None:
        rows["elided"] += 1
        rows["none proposed"] += not who
    else:
        rows["sources"] += 1
        rows["source first"] += bool(who and who[0] & source)
        rows["source any"] += any(one & source for one in who)


def agree(gold: Gold, who: list[frozenset[int]]) -> bool:
    """Tell whether the first source is gold's; where either has none, it lies in another sentence."""
    return not who or gold.source is None or bool(who[0] & gold.source)


def alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return 2 * len(one & other) >= len(one | other) > 0


def touch(span: Range, site: Site) -> bool:
    return span[0] < site.cue.end and site.cue.start < span[1]


def share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("gold"))
