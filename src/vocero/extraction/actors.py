"""Who the sources are: mentions brought together into actors, within one article."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vocero.errors import AnswerError, TruncatedError
from vocero.extraction.drafts import ActorsDraft, SpeakerDraft
from vocero.extraction.names import Named, countries_in, full_names, name_key, read_name
from vocero.extraction.prompts import render
from vocero.extraction.session import Step
from vocero.extraction.windows import fenced, windows
from vocero.schema import Actor, Mention, Rejection, content_id
from vocero.text.grammar import grammar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found, Relayed
    from vocero.extraction.session import Session
    from vocero.schema import ActorKind, MentionForm, Span

__all__ = ["Cast", "resolve_actors"]

_CANDIDATES = 6


@dataclass(eq=False)
class _Figure:
    """An actor in the making."""

    name: str
    kind: ActorKind | None
    role: str | None
    country: str | None
    anonymous: bool
    keys: set[str] = field(default_factory=set)
    mentions: dict[tuple[int, int], Mention] = field(default_factory=dict)

    def add(self, span: Span, form: MentionForm) -> None:
        self.mentions.setdefault((span.start, span.end), Mention(span=span, form=form))


@dataclass(frozen=True)
class Cast:
    """The actors of an article, and which of them speaks where."""

    actors: tuple[Actor, ...]
    sources: tuple[str | None, ...]
    """Actor id for each attribution, in the same order; None where nobody could be told."""
    relays: tuple[tuple[str, ...], ...]
    """Actor ids of each attribution's relays, in the same order."""
    rejected: tuple[Rejection, ...]


async def resolve_actors(article: Article, found: Sequence[Found], session: Session) -> Cast:
    """Bring the sources and relays of all attributions together into actors.

    Names, titles, governments and their seats are joined by code. A subject left out (*añadió*) is
    the latest speaker, which is right for 25 of the 30 in the Spanish development set. Pronouns and
    descriptions (*el portavoz*) take the only actor they can mean; where there are several, the
    model chooses among them. It is also asked for the kinds of actors that no word list tells.

    Raises:
        ModelError: the endpoint failed; see `vocero.model.Model.ask`.
    """
    stage = _Stage(article)
    sources: list[_Figure | None] = []
    rejected: list[Rejection] = []
    for one in found:
        sources.append(stage.named(one))
    for place in range(len(found)):
        session.step(Step("actors", place, len(found)))
        if sources[place] is None:
            sources[place] = await _resolve(stage, found, sources, place, session, rejected)
    relays = [tuple(stage.relay(relayed) for relayed in one.relays) for one in found]
    await _tell_kinds(stage, session, rejected)
    return _cast(article, stage, sources, relays, rejected)


class _Stage:
    """The figures so far, and how to find one again."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.figures: list[_Figure] = []
        self._full = full_names(article.text)

    def named(self, one: Found) -> _Figure | None:
        """The figure that a source names by itself; None if its words need the context."""
        if one.source is None:
            return None
        named = read_name(one.source.text, self.article.language)
        if named.form == "pronoun" or (named.form == "nominal" and named.definite and not named.anonymous and named.kind == "person"):
            return None
        return self._enter(named, one.source)

    def relay(self, relayed: Relayed) -> _Figure:
        """The figure that passed something on; one that is not known otherwise is an outlet."""
        figure = self._enter(read_name(relayed.span.text, self.article.language), relayed.span)
        figure.kind = figure.kind or "outlet"
        return figure

    def by_name(self, name: str, span: Span, form: MentionForm) -> _Figure | None:
        """The figure a model named, if the article holds that name."""
        named = read_name(name, self.article.language)
        if named.form == "pronoun":
            return None
        known = self._known(named)
        if known is None:
            place = self.article.index.locate(named.name)
            if place is None:
                return None
            known = self._new(read_name(place.text, self.article.language))
            known.add(place, named.form)
        known.add(span, form)
        return known

    def antecedent(self, pronoun: Span) -> _Figure | None:
        """The figure whose mention a relative pronoun stands behind: *dijo Kinkel, quien opinó*."""
        end = len(self.article.text[: pronoun.start].rstrip(" \xa0,"))
        for figure in self.figures:
            if any(stop == end for _, stop in figure.mentions):
                figure.add(pronoun, "pronoun")
                return figure
        return None

    def _enter(self, named: Named, span: Span) -> _Figure:
        figure = self._known(named) or self._new(named)
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
        if named.form == "named":
            last = name_key(named.name.split()[-1])
            if full := self._full.get(last):
                keys.add(name_key(full))
        return keys

    def _known(self, named: Named) -> _Figure | None:
        keys = self._keys(named)
        return next((one for one in self.figures if one.keys & keys), None)

    def _new(self, named: Named) -> _Figure:
        name, kind = named.name, named.kind
        if named.form == "named" and kind in {None, "person"} and " " not in name:
            name = self._full.get(name_key(name), name)
        figure = _Figure(name, kind, named.role, named.country, named.anonymous, self._keys(named))
        self.figures.append(figure)
        return figure


async def _resolve(
    stage: _Stage,
    found: Sequence[Found],
    sources: Sequence[_Figure | None],
    place: int,
    session: Session,
    rejected: list[Rejection],
) -> _Figure | None:
    """Tell whom an elided, pronominal or nominal source means."""
    one, language = found[place], stage.article.language
    named = read_name(one.source.text, language) if one.source else None
    span = one.source or one.anchor
    form: MentionForm = named.form if named else "elided"
    if one.who and (figure := stage.by_name(one.who, span, form)):
        return figure
    if one.source and grammar(language).relative_pronoun.fullmatch(one.source.text):
        return stage.antecedent(one.source)
    candidates = _candidates(found, sources, place)
    if named and named.form == "nominal":
        role = name_key(named.name.split()[0])
        same = [figure for figure in candidates if role in name_key(figure.role or "").split()]
        candidates = same or candidates
    if named and len(candidates) > 1:
        chosen = await _choose(stage.article, one, candidates, session, rejected)
    else:
        chosen = candidates[0] if candidates else None
    if chosen is None and named and named.form == "nominal":
        return stage._enter(named, span)  # noqa: SLF001 - a description of somebody not named
    if chosen:
        chosen.add(span, form)
    return chosen


def _candidates(
    found: Sequence[Found], sources: Sequence[_Figure | None], place: int
) -> list[_Figure]:
    """Who spoke before, the latest first; for the first attribution, who speaks after it."""
    here = found[place]
    before = [
        figure
        for one, figure in zip(reversed(found[:place]), reversed(sources[:place]), strict=True)
        if figure and not any(span.contains(here.anchor) for span in one.content)
    ]
    order = before or [figure for figure in sources[place + 1 :] if figure]
    return list(dict.fromkeys(order))[:_CANDIDATES]


async def _choose(
    article: Article,
    one: Found,
    candidates: Sequence[_Figure],
    session: Session,
    rejected: list[Rejection],
) -> _Figure | None:
    window = next(windows(article, [one.sentence], 1))
    task = render(
        "speaker",
        sentence=one.sentence + 1,
        source=one.source.text if one.source else "",
        cue=one.cue.text if one.cue else "",
        content=one.content[0].text,
        candidates=[figure.name for figure in candidates],
    )
    try:
        answer = await session.ask(
            "speaker", fenced(article, window.shown), task, SpeakerDraft, max_tokens=30
        )
    except (AnswerError, TruncatedError) as error:
        rejected.append(_unanswered(str(error), one.sentence))
        return candidates[0]
    if 1 <= answer.who <= len(candidates):
        return candidates[answer.who - 1]
    if answer.who:
        rejected.append(
            Rejection(
                stage="actors",
                reason="out_of_range",
                detail=f"there are {len(candidates)} candidates",
                proposed=answer.model_dump(mode="json"),
                sentence=one.sentence + 1,
            )
        )
    return None


async def _tell_kinds(stage: _Stage, session: Session, rejected: list[Rejection]) -> None:
    unknown = [figure for figure in stage.figures if figure.kind is None]
    if not unknown:
        return
    article = stage.article
    window = next(windows(article, [0], 1))
    task = render("actors", names=[figure.name for figure in unknown])
    try:
        answer = await session.ask(
            "actors",
            fenced(article, window.shown),
            task,
            ActorsDraft,
            max_tokens=50 + 40 * len(unknown),
        )
    except (AnswerError, TruncatedError) as error:
        rejected.append(_unanswered(str(error), None))
        return
    # A country comes from the article or not at all.
    told = set(countries_in(article.text, article.language))
    for item in answer.items:
        if not 1 <= item.n <= len(unknown):
            rejected.append(
                Rejection(
                    stage="actors",
                    reason="out_of_range",
                    detail=f"the list has {len(unknown)} names",
                    proposed=item.model_dump(mode="json"),
                )
            )
            continue
        figure = unknown[item.n - 1]
        figure.kind = item.kind
        code = item.country.upper()
        if figure.country is None and code in told:
            figure.country = code


def _unanswered(why: str, sentence: int | None) -> Rejection:
    return Rejection(
        stage="actors",
        reason="unanswered",
        detail=why,
        proposed=None,
        sentence=None if sentence is None else sentence + 1,
    )


def _cast(
    article: Article,
    stage: _Stage,
    sources: Sequence[_Figure | None],
    relays: Sequence[tuple[_Figure, ...]],
    rejected: list[Rejection],
) -> Cast:
    actors = {figure: _actor(article, figure) for figure in stage.figures}
    unique = {actor.id: actor for actor in actors.values()}
    return Cast(
        actors=tuple(sorted(unique.values(), key=lambda actor: actor.mentions[0].span.start)),
        sources=tuple(actors[one].id if one else None for one in sources),
        relays=tuple(tuple(actors[one].id for one in line) for line in relays),
        rejected=tuple(rejected),
    )


def _actor(article: Article, figure: _Figure) -> Actor:
    last = figure.name.split()[-1]
    names = {figure.name, last} if figure.kind == "person" else {figure.name}
    for name in sorted(names):
        if not name[:1].isupper() or grammar(article.language).determiner.match(f"{name} "):
            continue
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", article.text):
            inside = any(
                start <= found.start() and found.end() <= end for start, end in figure.mentions
            )
            if not inside:
                figure.add(article.span(*found.span()), "named")
    return Actor(
        id=content_id("actor", article.document.sha256, figure.name, figure.kind),
        name=figure.name,
        kind=figure.kind,
        role=figure.role,
        country=figure.country,
        anonymous=figure.anonymous,
        mentions=tuple(figure.mentions[key] for key in sorted(figure.mentions)),
    )
