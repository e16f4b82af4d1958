"""The prompt templates: constant Jinja files into which the article goes as a value.

A value is never parsed as a template, so an article that holds ``{{ 7*7 }}`` is sent as it stands.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["examples", "language_name", "prompts_digest", "render"]

_LANGUAGE_NAMES = {
    "cs": "Czech",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
    "ru": "Russian",
}
_LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


@cache
def _folder() -> Traversable:
    # In a wheel the prompts lie inside the package; in a checkout, beside src/.
    packaged = files("vocero") / "prompts"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "prompts"


def _source(name: str) -> str | None:
    file = _folder() / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


@cache
def _environment() -> Environment:
    # Not HTML: escaping would change the article's characters on their way to the model.
    return Environment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        finalize=_on_one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _on_one_line(value: object) -> object:
    """Keep a value from opening lines of its own in a prompt: words of an article are only words."""
    return _LINES.sub(" ", value) if isinstance(value, str) else value


def render(name: str, /, **values: object) -> str:
    """Fill the template ``prompts/NAME.jinja``.

    Raises:
        jinja2.UndefinedError: a value that the template names is missing.
    """
    return _environment().get_template(f"{name}.jinja").render(**values).strip()


@cache
def _all_examples() -> dict[str, Any]:
    return tomllib.loads((_folder() / "examples.toml").read_text(encoding="utf-8"))


@cache
def prompts_digest() -> str:
    """SHA-256 over all templates and examples, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for file in sorted(_folder().iterdir(), key=lambda one: one.name):
        if file.is_file():
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def examples(question: str, language: str | None) -> list[dict[str, Any]]:
    """Worked examples for a question, in the article's language or else in English."""
    by_language: dict[str, list[dict[str, Any]]] = _all_examples()[question]
    return by_language.get(language or "en", by_language["en"])


def language_name(code: str | None) -> str:
    """What a prompt calls the article's language, by its ISO 639-1 code."""
    return _LANGUAGE_NAMES.get(code or "", "the article's language")
