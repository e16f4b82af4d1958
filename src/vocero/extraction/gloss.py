"""A content in its own words, with what they lean on in brackets, as an editor puts it.

*no tenía «ningún interés»* → **[Barack Obama:]** *No tenía «ningún interés».*
*comprar Chrysler este año* → **[Fiat planea]** *comprar Chrysler este año* **[2009]**.

Nothing is asked of a model: what stands in brackets is the name of the source, the words of the cue,
or a date counted from the day of publication; what stands outside are the words of the article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import dropwhile
from typing import TYPE_CHECKING

from vocero.extraction.statements import finished, leaning, modality, plain
from vocero.text.dates import relative_dates
from vocero.text.grammar import grammar
from vocero.text.lexicons import entry, lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found
    from vocero.schema import Modality, Span, Stance
    from vocero.text import Cue

__all__ = ["Stated", "gloss"]

_WORD = re.compile(r"\w++(?:['’]\w++)*+")
_QUOTED = re.compile(r"\W*[“«„\"‘]")
_COLON = re.compile(r":\s*$")
_BRACKETS = str.maketrans("[]", "()")
# A shorter quotation is rather a part of a sentence than one.
_SENTENCE_WORDS = 5
# No sentence is shorter.
_SHORTEST = 3
# Of verbs of saying with these, a bare clause is what is said: "said it was late".
_STATING: frozenset[Stance] = frozenset({"asserts", "confirms", "warns", "speculates"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A content as a sentence, restated or glossed."""

    text: str
    modality: Modality
    leans: tuple[Span, ...] = ()
    """The words of the content that still lean on the article."""
    verbatim: bool = False
    """Whether these are the words of the article, with nothing in brackets."""


def gloss(article: Article, found: Found, speaker: str | None) -> Stated:
    """Gloss a content.

    A content that is no clause (*comprar Chrysler*, *a los bancos de ocultarlo*) follows its source
    and cue; one that speaks of its source (the first person, a subject left out) or leans on the
    article for something else has its source before it. Exact relative dates are counted from the
    day of publication, where that is known.

    Args:
        article: The article.
        found: The attribution.
        speaker: Name of its source; None where nobody can be told.
    """
    language, published = article.language, article.document.published
    sentence = plain([span.text for span in found.content], language)
    cue = _governing(article, found)
    whole = cue or _names_its_subject(article, found)
    leans = [*_leaning_words(article, found, speaker)]
    if speaker is None and not whole:
        leans.insert(0, _first_word(article, found))  # the verb of a subject left out
    in_person = bool(grammar(language).first_person.search(sentence))
    label = ""
    if cue:
        label = f"{speaker}{cue}" if speaker else cue.strip(" :")
    elif speaker and (leans or in_person or not whole):
        label = f"{speaker}:"
    text = finished(
        _dated(sentence if cue else sentence[:1].upper() + sentence[1:], language, published)
    )
    return Stated(
        text=f"[{label.translate(_BRACKETS)}] {text}" if label else text,
        modality=modality(sentence, found.stance, language),
        leans=tuple(dict.fromkeys(leans)),
        verbatim=not label and text == finished(sentence[:1].upper() + sentence[1:]),
    )


def _governing(article: Article, found: Found) -> str:
    """The cue whose object the content is; empty for a clause of its own.

    What is denied is stated, and not that it is: no cue there either.
    """
    cue, content = found.cue, found.content[0]
    if cue is None or found.stance == "denies" or content.start < cue.end:
        return ""
    known = next((one for one in article.cues[found.sentence] if _overlap(one, cue)), None)
    if known is None or known.kind != "verb" or _is_clause(article, found, known):
        return ""
    single = entry(cue.text.lower().replace("’", "'"), article.language or "")
    forms = {category for _, category in single.verbs} if single else {"finite"}
    # "[Fiat planea]", but "[Los sindicatos: protestar]"
    return f" {cue.text}" if "finite" in forms else f": {cue.text}"


def _names_its_subject(article: Article, found: Found) -> bool:
    """Whether a content begins with a name, a number, or a noun with its article.

    A capital is a name's where the word has one within a sentence, too.
    """
    g = grammar(article.language)
    words = [word[0] for span in found.content for word in _said(article, span)]
    if len(words) < _SHORTEST:
        return False
    first = words[0]
    if g.determiner.match(f"{first} ") or first[0].isdigit():
        return True
    return first in article.capitalised


def _said(article: Article, content: Span) -> list[re.Match[str]]:
    """The words of a content, without its complementiser."""
    droppable = grammar(article.language).droppable
    return [*dropwhile(lambda one: one[0].lower() in droppable, _WORD.finditer(content.text))]


def _overlap(cue: Cue, span: Span) -> bool:
    return cue.start < span.end and span.start < cue.end


def _is_clause(article: Article, found: Found, cue: Cue) -> bool:
    g, content = grammar(article.language), found.content[0]
    if _COLON.search(article.text, cue.end, content.start):
        return True
    words = _WORD.findall(content.text)
    if _QUOTED.match(content.text) and len(words) >= _SENTENCE_WORDS:
        return True
    for word in words:
        if word.lower() not in g.droppable:
            break
        if word.lower() in g.complementisers:
            return True
    else:
        return False
    return (
        g.bare_clauses
        and cue.factor == "say"
        and found.stance in _STATING
        and not (lexicon(article.language).infinitive.match(f" {content.text}"))
    )


def _leaning_words(article: Article, found: Found, speaker: str | None) -> Iterator[Span]:
    language, published = article.language, article.document.published
    for span in found.content:
        said = _said(article, span)
        first = said[0].start() if said else 0
        dates = relative_dates(span.text, language, published) if published else []
        ranges = [*leaning(span.text, language)]
        if speaker is None:
            ranges += [one.span() for one in grammar(language).first_person.finditer(span.text)]
        for start, end in sorted(ranges):
            dated = any(start < one.end and one.start < end for one in dates)
            if start >= first and not dated:
                yield article.span(span.start + start, span.start + end)


def _first_word(article: Article, found: Found) -> Span:
    content = found.content[0]
    words = _said(article, content)
    start, end = words[0].span() if words else (0, len(content.text))
    return article.span(content.start + start, content.start + end)


def _dated(sentence: str, language: str | None, published: date | None) -> str:
    for one in reversed(relative_dates(sentence, language, published) if published else []):
        sentence = f"{sentence[: one.end]} [{one.iso}]{sentence[one.end :]}"
    return sentence
