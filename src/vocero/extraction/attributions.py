"""Who said what: the model is asked where code cannot be sure, and its items are proved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from vocero.errors import AnswerError, TruncatedError
from vocero.extraction.by_code import read_by_code, unread_quotations
from vocero.extraction.drafts import ArticleDraft, AttributionDraft, AttributionsDraft
from vocero.extraction.found import SAME, Found, Proposed, overlap
from vocero.extraction.ground import Refusal, ground
from vocero.extraction.prompts import examples, language_name, render
from vocero.extraction.session import Step, in_parts, off_loop, together
from vocero.extraction.windows import Window, fenced, windows
from vocero.schema import Rejection
from vocero.text import speech
from vocero.text.lexicons import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.drafts import SourceDraft
    from vocero.extraction.ground import Draft
    from vocero.extraction.session import Session

__all__ = ["find_attributions"]

_TOKENS_BASE, _TOKENS_MOST = 200, 8_000
# Confidence. Of sentences that a capable model passed over, readings with less were wrong
# (docs/decisions.md).
_WORTH_ADDING = 0.8

_Refused: TypeAlias = "tuple[Draft, Refusal]"


@dataclass(frozen=True)
class _Question:
    name: str
    """Of the template, and in the account."""
    answer: type[ArticleDraft] | type[AttributionsDraft]
    tokens_a_sentence: int


# For a model that reads whole articles: with the kinds of the sources and the claims.
_WHOLE = _Question("article", ArticleDraft, 250)
_IN_PART = _Question("attributions", AttributionsDraft, 150)


async def find_attributions(
    article: Article, session: Session
) -> tuple[list[Found], list[Rejection]]:
    """Find the attributions of an article.

    A model that reads many sentences at once is asked about all of them, and in the same question
    for the kinds of the sources and for the claims. What code reads in a clear construction is added
    for sentences of which it gave nothing good; where it gave nothing at all, only readings of high
    confidence: there it knows better (``docs/decisions.md``). One that reads a few at a time is asked
    only about sentences with a quotation that code could give to nobody, and about languages without
    a lexicon: measured on Spanish, the small embedded model undoes more right readings than it mends,
    and cannot tell the doubtful ones apart (``docs/decisions.md``).

    Args:
        article: The article.
        session: Asks the model.

    Returns:
        Attributions in order of position, and what was refused.

    Raises:
        ModelError: the endpoint failed; see `vocero.model.Model.ask`.
    """
    per_call = session.model.sentences_per_call
    total = len(article.sentences)
    clear: list[Found] = []
    asked: Sequence[int] = range(total)
    if per_call is not None:
        by_code = await off_loop(article.text, read_by_code, article)
        clear = [one for one in by_code if one.clear]
        asked = _unread(article, by_code)
    rejected: list[Rejection] = []
    unanswered: set[int] = set()
    done = total - len(asked)

    async def read(window: Window) -> list[Found]:
        nonlocal done
        found = await _ask(article, session, window, rejected, unanswered)
        done += len(window.asked)
        session.step(Step("attributions", done, total))
        return found

    session.step(Step("attributions", done, total))
    parts = await together(map(read, windows(article, asked, per_call)))
    by_model = _unique([one for part in parts for one in part], rejected)
    if per_call is None:
        # It reads better than code, and was shown the cues: in a sentence of which it gives
        # something, what it leaves out is no attribution.
        read_by_model = {one.sentence for one in by_model}
        failed = unanswered | {one.sentence - 1 for one in rejected if one.sentence}
        left = await off_loop(article.text, read_by_code, article, but=read_by_model)
        left = [one for one in left if one.clear]
        first = by_model
        second = [one for one in left if one.sentence in failed or _is_worth_adding(article, one)]
    else:
        first, second = clear, by_model
    found = first + [one for one in second if not any(_same(one, other) for other in first)]
    rejected.sort(key=lambda one: one.sentence or 0)
    return sorted(found, key=lambda one: (one.anchor.start, one.content[0].start)), rejected


def _is_worth_adding(article: Article, one: Found) -> bool:
    """Whether to add code's reading of a sentence that a model was asked about and passed over.

    By its confidence; in a language without one, whether all of its content is quoted.
    """
    if one.confidence is not None:
        return one.confidence >= _WORTH_ADDING
    return speech(article.text, one.ranges, article.quotations) == "direct"


def _unread(article: Article, by_code: Sequence[Found]) -> list[int]:
    """The sentences that code alone cannot read."""
    if article.language not in LANGUAGES:
        return list(range(len(article.sentences)))
    return sorted({index for index, _ in unread_quotations(article, by_code)})


def _same(left: Found, right: Found) -> bool:
    if left.cue and right.cue:
        return left.cue.overlaps(right.cue)
    return overlap(left.content, right.content) >= SAME


def _unique(found: list[Found], rejected: list[Rejection]) -> list[Found]:
    kept: list[Found] = []
    for one in found:
        if any(_same(one, other) and overlap(one.content, other.content) for other in kept):
            rejected.append(
                Rejection(
                    stage="attributions",
                    reason="duplicate",
                    detail="the same cue and content were given before",
                    proposed={"cue": one.cue.text if one.cue else "", "say": one.content[0].text},
                    sentence=one.sentence + 1,
                )
            )
        else:
            kept.append(one)
    return kept


async def _ask(
    article: Article,
    session: Session,
    window: Window,
    rejected: list[Rejection],
    unanswered: set[int],
) -> list[Found]:
    question = _WHOLE if session.model.sentences_per_call is None else _IN_PART

    async def ask(indices: Sequence[int]) -> list[Found]:
        part = Window(window.shown, tuple(indices))
        return await _Asking(article, session, question, part, rejected).ask()

    def note(indices: Sequence[int], why: str) -> None:
        unanswered.update(indices)
        sentences = [index + 1 for index in indices]
        rejected.append(
            Rejection(
                stage="attributions",
                reason="unanswered",
                detail=why,
                proposed={"sentences": list(sentences)},
                sentence=sentences[0],
            )
        )

    return await in_parts(window.asked, ask, note)


class _Asking:
    """One question, and the second chance for those of its items that were refused."""

    def __init__(
        self,
        article: Article,
        session: Session,
        question: _Question,
        window: Window,
        rejected: list[Rejection],
    ) -> None:
        self.article, self.session, self.window = article, session, window
        self.question, self.rejected = question, rejected
        self.sources: dict[int, SourceDraft] = {}
        self.fence = fenced(article, window.shown)

    async def ask(self) -> list[Found]:
        task = _task(self.article, self.question.name, self.window)
        items = await self._items(task)
        found, refused = self._prove(items)
        if not refused:
            return found
        bad = [item for item, _ in refused]
        good = [item for item in items if item not in bad]
        self.session.count_second_chance()
        try:
            again = await self._items(f"{task}\n\n{_complaint(self.article, refused, self.window)}")
        except (AnswerError, TruncatedError):
            self.rejected += _rejections(refused)
            return found
        # A good item that is given once more is no news, and stands for none of the refused ones.
        news = [item for item in again if item not in good]
        mended, still = self._prove(news)
        self.rejected += _rejections([*still, *_left_out(refused, news)])
        return found + mended

    async def _items(self, task: str) -> Sequence[Draft]:
        limit = _TOKENS_BASE + self.question.tokens_a_sentence * len(self.window.asked)
        answer = await self.session.ask(
            self.question.name,
            self.fence,
            task,
            self.question.answer,
            max_tokens=min(limit, _TOKENS_MOST),
        )
        if isinstance(answer, ArticleDraft):
            # A second answer may point to the sources of the first.
            self.sources |= {one.n: one for one in answer.sources}
        return answer.items

    def _prove(self, items: Sequence[Draft]) -> tuple[list[Found], list[_Refused]]:
        found: list[Found] = []
        refused: list[_Refused] = []
        for item in items:
            proved = ground(self.article, item, self.window.shown)
            if isinstance(proved, Refusal):
                refused.append((item, proved))
            elif proved.sentence in self.window.asked:
                found.append(replace(proved, proposed=self._proposed(item)))
            else:
                refused.append(
                    (item, Refusal("out_of_range", f"sentence {item.s} was not asked about"))
                )
        return found, refused

    def _proposed(self, item: Draft) -> Proposed:
        if isinstance(item, AttributionDraft):
            return Proposed(item.who.strip() or None)
        source = self.sources.get(item.who)
        if source is None and item.who:
            self.rejected.append(
                Rejection(
                    stage="actors",
                    reason="out_of_range",
                    detail=f"there is no source {item.who}",
                    proposed=item.model_dump(mode="json"),
                    sentence=item.s,
                )
            )
        if source is None:
            return Proposed(claim=item.claim, mod=item.mod)
        who = source.name.strip() or None
        return Proposed(who, source.kind, source.country.strip(), item.claim, item.mod)


def _left_out(refused: Sequence[_Refused], given: Sequence[Draft]) -> list[_Refused]:
    """The refused items that the second answer does not come back to, by sentence or cue."""
    left = list(refused)
    for item in given:
        alike = [(item.s == one.s) + (item.cue == one.cue) for one, _ in left]
        if any(alike):
            left.pop(alike.index(max(alike)))
    return left


def _rejections(refused: Sequence[_Refused]) -> list[Rejection]:
    return [
        Rejection(
            stage="attributions",
            reason=refusal.reason,
            detail=refusal.detail,
            proposed=item.model_dump(mode="json"),
            sentence=item.s if item.s > 0 else None,
        )
        for item, refusal in refused
    ]


def _task(article: Article, question: str, window: Window) -> str:
    cues = [
        (index + 1, [article.text[cue.start : cue.end] for cue in article.cues[index]])
        for index in window.asked
        if article.cues[index]
    ]
    return render(
        question,
        asked=[index + 1 for index in window.asked],
        cues=cues,
        language=language_name(article.language),
        published=article.document.published,
        examples=examples(question, article.language),
    )


def _complaint(article: Article, refused: Sequence[_Refused], window: Window) -> str:
    return render(
        "again",
        refused=[
            {
                "item": item.model_dump_json(),
                "why": refusal.detail,
                "text": article.sentence_text(item.s - 1) if item.s - 1 in window.shown else "",
            }
            for item, refusal in refused
        ],
    )
