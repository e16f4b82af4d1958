"""What code can tell about a statement: whether it stands alone, its modality, its time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from vocero.extraction.names import name_key
from vocero.text.grammar import grammar
from vocero.text.lexicons import LANGUAGES, function_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from vocero.schema import Modality, Stance

__all__ = ["Vocabulary", "brings_in", "modality", "plain", "stands_alone", "strays", "time_in"]

_WORD = re.compile(r"\w++(?:['’]\w++)*+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARK = re.compile(r"[“”«»‹›\"]")
_MARKS = '"“”„«»‹› '
# One quotation, which may hold another one in other marks.
_ONE_QUOTATION = re.compile(
    r"“(?P<curly>[^“”]*)”|«(?P<angle>[^«»]*)»|„(?P<low>[^„“]*)“|\"(?P<straight>[^\"]*)\""
)
_STANCES: dict[Stance, Modality] = {
    "requests": "demand",
    "promises": "intention",
    "asks": "question",
    "speculates": "possibility",
}
_SHARED_WORDS = 0.6
_KEPT_WORDS = 0.5
_LONG = 5
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


def plain(content: Iterable[str], language: str | None) -> str:
    """Join the stretches of a content into one sentence, without outer marks and complementiser."""
    text = " ".join(_unquoted(part) for part in content)
    text = re.sub(r"\s+", " ", text).rstrip(",;:")
    words = text.split(" ")
    while len(words) > 1 and words[0].lower() in grammar(language).droppable:
        words.pop(0)
    text = " ".join(words)
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…", "”", "»", '"')) else f"{text}."


def _unquoted(part: str) -> str:
    """Take off the marks of a stretch that is one quotation, and of one whose quotation goes on."""
    bare = part.strip()
    inner = bare.strip(_MARKS)
    if not _MARK.search(inner):
        return inner
    whole = _ONE_QUOTATION.fullmatch(bare)
    return whole.group(whole.lastgroup or 0) if whole else bare


def stands_alone(content: str, language: str | None) -> bool:
    """Whether a content is understood without the article, as far as closed word lists can tell.

    It has to begin with its own subject (a name, a noun with its article) and to hold no word that
    leans on the context: no pronoun, no first person, no *este mes*. A possessive is let pass, for
    its owner nearly always stands in the same sentence. False for a language without
    lists.
    """
    if language not in LANGUAGES:
        return False
    g, text = grammar(language), content.strip(_MARKS)
    words = _WORD.findall(text)
    while words and words[0].lower() in g.droppable:
        words.pop(0)
    if len(words) < 3:  # noqa: PLR2004 - a sentence has more
        return False
    first = f"{words[0]} "
    if not (g.determiner.match(first) or words[0][0].isupper() or words[0][0].isdigit()):
        return False
    padded = f" {' '.join(words).lower()} ".replace(" al este ", " ")
    single, several = _leaning(language)
    leans = not single.isdisjoint(padded.split()) or any(one in padded for one in several)
    return not leans and not g.first_person.search(padded)


@cache
def _leaning(language: str | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that lean on the context, and the phrases with a space on either side."""
    leaning = function_words(language).deictics - grammar(language).possessives
    several = [one for one in leaning if " " in one]
    return leaning.difference(several), tuple(f" {one} " for one in several)


def modality(text: str, stance: Stance, language: str | None) -> Modality:
    """Read how a statement stands to the world, from its verbs and from its stance."""
    g = grammar(language)
    if text.rstrip(_MARKS).endswith("?"):
        return "question"
    if stance in _STANCES:
        return _STANCES[stance]
    if g.possibility.search(text):
        return "possibility"
    if g.future.search(text):
        return "future"
    return "fact"


def time_in(text: str, start: int, end: int, language: str | None) -> tuple[int, int] | None:
    """Find the first expression of time in a stretch: *el pasado mes de diciembre*, *2025*."""
    patterns = (grammar(language).date, _YEAR)
    found = [one for one in (each.search(text, start, end) for each in patterns) if one]
    return min((one.span() for one in found), default=None)


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
        """By `name_key`; those of the article and of its actors' names."""
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


def strays(claim: str, content: str, article: Vocabulary) -> str | None:
    """Say why a claim is no restatement of its content in the article's words; None if it is one.

    It has to be made of words of the article for the most part (a translation shares little but the
    names) and to hold most of the longer words of the content (or it restates something else).
    """
    own = _keys(claim)
    if _share(own, article.words) < _SHARED_WORDS:
        return "it is not in the words of the article"
    if _share({word for word in _keys(content) if len(word) >= _LONG}, own) < _KEPT_WORDS:
        return "it does not restate the statement"
    return None


def _keys(text: str) -> set[str]:
    return set(_folded(text))


def _folded(text: str) -> list[str]:
    return list(map(name_key, _WORD.findall(text)))


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
        if name_key(word) not in article.words and (at or not _is_common(word, language)):
            return word
    for at, following in pairwise(capitals):
        if not at or following > at + 1:
            continue
        left, right = words[at], words[following]
        beside = not claim[left.end() : right.start()].strip()
        if beside and (name_key(left[0]), name_key(right[0])) not in article.pairs:
            return claim[left.start() : right.end()]
    return None


def _is_common(word: str, language: str | None) -> bool:
    g, lists = grammar(language), function_words(language)
    lower = word.lower()
    if g.determiner.match(f"{lower} ") or lower in g.complementisers:
        return True
    return any(lower in words for words in (lists.deictics, lists.pronouns, lists.generic_nouns))
