"""Direct, indirect or mixed: told by the quotation marks alone, never by a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vocero.text.quotes import overlapping, quotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.schema import Speech
    from vocero.text.quotes import Quotation

__all__ = ["speech"]


def speech(
    text: str,
    content: Sequence[tuple[int, int]],
    outermost: Sequence[Quotation] | None = None,
) -> Speech:
    """Tell whether a content is in the speaker's words, in the writer's, or in both.

    Only letters and digits count, so it does not matter whether a span takes its quotation marks,
    commas and spaces along. A few quoted words within reported speech, scare quotes too, make it
    mixed: the marks do not say why they stand there. Of content within a longer quotation
    (*“Kim said he would come”*) the marks say that it is direct.

    Args:
        text: the article.
        content: half-open ranges of code points of the text.
        outermost: the quotations of depth 0 that `vocero.text.quotes.quotations` finds in the text;
            pass them to ask about many contents. None finds them here.

    Returns:
        ``direct`` if every letter and digit of the content lies within quotation marks,
        ``indirect`` if none does, or if there is none, else ``mixed``.
    """
    if outermost is None:
        outermost = [one for one in quotations(text) if one.depth == 0]
    inside = outside = False
    for start, end in content:
        at = start
        for quotation in overlapping(outermost, start, end):
            outside |= _has_word(text, at, min(quotation.inner_start, end))
            inside |= _has_word(text, max(at, quotation.inner_start), min(quotation.inner_end, end))
            at = max(at, quotation.inner_end)
        outside |= _has_word(text, at, end)
    if inside and outside:
        return "mixed"
    return "direct" if inside else "indirect"


def _has_word(text: str, start: int, end: int) -> bool:
    return any(character.isalnum() for character in text[start:end])
