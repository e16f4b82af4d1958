"""Who said what: the model is asked where code cannot be sure, and its items are proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vocero.errors import AnswerError, TruncatedError
from vocero.extraction.by_code import unread_quotations
from vocero.extraction.drafts import AttributionDraft, AttributionsDraft
from vocero.extraction.found import Found, overlap
from vocero.extraction.ground import Refusal, ground
from vocero.extraction.prompts import examples, render
from vocero.extraction.session import Step, in_parts, together
from vocero.extraction.windows import Window, fenced, windows
from vocero.schema import Rejection
from vocero.text.lexicons import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.session import Session

__all__ = ["find_attributions"]

_SAME = 0.5
_TOKENS_BASE, _TOKENS_A_SENTENCE, _TOKENS_MOST = 200, 150, 8_000


async def find_attributions(
    article: Article, by_code: Sequence[Found], session: Session
) -> tuple[list[Found], list[Rejection]]:
    """Find the attributions of an article.

    A model that reads many sentences at once is asked about all of them; what it gives wins, and
    what code is certain of is added. One that reads a few at a time is asked only about sentences
    with a quotation that code could give to nobody, and about languages without a lexicon: measured
    on Spanish, the small embedded model undoes more right readings than it mends, and cannot tell
    the doubtful ones apart (``docs/decisions.md``).

    Args:
        article: The article.
        by_code: What code reads in it.
        session: Asks the model.

    Returns:
        Attributions in order of position, and what was refused.

    Raises:
        ModelError: the endpoint failed; see `vocero.model.Model.ask`.
    """
    per_call = session.model.sentences_per_call
    asked = range(len(article.sentences)) if per_call is None else _unread(article, by_code)
    rejected: list[Rejection] = []
    total = len(article.sentences)
    done = total - len(asked)

    async def read(window: Window) -> list[Found]:
        nonlocal done
        found = await _ask(article, session, window, rejected)
        done += len(window.asked)
        session.step(Step("attributions", done, total))
        return found

    session.step(Step("attributions", done, total))
    parts = await together(map(read, windows(article, list(asked), per_call)))
    by_model = _unique([one for part in parts for one in part], rejected)
    certain = [one for one in by_code if one.certain]
    # A model that can read whole articles reads a sentence better than code; a small one does not.
    first, second = (by_model, certain) if per_call is None else (certain, by_model)
    found = first + [one for one in second if not any(_same(one, other) for other in first)]
    rejected.sort(key=lambda one: one.sentence or 0)
    return sorted(found, key=lambda one: (one.anchor.start, one.content[0].start)), rejected


def _unread(article: Article, by_code: Sequence[Found]) -> list[int]:
    """The sentences that code alone cannot read."""
    if article.language not in LANGUAGES:
        return list(range(len(article.sentences)))
    return sorted({index for index, _ in unread_quotations(article, by_code)})


def _same(left: Found, right: Found) -> bool:
    if left.cue and right.cue:
        return left.cue.overlaps(right.cue)
    return overlap(left.content, right.content) >= _SAME


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
    article: Article, session: Session, window: Window, rejected: list[Rejection]
) -> list[Found]:
    async def ask(indices: Sequence[int]) -> list[Found]:
        return await _ask_once(article, session, Window(window.shown, tuple(indices)), rejected)

    def unanswered(indices: Sequence[int], why: str) -> None:
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

    return await in_parts(window.asked, ask, unanswered)


async def _ask_once(
    article: Article, session: Session, window: Window, rejected: list[Rejection]
) -> list[Found]:
    fence = fenced(article, window.shown)
    task = _task(article, window)
    limit = min(_TOKENS_BASE + _TOKENS_A_SENTENCE * len(window.asked), _TOKENS_MOST)
    answer = await session.ask("attributions", fence, task, AttributionsDraft, max_tokens=limit)
    found, refused = _prove(article, answer.items, window)
    if not refused:
        return found
    bad = [item for item, _ in refused]
    good = [item for item in answer.items if item not in bad]
    session.count_second_chance()
    again = f"{task}\n\n{_complaint(article, refused, window)}"
    try:
        answer = await session.ask(
            "attributions", fence, again, AttributionsDraft, max_tokens=limit
        )
    except (AnswerError, TruncatedError):
        rejected += _rejections(refused)
        return found
    # A good item that is given once more is no news, and stands for none of the refused ones.
    news = [item for item in answer.items if item not in good]
    mended, still = _prove(article, news, window)
    rejected += _rejections([*still, *_left_out(refused, news)])
    return found + mended


Refused = tuple[AttributionDraft, Refusal]


def _left_out(refused: Sequence[Refused], given: Sequence[AttributionDraft]) -> list[Refused]:
    """The refused items that the second answer does not come back to, by sentence or cue."""
    left = list(refused)
    for item in given:
        alike = [(item.s == one.s) + (item.cue == one.cue) for one, _ in left]
        if any(alike):
            left.pop(alike.index(max(alike)))
    return left


def _prove(
    article: Article, items: Sequence[AttributionDraft], window: Window
) -> tuple[list[Found], list[Refused]]:
    found: list[Found] = []
    refused: list[Refused] = []
    for item in items:
        proved = ground(article, item, window.shown)
        if isinstance(proved, Refusal):
            refused.append((item, proved))
        elif proved.sentence in window.asked:
            found.append(proved)
        else:
            refused.append(
                (item, Refusal("out_of_range", f"sentence {item.s} was not asked about"))
            )
    return found, refused


def _rejections(refused: Sequence[Refused]) -> list[Rejection]:
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


def _task(article: Article, window: Window) -> str:
    cues = [
        (index + 1, [article.text[cue.start : cue.end] for cue in article.cues[index]])
        for index in window.asked
        if article.cues[index]
    ]
    return render(
        "attributions",
        asked=[index + 1 for index in window.asked],
        cues=cues,
        examples=examples("attributions", article.language),
    )


def _complaint(article: Article, refused: Sequence[Refused], window: Window) -> str:
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
