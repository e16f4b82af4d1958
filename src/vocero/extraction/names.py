"""What the words that name a source tell about it: its name, kind, role and country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import filterfalse, islice, takewhile
from typing import TYPE_CHECKING
from unicodedata import combining

from vocero.extraction.countries import country_of
from vocero.text.fold import caseless
from vocero.text.grammar import grammar
from vocero.text.letters import CAPITAL
from vocero.text.lexicons import LANGUAGES, FunctionWords, function_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.schema import ActorKind, MentionForm

__all__ = [
    "GENITIVE",
    "NAMED",
    "Named",
    "name_key",
    "own_name",
    "read_name",
    "runs",
]

_MARKS = r"\u0300-\u036f"  # combining marks, in text that is not NFC
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(rf"[\w{_MARKS}.&'’-]+")
# A full stop belongs to a name only behind an initial: "John F. Kennedy", not "dijo Kirby. Putin".
NAMED = rf"(?:(?:{CAPITAL}\.)+|{CAPITAL}[\w{_MARKS}&'’-]*)"
"""One word of a name, as part of a regular expression that tells capitals."""
_LINK = r"de|del|de la|de los|of|of the|for|von|van|der|di|da|do|dos|du|al|bin|ben|y|e|&"
_GAP = r"[^\S\n]+"
_RUN = re.compile(rf"{NAMED}(?:(?:{_GAP}(?:{_LINK}))?{_GAP}{NAMED}|{_GAP}\d+)*")
_NAME_BEHIND = re.compile(rf"(?:{_GAP}{NAMED})+")
_LINK_BEHIND = re.compile(rf"{_GAP}(?:{_LINK}){_GAP}")
_AND = re.compile(rf"{_GAP}(?:y|e|&){_GAP}")
GENITIVE = (
    r"de|del|de la|de los|de las|von|vom|der|des|für|di|dei|degli|della|delle|dello|do|da|dos|das|du"
    r"|(?:of|for)(?: the)?"
)
"""What ties an office to its institution, as part of a regular expression."""
_OF = re.compile(rf"\b(?:{GENITIVE}|la|los|las|en|al|(?:at|in|from|with)(?: the)?)\s+$")
# Behind these stands the institution: "la portavoz | del Gobierno", "ein Sprecher | der Polizei".
_STOPS = re.compile(
    r"de|del|en|al|of|for|at|in|from|with|by|von|vom|der|des|für|du|di|della|do|da|dos|das|a"
)
# Where genitives have no preposition, one may stand before a name: of "Hrádkova Ilona Peštová" the
# last two words are hers; initials and a Russian patronymic come in between.
_OWN_NAME = re.compile(
    rf"(?:(?:{CAPITAL}\.{_GAP})+|{NAMED}{_GAP}(?:(?:{CAPITAL}\.|\w+(?:ич|ича|вна|вны)){_GAP})?)"
    rf"{NAMED}$"
)
# The head of a noun phrase stands among its first words: "un reciente informe", "the new report".
_HEAD_WORDS = 4
# Languages that put adjectives and institutions first: "White House spokesman", "State officials".
_HEAD_LAST = frozenset({"de", "en"})
# A title that also opens other names: "General Motors", "General Assembly".
_NO_TITLE = "general"
_BLANKS = " ,\xa0"
# Words that are remembered between articles, of which half have no others.
_REMEMBERED = 5_000


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
    """A description that may be of somebody known from elsewhere: *el portavoz*, *the company*."""


@lru_cache(maxsize=_REMEMBERED)
def name_key(words: str) -> str:
    """Fold a name for comparison: *Vladímir* and *VLADIMIR* are one."""
    if words.isascii() and words.isalnum():
        return words.lower()
    return "".join(filterfalse(combining, caseless(words)))


@dataclass(frozen=True, slots=True)
class _Words:
    """A mention without its article, and what the closed lists say of it."""

    bare: str
    heads: tuple[str, ...]
    """The first words, lower case: the head of the noun phrase is among them."""
    lists: FunctionWords
    country: str | None
    definite: bool
    own_article: str
    """An article that belongs to the name: **El** *Mercurio*; empty for none."""
    language: str | None

    def head_in(self, words: frozenset[str]) -> bool:
        return not words.isdisjoint(self.heads)


def read_name(  # noqa: PLR0911 - one a kind of mention
    words: str, language: str | None, *, opens: bool = True
) -> Named:
    """Take the words that name a source apart, by closed word lists.

    Args:
        words: The mention as the article has it.
        language: ISO 639-1 code; without lists for it only capitals tell a name.
        opens: Whether it opens a sentence, where any article has a capital; elsewhere one with a
            capital belongs to the name: *según* **El Mercurio**.
    """
    lists, text = function_words(language), words.strip()
    determiner = grammar(language).determiner
    bare_nouns = grammar(language).bare_nouns
    article = determiner.match(text)
    bare = text[article.end() :] if article else text
    more = bare.find(",")
    if more >= 0 and grammar(language).aside.match(bare, more + 1):
        bare = bare[:more]  # "la presidenta, que lleva once años en el cargo"
    if not _TOKEN.search(bare) or (bare_nouns and grammar(language).adjunct.match(bare)):
        bare = text  # "l’", an article and nothing else; "jeden z řidičů"
    if not (lists.pronouns | lists.deictics).isdisjoint((text.lower(), bare.lower())):
        return Named("pronoun", text)
    if text.lower() in lists.outlet_words:  # "El País": the article belongs to the name
        return Named("named", text, "outlet")
    if code := _seat(text, bare, lists):
        return Named("metonym", bare, "government", country=code)
    heads = _heads(bare)
    definite = article is None if bare_nouns else article is not None
    own = article is not None and not opens and text[:1].isupper() and bare[:1].isupper()
    own_article = text[: article.end()] if article and own else ""
    given = _Words(bare, heads, lists, country_of(bare, language), definite, own_article, language)
    kind, head = _head(given, language)
    if kind == "document":
        return Named("nominal", bare, "document", country=given.country)
    if kind == "government":
        return Named("named", bare, "government", country=given.country)
    if head is not None:
        return _titled(given, head)
    return _proper(given) or _described(given)


def _head(given: _Words, language: str | None) -> tuple[ActorKind | None, re.Match[str] | None]:
    """The word that tells what the source is, and what it tells; None and None without one."""
    front = given.bare.partition(",")[0]
    tokens = list(takewhile(lambda one: not _STOPS.fullmatch(one.group()), _TOKEN.finditer(front)))
    found: list[tuple[ActorKind | None, re.Match[str]]] = []
    for before, token, behind in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        word = token.group().lower()
        # A capital behind a capital is rather a last name, as in "Stephen King" and "Jude Law".
        inner = before is not None and before.group()[0].isupper() and token.group()[0].isupper()
        if word in given.lists.document_words and not inner:
            found.append(("document", token))
        elif word in given.lists.government_words:
            found.append(("government", token))
        elif word in given.lists.generic_nouns or word in given.lists.titles:
            titled = language in _HEAD_LAST and behind is not None and behind.group()[0].isupper()
            if not inner or titled:
                found.append(("person", token))
    if not found:
        return None, None
    return found[-1 if language in _HEAD_LAST else 0]


def _seat(text: str, bare: str, lists: FunctionWords) -> str | None:
    """ISO code of the country whose government a name stands for: *Pyongyang*."""
    if seat := lists.metonyms.get(bare.lower()) or lists.metonyms.get(text.lower()):
        return seat[1]
    return lists.countries.get(bare.lower()) if bare[:1].isupper() else None


def _heads(bare: str) -> tuple[str, ...]:
    """The words up to the first capital that is not the first word, four at most."""
    heads: list[str] = []
    for token in islice(_TOKEN.finditer(bare), _HEAD_WORDS):
        if heads and token.group()[:1].isupper():
            break
        heads.append(token.group().lower())
    return tuple(heads)


def _titled(given: _Words, office: re.Match[str]) -> Named:
    """*la portavoz del Consejo, Ana Ruiz*; *el portavoz*; *fuentes oficiales*; *Mr Hale*."""
    head, behind = office.group().lower(), office.end()
    follows = _NAME_BEHIND.match(given.bare, behind)
    if follows and office.group()[0].isupper():
        alone = head == _NO_TITLE and " " not in follows.group().strip()
        if head not in given.lists.titles or alone:  # "Partido Popular", "General Motors"
            return Named("named", given.bare, None, country=given.country)
    for run in reversed(list(_RUN.finditer(given.bare, behind))):
        # A name behind "of" is the institution's, not hers.
        if not _OF.search(given.bare, 0, run.start()):
            start = own_name(run.group()) if grammar(given.language).bare_nouns else 0
            name = run.group()[start:]
            role = given.bare[: run.start() + start].strip(_BLANKS)
            return Named("named", name, "person", role or None, given.country)
    anonymous = head in given.lists.anonymous_nouns
    # "los sindicatos", "los ministros": the plural of a noun in the list.
    nouns = given.lists.generic_nouns
    plural = head.endswith("s") and (head[:-1] in nouns or head[:-2] in nouns)
    return Named(
        "nominal",
        given.bare,
        "group" if anonymous or plural else "person",
        country=given.country,
        anonymous=anonymous,
        definite=given.definite,
    )


def runs(text: str) -> Iterator[tuple[int, str]]:
    """Find the runs of capitals in a text that may be names, in order.

    Yields:
        Where a run begins, in code points, and its words; of one with an *and* in it each part.
    """
    for run in _RUN.finditer(text):
        for words in _AND.split(run.group()):
            yield run.start(), words


def own_name(run: str) -> int:
    """Where the name of a person begins in a run of capitals, in code points."""
    found = _OWN_NAME.search(run)
    return found.start() if found else 0


def _proper(given: _Words) -> Named | None:
    """*Ana Ruiz, portavoz del grupo*; *New York Times*; None unless a name comes first."""
    run = _RUN.search(given.bare)
    if run is None or (run.start() and given.definite):
        return None
    name, rest = run.group(), given.bare[run.end() :]
    offices = given.lists.generic_nouns
    for word in list(_TOKEN.finditer(name))[1:]:
        # "John Kirby Portavoz de la Casa Blanca", and not "Stephen King".
        if word.group().lower() in offices and _LINK_BEHIND.match(name, word.end()):
            cut = run.start() + word.start()
            role = given.bare[cut:].strip()
            return Named(
                "named", given.bare[run.start() : cut].strip(), "person", role, given.country
            )
    if " " not in name and rest[:1].isspace() and not _is_apart(rest, given.language):
        return None  # "Shipping companies": a first word with a capital is rather no name
    role = rest.strip(_BLANKS) if rest.startswith(",") else ""
    if found := grammar(given.language).determiner.match(role):
        role = role[found.end() :]
    kind: ActorKind | None = None
    if any(word.lower() in given.lists.outlet_words for word in name.split()):
        kind = "outlet"
    elif role and role.split()[0].lower() in offices:
        kind = "person"
    return Named("named", given.own_article + name, kind, role or None, given.country)


def _is_apart(rest: str, language: str | None) -> bool:
    """Tell whether the words behind a name are none of its phrase: *Watson* **in** *Kyiv*."""
    g, first = grammar(language), _WORD.search(rest)
    if language not in LANGUAGES or first is None:
        return False
    return not first[0].islower() or any(
        one.match(rest) for one in (g.subordinator, g.noun_link, g.coordinator)
    )


def _described(given: _Words) -> Named:
    """*los sindicatos*, *una persona cercana*, *el diario de la capital*."""
    anonymous = given.head_in(given.lists.anonymous_nouns)
    kind: ActorKind | None = "group" if anonymous else None
    if given.head_in(given.lists.outlet_words):
        kind = "outlet"
    return Named(
        "nominal",
        given.bare,
        kind,
        country=given.country,
        anonymous=anonymous,
        definite=given.definite,
    )
