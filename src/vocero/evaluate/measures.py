"""What is counted in one article, by measure: the numbers that add up to scores.

Spans, each role on its own (Pareti et al. 2013; CofeNet 2022; a span is the set of its words, and
equal ones count once):

- ``exact``: the same words;
- ``overlap``: at least one word in common;
- ``soft``: the share of the words in common (Johansson & Moschitti 2010);
- ``token``: the words that bear the role, all spans together;
- ``begin``: the same first word;
- ``jaccard``: mean over the gold's spans, and over the predicted ones that touch none of them, of
  the best Jaccard index.

Attributions, paired as `vocero.evaluate.compare` does it:

- ``detect``: has a partner; ``detect50``: … and their contents have a Jaccard index of 0.5 or more;
- ``content_src``: … and their sources share a word: who said what;
- ``joint_soft``: … and their cues share a word;
- ``joint_exact``: source, cue and content have the same words;
- ``spk_joint``: words of all roles, those of attributions without a partner all wrong (SpkAtt-2023).

A role that the gold leaves empty is scored in neither direction.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from vocero.evaluate.compare import HALF, jaccard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vocero.evaluate.annotation import Role
    from vocero.evaluate.compare import Comparison, Tokens

    # For each span of the gold all that is right for it, first itself.
    Golds = Sequence[tuple[frozenset[int], ...]]
    Spans = Sequence[frozenset[int]]

__all__ = ["Hits", "Share", "attribution_hits", "is_half", "span_hits"]


class Hits(NamedTuple):
    """What precision, recall and F1 are made of; fractions where a measure gives partial credit."""

    right: float
    """Of the predicted ones."""
    predicted: float
    recalled: float
    """Of the gold's."""
    wanted: float


class Share(NamedTuple):
    """What a mean or an accuracy is made of."""

    right: float
    of: float


def span_hits(comparison: Comparison, role: Role) -> dict[str, Hits | Share]:
    """Count the spans of one role; see the module for the measures. One not annotated has none."""
    if role not in comparison.gold.roles:
        return {name: count([], []) for name, count in _SPANS.items()}
    golds = {
        words: one.sources if role == "source" else (words,)
        for one in comparison.wanted
        if (words := one.of_role(role))
    }
    partners = comparison.partners.items()
    unscored = {at for own, at in partners if not comparison.wanted[own].of_role(role)}
    spans = dict.fromkeys(
        words
        for at, one in enumerate(comparison.found)
        if (words := one.of_role(role)) and at not in unscored
    )
    return {name: count(list(golds.values()), list(spans)) for name, count in _SPANS.items()}


def _exact(golds: Golds, spans: Spans) -> Hits:
    right, given = set(chain.from_iterable(golds)), set(spans)
    return Hits(
        sum(span in right for span in spans),
        len(spans),
        sum(not given.isdisjoint(gold) for gold in golds),
        len(golds),
    )


def _overlap(golds: Golds, spans: Spans) -> Hits:
    right, given = _all_of(chain.from_iterable(golds)), _all_of(spans)
    return Hits(
        sum(not right.isdisjoint(span) for span in spans),
        len(spans),
        sum(any(not given.isdisjoint(one) for one in gold) for gold in golds),
        len(golds),
    )


def _soft(golds: Golds, spans: Spans) -> Hits:
    covered = (
        sum(max(len(span & one) for one in gold) for gold in golds) / len(span) for span in spans
    )
    recalled = (
        max(sum(len(span & one) for span in spans) / len(one) for one in gold) for gold in golds
    )
    return Hits(
        sum(min(1.0, share) for share in covered),
        len(spans),
        sum(min(1.0, share) for share in recalled),
        len(golds),
    )


def _token(golds: Golds, spans: Spans) -> Hits:
    right, given = _all_of(chain.from_iterable(golds)), _all_of(spans)
    wanted = _all_of(gold[0] for gold in golds)
    return Hits(len(right & given), len(given), len(wanted & given), len(wanted))


def _begin(golds: Golds, spans: Spans) -> Hits:
    right = {min(one) for one in chain.from_iterable(golds)}
    given = {min(span) for span in spans}
    return Hits(
        sum(min(span) in right for span in spans),
        len(spans),
        sum(any(min(one) in given for one in gold) for gold in golds),
        len(golds),
    )


def _mean_jaccard(golds: Golds, spans: Spans) -> Share:
    best = (
        max((jaccard(one, span) for one in gold for span in spans), default=0.0) for gold in golds
    )
    right = _all_of(chain.from_iterable(golds))
    return Share(sum(best), len(golds) + sum(right.isdisjoint(span) for span in spans))


_SPANS: dict[str, Callable[[Golds, Spans], Hits | Share]] = {
    "exact": _exact,
    "overlap": _overlap,
    "soft": _soft,
    "token": _token,
    "begin": _begin,
    "jaccard": _mean_jaccard,
}


def attribution_hits(comparison: Comparison) -> dict[str, Hits | Share]:
    """Count attributions, and over the pairs what a source or a kind of speech was right for."""
    pairs = list(comparison.pairs)
    found, wanted = len(comparison.found), len(comparison.wanted)
    hits: dict[str, Hits | Share] = {}
    for name, is_right in _ATTRIBUTIONS.items():
        right = sum(is_right(gold, one) for gold, one in pairs)
        hits[name] = Hits(right, found, right, wanted)
    hits["spk_joint"] = _spoken_words(comparison)
    sources = [one.has_source_of(gold) for gold, one in pairs if gold.sources]
    hits["src_acc"] = Share(sum(sources), len(sources))
    types = [
        gold.annotation.speech == one.annotation.speech
        for gold, one in pairs
        if gold.annotation.speech and one.annotation.speech
    ]
    hits["type_acc"] = Share(sum(types), len(types))
    return hits


def is_half(gold: Tokens, one: Tokens) -> bool:
    """Whether the contents of a pair are taken for the same."""
    return jaccard(gold.content, one.content) >= HALF


def _says_what(gold: Tokens, one: Tokens) -> bool:
    return is_half(gold, one) and one.has_source_of(gold)


def _joint_soft(gold: Tokens, one: Tokens) -> bool:
    return _says_what(gold, one) and (not gold.cue or bool(gold.cue & one.cue))


def _joint_exact(gold: Tokens, one: Tokens) -> bool:
    return (
        gold.content == one.content
        and (not gold.sources or one.source in gold.sources)
        and (not gold.cue or gold.cue == one.cue)
    )


_ATTRIBUTIONS: dict[str, Callable[[Tokens, Tokens], bool]] = {
    "content_src": _says_what,
    "detect": lambda _gold, _one: True,
    "detect50": is_half,
    "joint_soft": _joint_soft,
    "joint_exact": _joint_exact,
}


def _spoken_words(comparison: Comparison) -> Hits:
    right = wrong = missing = 0
    for role in comparison.gold.roles:
        for gold, one in comparison.pairs:
            # What the gold leaves empty is not scored.
            if words := gold.of_role(role):
                right += len(words & one.of_role(role))
                missing += len(words - one.of_role(role))
                wrong += len(one.of_role(role) - words)
        missing += sum(len(one.of_role(role)) for one in comparison.missed)
        wrong += sum(len(one.of_role(role)) for one in comparison.spurious)
    return Hits(right, right + wrong, right, right + missing)


def _all_of(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset(chain.from_iterable(sets))
