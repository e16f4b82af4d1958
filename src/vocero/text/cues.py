"""Reporting words: where in a text somebody may be said to have said, thought or wanted something.

What is such a word stands in the lexicons of `vocero.text.lexicons`; what surrounds it decides.

The lexicons aim at recall: a false cue costs one question to the model, which drops it; a missed
cue is lost. Measured on the half of each set that no list was corrected on:

=====================  =======================  ================  ================
set                    gold cues found          cues a sentence   gold a sentence
=====================  =======================  ================  ================
wikinews_es            56 of 59 (95 %)          0.77              0.63
cess_es                466 of 475 (98 %)        0.91              0.55, incomplete
polnear_en, speech     477 of 488 (98 %)        0.76              0.38
dewiki_de              199 of 233 (85 %)        0.33              0.25
cstnews_pt             98 of 104 (94 %)         0.57              no cue spans
adaq_cs                25 of 26 (96 %)          0.61              0.48
adaq_ru                20 of 20                 0.73              0.42
=====================  =======================  ================  ================

A gold cue is found where a cue overlaps it (cstnews_pt: where one stands in the sentence). What
German misses is mostly whole constructions marked as cues. French and Italian have no such set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unicodedata import is_normalized, normalize

from vocero.text.lexicons import LANGUAGES, entry, lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.schema.attribution import Stance
    from vocero.text.lexicons import Category, Factor, Family, Kind, Lexicon

__all__ = ["Cue", "find_cues"]

_WORD = re.compile(r"[^\W_]++(?:['’]t\b|['’](?=\w))?+")
# A character with the accents that follow it.
_LETTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
# The words of a cue stand on one line or on two, never on both sides of an empty line.
_GAP = re.compile(r"[^\S\n]*+\n?[^\S\n]*+|-")
_CLOSED = re.compile(r"[\"'“”»’›«‹],?\s+(?:[—–-]\s?)?$|[—–]\s?$|\s-\s$")
_STOP = re.compile(r"(?<!\d)[.!?;]\s|\n")
_INSIDE = re.compile(r"[\w,;][^\S\n]+$")
_LEFT = 8
"""Words a cue takes in on its left, at most; keeps the search linear on any text."""
_CLAUSE = 40
"""Words between a German verb and its particle, at most."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A reporting word with its auxiliaries, clitics and negation; offsets are code points."""

    start: int
    end: int
    lemma: str
    """Dictionary form: *decir* for *habrían dicho*."""
    stance: Stance | None
    """What the source does to the content; None where the word alone does not tell."""
    kind: Kind
    factor: Factor
    """Saying; knowing and believing; wanting and planning."""
    relay: bool
    """True for words that pass on what somebody else said: *citada por*."""
    closed: int | None = None
    """Where the particle of its verb ends, outside the cue: *teilte gestern* **mit**."""


def find_cues(
    text: str, language: str | None, *, within: tuple[int, int] | None = None
) -> list[Cue]:
    """Find the reporting words of a text.

    Args:
        text: The article.
        language: ISO 639-1 code; None or a language without a lexicon gives no cues.
        within: Half-open range in code points, best a whole sentence; only cues that lie wholly
            inside are returned.

    Returns:
        The cues in order. They do not overlap: of two that would, the longer one stays. Letters
        may be composed with their accents or not.
    """
    if language not in LANGUAGES:
        return []
    start, end = within or (0, len(text))
    if is_normalized("NFC", text[start:end]):
        return _found(text, language, start, end)
    composed, places = _composed(text[start:end])
    return [
        replace(
            cue,
            start=start + places[cue.start],
            end=start + places[cue.end],
            closed=None if cue.closed is None else start + places[cue.closed],
        )
        for cue in _found(composed, language, 0, len(composed))
    ]


def _found(text: str, language: str, start: int, end: int) -> list[Cue]:
    found = [cue for cue in _candidates(text, language, start, end) if cue.end <= end]
    if not found:
        return found
    silent = {match.end() for match in lexicon(language).skip.finditer(text, start, end)}
    found = [cue for cue in found if cue.end not in silent]
    found.sort(key=lambda cue: (cue.start, -cue.end))
    kept: list[Cue] = []
    for cue in found:
        if not kept or cue.start >= kept[-1].end:
            kept.append(cue)
        elif cue.end - cue.start > kept[-1].end - kept[-1].start:
            kept[-1] = cue
    return kept


def _composed(text: str) -> tuple[str, list[int]]:
    """Compose letters with their accents (NFC); also return where each code point of it was."""
    pieces, places = [], []
    for letter in _LETTER.finditer(text):
        piece = normalize("NFC", letter[0])
        pieces.append(piece)
        places += [letter.start(), *([letter.end()] * (len(piece) - 1))]
    return "".join(pieces), [*places, len(text)]


def _candidates(text: str, language: str, start: int, end: int) -> Iterator[Cue]:
    words = list(_WORD.finditer(text, start, end))
    folded = [word[0].lower().replace("’", "'") for word in words]
    place, lists = _Words(text, words, folded), lexicon(language)
    for index, word in enumerate(folded):
        listed = entry(word, language)
        if listed is None:
            continue
        for family, pattern in listed.phrases:
            if match := pattern.match(text, words[index].start(), end):
                refused = not lists.refusals.isdisjoint(match[0].lower().split())
                yield _cue(family, match.start(), match.end(), refused=refused)
        cue = _read_noun(place, lists, index, listed.noun) if listed.noun else None
        if cue is None and not (lists.nouns_capitalised and place.capital_inside(index)):
            readings = (
                _read_verb(place, lists, index, *verb, negated=listed.negated)
                for verb in listed.verbs
            )
            cue = next((reading for reading in readings if reading), None)
        if cue is not None:
            yield cue


def _read_noun(words: _Words, lexicon: Lexicon, index: int, family: Family) -> Cue | None:
    """Read a noun as a cue where a content clause follows; its determiner belongs to it."""
    after = lexicon.noun.match(words.text, words.end(index))
    if after is None:
        return None
    first = index - (words.before(index) in lexicon.determiners)
    return _cue(family, words.start(first), after.end())


def _read_verb(
    words: _Words,
    lexicon: Lexicon,
    index: int,
    family: Family,
    category: Category,
    *,
    negated: bool,
) -> Cue | None:
    """Read a form of a verb as a cue, or not, and find how far the cue reaches."""
    last = _last(words, lexicon, family, index)
    if last is None or words.hyphenated(index):
        return None
    first = _first(words, lexicon, index)
    left = words.folded[first:index]
    end = words.end(last)
    if category == "finite" and words.before(index) in lexicon.blockers:
        return None
    if category == "participle" and lexicon.auxiliaries.isdisjoint(left):
        agent = lexicon.agent.match(words.text, end) if family.relay else None
        if agent is None:
            return None
        end = agent.end()
    if not _reports(words, lexicon, family, index, first=first, end=end):
        return None
    enclitic = lexicon.enclitic.match(words.text, end)
    if enclitic is not None:
        end = enclitic.end()
    negation = lexicon.negation.match(words.text, end) if category == "finite" else None
    if negation is not None and not negation["between"]:
        end = negation.end()
    closed = words.reaches(lexicon, index, family.particle) if family.particle else None
    if closed is not None and not words.text[end : closed - len(family.particle)].strip():
        end, closed = closed, None
    refused = negated or negation is not None or not lexicon.refusals.isdisjoint(left)
    return replace(_cue(family, words.start(first), end, refused=refused), closed=closed)


def _last(words: _Words, lexicon: Lexicon, family: Family, index: int) -> int | None:
    """Return the index of the last word of a lemma; None where its other words are missing."""
    if family.particle:
        return None if words.reaches(lexicon, index, family.particle) is None else index
    last = index + len(family.following)
    if tuple(words.folded[index + 1 : last + 1]) != family.following:
        return None
    return last if all(words.adjacent(at) for at in range(index + 1, last + 1)) else None


def _first(words: _Words, lexicon: Lexicon, index: int) -> int:
    """Return the index of the first word that the cue with its verb at `index` takes in."""
    first = index
    while max(0, index - _LEFT) < first and words.adjacent(first):
        word = words.folded[first - 1]
        if word in lexicon.taken or (word in lexicon.inverted and words.hyphenated(first - 1)):
            first -= 1
        elif word in lexicon.links and words.before(first - 1) in lexicon.linking:
            first -= 2
        else:
            return first - (word in lexicon.prepositions)
    return first


def _reports(
    words: _Words, lexicon: Lexicon, family: Family, index: int, *, first: int, end: int
) -> bool:
    """Tell whether a word that need not report does, by what stands before and after it."""
    homograph = words.folded[index] in lexicon.homographs and not family.particle
    if homograph and words.before(index) in lexicon.determiners:
        return False
    if not homograph and not family.clause:
        return True
    start = words.start(first)
    if _CLOSED.search(words.text, max(0, start - 6), start):
        return True
    if family.infinitive and lexicon.infinitive.match(words.text, end):
        return True
    clause = lexicon.direct if homograph else lexicon.clause
    return clause.match(words.text, end) is not None


def _cue(family: Family, start: int, end: int, *, refused: bool = False) -> Cue:
    stance = family.stance
    if refused:
        # Who has not said or confirmed it declined to; who does not believe it denies it; of other
        # verbs "not" tells nothing.
        declined = family.factor == "say" and stance in {"asserts", "confirms", "declines"}
        doubted = family.factor == "think" and stance in {"asserts", "speculates", None}
        stance = "declines" if declined else "denies" if doubted else None
    return Cue(start, end, family.lemma, stance, family.kind, family.factor, family.relay)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text with their places."""

    text: str
    matches: list[re.Match[str]]
    folded: list[str]
    """In lower case, with straight apostrophes."""

    def start(self, index: int) -> int:
        return self.matches[index].start()

    def end(self, index: int) -> int:
        return self.matches[index].end()

    def adjacent(self, index: int) -> bool:
        """Tell whether nothing but white space or a hyphen parts a word from the one before."""
        return _GAP.fullmatch(self.text, self.end(index - 1), self.start(index)) is not None

    def before(self, index: int) -> str:
        """Return the adjacent word before a word, or nothing."""
        return self.folded[index - 1] if index and self.adjacent(index) else ""

    def hyphenated(self, index: int) -> bool:
        """Tell whether a hyphen stands right before a word."""
        return self.text[self.start(index) - 1 : self.start(index)] == "-"

    def capital_inside(self, index: int) -> bool:
        """Tell whether a word has a capital that no beginning of a sentence explains."""
        at = self.start(index)
        return self.text[at].isupper() and _INSIDE.search(self.text, max(0, at - 4), at) is not None

    def reaches(self, lexicon: Lexicon, index: int, particle: str) -> int | None:
        """Where a particle ends that comes later in the clause of a verb; None if there is none."""
        for later in range(index + 1, min(index + 1 + _CLAUSE, len(self.folded))):
            if self.folded[later] == particle and lexicon.particle.match(
                self.text, self.end(later)
            ):
                stop = _STOP.search(self.text, self.end(index), self.start(later))
                return None if stop else self.end(later)
        return None
