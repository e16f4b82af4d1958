"""A cue in its sentence, and the clauses around it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vocero.text.grammar import Grammar, grammar
from vocero.text.quotes import overlapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.text.cues import Cue
    from vocero.text.quotes import Quotation

__all__ = [
    "DASH_BEFORE",
    "LAST_WORD",
    "REACH",
    "RELATIVE",
    "STATEMENT_WORDS",
    "SUBJECT_WORDS",
    "Clauses",
    "Range",
    "Site",
    "trim",
]

Range = tuple[int, int]
"""Half-open, in code points of the text."""

SUBJECT_WORDS = 9
"""A subject hardly has more words."""

REACH = SUBJECT_WORDS + 3
"""Between a cue and what is said, a subject with its addressee: *dijo ayer el ministro a la prensa*."""

_WORD = re.compile(r"\w++(?:[.,'’]\w++)*+")
# As the lexicons list words, an elided one for itself: "qu'".
_LISTED = re.compile(r"\w++(?:['’](?=\w))?+")
_BREAK = re.compile(r"[,;:()–—\n-]")
_BRACKET = re.compile(r"[()]")
# ", 45," and ", de 45 años," stand within the name that they belong to.
_AGE = re.compile(r",\s(?:d[ei]\s)?\d{1,3}(?:\s[^\W\d_]+)?,")
_PARTING = {",", ".", "!", "?", "…", "-", "–", "—"}
_EDGES = " \t\r\n\xa0\u2009\u202f,;:.–—-•"
DASH_BEFORE = re.compile(r"(?:[–—]|(?<=\s)-)\s*$")
"""Search right before a cue for the dash of an aside."""
LAST_WORD = re.compile(r"\b\w++\s*$")
"""Search in a stretch for its last word."""
RELATIVE = re.compile(r"\s*(der|die|das)(?: sich\b|(?=\s))")
"""Match where a German relative clause may open; the group is its pronoun."""
STATEMENT_WORDS = 4
"""Fewer hardly make a statement: *Ayer, dijo*. A shorter quotation is a term that is quoted."""
# Nothing is read further from its cue than so many breaks; keeps the reading linear on any text.
_BREAKS = 32
# The dashes that open a line of dialogue.
_SPEECH = "—―–-"
# Code points that a coordinator takes with the words it may stand before.
_COORDINATOR = 60


@dataclass(frozen=True)
class Site:
    """A cue in its surroundings."""

    text: str
    sentence: Range
    cue: Cue
    quotations: Sequence[Quotation]
    """The outermost quotations of the whole text, in order."""
    cues: Sequence[Cue]
    """Every cue of the sentence, in order."""
    language: str | None

    def words(self, start: int, end: int) -> int:
        """Count the words in a range."""
        return len(_WORD.findall(self.text, start, end))

    @cached_property
    def clauses(self) -> Clauses:
        """The clauses around the cue."""
        return Clauses(self)


class Clauses:
    """The breaks of a sentence (commas, dashes and the like), and questions about what they part.

    A break lies outside quotations, and outside round brackets unless the cue stands within them.
    """

    def __init__(self, site: Site) -> None:
        self.site, self.text = site, site.text
        self.grammar: Grammar = grammar(site.language)
        self.start, end = self._bounds()
        self.quoted = [
            (one.start, self._told(one) or one.end)
            for one in overlapping(site.quotations, self.start, end)
            if not (one.start < self.start and end < one.end)
        ]
        self._opened = [opened for opened, _ in self.quoted]
        self.end = self._end(end)
        self.breaks = self._breaks()
        before, after = self.before(site.cue.start), self.after(site.cue.end)
        self.lead = before[-1] + 1 if before else self.start
        """Where the stretch between two breaks begins that the cue stands in."""
        self.tail = after[0] if after else self.end
        """Where it ends."""

    def _bounds(self) -> Range:
        """The sentence; for a cue within a quotation, what of the sentence is quoted there."""
        text, cue, (start, end) = self.text, self.site.cue, self.site.sentence
        for one in overlapping(self.site.quotations, cue.start, cue.end):
            inner = max(start, one.inner_start), min(end, one.inner_end)
            long = self.site.words(*inner) >= STATEMENT_WORDS
            # "“We hope,” said Ann"; but "Ana “anunció” que …".
            stated = long or (one.closed and self.is_set_off(one.end))
            # "“Es caro – dijo X – y lento”": an aside is no part of what is quoted.
            if (
                stated
                and one.start < cue.start
                and self._told(one) is None
                and not DASH_BEFORE.search(text, *inner[:1], cue.start)
            ):
                return inner
        return start, end

    def _told(self, quotation: Quotation) -> int | None:
        """Where speech ends that no mark closes, if the cue tells who speaks: *— Je pars, dit Anne*."""
        text, at, end = self.text, self.site.cue.start, self.site.cue.end
        if not quotation.start < at < quotation.end:
            return None
        left_open = not quotation.closed and self.grammar.speaker.match(text, end, quotation.end)
        if text[quotation.start] not in _SPEECH and not left_open:
            return None
        while text[at - 1].isspace():
            at -= 1
        return at - 1 if text[at - 1] == "," else None

    def _end(self, end: int) -> int:
        """Leave out the full stop, and take in a quotation that ends behind it."""
        closed = {close for _, close in self.quoted}
        while end > self.start and self.text[end - 1] in ".!?… \xa0" and end not in closed:
            end -= 1
        for opened, close in self.quoted:
            if opened < end < close or end <= close <= self.site.sentence[1]:
                end = close
        return end

    def _breaks(self) -> list[int]:
        text, start, end = self.text, self.start, self.end
        silent: set[int] = set()
        opened = None
        for bracket in _BRACKET.finditer(text, start, end):
            if bracket[0] == "(":
                opened = bracket.start()
            elif opened is not None:
                if not opened < self.site.cue.start < bracket.start():
                    silent.update(range(opened, bracket.end()))
                opened = None
        for age in _AGE.finditer(text, start, end):
            silent.update((age.start(), age.end() - 1))
        return [
            at
            for at in (found.start() for found in _BREAK.finditer(text, start, end))
            if at not in silent and not self.inside(at) and self._parts(at)
        ]

    def _parts(self, at: int) -> bool:
        """Tell whether a mark parts anything: not that of *1.500,50* or *no-break*."""
        before, behind = self.text[at - 1 : at], self.text[at + 1 : at + 2]
        if self.text[at] == "-":
            return before.isspace() and behind.isspace() and at + 1 < self.end
        return not (before.isdigit() and behind.isdigit())

    def inside(self, at: int) -> bool:
        """Tell whether a position lies within a quotation."""
        place = bisect_right(self._opened, at) - 1
        return place >= 0 and at < self.quoted[place][1]

    def _is_name(self, at: int) -> bool:
        """Tell whether the quotation around a position is too short to be a statement."""
        place = bisect_right(self._opened, at) - 1
        return self.site.words(*self.quoted[place]) < STATEMENT_WORDS

    def crosses(self, start: int, end: int) -> bool:
        """Tell whether a range reads over a mark of the quotation that the cue stands in."""
        around = overlapping(self.site.quotations, self.site.cue.start, self.site.cue.end)
        return any(
            one.start < start < one.end < end or start < one.start < end < one.end
            for one in around
            if one.closed
        )

    def is_set_off(self, end: int) -> bool:
        """Tell whether punctuation parts a quotation that ends here from what follows: *“q”, dijo*."""
        # A mark may be typed as two.
        before = self.text[max(0, end - 3) : end - 1].rstrip("'")[-1:]
        behind = self.text[end : end + 2].lstrip()[:1]
        return before in _PARTING or behind in _PARTING

    def before(self, at: int) -> list[int]:
        """Return the breaks before a position, in order; the nearest 32."""
        place = bisect_left(self.breaks, at)
        return self.breaks[max(0, place - _BREAKS) : place]

    def after(self, at: int) -> list[int]:
        """Return the breaks from a position on, in order; the nearest 32."""
        place = bisect_left(self.breaks, at)
        return self.breaks[place : place + _BREAKS]

    def closes(self) -> bool:
        """Tell whether the cue ends a clause in which verbs may come last: *…, die er* **kritisierte**."""
        last = not self.site.words(self.site.cue.end, self.tail)
        return last and self.grammar.word_order == "verb-second"

    def complementiser(self, start: int, end: int) -> int | None:
        """Where the first complementiser outside quotations stands; not the *que* of *lo que*."""
        previous = ""
        for word in _LISTED.finditer(self.text, start, end):
            if self.inside(word.start()):
                if self.grammar.bare_nouns and self._is_name(word.start()):
                    continue  # "řekl listu „Kurýr“, že …"
                return None
            lower = word[0].lower().replace("’", "'")
            if (
                lower in self.grammar.complementisers
                and previous not in self.grammar.relative_heads
                and (self.grammar.word_order != "verb-second" or self.set_off(word.start()))
            ):
                return word.start()
            previous = lower
        return None

    def set_off(self, at: int) -> bool:
        """Tell whether a clause may begin here, where commas part clauses: *fragte, wie*, *und dass*."""
        before = self.text[max(0, at - _COORDINATOR) : at].rstrip()
        if not before or not before[-1].isalnum():
            return True
        last = before.split()[-1]
        return self.grammar.coordinator.fullmatch(last) is not None

    def skip(self, start: int, end: int) -> int:
        """Where the subject may begin after a cue: behind *hoy*, *el miércoles*, *a los periodistas*."""
        found = self.grammar.interposed.match(self.text, start, end)
        return found.end() if found else start

    def clause_end(self, start: int) -> int:
        """Where a clause ends that begins at ``start``: before a coordinated cue, or with the sentence."""
        if self.is_fronted:
            return next((at for at in self.after(start) if self.text[at] == ","), self.end)
        later = [cue for cue in self.site.cues if cue.start > start]
        last = later[-1].start if later else start
        for at in self.after(start):
            if at >= last:
                break
            relative = self.grammar.clause_relative
            if self.text[at] == ";" or relative.match(self.text, at + 1, self.end):
                return at
        for other in later:
            if not start + 3 < other.start < self.end or self.inside(other.start):
                continue
            reach = max(start, other.start - _COORDINATOR)
            found = self.grammar.coordination.search(self.text, reach, other.start)
            stop = found.start() if found else self._insertion(other)
            if stop is not None and not self.inside(stop) and self.site.words(start, stop) > 1:
                return stop
        return self.end

    @cached_property
    def is_fronted(self) -> bool:
        """Whether the main clause is still to come: *Aunque dijo que no, vino*; *Ana, que dijo …, vino*."""
        g, text, cue = self.grammar, self.text, self.site.cue
        if g.word_order == "verb-second" or cue.kind != "verb":
            return False
        joined = g.coordinator.match(text, self.start, cue.start)
        start = joined.end() if joined else self.start
        if any(g.conjunction.match(text, one, cue.start) for one in (self.start, start)):
            return not self.before(cue.start)
        if not self.site.words(start, cue.start):
            # "Diciendo que no, se fue"; "Asked if it was late, he laughed".
            gerund = g.gerund.fullmatch(text, cue.start, cue.end)
            return gerund is not None or g.word_order == "subject-verb"
        relative = g.relative_pronoun.search(text, self.lead, cue.start)
        if relative is None or self.site.words(self.lead, relative.start()):
            return False
        named = self.before(cue.start) == [self.lead - 1] and g.subject.match(
            text, start, self.lead
        )
        return named is not None and self.site.words(start, self.lead) <= SUBJECT_WORDS

    def _insertion(self, other: Cue) -> int | None:
        """Where another cue's clause begins that only follows: *…, dijo Ana*; *…, diciendo que no*."""
        at = other.start - 1
        while at > self.start and self.text[at].isspace():
            at -= 1
        if self.text[at] != ",":
            return None
        tail = next(iter(self.after(other.end)), self.end)
        head = self.skip(other.end, tail)
        follows = not self.site.words(head, tail) or self.grammar.speaker.match(
            self.text, head, tail
        )
        gerund = self.grammar.gerund.fullmatch(self.text, other.start, other.end)
        return at if follows or gerund else None


def trim(text: str, start: int, end: int, more: str = "") -> Range:
    """Leave out white space and outer punctuation, and whatever else is in ``more``."""
    edges = _EDGES + more
    while start < end and text[start] in edges:
        start += 1
    while end > start and text[end - 1] in edges:
        end -= 1
    return start, end
