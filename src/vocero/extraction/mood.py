"""A mood that tells whose words a sentence is, though no cue does (German).

*Die Polizei sprach von Brandstiftung.* **Es gebe keine Zeugen.**
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vocero.extraction.found import Found, nesting
from vocero.text.grammar import grammar
from vocero.text.quotes import overlapping
from vocero.text.site import trim

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from vocero.extraction.article import Article

__all__ = ["in_mood", "is_told_within", "opens_paragraph", "reported_on"]


def reported_on(article: Article, found: list[Found]) -> list[Found]:
    """Give a sentence whose mood tells that it is reported to whoever speaks before it.

    German: *Die Polizei sprach von Brandstiftung.* **Es gebe keine Zeugen.**
    """
    if not grammar(article.language).reported.search(article.text):
        return found
    told = {article.sentence_at(part.start) for one in found for part in (one.anchor, *one.content)}
    last: dict[int, Found] = {}
    for one, outer in zip(found, nesting(found), strict=True):
        if not is_told_within(article, one) and outer is None:
            last[article.sentence_at(max(span.end for span in one.content) - 1)] = one
            last.setdefault(one.sentence, one)
    more: list[Found] = []
    for index, (start, end) in enumerate(article.sentences):
        before = last.get(index - 1) or _two_before(article, last, index)
        if before is None or index in told or not in_mood(article, start, end):
            continue
        span = article.span(*trim(article.text, start, end))
        if more and more[-1] is before is last.get(index - 1):
            one = replace(before, content=(*before.content, span))
            more[-1] = one
        else:
            one = Found(index, (span,), None, before.source, before.stance, clear=before.clear)
            more.append(one)
        last[index] = one
    return [*found, *more]


def _two_before(article: Article, last: Mapping[int, Found], index: int) -> Found | None:
    """Who spoke before the last sentence of a paragraph: the mood reaches over one that says nothing."""
    near = article.sentences[max(0, index - 1) : index + 1]
    if any(opens_paragraph(article.text, start) for start, _ in near):
        return None
    return last.get(index - 2)


def in_mood(article: Article, start: int, end: int) -> bool:
    """Tell whether a stretch has a verb in the mood: of a sentence of its own, outside quotations.

    Args:
        article: The article.
        start: Code point where the stretch begins, whole sentences or a part of one.
        end: Code point behind it.
    """
    g, text = grammar(article.language), article.text
    verbs = [*g.reported.finditer(text, start, end)]
    head, tail = (article.sentences[article.sentence_at(at)] for at in (start, end - 1))
    alike = g.own_mood.finditer(text, head[0], tail[1]) if verbs else ()
    others = [one.span() for one in alike]
    return any(
        not overlapping(article.quotations, *verb.span())
        and _is_main(article, verb)
        # "ich habe", "es lebe …"
        and not any(first <= verb.start() and verb.end() <= last for first, last in others)
        for verb in verbs
    )


def _is_main(article: Article, verb: re.Match[str]) -> bool:
    """Tell whether a verb is that of the sentence, and not of a clause in it: *…, dass es* **sei**."""
    g, text, at = grammar(article.language), article.text, verb.start()
    start = article.sentences[article.sentence_at(at)][0]
    lead = max((text.rfind(mark, start, at) for mark in ",;:("), default=-1)
    if lead >= 0:
        return not g.subordinate.match(text, lead + 1, at)
    # "Wenn er es wolle, …"
    return not (text.startswith(",", verb.end()) and g.conjunction.match(text, start, at))


def is_told_within(article: Article, one: Found) -> bool:
    """Tell whether a reading lies within a quotation: *“He said that it is over.”*."""
    anchor = one.anchor
    around = overlapping(article.quotations, anchor.start, anchor.end)
    return any(
        quotation.start < anchor.start
        and all(quotation.start <= span.start and span.end <= quotation.end for span in one.content)
        for quotation in around
    )


def opens_paragraph(text: str, position: int) -> bool:
    """Tell whether a paragraph begins at a position."""
    start = position
    while start and text[start - 1].isspace():
        start -= 1
    return "\n\n" in text[start:position]
