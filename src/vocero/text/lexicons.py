"""The lexicons: which words report in a language, what goes with them, and its closed word lists.

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
- ``phrases``: regular expressions, for prepositions (*según*) and fixed phrases. ``opening``: all
  words that one may begin with; of a longer word the first three letters do.
- ``left``: the words that a cue takes in on its left: negation, clitics, auxiliaries, modals; and
  ``prefixes``, the negations that are part of the verb (Czech *neřekl*).
- ``after``: regular expressions for what may follow a verb, its particle, a participle or a noun,
  and ``skip``, set phrases that are no cues (*es decir*).
- ``words``: forms that look like a verb and are not, always or without more evidence.
- ``nouns_capitalised``: a capital inside a sentence makes a word a noun (German).
- ``function``, ``metonyms``, ``countries``: what `function_words` returns.
- ``reading``: what `vocero.text.grammar` compiles to read the words around a cue.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vocero.schema.attribution import Stance

__all__ = [
    "LANGUAGES",
    "Category",
    "Entry",
    "Factor",
    "Family",
    "FunctionWords",
    "Kind",
    "Lexicon",
    "entry",
    "function_words",
    "lexicon",
    "lexicon_data",
]

LANGUAGES = ("cs", "de", "en", "es", "fr", "it", "pt", "ru")
"""The languages that have a lexicon, by ISO 639-1 code."""

Kind = Literal["verb", "preposition", "noun"]
Factor = Literal["say", "think", "want"]
Category = Literal["finite", "infinitive", "gerund", "participle"]

_WHOLE: dict[str, Category] = {"": "finite"}
"""The endings of a form that stands in the lexicon as it is."""
_OPENING = r"\s*(?:[:,]?\s*(?:[\"“”„«»‘‹›]|'')|:)"
_TAKEN = ("negations", "refusals", "between", "auxiliaries", "linking")
"""The lists of words that a cue takes in on its left."""
_REACH = 6
"""Words that may stand between a verb and its content clause: *explicó ayer a EFE que*."""
_KEY = 3
"""By so many letters of its first word a phrase is found; most words open none."""
# Forms that are remembered between articles.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """Closed word lists of one language, all in lower case."""

    complementisers: frozenset[str] = frozenset()
    """Words that open a content clause: *que, si*."""
    deictics: frozenset[str] = frozenset()
    """Words that tie a sentence to its context: *él, este mes, allí, ambos*."""
    pronouns: frozenset[str] = frozenset()
    """Personal and relative pronouns that can be a source."""
    generic_nouns: frozenset[str] = frozenset()
    """Nouns that name a speaker without identifying him: *portavoz*."""
    anonymous_nouns: frozenset[str] = frozenset()
    """Those that hide a name: *fuentes, funcionarios*."""
    outlet_words: frozenset[str] = frozenset()
    """Words in the names of media and agencies."""
    document_words: frozenset[str] = frozenset()
    """Nouns for documents that can be a source: *informe*."""
    government_words: frozenset[str] = frozenset()
    """Words for governments and their parts."""
    titles: frozenset[str] = frozenset()
    """Words before the name of a person."""
    metonyms: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Seat of power -> (name of the government in this language, ISO 3166 code)."""
    countries: Mapping[str, str] = field(default_factory=dict)
    """Country name, demonym or abbreviation -> ISO 3166 code (EU for the European Union)."""


@dataclass(frozen=True, slots=True)
class Family:
    """Words that report alike, and what each needs to do so."""

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
class Lexicon:
    """The reporting words of a language, and what may stand around them, in lower case."""

    stems: dict[str, list[tuple[Family, dict[str, Category]]]]
    """Stem -> the families it belongs to, each with the endings that make a form of it."""
    longest: int
    """Length of the longest ending."""
    nouns: dict[str, Family]
    phrases: dict[str, list[tuple[Family, re.Pattern[str]]]]
    """First letters of a first word -> the phrases that may begin with it."""
    refusals: frozenset[str]
    """Negations and verbs of refusing."""
    prefixes: tuple[str, ...]
    """What turns a verb round at its head: Czech *neřekl*."""
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
    particle: re.Pattern[str]
    """What may follow the particle of a verb that closes its clause."""
    negation: re.Pattern[str]
    """What turns a finite verb round from behind, with what is ``between``: *sagte* **nicht**, *dass*."""
    skip: re.Pattern[str]


def function_words(language: str | None) -> FunctionWords:
    """Return the closed word lists of a language.

    Args:
        language: ISO 639-1 code; None or a language without a lexicon gives empty lists.
    """
    return _function_words(language) if language in LANGUAGES else FunctionWords()


@cache
def lexicon_data(language: str) -> dict[str, Any]:
    """Return the lexicon file of a language, parsed once; not to be changed."""
    path = files("vocero.text") / "lexicon" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a form of a word may be."""

    noun: Family | None
    verbs: tuple[tuple[Family, Category], ...]
    """Those with more words first."""
    phrases: tuple[tuple[Family, re.Pattern[str]], ...]
    """Those that it may open; to be matched where it begins."""
    negated: bool
    """Whether the verbs are turned round by a prefix."""


@lru_cache(maxsize=_REMEMBERED)
def entry(word: str, language: str) -> Entry | None:
    """Look a form up; None for a word that does not report and opens no phrase that does.

    Args:
        word: In lower case, with straight apostrophes.
        language: One of `LANGUAGES`.
    """
    lists = lexicon(language)
    verbs = [] if word in lists.never else _analyses(word, lists)
    bare = next((word.removeprefix(one) for one in lists.prefixes if word.startswith(one)), None)
    negated = not verbs and bare is not None and bool(verbs := _analyses(bare, lists))
    phrases = tuple(lists.phrases.get(word[:_KEY], ()))
    found = Entry(lists.nouns.get(word), tuple(verbs), phrases, negated)
    return found if found.noun or found.verbs or found.phrases else None


def _analyses(word: str, lists: Lexicon) -> list[tuple[Family, Category]]:
    found = [
        (family, endings[word[cut:]])
        for cut in range(max(1, len(word) - lists.longest), len(word) + 1)
        for family, endings in lists.stems.get(word[:cut], ())
        if word[cut:] in endings
    ]
    return sorted(found, key=lambda item: not (item[0].following or item[0].particle))


@cache
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of a language, made once.

    Args:
        language: One of `LANGUAGES`.
    """
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
    return Lexicon(
        stems=_stems(data["verbs"], classes, data["spelling"]),
        longest=max(len(ending) for endings in classes.values() for ending in endings),
        nouns={
            form.lower(): _family(forms.split("/")[0], group, "noun")
            for group in data["nouns"]
            for forms in group["words"].split()
            for form in forms.split("/")
        },
        phrases=_phrases(data["phrases"]),
        refusals=left["negations"] | left["refusals"],
        prefixes=tuple(sorted(left["prefixes"])),
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
        particle=re.compile(rf"\s*(?:[^\w\s]|$|(?:{after['particle']})\b)", re.IGNORECASE),
        negation=re.compile(after["negation"], re.IGNORECASE),
    )


def _family(lemma: str, group: dict[str, Any], kind: Kind) -> Family:
    plain, _, particle = lemma.partition("|")
    return Family(
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


def _phrases(groups: list[dict[str, Any]]) -> dict[str, list[tuple[Family, re.Pattern[str]]]]:
    phrases: dict[str, list[tuple[Family, re.Pattern[str]]]] = {}
    for group in groups:
        phrase = _family(group["lemma"], group, group["kind"]), _phrase(group["pattern"])
        for key in dict.fromkeys(word[:_KEY] for word in group["opening"].split()):
            phrases.setdefault(key, []).append(phrase)
    return phrases


def _phrase(pattern: str) -> re.Pattern[str]:
    spaced = pattern.replace(" ", r"\s")
    return re.compile(rf"\b(?:{spaced})(?!\w)", re.IGNORECASE)


def _stems(
    groups: list[dict[str, Any]],
    classes: dict[str, dict[str, Category]],
    spelling: dict[str, dict[str, str]],
) -> dict[str, list[tuple[Family, dict[str, Category]]]]:
    stems: dict[str, list[tuple[Family, dict[str, Category]]]] = {}
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
        **{name: frozenset(_listed(value)) for name, value in data["function"].items()},
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
