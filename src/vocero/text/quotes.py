"""Quotations, found by their marks: nested, unbalanced, carried over lines, and dialogue dashes.

One pass over the marks of each line with a stack of those still open. What an ambiguous mark means
is read from its neighbours: an opener stands before a word and not after one; an apostrophe stands
within a word, or at the head of one that is known to be cut (*'tis*, *'90*).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from vocero.text.sentences import lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Quotation", "overlapping", "quotations"]

# Which openers a mark may close. The marks of one family stand in for one another all over the web.
_CLOSES = {
    "”": '“„"',
    "“": "“„",
    '"': '"“„',
    "»": "«",
    "«": "»",
    "›": "‹",
    "‹": "›",
    "’": "‘‚'’",
    "'": "'‘",
    "‘": "‚‘",
    "„": "",
    "‚": "",
}
# Two apostrophes stand for one mark, and are read as that mark and a character of no width.
_DOUBLED = ("''", "``")
_FILLER = "\u2060"
_MARK = re.compile(f"[{''.join(_CLOSES)}]")
# Families whose quotations may go on over lines. Not ‘ ’: too many of those are apostrophes.
_FAMILIES = (re.compile('[“”„"]'), re.compile("[«»]"))
# These open nothing unless something closes them: they are rather apostrophes, arrows and strays.
_TENTATIVE = "'’»›"
_BEFORE_OPENER = "([{¿¡/:;,=-–—―“„«‹‘‚’\"'"
_AFTER_CLOSER = ")]}.,:;!?…"
_ELIDED = re.compile(r"(?:tis|twas|em|til|cause|n|round|bout|ndran\w+|\d\ds?)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?<=s)['’](?= \w)")
_NEXT_SINGLE = re.compile(r"(?<!\S)['‘]|(?<=\S)['’](?!\w)")
# The dashes that open a line of dialogue, and how one looks that ends or begins an aside within it:
# neither "word—word" nor "-word-". Lines of a list open with the short ones too.
_DASHES = {
    "—": re.compile(r"(?<!\w)—|—(?!\w)"),
    "―": re.compile(r"(?<!\w)―|―(?!\w)"),
    "–": re.compile(r"(?<!\w)–(?!\w)"),
    "-": re.compile(r"(?<!\w)-(?!\w)"),
}
_LONG_DASHES = "—―"
_SENTENCE_ENDS = ".?!…"
_START, _END = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation and the words between its marks; all positions are code points of the text."""

    start: int
    """The opening mark; for speech taken up again after an aside, its first character."""
    end: int
    """One past the closing mark, or past the last character where there is none."""
    inner_start: int
    """The first character between the marks that is not white space."""
    inner_end: int
    """One past the last such character; equal to ``inner_start`` if there is none."""
    depth: int
    """How many quotations this one lies within; 0 for an outermost one."""
    closed: bool
    """False for an opening mark without its closing one: the quotation then runs to the end of its
    line, or of the quotation around it. Speech after a dash needs no closing mark."""


class _Found(NamedTuple):
    """A quotation before its depth is known and its inner range trimmed."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    closed: bool


def quotations(text: str) -> list[Quotation]:
    """Find the quotations of a text, in time linear in its length.

    Marks: ``“ ” « » ‹ › „ “ ‚ ‘ ‘ ’ " '``, also one typed as two, German ``»so«``, and the dash that
    opens a line of dialogue, whose asides (*—Sí —dijo Ana—. Vamos.*) are left out. A closing mark
    that nothing opened is ignored; an opening mark that nothing closes runs to the end of its line.
    A quotation goes on over line breaks if the next mark of its kind closes it. Where each
    paragraph opens it anew with ``“`` or ``»``, it is one quotation a paragraph, and the last alone
    is ``closed``.

    Args:
        text: any string.

    Returns:
        Quotations by their start, an outer one before those within it. Two of them nest or lie
        apart; they never cross.
    """
    typed, text = text, text.replace("''", f'"{_FILLER}').replace("``", f"“{_FILLER}")
    found: list[_Found] = []
    # Place in `found` of the outermost quotation that the lines so far have left open.
    pending: int | None = None
    for start, end in lines(text):
        if _is_dialogue(text, start, end):
            found += _dialogue(text, start, end)
            pending = None
            continue
        rest, reopened = start, False
        if pending is not None:
            opened = found[pending]
            mark = _next_of_its_kind(text, opened.start, start, end)
            if mark is not None:
                reopened = mark == start and text[mark] == "»"
                if _closes_from_afar(text, text[opened.start], mark, start, end):
                    found[pending] = opened._replace(end=mark + 1, inner_end=mark, closed=True)
                    found += _paired(text, start, mark)
                    rest = mark + 1
                pending = None
        here = list(_paired(text, rest, end, reopened=reopened))
        if pending is None:
            left_open = (
                place
                for place, one in enumerate(here, len(found))
                if not one.closed and one.end == end and _family(text[one.start]) is not None
            )
            pending = next(left_open, None)
        found += here
    # Speech after a dash may share both ends with a quotation in it: it came first and stays so.
    found.sort(key=lambda one: (one.start, -one.end))
    return list(_nested(typed, found))


def overlapping(outermost: Sequence[Quotation], start: int, end: int) -> Sequence[Quotation]:
    """Return those of a text's outermost quotations, in order, that share a character with a range.

    Args:
        outermost: The quotations of depth 0, in order.
        start: First code point of the range.
        end: One past its last code point.
    """
    first = bisect_right(outermost, start, key=_END)
    return outermost[first : bisect_left(outermost, end, first, key=_START)]


def _paired(text: str, start: int, end: int, *, reopened: bool = False) -> Iterator[_Found]:
    """Pair the marks between two positions.

    ``reopened``: the first character is the » that takes up a « of the paragraph before.
    """
    stack: list[tuple[str, int]] = []
    # Without the counts each stray closer would search the whole stack: quadratic.
    count: Counter[str] = Counter()
    for match in _MARK.finditer(text, start, end):
        at, mark = match.start(), match[0]
        if reopened and at == start:
            mark = "«"
        elif any(count[one] for one in _CLOSES[mark]) and _closes(text, at, start, end, count):
            last = _rstrip(text, start, at)
            while stack:
                opener, opened = stack.pop()
                count[opener] -= 1
                if opener in _CLOSES[mark]:
                    yield _Found(opened, at + 1, opened + 1, at, closed=True)
                    break
                if opener not in _TENTATIVE:
                    yield _Found(opened, last, opened + 1, last, closed=False)
            continue
        elif not _opens(text, at, start, end):
            continue
        stack.append((mark, at))
        count[mark] += 1
    last = _rstrip(text, start, end)
    for opener, opened in stack:
        if opener not in _TENTATIVE:
            yield _Found(opened, last, opened + 1, last, closed=False)


def _opens(text: str, at: int, start: int, end: int) -> bool:
    """Whether a mark opens a quotation, given that it does not close one."""
    mark = text[at]
    if mark in "“„«‹":
        return True
    left, right = _around(text, at, start, end)
    if mark == "”" or not (left.isspace() or left in _BEFORE_OPENER):
        return False
    if mark == '"':
        # `word ".` is a closing mark typed apart; `"...` begins in mid-sentence.
        return right not in _AFTER_CLOSER or text.startswith("...", at + 1)
    return not right.isspace() and not (mark in "'‘’" and _ELIDED.match(text, at + 1, end))


def _closes(text: str, at: int, start: int, end: int, count: Counter[str]) -> bool:
    """Whether a mark closes a quotation, given that one is open which it could close."""
    mark = text[at]
    if mark in "”»›":
        return True
    if mark == '"' and not count['"']:
        # It would stand in for ”, so it must look the part, and not be the inches of 6'2".
        return _looks_closing(text, at, start, end) and not text[at - 1].isdigit()
    if mark in '"“«‹':
        return not _looks_opening(text, at, start, end)
    return _looks_closing(text, at, start, end) and not _is_possessive(text, at, end)


def _closes_from_afar(text: str, opener: str, at: int, start: int, end: int) -> bool:
    """Whether a mark closes what an earlier line opened, and does not open something itself."""
    mark = text[at]
    if at == start or ("«" if opener == "»" else opener) not in _CLOSES[mark]:
        return False
    if mark in "”»":
        return True
    left, right = _around(text, at, start, end)
    if mark == '"' and left.isdigit():
        return False
    apart = right in _AFTER_CLOSER or not text[at + 1 : end].strip(_FILLER)
    return apart or _looks_closing(text, at, start, end)


def _around(text: str, at: int, start: int, end: int) -> tuple[str, str]:
    """The neighbours of a mark, spaces beyond the given range."""
    right = at + 2 if text.startswith(_FILLER, at + 1) else at + 1
    return (text[at - 1] if at > start else " ", text[right] if right < end else " ")


def _looks_opening(text: str, at: int, start: int, end: int) -> bool:
    left, right = _around(text, at, start, end)
    return (left.isspace() or left in _BEFORE_OPENER) and not (
        right.isspace() or right in _AFTER_CLOSER
    )


def _looks_closing(text: str, at: int, start: int, end: int) -> bool:
    left, right = _around(text, at, start, end)
    return not left.isspace() and not right.isalnum()


def _is_possessive(text: str, at: int, end: int) -> bool:
    """Whether it is the apostrophe of *workers’ rights*: the closing mark is still to come."""
    if _POSSESSIVE.match(text, at) is None:
        return False
    following = _NEXT_SINGLE.search(text, at + 1, end)
    return following is not None and not text[following.start() - 1].isspace()


def _family(mark: str) -> re.Pattern[str] | None:
    return next((family for family in _FAMILIES if family.match(mark)), None)


def _next_of_its_kind(text: str, opened: int, start: int, end: int) -> int | None:
    family = _family(text[opened])
    found = family.search(text, start, end) if family else None
    return found.start() if found else None


def _is_dialogue(text: str, start: int, end: int) -> bool:
    """Whether a line is speech after a dash: no signature (*― Sonya Herridge*), no list item."""
    dash = text[start]
    if dash not in _DASHES:
        return False
    ended = text[end - 1] in _SENTENCE_ENDS
    aside = _DASHES[dash].search(text, start + 1, end)
    if dash in _LONG_DASHES:
        return ended or aside is not None
    return (
        ended
        and text[start + 1].isspace()
        and aside is not None
        and text[aside.end() : aside.end() + 2].lstrip()[:1].islower()
    )


def _dialogue(text: str, start: int, end: int) -> Iterator[_Found]:
    """What is spoken in a line of dialogue, and the quotations in it and in its asides."""
    dashes = [match.start() for match in _DASHES[text[start]].finditer(text, start + 1, end)]
    for turn, (left, right) in enumerate(zip([start, *dashes], [*dashes, end], strict=True)):
        last = _rstrip(text, left, right)
        if turn % 2:
            yield from _paired(text, left, last)
            continue
        words = left + 1
        # The full stop after an aside belongs to what was said before it: "—dijo Ana—. Vamos."
        while turn and words < last and (text[words].isspace() or text[words] in ".,;:"):
            words += 1
        if words < last:
            yield _Found(words if turn else left, last, words, last, closed=True)
            yield from _paired(text, words, last)


def _nested(text: str, found: list[_Found]) -> Iterator[Quotation]:
    """Count how deep each quotation lies, and leave the white space at its marks out of it."""
    around: list[int] = []
    for single in found:
        one = _doubled(text, single)
        while around and around[-1] <= one.start:
            around.pop()
        inner_end = _rstrip(text, one.inner_start, one.inner_end)
        inner_start = one.inner_start
        while inner_start < inner_end and text[inner_start].isspace():
            inner_start += 1
        yield Quotation(one.start, one.end, inner_start, inner_end, len(around), one.closed)
        around.append(one.end)


def _doubled(text: str, one: _Found) -> _Found:
    """Take in the second character of a mark that is typed as two."""
    if text[one.start : one.inner_start + 1] in _DOUBLED:
        one = one._replace(inner_start=min(one.inner_start + 1, one.inner_end))
    if one.closed and text[one.inner_end : one.end + 1] in _DOUBLED:
        one = one._replace(end=one.end + 1)
    return one


def _rstrip(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end
