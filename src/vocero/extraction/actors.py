"""Who the sources are: mentions brought together into actors, within one article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vocero.errors import AnswerError, TruncatedError
from vocero.extraction.countries import countries_in
from vocero.extraction.drafts import ActorsDraft, SpeakerDraft
from vocero.extraction.figures import Figure, Figures, actor_of
from vocero.extraction.found import nesting
from vocero.extraction.names import name_key
from vocero.extraction.people import introduced, topic
from vocero.extraction.prompts import render
from vocero.extraction.session import Step, off_loop
from vocero.extraction.windows import fenced, windows
from vocero.schema import Rejection
from vocero.text.grammar import grammar
from vocero.text.lexicons import LANGUAGES
from vocero.text.quotes import overlapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from pydantic import JsonValue

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found
    from vocero.extraction.names import Named
    from vocero.extraction.session import Session
    from vocero.schema import Actor, ActorKind, MentionForm, Reason, Span

__all__ = ["Cast", "resolve_actors"]

_WORD = re.compile(r"\w+")
_CANDIDATES = 6
_CONTENT_SHOWN = 400
# As many as `ActorsDraft` holds.
_NAMES_A_CALL = 40
# A small model puts each field on a line of its own: 45 tokens an actor.
_TOKENS_BASE, _TOKENS_AN_ACTOR = 80, 60


@dataclass(frozen=True)
class Cast:
    """The actors of an article, and which of them speaks where."""

    actors: tuple[Actor, ...]
    sources: tuple[str | None, ...]
    """Actor id for each wanted attribution, in the same order; None where nobody could be told."""
    relays: tuple[tuple[str, ...], ...]
    """Actor ids of each wanted attribution's relays, in the same order."""
    rejected: tuple[Rejection, ...]


async def resolve_actors(article: Article, found: Sequence[Found], session: Session) -> Cast:
    """Bring the sources and relays of all attributions together into actors.

    Names, titles, governments and their seats are joined by code. A subject left out (*añadió*) is
    whom the sentence before opens with if nobody speaks there, else the latest speaker, which is
    right for 24 of the 31 that are found in the Spanish development set; so is a pronoun, unless
    the model named its source. A description (*el portavoz*) takes the only actor it can mean;
    where there are several, the model chooses among them. It is also asked for the kinds of actors
    that no word list tells.

    Attributions that are not wanted count for who spoke before, but no question is asked for them:
    where one would have to be, nobody speaks. Who speaks nowhere else is no actor, and they leave
    no mentions.

    Raises:
        ModelError: the endpoint failed; see `vocero.model.Model.ask`.
    """
    casting = await off_loop(article.text, _Casting, article, found, session)
    for place in range(len(found)):
        session.step(Step("actors", place, len(found)))
        await casting.resolve(place)
    relays = [tuple(casting.figures.relay(one) for one in each.relays) for each in found]
    heard = list(zip(casting.sources, relays, strict=True))
    wanted = [who for one, who in zip(found, heard, strict=True) if one.wanted]
    casting.unheard = _figures(heard) - _figures(wanted)
    casting.forget_unwanted()
    await casting.tell_kinds()
    actors = await off_loop(article.text, casting.actors)
    unique = {actor.id: actor for actor in actors.values()}
    return Cast(
        actors=tuple(sorted(unique.values(), key=lambda actor: actor.mentions[0].span.start)),
        sources=tuple(actors[one].id if one else None for one, _ in wanted),
        relays=tuple(tuple(actors[one].id for one in line) for _, line in wanted),
        rejected=tuple(casting.rejected),
    )


def _figures(heard: Iterable[tuple[Figure | None, Sequence[Figure]]]) -> set[Figure | None]:
    return {figure for source, relays in heard for figure in (source, *relays)}


class _Casting:
    """The figures of an article, and the questions about those that code cannot tell."""

    def __init__(self, article: Article, found: Sequence[Found], session: Session) -> None:
        self.article, self.found, self.session = article, found, session
        self.nesting = nesting(found)
        self.figures = Figures(article)
        # Names first, so that a pronoun may mean somebody who is named later.
        self.sources = [self.figures.named(one) for one in found]
        self.unheard: AbstractSet[Figure | None] = frozenset()
        """Who speaks only where it is not wanted, once all is resolved."""
        self.countries: frozenset[str] | None = None
        """ISO codes of those that the article names, once somebody asks."""
        self.rejected: list[Rejection] = []

    async def resolve(self, place: int) -> None:
        """Tell whom an elided, pronominal or nominal source means."""
        if self.sources[place] is None:
            self.sources[place] = await self._resolved(place)

    async def _resolved(self, place: int) -> Figure | None:
        one, language = self.found[place], self.article.language
        named = self.figures.read(one.source) if one.source else None
        span = one.source or one.anchor
        form: MentionForm = named.form if named else "elided"
        if who := one.proposed.who:
            if figure := self.figures.by_name(who, span, form):
                return figure
            self._reject("not_in_text", f"the article names no {who!r}", {"who": who}, one)
        g = grammar(language)
        if one.source and g.relative_pronoun.fullmatch(one.source.text):
            return self.figures.antecedent(one.source)
        if one.cue and not one.source and g.word_order != "free" and language in LANGUAGES:
            return None  # "Asked if it was late, …": no known subject is left out in these
        candidates = await self._candidates(place)
        if named and named.form == "nominal":
            # The only speaker so far is not whoever is described next, but for a common office:
            # words in a wrong mouth are worse than one actor told as two. "Un portavoz" is at most
            # who was introduced with all of that.
            same = self._holders(named, one, candidates)
            unknown = len(candidates) == 1 or g.indefinite.match(span.text)
            candidates = same or ([] if unknown else candidates)
        if named and named.form == "nominal" and len(candidates) > 1:
            chosen = await self._choose(one, candidates)
        else:
            chosen = candidates[0] if candidates else None
        in_doubt = not one.wanted and len(candidates) > 1
        if chosen is None and named and named.form == "nominal" and not in_doubt:
            return self.figures.enter(named, span)  # a description of somebody not named
        if chosen:
            chosen.add(span, form)
        return chosen

    @cached_property
    def _introduced(self) -> list[tuple[frozenset[str], Named, Span]]:
        """Everybody introduced with his office, in order, and the words of that office."""
        return [(_words(one.role), one, place) for one, place in introduced(self.article)]

    def _holders(self, named: Named, here: Found, candidates: Sequence[Figure]) -> list[Figure]:
        """Who holds the office that a description names.

        It is whom the sentence before opens with; else speakers; else the one introduced with it.
        """
        office = _words(named.name)
        before = self._topic_before(here)
        if before and office and office <= _words(before[0].role):
            return [self.figures.enter(*before)]
        if same := [one for one in candidates if office and office <= _words(one.role)]:
            return same
        known = {
            name_key(person.name): (person, place)
            for held, person, place in self._introduced
            if place.end <= here.anchor.start and office and office <= held
        }
        return [self.figures.enter(*one) for one in known.values()] if len(known) == 1 else []

    async def _candidates(self, place: int) -> list[Figure]:
        """Who spoke before, the latest first; for the first attribution, who speaks after it.

        Within another's words that one comes first, where the grammar has it so.
        """
        here, outer = self.found[place], self.nesting[place]
        if outer is not None and self._speaks_of_himself(here):
            await self.resolve(outer)
            if figure := self.sources[outer]:
                return [figure]
        earlier = [
            (self.nesting[at] is not None, figure)
            for at in reversed(range(place))
            if (figure := self.sources[at])
            and not any(span.contains(here.anchor) for span in self.found[at].content)
        ]
        named = here.source and self.figures.read(here.source)
        if (not named or named.form == "pronoun") and (before := self._topic_before(here)):
            return [self.figures.enter(*before)]
        # Who is only told to speak, within another's words, hardly speaks next.
        spoken = [figure for _, figure in sorted(earlier, key=lambda one: one[0])]
        order = spoken or [figure for figure in self.sources[place + 1 :] if figure]
        return list(dict.fromkeys(order))[:_CANDIDATES]

    def _topic_before(self, here: Found) -> tuple[Named, Span] | None:
        """*El alcalde, Juan Paz, no dimitirá.* *“Aquí sigo”,* **bromeó**: nobody speaks before."""
        before = here.sentence - 1
        if before < 0 or any(one.sentence == before for one in self.found):
            return None
        found = topic(self.article, before)
        return found if found and (found[0].role or self._is_known(found[0])) else None

    def _is_known(self, named: Named) -> bool:
        """Whether a name, which may be *Wall Street*, speaks or has an office in the article."""
        key = name_key(named.name)
        if any(name_key(person.name) == key for _, person, _ in self._introduced):
            return True
        figure = self.figures.known(named)
        return figure is not None and figure in self.sources

    def _speaks_of_himself(self, inner: Found) -> bool:
        """*Ana dijo que* **esperaba** *irse*; *“**Esperamos** irnos”, dijo Ana*; not *“Dijo que no”*."""
        named = inner.source or inner.anchor
        if overlapping(self.article.quotations, named.start, named.end):
            mood = grammar(self.article.language).first_person
            return mood.search(self.article.text, named.start, named.end) is not None
        return inner.source is None

    async def _choose(self, one: Found, candidates: Sequence[Figure]) -> Figure | None:
        if not one.wanted:
            return None
        window = next(windows(self.article, [one.sentence], 1))
        task = render(
            "speaker",
            sentence=one.sentence + 1,
            source=one.source.text if one.source else "",
            cue=one.cue.text if one.cue else "",
            content=one.content[0].text[:_CONTENT_SHOWN],
            candidates=[figure.name for figure in candidates],
        )
        fence = fenced(self.article, window.shown)
        try:
            answer = await self.session.ask("speaker", fence, task, SpeakerDraft, max_tokens=30)
        except (AnswerError, TruncatedError) as error:
            self._reject("unanswered", str(error), None, one)
            return candidates[0]
        if 1 <= answer.who <= len(candidates):
            return candidates[answer.who - 1]
        if answer.who:
            why = f"there are {len(candidates)} candidates"
            self._reject("out_of_range", why, answer.model_dump(mode="json"), one)
        return None

    def forget_unwanted(self) -> None:
        """Take back the mentions that only attributions which are not wanted have left."""
        kept = {place for one in self.found if one.wanted for place in _places(one)}
        gone = {place for one in self.found if not one.wanted for place in _places(one)} - kept
        for figure in self.figures.all:
            for place in gone & figure.mentions.keys():
                del figure.mentions[place]

    def actors(self) -> dict[Figure, Actor]:
        """The actors that the figures have become."""
        heard = (figure for figure in self.figures.all if figure not in self.unheard)
        return {figure: actor_of(self.article, figure) for figure in heard}

    async def tell_kinds(self) -> None:
        """Take the kinds told along with the attributions; ask for those that nothing tells."""
        told = (
            (figure, one.proposed.kind, one.proposed.country)
            for figure, one in zip(self.sources, self.found, strict=True)
            if figure and one.proposed.kind
        )
        for figure, kind, country in dict.fromkeys(told):
            proposed: JsonValue = {"name": figure.name, "kind": kind, "country": country}
            await self._tell(figure, kind, country, proposed)
        unknown = [
            figure
            for figure in self.figures.all
            if figure.kind is None and figure not in self.unheard
        ]
        for at in range(0, len(unknown), _NAMES_A_CALL):
            await self._ask_kinds(unknown[at : at + _NAMES_A_CALL])

    async def _ask_kinds(self, unknown: Sequence[Figure]) -> None:
        fence = fenced(self.article, next(windows(self.article, [0], 1)).shown)
        task = render("actors", names=[figure.name for figure in unknown])
        limit = _TOKENS_BASE + _TOKENS_AN_ACTOR * len(unknown)
        try:
            answer = await self.session.ask("actors", fence, task, ActorsDraft, max_tokens=limit)
        except (AnswerError, TruncatedError) as error:
            self._reject("unanswered", str(error), None)
            return
        for item in answer.items:
            if not 1 <= item.n <= len(unknown):
                why = f"the list has {len(unknown)} names"
                self._reject("out_of_range", why, item.model_dump(mode="json"))
                continue
            figure, proposed = unknown[item.n - 1], item.model_dump(mode="json")
            await self._tell(figure, item.kind, item.country, proposed)

    async def _tell(
        self, figure: Figure, kind: ActorKind, country: str, proposed: JsonValue
    ) -> None:
        """Take what code does not know; a country comes from the article or not at all."""
        figure.kind = figure.kind or kind
        if not country:
            return
        if self.countries is None:
            text, language = self.article.text, self.article.language
            self.countries = frozenset(await off_loop(text, countries_in, text, language))
        if country.upper() not in self.countries:
            self._reject("not_in_text", f"the article names no country {country!r}", proposed)
        elif figure.country is None:
            figure.country = country.upper()

    def _reject(
        self, reason: Reason, why: str, proposed: JsonValue, one: Found | None = None
    ) -> None:
        self.rejected.append(
            Rejection(
                stage="actors",
                reason=reason,
                detail=why,
                proposed=proposed,
                sentence=one.sentence + 1 if one else None,
            )
        )


def _places(one: Found) -> Iterator[tuple[int, int]]:
    """Where an attribution mentions somebody: its source, or its anchor without one; its relays."""
    for span in (one.source or one.anchor, *(relayed.span for relayed in one.relays)):
        yield span.start, span.end


def _words(text: str | None) -> frozenset[str]:
    return frozenset(_WORD.findall(name_key(text or "")))
