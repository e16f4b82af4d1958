"""What code can tell about a statement: its words without marks, what they lean on, its modality."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import TYPE_CHECKING

from vocero.text.grammar import grammar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vocero.schema import Modality, Stance

__all__ = ["finished", "leaning", "modality", "plain"]

_MARK = re.compile(r"[“”«»‹›\"]|''|``")
_MARKS = '"“”„«»‹› '
# One quotation, which may hold another one in other marks.
_ONE_QUOTATION = re.compile(
    r"“(?P<curly>[^“”]*)”|«(?P<angle>[^«»]*)»|„(?P<low>[^„“]*)“|\"(?P<straight>[^\"]*)\""
    r"|(?:''|``)(?P<double>(?:(?!''|``).)*)''"
)
_STANCES: dict[Stance, Modality] = {
    "requests": "demand",
    "promises": "intention",
    "asks": "question",
    "speculates": "possibility",
}


def plain(content: Iterable[str], language: str | None) -> str:
    """Join the stretches of a content, without outer marks, complementiser and final comma."""
    text = " ".join(_unquoted(part) for part in content)
    words = re.sub(r"\s+", " ", text).rstrip(",;:").split(" ")
    kept = [*dropwhile(lambda word: word.lower() in grammar(language).droppable, words)]
    # "que «el plan es caro»": the marks of what it opens.
    return _unquoted(" ".join(kept or words[-1:]))


def finished(text: str) -> str:
    """Put a full stop where a sentence has no mark at its end."""
    return text if text.endswith((".", "!", "?", "…", "”", "»", '"')) else f"{text}."


def _unquoted(part: str) -> str:
    """Take off the marks of a stretch that is one quotation, and of one whose quotation goes on."""
    bare = part.strip()
    inner = bare.strip(_MARKS)
    if not _MARK.search(inner):
        return inner
    whole = _ONE_QUOTATION.fullmatch(bare)
    return whole.group(whole.lastgroup or 0) if whole else bare


def leaning(content: str, language: str | None) -> Iterator[tuple[int, int]]:
    """Find the words that lean on the context: pronouns, *este mes*, *ambos*.

    A possessive is let pass, for its owner nearly always stands in the same sentence; so is the
    first person, for who speaks is known.

    Args:
        content: A stretch of a content.
        language: ISO 639-1 code; None or a language without lists finds none.

    Yields:
        Half-open ranges in code points of the stretch.
    """
    g = grammar(language)
    for found in g.leaning.finditer(content):
        if not found["settled"] and not g.first_person.fullmatch(found[0]):
            yield found.span()


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
