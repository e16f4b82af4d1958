"""Plain Instructor: the whole article in one question, an answer as a Pydantic class.

Its documented way for an endpoint with structured outputs: `Mode.JSON_SCHEMA`, worked examples as
messages, answers that do not validate asked for again (twice at most).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import instructor
from instructor.core.exceptions import InstructorError
from openai import OpenAI, OpenAIError
from pydantic import BaseModel

from placing import Draft, placed
from worker import MAX_TOKENS, TAUGHT, TIMEOUT, given, read_articles, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai.types.chat import ChatCompletionMessageParam

_RETRIES = 2


class Attribution(BaseModel):
    """Who said what."""

    source: str
    cue: str
    content: list[str]


class Attributions(BaseModel):
    """Everything that the article attributes to somebody."""

    attributions: list[Attribution]


def main() -> None:
    told = given(TAUGHT)
    client = instructor.from_openai(
        OpenAI(base_url=told.url, api_key="none", timeout=TIMEOUT),
        mode=instructor.Mode.JSON_SCHEMA,
    )
    messages = list(_messages(told.language))

    def read(text: str) -> dict[str, Any]:
        try:
            got = client.create(
                response_model=Attributions,
                messages=[*messages, {"role": "user", "content": text}],
                model=told.model,
                temperature=0,
                max_tokens=MAX_TOKENS,
                max_retries=_RETRIES,
            )
        except (InstructorError, OpenAIError) as error:
            print(f"Instructor: {error!r:.300}")
            return {"attributions": [], "spans": 0, "outside": 0, "lost": 1}
        drafts = [Draft(one.source, one.cue, one.content) for one in got.attributions]
        return {**placed(text, drafts), "lost": 0}

    read_articles(read)


def _messages(language: str) -> Iterator[ChatCompletionMessageParam]:
    taught = task(language)
    yield {"role": "system", "content": "\n".join(taught["instructions"])}
    for example in taught["examples"]:
        answer = json.dumps({"attributions": example["attributions"]}, ensure_ascii=False)
        yield {"role": "user", "content": example["text"]}
        yield {"role": "assistant", "content": answer}


if __name__ == "__main__":
    main()
