"""What is claimed: each content as a sentence that is understood without the article."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vocero.errors import AnswerError, TruncatedError
from vocero.extraction.drafts import ClaimDraft, ClaimsDraft
from vocero.extraction.found import SAME, overlap
from vocero.extraction.gloss import gloss
from vocero.extraction.names import name_key
from vocero.extraction.prompts import examples, language_name, render
from vocero.extraction.restate import Vocabulary, brings_in, strays
from vocero.extraction.session import Step, in_parts, off_loop, together
from vocero.extraction.stated import Stated, claims_of
from vocero.extraction.windows import fenced, windows
from vocero.schema import Rejection
from vocero.text.grammar import grammar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import JsonValue

    from vocero.extraction.article import Article
    from vocero.extraction.found import Found, Proposed
    from vocero.extraction.session import Session
    from vocero.schema import Actor, Claim, Reason

__all__ = ["Claimed", "restate_claims"]

_Key: TypeAlias = tuple[tuple[int, int], ...]
_Refused: TypeAlias = "tuple[ClaimDraft, Reason, str]"

_TOKENS_BASE, _TOKENS_A_CLAIM = 60, 140
# One answer restates at most so many statements.
_PER_CALL = 25
# A claim has 600 code points at most and holds half of a statement's words or more: no model is
# asked for that of a longer one.
_LONGEST_STATEMENT = 1_500


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
    glossed: Stated
    proposed: list[Proposed] = field(default_factory=list)
    """The claims that came along with its attributions."""
    refused: _Refused | None = None
    """One of them that was refused, where none was good."""


async def restate_claims(
    article: Article,
    found: Sequence[Found],
    speakers: Sequence[str | None],
    actors: Sequence[Actor],
    session: Session,
) -> Claimed:
    """State what is attributed as claims.

    A content that stands alone is taken in its own words. For the others a claim may have come
    along with the attribution; one that brings in a number or a name, or says something else, is
    refused. Without one the content is glossed (`vocero.extraction.gloss`). A model that reads whole
    articles is asked again where that still leans on the article; one that reads a few sentences at
    a time is not: measured, it puts statements into wrong mouths (``docs/decisions.md``).

    Args:
        article: The article.
        found: Its attributions.
        speakers: Name of each attribution's source, None where unknown.
        actors: The article's actors.
        session: Asks the model.

    Raises:
        ModelError: the endpoint failed; see `vocero.model.Model.ask`.
    """
    statements = await off_loop(article.text, _statements, article, found, speakers)
    restating = await off_loop(article.text, _Restating, article, actors, session)
    texts, to_ask = restating.known(list(statements.values()))
    if session.model.sentences_per_call is None:
        texts |= await restating.restate(to_ask)
    stated = [(one.found, texts.get(one.number, one.glossed)) for one in statements.values()]
    claims, ids = await off_loop(article.text, claims_of, article, stated, actors)
    return Claimed(
        claims=tuple(claims),
        by_attribution=tuple((ids[statements[one.ranges].number - 1],) for one in found),
        rejected=tuple(restating.rejected),
    )


def _statements(
    article: Article, found: Sequence[Found], speakers: Sequence[str | None]
) -> dict[_Key, _Statement]:
    """The different contents; for one of two stances the first."""
    statements: dict[_Key, _Statement] = {}
    for one, speaker in zip(found, speakers, strict=True):
        key = one.ranges
        if key not in statements:
            number = len(statements) + 1
            statements[key] = _Statement(number, one, speaker, gloss(article, one, speaker))
        if one.proposed.claim.strip():
            statements[key].proposed.append(one.proposed)
    return statements


def _alike(left: _Statement, right: _Statement) -> bool:
    """Whether two are readings of what one speaker said once: “Instamos a cesar”, añadió."""
    return (
        left.speaker is not None
        and left.speaker == right.speaker
        and left.found.stance == right.found.stance
        and overlap(left.found.content, right.found.content) >= SAME
    )


class _Restating:
    """Asks for claims, and proves them."""

    def __init__(self, article: Article, actors: Sequence[Actor], session: Session) -> None:
        self.article, self.session = article, session
        self.vocabulary = Vocabulary.of(
            f"{article.text} {article.document.published or ''}", [actor.name for actor in actors]
        )
        self.rejected: list[Rejection] = []

    def known(self, statements: Sequence[_Statement]) -> tuple[dict[int, Stated], list[_Statement]]:
        """The claims of statements that need no asking, and the statements to be asked about."""
        told = [one for one in statements if one.proposed]
        texts: dict[int, Stated] = {}
        to_ask: list[_Statement] = []
        for one in statements:
            if one.glossed.verbatim and not one.glossed.leans:
                continue
            text, refused = self._given(one, one.proposed)
            if text is None and not refused:
                same = [claim for other in told if _alike(one, other) for claim in other.proposed]
                text, _ = self._given(one, same)
            if text:
                texts[one.number] = text
            elif one.glossed.leans and len(_say(one)) <= _LONGEST_STATEMENT:
                to_ask.append(replace(one, refused=refused.pop() if refused else None))
            self._reject_all(refused, one)
        return texts, to_ask

    def _given(
        self, statement: _Statement, proposed: Sequence[Proposed]
    ) -> tuple[Stated | None, list[_Refused]]:
        """The first of some claims that holds for a statement, and those before it that do not."""
        refused: list[_Refused] = []
        for one in proposed:
            text = " ".join(one.claim.split())
            why = self._why_not(text, statement)
            if why is None:
                return Stated(text, one.mod), refused
            refused.append((ClaimDraft(n=statement.number, claim=one.claim, mod=one.mod), *why))
        return None, refused

    async def restate(self, statements: Sequence[_Statement]) -> dict[int, Stated]:
        """Ask block by block."""
        by_sentence: dict[int, list[_Statement]] = {}
        for statement in statements:
            by_sentence.setdefault(statement.found.sentence, []).append(statement)
        done = 0

        async def ask(fence: str, some: Sequence[_Statement]) -> list[tuple[int, Stated]]:
            nonlocal done
            told = await in_parts(some, partial(self._ask, fence), self._unanswered)
            done += len(some)
            self.session.step(Step("claims", done, len(statements)))
            return told

        questions = []
        for window in windows(self.article, sorted(by_sentence), None):
            here = [one for index in window.asked for one in by_sentence[index]]
            fence = fenced(self.article, window.shown)
            questions += [
                ask(fence, here[at : at + _PER_CALL]) for at in range(0, len(here), _PER_CALL)
            ]
        parts = await together(questions)
        return {number: text for part in parts for number, text in part}

    async def _ask(self, fence: str, items: Sequence[_Statement]) -> list[tuple[int, Stated]]:
        # Numbered anew in each question: a small model loses its way among large numbers.
        by_number = dict(enumerate(items, start=1))
        task = _task(self.article, items)
        limit = _TOKENS_BASE + _TOKENS_A_CLAIM * len(items)
        if any(one.refused for one in items):
            self.session.count_second_chance()
        answer = await self.session.ask("claims", fence, task, ClaimsDraft, max_tokens=limit)
        good, refused = self._proved(answer.items, by_number)
        told = good.keys() | {draft.n for draft, _, _ in refused}
        # There is a good claim beside them, or this was their second chance.
        over = good.keys() | {number for number, one in by_number.items() if one.refused}
        spare = [one for one in refused if one[0].n in over]
        refused = [one for one in refused if one[0].n not in over]
        if refused:
            self.session.count_second_chance()
            again = f"{task}\n\n{_complaint(refused)}"
            mended, still = await self._again(fence, again, by_number, limit)
            given = mended.keys() | {draft.n for draft, _, _ in still}
            refused = [*still, *(one for one in refused if one[0].n not in given)]
            good = mended | good
        for one in (*spare, *refused):
            self._reject_all([one], by_number.get(one[0].n))
        missing = [
            one for number, one in by_number.items() if number not in told and number not in good
        ]
        self._unanswered(missing, "the model gave no claim for it")
        return [(by_number[number].number, text) for number, text in good.items()]

    async def _again(
        self, fence: str, task: str, by_number: dict[int, _Statement], limit: int
    ) -> tuple[dict[int, Stated], list[_Refused]]:
        """The second chance; without an answer to it, what was good before is kept."""
        try:
            answer = await self.session.ask("claims", fence, task, ClaimsDraft, max_tokens=limit)
        except (AnswerError, TruncatedError):
            return {}, []
        return self._proved(answer.items, by_number)

    def _proved(
        self, drafts: Sequence[ClaimDraft], by_number: dict[int, _Statement]
    ) -> tuple[dict[int, Stated], list[_Refused]]:
        good: dict[int, Stated] = {}
        refused: list[_Refused] = []
        for draft in drafts:
            # Of a single statement there is nothing to confuse it with, whatever its number.
            number = 1 if len(by_number) == 1 and not good else draft.n
            text = " ".join(draft.claim.split())
            if number not in by_number:
                refused.append((draft, "out_of_range", f"there is no statement {number}"))
            elif number in good:
                refused.append((draft, "duplicate", f"there is a claim for statement {number}"))
            elif why := self._why_not(text, by_number[number]):
                refused.append((draft, *why))
            else:
                good[number] = Stated(text, draft.mod)
        return good, refused

    def _why_not(self, text: str, statement: _Statement) -> tuple[Reason, str] | None:
        if not re.search(r"\w", text):
            return "no_content", "the claim is empty"
        say, language, found = _say(statement), self.article.language, statement.found
        cue = found.cue.text if found.cue else ""
        # "no cree | que llueva"; or it repeats the cue: "No podemos esperar a que llueva".
        outer = found.stance in {"speculates", "denies"} or name_key(cue) in name_key(text)
        raised = outer and grammar(language).negative.search(cue) is not None
        if why := strays(text, say, self.vocabulary, language, raised=raised):
            return "other_words", why
        strange = brings_in(text, self.vocabulary, language)
        if strange is None:
            return None
        if strange[0].isdigit():
            return "new_number", f"the number {strange!r} is not in the article"
        return "new_name", f"the name {strange!r} is not in the article"

    def _unanswered(self, statements: Sequence[_Statement], why: str) -> None:
        for one in statements:
            self._give_up(one, why)

    def _give_up(self, one: _Statement, why: str) -> None:
        if one.refused:
            self._reject_all([one.refused], one)
        else:
            self._reject(one, "unanswered", why, {"say": _say(one)})

    def _reject_all(self, refused: Iterable[_Refused], statement: _Statement | None) -> None:
        for draft, reason, why in refused:
            self._reject(statement, reason, why, draft.model_dump(mode="json"))

    def _reject(
        self, one: _Statement | None, reason: Reason, why: str, proposed: JsonValue
    ) -> None:
        self.rejected.append(
            Rejection(
                stage="claims",
                reason=reason,
                detail=why,
                proposed=proposed,
                sentence=one.found.sentence + 1 if one else None,
            )
        )


def _say(statement: _Statement) -> str:
    return " ".join(span.text for span in statement.found.content)


def _task(article: Article, statements: Sequence[_Statement]) -> str:
    return render(
        "claims",
        statements=[
            {
                "n": number,
                "speaker": one.speaker,
                "say": _say(one),
                "refused": one.refused and (one.refused[0].claim, one.refused[2]),
            }
            for number, one in enumerate(statements, start=1)
        ],
        language=language_name(article.language),
        published=article.document.published,
        examples=examples("claims", article.language),
    )


def _complaint(refused: Sequence[_Refused]) -> str:
    return render(
        "again",
        refused=[
            {"item": draft.model_dump_json(), "why": why, "text": ""} for draft, _, why in refused
        ],
    )
