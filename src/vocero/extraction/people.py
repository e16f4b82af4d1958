"""Who is introduced by name and office anywhere in an article, and whom a sentence opens with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vocero.extraction.names import GENITIVE, NAMED, read_name
from vocero.text.grammar import grammar
from vocero.text.lexicons import function_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.extraction.article import Article
    from vocero.extraction.names import Named
    from vocero.schema import Span

__all__ = ["introduced", "topic"]

_WORD = re.compile(r"\w+")
_GAP = r"[ \xa0]"
_CAPITALS = rf"(?-i:{NAMED}(?:{_GAP}{NAMED}){{0,4}})"
_NAME = rf"(?-i:{NAMED}(?:{_GAP}{NAMED}){{1,4}})"
_INSTITUTION = rf"(?>{_CAPITALS}(?:{_GAP}(?:y|e|&|and|et|und){_GAP}{_CAPITALS})?|[\w'’-]+)"
# "de Justicia" in "ministro de Justicia, Ana Ruiz,": each genitive with its noun, and nothing else,
# for behind a verb the comma belongs to another: "The mayor met his rival, John Hale."
_OF = rf"(?:{_GAP}(?:{GENITIVE}){_GAP}{_INSTITUTION}){{0,3}}"


@cache
def _offices(language: str | None) -> frozenset[str]:
    """The first words of offices."""
    lists = function_words(language)
    return frozenset(one.split()[0] for one in lists.titles | lists.generic_nouns)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How persons are named in one language."""

    titled: re.Pattern[str]
    """A name with its office in front."""
    opening: re.Pattern[str]
    """The same, or a name alone."""
    behind: re.Pattern[str]
    """An office behind a name and its determiner, up to the comma that closes it."""


@cache
def _patterns(language: str | None) -> _Patterns:
    lists = function_words(language)
    words = sorted(lists.titles | lists.generic_nouns, key=len, reverse=True)
    office = rf"\b(?:{'|'.join(map(re.escape, words)) or '(?!)'})"
    titled = rf"{office}(?:{_GAP}{_NAME}|{_OF},{_GAP}{_NAME}(?=[,.;:]))"
    patterns = (titled, f"{titled}|{_NAME}", rf"{office}{_OF}(?=[,.;:])")
    return _Patterns(*(re.compile(one, re.IGNORECASE) for one in patterns))


def introduced(article: Article) -> Iterator[tuple[Named, Span]]:
    """Find everybody who is named with his office in front: *la* **ministra de Salud, Ana Ruiz**.

    Args:
        article: The article.

    Yields:
        The person with the words that name him, in order; one who is introduced twice, twice.
    """
    titled = _patterns(article.language).titled
    offices, end = _offices(article.language), 0
    for word in _WORD.finditer(article.text):
        # Most words open no office, and the pattern of all of them is slow to try.
        if word[0].lower() not in offices or word.start() < end:
            continue
        found = titled.match(article.text, word.start())
        if found is None:
            continue
        end = found.end()
        named = read_name(found[0], article.language)
        if named.kind == "person" and named.role and _is_name(named, article):
            yield named, article.span(*found.span())


def topic(article: Article, index: int) -> tuple[Named, Span] | None:
    """Find the person that a sentence opens with: **El alcalde, Juan Paz**, *dimitió ayer*.

    Args:
        article: The article.
        index: Of the sentence.

    Returns:
        The person with the words that name him; None where the sentence opens otherwise. Without a
        role it may be no person at all: *Wall Street*.
    """
    text, (start, end) = article.text, article.sentences[index]
    g, patterns = grammar(article.language), _patterns(article.language)
    leading = g.leading.match(text, start, end)
    head = leading.end() if leading else start
    determiner = g.determiner.match(text, head, end)
    found = patterns.opening.match(text, determiner.end() if determiner else head, end)
    if found is None or g.subordinator.match(text, head, end):
        return None
    office = _office_behind(article, found.end(), end)
    span = article.span(head, office or found.end())
    named = read_name(span.text, article.language)
    unknown = named.kind is None and (named.country is None or office is not None)
    person = named.kind == "person" or unknown
    return (named, span) if person and _is_name(named, article) else None


def _is_name(named: Named, article: Article) -> bool:
    """Whether somebody is named, and not a seat of power: *the mayor of the capital, New Delhi*."""
    seat = read_name(named.name, article.language).form == "metonym"
    return named.form == "named" and not seat


def _office_behind(article: Article, at: int, end: int) -> int | None:
    """Where the office ends that stands behind a name: *Ana Ruiz,* **la ministra de Salud**, *…*."""
    text = article.text
    if not text.startswith(",", at):
        return None
    determiner = grammar(article.language).determiner.match(text, at + 1, end)
    start = determiner.end() if determiner else at + 2
    office = _patterns(article.language).behind.match(text, start, end)
    return office.end() if office else None
