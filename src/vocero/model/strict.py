"""The strict JSON schema of an answer class."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import openai

if TYPE_CHECKING:
    from pydantic import BaseModel

# Outside OpenAI's strict subset ("Supported schemas" in its guide to structured outputs), where a
# request that holds one is refused. Titles are inside it, but cost tokens and tell nothing.
_DROPPED = {"default", "title", "uniqueItems"}
_LENGTHS = {"minLength", "maxLength"}


@lru_cache(maxsize=128)
def strict_format(answer: type[BaseModel], *, lengths: bool) -> dict[str, object]:
    """Return the ``response_format`` that holds a class's strict schema; do not change it.

    Every object is closed and every property required, as strictness demands; Pydantic still
    fills in defaults where a server leaves a field out.

    Args:
        answer: The class.
        lengths: Keep bounds on the length of strings. llama.cpp honours them, and without them
            a small model may run on until its answer is cut; OpenAI refuses them.
    """
    schema = openai.pydantic_function_tool(answer)["function"].get("parameters")
    return {
        "type": "json_schema",
        "json_schema": {
            "name": answer.__name__,
            "strict": True,
            "schema": _clean(schema, _DROPPED if lengths else _DROPPED | _LENGTHS),
        },
    }


def _clean(schema: object, dropped: set[str]) -> object:
    if isinstance(schema, list):
        return [_clean(item, dropped) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        # Below these two the keys are names, not keywords: a field may well be called "title".
        key: {name: _clean(one, dropped) for name, one in value.items()}
        if key in {"properties", "$defs"}
        else _clean(value, dropped)
        for key, value in schema.items()
        if key not in dropped
    }
