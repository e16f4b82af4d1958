"""Saying in one line why an answer is of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vocero.errors import AnswerError

if TYPE_CHECKING:
    from pydantic import ValidationError

_ERRORS_SHOWN = 3


class UnfitError(Exception):
    """An answer that is missing or does not fit its class: worth another try, with a correction."""


def why_invalid(error: ValidationError) -> str:
    """Say what is wrong with an answer, e.g. ``items.0.n: Input should be …; and 2 more``."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [
        f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}"
        for one in errors[:_ERRORS_SHOWN]
    ]
    more = len(errors) - len(shown)
    return one_line("; ".join(shown) + (f"; and {more} more" if more else ""))


def unusable(label: str, model: str, why: str, answers: int) -> AnswerError:
    """Make the error for a question whose validation tries have run out."""
    return AnswerError(
        f"{label}: {count(answers, 'answer')} of {model!r}, none usable ({why}): "
        "ask about less at once, or use another model"
    )


def count(number: int, thing: str) -> str:
    """Return e.g. ``1 answer``, ``3 answers``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def one_line(text: str, limit: int = 300) -> str:
    """Return the text on one line, cut to a number of code points."""
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"
