"""Reporting words: where in a text somebody may be said to have said, thought or wanted something.

The lexicons are data, one TOML file a language under ``lexicon/``. They are our own lists, written
after reading the annotation guidelines of the evaluation sets and then corrected on half of the
development articles; no text of those sets is in them. A file holds

- ``endings``: conjugation classes; each is a list of endings by category (``finite``,
  ``infinitive``, ``gerund``, ``participle``), and ``spelling``, how the last letter of a stem
  changes before some endings of a class (*anunciar*, *indique*).
- ``verbs``: families that share stance and factor. ``regular`` lemmas are conjugated by the class
  whose name they end in. ``irregular`` maps a lemma to its (other) parts: ``stem-class``, or a
  finite form as it stands. A lemma of several words (*dar a conocer*) needs its other words right
  after the verb; ``a|b`` (*teilen|mit*) needs the particle later in the clause. ``clause``: counts
  only where a content clause or a quotation follows or has just ended. ``infinitive``: an
  infinitive after it counts as such a clause. ``relay``: passes on the words of somebody else.
- ``nouns``: ``lemma/plural``; count only where a content clause follows (*el anuncio de que*).
- ``phrases``: regular expressions, for prepositions (*según*) and fixed phrases.
- ``left``: the words that a cue takes in on its left: negation, clitics, auxiliaries, modals.
- ``after``: regular expressions for what may follow a verb, a participle or a noun, and ``skip``,
  set phrases that are no cues (*es decir*).
- ``words``: forms that look like a verb and are not, always or without more evidence.
- ``nouns_capitalised``: a capital inside a sentence makes a word a noun (German).
- ``function``, ``metonyms``, ``countries``: what `function_words` returns.
- ``reading``: what `vocero.text.grammar` compiles to read the words around a cue.

The lexicons aim at recall: a false cue costs one question to the model, which drops it; a missed
cue is lost. Measured on the half of each set that no list was corrected on:

=====================  =======================  ================  ================
set                    gold cues found          cues a sentence   gold a sentence
=====================  =======================  ================  ================
wikinews_es            56 of 59 (95 %)          0.91              0.75
cess_es                466 of 475 (98 %)        0.96              0.57, incomplete
polnear_en, speech     477 of 488 (98 %)        0.77              0.75
dewiki_de              199 of 233 (85 %)        0.34              0.23
cstnews_pt             96 of 104 (92 %)         0.60              no cue spans
=====================  =======================  ================  ================

A gold cue is found where a cue overlaps it (cstnews_pt: where one stands in the sentence). What
German misses is mostly whole constructions marked as cues. French and Italian have no such set.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import is_normalized, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vocero.schema.attribution import Stance

LANGUAGES = ("de", "en", "es", "fr", "it", "pt")
"""The languages that have a lexicon, by ISO 639-1 code."""

Kind = Literal["verb", "preposition", "noun"]
Factor = Literal["say", "think", "want"]
Category = Literal["finite", "infinitive", "gerund", "participle"]

_WHOLE: dict[str, Category] = {"": "finite"}
"""The endings of a form that stands in the lexicon as it is."""
_WORD = re.compile(r"[^\W_]+(?:['’]t\b|['’](?=\w))?")
# A character with the accents that follow it.
_LETTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
# The words of a cue stand on one line or on two, never on both sides of an empty line.
_GAP = re.compile(r"[^\S\n]*+\n?[^\S\n]*+|-")
_OPENING = r"\s*(?:[:,]?\s*[\"“”„«»‘‹›]|:)"
_CLOSED = re.compile(r"[\"'“”»’›«‹],?\s+(?:[—–-]\s?)?$|[—–]\s?$|\s-\s$")
_STOP = re.compile(r"(?<!\d)[.!?;]\s|\n")
_INSIDE = re.compile(r"[\w,;][^\S\n]+$")
_TAKEN = ("negations", "refusals", "between", "auxiliaries", "linking")
"""The lists of words that a cue takes in on its left."""
_LEFT = 8
"""Words a cue takes in on its left, at most; keeps the search linear on any text."""
_REACH = 6
"""Words that may stand between a verb and its content clause: *explicó ayer a EFE que*."""
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


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """Closed word lists of one language, all in lower case."""

    complementisers: tuple[str, ...] = ()
    """Words that open a content clause: *que, si*."""
    deictics: tuple[str, ...] = ()
    """Words that tie a sentence to its context: *él, este mes, allí, ambos*."""
    pronouns: tuple[str, ...] = ()
    """Personal and relative pronouns that can be a source."""
    generic_nouns: tuple[str, ...] = ()
    """Nouns that name a speaker without identifying him: *portavoz*."""
    anonymous_nouns: tuple[str, ...] = ()
    """Those that hide a name: *fuentes, funcionarios*."""
    outlet_words: tuple[str, ...] = ()
    """Words in the names of media and agencies."""
    document_words: tuple[str, ...] = ()
    """Nouns for documents that can be a source: *informe*."""
    government_words: tuple[str, ...] = ()
    """Words for governments and their parts."""
    titles: tuple[str, ...] = ()
    """Words before the name of a person."""
    metonyms: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Seat of power -> (name of the government in this language, ISO 3166 code)."""
    countries: Mapping[str, str] = field(default_factory=dict)
    """Country name, demonym or abbreviation -> ISO 3166 code (EU for the European Union)."""


@dataclass(frozen=True, slots=True)
class _Family:
    lemma: str
    stance: Stance | None
    kind: Kind
    factor: Factor
    relay: bool
    clause: bool
    infinitive: bool
    following: tuple[str, ...]
    """Words that must come right after the verb, and belong to the cue."""
    particle: str
    """Word that must come later in the clause, outside the cue; empty for none."""


@dataclass(frozen=True, slots=True)
class _Lexicon:
    stems: dict[str, list[tuple[_Family, dict[str, Category]]]]
    """Stem -> the families it belongs to, each with the endings that make a form of it."""
    longest: int
    """Length of the longest ending."""
    nouns: dict[str, _Family]
    phrases: list[tuple[_Family, re.Pattern[str]]]
    refusals: frozenset[str]
    """Negations and verbs of refusing."""
    auxiliaries: frozenset[str]
    taken: frozenset[str]
    """Negations, auxiliaries, modals, and the little words between them."""
    inverted: frozenset[str]
    """Words taken in after a hyphen only: *a-t-il déclaré*."""
    linking: frozenset[str]
    """Modals that need one of `links` before the verb: *volvió a decir*."""
    links: frozenset[str]
    prepositions: frozenset[str]
    """Prepositions that make one cue with a verb: *según informó*."""
    blockers: frozenset[str]
    homographs: frozenset[str]
    never: frozenset[str]
    determiners: frozenset[str]
    nouns_capitalised: bool
    clause: re.Pattern[str]
    infinitive: re.Pattern[str]
    noun: re.Pattern[str]
    agent: re.Pattern[str]
    direct: re.Pattern[str]
    enclitic: re.Pattern[str]
    skip: re.Pattern[str]


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
    lexicon, (start, end) = _lexicon(language), within or (0, len(text))
    if is_normalized("NFC", text[start:end]):
        return _found(text, lexicon, start, end)
    composed, places = _composed(text[start:end])
    return [
        replace(cue, start=start + places[cue.start], end=start + places[cue.end])
        for cue in _found(composed, lexicon, 0, len(composed))
    ]


def _found(text: str, lexicon: _Lexicon, start: int, end: int) -> list[Cue]:
    silent = {match.end() for match in lexicon.skip.finditer(text, start, end)}
    found = [
        cue
        for cue in _candidates(text, lexicon, start, end)
        if cue.end <= end and cue.end not in silent
    ]
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


def function_words(language: str | None) -> FunctionWords:
    """Return the closed word lists of a language.

    Args:
        language: ISO 639-1 code; None or a language without a lexicon gives empty lists.
    """
    return _function_words(language) if language in LANGUAGES else FunctionWords()


def _candidates(text: str, lexicon: _Lexicon, start: int, end: int) -> Iterator[Cue]:
    for family, pattern in lexicon.phrases:
        for match in pattern.finditer(text, start, end):
            yield _cue(family, match.start(), match.end())
    words = list(_WORD.finditer(text, start, end))
    folded = [word[0].lower().replace("’", "'") for word in words]
    place = _Words(text, words, folded)
    for index, word in enumerate(folded):
        noun = lexicon.nouns.get(word)
        cue = _read_noun(place, lexicon, index, noun) if noun else None
        noun_by_case = lexicon.nouns_capitalised and place.capital_inside(index)
        if cue is None and word not in lexicon.never and not noun_by_case:
            readings = (
                _read_verb(place, lexicon, index, family, category)
                for family, category in _analyses(word, lexicon)
            )
            cue = next((reading for reading in readings if reading), None)
        if cue is not None:
            yield cue


def _analyses(word: str, lexicon: _Lexicon) -> list[tuple[_Family, Category]]:
    """Return the families a form belongs to, those with more words first."""
    found = [
        (family, endings[word[cut:]])
        for cut in range(max(1, len(word) - lexicon.longest), len(word) + 1)
        for family, endings in lexicon.stems.get(word[:cut], ())
        if word[cut:] in endings
    ]
    return sorted(found, key=lambda item: not (item[0].following or item[0].particle))


def _read_noun(words: _Words, lexicon: _Lexicon, index: int, family: _Family) -> Cue | None:
    """Read a noun as a cue where a content clause follows; its determiner belongs to it."""
    after = lexicon.noun.match(words.text, words.end(index))
    if after is None:
        return None
    first = index - (words.before(index) in lexicon.determiners)
    return _cue(family, words.start(first), after.end())


def _read_verb(
    words: _Words, lexicon: _Lexicon, index: int, family: _Family, category: Category
) -> Cue | None:
    """Read a form of a verb as a cue, or not, and find how far the cue reaches."""
    last = _last(words, family, index)
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
    refused = not lexicon.refusals.isdisjoint(left)
    return _cue(family, words.start(first), end, refused=refused)


def _last(words: _Words, family: _Family, index: int) -> int | None:
    """Return the index of the last word of a lemma; None where its other words are missing."""
    if family.particle:
        return index if words.reaches(index, family.particle) else None
    last = index + len(family.following)
    if tuple(words.folded[index + 1 : last + 1]) != family.following:
        return None
    return last if all(words.adjacent(at) for at in range(index + 1, last + 1)) else None


def _first(words: _Words, lexicon: _Lexicon, index: int) -> int:
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
    words: _Words, lexicon: _Lexicon, family: _Family, index: int, *, first: int, end: int
) -> bool:
    """Tell whether a word that need not report does, by what stands before and after it."""
    homograph = words.folded[index] in lexicon.homographs
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


def _cue(family: _Family, start: int, end: int, *, refused: bool = False) -> Cue:
    stance = family.stance
    if refused:
        # Who has not said or confirmed it declined to; of other verbs "not" tells nothing.
        declined = family.factor == "say" and stance in {"asserts", "confirms", "declines"}
        stance = "declines" if declined else None
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

    def reaches(self, index: int, particle: str) -> bool:
        """Tell whether a particle comes later in the clause of a verb."""
        reach = self.folded[index + 1 : index + 1 + _CLAUSE]
        if particle not in reach:
            return False
        place = self.start(index + 1 + reach.index(particle))
        return _STOP.search(self.text, self.end(index), place) is None


@cache
def lexicon_data(language: str) -> dict[str, Any]:
    """Return the lexicon file of a language, parsed once; not to be changed."""
    path = files("vocero.text") / "lexicon" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _lexicon(language: str) -> _Lexicon:
    data = lexicon_data(language)
    left = {name: frozenset(words.split()) for name, words in data["left"].items()}
    words = {name: frozenset(listed.split()) for name, listed in data["words"].items()}
    after = data["after"]
    classes: dict[str, dict[str, Category]] = {
        name: {
            ending.strip("_"): category
            for category, endings in categories.items()
            for ending in endings.split()
        }
        for name, categories in data["endings"].items()
    }
    return _Lexicon(
        stems=_stems(data["verbs"], classes, data["spelling"]),
        longest=max(len(ending) for endings in classes.values() for ending in endings),
        nouns={
            form.lower(): _family(forms.split("/")[0], group, "noun")
            for group in data["nouns"]
            for forms in group["words"].split()
            for form in forms.split("/")
        },
        phrases=[
            (_family(group["lemma"], group, group["kind"]), _phrase(group["pattern"]))
            for group in data["phrases"]
        ],
        refusals=left["negations"] | left["refusals"],
        auxiliaries=left["auxiliaries"],
        taken=frozenset().union(*(left[name] for name in _TAKEN)),
        inverted=left["inverted"],
        linking=left["linking"] | left["refusals"],
        links=left["links"],
        prepositions=left["prepositions"],
        blockers=words["blockers"],
        homographs=words["homographs"],
        never=words["never"],
        determiners=words["determiners"],
        nouns_capitalised=data["nouns_capitalised"],
        clause=_clause(after["complementiser"], _REACH),
        direct=_clause(after["complementiser"], 1),
        skip=_phrase(after["skip"]),
        infinitive=re.compile(rf"\s+(?:{after['infinitive']})\b", re.IGNORECASE),
        noun=re.compile(after["noun"], re.IGNORECASE),
        agent=re.compile(rf"\s+(?:{after['agent']})\b", re.IGNORECASE),
        enclitic=re.compile(after["enclitic"], re.IGNORECASE),
    )


def _family(lemma: str, group: dict[str, Any], kind: Kind) -> _Family:
    plain, _, particle = lemma.partition("|")
    return _Family(
        lemma=particle + plain,
        stance=group.get("stance"),
        kind=kind,
        factor=group.get("factor", "say"),
        relay=group.get("relay", False),
        clause=group.get("clause", False),
        infinitive=group.get("infinitive", False),
        following=tuple(plain.split()[1:]) if kind == "verb" else (),
        particle=particle,
    )


def _clause(complementisers: str, reach: int) -> re.Pattern[str]:
    words = rf"(?:\s+[\w'’.-]+){{0,{reach}}}?,?\s+(?:{complementisers})\b"
    return re.compile(rf"{_OPENING}|{words}", re.IGNORECASE)


def _phrase(pattern: str) -> re.Pattern[str]:
    spaced = pattern.replace(" ", r"\s")
    return re.compile(rf"\b(?:{spaced})(?!\w)", re.IGNORECASE)


def _stems(
    groups: list[dict[str, Any]],
    classes: dict[str, dict[str, Category]],
    spelling: dict[str, dict[str, str]],
) -> dict[str, list[tuple[_Family, dict[str, Category]]]]:
    stems: dict[str, list[tuple[_Family, dict[str, Category]]]] = {}
    for group in groups:
        lemmas = {lemma: f"{lemma}-" for lemma in group["regular"].split()}
        for lemma, parts in group.get("irregular", {}).items():
            lemmas[lemma] = f"{lemmas.get(lemma, '')} {parts}"
        for lemma, parts in lemmas.items():
            family = _family(lemma, group, "verb")
            for part in parts.split():
                stem, name = _split(part, classes)
                endings = classes[name] if name is not None else _WHOLE
                stems.setdefault(stem, []).append((family, endings))
                change = spelling.get(name or "", {}).get(stem[-1])
                if change is not None:
                    stems.setdefault(stem[:-1] + change, []).append((family, endings))
    return stems


def _split(part: str, classes: dict[str, dict[str, Category]]) -> tuple[str, str | None]:
    """Split ``stem-class``; ``lemma-`` has the class it ends in, a plain form has none."""
    stem, dash, name = part.partition("-")
    if not dash:
        return stem, None
    if not name:
        name = next(ending for ending in classes if stem.endswith(ending))
        stem = stem.removesuffix(name)
    return stem, name


@cache
def _function_words(language: str) -> FunctionWords:
    data = lexicon_data(language)
    return FunctionWords(
        **{name: tuple(_listed(value)) for name, value in data["function"].items()},
        metonyms=MappingProxyType(
            {
                name: (label, code)
                for code, (label, names) in data["metonyms"].items()
                for name in _listed(names)
            }
        ),
        countries=MappingProxyType(
            {name: code for code, names in data["countries"].items() for name in _listed(names)}
        ),
    )


def _listed(value: str) -> list[str]:
    return value.split(", ")
