"""Which spellings are the same words, and how far apart they are.

Folding is canonical (NFD) plus the explicit tables below, never compatibility folding (NFKC), which
would turn ² into 2. Digits are never folded into each other.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vocero.schema import Match

WHITE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""White space, as `str.isspace` has it. Any run of it is one space."""

INVISIBLE = (
    "\xad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
"""Soft hyphen, zero-width space, byte order mark, marks of direction and of emoji style.

As good as absent. The zero-width joiner is not among them: it makes other emoji and letters.
"""

QUOTATION_MARKS = "\"'`´«»‘’‚‛“”„‟‹›ʻʼ「」『』〝〞〟＂＇｢｣❛❜❝❞"
"""Quotation marks and apostrophes, all one to us. Primes are absent: 5′ and 5″ are measures."""

DASHES = "-‐‑‒–—―−⸺⸻﹘﹣－"
"""Hyphens, dashes and the minus sign, all one to us."""

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys(INVISIBLE, "")
    | dict.fromkeys(QUOTATION_MARKS, '"')
    | dict.fromkeys(DASHES, "-")
    | {"…": "...", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st"}
    | {"Ĳ": "IJ", "ĳ": "ij"}
)


def typographic(text: str) -> str:
    """Return the text with its typography folded: white space, marks, dashes, ligatures, NFD."""
    return " ".join(normalize("NFD", text.translate(_TYPOGRAPHY)).split())


def caseless(text: str) -> str:
    """Return the text with typography and case folded (full Unicode case folding: ß is ss)."""
    return normalize("NFD", typographic(text).casefold())


_FOLDS: tuple[tuple[Match, Callable[[str], str]], ...] = (
    ("typographic", typographic),
    ("case", caseless),
)


def same_words(spellings: Iterable[str], quote: str) -> tuple[Match, list[str]]:
    """Choose the spellings that are a quote's words, by the least folding that makes any so.

    At the last tier the quote may lack accents that the article has, never the reverse (*publico*
    stands for *publicó*, *público* does not), and only if that leaves no doubt about the words.

    Args:
        spellings: Slices of the article with the quote's skeleton, each spelling once.
        quote: The model's spelling.

    Returns:
        The tier, and the spellings that are equal to the quote at that tier; none when no tier has
        any, or when the last has two different words.
    """
    spellings = list(spellings)
    for match, fold in _FOLDS:
        folded = fold(quote)
        if same := [spelling for spelling in spellings if fold(spelling) == folded]:
            return match, same
    same = []
    words = set()
    for spelling in spellings:
        if _lacks_only_accents(caseless(spelling), caseless(quote)):
            same.append(spelling)
            words.add(caseless(spelling))
        if len(words) > 1:
            return "accents", []
    return "accents", same


def _lacks_only_accents(article: str, quote: str) -> bool:
    """Whether deleting accents, and nothing else, from the caseless article gives the quote."""
    rest = iter(article)
    for wanted in quote:
        for char in rest:
            if char == wanted:
                break
            if not _is_accent(char):
                return False
        else:
            return False
    return all(map(_is_accent, rest))


def _is_accent(char: str) -> bool:
    """Whether the character is a mark that careless typing loses.

    By canonical combining class: Hebrew, Arabic and Syriac points (10–36) and the marks set above,
    below or onto a letter (200 and up). The rest are letters in all but name: the stroke that makes
    = into ≠ (1), nukta, virama and the Japanese voicing mark (7–9), Thai vowels (103 and up).
    """
    return 10 <= (place := combining(char)) <= 36 or place >= 200  # noqa: PLR2004 - Unicode's own


def _bare(char: str) -> str:
    """Return what a code point adds to a skeleton: some letters, or nothing."""
    return "".join(letter for letter in caseless(char) if not combining(letter))


class Skeleton:
    """The bare letters of a text (caseless, no white space, no marks), with the way back.

    Words that are equal at any tier have equal skeletons, so one search finds them all, and
    `same_words` chooses among what is found. Made in time linear in the text.
    """

    letters: str
    """The folded characters."""

    def __init__(self, text: str) -> None:
        bare = {char: _bare(char) for char in set(text)}
        parts = [bare[char] for char in text]
        self.letters = "".join(parts)
        # Where each code point's letters begin; one entry more than the text has code points.
        self._starts = array("I", accumulate(map(len, parts), initial=0))

    def find(self, letters: str, start: int, end: int) -> list[tuple[int, int]]:
        """Return where the letters occur in ``text[start:end]``, overlapping places included.

        Args:
            letters: What to find, itself a skeleton's letters.
            start: First code point of the range, from 0.
            end: One past its last code point, at most the length of the text.

        Returns:
            Half-open ranges of code points that begin and end with a letter, ascending. Where the
            letters are part of a code point's (the *f* of *ﬁ*), the range has all of it, and so
            is none of the same words.
        """
        starts = self._starts
        return [
            (bisect_right(starts, at) - 1, bisect_left(starts, at + len(letters)))
            for at in occurrences(self.letters, letters, starts[start], starts[end])
        ]


def occurrences(text: str, part: str, start: int, end: int) -> list[int]:
    """Return every offset at which the part occurs in ``text[start:end]``, overlapping ones too."""
    found = []
    at = text.find(part, start, end) if part else -1
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1, end)
    return found


def whole_words(text: str, words: str) -> Iterator[int]:
    """Yield the offsets at which words stand in a text for themselves, and not within others.

    A regular expression would do, but takes longer to compile than the search does.
    """
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if _parts_words(text[at - 1 : at]) and _parts_words(text[end : end + 1]):
            yield at
            at = text.find(words, end)
        else:
            at = text.find(words, at + 1)


def _parts_words(char: str) -> bool:
    return not (char.isalnum() or char == "_")
