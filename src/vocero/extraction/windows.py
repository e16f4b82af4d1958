"""Which sentences a question shows, and which it asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vocero.extraction.article import Article

__all__ = ["Window", "fenced", "windows"]

# About 2,000 tokens of Spanish: with task and answer it fits the embedded model's 8,192, and an
# article seldom has more. Longer ones are shown block by block, so no prompt grows with them.
_BLOCK = 7_000
# Sentences of the block before that are shown again, for pronouns and elided subjects.
_OVERLAP = 3
_OVERLAP_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Window:
    """A block of sentences that is shown, and those of them that are asked about."""

    shown: range
    asked: tuple[int, ...]


def _blocks(article: Article) -> Iterator[tuple[range, range]]:
    """Yield what is shown and what is new in it; the blocks depend on the article alone."""
    start = 0
    while start < len(article.sentences):
        stop, size = start, 0
        while stop < len(article.sentences):
            length = _shown_length(article, stop)
            if size and size + length > _BLOCK:
                break
            size += length
            stop += 1
        yield range(_first_shown(article, start), stop), range(start, stop)
        start = stop


def _shown_length(article: Article, index: int) -> int:
    head, tail = article.sentences[index]
    return tail - head + len(f"[{index + 1}] \n")


def _first_shown(article: Article, start: int) -> int:
    """Go back over some sentences before a block, as long as they are short."""
    first, size = start, 0
    while first and start - first < _OVERLAP:
        size += _shown_length(article, first - 1)
        if size > _OVERLAP_LENGTH:
            break
        first -= 1
    return first


def windows(article: Article, asked: Sequence[int], per_call: int | None) -> Iterator[Window]:
    """Split the sentences to ask about into questions.

    Every question about one block shows the same sentences, so that a server's prompt cache holds
    them from one question to the next.

    Args:
        article: The article.
        asked: Indices of sentences, in order.
        per_call: How many of them to ask about at once; None: all that are in one block.
    """
    if not asked:
        return
    for shown, new in _blocks(article):
        here = [index for index in asked if index in new]
        step = per_call or max(len(here), 1)
        for at in range(0, len(here), step):
            yield Window(shown, tuple(here[at : at + step]))


def fenced(article: Article, shown: range) -> str:
    """Number the sentences and fence them in tags that the article does not contain.

    The tags come from the text's hash: the same article is fenced alike in every call, or no prompt
    cache would ever hold it.
    """
    digest = article.document.sha256
    size = next(n for n in range(8, 65) if digest[:n] not in article.text or n == len(digest))
    tag = f"article-{digest[:size]}"
    lines = [f"[{index + 1}] {article.sentence_text(index)}" for index in shown]
    return "\n".join([f"<{tag}>", *lines, f"</{tag}>"])
