"""The closed words of a language by what they do around a cue, compiled to patterns.

The words are data: the table ``[reading]`` of each file under ``lexicon/``. How far they carry, with
no knowledge of the words in between, is measured by ``benchmarks/readings.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from vocero.text.lexicons import LANGUAGES, FunctionWords, function_words, lexicon_data
from vocero.text.noun_phrases import bare_noun_phrase, noun_phrase
from vocero.text.word_lists import APOSTROPHE, CAPITALISED, NOTHING, Lists, any_of, spelled

__all__ = ["Grammar", "WordOrder", "grammar"]

WordOrder = Literal["free", "subject-verb", "verb-second"]
"""Where a subject stands whose verb comes before what is said.

``free``: on either side (*aseguró ayer el ministro que …*). ``subject-verb``: before the verb.
``verb-second``: behind the verb wherever something else opens the clause (*Am Abend sagte er, …*),
and the verbs of subordinate clauses come last (*wie der Minister sagte*).
"""


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
    particle_name: re.Pattern[str]
    """Match before a cue a name that opens like a phrase: **Von der Leyen** *sagte*."""
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
    indefinite: re.Pattern[str]
    """Match where a noun phrase opens that names nobody known: **una** *portavoz*, **zwei** *Ärzte*."""
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
    own_mood: re.Pattern[str]
    """Search in a sentence for what looks like that mood and is none: **ich habe**, **es lebe** *…*."""

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
    lists = Lists(reading)
    auxiliaries = [spelled(one) for one in left.get("auxiliaries", "").split()]
    negations = [spelled(one) for one in left.get("negations", "").split()]
    determiners = lists.items("determiners")
    # German relative pronouns are articles, too.
    relatives = [one for one in lists.items("relative_pronouns") if one not in determiners]
    complementisers = [spelled(one) for one in words.complementisers]
    openers = [*complementisers, *relatives, *lists.items("conjunctions", "coordinators")]
    people = [spelled(one) for one in (*words.generic_nouns, *words.anonymous_nouns)]
    bodies = (*words.outlet_words, *words.document_words, *words.government_words)
    speakers = [*people, *(spelled(one) for one in bodies)]
    pronouns = {spelled(one) for one in words.pronouns} - {*complementisers, *relatives}
    possessives = set(lists.words("possessives"))
    leaning = [spelled(one) for one in words.deictics if one not in possessives]
    determiner = any_of(
        (one if one.endswith(APOSTROPHE) else rf"{one}\s" for one in determiners), end=""
    )
    adjective = rf"(?:{lists.any('adjectives')}\s+){{0,3}}" if reading["bare_nouns"] else ""
    subject = (
        rf"\W*+(?:{determiner}|{adjective}(?:{any_of([*people, *pronouns])}|{CAPITALISED}|\d))"
    )
    one = r"(?:\w+\s)?"
    joining = rf",?\s+{lists.any('coordinators')}\s+(?:[^\s,]+\s+){{0,4}}"
    return Grammar(
        word_order=reading["word_order"] or "free",
        bare_clauses=bool(reading["bare_clauses"]),
        clause_comma=bool(reading["clause_comma"]),
        phrase_comma=bool(reading["phrase_comma"]),
        bare_nouns=bool(reading["bare_nouns"]),
        complementisers=words.complementisers,
        relative_heads=frozenset(lists.words("relative_heads")),
        droppable=frozenset(lists.words("droppable")),
        genitives=tuple(
            (oblique, subject)
            for oblique, _, subject in (one.partition("/") for one in lists.words("genitives"))
        ),
        complementiser_preposition=_compile(rf"\b{lists.any('complementiser_prepositions')}\s+$"),
        coordination=_compile(rf"(?:;\s*|{joining})$" if speakers else NOTHING),
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
            rf"(?:(?:(?<!\s)\s++|(?={APOSTROPHE})){lists.any('adverbs', 'times', 'clitics')})+\s*$"
        ),
        interposed=_compile(rf"\s*(?:{lists.any('times', 'addressees')}\s*+)++"),
        time=_compile(rf"\s*(?:{lists.any('times')}\s*+)++"),
        subject=_compile(subject if speakers else NOTHING),
        speaker=_compile(
            rf"\W*+{determiner}?{adjective or one}(?:{any_of(speakers)}|{CAPITALISED})"
            if speakers
            else NOTHING
        ),
        subject_end=_compile(rf"\s{lists.any('subject_ends')}"),
        noun_phrase=_compile(
            noun_phrase(lists, pronouns, words.outlet_words)
            if reading["word_order"] == "verb-second"
            else bare_noun_phrase(lists, set(speakers), pronouns)
            if reading["bare_nouns"]
            else NOTHING
        ),
        particle_name=_compile(rf"\s*{lists.any('particle_names')}(?=\s*$)"),
        announcement=_compile(lists.any("announcements")),
        oblique=_compile(rf"\s*{lists.any('obliques')}\s"),
        noun_link=_compile(rf"\W*+{lists.any('noun_links')}"),
        postposition=_compile(lists.any("postpositions")),
        auxiliary=_compile(rf"\s{any_of(auxiliaries)}(?=\s)"),
        clause_opener=_compile(rf"\b{any_of(openers)}\s*"),
        relative_pronoun=_compile(rf"\b{lists.any('relative_pronouns')}\s*$"),
        determiner=_compile(rf"\W*+{determiner}"),
        indefinite=_compile(rf"\W*+{lists.any('indefinites')}"),
        addressee=_compile(rf"\s*({lists.any('addressees')})"),
        aside=_compile(rf"\W*+(?:{any_of([*relatives, *lists.items('asides')])})"),
        agent=_compile(rf",\s+\w+\s(?:{lists.any('agents')})\s?"),
        experiencer=_compile(rf"\W*+{lists.any('experiencers')}"),
        cue_source=_compile(lists.any("cue_sources")),
        impersonal=_compile(lists.any("impersonals")),
        gerund=_compile(lists.any("gerunds")),
        controller=_compile(rf"\b{lists.any('controllers')}\s*$"),
        reported=_compile(rf"\b{lists.any('reported')}"),
        own_mood=_compile(rf"\b{lists.any('own_moods')}"),
        subordinate=_compile(
            rf"\W*+{any_of([*complementisers, *lists.items('conjunctions', 'relative_clauses')])}"
            if reading["word_order"] == "verb-second"
            else NOTHING
        ),
        dependent=_compile(rf"\b{lists.any('reported', 'infinitives')}"),
        participle=_compile(rf"\b{lists.any('participles')}"),
        passive=_compile(rf"\b{lists.any('passives')}"),
        passive_agent=_compile(rf"\b{lists.any('passive_agents')}\s"),
        negation=_compile(rf"\b{any_of(negations)}(?:\s+{any_of(auxiliaries)}){{0,2}}\s+$"),
        leaning=_compile(rf"\b(?:(?P<settled>{lists.any('settled')})|{any_of(leaning)})"),
        negative=_compile(rf"\b{lists.any('negatives')}"),
        first_person=_compile(rf"\b{lists.any('first_person')}"),
        possibility=_compile(rf"\b{lists.any('possibility')}"),
        future=_compile(rf"\b{lists.any('future')}"),
        date=_compile(rf"\b{lists.any('dates')}"),
    )


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
