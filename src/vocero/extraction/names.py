"""What the words that name a source tell about it: its name, kind, role and country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import combining

from vocero.text.cues import FunctionWords, function_words
from vocero.text.fold import caseless
from vocero.text.grammar import grammar

if TYPE_CHECKING:
    from vocero.schema import ActorKind, MentionForm

__all__ = ["Named", "countries_in", "country_of", "full_names", "name_key", "read_name"]

_TOKEN = re.compile(r"[\w.&'’-]+")
# A full stop belongs to a name only behind an initial: "John F. Kennedy", not "dijo Kirby. Putin".
_CAPITAL = r"(?:(?:[^\W\d_a-zß-öø-ÿ]\.)+|[^\W\d_a-zß-öø-ÿ][\w&'’-]*)"
_RUN = re.compile(
    rf"{_CAPITAL}(?:(?:[^\S\n]+(?:de|del|de la|de los|of|of the|for|von|van|der|di|da|do|dos|du|al|bin|ben|y|e|&))?"
    rf"[^\S\n]+{_CAPITAL}|[^\S\n]+\d+)*"
)
_OF = re.compile(r"\b(?:de|del|de la|de los|de las|of|of the|von|vom|der|des|für|di|della|do|da|du|des|la|los|las|en|al)\s+$")
# The head of a noun phrase stands among its first words: "un reciente informe", "the new report".
_HEAD_WORDS = 4


@dataclass(frozen=True, slots=True)
class Named:
    """A mention, taken apart. Every string is a slice of the mention."""

    form: MentionForm
    name: str
    """What to call the actor: its proper name, or the description without its article."""
    kind: ActorKind | None = None
    role: str | None = None
    country: str | None = None
    anonymous: bool = False
    definite: bool = False
    """A description of somebody known from elsewhere: *el portavoz*, *the company*."""


def name_key(words: str) -> str:
    """Fold a name for comparison: *Vladímir* and *VLADIMIR* are one."""
    return "".join(char for char in caseless(words) if not combining(char))


def read_name(words: str, language: str | None) -> Named:
    """Take the words that name a source apart, by closed word lists."""
    lists, text = function_words(language), words.strip()
    found = grammar(language).determiner.match(text)
    bare = text[found.end() :] if found else text
    lower = bare.lower()
    if text.lower() in lists.pronouns or lower in lists.pronouns:
        return Named("pronoun", text)
    if seat := lists.metonyms.get(lower) or lists.metonyms.get(text.lower()):
        return Named("metonym", bare, "government", country=seat[1])
    if (code := lists.countries.get(lower)) and bare[:1].isupper():
        return Named("metonym", bare, "government", country=code)
    heads = [token.group() for token in _TOKEN.finditer(bare)][:_HEAD_WORDS]
    country = country_of(bare, language)
    for head in heads:
        if head.lower() in lists.document_words:
            return Named("nominal", bare, "document", country=country)
        if head.lower() in lists.government_words:
            return Named("named", bare, "government", country=country)
        if head[:1].isupper() and head != heads[0]:
            break
    return _person_or_other(text, bare, heads, lists, country)


def _person_or_other(
    text: str, bare: str, heads: list[str], lists: FunctionWords, country: str | None
) -> Named:
    titled = bool(heads) and (
        heads[0].lower() in lists.generic_nouns or heads[0].lower() in lists.titles
    )
    runs = [run for run in _RUN.finditer(bare) if not (titled and run.start() == 0 and " " not in run.group())]
    if titled:
        # "la portavoz del Consejo, Ana Ruiz": a name behind "of" is the institution's, not hers.
        own = [run for run in runs if run.start() and not _OF.search(bare, 0, run.start())]
        anonymous = heads[0].lower() in lists.anonymous_nouns
        if own:
            role = bare[: own[-1].start()].strip(" ,\xa0")
            return Named("named", own[-1].group(), "person", role or None, country)
        kind: ActorKind = "group" if anonymous else "person"
        return Named("nominal", bare, kind, country=country, anonymous=anonymous, definite=bare != text)
    if runs and (runs[0].start() == 0 or bare == text):
        name = runs[0].group()
        tokens = name.split()
        office = next((n for n, word in enumerate(tokens) if n and word.lower() in lists.generic_nouns), 0)
        if office:  # "John Kirby Portavoz de la Casa Blanca", as under a pull-quote
            cut = bare.index(tokens[office])
            return Named("named", bare[:cut].strip(), "person", bare[cut:].strip(), country)
        outlet = any(token.lower() in lists.outlet_words for token in name.split())
        role = bare[runs[0].end() :].strip(" ,\xa0") if bare[runs[0].end() :].startswith(",") else None
        known = role is not None and (role.split() or [""])[0].lower() in lists.generic_nouns
        kind_: ActorKind | None = "outlet" if outlet else "person" if known else None
        return Named("named", name, kind_, role or None, country)
    if any(head.lower() in lists.outlet_words for head in heads):
        return Named("named" if runs else "nominal", bare, "outlet", country=country)
    anonymous = any(head.lower() in lists.anonymous_nouns for head in heads)
    group: ActorKind | None = "group" if anonymous else None
    return Named("nominal", bare, group, country=country, anonymous=anonymous, definite=bare != text)


@cache
def _places(language: str | None) -> tuple[re.Pattern[str], dict[str, str]]:
    lists = function_words(language)
    codes = {**{name: seat[1] for name, seat in lists.metonyms.items()}, **lists.countries}
    longest = sorted(codes, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{pattern})(?:e?s)?(?!\w)", re.IGNORECASE), codes


def countries_in(words: str, language: str | None) -> list[str]:
    """Return the ISO codes of the countries, demonyms and seats of power that the words name, in order."""
    pattern, codes = _places(language)
    found: list[str] = []
    for place in pattern.finditer(words):
        name = place.group().lower()
        found += [codes[form] for form in (name, name[:-1], name[:-2]) if form in codes][:1]
    return found


def country_of(words: str, language: str | None) -> str | None:
    """Return the first of `countries_in`; None if there is none."""
    return next(iter(countries_in(words, language)), None)


def full_names(text: str) -> dict[str, str]:
    """Find the proper names of a text by their last word: ``{"kirby": "John Kirby"}``.

    A last word that ends two different names is left out, for it identifies neither.
    """
    by_last: dict[str, set[str]] = {}
    for run in _RUN.finditer(text):
        parts = run.group().split()
        if len(parts) > 1:
            by_last.setdefault(name_key(parts[-1]), set()).add(run.group())
    return {last: min(names, key=len) for last, names in by_last.items() if _one_name(names)}


def _one_name(names: set[str]) -> bool:
    shortest = name_key(min(names, key=len))
    return all(name_key(name).endswith(shortest) for name in names)
