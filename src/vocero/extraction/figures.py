"""Actors in the making: the mentions of one article, brought together by code."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from vocero.extraction.known_names import nominative
from vocero.extraction.names import Named, name_key, read_name
from vocero.schema import Actor, Mention, content_id
from vocero.text.fold import whole_words
from vocero.text.grammar import grammar
from vocero.text.letters import CAPITAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found, Relayed
    from vocero.schema import ActorKind, MentionForm, Span

__all__ = ["Figure", "Figures", "actor_of"]

# Behind one of these, or a word, no sentence opens.
_WITHIN = {",", ";", ")", "]", "”", "»"}
# More blanks than stand between two words of a sentence.
_BLANKS = 3
_WORD = re.compile(r"\w+")
_CAPITAL_BEFORE = re.compile(rf"{CAPITAL}[\w.’'-]*[ \xa0]$")


@dataclass(eq=False)
class Figure:
    """An actor in the making."""

    name: str
    kind: ActorKind | None
    role: str | None
    country: str | None
    anonymous: bool
    keys: set[str] = field(default_factory=set)
    mentions: dict[tuple[int, int], Mention] = field(default_factory=dict)

    def add(self, span: Span, form: MentionForm) -> None:
        """Note one more mention; a place is mentioned once."""
        self.mentions.setdefault((span.start, span.end), Mention(span=span, form=form))


class Figures:
    """The figures of one article so far, and how to find one again."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.all: list[Figure] = []
        self._by_key: dict[str, int] = {}
        self._openers: dict[str, bool] = {}

    def read(self, span: Span) -> Named:
        """Take a mention apart; what stands before it tells whether its capital is its own."""
        opens = self._opens_sentence(span.start)
        article = grammar(self.article.language).determiner.match(span.text)
        if opens and article and (first := _WORD.match(span.text, article.end())):
            # "El Mercurio" that opens a sentence, and has its capital in mid-sentence elsewhere.
            opens = self._only_opens(span.text[: first.end()])
        return read_name(span.text, self.article.language, opens=opens)

    def _only_opens(self, words: str) -> bool:
        """Whether words stand nowhere but where a sentence opens."""
        if words not in self._openers:
            places = re.finditer(re.escape(words), self.article.text)
            self._openers[words] = all(self._opens_sentence(one.start()) for one in places)
        return self._openers[words]

    def _opens_sentence(self, at: int) -> bool:
        before = self.article.text[max(0, at - _BLANKS) : at].rstrip(" \xa0")[-1:]
        return not before.isalnum() and before not in _WITHIN

    def named(self, one: Found) -> Figure | None:
        """The figure that a source names by itself; None if its words need the context."""
        if one.source is None:
            return None
        named = self.read(one.source)
        if named.form == "pronoun" or (
            named.form == "nominal"
            and named.definite
            and not named.anonymous
            and named.kind == "person"
        ):
            return None
        if named.form == "named" and self._is_governed(one):
            named = replace(named, name=self._as_subject(named.name))
        return self.enter(named, one.source)

    def _is_governed(self, one: Found) -> bool:
        """Whether a source stands behind a preposition or a noun, which take the genitive."""
        cue = one.cue
        cues = self.article.cues[one.sentence] if cue else []
        return any(cue.start == other.start and other.kind != "verb" for other in cues if cue)

    def _as_subject(self, name: str) -> str:
        """A name in the genitive as it stands elsewhere: *Jan Novák*, or *Novák* for *Jana Nováka*."""
        article = self.article
        whole = nominative(name, article.names, article.language)
        if whole or " " not in name:
            return whole or name
        last = nominative(name.rpartition(" ")[2], article.names, article.language)
        # With another first name it is somebody else's.
        return last if last and name_key(last) not in article.full_names else name

    def relay(self, relayed: Relayed) -> Figure:
        """The figure that passed something on; one that is not known otherwise is an outlet."""
        figure = self.enter(self.read(relayed.span), relayed.span)
        figure.kind = figure.kind or "outlet"
        return figure

    def by_name(self, name: str, span: Span, form: MentionForm) -> Figure | None:
        """The figure a model named, if the article holds that name."""
        named = read_name(name, self.article.language)
        if named.form == "pronoun":
            return None
        # A full name has to be the figure's own: "Pedro Paz" is not Luis Paz.
        single = len(named.name.split()) == 1
        keys = self._keys(named) if single else {name_key(named.name)}
        known = self._with_any(keys)
        if known is None:
            place = self.article.index.locate(named.name)
            if place is None:
                return None
            known = self._new(read_name(place.text, self.article.language))
            known.add(place, named.form)
        known.add(span, form)
        return known

    def antecedent(self, pronoun: Span) -> Figure | None:
        """The figure whose mention a relative pronoun stands behind: *dijo Kinkel, quien opinó*."""
        end = pronoun.start
        while end and self.article.text[end - 1] in " \xa0,":
            end -= 1
        for figure in self.all:
            if any(stop == end for _, stop in figure.mentions):
                figure.add(pronoun, "pronoun")
                return figure
        return None

    def enter(self, named: Named, span: Span) -> Figure:
        """The figure that goes by one of the mention's names, enriched by it; else a new one."""
        figure = self.known(named) or self._new(named)
        figure.add(span, named.form)
        if len(named.name) > len(figure.name) and named.form == "named":
            figure.name = named.name
        figure.kind = figure.kind or named.kind
        figure.country = figure.country or named.country
        if named.role and len(named.role) > len(figure.role or ""):
            figure.role = named.role
        return figure

    def _keys(self, named: Named) -> set[str]:
        if named.kind == "government" and named.country:
            return {f"government {named.country}"}
        keys = {name_key(named.name)}
        if article := grammar(self.article.language).determiner.match(named.name):
            keys.add(name_key(named.name[article.end() :]))  # "El Mercurio" is "Mercurio", too
        if named.form == "named":
            last = name_key(named.name.split()[-1])
            if full := self.article.full_names.get(last):
                keys.add(name_key(full))
        return keys

    def known(self, named: Named) -> Figure | None:
        """The first figure that goes by one of a mention's names."""
        return self._with_any(self._keys(named))

    def _with_any(self, keys: Iterable[str]) -> Figure | None:
        """The first figure that goes by one of the keys."""
        places = [self._by_key[key] for key in keys if key in self._by_key]
        return self.all[min(places)] if places else None

    def _new(self, named: Named) -> Figure:
        name, kind = named.name, named.kind
        if named.form == "named" and kind in {None, "person"} and " " not in name:
            name = self.article.full_names.get(name_key(name), name)
        figure = Figure(name, kind, named.role, named.country, named.anonymous, self._keys(named))
        for key in figure.keys:
            self._by_key.setdefault(key, len(self.all))
        self.all.append(figure)
        return figure


def actor_of(article: Article, figure: Figure) -> Actor:
    """Make the actor, with every other place in the article that names it."""
    last = figure.name.split()[-1]
    full = article.full_names.get(name_key(last))
    own = figure.kind == "person" and full is not None and name_key(full) in figure.keys
    names = {figure.name, last} if own else {figure.name}
    for name in sorted(names):
        if not name[:1].isupper() or grammar(article.language).determiner.match(f"{name} "):
            continue
        known = sorted(figure.mentions)
        starts = [start for start, _ in known]
        reach = list(accumulate((end for _, end in known), max))
        for at in whole_words(article.text, name):
            end, before = at + len(name), bisect_right(starts, at)
            inside = before and end <= reach[before - 1]
            # "Ríos" in "Ana Ríos" is her name and nobody else's.
            longer = name != figure.name and _CAPITAL_BEFORE.search(article.text, 0, at)
            if not inside and not longer:
                figure.add(article.span(at, end), "named")
    return Actor(
        id=content_id("actor", article.document.sha256, figure.name, figure.kind),
        name=figure.name,
        kind=figure.kind,
        role=figure.role,
        country=figure.country,
        anonymous=figure.anonymous,
        mentions=tuple(figure.mentions[key] for key in sorted(figure.mentions)),
    )
