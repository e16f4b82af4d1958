"""Which words are the subject of a cue: those before its verb, or what its clause takes it from."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from vocero.text.bare_nouns import name_end, speaker_last
from vocero.text.letters import CAPITAL, SMALL
from vocero.text.site import LAST_WORD, RELATIVE, Clauses, Range, Site
from vocero.text.subjects_behind import subjects_at, subjects_behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "borrows_subject",
    "governed",
    "is_adverbial",
    "main_subject",
    "subject_before",
    "subjects_before",
]

_WORD = re.compile(r"\s*[\w-]+")
# A name that ends a stretch, "En Madrid | Ana Ruiz", and one that opens it, "Ana Ruiz | vino".
_NAME_LAST = re.compile(rf"(?<=[{SMALL}] )(?:{CAPITAL}[^\s,;:()]*\s+){{1,6}}$")
_NAME_FIRST = re.compile(rf"\s*(?:{CAPITAL}[\w.'’-]*(?:\s+|$|(?=[,;:)]))){{1,6}}")
_BREAK_BEFORE = re.compile(r"[,)–—-]\s*$")
# German: "von dem | die Polizei glaubt", "bei der | sie sagte".
_RELATIVE_PHRASE = re.compile(rf"\W*\w+\s(?:de[mnr]|die|das|denen|deren|dessen)\s(?=[{SMALL}])")
# More stretches between commas are an enumeration, not a name with its titles.
_STRETCHES = 4
# More words before "and" are a clause, not one of two speakers.
_JOINED_WORDS = 4
# A noun phrase before its postposition has no more: "Angaben des Senders Radio France zufolge".
_PHRASE_WORDS = 10
# Between a cue and its complementiser stand a space and hardly a preposition: "advirtió de que".
_JOINT = 4
# A cue that has no subject of its own has that of one of the last so many.
_EARLIER = 3


def subject_before(site: Site, clauses: Clauses) -> Range | None:
    """Find the subject of the cue that stands before it; None where it is elided or stands behind."""
    return next(subjects_before(site, clauses), None)


def borrows_subject(site: Site, clauses: Clauses) -> bool:
    """Tell whether a cue must have the subject of the main clause: *diciendo*, *al decir*, *and said*.

    *y dijo* need not: Spanish leaves out any subject that is known.
    """
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind == "preposition":
        return cue.factor == "want"  # "con la intención de"
    if cue.kind == "noun":
        return False
    if g.gerund.fullmatch(text, cue.start, cue.end):
        return True
    if g.controller.search(text, clauses.lead, cue.start):
        return True
    last = LAST_WORD.search(text, clauses.lead, cue.start)
    return bool(g.word_order != "free" and last and g.coordinator.fullmatch(text, *last.span()))


def governed(site: Site, clauses: Clauses) -> list[Range]:
    """Find whose words a preposition makes it: *según* **Ana Ruiz, portavoz del grupo**."""
    cue, g, text = site.cue, clauses.grammar, site.text
    if not g.postposition.fullmatch(text, cue.start, cue.end):
        return list(subjects_at(clauses, cue.end, clauses.end))
    words = list(re.finditer(r"\S+", text[clauses.lead : cue.start]))
    for word in words[-_PHRASE_WORDS:]:
        start = clauses.lead + word.start()
        if g.noun_phrase.fullmatch(text[start : cue.start].rstrip()):
            return [(start, cue.start)]
    return []


def main_subject(site: Site, clauses: Clauses) -> Iterator[Range]:
    """*X negó todo, diciendo que no*: the subject of an earlier cue, or who opens the sentence."""
    for other in reversed([one for one in site.cues if one.end <= site.cue.start][-_EARLIER:]):
        main = replace(site, cue=other)
        around = Clauses(main)
        if not clauses.inside(other.start) and not borrows_subject(main, around):
            yield from [*subjects_before(main, around), *subjects_behind(main, around)][:1]
            return
    if clauses.is_fronted:
        # "Diciendo que no, Ana se fue": the main clause is still to come.
        starts, stop = [clauses.clause_end(site.cue.end) + 1], clauses.end
    else:
        stop = site.cue.start
        starts = [clauses.start, *(one + 1 for one in clauses.before(stop))]
    yield from _first_subject(clauses, starts, stop)


def _first_subject(clauses: Clauses, starts: Iterable[int], stop: int) -> Iterator[Range]:
    """**The mayor of Leeds** *smiled, saying …*: who opens the sentence, as far as a name tells.

    A stretch may begin at each of ``starts``; nothing is read beyond ``stop``.
    """
    g, text = clauses.grammar, clauses.text
    for at in starts:
        joined = g.coordinator.match(text, at, stop)
        start = joined.end() if joined else at
        if clauses.inside(start) or g.subordinator.match(text, start, stop):
            continue
        article = g.determiner.match(text, start, stop)
        head = article.end() if article else start
        found = _NAME_FIRST.match(text, head, stop) or _WORD.match(text, head, stop)
        if found is None or any(start <= one.start < found.end() for one in clauses.site.cues):
            return
        if g.subject.match(text, start, stop):
            link = g.noun_link.match(text, found.end(), stop)
            more = _NAME_FIRST.match(text, link.end(), stop) if link else None
            yield (start, (more or found).end())
        return


def subjects_before(site: Site, clauses: Clauses, content: Sequence[Range] = ()) -> Iterator[Range]:
    """*X dijo*; *X, portavoz de Y, dijo*. Nothing where the subject is elided: *Además, dijo*; *y dijo*."""
    cue, g, text = site.cue, clauses.grammar, site.text
    start, stop = max(clauses.lead, _spoken(clauses, content)), cue.start
    if clauses.closes() and any(site.words(clauses.lead, one) for one, _ in content if one < stop):
        start, stop = clauses.lead, content[0][0]  # "Ana hat | den Plan als „Q“ | bezeichnet"
    if start > clauses.start and (relative := g.clause_relative.match(text, start, stop)):
        start = relative.end()  # "…, a claim | the ministry denied"
    opener = _clause_start(clauses, start, stop)
    head = start if opener is None else opener
    leading = g.leading.match(text, head, stop)
    named = leading.end() if leading else head
    if site.words(named, stop):
        if g.word_order == "verb-second":
            yield from _verb_second_subject(clauses, head, named, stop, opened=opener is not None)
        else:
            yield from _direct_subject(clauses, named, stop)
    elif opener is not None:
        pronoun = g.relative_pronoun.search(text, start, stop)
        if pronoun and _is_relative(clauses, pronoun):
            yield (pronoun.start(), stop)
    elif start == clauses.lead and _BREAK_BEFORE.search(text, max(0, stop - 3), stop):
        yield from _joined_subject(site, clauses, content)


def _is_relative(clauses: Clauses, pronoun: re.Match[str]) -> bool:
    """Tell whether *que* stands for somebody: *la portavoz, que dijo*; not *dijo que cree*, *hasta que*."""
    g, text, at = clauses.grammar, clauses.text, pronoun.start()
    if any(0 <= at - one.end <= _JOINT for one in clauses.site.cues):
        return False
    before = LAST_WORD.search(text, clauses.start, at)
    conjoined = before and g.preposition.fullmatch(text, *before.span())
    return not (conjoined and pronoun[0].strip().lower() in g.complementisers)


def _spoken(clauses: Clauses, content: Sequence[Range]) -> int:
    """Where what is said before a cue ends, and the words begin that its subject is among."""
    said = content or [one for one in clauses.quoted if clauses.is_set_off(one[1])]
    return max((stop for _, stop in said if stop <= clauses.site.cue.start), default=clauses.start)


def _clause_start(clauses: Clauses, start: int, end: int) -> int | None:
    """Where the last clause of a stretch begins: behind *que*, *pero*, *y*; None if it is one clause."""
    site, g, text = clauses.site, clauses.grammar, clauses.text
    for opener in reversed(list(g.clause_opener.finditer(text, start, end))):
        at = opener.start()
        if clauses.inside(at) and not clauses.inside(end):
            continue
        if text.count(")", at, end) > text.count("(", at, end):
            continue  # "La empresa (que administra el puerto) dijo"
        parted = at == start or clauses.set_off(at) or g.coordinator.match(text, at, end)
        if g.word_order == "verb-second" and not parted:
            continue  # "bezeichnete ihn als Fehler"
        parts = site.words(opener.end(), end)
        if parts and _is_described(clauses, start, opener.span()):
            continue  # not "Two engineers who saw it said"
        joins = g.coordinator.match(text, at, end) and parts
        if not joins or not _is_noun(clauses, start, at):
            return opener.end()  # not "Ruiz y Pérez dijeron"
    return None


def _is_described(clauses: Clauses, start: int, opener: Range) -> bool:
    """Tell whether a relative clause goes on with a subject: *the engineers who*, *la empresa que*."""
    g, text, end = clauses.grammar, clauses.text, opener[0]
    pronoun = text[slice(*opener)].strip()
    if not g.relative_pronoun.fullmatch(pronoun):
        return False
    if g.subject.match(text, opener[1], clauses.site.cue.start):
        return False  # "the plan which the mayor denounced"
    leading = g.leading.match(text, start, end)
    head = leading.end() if leading else start
    if any(head <= other.start < end for other in clauses.site.cues):
        return False
    if pronoun.lower() not in g.droppable:
        short = clauses.site.words(head, end) <= _JOINED_WORDS
        return short and g.subject.match(text, head, end) is not None
    named = g.speaker.match(text, head, end)
    return named is not None and not clauses.site.words(named.end(), end)


def _is_noun(clauses: Clauses, start: int, end: int) -> bool:
    """Tell whether the words before *and* are the first of two speakers rather than a clause."""
    site, g, text = clauses.site, clauses.grammar, clauses.text
    if any(start <= other.start < end for other in site.cues):
        return False
    leading = g.leading.match(text, start, end)
    head = leading.end() if leading else start
    if g.noun_phrase.fullmatch(text[head:end].rstrip()):
        return True
    words = text[start:end].split()
    if not 0 < len(words) <= _JOINED_WORDS or not g.subject.match(text, start, end):
        return False
    named = words[-1][0].isupper() or g.determiner.match(text, start, end) is not None
    return named or len(words) == 1


def _direct_subject(clauses: Clauses, head: int, stop: int) -> Iterator[Range]:
    """Read the words right before a cue, in a clause that begins with ``head``."""
    g, text = clauses.grammar, clauses.text
    if g.adjunct.match(text, head, stop):
        if found := _NAME_LAST.search(text, head, stop):
            yield found.span()
        elif g.bare_nouns:
            yield from speaker_last(clauses, head, stop)
    elif not g.without_subject.match(text, head, stop):
        trailing = g.trailing.search(text, head, stop)
        stop = trailing.start() if trailing else stop
        if g.bare_nouns:
            after = g.subject_end.search(text, head + 1, stop)
            stop = name_end(clauses, head, after.start() if after else stop)
        yield (head, stop)


def _verb_second_subject(
    clauses: Clauses, head: int, named: int, stop: int, *, opened: bool
) -> Iterator[Range]:
    """*wie der Minister sagte*; *Auch der Minister sagte*; *Am Montag hat der Minister gesagt*.

    The clause begins with ``head``; with ``named``, what may be its subject behind adverbs; with
    ``stop``, what can be none.
    """
    g, text = clauses.grammar, clauses.text
    pronoun = RELATIVE.match(text, head, stop) if head == clauses.lead > clauses.start else None
    if pronoun and g.adjunct.match(text, pronoun.end(), stop):
        yield pronoun.span(1)  # "…, die in Kiel sagte"
        return
    auxiliary = g.auxiliary.search(text, head, stop)
    # "„…“, hatte Ana gesagt"; "Der alten Zeitung | sagte Ana".
    other = auxiliary is not None and not clauses.site.words(named, auxiliary.start())
    other = other or g.oblique.match(text, named, stop) is not None
    found = None if other else g.noun_phrase.match(text, named, stop)
    adverbial = g.subordinator.match(text, head, stop) or g.without_subject.match(text, head, stop)
    if opened and clauses.site.cue.kind == "verb":
        yield found.span() if found else (named, stop)
    elif found and clauses.site.cue.kind != "verb":
        yield found.span()  # "Ana schloss mit den Worten"
    elif clauses.site.cue.kind == "verb" and not (adverbial or other):
        yield _constituent(clauses, named, auxiliary.start() if auxiliary else stop)
    elif found and named > head and not clauses.site.words(found.end(), stop):
        yield found.span()
    elif clauses.site.cue.kind == "verb":
        behind = auxiliary or _RELATIVE_PHRASE.match(text, head, stop)
        after = clauses.skip(behind.end(), stop) if behind else stop
        if found := g.noun_phrase.match(text, after, stop):
            yield found.span()


def _constituent(clauses: Clauses, start: int, end: int) -> Range:
    """All that stands before a verb as its subject: **Der Sprecher des Senders in Kiel** *sagte*."""
    g, text = clauses.grammar, clauses.text
    apart = clauses.before(clauses.site.cue.start)
    if len(apart) == 1 and g.noun_phrase.fullmatch(text, clauses.start, apart[0]):
        start = clauses.start  # "Die Sprecherin, Ana Roth | sagte"
    trailing = g.trailing.search(text, start, end)
    return (start, trailing.start() if trailing else end)


def _joined_subject(site: Site, clauses: Clauses, content: Sequence[Range]) -> Iterator[Range]:
    """*El portavoz, John Kirby, del Consejo de Seguridad, dijo*: stretches that are one subject."""
    g, text = clauses.grammar, site.text
    spoken = _spoken(clauses, content)
    edges = [spoken - 1, *(at for at in clauses.before(site.cue.start) if at > spoken)]
    stretches = [(start + 1, end) for start, end in pairwise(edges)]
    whole: list[Range] = []
    for start, end in reversed(stretches):
        adverbial = is_adverbial(clauses, start, end)
        if clauses.inside(start) or not site.words(start, end) or (adverbial and whole):
            break
        if adverbial:
            continue  # "El ministro, sin embargo, dijo"
        whole.insert(0, (start, end))
        if len(whole) > 1 and start > spoken and g.determiner.match(text, start, end):
            break
    # One stretch alone is a clause: no comma parts a subject from its verb.
    if whole and len(stretches) > 1 and len(whole) <= _STRETCHES and _opens(clauses, whole[0]):
        first = _clause_start(clauses, *whole[0])
        yield (whole[0][0] if first is None else first, whole[-1][1])


def is_adverbial(clauses: Clauses, start: int, end: int) -> bool:
    """Tell whether a stretch says when or how: *sin embargo*, *en Madrid*, *hablando a la prensa*."""
    g, text = clauses.grammar, clauses.text
    if g.without_subject.match(text, start, end):
        return True
    if g.subordinator.match(text, start, end) and not g.noun_link.match(text, start, end):
        return True
    first = _WORD.match(text, start, end)
    return bool(first and first[0].strip().islower() and g.gerund.fullmatch(first[0].strip()))


def _opens(clauses: Clauses, stretch: Range) -> bool:
    """Tell whether a subject may begin with a stretch; a German one is a noun phrase."""
    g, text = clauses.grammar, clauses.text
    if g.word_order != "verb-second":
        return True
    found = g.noun_phrase.match(text, *stretch)
    rest = (found.end(), stretch[1]) if found else None
    return rest is not None and bool(rest[0] == rest[1] or g.adjunct.match(text, *rest))
