"""What a provider answered to one request of a batch."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vocero.model.usage import token_count
from vocero.schema import Usage

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

    from vocero.errors import ModelError
    from vocero.model.endpoint import Address
    from vocero.model.retry import BrokenBodyError

__all__ = ["EXPIRED", "UNANSWERED", "Reply", "explained", "read_line"]

EXPIRED: Final = frozenset({"batch_expired", "batch_cancelled"})
"""Codes of requests that were never carried out, and cost nothing."""
# What a line says instead of a status, in the terms of HTTP.
_STATUS: Final = {"request_timeout": 408}
_FIRST_ERROR: Final = 400
_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body, as they would have come over HTTP."""

    status: int
    body: Any
    """The JSON of a completion, or of an error report."""

    @property
    def fine(self) -> bool:
        """Whether the request was carried out."""
        return self.status < _FIRST_ERROR

    @property
    def usage(self) -> Usage:
        """Tokens that it says it took; unknown for failures."""
        usage = self.body.get("usage") if isinstance(self.body, dict) else None
        counts = usage if isinstance(usage, dict) else {}
        return Usage(
            input_tokens=token_count(counts.get("prompt_tokens")),
            output_tokens=token_count(counts.get("completion_tokens")),
        )

    def packed(self) -> bytes:
        """Return it as `unpacked` reads it."""
        try:
            return zlib.compress(json.dumps([self.status, self.body]).encode())
        except RecursionError:
            return _UNREADABLE.packed()

    @classmethod
    def unpacked(cls, stored: bytes) -> Reply:
        """Return the reply that was packed."""
        try:
            return cls(*json.loads(zlib.decompress(stored)))
        except RecursionError:
            return _UNREADABLE

    def completion(self) -> ChatCompletion:
        """Return the completion.

        Raises:
            APIStatusError: the status is no success; of the SDK.
            BrokenBodyError: the body holds no completion.
        """
        from vocero.model.completion import completion_of  # noqa: PLC0415 - the SDK takes 1.7 s

        if not self.fine:
            raise self.error()
        return completion_of(self.body)

    def error(self) -> openai.APIStatusError:
        """The failure as the SDK would have raised it."""
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        report = self.body.get("error", self.body) if isinstance(self.body, dict) else self.body
        request = httpx2.Request("POST", "http://batch.invalid")
        response = httpx2.Response(self.status, request=request)
        return openai.APIStatusError(f"status {self.status}", response=response, body=report)


# Where a body is read less deep in the stack than it is written or read again, nesting that passed
# there may be too much here.
_UNREADABLE: Final = Reply(200, "nested too deeply")


def explained(
    error: openai.APIError | BrokenBodyError, address: Address, tries: int, *, reached: bool = True
) -> ModelError:
    """Turn a failure into one of our errors, as if it had come over HTTP.

    Args:
        error: Of the last try.
        address: What was asked.
        tries: How often it was sent.
        reached: Whether there ever was a connection.
    """
    from vocero.model.failures import explain  # noqa: PLC0415
    from vocero.model.retry import Contact, Patience  # noqa: PLC0415

    patience = Patience(max_tries=tries, max_seconds=0.0, contact=Contact(made=reached))
    patience.tries = tries
    return explain(error, address, patience)


UNANSWERED: Final = Reply(_ERROR, {"error": {"message": "its batch ended without an answer to it"}})
"""For requests that neither file of an ended batch mentions."""


def read_line(line: bytes) -> tuple[str, Reply] | None:
    """Read a line of an output file or an error file.

    Returns:
        Its ``custom_id`` and what was answered; None where the request was not carried out before
        its batch ended, and where the line cannot be read.
    """
    try:
        found = json.loads(line)
        name, response, error = found["custom_id"], found.get("response"), found.get("error")
        if not isinstance(name, str):
            return None
        if response:
            return name, Reply(int(response["status_code"]), response["body"])
        code = str(error.get("code")) if isinstance(error, dict) else ""
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return None if code in EXPIRED else (name, Reply(_STATUS.get(code, _ERROR), {"error": error}))
