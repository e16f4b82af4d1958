"""From a draft to spans of the article, or to a refusal that says what was wrong.

No word of the draft is returned: each is found in the article, exactly but for the foldings of
`vocero.text.locate`, and the article's own characters are taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from vocero.extraction.found import Found, Relayed
from vocero.extraction.mood import in_mood
from vocero.text.grammar import grammar
from vocero.text.lexicons import LANGUAGES, lexicon
from vocero.text.quotes import overlapping
from vocero.text.site import trim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.extraction.article import Article
    from vocero.extraction.drafts import AttributionDraft, StatementDraft
    from vocero.schema import Reason, Span
    from vocero.text import Cue

__all__ = ["Draft", "Refusal", "ground"]

Draft: TypeAlias = "AttributionDraft | StatementDraft"

# A quotation may run on over this many sentences after the one with its cue.
_RUNS_ON = 8
# Code points before a content in which its negation is looked for.
_NO_REACH = 40
_WORD = re.compile(r"\w+")
_ELLIPSIS = re.compile(r"…|\.{3,}")
_OPENER = re.compile(r"(\w+)\s+$")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an item was refused, for the record and for the second chance."""

    reason: Reason
    detail: str


class _Refused(Exception):  # noqa: N818 - not an error: it carries the refusal out
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(reason, detail)


def ground(article: Article, draft: Draft, shown: range) -> Found | Refusal:
    """Find a draft's words in the article and finish their boundaries by rule.

    Args:
        article: The article.
        draft: What a model proposed.
        shown: The sentences that the model was shown.
    """
    try:
        return _found(article, draft, shown)
    except _Refused as refused:
        return refused.refusal


def _found(article: Article, draft: Draft, shown: range) -> Found:
    sentence = draft.s - 1
    if sentence not in shown:
        raise _Refused("out_of_range", f"there is no sentence {draft.s} among those asked about")
    start = article.sentences[sentence][0]
    cue = _cue(article, draft.cue, sentence)
    if cue is None and draft.cue.strip():
        raise _Refused("not_in_text", f"the cue {draft.cue!r} is not in sentence {draft.s}")
    content = _content(article, draft, sentence, cue)
    relay = _locate(article, draft.via, sentence, near=start, run=1)
    if relay is None and draft.via.strip():
        raise _Refused("not_in_text", f"the outlet {draft.via!r} is not in sentence {draft.s}")
    source = _source(article, draft, sentence, (cue or content[0]).start)
    if source and any(span.contains(source) for span in content):
        raise _Refused("self_source", f"the source {draft.src!r} lies within its own content")
    return Found(
        # A cue that was found beside the sentence named tells which one was meant.
        sentence=article.sentence_at(cue.start) if cue else sentence,
        content=tuple(content),
        cue=cue,
        source=source,
        stance=draft.st,
        relays=(Relayed(relay, None),) if relay and relay != source else (),
    )


def _content(article: Article, draft: Draft, sentence: int, cue: Span | None) -> list[Span]:
    near = cue.start if cue else article.sentences[sentence][0]
    content: list[Span] = []
    for words in draft.say:
        found = _locate(article, words, sentence, near=near, run=_RUNS_ON)
        if found is None:
            where = f"sentence {draft.s} or beside it"
            raise _Refused("not_in_text", f"{words!r} is not in {where}")
        if finished := _finish(article, found, cue):
            content.append(finished)
    if not content:
        raise _Refused("no_content", "nothing is attributed: `say` is empty or only the cue")
    if cue is None and not any(_is_marked(article, span) for span in content):
        raise _Refused("no_cue", "without a cue the content must be a quotation")
    return _in_order(content)


def _is_marked(article: Article, span: Span) -> bool:
    """Whether quotation marks or a mood (*Es* **gebe** *keine Zeugen*) tell that words are reported."""
    if overlapping(article.quotations, span.start, span.end):
        return True
    return in_mood(article, span.start, span.end)


def _cue(article: Article, words: str, sentence: int) -> Span | None:
    """Find a cue; of one whose words stand apart (*teilte* die Bahn *mit*) the part that reports."""
    at, _ = article.sentences[sentence]
    if not _ELLIPSIS.search(words) and (whole := _locate(article, words, sentence, near=at)):
        return whole
    parts = _ELLIPSIS.sub(" ", words).split()
    for cue in article.cues[sentence]:
        if not cue.relay and _are_parts(article, parts, sentence, cue):
            return article.span(cue.start, cue.end)
    return None


def _are_parts(article: Article, words: Sequence[str], sentence: int, cue: Cue) -> bool:
    """Tell whether words stand in order, and are those of a cue or go with its verb.

    With it go its particle (*teilte* gestern **mit**), and what else a cue takes in on its left,
    wherever it stands: **hat** gestern *mitgeteilt*. That is known of languages with a lexicon.
    """
    at, end = article.sentences[sentence]
    taken = lexicon(article.language).taken if article.language in LANGUAGES else frozenset()
    reports = False
    for word in words:
        span = article.index.locate(word, within=(max(at, cue.start), cue.end), near=at)
        if span:
            reports |= span.end == cue.end
        elif word.lower().replace("’", "'") in taken:
            span = article.index.locate(word, within=(at, end), near=at)
        elif cue.closed is not None:
            inside = max(at, cue.end), cue.closed
            span = article.index.locate(word, within=inside, near=cue.closed)
            span = span if span and span.end == cue.closed else None
        if span is None:
            return False
        at = span.end
    return reports


def _source(article: Article, draft: Draft, sentence: int, near: int) -> Span | None:
    found = _locate(article, draft.src, sentence, near=near, run=1)
    if found is None and draft.src.strip():
        raise _Refused("not_in_text", f"the source {draft.src!r} is not in sentence {draft.s}")
    return found


def _locate(article: Article, words: str, sentence: int, *, near: int, run: int = 0) -> Span | None:
    """Find words in a sentence, else in its neighbours: one before, ``run`` after."""
    if not words.strip():
        return None
    start, end = article.sentences[sentence]
    if found := article.index.locate(words, within=(start, end), near=near):
        return found
    first = article.sentences[max(sentence - 1, 0)][0]
    last = article.sentences[min(sentence + run, len(article.sentences) - 1)][1]
    return article.index.locate(words, within=(first, last), near=near)


def _finish(article: Article, span: Span, cue: Span | None) -> Span | None:
    """Take in quotation marks and complementiser; leave out outer commas and a cue at an edge."""
    start, end = span.start, span.end
    if cue and start <= cue.start < cue.end <= end:
        if not _WORD.search(article.text, start, cue.start):
            start = cue.end
        elif not _WORD.search(article.text, cue.end, end):
            end = cue.start
    start, end = trim(article.text, start, end)
    start = _with_no(article, start, cue)
    # Its marks may stand right beside it.
    for q in overlapping(article.quotations, start - 1, end + 1):
        if start <= q.inner_start and q.inner_end - 1 <= end:
            start, end = min(start, q.start), max(end, q.end)
    opener = _OPENER.search(article.text, max(0, start - 12), start)
    if opener and opener.group(1).lower() in grammar(article.language).complementisers:
        start = opener.start(1)
    if end <= start or not _WORD.search(article.text, start, end):
        return None
    return article.span(start, end, span.match)


def _with_no(article: Article, start: int, cue: Span | None) -> int:
    """Go back before a "no" that the model left out: "no ha | caído" would say the opposite."""
    head = article.sentences[article.sentence_at(start)][0]
    head = max(head, start - _NO_REACH, cue.end if cue and cue.end <= start else 0)
    found = grammar(article.language).negation.search(article.text, head, start)
    return found.start() if found else start


def _in_order(content: list[Span]) -> list[Span]:
    """Sort, and leave out what lies within another or overlaps the one before."""
    kept: list[Span] = []
    for span in sorted(content, key=lambda one: (one.start, -one.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
