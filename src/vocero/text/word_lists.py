"""The word lists of a lexicon as patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vocero.text.letters import CAPITAL, SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "APOSTROPHE",
    "CAPITALISED",
    "NAMED",
    "NOTHING",
    "Lists",
    "alternatives",
    "any_of",
    "spelled",
]

NOTHING = r"(?!)"
"""A pattern that matches nothing."""

APOSTROPHE = "['’]"
"""A pattern for either apostrophe."""

CAPITALISED = rf"(?-i:{CAPITAL})"
"""A pattern for a capital."""

NAMED = rf"{CAPITALISED}[\w.\x27\u2019/-]*"
"""A pattern for a word that begins with one."""

# A letter that is one of a pattern, whatever follows.
_LETTER_FIRST = re.compile(rf"[{SMALL}](?![?*+{{])")
_PLACEHOLDER = re.compile(r"<(\w+)>")
# Up to six such words, "BBC", "The New York Times"; but an acronym before a first and a last name is
# a name of its own: "a EFE Juan Villalonga".
_ACRONYM = rf"(?-i:{CAPITAL}{{2,}}(?=\s{CAPITAL}[{SMALL}]+\s{CAPITAL}))"
_NAME = rf"(?:{_ACRONYM}|{NAMED}(?:\s{NAMED}){{0,5}})"


class Lists:
    """The lists of a language; placeholders are filled in: ``<time>`` stands for any of ``times``."""

    def __init__(self, reading: dict[str, Any]) -> None:
        self._reading = reading

    def words(self, name: str) -> list[str]:
        """Return the items of a list as they stand in the lexicon."""
        listed: str = self._reading[name]
        return listed.split(", ") if listed else []

    def items(self, *names: str) -> list[str]:
        """Return the items of some lists as patterns."""
        words = (spelled(word) for name in names for word in self.words(name))
        return [_PLACEHOLDER.sub(self._fill, word) for word in words]

    def any(self, *names: str) -> str:
        """Return a pattern for any item of some lists."""
        return any_of(self.items(*names))

    def _fill(self, placeholder: re.Match[str]) -> str:
        if placeholder[1] == "name":
            return _NAME
        if placeholder[1] == "told":
            return any_of((rf"(?<={one}\s)" for one in self.items("tellers")), end="")
        return self.any(f"{placeholder[1]}s")


def alternatives(listed: str) -> str:
    """A pattern for any of some words, as the lexicons list them: parted by comma and space."""
    return any_of(map(spelled, listed.split(", ")))


def spelled(item: str) -> str:
    """Let any white space stand for a space, and either apostrophe."""
    return item.replace(" ", r"\s").replace("'", APOSTROPHE)


def any_of(patterns: Iterable[str], end: str = r"(?!\w)") -> str:
    """Alternatives, the longer first, each up to the end of a word unless it ends in an apostrophe."""
    ordered = sorted(patterns, key=lambda one: (-len(one), one))
    ended = [one if one.endswith(APOSTROPHE) else one + end for one in ordered]
    return f"(?:{_either(ended)})" if ended else NOTHING


def _either(patterns: Iterable[str]) -> str:
    """Join alternatives, those that share their first letter as one: most are then never tried.

    Only what cannot match at the same place changes its order.
    """
    joined: list[str] = []
    by_letter: dict[str, list[str]] = {}
    for one in [*patterns, None]:
        if one and _LETTER_FIRST.match(one):
            by_letter.setdefault(one[0], []).append(one[1:])
            continue
        joined += [f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items()]
        by_letter.clear()
        joined += [] if one is None else [one]
    return "|".join(joined)
