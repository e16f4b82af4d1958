"""What is sent and what is made of the answer: Instructor's pieces, built once for each class.

Pure: a request's body from a question, a value from a completion, a correction from an answer that
did not fit. Whoever carries them (`vocero.model.question` over HTTP, a provider's batch of files)
does the rest. Instructor's own loop (`patch`) does the same at 1.4 ms of CPU a request more: it
builds the JSON Schema again, scans every annotation for asynchronous validators, and sums usage in
a deep copy. Its handlers of modes, which know how to ask, to read and to correct, read an answer
3 µs slower than Pydantic alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from instructor.core.exceptions import ResponseParsingError
from instructor.v2 import Mode, Provider, mode_registry
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from pydantic import BaseModel, ValidationError

from vocero.errors import AnswerError, TruncatedError
from vocero.model.strict import strict_format
from vocero.model.unfit import UnfitError, one_line, why_invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from instructor.v2.core.registry import ModeHandlers

    from vocero.model.answer import DraftT, Message

AnswerMode = Literal["json_schema", "tools"]
"""Whether the class goes along as a strict JSON schema or as a tool to call."""
Turn = dict[str, Any]
"""A message of a correction: beside role and content it may hold tool calls."""

_COMPLAINT_LENGTH = 2000
"""Code points of a correction's list of errors; that of a long answer can have thousands of lines."""


def request_body(
    messages: Sequence[Message | Turn],
    answer: type[BaseModel],
    mode: AnswerMode,
    *,
    max_tokens: int | None,
    lengths: bool,
) -> dict[str, Any]:
    """Return the body of a request for a chat completion, without the model.

    Args:
        messages: The conversation, sent as it is.
        answer: The class to fill.
        mode: How the class goes along.
        max_tokens: Bound on the tokens of the answer; None leaves it to the endpoint.
        lengths: Keep bounds on the length of strings; see `strict_format`.

    Returns:
        A new dict of parts that are shared: do not change what it holds.
    """
    body: dict[str, Any] = {"messages": list(messages), "temperature": 0}
    if max_tokens is not None:
        body["max_tokens"] = max_tokens
    if mode == "json_schema":
        # Instructor's own is neither strict nor closed.
        return body | {"response_format": strict_format(answer, lengths=lengths)}
    return body | _tool(answer)


def read_answer(
    completion: ChatCompletion, answer: type[DraftT], mode: AnswerMode, *, who: str
) -> DraftT:
    """Return what a completion holds as an object of the class.

    Args:
        completion: Of `completion_of`: parts may be missing.
        answer: The class.
        mode: How it was asked for.
        who: The question and the model, for messages, e.g. ``claims 1-3: 'gpt-5'``.

    Raises:
        UnfitError: there is no answer, or one that does not fit; it can be asked for again.
        TruncatedError: it was cut at its token limit.
        AnswerError: it was refused or filtered; asking again is vain.
    """
    message = _message(completion)
    if message is None:
        msg = "the answer holds no message"
        raise UnfitError(msg)
    finish = completion.choices[0].finish_reason
    if finish == "length":
        msg = f"{who} was cut at its token limit: ask about less at once"
        raise TruncatedError(msg)
    if finish == "content_filter":
        msg = f"{who} was stopped by a content filter: use another model"
        raise AnswerError(msg)
    if message.refusal:
        msg = f"{who} refused to answer ({one_line(message.refusal)}): use another model"
        raise AnswerError(msg)
    message.refusal = None  # some endpoints say "" for it, which Instructor takes for a refusal
    try:
        # No context, which would make templates of messages; and not strict: the class says
        # itself how strictly it reads, True would refuse "3" for 3.
        value: DraftT = _handlers(mode).response_parser(
            completion, answer, validation_context=None, strict=None, stream=False, is_async=True
        )
    except ValidationError as error:
        raise UnfitError(why_invalid(error)) from error
    except ResponseParsingError as error:
        raise UnfitError(str(error)) from error
    vars(value).pop("_raw_response", None)  # Instructor's mark, which would outlive the answer
    return value


def correction(completion: ChatCompletion, mode: AnswerMode, error: UnfitError) -> list[Turn]:
    """Return the messages that ask again: the answer that did not fit, and what is wrong with it.

    They go behind the question's own messages, in place of those of an earlier answer: corrections
    must not pile up.

    Args:
        completion: The answer.
        mode: How it was asked for.
        error: What `read_answer` made of it.

    Returns:
        Two messages or more; none where there was no message to correct.
    """
    if _message(completion) is None:
        return []
    cause = error.__cause__
    wrong = cause if isinstance(cause, Exception) else error
    again = _handlers(mode).reask_handler({"messages": []}, completion, wrong)
    said, *complaints = cast("list[Turn]", again["messages"])
    return [said, *(one | {"content": _cut(one["content"])} for one in complaints)]


def is_prose(completion: ChatCompletion) -> bool:
    """Whether a model answered in words where JSON was asked for."""
    message = _message(completion)
    return message is not None and not (message.content or "").lstrip().startswith("{")


@lru_cache(maxsize=2)
def _handlers(mode: AnswerMode) -> ModeHandlers:
    found: ModeHandlers = mode_registry.get_handlers(
        Provider.OPENAI, Mode.TOOLS if mode == "tools" else Mode.JSON_SCHEMA
    )
    return found


@lru_cache(maxsize=128)
def _tool(answer: type[BaseModel]) -> dict[str, Any]:
    _, request = _handlers("tools").request_handler(answer, {"messages": []})
    return {"tools": request["tools"], "tool_choice": request["tool_choice"]}


def _message(completion: ChatCompletion) -> ChatCompletionMessage | None:
    # A choice may lack what its type promises.
    message = getattr(completion.choices[0], "message", None) if completion.choices else None
    return message if isinstance(message, ChatCompletionMessage) else None


def _cut(text: str) -> str:
    if len(text) <= _COMPLAINT_LENGTH:
        return text
    # Instructor's instruction stands before the errors or after them, by mode.
    half = _COMPLAINT_LENGTH // 2
    return f"{text[:half]}\n…\n{text[-half:]}"
