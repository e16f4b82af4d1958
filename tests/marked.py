"""Gold and predictions written as marked sentences: [source] {cue} ⟦content⟧.

A line is a sentence; one with marks in it is an attribution:

    article("a", "[Ana Ruiz] {dijo} ⟦que el puente cerrará⟧.", "Llovía.")

is the record of an article of two lines with one attribution, as a file of gold has it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vocero.evaluate import gold_of

if TYPE_CHECKING:
    from pathlib import Path

    from vocero.evaluate import Annotation, Gold

__all__ = ["annotated", "article", "attribution", "place", "predicted", "write_lines"]

_ROLES = {"[": "source", "{": "cue", "⟦": "content"}
_CLOSING = "]}⟧"


def article(name: str, *lines: str, **fields: Any) -> dict[str, Any]:
    """Make the record of an article; fields are added to it as they are."""
    text, attributions = "", []
    for line in lines:
        plain, ranges = _read(line, len(text))
        text += f"{plain}\n"
        if ranges:
            attributions.append(attribution(**ranges))
    return {"doc_id": name, "text": text, "attributions": attributions} | fields


def attribution(**fields: Any) -> dict[str, Any]:
    """Make an attribution's record; a source or cue that is not named is null."""
    return {"source": None, "cue": None} | fields


def place(text: str, words: str) -> list[int]:
    """Return where words first stand in a text."""
    start = text.index(words)
    return [start, start + len(words)]


def annotated(*lines: str, **fields: Any) -> Gold:
    """Make the gold of an article."""
    return gold_of(article("a", *lines, **fields), "the gold")


def predicted(gold: Gold, *lines: str) -> tuple[Annotation, ...]:
    """Make a prediction for the article of a gold: its lines, marked otherwise."""
    made = annotated(*lines)
    assert made.document.text == gold.document.text
    return made.annotations


def write_lines(path: Path, *records: object) -> Path:
    """Write records as JSONL; return where."""
    lines = [json.dumps(one, ensure_ascii=False) for one in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _read(line: str, offset: int) -> tuple[str, dict[str, Any]]:
    plain, start, role = "", 0, ""
    ranges: dict[str, Any] = {}
    for char in line:
        if char in _ROLES:
            role, start = _ROLES[char], offset + len(plain)
        elif char in _CLOSING:
            found = [start, offset + len(plain)]
            ranges[role] = [*ranges.get(role, []), found] if role == "content" else found
        else:
            plain += char
    return plain, ranges
