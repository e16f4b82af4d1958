"""The model boundary: a question in, a validated object out, and an account of what it took.

`connect` gives a `Model`: any OpenAI-compatible endpoint, or the embedded one where none is named.
`FakeModel` answers from a script, so that whatever is built on this can be tested offline.

Importing this package imports neither openai nor instructor; the first question does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocero.model.answer import (
        Answer,
        CallRecord,
        ConnectOptions,
        Message,
        Model,
        Spent,
        spent_on,
    )
    from vocero.model.budget import Budget
    from vocero.model.client import connect
    from vocero.model.fake import FakeCall, FakeModel, Reply
    from vocero.model.headers import Limit, Told
    from vocero.model.pacer import Pacer, Pacing, StandstillError, Turn
    from vocero.model.settings import ModelSettings
    from vocero.model.usage import Price, cost, total_usage

__all__ = [
    "Answer",
    "Budget",
    "CallRecord",
    "ConnectOptions",
    "FakeCall",
    "FakeModel",
    "Limit",
    "Message",
    "Model",
    "ModelSettings",
    "Pacer",
    "Pacing",
    "Price",
    "Reply",
    "Spent",
    "StandstillError",
    "Told",
    "Turn",
    "connect",
    "cost",
    "spent_on",
    "total_usage",
]

_HOMES = {
    "Answer": "answer",
    "Budget": "budget",
    "CallRecord": "answer",
    "ConnectOptions": "answer",
    "FakeCall": "fake",
    "FakeModel": "fake",
    "Limit": "headers",
    "Message": "answer",
    "Model": "answer",
    "ModelSettings": "settings",
    "Pacer": "pacer",
    "Pacing": "pacer",
    "Price": "usage",
    "Reply": "fake",
    "Spent": "answer",
    "StandstillError": "pacer",
    "Told": "headers",
    "Turn": "pacer",
    "connect": "client",
    "cost": "usage",
    "spent_on": "answer",
    "total_usage": "usage",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
