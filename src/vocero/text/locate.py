"""Finding a model's quote in the article: the same words, or nothing.

There is no fuzzy matching here. Spelling is folded in tiers (see `vocero.text.fold`); a word
changed, added, dropped or moved, and a match that would cut a word or a number, is a refusal.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property, reduce
from typing import NamedTuple, get_args
from unicodedata import category

from vocero.schema import Match, Span
from vocero.text.fold import (
    INVISIBLE,
    QUOTATION_MARKS,
    WHITE,
    Skeleton,
    occurrences,
    same_words,
)

ELISION_LIMIT = 2_000
"""Longest stretch, in code points, of "first words … last words" when no range is given."""

_TIERS: tuple[Match, ...] = get_args(Match)

# What may be found at HocksteinEl: a match of three words, four letters before the capital.
_GLUED_WORDS = 3
_GLUED_LETTERS = 4
_LONGEST_WORD = 50

_WORD = re.compile(r"\w+")
_WORD_END = re.compile(r"\w+\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPENING = re.compile(rf"\A(?:[{WHITE}{INVISIBLE}{QUOTATION_MARKS}…]|\.{{3,}})+")
_ELLIPSIS = re.compile(r"[\[(]?(?:…|\.{3})[.…]*[\])]?")

_JOINER = "\u200d"
# What makes one sign with the character before it: the zero-width joiner, the tones of skin.
_JOINED = re.compile("[\u200d\U0001f3fb-\U0001f3ff]")
# Thai to Tibetan, Burmese, Khmer, kana and Han: scripts that put no space between words.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)

# Offsets that look like an edge and lie inside a number or a word: before and after the sign.
_INSIDE = re.compile(
    r"""
      (?<=\d)[.,:/'’·–—−](?=\d)             # 2.5  1,500  9/11  10–15
    | (?<=\d[.,:/'’·–—−])(?=\d)
    | (?<=\d)[ \xa0\u2009\u202f](?=\d{3}\b) # 1 500
    | (?<=\d[ \xa0\u2009\u202f])(?=\d{3}\b)
    | (?<=[-−.])(?<![^\s(][-−.])(?=\d)      # -5, below zero, and .5
    | (?<=\w)[-‐‑](?=\w)                    # non-violent, 10-15
    | (?<=\w[-‐‑])(?=\w)
    | (?<=n)['’](?=t\b)                     # can in can't
    | (?<=\bO['’])(?=\w)                    # Neill in O'Neill
    """,
    re.VERBOSE,
)


def locate(
    text: str, quote: str, *, within: tuple[int, int] | None = None, near: int | None = None
) -> Span | None:
    """Find one quote in a text; see `TextIndex.locate`, which serves many quotes at less cost."""
    return TextIndex(text).locate(quote, within=within, near=near)


class TextIndex:
    """A text ready to be searched for many quotes.

    Folding takes time linear in the text, once, and only when the first quote comes that is not in
    the text character by character. What is kept is 5 to 8 bytes for each code point.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def locate(
        self, quote: str, *, within: tuple[int, int] | None = None, near: int | None = None
    ) -> Span | None:
        """Find a quote: exactly, or else by typography, then by case, then by missing accents.

        Each tier is tried over the whole range before the next. Then come, in this order and only
        when the quote as it stands is nowhere: the quote without quotation marks or ellipses around
        it and without a full stop or comma after it; and elision, "first words … last words" (also
        ``...`` and ``[…]``, also more than one), which stands for the shortest stretch from the
        first words to the next last words.

        Of several places the one nearest to ``near`` is taken. Without ``near`` it is the first, as
        the words are the same; but words found by their missing accents, and elisions, must then be
        in one place only. Missing accents that could make two different words are refused in any
        case: *publico* where the range has *público* and *publicó*.

        A match never begins or ends inside a word, a hyphenated word (``violent`` in
        ``non-violent``) or a number (``500`` in ``1,500``). Where two words were glued by a lost
        line break, as in ``HocksteinEl``, a match may begin or end if it has three words or more,
        lower case meets upper after four letters or more, and the quote's word at that edge stands
        alone elsewhere in the text; so *McDonald*, *YouTube* and *ExxonMobil* stay whole.

        Args:
            quote: The model's spelling of the words.
            within: Half-open range of code points that must hold the whole match; default all. It
                is clipped to the text.
            near: Offset in code points that decides between several places.

        Returns:
            The place, with the article's own characters and no white space around them, and the
            tier in ``match``; ``None`` when the words are not there or could be in two places.
            Nothing is found that holds a lone surrogate, for no `Span` can.
        """
        start, end = within or (0, len(self.text))
        start, end = max(0, start), min(end, len(self.text))
        if start >= end:
            return None
        must_be_one = False
        places = self._places(quote, start, end)
        if not places:
            limit = ELISION_LIMIT if within is None else len(self.text)
            places = self._stretches(quote, start, end, limit)
            must_be_one = True
        if not places:
            return None
        if near is not None:
            place = min(places, key=lambda place: place.distance(near))
        elif len(places) > 1 and (must_be_one or places[0].match == "accents"):
            return None
        else:
            place = places[0]
        text = self.text[place.start : place.end]
        if _SURROGATE.search(text):
            return None
        return Span(start=place.start, end=place.end, text=text, match=place.match)

    def _places(self, quote: str, start: int, end: int) -> list[_Place]:
        """Return every place of the words in the range: as they are, or else trimmed."""
        quote = quote.strip(WHITE + INVISIBLE)
        for words in dict.fromkeys([quote, _trim(quote)]):
            if places := self._exact(words, start, end) or self._folded(words, start, end):
                return places
        return []

    def _exact(self, quote: str, start: int, end: int) -> list[_Place]:
        """Return the places where the quote stands character by character, ascending."""
        glue = _may_part_words(quote)
        return [
            _Place(at, at + len(quote), "exact")
            for at in occurrences(self.text, quote, start, end)
            if self._is_whole(at, at + len(quote), glue=glue)
        ]

    def _folded(self, quote: str, start: int, end: int) -> list[_Place]:
        """Return the places of the quote at the first folding tier that has any, ascending."""
        glue = _may_part_words(quote)
        spellings: dict[str, list[tuple[int, int]]] = {}
        for left, letters_end in self._skeleton.find(Skeleton(quote).letters, start, end):
            right = self._after_marks(letters_end)
            if right <= end and self._is_whole(left, right, glue=glue):
                spellings.setdefault(self.text[left:right], []).append((left, right))
        match, same = same_words(spellings, quote)
        return sorted(_Place(*at, match) for spelling in same for at in spellings[spelling])

    def _stretches(self, quote: str, start: int, end: int, limit: int) -> list[_Place]:
        """Return what "first … last words" may stand for, at most ``limit`` code points long."""
        parts = _ELLIPSIS.split(_trim(quote))
        if len(parts) == 1 or not all(any(map(str.isalnum, part)) for part in parts):
            return []
        stretches = reduce(_join, (self._places(part, start, end) for part in parts))
        return [place for place in stretches if place.end - place.start <= limit]

    @cached_property
    def _skeleton(self) -> Skeleton:
        return Skeleton(self.text)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.text))

    def _after_marks(self, at: int) -> int:
        """Return the offset after the combining marks that follow a letter."""
        while at < len(self.text) and _is_mark(self.text[at]):
            at += 1
        return at

    def _is_whole(self, start: int, end: int, *, glue: bool) -> bool:
        """Whether a match cuts nothing at either edge; ``glue`` lets it part glued words."""
        return (self._is_edge(start) or (glue and self._is_glued(start, opens=True))) and (
            self._is_edge(end) or (glue and self._is_glued(end, opens=False))
        )

    def _is_edge(self, at: int) -> bool:
        """Whether a word may begin or end at this offset."""
        left, right = at - 1, at
        while left >= 0 and self.text[left] in INVISIBLE:
            left -= 1
        while right < len(self.text) and self.text[right] in INVISIBLE:
            right += 1
        if left < 0 or right == len(self.text):
            return True
        before, after = self.text[left], self.text[right]
        if not (before.isspace() or after.isspace()):
            if before == _JOINER or _JOINED.match(after) or _is_mark(after):
                return False
            if _is_letter(before) and _is_letter(after):
                return bool(_UNSPACED.match(before) or _UNSPACED.match(after))
        return not _INSIDE.match(self.text, at)

    def _is_glued(self, at: int, *, opens: bool) -> bool:
        """Whether a line break was lost at this offset, where a match opens or closes."""
        before = _WORD_END.search(self.text, max(0, at - _LONGEST_WORD), at)
        after = _WORD.match(self.text, at)
        if not before or not after or len(before[0]) < _GLUED_LETTERS:
            return False
        if not (before[0][-1].islower() and after[0][0].isupper()):
            return False
        return (after[0] if opens else before[0]) in self._words


class _Place(NamedTuple):
    """Where words were found, in code points, and by which tier."""

    start: int
    end: int
    match: Match

    def distance(self, near: int) -> tuple[int, int]:
        """Return the gap to an offset (0 inside), then how far the start is from it."""
        return max(self.start - near, near - self.end, 0), abs(self.start - near)


def _join(heads: list[_Place], tails: list[_Place]) -> list[_Place]:
    """Return the shortest stretches from a head to the next tail; all three lists ascend."""
    starts = [tail.start for tail in tails]
    nearest: dict[int, _Place] = {}
    for head in heads:  # a later head of the same tail takes over: it is the shorter way
        nearest[bisect_left(starts, head.end)] = head
    nearest.pop(len(tails), None)
    return [
        _Place(head.start, tails[i].end, max(head.match, tails[i].match, key=_TIERS.index))
        for i, head in nearest.items()
    ]


def _may_part_words(quote: str) -> bool:
    return len(quote.split()) >= _GLUED_WORDS


def _trim(quote: str) -> str:
    """Return the quote without quotation marks and ellipses around it, nor ``. ,`` after it."""
    quote = quote.rstrip(WHITE + INVISIBLE + QUOTATION_MARKS + ".,…")
    return _OPENING.sub("", quote)  # leaves a lone full stop in front, for .5 is not 5


def _is_letter(char: str) -> bool:
    """Whether words and numbers are made of it: letters, digits, underscores, marks on them."""
    return char.isalnum() or char == "_" or _is_mark(char)


def _is_mark(char: str) -> bool:
    """Whether the character belongs to the one before it (combining marks, vowel signs)."""
    return not char.isascii() and category(char).startswith("M")
