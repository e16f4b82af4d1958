"""What can be read without a model: cues, quotation marks and word order.

The first proposal of `vocero.text.contents` and `vocero.text.sources` for a cue is taken. How
often it is right is measured in ``docs/quality.md``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from vocero.extraction.confidence import rated
from vocero.extraction.found import Found, Relayed, nesting
from vocero.extraction.mood import in_mood, is_told_within, opens_paragraph, reported_on
from vocero.text.contents import Proposal, contents
from vocero.text.grammar import grammar
from vocero.text.lexicons import LANGUAGES, function_words, lexicon
from vocero.text.quotes import overlapping
from vocero.text.site import Site, trim
from vocero.text.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from vocero.extraction.article import Article
    from vocero.schema import Span, Stance
    from vocero.text import Cue, Quotation
    from vocero.text.site import Range

__all__ = ["read_by_code", "read_unrated", "unread_quotations"]

_WORD = re.compile(r"\w+")
# What a cue of these stances takes as a bare object (*anunció la compra*, *recordó a su padre*) is
# a content for fewer than 4 in 10 of them in Spanish news, for 6 in 10 of the other stances.
_PLAIN_STANCES = frozenset({"asserts", "speculates", None})
# A shorter quotation is rather a term or a scare quote than a statement of its own.
_STATEMENT_WORDS = 5
# What a statement says of itself stands in its first clause: "que la obra podría cerrar".
_OPENING_WORDS = 6
_STOP = re.compile(r"[.!?…]")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:[ \xa0][\w.'’-]+){0,9}")


def read_by_code(article: Article, but: AbstractSet[int] = frozenset()) -> list[Found]:
    """Read every cue of the article, and the quotations that go on or stand without one.

    Args:
        article: The article.
        but: Indices of sentences whose attributions are not wanted: not reading them spares most of
            the work, and changes nothing about the others.

    Returns:
        Attributions in order of their cues, with their confidence; empty for a language without a
        lexicon.
    """
    return [rated(article, one) for one in read_unrated(article, but)]


def read_unrated(article: Article, but: AbstractSet[int] = frozenset()) -> list[Found]:
    """Read as `read_by_code` does, without a confidence: what it is fitted on."""
    found = _cued(article, but)
    if but and _hangs_together(article, found, but):
        found = _cued(article)
    read = _with_pull_quotes(article, reported_on(article, _continued(article, found)))
    return [one for one in read if one.sentence not in but]


def _cued(article: Article, but: AbstractSet[int] = frozenset()) -> list[Found]:
    sentences = (index for index in range(len(article.cues)) if index not in but)
    return [one for index in sentences for one in _sentence(article, index)]


def _sentence(article: Article, index: int, *, alone: bool = False) -> list[Found]:
    """Read the cues of one sentence; ``alone``: whatever it says of the one before is not wanted."""
    here: list[Found] = []
    for cue in article.cues[index]:
        if not cue.relay and (one := _read_cue(article, index, cue, here, alone=alone)):
            here.append(one)
    for cue in article.cues[index]:
        if cue.relay:
            _relay(article, here, cue)
    return here


def _hangs_together(article: Article, found: Sequence[Found], but: AbstractSet[int]) -> bool:
    """Whether other sentences than those with the cues found have a part in their reading.

    That is where a quotation may go on from one of them, where one may stand without a cue, and
    where a mood reports what somebody said before.
    """
    wanted = (one for index, one in enumerate(article.sentences) if index not in but)
    if any(in_mood(article, start, end) for start, end in wanted):
        return True
    ends = {article.sentence_at(one.content[-1].end - 1) for one in found}
    for quotation in article.quotations:
        index = article.sentence_at(quotation.start)
        if index - 1 in ends and _is_alone(article, index, quotation):
            return True
        if index not in but and _signed(article, quotation):
            return True
    return False


def _site(article: Article, index: int, cue: Cue) -> Site:
    return Site(
        article.text,
        article.sentences[index],
        cue,
        article.quotations,
        article.cues[index],
        article.language,
    )


def _read_cue(
    article: Article, index: int, cue: Cue, here: list[Found], *, alone: bool
) -> Found | None:
    site = _site(article, index, cue)
    proposal = next(contents(site), None)
    if proposal is None:
        return None
    content = _meant(article, index, cue, proposal, alone=alone)
    if content is None:
        return None
    known = grammar(article.language).complementisers
    said = (word for one in content for word in _WORD.finditer(article.text, *one))
    if all(word[0].lower() in known for word in said):
        return None  # "… dijo que", where an article breaks off
    if cue.kind == "preposition" and any(one.ranges == content for one in here):
        return None  # "kommentierte mit den Worten": one attribution
    speaker = next(sources(site, content), None)
    source = article.span(*speaker) if speaker else _shared(here, content)
    addressee = _addressee(article, cue, source, content)
    return Found(
        sentence=index,
        content=tuple(article.span(*one) for one in content),
        cue=article.span(cue.start, cue.end),
        source=source,
        stance=_stance(article, cue, content[0]),
        addressee=addressee,
        relays=_through(article, addressee),
        clear=_is_clear(article, cue, proposal),
    )


def _stance(article: Article, cue: Cue, content: Range) -> Stance:
    """What the cue tells; who asserts what *may* be speculates: *añadió que* **podría** *cerrar*."""
    stance = cue.stance or "asserts"
    g = grammar(article.language)
    may = g.possibility.search(article.text, *content)
    if stance != "asserts" or may is None:
        return stance
    words = len(_WORD.findall(article.text, content[0], may.start()))
    before = article.text[content[0] : may.start()].rsplit(maxsplit=1)[-1:]
    noun = before and g.determiner.fullmatch(f"{before[0]} ")
    return stance if noun or words > _OPENING_WORDS else "speculates"


def _meant(
    article: Article, index: int, cue: Cue, proposal: Proposal, *, alone: bool
) -> tuple[Range, ...] | None:
    """What is said; for *Das teilte die Polizei mit* the sentence before, None where there is none.

    Who denies a sentence that reports (*“No habrá peajes”, añadió. Ana Ruiz, ministra, lo negó.*)
    denies what is said in it, and not that somebody said it.
    """
    text, start = article.text, article.sentences[index][0]
    said = proposal.content[0]
    anaphor = grammar(article.language).anaphor
    if proposal.pattern != "antecedent" or not anaphor.fullmatch(text, *said):
        return proposal.content
    before = trim(text, *article.sentences[index - 1]) if index else (0, 0)
    # A heading has no full stop, and is not what is meant.
    if alone or not _STOP.search(text, max(0, before[1] - 2), start):
        return None
    if cue.stance in {"denies", "confirms"}:
        told = _sentence(article, index - 1, alone=True)
        outer = [one for one, around in zip(told, nesting(told), strict=True) if around is None]
        if outer:
            return outer[-1].ranges
    return (before,)


def _is_clear(article: Article, cue: Cue, proposal: Proposal) -> bool:
    """Whether the construction is one that attributes: `Found.clear`."""
    if proposal.pattern == "other":
        return False
    if proposal.pattern != "object" or cue.stance not in _PLAIN_STANCES:
        return True
    if cue.factor == "say" and _tells_a_state(article, proposal.content[0][0]):
        return True
    if grammar(article.language).predicative.match(article.text, *proposal.content[0]):
        return True
    near = overlapping(article.quotations, cue.end, cue.end + 2)
    if any(quotation.start >= cue.end for quotation in near):
        return True
    return grammar(article.language).bare_clauses and cue.factor == "say"


def _tells_a_state(article: Article, start: int) -> bool:
    """*dijo* **estar** *preocupado*; *asegura* **haber** *visto el plan*."""
    if article.language not in LANGUAGES:
        return False
    lists = lexicon(article.language)
    found = lists.infinitive.match(article.text, start - 1)
    return found is not None and found[0].split()[-1].lower() in lists.auxiliaries


def _shared(here: list[Found], content: tuple[tuple[int, int], ...]) -> Span | None:
    """*X dijo A y negó B*: the subject of the cue before serves this one too."""
    for one in reversed(here):
        nested = any(span.start <= content[0][0] < span.end for span in one.content)
        if one.source and not nested and not _within(one.source, content):
            return one.source
    return None


def _within(span: Span, ranges: Sequence[Range]) -> bool:
    return any(start <= span.start and span.end <= end for start, end in ranges)


def _relay(article: Article, here: list[Found], cue: Cue) -> None:
    """Put *citada por CNN* into the chain of the attribution that it stands behind."""
    if not here:
        return
    speakers = sources(_site(article, here[0].sentence, cue), ())
    # The shortest: what stands behind a comma goes on with the sentence.
    name = min(speakers, key=lambda one: one[1] - one[0], default=None)
    if name is None:
        return
    relayed = Relayed(article.span(*name), article.span(cue.start, cue.end))
    before = [at for at, one in enumerate(here) if _first(one) < cue.start]
    place = before[-1] if before else 0
    one = here[place]
    source = one.source
    if source and source.start < cue.start < source.end:
        # "un informe, citado por CNN, sostiene": the relay is no part of the name.
        source = article.span(*trim(article.text, source.start, cue.start))
    here[place] = replace(one, source=source, relays=(*one.relays, relayed))


def _first(one: Found) -> int:
    starts = [one.anchor.start, *(span.start for span in one.content)]
    return min([*starts, one.source.start] if one.source else starts)


def _addressee(
    article: Article, cue: Cue, source: Span | None, content: Sequence[Range]
) -> Span | None:
    """*dijo a los periodistas*, *dijo X a EFE*: right behind the cue, or behind its subject."""
    if cue.kind == "preposition":
        return None  # "podle ČTK": who is told elsewhere speaks here
    pattern = grammar(article.language).addressee
    for end in (cue.end, source.end if source and source.start >= cue.end else cue.end):
        found = pattern.match(article.text, end)
        if found and not any(head < found.end() and found.start() < stop for head, stop in content):
            return article.span(*found.span(1))
    return None


def _through(article: Article, addressee: Span | None) -> tuple[Relayed, ...]:
    """An outlet that was spoken to passed the words on: *dijo a la BBC*."""
    if addressee is None:
        return ()
    outlets = function_words(article.language).outlet_words
    words = [word.group() for word in _WORD.finditer(addressee.text)]
    if not any(word[:1].isupper() and word.lower() in outlets for word in words):
        return ()
    start = next(at.start() for at in _WORD.finditer(addressee.text) if at.group()[:1].isupper())
    return (Relayed(article.span(addressee.start + start, addressee.end), None),)


def unread_quotations(article: Article, found: Sequence[Found]) -> Iterator[tuple[int, Quotation]]:
    """Quotations long enough to be statements that no content touches, each with its sentence."""
    said = sorted((span.start, span.end) for one in found for span in one.content)
    starts = [start for start, _ in said]
    reach = list(accumulate((end for _, end in said), max))
    for one in article.quotations:
        before = bisect_left(starts, one.end)
        if before and reach[before - 1] > one.start:
            continue
        if len(_WORD.findall(article.text, one.start, one.end)) >= _STATEMENT_WORDS:
            yield article.sentence_at(one.start), one


def _continued(article: Article, found: list[Found]) -> list[Found]:
    """Give a quotation that stands as its own sentence to the quotation that it goes on from."""
    outer = [place for place, one in enumerate(found) if not is_told_within(article, one)]
    ends = ((max(span.end for span in found[place].content), -place) for place in outer)
    later, latest = sorted(ends, reverse=True), (-1, 0)
    for index, quotation in unread_quotations(article, [found[place] for place in outer]):
        while later and later[-1][0] <= quotation.start:
            latest = max(latest, later.pop())
        if latest[0] < 0 or not _is_alone(article, index, quotation):
            continue
        place = -latest[1]
        earlier = found[place]
        last = earlier.content[-1]
        quoted = any(
            last.start <= one.inner_start < last.end <= one.end
            for one in overlapping(article.quotations, last.start, last.end)
        )
        if quoted and index - article.sentence_at(last.end - 1) == 1:
            span = article.span(quotation.start, quotation.end)
            found[place] = replace(earlier, content=(*earlier.content, span))
            latest = (quotation.end, -place)
    return found


def _is_alone(article: Article, index: int, quotation: Quotation) -> bool:
    """Whether a quotation is all of its sentence, and goes on with a paragraph."""
    start, end = article.sentences[index]
    if _WORD.search(article.text, start, quotation.start):
        return False
    if _WORD.search(article.text, quotation.end, max(end, quotation.end)):
        return False
    return not opens_paragraph(article.text, quotation.start)


def _with_pull_quotes(article: Article, found: list[Found]) -> list[Found]:
    """*• “Q”. John Kirby Portavoz de la Casa Blanca*: a line of a quotation and a name."""
    pulled: list[Found] = []
    for index, quotation in unread_quotations(article, found):
        signature = _signed(article, quotation)
        if signature is None:
            continue
        pulled.append(
            Found(
                sentence=index,
                content=(article.span(quotation.start, quotation.end),),
                cue=None,
                source=article.span(*signature),
                stance="asserts",
            )
        )
    return sorted([*found, *pulled], key=lambda one: one.anchor.start)


def _signed(article: Article, quotation: Quotation) -> Range | None:
    """The name that is all of a line beside a quotation."""
    line = article.text.find("\n", quotation.end)
    stop = line if line >= 0 else len(article.text)
    head = article.text.rfind("\n", 0, quotation.start) + 1
    if _WORD.search(article.text, head, quotation.start):
        return None
    name = _NAME.search(article.text, quotation.end, stop)
    if name is None or not name.group()[:1].isupper():
        return None
    if _WORD.search(article.text, quotation.end, name.start()) or _WORD.search(
        article.text, name.end(), stop
    ):
        return None
    return name.span()
