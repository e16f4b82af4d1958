"""What the mock endpoint is going to send, and how; faults turn one reply into another."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

__all__ = ["Json", "Reply", "completion", "error"]

Json = dict[str, Any]
"""A JSON object, as it was sent."""

# English text has about four characters a token; close enough for counters and limits.
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is sent."""

    asked: Json
    """The request that it answers."""
    completion: Json | None
    """The chat completion; None once a fault has put something else in its place."""
    raw: bytes = b""
    """The body where there is no completion."""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    """Beside ``Content-Type`` and ``Content-Length``."""
    content_type: str = "application/json"
    delay: float = 0.0
    """Seconds until the first byte; infinite for an answer that never comes."""
    cut: float | None = None
    """Share of the body that is sent before the connection is reset; 0: not even the head is."""
    pause: float = 0.0
    """Seconds between two bytes of the body; 0 sends it at once."""

    @property
    def body(self) -> bytes:
        """The body as it goes over the wire."""
        return self.raw if self.completion is None else json.dumps(self.completion).encode()

    @property
    def tokens(self) -> int:
        """Tokens of the prompt and of the completion; 0 where there is no completion."""
        return self.completion["usage"]["total_tokens"] if self.completion else 0

    @property
    def answered(self) -> int | None:
        """The status, if the answer is sent to its end."""
        return None if self.cut is not None or math.isinf(self.delay) else self.status


def completion(asked: Json, content: str) -> Json:
    """Make a chat completion: the content as a message, or as a call of the tool that was sent.

    Args:
        asked: The request.
        content: What the model says. Token counts are estimated from its length and the prompt's.
    """
    prompt_tokens = _tokens(sum(len(str(one.get("content"))) for one in asked["messages"]))
    completion_tokens = _tokens(len(content))
    message: Json = {"role": "assistant", "content": content, "refusal": None}
    tools = asked.get("tools")
    if tools:
        function = {"name": tools[0]["function"]["name"], "arguments": content}
        call = {"id": "call-mock", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    finish = "tool_calls" if tools else "stop"
    return {
        "id": "chatcmpl-mock",
        "object": "chat.completion",
        "created": 0,
        "model": asked.get("model", "mock"),
        "choices": [{"index": 0, "finish_reason": finish, "message": message, "logprobs": None}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }


def error(status: int, message: str = "") -> bytes:
    """Make the body of an error report in OpenAI's form.

    Args:
        status: Goes along as the code.
        message: What went wrong; default: the status in words.
    """
    said = message or f"mock: {HTTPStatus(status).phrase}"
    report = {"message": said, "type": "mock_error", "param": None, "code": str(status)}
    return json.dumps({"error": report}).encode()


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_A_TOKEN)
