"""The proper names that a text has: all of them, by their last words, and as they are as subjects."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from vocero.extraction.names import name_key, own_name, runs
from vocero.text.grammar import grammar
from vocero.text.lexicons import entry, function_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

__all__ = ["full_names", "nominative", "proper_names"]

_GENITIVES = frozenset({"de", "del", "of", "for", "du", "do"})
# A longer name is hardly a person's.
_CASE_WORDS = 3
# Words that are remembered between articles.
_REMEMBERED = 5_000


def proper_names(text: str, language: str | None) -> frozenset[str]:
    """Find the runs of capitals in a text, without titles and words that open a sentence."""
    return frozenset(name for _, name in _names_in(text, language))


def _names_in(text: str, language: str | None) -> Iterator[tuple[int, str]]:
    """The same in order, each with where its run begins."""
    for start, words in runs(text):
        yield start, _without_opener(words, language)


def nominative(name: str, known: AbstractSet[str], language: str | None) -> str | None:
    """Undo the genitive of a name: *Jana Nováka* is *Jan Novák* where that is a known name.

    Args:
        name: In the genitive, as behind *podle*: elsewhere Russian *Petrova* is a woman.
        known: Names, some of them as subjects.
        language: ISO 639-1 code.

    Returns:
        The known name of which each word is a form of the same word; None for none or several.
    """
    endings, words = grammar(language).genitives, name.split()
    if not endings or len(words) > _CASE_WORDS:
        return None
    forms = product(*(_nominatives(word, endings) for word in words))
    found = ({" ".join(one) for one in forms} & known) - {name}
    return found.pop() if len(found) == 1 else None


def _nominatives(word: str, endings: Iterable[tuple[str, str]]) -> list[str]:
    return [
        word.removesuffix(oblique) + subject
        for oblique, subject in endings
        if word.endswith(oblique)
    ]


def full_names(text: str, language: str | None) -> dict[str, str]:
    """Find the proper names of a text by their last word: ``{"kirby": "John Kirby"}``.

    A last word that ends two different names is left out, for it identifies neither.
    """
    by_last: dict[str, set[str]] = {}
    heading = text.find("\n")
    for at, name in _names_in(text, language):
        parts = name.split()
        # "Europa de Airbus": who has been called by a last word alone has no name of this kind.
        if len(parts) > 1 and parts[-2] in _GENITIVES:
            place = text.find(parts[-1], heading + 1)
            if 0 <= place < at:
                continue
        if len(parts) > 1:
            by_last.setdefault(name_key(parts[-1]), set()).add(name)
    return {last: min(names, key=len) for last, names in by_last.items() if _one_name(names)}


def _without_opener(words: str, language: str | None) -> str:
    """Take titles and what opens a sentence off a run of capitals: *Según Kirby*, *Mr Hale*."""
    while len(parts := words.split(maxsplit=1)) > 1 and _opens(parts[0], language):
        words = parts[1]
    if grammar(language).bare_nouns:
        return words[own_name(words) :]
    # "CEO de Apple" names an office and no person.
    return "" if words[:1].islower() else words


@lru_cache(maxsize=_REMEMBERED)
def _opens(first: str, language: str | None) -> bool:
    """Tell whether a word is a title, or opens a sentence and no name."""
    if first.lower() in function_words(language).titles:
        return True
    g = grammar(language)
    if g.bare_nouns and language and (known := entry(first.lower(), language)) and known.noun:
        return True  # "Prohlášení Nováka"
    openers = (g.subordinator, g.as_word, g.coordinator, g.determiner)
    return any(one.match(f"{first} ") for one in openers)


def _one_name(names: set[str]) -> bool:
    shortest = name_key(min(names, key=len))
    return all(name_key(name).endswith(shortest) for name in names)
