"""The closed words of a language by what they do around a cue, compiled to patterns.

The words are data: the table ``[reading]`` of each file under ``lexicon/``. How far they carry, with
no knowledge of the words in between, is measured by ``benchmarks/readings.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from vocero.text.letters import CAPITAL, SMALL
from vocero.text.lexicons import LANGUAGES, FunctionWords, function_words, lexicon_data

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Grammar", "WordOrder", "alternatives", "grammar"]

WordOrder = Literal["free", "subject-verb", "verb-second"]
"""Where a subject stands whose verb comes before what is said.

``free``: on either side (*aseguró ayer el ministro que …*). ``subject-verb``: before the verb.
``verb-second``: behind the verb wherever something else opens the clause (*Am Abend sagte er, …*),
and the verbs of subordinate clauses come last (*wie der Minister sagte*).
"""

_NOTHING = r"(?!)"
_APOSTROPHE = "['’]"
# A letter that is one of a pattern, whatever follows.
_LETTER_FIRST = re.compile(rf"[{SMALL}](?![?*+{{])")
_PLACEHOLDER = re.compile(r"<(\w+)>")
# A capital, and a name of up to six words that begin with one: "BBC", "The New York Times".
_CAPITAL = rf"(?-i:{CAPITAL})"
_NAMED = rf"{_CAPITAL}[\w.\x27\u2019/-]*"
# Within a name, in lower case.
_PARTICLES = "van de[nr]|van|von|de|del|della|di|da|dos|du|la|le|ten|ter|bin|ibn|ben|al|el"
# German: "gefordert", not "fordern". Who is quoted, "zitiert", speaks himself.
_PARTICIPLE = (
    r"\b(?!zitiert)(?:\w*ge\w+(?:t|en)|\w+iert|(?:be|er|ver|zer|ent|miss|über|unter|wider)\w+t"
    r"|\w+(?:sproch|schrieb|wies|fohl|schloss|stritt)en)\b"
)
# German: a relative pronoun.
_RELATIVE = r"(?:de[mnr]|die|das|denen|deren|dessen|welche[mnrs]?)\s"
# German: an infinitive with its "zu", "zu gehen", "anzugehen".
_TO = r"zu\s+\w+n\b|\w{2,}zu\w{2,}e?n\b"
# German: an article in the dative or genitive, or before an adjective that shows it.
_OBLIQUE = r"\s*(?:de[ms]|eine[mrs]|(?:der|dieser|seiner|ihrer)\s(?-i:[\da-zß-ÿ][\da-zß-ÿ-]*en))\s"
# "a EFE Juan Villalonga": an acronym before a first and a last name is a name of its own.
_ACRONYM = rf"(?-i:{CAPITAL}{{2,}}(?=\s{CAPITAL}[{SMALL}]+\s{CAPITAL}))"
_NAME = rf"(?:{_ACRONYM}|{_NAMED}(?:\s{_NAMED}){{0,5}})"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the reading of a sentence and the restating of a claim know of a language.

    Each pattern is made for `match` at a position, for `search` in a stretch or for `fullmatch`, as
    its description says.
    """

    word_order: WordOrder
    bare_clauses: bool
    """Whether a content clause may stand without complementiser: *he said it was late*."""
    clause_comma: bool
    """Whether a comma stands before every content clause: *sagte***,** *dass es spät sei*."""
    phrase_comma: bool
    """Whether commas part a source in front from the sentence: *Según Ana***,** *es tarde*."""
    bare_nouns: bool
    """Whether nouns have no articles, and genitives no preposition: *zpráva* **policie**."""

    complementisers: frozenset[str]
    """Words that open a content clause: *que, si*; elided ones with their apostrophe: *qu'*."""
    relative_heads: frozenset[str]
    """Words that make a relative pronoun of the complementiser behind them: **lo** *que*."""
    droppable: frozenset[str]
    """Openers that a claim goes without: *que* in *que el plan es caro*."""
    genitives: tuple[tuple[str, str], ...]
    """Endings of names in the genitive and as subjects: *podle Novák***a**, **Novák** *řekl*."""

    complementiser_preposition: re.Pattern[str]
    """Search before a complementiser for what belongs to its clause: *advirtió* **de** *que*."""
    coordination: re.Pattern[str]
    """Search before a cue for what joins it to an earlier one: *dijo A* **y ayer también** *negó B*."""
    clause_relative: re.Pattern[str]
    """Match behind a comma what stands for the whole clause before: **lo que** *Seúl ha negado*."""
    anaphor: re.Pattern[str]
    """Match all that stands before a verb, where it stands for what was said: **Das** *sagte Ana*."""
    sequel: re.Pattern[str]
    """Match behind a comma what goes on with the main clause: *…, dass er geht,* **denn** *es ist spät*."""
    as_word: re.Pattern[str]
    """Match where a clause opens that tells whose words the sentence is: **como** *explicó Ana*."""
    predicative: re.Pattern[str]
    """Match an object that makes a statement: *describió* **la crisis como** *un aviso*."""
    subordinator: re.Pattern[str]
    """Match where a stretch opens that makes no statement: **Tras** *la reunión*, **Además**."""
    conjunction: re.Pattern[str]
    """Match where a subordinate clause opens: **Cuando** *llegó*."""
    coordinator: re.Pattern[str]
    """Match where something is joined to what stands before: “*sí*” **y** *añadió*."""

    adjunct: re.Pattern[str]
    """Match where a phrase opens that is no subject: **en** *Madrid*."""
    preposition: re.Pattern[str]
    """Fullmatch a word, with the space behind it, that makes a conjunction of *que*: **hasta** *que*."""
    without_subject: re.Pattern[str]
    """Match all words before a verb where none is its subject: **Además, ayer también se** *dijo*."""
    leading: re.Pattern[str]
    """Match what stands before a subject and is no part of it: **Además, ayer** *Ana dijo*."""
    trailing: re.Pattern[str]
    """Search what stands behind it before its verb, and is no part of it: *Ana* **ayer también** *dijo*."""
    interposed: re.Pattern[str]
    """Match what may part a cue from its subject: *dijo* **ayer a los periodistas** *Ana*."""
    time: re.Pattern[str]
    """Match what tells when behind a cue, and is not said: *anunció* **ayer** *la compra*."""
    subject: re.Pattern[str]
    """Match where a subject may open: **la** *portavoz*, **fuentes** *oficiales*, **él**, **A***na*."""
    speaker: re.Pattern[str]
    """Match where words open that name somebody who can speak: **la portavoz**; not *la compra*."""
    subject_end: re.Pattern[str]
    """Search behind a subject for what is no part of it: *dijo Ana* **tras** *la reunión*."""
    noun_phrase: re.Pattern[str]
    """Match a noun with its genitives, or a pronoun, in verb-second languages and those without
    articles: **der Chef der FDP**."""
    announcement: re.Pattern[str]
    """Fullmatch a cue that announces words and names nobody: **mit den Worten**."""
    oblique: re.Pattern[str]
    """Match where a noun phrase opens that is no subject by its case: **dem Chef**, **der alten Uhr**."""
    noun_link: re.Pattern[str]
    """Match where a stretch goes on with the noun before it: *Ana Ruiz,* **del** *Ministerio*."""
    postposition: re.Pattern[str]
    """Fullmatch a cue that stands behind its source: *der Polizei* **zufolge**."""
    auxiliary: re.Pattern[str]
    """Search between what opens a clause and its subject: *Am Montag* **hat** *Ana erklärt*."""
    clause_opener: re.Pattern[str]
    """Search before a cue for what opens its clause: *Ana vino,* **pero** *Juan dijo*."""
    relative_pronoun: re.Pattern[str]
    """Search right before a cue, or fullmatch a source: *la ministra,* **quien** *dijo*."""
    determiner: re.Pattern[str]
    """Match where a noun phrase opens: **la** *portavoz*."""
    addressee: re.Pattern[str]
    """Match right behind a cue or its subject; the group is the addressee: *dijo* **a la BBC**."""
    aside: re.Pattern[str]
    """Match behind a comma what says more of the noun before it: *según el plan,* **publicado** *ayer,*."""
    agent: re.Pattern[str]
    """Match behind a clause what comes before its author: *la idea de que …***, defendida por** *Ana*."""
    experiencer: re.Pattern[str]
    """Match where a clause opens; its last group is the source: *A* **Ana** *le preocupa*."""
    cue_source: re.Pattern[str]
    """Fullmatch a cue; its last group is a source within it: **nos** *preocupa*, *a-t-***elle** *dit*."""
    impersonal: re.Pattern[str]
    """Fullmatch a cue that has its subject with it, and nobody as that: **heißt es**."""
    gerund: re.Pattern[str]
    """Fullmatch a cue that has the subject of the main clause: *Ana se fue,* **diciendo** *que no*."""
    controller: re.Pattern[str]
    """Search right before a cue for what gives it that subject: *Ana sonrió* **al** *decir que no*."""

    reported: re.Pattern[str]
    """Search in a sentence for a mood that tells it is somebody's words: *Es* **gebe** *keine Zeugen*."""

    subordinate: re.Pattern[str]
    """Match where a clause opens whose verb comes last: **bei der** *sie sagte*, **weil** *er kam*."""
    dependent: re.Pattern[str]
    """Search in a clause for what tells that it is a part of another: that mood, **zu gehen**."""

    participle: re.Pattern[str]
    """Search in a cue for what may be passive: **gefordert** *wurde*."""
    passive: re.Pattern[str]
    """Search in a clause for what makes it so: **wird** *von Ana gefordert*."""
    passive_agent: re.Pattern[str]
    """Search in such a clause for what comes before who speaks: *wird* **von** *Ana gefordert*."""

    negation: re.Pattern[str]
    """Search right before a content for what turns it round: **no ha** *caído*."""
    leaning: re.Pattern[str]
    """Search in a statement for what leans on the context: *él, este mes*; group ``settled`` is what
    only looks so: *lo que*. A possessive is none: its owner mostly stands in the same sentence."""
    negative: re.Pattern[str]
    """Search in a statement for what turns it round: *no, nadie, sin*."""
    first_person: re.Pattern[str]
    """Search in a content for somebody who speaks of himself: *nosotros, creo*."""
    possibility: re.Pattern[str]
    """Search in a statement that may be so: *podría, tal vez*."""
    future: re.Pattern[str]
    """Search in a statement that will be so: *subirá, van a*."""
    date: re.Pattern[str]
    """Search in a statement for an expression of time: *el pasado mes de mayo, ayer*; no bare year."""


@cache
def grammar(language: str | None) -> Grammar:
    """Return the grammar of a language, compiled once.

    Args:
        language: ISO 639-1 code; None or a language without a lexicon gives a grammar that knows
            nothing: empty sets, and patterns that match nothing.
    """
    if language not in LANGUAGES:
        return _compiled(dict.fromkeys(lexicon_data("en")["reading"], ""), FunctionWords(), {})
    data = lexicon_data(language)
    return _compiled(data["reading"], function_words(language), data["left"])


def _compiled(reading: dict[str, Any], words: FunctionWords, left: dict[str, str]) -> Grammar:
    lists = _Lists(reading)
    auxiliaries = [_spelled(one) for one in left.get("auxiliaries", "").split()]
    negations = [_spelled(one) for one in left.get("negations", "").split()]
    determiners = lists.items("determiners")
    # German relative pronouns are articles, too.
    relatives = [one for one in lists.items("relative_pronouns") if one not in determiners]
    complementisers = [_spelled(one) for one in words.complementisers]
    openers = [*complementisers, *relatives, *lists.items("conjunctions", "coordinators")]
    people = [_spelled(one) for one in (*words.generic_nouns, *words.anonymous_nouns)]
    bodies = (*words.outlet_words, *words.document_words, *words.government_words)
    speakers = [*people, *(_spelled(one) for one in bodies)]
    pronouns = {_spelled(one) for one in words.pronouns} - {*complementisers, *relatives}
    possessives = set(lists.words("possessives"))
    leaning = [_spelled(one) for one in words.deictics if one not in possessives]
    determiner = _any(
        (one if one.endswith(_APOSTROPHE) else rf"{one}\s" for one in determiners), end=""
    )
    adjective = rf"(?:{lists.any('adjectives')}\s+){{0,3}}" if reading["adjectives"] else ""
    subject = rf"\W*+(?:{determiner}|{adjective}(?:{_any([*people, *pronouns])}|{_CAPITAL}|\d))"
    one = r"(?:\w+\s)?"
    joining = rf",?\s+{lists.any('coordinators')}\s+(?:[^\s,]+\s+){{0,4}}"
    return Grammar(
        word_order=reading["word_order"] or "free",
        bare_clauses=bool(reading["bare_clauses"]),
        clause_comma=bool(reading["clause_comma"]),
        phrase_comma=bool(reading["phrase_comma"]),
        bare_nouns=bool(reading["adjectives"]),
        complementisers=words.complementisers,
        relative_heads=frozenset(lists.words("relative_heads")),
        droppable=frozenset(lists.words("droppable")),
        genitives=tuple(
            (oblique, subject)
            for oblique, _, subject in (one.partition("/") for one in lists.words("genitives"))
        ),
        complementiser_preposition=_compile(rf"\b{lists.any('complementiser_prepositions')}\s+$"),
        coordination=_compile(rf"(?:;\s*|{joining})$" if speakers else _NOTHING),
        clause_relative=_compile(rf"\W*+{lists.any('clause_relatives')}"),
        anaphor=_compile(rf"\W*+{lists.any('anaphors')}"),
        sequel=_compile(rf"\W*+{lists.any('sequels')}"),
        as_word=_compile(rf"\W*+{lists.any('as_words')}"),
        predicative=_compile(rf"\W*+{determiner}[^,;:\"“”«»]*?\s{lists.any('predicatives')}\s"),
        subordinator=_compile(
            rf"\W*+{lists.any('prepositions', 'conjunctions', 'adverbs', 'times')}"
        ),
        conjunction=_compile(rf"\W*+{lists.any('conjunctions')}"),
        coordinator=_compile(rf"\W*+{lists.any('coordinators')}\s*"),
        adjunct=_compile(rf"\W*+{lists.any('prepositions', 'conjunctions')}"),
        preposition=_compile(
            rf"{lists.any('prepositions', 'noun_links', 'complementiser_prepositions')}\s*"
        ),
        without_subject=_compile(
            rf"\W*+(?:{lists.any('clitics', 'adverbs', 'times', 'coordinators')}\W*+)++$"
        ),
        leading=_compile(rf"\W*+(?:{lists.any('adverbs', 'times', 'coordinators')}\W++)++"),
        trailing=_compile(
            rf"(?:(?:(?<!\s)\s++|(?={_APOSTROPHE})){lists.any('adverbs', 'times', 'clitics')})+\s*$"
        ),
        interposed=_compile(rf"\s*(?:{lists.any('times', 'addressees')}\s*+)++"),
        time=_compile(rf"\s*(?:{lists.any('times')}\s*+)++"),
        subject=_compile(subject if speakers else _NOTHING),
        speaker=_compile(
            rf"\W*+{determiner}?{adjective or one}(?:{_any(speakers)}|{_CAPITAL})"
            if speakers
            else _NOTHING
        ),
        subject_end=_compile(rf"\s{lists.any('subject_ends')}"),
        noun_phrase=_compile(
            _noun_phrase(lists, pronouns, words.outlet_words)
            if reading["word_order"] == "verb-second"
            else _bare_noun_phrase(lists, set(speakers), pronouns)
            if reading["adjectives"]
            else _NOTHING
        ),
        announcement=_compile(lists.any("announcements")),
        oblique=_compile(_OBLIQUE if reading["word_order"] == "verb-second" else _NOTHING),
        noun_link=_compile(rf"\W*+{lists.any('noun_links')}"),
        postposition=_compile(lists.any("postpositions")),
        auxiliary=_compile(rf"\s{_any(auxiliaries)}(?=\s)"),
        clause_opener=_compile(rf"\b{_any(openers)}\s*"),
        relative_pronoun=_compile(rf"\b{lists.any('relative_pronouns')}\s*$"),
        determiner=_compile(rf"\W*+{determiner}"),
        addressee=_compile(rf"\s*({lists.any('addressees')})"),
        aside=_compile(rf"\W*+(?:{_any([*relatives, *lists.items('asides')])})"),
        agent=_compile(rf",\s+\w+\s(?:{lists.any('agents')})\s?"),
        experiencer=_compile(rf"\W*+{lists.any('experiencers')}"),
        cue_source=_compile(lists.any("cue_sources")),
        impersonal=_compile(lists.any("impersonals")),
        gerund=_compile(lists.any("gerunds")),
        controller=_compile(rf"\b{lists.any('controllers')}\s*$"),
        reported=_compile(rf"\b{lists.any('reported')}"),
        subordinate=_compile(
            rf"\W*+(?:(?:\w+\s)?{_RELATIVE}|{_any([*complementisers, *lists.items('conjunctions')])})"
            if reading["word_order"] == "verb-second"
            else _NOTHING
        ),
        dependent=_compile(rf"\b(?:{lists.any('reported')}|{_TO})"),
        participle=_compile(_PARTICIPLE if reading["word_order"] == "verb-second" else _NOTHING),
        passive=_compile(r"\b(?:wird|wurden?|w[eo]rden?)\b"),
        passive_agent=_compile(rf"\b{lists.any('passive_agents')}\s"),
        negation=_compile(rf"\b{_any(negations)}(?:\s+{_any(auxiliaries)}){{0,2}}\s+$"),
        leaning=_compile(rf"\b(?:(?P<settled>{lists.any('settled')})|{_any(leaning)})"),
        negative=_compile(rf"\b{lists.any('negatives')}"),
        first_person=_compile(rf"\b{lists.any('first_person')}"),
        possibility=_compile(rf"\b{lists.any('possibility')}"),
        future=_compile(rf"\b{lists.any('future')}"),
        date=_compile(rf"\b{lists.any('dates')}"),
    )


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def alternatives(listed: str) -> str:
    """A pattern for any of some words, as the lexicons list them: parted by comma and space."""
    return _any(map(_spelled, listed.split(", ")))


def _spelled(item: str) -> str:
    """Let any white space stand for a space, and either apostrophe."""
    return item.replace(" ", r"\s").replace("'", _APOSTROPHE)


def _any(patterns: Iterable[str], end: str = r"(?!\w)") -> str:
    """Alternatives, the longer first, each up to the end of a word unless it ends in an apostrophe."""
    ordered = sorted(patterns, key=lambda one: (-len(one), one))
    alternatives = [one if one.endswith(_APOSTROPHE) else one + end for one in ordered]
    return f"(?:{_either(alternatives)})" if alternatives else _NOTHING


def _either(alternatives: Iterable[str]) -> str:
    """Join alternatives, those that share their first letter as one: most are then never tried.

    Only what cannot match at the same place changes its order.
    """
    joined: list[str] = []
    by_letter: dict[str, list[str]] = {}
    for one in [*alternatives, None]:
        if one and _LETTER_FIRST.match(one):
            by_letter.setdefault(one[0], []).append(one[1:])
            continue
        joined += [f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items()]
        by_letter.clear()
        joined += [] if one is None else [one]
    return "|".join(joined)


def _noun_phrase(lists: _Lists, pronouns: Iterable[str], outlets: Iterable[str]) -> str:
    """*die 45-jährige Chefin der „Grünen“ (BDK)*; *Jaap de Vries, 45*; *Meier von n-tv*; *sie*."""
    adjective = r"(?-i:[\da-zß-ÿ][\da-zß-ÿ-]{2,}e[nmrs]?)\s+"
    quoted = r"[„“\"«»][^„“”\"«»]{1,60}[“”\"«»](?:-\w+)?"
    bracket = r"\([^()]{1,40}\)"
    small = r"(?-i:[a-zß-ÿ]+(?:\d+|\.[a-z]{2,}))"  # "n24", "ver.di"
    name = rf"(?:(?:(?-i:{_PARTICLES})[\s-]){{0,2}}{_NAMED}|{small}|{_any(outlets)})"
    # Nothing goes on with a quoted name: "laut „Reuters“ | Warnschüsse".
    nouns = rf"(?:{quoted}|{name}(?:\s+(?:{name}|{bracket}))*(?:\s+{quoted})?)(?:\s+{bracket})*"
    alone = rf"{lists.any('determiners')}\s+(?-i:[a-zß-ÿ]{{2,}}e[nmrs]?)(?=,|$)"  # "dem jüngsten,"
    # "der | aus Kiel stammende | Anwalt"
    more = (
        rf"(?:{lists.any('prepositions')}\s+(?:[\w.-]+\s+){{1,4}}?(?=\w+(?:end|t|en)e[nmrs]?\s))?"
    )
    one = rf"(?:{lists.any('determiners')}\s+{more})?(?:{adjective}){{0,3}}{nouns}(?:,\s\d{{1,3}}(?=,))?"
    return rf"\s*(?:{one}(?:\s+{lists.any('noun_links')}\s+{one})*|{alone}|{_any(pronouns)})"


def _bare_noun_phrase(lists: _Lists, speakers: Collection[str], pronouns: Iterable[str]) -> str:
    """*nové mluvčí ministerstva vnitra Jany Malé (ODS)*: a noun, known genitives, then names."""
    noun_word = rf"(?!{lists.any('clitics')})"  # "podle mluvčího | se čeká"
    # "mluvčí" looks like an adjective, and is none.
    adjective = rf"(?!{_any(speakers)})(?-i:(?=[{SMALL}])){lists.any('adjectives')}"
    adjectives = rf"(?:{adjective}\s+){{0,3}}"
    quoted = r"[„“\"«][^„“”\"«»]{1,60}[“”\"»]"
    # "ministerstva vnitra Jana Malého": any words before a first and a last name.
    before_name = rf"{noun_word}\w+(?=(?:\s\w+)?\s{_CAPITAL}\w*\s{_CAPITAL})"
    genitives = _any(_without_subjects(lists, speakers))
    more = rf"(?:\s+(?:{adjectives}{genitives}|{before_name}))*"
    noun = rf"(?:{_any(speakers)}{more}|{noun_word}(?-i:[{SMALL}])[\w-]*{more}|{quoted}|{_NAMED})"
    names = rf"(?:\s+(?:{_NAMED}|{quoted}|\([^()]{{1,40}}\)|ze?\s{_NAMED}))*"
    one = rf"(?:{lists.any('determiners')}\s+)*{adjectives}{noun}{names}"
    return rf"\s*(?:{_any(pronouns)}|{one})"


def _without_subjects(lists: _Lists, nouns: Collection[str]) -> set[str]:
    """Nouns but for those that are subjects by their form: not *vláda* beside *vlády*."""
    pairs = [one.partition("/") for one in lists.words("genitives")]
    return {
        noun
        for noun in nouns
        if not any(
            noun.endswith(subject) and noun.removesuffix(subject) + oblique in nouns
            for oblique, _, subject in pairs
            if oblique
        )
    }


class _Lists:
    """The lists of a language; placeholders are filled in: ``<time>`` stands for any of ``times``."""

    def __init__(self, reading: dict[str, Any]) -> None:
        self._reading = reading

    def words(self, name: str) -> list[str]:
        listed: str = self._reading[name]
        return listed.split(", ") if listed else []

    def items(self, *names: str) -> list[str]:
        words = (_spelled(word) for name in names for word in self.words(name))
        return [_PLACEHOLDER.sub(self._fill, word) for word in words]

    def any(self, *names: str) -> str:
        return _any(self.items(*names))

    def _fill(self, placeholder: re.Match[str]) -> str:
        if placeholder[1] == "name":
            return _NAME
        if placeholder[1] == "told":
            return _any((rf"(?<={one}\s)" for one in self.items("tellers")), end="")
        return self.any(f"{placeholder[1]}s")
