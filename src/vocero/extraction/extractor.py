"""An article in, a verified extraction out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from vocero.errors import SettingsError
from vocero.extraction.actors import resolve_actors
from vocero.extraction.article import Article
from vocero.extraction.attributions import find_attributions
from vocero.extraction.background import BackgroundLoop
from vocero.extraction.claims import restate_claims
from vocero.extraction.confidence import check_least, set_aside
from vocero.extraction.found import nesting
from vocero.extraction.session import Session, off_loop
from vocero.model import connect
from vocero.read import read_document
from vocero.read.texts import check_unicode
from vocero.schema import Attribution, Document, Extraction, Relay, Stage, content_id
from vocero.text import speech

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self, Unpack

    from vocero.extraction.actors import Cast
    from vocero.extraction.claims import Claimed
    from vocero.extraction.found import Found
    from vocero.extraction.session import Step
    from vocero.model import ConnectOptions, Model
    from vocero.schema import Rejection

__all__ = ["Extractor", "aextract", "extract"]


class Extractor:
    """Reads articles with one model. Reuse it: it keeps the connection, and the embedded server.

    It is a context manager, synchronous and asynchronous, that closes the model at its end.
    """

    def __init__(
        self,
        model: str | Model | None = None,
        *,
        created_at: dt.datetime | None = None,
        min_confidence: float | None = None,
        **settings: Unpack[ConnectOptions],
    ) -> None:
        """Name a model; nothing starts before the first article.

        Args:
            model: As for `vocero.model.connect`: a name, a `Model`, or None for the settings and,
                without any, the embedded model.
            created_at: The time that every extraction shall bear in its provenance, with a time
                zone; None for the time at which it is made. With it a replay gives the same bytes.
            min_confidence: Attributions whose confidence is less, 0 to 1, are rejected as
                ``low_confidence`` before anything else is asked about them, and so is whatever
                stands inside them. Else those without one stay, such as the model's own: unknown is
                not zero. None: all stay.
            settings: The other arguments of `vocero.model.connect`.

        Raises:
            SettingsError: a setting is malformed, missing, or contradicts another.
        """
        if created_at is not None and created_at.utcoffset() is None:
            msg = f"created_at={created_at.isoformat()} has no time zone: give it one, such as UTC"
            raise SettingsError(msg)
        self.created_at = created_at
        self.min_confidence = check_least(min_confidence)
        self.model = connect(model, **settings)
        self._background = BackgroundLoop()

    async def aextract(
        self, document: Document | str | Path, *, on_step: Callable[[Step], None] | None = None
    ) -> Extraction:
        """Read one article.

        Args:
            document: A `Document`, a path to one article, or the text itself as `str`.
            on_step: Told how far the article is.

        Raises:
            InputError: a path cannot be read as one article, or a text holds half a character.
            ModelError: the model could not answer.
            LocalModelError: the embedded model cannot be had or started.
        """
        if isinstance(document, Path):  # a disk may be slow, and a page has to be taken apart
            document = await asyncio.to_thread(read_document, document)
        else:
            document = _document(document)
        article = await off_loop(document.text, Article.read, document)
        session = Session(self.model, on_step, self.created_at)
        found, rejected = await find_attributions(article, session)
        found, doubtful = set_aside(found, self.min_confidence)
        cast = await resolve_actors(article, found, session)
        found = [one for one in found if one.wanted]
        names = {actor.id: actor.name for actor in cast.actors}
        speakers = [names[source] if source else None for source in cast.sources]
        claimed = await restate_claims(article, found, speakers, cast.actors, session)
        session.check()
        told = await off_loop(article.text, _attributions, article, found, cast, claimed)
        return await off_loop(
            article.text,
            Extraction,
            document=article.document,
            actors=cast.actors,
            claims=claimed.claims,
            attributions=told,
            rejected=_in_order((*rejected, *doubtful, *cast.rejected, *claimed.rejected)),
            provenance=session.provenance(),
        )

    def extract(
        self, document: Document | str | Path, *, on_step: Callable[[Step], None] | None = None
    ) -> Extraction:
        """Read one article; as `aextract`, for code without an event loop and for notebooks."""
        return self._background.run(self.aextract(document, on_step=on_step))

    async def aclose(self) -> None:
        """Give back connections and the embedded server."""
        await self.model.aclose()

    def close(self) -> None:
        """As `aclose`, for code without an event loop and for notebooks."""
        try:
            self._background.run(self.model.aclose())
        finally:
            self._background.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def extract(
    document: Document | str | Path,
    *,
    model: str | Model | None = None,
    min_confidence: float | None = None,
    **settings: Unpack[ConnectOptions],
) -> Extraction:
    """Read one article with a model of its own; for several, use an `Extractor`.

    Args:
        document: A `Document`, a path to one article, or the text itself as `str`.
        model: See `Extractor`.
        min_confidence: See `Extractor`.
        settings: See `vocero.model.connect`.

    Raises:
        VoceroError: see `Extractor` and `Extractor.aextract`.
    """
    with Extractor(model, min_confidence=min_confidence, **settings) as extractor:
        return extractor.extract(document)


async def aextract(
    document: Document | str | Path,
    *,
    model: str | Model | None = None,
    min_confidence: float | None = None,
    **settings: Unpack[ConnectOptions],
) -> Extraction:
    """As `extract`, from asynchronous code."""
    async with Extractor(model, min_confidence=min_confidence, **settings) as extractor:
        return await extractor.aextract(document)


def _document(given: Document | str) -> Document:
    if isinstance(given, Document):
        return given
    if isinstance(given, str):
        check_unicode(given, "the text")
        return Document.from_text(given)
    # Callers without a type checker.
    msg = f"an article is a Document, a Path or a text, not {given!r:.80}"  # type: ignore[unreachable]
    raise TypeError(msg)


def _attributions(
    article: Article, found: Sequence[Found], cast: Cast, claimed: Claimed
) -> tuple[Attribution, ...]:
    ids = [_id(article, one) for one in found]
    outlines = zip(
        *(found, ids, cast.sources, cast.relays, claimed.by_attribution, nesting(found)),
        strict=True,
    )
    return tuple(
        Attribution(
            id=own,
            source=source,
            source_span=one.source,
            cue_span=one.cue,
            content=one.content,
            speech=speech(article.text, one.ranges, article.quotations),
            stance=one.stance,
            addressee=one.addressee,
            chain=_chain(one, source, relays),
            within=None if outer is None else ids[outer],
            claims=claims,
            confidence=one.confidence,
        )
        for one, own, source, relays, claims, outer in outlines
    )


def _in_order(rejected: Iterable[Rejection]) -> tuple[Rejection, ...]:
    """Sort by stage and sentence: questions run side by side, and no run may differ from another."""
    stages = get_args(Stage)
    return tuple(
        sorted(
            rejected,
            key=lambda one: (stages.index(one.stage), one.sentence or 0, one.model_dump_json()),
        )
    )


def _id(article: Article, one: Found) -> str:
    spans = [(span.start, span.end) for span in (one.anchor, *one.content)]
    return content_id("attribution", article.document.sha256, spans)


def _chain(one: Found, source: str | None, relays: Sequence[str]) -> tuple[Relay, ...]:
    chain: list[Relay] = []
    for relayed, actor in zip(one.relays, relays, strict=True):
        if actor != source and actor not in {relay.actor for relay in chain}:
            chain.append(Relay(actor=actor, span=relayed.span, cue_span=relayed.cue))
    return tuple(chain)
