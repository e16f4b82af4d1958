"""A reader as a process of its own: an article a line in, what it found in it a line out.

Standard library only, since it runs in the peers' environment.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["MAX_TOKENS", "TAUGHT", "TIMEOUT", "Given", "given", "read_articles", "task"]

MAX_TOKENS = 2048
"""Of one answer of a peer; the gold of the richest article of wikinews_es, written so, takes 911."""
TIMEOUT = 3600.0
"""Seconds for one answer: 2,048 tokens may take a quarter of an hour."""
_TASKS = {path.stem: path for path in Path(__file__).with_name("task").glob("*.json")}
TAUGHT = sorted(_TASKS)
"""The languages for which there are worked examples."""


class Given(argparse.Namespace):
    """What a worker is told."""

    language: str
    url: str
    model: str
    small: bool


def given(languages: Collection[str] | None = None) -> Given:
    """Read what the worker is told; ends it where it cannot read the language.

    Args:
        languages: ISO 639 codes; None: any.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", required=True, choices=languages, help="of all articles")
    parser.add_argument("--url", default="", help="OpenAI-compatible endpoint that needs no key")
    parser.add_argument("--model", default="")
    parser.add_argument("--small", action="store_true", help="the model reads a sentence at a time")
    return parser.parse_args(namespace=Given())


def task(language: str) -> dict[str, Any]:
    """What models are told to do: `instructions` (paragraphs) and worked `examples`."""
    told: dict[str, Any] = json.loads(_TASKS[language].read_text(encoding="utf-8"))
    return told


def read_articles(read: Callable[[str], dict[str, Any]]) -> None:
    """Read one article after the other, until there are no more.

    Says `{"ready": true}` first, so that what comes before, imports and a parser's start, is not
    taken for the time of the first article.

    Args:
        read: Given a text, finds `attributions` in the scorer's form (`source`, `cue`:
            [start, end] or null; `content`: a list of them; code points), and counts `spans`: the
            strings it returned; `outside`: those that are not in the text; `lost`: pieces of the
            article that it gave up.
    """
    # Libraries print now and then: their lines must not get between ours.
    ours = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    print(json.dumps({"ready": True}), file=ours, flush=True)
    for line in sys.stdin:
        print(json.dumps(read(json.loads(line)["text"])), file=ours, flush=True)
