"""From the sentences that state what is attributed to the claims of an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from vocero.extraction.names import name_key
from vocero.schema import Claim, content_id
from vocero.text.dates import times_in
from vocero.text.fold import whole_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found
    from vocero.schema import Actor, Modality, Span

__all__ = ["Stated", "claims_of"]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Stated:
    """A content as a sentence, restated or glossed."""

    text: str
    modality: Modality
    leans: tuple[Span, ...] = ()
    """The words of the content that still lean on the article."""
    verbatim: bool = False
    """Whether these are the words of the article, with nothing in brackets."""


def claims_of(
    article: Article, stated: Iterable[tuple[Found, Stated]], actors: Sequence[Actor]
) -> tuple[list[Claim], list[str]]:
    """Make claims of contents and their sentences.

    Args:
        article: The article.
        stated: One attribution of each content, and its sentence.
        actors: The article's actors.

    Returns:
        The claims in order of their evidence, those with the same words as one; and the id of each
        content's claim, in the order given.
    """
    named = _Named(actors)
    claims = [_claim(article, found, said, named) for found, said in stated]
    unique: dict[str, Claim] = {}
    for claim in claims:
        known = unique.get(claim.id)
        unique[claim.id] = _merged(known, claim) if known else claim
    in_order = sorted(unique.values(), key=lambda claim: claim.evidence[0].start)
    return in_order, [claim.id for claim in claims]


def _merged(known: Claim, same: Claim) -> Claim:
    """The same words in two places are one claim with both as evidence."""
    evidence = sorted((*known.evidence, *same.evidence), key=lambda span: (span.start, span.end))
    return known.model_copy(
        update={
            "evidence": tuple(evidence),
            "when": known.when or same.when,
            "leans": tuple(sorted((*known.leans, *same.leans), key=lambda span: span.start)),
        }
    )


def _claim(article: Article, one: Found, said: Stated, named: _Named) -> Claim:
    # Only within what is said: "dijo el lunes que …" dates the saying.
    text, language = article.text, article.language
    times = chain.from_iterable(times_in(text, language, s.start, s.end) for s in one.content)
    when = next(times, None)
    return Claim(
        id=content_id("claim", article.document.sha256, said.text),
        text=said.text,
        about=named.in_claim(said.text),
        modality=said.modality,
        when=article.span(*when) if when else None,
        evidence=one.content,
        leans=said.leans,
    )


class _Named:
    """The words that the article uses for its actors, folded by `name_key`, by their first word."""

    def __init__(self, actors: Sequence[Actor]) -> None:
        self._order = {actor.id: place for place, actor in enumerate(actors)}
        self._by_first: dict[str, set[tuple[str, str]]] = {}
        for actor in actors:
            words = {m.span.text for m in actor.mentions if m.form in {"named", "metonym"}}
            for name in {name_key(word) for word in {actor.name, *words}}:
                if first := _WORD.search(name):
                    self._by_first.setdefault(first[0], set()).add((name, actor.id))

    def in_claim(self, text: str) -> tuple[str, ...]:
        """The ids of those that a claim names by whole words, in the order of the actors."""
        folded = name_key(text)
        known = (self._by_first.get(word, ()) for word in set(_WORD.findall(folded)))
        held = {
            actor
            for name, actor in chain.from_iterable(known)
            if any(True for _ in whole_words(folded, name))
        }
        return tuple(sorted(held, key=self._order.__getitem__))
