"""What went wrong on the way or at the endpoint: one line, with the cure, without keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import openai

from vocero.errors import (
    AuthenticationError,
    ModelError,
    ModelNotFoundError,
    QuotaError,
    RequestError,
    TransportError,
    TruncatedError,
    UnreachableError,
)
from vocero.model.completion import shown
from vocero.model.pacer import StandstillError
from vocero.model.retry import BrokenBodyError, is_transient, is_unpaid, never_sent
from vocero.model.unfit import one_line

if TYPE_CHECKING:
    from vocero.model.endpoint import Address
    from vocero.model.retry import Patience

Feature = Literal["schema", "max_tokens", "temperature"]

# Read in what endpoints say when they refuse a part of a request; never a table of model names.
_COMPLAINTS: tuple[tuple[Feature, re.Pattern[str]], ...] = (
    ("schema", re.compile(r"(?i)response[_ ]?format|json[_ ]?schema|structured[_ ]output")),
    ("max_tokens", re.compile(r"(?i)max_completion_tokens")),
    ("temperature", re.compile(r"(?i)temperature")),
)

# OpenAI and vLLM, llama.cpp, Anthropic, Mistral and others, in this order.
_TOO_LONG = re.compile(
    r"(?i)context_length_exceeded|maximum context length|exceeds? the available context size"
    r"|exceed_context_size|prompt is too long|context window|too large for model with"
)
# DeepSeek, Anthropic, OpenRouter; what OpenAI says is read from its code.
_UNPAID = re.compile(r"(?i)insufficient (?:balance|credits?|funds)|credit balance is too low")


class RefusedFeatureError(RequestError):
    """The endpoint refuses (400, 422) one part of the request that can be done without."""

    def __init__(self, message: str, feature: Feature) -> None:
        super().__init__(message)
        self.feature = feature


def explain(
    error: openai.APIError | TimeoutError | BrokenBodyError | StandstillError,
    address: Address,
    patience: Patience,
) -> ModelError:
    """Turn the failure of the last try into one of our errors.

    Args:
        error: What was raised.
        address: What was asked; its key is cut out of whatever the endpoint says.
        patience: Of the request, which has ended.
    """
    tries = patience.tries
    url, after = address.url, f"after {tries} {'try' if tries == 1 else 'tries'}"
    if isinstance(error, StandstillError):
        last = patience.failure
        if isinstance(last, openai.APIStatusError):
            after += f" with {last.status_code}{_told(_said(last), address)}"
        idle = patience.idle + error.seconds
        return TransportError(f"{url} lets nothing through for {idle:.0f} s {after}: try later")
    if isinstance(error, openai.APIStatusError) and is_transient(error):
        told = _told(_said(error), address)
        return TransportError(f"{url} failed with {error.status_code} {after}{told}: try later")
    if isinstance(error, openai.APIStatusError):
        return _too_much(error, address) or _refusal(error, address)
    unmet = not patience.contact.made and never_sent(error)
    if isinstance(error, TimeoutError | openai.APITimeoutError) and not unmet:
        return TransportError(
            f"{url} did not answer in time {after}: raise VOCERO_TIMEOUT or ask about less at once"
        )
    if isinstance(error, openai.APIConnectionError):
        told = _told(str(error.__cause__ or error), address)
        kind = UnreachableError if unmet else TransportError
        return kind(
            f"{url} cannot be reached {after}{told}: start the server there or set VOCERO_BASE_URL"
        )
    told = _told(str(error), address)
    return TransportError(
        f"{url} sent no completion {after}{told}: "
        "VOCERO_BASE_URL must be OpenAI-compatible (most end in /v1)"
    )


def _too_much(error: openai.APIStatusError, address: Address) -> ModelError | None:
    """What the account or the model's context has no room for; None for other refusals."""
    said = _said(error)
    told = f"({error.status_code}){_told(said, address)}"
    if is_unpaid(error) or _UNPAID.search(said):
        return QuotaError(
            f"{address.url} has no money or quota left for this key {told}: "
            "pay there, or set VOCERO_API_KEY"
        )
    if _TOO_LONG.search(f"{shown(error.code)} {shown(error.type)} {said}"):
        return TruncatedError(
            f"{address.url} finds the question too long for {address.model!r} {told}: "
            "ask about less at once"
        )
    return None


def _refusal(error: openai.APIStatusError, address: Address) -> ModelError:
    said = _said(error)
    url, model, told = address.url, address.model, _told(said, address)
    match error.status_code:
        case 401:
            # What the endpoint says is left out: some quote parts of the key.
            what = "refuses the key" if address.key else "wants a key"
            return AuthenticationError(f"{url} {what} (401): set VOCERO_API_KEY")
        case 403:
            return AuthenticationError(
                f"{url} forbids this key to use {model!r} (403){told}: "
                "set VOCERO_API_KEY or VOCERO_MODEL"
            )
        case 404:
            return ModelNotFoundError(
                f"{url} has no model {model!r} (404){told}: "
                "set VOCERO_MODEL, or VOCERO_BASE_URL (most end in /v1)"
            )
        case 400 | 422:
            for feature, pattern in _COMPLAINTS:
                if pattern.search(said):
                    cure = "set VOCERO_MODE=tools" if feature == "schema" else "set VOCERO_MODEL"
                    return RefusedFeatureError(
                        f"{url} refuses a part of the request for {model!r} "
                        f"({error.status_code}){told}: {cure}",
                        feature,
                    )
    return RequestError(
        f"{url} refuses the request for {model!r} ({error.status_code}){told}: "
        "ask about less at once, or set VOCERO_MODEL"
    )


def _said(error: openai.APIStatusError) -> str:
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return shown(message if isinstance(message, str) else body or "")


def _told(said: str, address: Address) -> str:
    if address.key:
        said = said.replace(address.key, "***")
    return f" ({one_line(said)})" if said else ""
