"""A content in its own words, with what they lean on in brackets, as an editor puts it.

*no tenía «ningún interés»* → **[Barack Obama:]** *No tenía «ningún interés».*
*comprar Chrysler este año* → **[Fiat planea]** *comprar Chrysler este año* **[2009]**.

Nothing is asked of a model: what stands in brackets is the name of the source, the words of the cue,
or a date counted from the day of saying; what stands outside are the words of the article, in which
square brackets have become round.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import dropwhile
from typing import TYPE_CHECKING, TypeAlias

from vocero.extraction.stated import Stated
from vocero.extraction.statements import finished, leaning, modality, plain
from vocero.text.dates import days_of_saying, relative_dates
from vocero.text.grammar import grammar
from vocero.text.lexicons import entry, lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found
    from vocero.schema import Span, Stance
    from vocero.text import Cue

__all__ = ["gloss"]

_Days: TypeAlias = "tuple[date, date] | None"

_WORD = re.compile(r"\w++(?:['’]\w++)*+")
_QUOTED = re.compile(r"\W*[“«„\"‘]")
_COLON = re.compile(r":\s*$")
_BRACKETS = str.maketrans("[]", "()")
# A shorter quotation is rather a part of a sentence than one.
_SENTENCE_WORDS = 5
# No sentence is shorter.
_SHORTEST = 3
# Stances whose content the source does not say itself.
_AGAINST: frozenset[Stance] = frozenset({"denies", "declines"})
# Of verbs of saying with these, a bare clause is what is said: "said it was late".
_STATING: frozenset[Stance] = frozenset({"asserts", "confirms", "warns", "speculates"})


def gloss(article: Article, found: Found, speaker: str | None) -> Stated:
    """Gloss a content.

    A content that is no clause (*comprar Chrysler*, *a los bancos de ocultarlo*) follows its source
    and cue; one that speaks of its source (the first person, a subject left out) or leans on the
    article for something else has its source before it, with the cue where that denies it. Exact
    relative dates are counted from the day of publication, where that is known and the words around
    date the saying no otherwise.

    Args:
        article: The article.
        found: The attribution.
        speaker: Name of its source; None where nobody can be told.

    Returns:
        The sentence; its ``leans`` are spans of the article, in order.
    """
    language, days = article.language, _days(article, found)
    sentence = plain([span.text for span in found.content], language).translate(_BRACKETS)
    cue = _governing(article, found)
    whole = cue or _names_its_subject(article, found)
    leans = [*_leaning_words(article, found, speaker, days)]
    if speaker is None and not whole:
        leans.insert(0, _first_word(article, found))  # the verb of a subject left out
    label = ""
    if cue:
        label = f"{speaker}{cue}" if speaker else cue.strip(" :")
    elif speaker and (leans or not whole or grammar(language).first_person.search(sentence)):
        # What a source denies is not to be read as its words.
        denied = f" {found.cue.text}" if found.cue and found.stance in _AGAINST else ""
        label = f"{speaker}{denied}:"
    own = sentence if cue else sentence[:1].upper() + sentence[1:]
    text = finished(_dated(own, language, days))
    return Stated(
        text=f"[{label.translate(_BRACKETS)}] {text}" if label else text,
        modality=modality(sentence, found.stance, language),
        leans=tuple(dict.fromkeys(leans)),
        verbatim=not label and text == finished(own),
    )


def _days(article: Article, found: Found) -> _Days:
    """Between which days it was said; None where nobody can tell."""
    if article.document.published is None:
        return None
    around = [
        article.text[start:end]
        for start, end in article.times(found.sentence)
        if not any(start < span.end and span.start < end for span in found.content)
    ]
    return days_of_saying(around, article.language, article.document.published)


def _governing(article: Article, found: Found) -> str:
    """The cue whose object the content is; empty for a clause of its own."""
    cue, content = found.cue, found.content[0]
    if cue is None or content.start < cue.end:
        return ""
    known = next((one for one in article.cues[found.sentence] if _overlap(one, cue)), None)
    if known is None or known.kind != "verb" or _is_clause(article, found, known):
        return ""
    words = cue.text.lower().replace("’", "'").split()
    verb = entry(words[0], article.language or "") if len(words) == 1 else None
    finite = verb is None or any(form == "finite" for _, form in verb.verbs)
    own = grammar(article.language).first_person.search(cue.text)
    # "[Fiat planea]", but "[Los sindicatos: protestar]", "[Adrienne Watson: Instamos]"
    return f" {cue.text}" if finite and not own else f": {cue.text}"


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
    opener = _WORD.search(article.text, cue.start, cue.end)
    if opener and opener[0].lower() in lexicon(article.language or "").prepositions:
        return True  # "Según informa EFE, el puente …"
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
        and not lexicon(article.language or "").infinitive.match(f" {content.text}")
    )


def _leaning_words(
    article: Article, found: Found, speaker: str | None, days: _Days
) -> Iterator[Span]:
    language = article.language
    for span in found.content:
        said = _said(article, span)
        first = said[0].start() if said else 0
        dates = relative_dates(span.text, language, days[1], days[0]) if days else []
        ends = [one.end for one in dates]
        ranges = [*leaning(span.text, language)]
        if speaker is None:
            ranges += [one.span() for one in grammar(language).first_person.finditer(span.text)]
        for start, end in sorted(ranges):
            at = bisect_right(ends, start)
            dated = at < len(dates) and dates[at].start < end
            if start >= first and not dated:
                yield article.span(span.start + start, span.start + end)


def _first_word(article: Article, found: Found) -> Span:
    content = found.content[0]
    words = _said(article, content)
    start, end = words[0].span() if words else (0, len(content.text))
    return article.span(content.start + start, content.start + end)


def _dated(sentence: str, language: str | None, days: _Days) -> str:
    pieces, at = [], 0
    for one in relative_dates(sentence, language, days[1], days[0]) if days else []:
        pieces += [sentence[at : one.end], f" [{one.iso}]"]
        at = one.end
    return "".join([*pieces, sentence[at:]])
