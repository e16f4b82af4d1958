"""Sentences with marks for what a test expects of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from vocero.text import find_cues, quotations, sentences
from vocero.text.site import Range, Site

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKS = re.compile(r"[\[\]{}<>]")


def _unmark(language: str, marked: str) -> tuple[Site, tuple[Range, ...], Range | None]:
    edges: dict[str, list[int]] = {mark: [] for mark in "[]{}<>"}
    for count, mark in enumerate(_MARKS.finditer(marked)):
        edges[mark[0]].append(mark.start() - count)
    text = _MARKS.sub("", marked)
    (sentence,) = sentences(text, language)
    cues = find_cues(text, language)
    (start,), (end,) = edges["{"], edges["}"]
    (cue,) = (one for one in cues if one.start < end and one.end > start)
    outer = [one for one in quotations(text) if one.depth == 0]
    said = tuple(zip(edges["["], edges["]"], strict=True))
    source = (edges["<"][0], edges[">"][0]) if edges["<"] else None
    return Site(text, sentence, cue, outer, cues, language), said, source


@pytest.fixture(scope="session")
def unmark() -> Callable[[str, str], tuple[Site, tuple[Range, ...], Range | None]]:
    """Take ``<who> {cue} [what]`` in a language apart: the site of the cue, what is said, by whom."""
    return _unmark
