"""What is taken from the body of a response: the parts that are of use, each of its own type.

An endpoint may send anything. What is let in here is text where text has to be, and whole
characters, so that nobody behind has to ask again what a part is.
"""

from __future__ import annotations

from typing import Any

from openai.types.chat import ChatCompletion

from vocero.model.retry import BrokenBodyError


def completion_of(body: object) -> ChatCompletion:
    """Return the completion that a body holds; parts may be missing.

    Of its choices only the first is kept, and a model or a reason to stop that is no text is None.

    Args:
        body: As JSON gives it, from whoever answered.

    Raises:
        BrokenBodyError: it holds none, but an error report or something else.
    """
    if not isinstance(body, dict) or body.get("error") or "choices" not in body:
        report = body.get("error") if isinstance(body, dict) else None
        raise BrokenBodyError(shown(report or body))
    choices = body["choices"]
    first = choices[0] if isinstance(choices, list) and choices else None
    usage = body.get("usage")
    return ChatCompletion.construct(
        model=_texts(body, "model").get("model"),
        choices=[_choice(first)] if isinstance(first, dict) else [],
        usage=usage if isinstance(usage, dict) else None,
    )


def shown(said: object) -> str:
    """Return what an endpoint says as text, whatever it is."""
    try:
        return _whole(said if isinstance(said, str) else str(said))
    except RecursionError:
        return "nested too deeply"


def _choice(given: dict[str, Any]) -> dict[str, Any]:
    finish, message = _texts(given, "finish_reason"), given.get("message")
    choice: dict[str, Any] = {"index": 0, "finish_reason": finish.get("finish_reason")}
    if not isinstance(message, dict):
        return choice
    kept: dict[str, Any] = {"role": "assistant", **_texts(message, "content", "refusal")}
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        kept["tool_calls"] = [_call(call) for call in calls if _is_call(call)]
    return choice | {"message": kept}


def _is_call(given: object) -> bool:
    return isinstance(given, dict) and isinstance(given.get("function"), dict)


def _call(given: dict[str, Any]) -> dict[str, Any]:
    function = {"name": "", "arguments": "", **_texts(given["function"], "name", "arguments")}
    return {**_texts(given, "id"), "type": "function", "function": function}


def _texts(given: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: _whole(given[name]) for name in names if isinstance(given.get(name), str)}


def _whole(text: str) -> str:
    """Put U+FFFD in the place of lone surrogates, which JSON can say and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
