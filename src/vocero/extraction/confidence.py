"""How sure a reading by code is: the chance that an annotator agrees to content and source.

A logistic regression over what can be told of a reading without asking anybody: each of `features`
either holds or not, and has a weight. The weights lie in ``confidence.toml``, which
``benchmarks/confidence.py`` writes; it fits them on one half of the development sets, and
``docs/quality.md`` has what it measured on the other half.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vocero.errors import SettingsError
from vocero.extraction.found import nesting
from vocero.extraction.names import read_name
from vocero.schema import Rejection
from vocero.text import speech
from vocero.text.grammar import grammar
from vocero.text.quotes import overlapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found

__all__ = ["check_least", "confidence", "estimate", "features", "rated", "set_aside"]

_WORD = re.compile(r"\w+")
# The languages of the annotated news that the weights were fitted on.
_CALIBRATED = ("de", "en", "es")
# In words. Seen in the even articles: beyond these, readings are right clearly more or less often.
_LONG_SOURCE, _LONG_CUE, _LONG_SENTENCE = 5, 3, 35
_SHORT_CONTENT, _SHORTEST_CONTENT = 10, 5


def rated(article: Article, one: Found) -> Found:
    """Return a reading with its confidence."""
    return replace(one, confidence=confidence(article, one))


def check_least(least: float | None) -> float | None:
    """Return what was given as the least confidence wanted.

    Raises:
        SettingsError: it is not within 0 and 1.
    """
    if least is not None and not 0 <= least <= 1:
        msg = f"min_confidence={least} is no chance: give a number from 0 to 1, e.g. 0.8"
        raise SettingsError(msg)
    return least


def set_aside(
    found: Sequence[Found], least: float | None
) -> tuple[list[Found], tuple[Rejection, ...]]:
    """Mark the readings that are less sure than is wanted, and what stands inside them.

    By itself that would be another statement: *Ana negó que* **Juan dijera que se va a caer**.

    Args:
        found: Attributions.
        least: The least confidence wanted, 0 to 1; None: all is wanted. So is what has none:
            unknown is not zero.

    Returns:
        All of them in the same order, those set aside not wanted, and a rejection for each of these.
    """
    if least is None:
        return list(found), ()
    outer = nesting(found)
    marked: list[Found] = []
    rejected: list[Rejection] = []
    for place, one in enumerate(found):
        around: int | None = place
        while around is not None and not _is_doubtful(found[around], least):
            around = outer[around]
        marked.append(replace(one, wanted=around is None))
        if around is not None:
            rejected.append(_rejection(one, found[around], least))
    return marked, tuple(rejected)


def _is_doubtful(one: Found, least: float) -> bool:
    return one.confidence is not None and one.confidence < least


def _rejection(one: Found, doubtful: Found, least: float) -> Rejection:
    """Say why one is set aside: it is doubtful itself, or stands inside one that is."""
    whose = "its" if one is doubtful else "it stands inside one whose"
    return Rejection(
        stage="attributions",
        reason="low_confidence",
        detail=f"{whose} confidence is {doubtful.confidence}, and {least} was asked for",
        proposed={
            "src": one.source.text if one.source else "",
            "cue": one.cue.text if one.cue else "",
            "say": [span.text for span in one.content],
            "confidence": one.confidence,
        },
        sentence=one.sentence + 1,
    )


def confidence(article: Article, one: Found) -> float | None:
    """Estimate how likely a reading by code is right, 0 to 1.

    Returns:
        None for a language that it was not calibrated for.
    """
    if article.language not in _CALIBRATED:
        return None
    return estimate(features(article, one), _weights())


def estimate(held: Mapping[str, bool], weights: Mapping[str, float]) -> float:
    """Return the chance, 0 to 1 in hundredths, that weights give to what holds of a reading.

    Raises:
        ValueError: a weight is missing, or is of nothing that was asked.
    """
    if held.keys() != weights.keys():
        name = min(held.keys() ^ weights.keys())
        msg = f"the weight of {name} is {'missing' if name in held else 'unknown'}: fit them anew"
        raise ValueError(msg)
    total = sum(weights[name] for name, holds in held.items() if holds)
    return round(1 / (1 + math.exp(-total)), 2)


def features(article: Article, one: Found) -> dict[str, bool]:
    """Tell what holds of a reading and what does not, always by the same names."""
    text, cue, source = article.text, one.cue, one.source
    ranges = one.ranges
    start, end = article.sentences[one.sentence]
    said = sum(_words(text, *each) for each in ranges)
    others = len(article.cues[one.sentence]) - (cue is not None)
    marks = speech(text, ranges, article.quotations)
    who = read_name(source.text, article.language) if source else None
    opener = _WORD.search(text, *ranges[0])
    g = grammar(article.language)
    around = overlapping(article.quotations, cue.start, cue.end) if cue else ()
    return {
        **{f"language_{known}": known == article.language for known in _CALIBRATED},
        # The source is a person's office or title.
        "office_source": who is not None and who.kind == "person",
        "pronoun_source": who is not None and who.form == "pronoun",
        "long_source": source is not None
        and _words(text, source.start, source.end) >= _LONG_SOURCE,
        # There is no source, where the language leaves out no subject.
        "missing_source": source is None and g.word_order != "free",
        "no_cue": cue is None,
        "long_cue": cue is not None and _words(text, cue.start, cue.end) >= _LONG_CUE,
        # The cue stands in a quotation.
        "quoted_cue": cue is not None and any(quotation.start < cue.start for quotation in around),
        # The stance is another than that it asserts.
        "other_stance": one.stance != "asserts",
        # There is another cue in the sentence, or two others.
        "second_cue": others > 0,
        "third_cue": others > 1,
        # Of the content all is quoted, or nothing.
        "all_quoted": marks == "direct",
        "none_quoted": marks == "indirect",
        # The content opens like a clause (that, if).
        "clause": opener is not None and opener[0].lower() in g.complementisers,
        "short_content": said < _SHORT_CONTENT,
        "shortest_content": said < _SHORTEST_CONTENT,
        "long_sentence": _words(text, start, end) >= _LONG_SENTENCE,
    }


def _words(text: str, start: int, end: int) -> int:
    return len(_WORD.findall(text, start, end))


@cache
def _weights() -> Mapping[str, float]:
    written = files("vocero.extraction").joinpath("confidence.toml").read_text(encoding="utf-8")
    weights: dict[str, float] = tomllib.loads(written)["weights"]
    return weights
