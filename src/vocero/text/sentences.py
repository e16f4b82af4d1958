"""Sentences and lines, as ranges of the text.

The boundaries are sentencex's (Wikimedia's rules and abbreviation lists for about 300 languages),
mended where news text showed them wrong: see `_WORDS`, `_continues` and `_without_opener`.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sentencex import get_sentence_boundaries

from vocero.text.letters import CAPITAL

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["lines", "sentences"]

_SURROGATES = re.compile("[\ud800-\udfff]")
# "¿" and "¡" are here because a mark before them must not be taken from them: "Dijo Ana. “¿Qué?".
_OPENERS = "“„«‹‘‚\"'([¿¡"
_ENDERS = ".?!…"
_DASHES = "—―–-"
# Initials, "J. Vopalecký", and the few titles that sentencex splits off: "M. Macron", "Ms. Abedin",
# "Ph.D., z VUT", "музей им. А. С. Пушкина".
_NEVER_LAST = re.compile(rf"(?<!\w)(?:{CAPITAL}|Ms|MM|Mme|Mlle|Ph|им)\.$")
# Words that sentencex takes for abbreviations of others: "dijo que no.", "per ore." But "no. 5".
_WORDS = {
    language: re.compile(rf"\b(?:{'|'.join(words.split())})(?=\.\s+\D)")
    for language, words in {
        "de": "mich",
        "en": "may me miss no",
        "es": "ante auto bien contra mar no nos post sobre",
        "it": "ci fa ha lo mai mi no ore set sia via",
    }.items()
}
# Long enough for any of the words above and the character before it.
_LONGEST_TITLE = 6


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines that are not blank, without the white space around them.

    Every line break of `str.splitlines` ends one, U+2028 and the form feed among them.

    Args:
        text: any string.

    Yields:
        Half-open ranges of code points, in order.
    """
    at = 0
    for line in text.splitlines(keepends=True):
        if (found := _trim(text, at, at + len(line))) is not None:
            yield found
        at += len(line)


def sentences(text: str, language: str | None) -> list[tuple[int, int]]:
    """Cut a text into sentences.

    A line break always ends a sentence, so a heading, a caption or a bullet is never glued to what
    follows it. A quotation of several sentences is one sentence where sentencex sees both its
    marks; one that is too long for it, or unbalanced, is cut inside.

    Args:
        text: any string, lone surrogates included.
        language: ISO 639 code, which chooses the abbreviations. One that sentencex does not know
            falls back, by sentencex's own list, to a related language and at last to English;
            None is English.

    Returns:
        Half-open ranges of code points in order, without white space around them; every character
        that is not white space lies in exactly one.
    """
    # sentencex takes UTF-8, which lone surrogates do not have. One for one, so offsets still hold.
    readable = _SURROGATES.sub("\ufffd", text)
    found: list[tuple[int, int]] = []
    for start, end in lines(readable):
        pieces = _pieces(readable, start, end, language or "en")
        found.append(pieces[0])
        for previous, piece in pairwise(pieces):
            if _continues(readable, previous, piece):
                found[-1] = (found[-1][0], piece[1])
            else:
                found.append(piece)
    return found


def _pieces(text: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    """What sentencex makes of one line; only its cuts are used, so nothing can fall between."""
    line = text[start:end]
    if words := _WORDS.get(language):
        line = words.sub(lambda word: "z" * len(word[0]), line)
    bounds = get_sentence_boundaries(language, line)
    cuts = [start + bound["start_index"] for bound in bounds[1:]]
    cuts = [
        _without_opener(text, before, cut)
        for before, cut in zip([start, *cuts], cuts, strict=False)
    ]
    trimmed = (_trim(text, *piece) for piece in zip([start, *cuts], [*cuts, end], strict=True))
    return [piece for piece in trimmed if piece is not None]


def _without_opener(text: str, start: int, cut: int) -> int:
    """Move a cut before an opening mark that sentencex left behind: ``Dijo Ana. “|Sí.``."""
    piece = text[start:cut].rstrip()
    bare = piece.rstrip(_OPENERS)
    spoken = bare.rstrip()
    if len(spoken) < len(bare) < len(piece) and spoken and spoken[-1] in _ENDERS:
        return start + len(bare)
    return cut


def _continues(text: str, previous: tuple[int, int], piece: tuple[int, int]) -> bool:
    """Whether it belongs to the piece before: *Apple Inc. | anunció*, *¿Qué? | —dijo*, *M. | Macron*."""
    first = text[piece[0]]
    if first in _DASHES:
        first = text[piece[0] + 1 : piece[1]].lstrip()[:1] or first
    if first.islower() or first in ",;:°":
        return True
    if not any(character.isalnum() for character in text[slice(*piece)]):
        return True
    tail = text[max(previous[0], previous[1] - _LONGEST_TITLE) : previous[1]]
    return _NEVER_LAST.search(tail) is not None


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    bare = piece.strip()
    if not bare:
        return None
    start += len(piece) - len(piece.lstrip())
    return start, start + len(bare)
