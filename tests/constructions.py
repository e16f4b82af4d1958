"""One sentence of our own for each construction and language, with marks for what is expected."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

CONSTRUCTIONS: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)

each_construction = pytest.mark.parametrize(
    ("language", "marked"),
    [
        pytest.param(language, marked, id=f"{construction}-{language}")
        for construction, examples in CONSTRUCTIONS.items()
        for language, marked in examples.items()
    ],
)
"""Runs a test, of a language and a marked sentence, once for every sentence."""
