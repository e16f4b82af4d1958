"""Whether a claim that a model gave restates its statement, and brings nothing in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from vocero.extraction.names import name_key
from vocero.text.grammar import grammar
from vocero.text.lexicons import function_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

__all__ = ["Vocabulary", "brings_in", "strays"]

_WORD = re.compile(r"\w++(?:['’]\w++)*+")
# "Ruiz’s flat" is in the words of "Ruiz has a flat".
_GENITIVE = re.compile(r"['’]s?$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SHARED_WORDS = 0.6
_KEPT_WORDS = 0.5
_LONG = 5


@dataclass(frozen=True)
class Vocabulary:
    """What a claim may be made of; folded once and when asked for: an article has many words."""

    article: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, article: str, names: Iterable[str]) -> Vocabulary:
        """The words and numbers of an article, and the words of its actors' names."""
        return cls(article, tuple(names))

    @cached_property
    def words(self) -> frozenset[str]:
        """Folded; those of the article and of its actors' names."""
        return frozenset(chain.from_iterable(self._lines))

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Words that stand side by side, so that no name is put together of two."""
        return frozenset(pair for line in self._lines for pair in pairwise(line))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The article's, as it has them."""
        return frozenset(_NUMBER.findall(self.article))

    @cached_property
    def _lines(self) -> list[list[str]]:
        return [_folded(line) for line in (self.article, *self.names)]


def strays(
    claim: str, content: str, article: Vocabulary, language: str | None, *, raised: bool = False
) -> str | None:
    """Say why a claim is no restatement of its content in the article's words; None if it is one.

    It has to be made of words of the article for the most part (a translation shares little but the
    names), to hold most of the longer words of the content (or it restates something else), to deny
    as often as the content does, and to keep the order of its names (or it says of one what was
    said of the other).

    Args:
        claim: What a model gave.
        content: What it restates.
        article: The words of the article and of its actors' names.
        language: ISO 639-1 code.
        raised: Whether one more negation may be the cue's: *no cree que llueva*.
    """
    own = _keys(claim)
    if _share(own, article.words) < _SHARED_WORDS:
        return "it is not in the words of the article"
    if _share({word for word in _keys(content) if len(word) >= _LONG}, own) < _KEPT_WORDS:
        return "it does not restate the statement"
    negative = grammar(language).negative
    more = len(negative.findall(claim)) - len(negative.findall(content))
    if more and not (raised and more == 1):
        return "it denies more than the statement" if more > 0 else "it denies less"
    if not _in_order(_names(content), _names(claim)):
        return "it changes the order of the names"
    return None


def _names(text: str) -> list[str]:
    return [_key(found[0]) for found in _WORD.finditer(text) if found[0][0].isupper()]


def _in_order(names: Sequence[str], among: Sequence[str]) -> bool:
    """Whether those names that are among the others come in the same order there."""
    rest = iter(among)
    known = set(among)
    return all(name in rest for name in names if name in known)


def _keys(text: str) -> set[str]:
    return set(_folded(text))


def _folded(text: str) -> list[str]:
    return list(map(_key, _WORD.findall(text)))


def _key(word: str) -> str:
    return name_key(_GENITIVE.sub("", word))


def _share(words: set[str], among: AbstractSet[str]) -> float:
    return len(words & among) / len(words) if words else 1.0


def brings_in(claim: str, article: Vocabulary, language: str | None) -> str | None:
    """Return the first number or proper name of a claim that neither article nor actors hold.

    A word with a capital counts as a name, and two of them side by side as one name; the first word
    of the claim counts unless the closed word lists of the language know it. None: it brings in
    nothing.
    """
    for number in _NUMBER.findall(claim):
        if number not in article.numbers:
            return str(number)
    words = list(_WORD.finditer(claim))
    capitals = [at for at, found in enumerate(words) if found[0][0].isupper()]
    for at in capitals:
        word = words[at][0]
        if _key(word) not in article.words and (at or not _is_common(word, language)):
            return word
    for at, following in pairwise(capitals):
        if not at or following > at + 1:
            continue
        left, right = words[at], words[following]
        beside = not claim[left.end() : right.start()].strip()
        if beside and (_key(left[0]), _key(right[0])) not in article.pairs:
            return claim[left.start() : right.end()]
    return None


def _is_common(word: str, language: str | None) -> bool:
    g, lists = grammar(language), function_words(language)
    lower = word.lower()
    if g.determiner.match(f"{lower} ") or lower in g.complementisers:
        return True
    if g.negative.fullmatch(lower):
        return True
    return any(lower in words for words in (lists.deictics, lists.pronouns, lists.generic_nouns))
