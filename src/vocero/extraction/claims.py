"""What is claimed: each content restated so that it is understood without the article."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocero.extraction.drafts import ClaimDraft, ClaimsDraft
from vocero.extraction.names import name_key
from vocero.extraction.prompts import examples, render
from vocero.extraction.restate import brings_in, modality, plain, stands_alone, strays, time_in
from vocero.extraction.session import Step, in_parts
from vocero.extraction.windows import fenced, windows
from vocero.schema import Claim, Rejection, content_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found
    from vocero.extraction.session import Session
    from vocero.schema import Actor, Modality, Reason

__all__ = ["Claimed", "restate_claims"]

_LANGUAGE_NAMES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
}
_TOKENS_BASE, _TOKENS_A_CLAIM = 60, 140
# One answer restates at most so many statements.
_PER_CALL = 25


@dataclass(frozen=True)
class Claimed:
    """The claims of an article, and which of them each attribution makes."""

    claims: tuple[Claim, ...]
    by_attribution: tuple[tuple[str, ...], ...]
    """Claim ids of each attribution, in the same order."""
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """One content to be restated; attributions with the same content share it."""

    number: int
    found: Found
    speaker: str | None


async def restate_claims(
    article: Article,
    found: Sequence[Found],
    speakers: Sequence[str | None],
    actors: Sequence[Actor],
    session: Session,
) -> Claimed:
    """Restate what is attributed as claims.

    A content that already stands alone is taken in its own words. The others are restated by the
    model; a claim that brings in a number or a name is refused, once with a second chance.

    Args:
        article: The article.
        found: Its attributions.
        speakers: Name of each attribution's source, None where unknown.
        actors: The article's actors.
        session: Asks the model.

    Raises:
        ModelError: the endpoint failed; see `vocero.model.Model.ask`.
    """
    statements: dict[tuple[tuple[int, int], ...], _Statement] = {}
    texts: dict[int, tuple[str, Modality]] = {}
    to_ask: list[_Statement] = []
    for one, speaker in zip(found, speakers, strict=True):
        key = _key(one)
        if key in statements:
            continue
        statements[key] = statement = _Statement(len(statements) + 1, one, speaker)
        content = [span.text for span in one.content]
        if stands_alone(" ".join(content), article.language):
            text = plain(content, article.language)
            texts[statement.number] = text, modality(text, one.stance, article.language)
        else:
            to_ask.append(statement)
    rejected: list[Rejection] = []
    texts |= await _restated(article, to_ask, actors, session, rejected)
    claims = {
        statement.number: _claim(article, statement.found, *texts[statement.number], actors)
        for statement in statements.values()
        if statement.number in texts
    }
    numbers = [statements[_key(one)].number for one in found]
    unique = {claim.id: claim for claim in claims.values()}
    return Claimed(
        claims=tuple(sorted(unique.values(), key=lambda claim: claim.evidence[0].start)),
        by_attribution=tuple((claims[n].id,) if n in claims else () for n in numbers),
        rejected=tuple(rejected),
    )


def _say(statement: _Statement) -> str:
    return " ".join(span.text for span in statement.found.content)


def _key(one: Found) -> tuple[tuple[int, int], ...]:
    return tuple((span.start, span.end) for span in one.content)


async def _restated(
    article: Article,
    statements: Sequence[_Statement],
    actors: Sequence[Actor],
    session: Session,
    rejected: list[Rejection],
) -> dict[int, tuple[str, Modality]]:
    """Ask for the claims block by block; a model for single sentences gets one statement a call."""
    by_sentence: dict[int, list[_Statement]] = {}
    for statement in statements:
        by_sentence.setdefault(statement.found.sentence, []).append(statement)
    step = min(session.model.sentences_per_call or _PER_CALL, _PER_CALL)
    done = 0

    async def ask(fence: str, some: Sequence[_Statement]) -> list[tuple[int, tuple[str, Modality]]]:
        nonlocal done
        told = await _ask(article, fence, some, actors, session, rejected)
        done += len(some)
        session.step(Step("claims", done, len(statements)))
        return told

    jobs = []
    for window in windows(article, sorted(by_sentence), None):
        here = [one for index in window.asked for one in by_sentence[index]]
        fence = fenced(article, window.shown)
        jobs += [
            ask(fence, here[at : at + step])
            for at in range(0, len(here), step)
        ]
    parts = await asyncio.gather(*jobs)
    return {number: text for part in parts for number, text in part}


async def _ask(
    article: Article,
    fence: str,
    statements: Sequence[_Statement],
    actors: Sequence[Actor],
    session: Session,
    rejected: list[Rejection],
) -> list[tuple[int, tuple[str, Modality]]]:
    def unanswered(items: Sequence[_Statement], why: str) -> None:
        rejected.extend(
            _rejection(one.found, "unanswered", why, {"say": one.found.content[0].text})
            for one in items
        )

    async def ask(items: Sequence[_Statement]) -> list[tuple[int, tuple[str, Modality]]]:
        task = _task(article, items)
        limit = _TOKENS_BASE + _TOKENS_A_CLAIM * len(items)
        # Numbered anew in each question: a small model loses its way among large numbers.
        by_number = dict(enumerate(items, start=1))
        answer = await session.ask("claims", fence, task, ClaimsDraft, max_tokens=limit)
        good, refused = _proved(article, answer.items, by_number, actors)
        if refused:
            session.count_second_chance()
            again = f"{task}\n\n{_complaint(refused)}"
            answer = await session.ask("claims", fence, again, ClaimsDraft, max_tokens=limit)
            mended, still = _proved(article, answer.items, by_number, actors)
            good |= {number: text for number, text in mended.items() if number not in good}
            for draft, reason, why in still or refused:
                if draft.n not in good:
                    one = by_number.get(draft.n, items[0]).found
                    rejected.append(_rejection(one, reason, why, draft.model_dump(mode="json")))
        told = good.keys() | {draft.n for draft, _, _ in refused}
        missing = [one for number, one in by_number.items() if number not in told]
        unanswered(missing, "the model gave no claim for it")
        return [(by_number[number].number, text) for number, text in good.items()]

    return await in_parts(statements, ask, unanswered)


def _proved(
    article: Article,
    drafts: Sequence[ClaimDraft],
    by_number: dict[int, _Statement],
    actors: Sequence[Actor],
) -> tuple[dict[int, tuple[str, Modality]], list[tuple[ClaimDraft, Reason, str]]]:
    good: dict[int, tuple[str, Modality]] = {}
    refused: list[tuple[ClaimDraft, Reason, str]] = []
    names = [actor.name for actor in actors]
    for draft in drafts:
        text = " ".join(draft.claim.split())
        if draft.n not in by_number:
            refused.append((draft, "out_of_range", f"there is no statement {draft.n}"))
        elif not text:
            refused.append((draft, "no_content", "the claim is empty"))
        elif why := strays(text, _say(by_number[draft.n]), article.text):
            refused.append((draft, "other_words", why))
        elif strange := brings_in(text, article.text, names):
            number = strange[0].isdigit()
            reason: Reason = "new_number" if number else "new_name"
            what = "number" if number else "name"
            refused.append((draft, reason, f"the {what} {strange!r} is not in the article"))
        else:
            good.setdefault(draft.n, (text, draft.mod))
    return good, refused


def _task(article: Article, statements: Sequence[_Statement]) -> str:
    return render(
        "claims",
        statements=[
            {
                "n": number,
                "sentence": one.found.sentence + 1,
                "speaker": one.speaker,
                "say": _say(one),
            }
            for number, one in enumerate(statements, start=1)
        ],
        language=_LANGUAGE_NAMES.get(article.language or "", "the article's language"),
        published=article.document.published,
        examples=examples("claims", article.language),
    )


def _complaint(refused: Sequence[tuple[ClaimDraft, Reason, str]]) -> str:
    return render(
        "again",
        refused=[
            {"item": draft.model_dump_json(), "why": why, "text": ""} for draft, _, why in refused
        ],
    )


def _rejection(one: Found, reason: Reason, why: str, proposed: object) -> Rejection:
    return Rejection.model_validate(
        {
            "stage": "claims",
            "reason": reason,
            "detail": why,
            "proposed": proposed,
            "sentence": one.sentence + 1,
        }
    )


def _claim(
    article: Article, one: Found, text: str, mod: Modality, actors: Sequence[Actor]
) -> Claim:
    folded = f" {name_key(text)} "
    first, last = one.content[0].start, one.content[-1].end
    sentence = article.sentences[one.sentence]
    when = time_in(article.text, first, last, article.language) or time_in(
        article.text, *sentence, article.language
    )
    return Claim(
        id=content_id("claim", article.document.sha256, text),
        text=text,
        about=tuple(actor.id for actor in actors if _mentions(folded, actor)),
        modality=mod,
        when=article.span(*when) if when else None,
        evidence=one.content,
    )


def _mentions(folded: str, actor: Actor) -> bool:
    """Whether a claim names an actor by any of the words the article uses for it."""
    words = {actor.name} | {m.span.text for m in actor.mentions if m.form in {"named", "metonym"}}
    return any(name_key(word) in folded for word in words)
