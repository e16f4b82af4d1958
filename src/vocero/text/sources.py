"""Who may speak at a cue: proposals by construction, the likeliest first.

How often the first is right is measured by ``benchmarks/readings.py``.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from vocero.text.lexicons import function_words
from vocero.text.site import Clauses, Range, Site, trim
from vocero.text.subjects import borrows_subject, governed, main_subject, subjects_before
from vocero.text.subjects_behind import subjects_at, subjects_behind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["sources"]

_MARKS = '"“”„«»‹›'
_MARK = re.compile(f"[{_MARKS}]")
_MOST = 5


def sources(site: Site, content: Sequence[Range]) -> Iterator[Range]:
    """Propose who may speak at a site, given what is said.

    Args:
        site: The cue in its sentence.
        content: What is said, as in `Proposal.content`; no source overlaps it.

    Returns:
        Ranges in code points, the likeliest first, at most 5; none where the subject is elided.
    """
    return islice(_apart(site, content), _MOST)


def _apart(site: Site, content: Sequence[Range]) -> Iterator[Range]:
    found: set[Range] = set()
    for start, end in _speakers(site, site.clauses, content):
        one = _unmarked(site.text, *trim(site.text, start, end))
        if one in found or not site.words(*one) or _is_verb(site, *one):
            continue
        if not any(one[0] < stop and head < one[1] for head, stop in content):
            found.add(one)
            yield one


def _is_verb(site: Site, start: int, end: int) -> bool:
    """Tell whether a word is a verb that needs no subject: **Tenemos** *pruebas de que …*."""
    lists = function_words(site.language)
    if site.text[start:end].lower() in lists.pronouns | lists.deictics:
        return False
    return site.clauses.grammar.first_person.fullmatch(site.text, start, end) is not None


def _unmarked(text: str, start: int, end: int) -> Range:
    """Leave out quotation marks around a source, *“El País”*; not those of its end, *el “País”*."""
    inner = trim(text, start, end, _MARKS)
    return (start, end) if _MARK.search(text, *inner) else inner


def _speakers(site: Site, clauses: Clauses, content: Sequence[Range]) -> Iterator[Range]:
    cue, g, text = site.cue, clauses.grammar, site.text
    if cue.kind == "preposition" and cue.factor != "want":
        yield from governed(site, clauses)
    link = g.noun_link.match(text, cue.end)
    if cue.kind == "noun" and (link or g.bare_nouns):
        start = link.end() if link else cue.end
        limit = clauses.complementiser(start, clauses.end) or clauses.end
        of = g.complementiser_preposition.search(text, start, limit)
        limit = of.start() if of else limit
        yield from subjects_at(clauses, start, limit)  # "la acusación de Seúl de que …"
    if cue.kind == "noun":
        yield from _agent(site, clauses, content)
    yield from _felt(site, clauses)
    within = g.cue_source.fullmatch(text, cue.start, cue.end)
    if within and within.lastindex:
        yield within.span(within.lastindex)
    passive = cue.kind == "verb" and g.participle.search(text, cue.start, cue.end)
    if passive and g.passive.search(text, clauses.lead, cue.end):
        yield from _passive_agents(site, clauses)
        return
    if borrows_subject(site, clauses):
        yield from main_subject(site, clauses)
        return
    spoken = max((stop for _, stop in content if stop <= cue.start), default=None)
    # "“Q”, dijo X"; "Watson, citada por X"; but "“Q”, X told Y".
    if cue.relay or (spoken is not None and not _own_words(site, clauses, spoken)):
        yield from subjects_behind(site, clauses, content)
    yield from subjects_before(site, clauses, content)
    yield from subjects_behind(site, clauses, content)
    # "Von der Leyen | sagte", where nobody else can have.
    if name := g.particle_name.match(text, clauses.lead, cue.start):
        yield name.span()


def _felt(site: Site, clauses: Clauses) -> Iterator[Range]:
    """*A* **Ana** *le preocupa*; *In* **dem Brief**, *den Ana fand, heißt es*."""
    for start in dict.fromkeys((clauses.lead, clauses.start, site.cue.start)):
        felt = clauses.grammar.experiencer.match(site.text, start, clauses.end)
        if felt is None or not felt.lastindex or felt.end() < site.cue.end:
            continue
        head, stop = felt.span(felt.lastindex)
        if not head <= site.cue.start < stop:
            yield (head, min([stop, *clauses.after(head)]))
            return


def _agent(site: Site, clauses: Clauses, content: Sequence[Range]) -> Iterator[Range]:
    """*La idea de que es caro, defendida por* **Ana**, *…*."""
    stop = max((end for _, end in content), default=site.cue.end)
    if site.text[stop : stop + 1] == "," and (by := clauses.grammar.agent.match(site.text, stop)):
        yield from islice(subjects_at(clauses, by.end(), clauses.end), 1)


def _passive_agents(site: Site, clauses: Clauses) -> Iterator[Range]:
    """*Das wird von* **der Ministerin** *gefordert*."""
    g, text = clauses.grammar, site.text
    for start, end in ((clauses.lead, site.cue.start), (site.cue.end, clauses.tail)):
        if by := g.passive_agent.search(text, start, end):
            yield from islice(subjects_at(clauses, by.end(), end), 1)


def _own_words(site: Site, clauses: Clauses, start: int) -> bool:
    """Tell whether a subject may stand between what is said and the cue: “*q*”, **Ana** *dijo*."""
    g, text, end = clauses.grammar, site.text, site.cue.start
    if found := g.as_word.match(text, start, end):
        start = found.end()
    return bool(site.words(start, end)) and not g.without_subject.match(text, start, end)
