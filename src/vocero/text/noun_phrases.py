"""Patterns for noun phrases: as German builds them, and as languages without articles do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vocero.text.letters import SMALL
from vocero.text.word_lists import CAPITALISED, NAMED, any_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from vocero.text.word_lists import Lists

__all__ = ["bare_noun_phrase", "noun_phrase"]

# Within a name, in lower case.
_PARTICLES = "van de[nr]|van|von|de|del|della|di|da|dos|du|la|le|ten|ter|bin|ibn|ben|al|el"


def noun_phrase(lists: Lists, pronouns: Iterable[str], outlets: Iterable[str]) -> str:
    """*die 45-jährige Chefin der „Grünen“ (BDK)*; *Jaap de Vries, 45*; *Meier von n-tv*; *sie*."""
    adjective = r"(?-i:[\da-zß-ÿ][\da-zß-ÿ-]{2,}e[nmrs]?)\s+"
    quoted = r"[„“\"«»][^„“”\"«»]{1,60}[“”\"«»](?:-\w+)?"
    bracket = r"\([^()]{1,40}\)"
    small = r"(?-i:[a-zß-ÿ]+(?:\d+|\.[a-z]{2,}))"  # "n24", "ver.di"
    name = rf"(?:(?:(?-i:{_PARTICLES})[\s-]){{0,2}}{NAMED}|{small}|{any_of(outlets)})"
    # Nothing goes on with a quoted name: "laut „Reuters“ | Warnschüsse".
    nouns = rf"(?:{quoted}|{name}(?:\s+(?:{name}|{bracket}))*(?:\s+{quoted})?)(?:\s+{bracket})*"
    alone = rf"{lists.any('determiners')}\s+(?-i:[a-zß-ÿ]{{2,}}e[nmrs]?)(?=,|$)"  # "dem jüngsten,"
    # "der | aus Kiel stammende | Anwalt"
    more = (
        rf"(?:{lists.any('prepositions')}\s+(?:[\w.-]+\s+){{1,4}}?(?=\w+(?:end|t|en)e[nmrs]?\s))?"
    )
    one = rf"(?:{lists.any('determiners')}\s+{more})?(?:{adjective}){{0,3}}{nouns}(?:,\s\d{{1,3}}(?=,))?"
    return rf"\s*(?:{one}(?:\s+{lists.any('noun_links')}\s+{one})*|{alone}|{any_of(pronouns)})"


def bare_noun_phrase(lists: Lists, speakers: Collection[str], pronouns: Iterable[str]) -> str:
    """*nové mluvčí ministerstva vnitra Jany Malé (ODS)*: a noun, known genitives, then names."""
    noun_word = rf"(?!{lists.any('clitics')})"  # "podle mluvčího | se čeká"
    # "mluvčí" looks like an adjective, and is none.
    adjective = rf"(?!{any_of(speakers)})(?-i:(?=[{SMALL}])){lists.any('adjectives')}"
    adjectives = rf"(?:{adjective}\s+){{0,3}}"
    quoted = r"[„“\"«][^„“”\"«»]{1,60}[“”\"»]"
    # "ministerstva vnitra Jana Malého": any words before a first and a last name.
    before_name = rf"{noun_word}\w+(?=(?:\s\w+)?\s{CAPITALISED}\w*\s{CAPITALISED})"
    genitives = any_of(_without_subjects(lists, speakers))
    more = rf"(?:\s+(?:{adjectives}{genitives}|{before_name}))*"
    noun = rf"(?:{any_of(speakers)}{more}|{noun_word}(?-i:[{SMALL}])[\w-]*{more}|{quoted}|{NAMED})"
    names = rf"(?:\s+(?:{NAMED}|{quoted}|\([^()]{{1,40}}\)|ze?\s{NAMED}))*"
    one = rf"(?:{lists.any('determiners')}\s+)*{adjectives}{noun}{names}"
    return rf"\s*(?:{any_of(pronouns)}|{one})"


def _without_subjects(lists: Lists, nouns: Collection[str]) -> set[str]:
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
