"""Small and capital letters, as parts of regular expressions: `re` knows no such classes.

Of Latin with all its diacritics, Greek and Cyrillic, the alphabets that have both. A letter of a
script that has not, such as Arabic, counts as a capital: it may open a name.
"""

from __future__ import annotations

from itertools import chain

__all__ = ["CAPITAL", "SMALL"]

# Latin to its extensions and the phonetic signs; Greek and Cyrillic; Latin of Vietnam and others.
_BLOCKS = (range(0x61, 0x2B0), range(0x370, 0x530), range(0x1E00, 0x1F00))


def _small() -> str:
    """The small letters, those that follow one another as a range: half of them alternate."""
    ranges: list[list[int]] = []
    for code in chain(*_BLOCKS):
        if not chr(code).islower():
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" if a < b else chr(a) for a, b in ranges)


SMALL = _small()
"""Ranges of small letters, to stand within square brackets."""

CAPITAL = rf"[^\W\d_{SMALL}]"
"""One letter that is not small. Where a pattern ignores case, write ``(?-i:…)`` around it."""
