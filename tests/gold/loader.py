"""Reads the gold of this folder: an article and, attribution by attribution, its words marked by hand.

One file an article. An attribution repeats the words of the article it is about, long enough to be
found exactly once, with its parts in brackets::

    marked = "[«No habrá agua»], {dijo} ayer <la alcaldesa>, [«hasta el martes»]."

``[content]``, ``{cue}`` and ``<source>``; white space matches any white space, so that a no-break
space need not be typed twice. The conventions are those of PARC and PolNeAR: "que" and quotation
marks belong to the content, the outer comma and the final full stop do not; an elided subject has no
source; what stands inside another's content is annotated too.

- ``text``, or ``text_file`` for a reference article: a path from the root of the repository.

- ``who``: the best full name of who speaks; left out where the article does not tell.
- ``type``: direct, indirect or mixed. ``stance``: as in `vocero.schema`.
- ``via``: outlet, document or occasion through which it was said, in the article's words.
- ``tags``: what kind of source, cue or reference it is; what follows from the spans is added here.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "GoldError", "read_gold", "spans_of"]

FOLDER = Path(__file__).parent
_ROOT = FOLDER.parents[1]

_ROLES = {"<": "source", "{": "cue", "[": "content"}
_CLOSING = {">": "<", "}": "{", "]": "["}
_KEYS = {"marked", "who", "type", "stance", "via", "tags"}

Spans = list[list[int]]
"""Half-open ranges of code points."""


class GoldError(ValueError):
    """An attribution that cannot be placed in its article."""


def read_gold(path: Path) -> dict[str, Any]:
    """Read one article with its gold, as a line of a gold file would hold it.

    Returns:
        ``doc_id, lang, text, attributions`` and so on. Each attribution has ``id, source, cue,
        content, type, stance, within, via, actor, tags``; ``cue`` reaches from the first to the
        last of ``cue_spans``, ``within`` is the id of the attribution whose content it stands in.

    Raises:
        GoldError: the marked words are not in the article, or more than once, or are marked wrongly.
    """
    article = tomllib.loads(path.read_text(encoding="utf-8"))
    text = article.get("text") or (_ROOT / article["text_file"]).read_text(encoding="utf-8")
    attributions = [
        _attribution(number, given, text) for number, given in enumerate(article["attribution"])
    ]
    for one in attributions:
        one["within"] = _outer(one, attributions)
        one["tags"] = [*one["tags"], *_constructions(one)]
    return {
        "doc_id": path.stem,
        "lang": article["language"],
        "dataset": "vocero",
        "layers": ["source", "cue", "content"],
        "text": text,
        "attributions": attributions,
        "ignore": [],
        "nesting": True,
    }


def spans_of(marked: str, text: str) -> dict[str, Spans]:
    """Find the marked words in a text: the spans of source, cue and content.

    Raises:
        GoldError: the words are not in the text, or more than once, or a bracket is not closed.
    """
    parts = re.split(r"([<>{}\[\]])", marked)
    words, marks = parts[::2], parts[1::2]
    # An empty group stands for each bracket: its position is where the bracket would be.
    pattern = "()".join(r"\s+".join(map(re.escape, re.split(r"\s+", one))) for one in words)
    found = list(re.finditer(pattern, text))
    if len(found) != 1:
        msg = f"{marked!r} stands {len(found)} times in the article: mark words that stand once"
        raise GoldError(msg)
    spans: dict[str, Spans] = {role: [] for role in _ROLES.values()}
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    if len(marks) % 2 or any(_CLOSING.get(closing) != opening for opening, closing in pairs):
        msg = f"{marked!r} has a bracket that is not closed before the next one"
        raise GoldError(msg)
    for number, (opening, _) in enumerate(pairs):
        first = 2 * number + 1
        spans[_ROLES[opening]].append([found[0].start(first), found[0].start(first + 1)])
    return spans


def _attribution(number: int, given: dict[str, Any], text: str) -> dict[str, Any]:
    if unknown := given.keys() - _KEYS:
        msg = f"{given['marked']!r} has unknown keys: {', '.join(sorted(unknown))}"
        raise GoldError(msg)
    spans = spans_of(given["marked"], text)
    sources, cues, content = spans["source"], spans["cue"], spans["content"]
    if not content or len(sources) > 1:
        msg = f"{given['marked']!r} needs content, and one source at most"
        raise GoldError(msg)
    return {
        "id": number,
        "source": sources[0] if sources else None,
        "cue": [cues[0][0], cues[-1][1]] if cues else None,
        "cue_spans": cues,
        "content": content,
        "type": given["type"],
        "stance": given["stance"],
        "via": given.get("via"),
        "actor": given.get("who"),
        "tags": given.get("tags", []),
    }


def _outer(inner: dict[str, Any], everyone: list[dict[str, Any]]) -> int | None:
    """Id of the innermost other attribution whose content holds cue and content of this one."""
    parts = [*inner["cue_spans"], *inner["content"]]
    around = [
        (end - start, one["id"])
        for one in everyone
        for start, end in one["content"]
        if one is not inner and all(start <= part[0] and part[1] <= end for part in parts)
    ]
    return min(around, default=(0, None))[1]


def _constructions(one: dict[str, Any]) -> list[str]:
    """What follows from where the parts stand."""
    cue, content = one["cue"], one["content"]
    kinds = {
        one["type"]: True,
        "nested": one["within"] is not None,
        "pull-quote": cue is None and one["type"] == "direct",
        "cue in front": cue is not None and cue[1] <= content[0][0],
        "cue behind": cue is not None and cue[0] >= content[-1][1],
        "split": cue is not None and content[0][1] <= cue[0] and cue[1] <= content[-1][0],
        "via": one["via"] is not None,
    }
    return [kind for kind, holds in kinds.items() if holds]
