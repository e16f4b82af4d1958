"""Every error Vocero raises on purpose, in one tree.

VoceroError
├── InputError              an article cannot be read: missing, empty, binary, not UTF-8, too long
├── SettingsError           a setting is missing or contradicts another
├── ModelError              the model could not answer
│   ├── AuthenticationError   401, 403: the key is wrong or may not do this
│   ├── ModelNotFoundError    404: no such model, or no such address
│   ├── QuotaError            402, or a 429 for good: the account has no money or quota left
│   ├── RequestError          400, 413, 422: the endpoint refused what was sent
│   ├── TransportError        429, 5xx, resets and timeouts that outlasted every try
│   │   └── UnreachableError    no connection to the endpoint was ever made
│   ├── AnswerError           the answers could not be parsed, within the budget of validation tries
│   └── TruncatedError        the answer hit its token limit, or the question the model's context
├── BudgetError             the next request might cost more than the user's budget allows
├── LocalModelError         the embedded model: weights, disk space, checksum, server
└── DependencyError         an optional extra is not installed

A message is one line: it names the thing that failed and says what to do.
"""

from __future__ import annotations

__all__ = [
    "AnswerError",
    "AuthenticationError",
    "BudgetError",
    "DependencyError",
    "InputError",
    "LocalModelError",
    "ModelError",
    "ModelNotFoundError",
    "QuotaError",
    "RequestError",
    "SettingsError",
    "TransportError",
    "TruncatedError",
    "UnreachableError",
    "VoceroError",
]


class VoceroError(Exception):
    """Base of every error Vocero raises on purpose."""


class InputError(VoceroError):
    """An article cannot be read; the message names the file (and line) and the cure."""


class SettingsError(VoceroError):
    """A setting is missing, malformed, or contradicts another."""


class ModelError(VoceroError):
    """The model could not answer."""


class AuthenticationError(ModelError):
    """The endpoint answered 401 or 403; trying again cannot help."""


class ModelNotFoundError(ModelError):
    """The endpoint answered 404: no such model, or no such address."""


class QuotaError(ModelError):
    """The account has no money or quota left; waiting cannot help, paying can."""


class RequestError(ModelError):
    """The endpoint refused the request itself (400, 413, 422)."""


class TransportError(ModelError):
    """The endpoint could not be reached, or kept failing, until the tries or the time ran out."""


class UnreachableError(TransportError):
    """No connection to the endpoint was ever made: nobody is there, or nobody who can be reached."""


class AnswerError(ModelError):
    """The endpoint answered, but nothing that fits the schema, until the tries ran out."""


class TruncatedError(ModelError):
    """The answer was cut at its token limit, or the question was too long; ask about less at once."""


class BudgetError(VoceroError):
    """The next request might cross the user's budget; no fault of the article that it was for."""


class LocalModelError(VoceroError):
    """The embedded model cannot be had or started."""


class DependencyError(VoceroError):
    """An optional extra is needed and not installed."""
