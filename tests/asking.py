"""Questions to an endpoint that gives scripted responses, and what it was sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from vocero.model import CallRecord, Message, Model, connect

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ASKED",
    "DRAFT",
    "FITTING",
    "KEY",
    "UNFIT",
    "URL",
    "Draft",
    "Item",
    "Many",
    "Script",
    "called",
    "model_at",
    "no_wait",
    "refused",
    "said",
    "tokens",
]

KEY = "sk-0123456789abcdef"
URL = "http://models.example/v1"
ASKED: list[Message] = [
    {"role": "system", "content": "Who says what?"},
    {"role": "user", "content": "1| «No», dijo Kirby."},
]


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(ge=1)
    title: Annotated[str, Field(max_length=20)] = ""
    how: Literal["direct", "indirect"]


class Draft(BaseModel):
    """Sayings, by sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[Item] = Field(max_length=3)
    note: str | None = None


class Many(BaseModel):
    items: list[Item]


FITTING = '{"items": [{"n": 1, "title": "Kirby", "how": "direct"}], "note": null}'
UNFIT = '{"items": [{"n": 0, "title": "Kirby", "how": "sung"}], "note": null}'
DRAFT = Draft(items=[Item(n=1, title="Kirby", how="direct")])


def said(
    content: str | None = FITTING, *, finish: str = "stop", usage: object = None, **message: object
) -> httpx2.Response:
    """Return a completion as endpoints send it."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **message},
    }
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m-2026"}
    return httpx2.Response(200, json=body | {"choices": [choice], "usage": usage})


def called(arguments: str = FITTING) -> httpx2.Response:
    """Return a completion that calls the tool."""
    function = {"name": "Draft", "arguments": arguments}
    call = {"id": "call-1", "type": "function", "function": function}
    return said(None, finish="tool_calls", tool_calls=[call])


def tokens(prompt: int, output: int, cached: int | None = None) -> dict[str, object]:
    counts: dict[str, object] = {"prompt_tokens": prompt, "completion_tokens": output}
    if cached is not None:
        counts["prompt_tokens_details"] = {"cached_tokens": cached}
    return counts


def refused(status: int, message: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"message": message, "type": "invalid"}})


class Script(httpx2.MockTransport):
    """An endpoint that gives these responses in order and keeps what it was sent."""

    def __init__(self, *responses: httpx2.Response) -> None:
        self.requests: list[httpx2.Request] = []
        left = iter(responses)

        def respond(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            return next(left)

        super().__init__(respond)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


async def no_wait(seconds: float) -> None:
    assert seconds >= 0


def model_at(
    script: httpx2.AsyncBaseTransport,
    *,
    mode: Literal["auto", "json_schema", "tools"] = "json_schema",
    on_call: Callable[[CallRecord], None] | None = None,
    **limits: Any,
) -> Model:
    return connect(
        "m",
        base_url=URL,
        api_key=KEY,
        mode=mode,
        on_call=on_call,
        transport=script,
        sleep=no_wait,
        **limits,
    )
