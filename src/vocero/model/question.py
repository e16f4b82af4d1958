"""One question through Instructor: its form on the wire, its re-asks, its validated answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Literal, cast

from instructor import Mode, patch, response_schema
from instructor.core.exceptions import InstructorRetryException, ResponseParsingError
from openai.types.chat import ChatCompletionMessage
from pydantic import BaseModel, ValidationError

from vocero.errors import AnswerError, TruncatedError
from vocero.model.answer import Answer, CallRecord, DraftT, Message, Spent
from vocero.model.failures import RefusedFeatureError
from vocero.model.strict import strict_format
from vocero.model.unfit import one_line, unusable, why_invalid
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from openai.types.chat import ChatCompletion

    from vocero.model.settings import ModelSettings
    from vocero.model.wire import Wire

AnswerMode = Literal["json_schema", "tools"]

_COMPLAINT_LENGTH = 2000
"""Code points of a re-ask's list of errors; that of a long answer can have thousands of lines."""

# Instructor logs the errors it also raises, and what nobody handles Python prints.
logging.getLogger("instructor").addHandler(logging.NullHandler())


class SchemaIgnoredError(Exception):
    """A strict schema was answered in prose: the endpoint does not honour it."""


@dataclass(slots=True)
class Question(Generic[DraftT]):
    """A question on its way; `spent` is its account, also when it fails."""

    wire: Wire
    settings: ModelSettings
    messages: Sequence[Message]
    answer: type[DraftT]
    max_tokens: int | None
    label: str
    validation_retries: int
    on_call: Callable[[CallRecord], None] | None
    spent: Spent
    _answered_by: str = ""
    _finish: str | None = None

    async def ask_either_way(self) -> tuple[Answer[DraftT], AnswerMode]:
        """Ask with a strict schema, and with a tool where that is refused or ignored.

        Returns:
            The answer, and the mode that it came in.
        """
        try:
            return await self.ask("json_schema", probing=True), "json_schema"
        except RefusedFeatureError as error:
            if error.feature != "schema":
                raise
        except SchemaIgnoredError:
            pass
        return await self.ask("tools"), "tools"

    async def ask(self, mode: AnswerMode, *, probing: bool = False) -> Answer[DraftT]:
        """Ask in one mode until an answer fits the class.

        Args:
            mode: Whether the class goes along as a strict JSON schema or as a tool to call.
            probing: Give up at once when a schema is answered in prose.

        Raises:
            ModelError: any of them.
            SchemaIgnoredError: only when probing.
        """

        async def create(**request: Any) -> ChatCompletion:  # noqa: ANN401 - as Instructor made it
            request["messages"] = self._with_last_reask(request["messages"])
            if mode == "json_schema":
                request["response_format"] = strict_format(self.answer, lengths=self.settings.local)
            completion, seconds = await self.wire.complete(request, self.spent)
            self._account(completion, seconds)
            self._check(completion)
            if probing and _is_prose(completion):
                raise SchemaIgnoredError
            return completion

        instructed = cast(
            "Callable[..., Awaitable[DraftT]]",
            patch(create=create, mode=Mode.TOOLS if mode == "tools" else Mode.JSON_SCHEMA),
        )
        limit = {} if self.max_tokens is None else {"max_tokens": self.max_tokens}
        try:
            value = await instructed(
                response_model=_for_instructor(self.answer),
                messages=[dict(message) for message in self.messages],
                max_retries=self.validation_retries,
                # None: the class says itself how strictly it reads; True would refuse "3" for 3.
                strict=None,
                temperature=0,
                **limit,
            )
        except InstructorRetryException as error:
            cause = error.__cause__ or error
            if not isinstance(cause, ValidationError | ResponseParsingError):
                raise cause from None
            why = why_invalid(cause) if isinstance(cause, ValidationError) else str(cause)
            answers = len(self.spent.usages)
            raise unusable(self.label, self.settings.model, why, answers) from None
        return Answer(
            # Instructor's object is of a subclass that it made; the caller gets the class it gave.
            value=self.answer.model_construct(value.model_fields_set, **dict(value)),
            usage=self.spent.usage,
            model=self._answered_by,
            transport_retries=self.spent.transport_retries,
            validation_retries=self.spent.validation_retries,
            finish=self._finish,
        )

    def _with_last_reask(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep the question and the last exchange about its answer: re-asks must not pile up."""
        asked, exchanges = messages[: len(self.messages)], messages[len(self.messages) :]
        last = max((i for i, one in enumerate(exchanges) if one["role"] == "assistant"), default=0)
        answer, complaints = exchanges[last : last + 1], exchanges[last + 1 :]
        return asked + answer + [one | {"content": _cut(one["content"])} for one in complaints]

    def _account(self, completion: ChatCompletion, seconds: float) -> None:
        # Before Instructor sees it, which overwrites each usage with its running total.
        usage = _usage(completion)
        self.spent.usages.append(usage)
        self._answered_by = completion.model or self.settings.model
        if self.on_call:
            self.on_call(CallRecord(self.label, usage, seconds))

    def _check(self, completion: ChatCompletion) -> None:
        """Raise for what Instructor would stumble over, and for what asking again cannot mend."""
        # The SDK does not validate: a choice may lack what its type promises.
        if not completion.choices or not isinstance(
            completion.choices[0].message, ChatCompletionMessage
        ):
            msg = "the answer holds no message"
            raise ResponseParsingError(msg)  # Instructor asks the same again
        choice = completion.choices[0]
        self._finish = choice.finish_reason
        who = f"{self.label}: {self.settings.model!r}"
        if choice.finish_reason == "length":
            msg = f"{who} was cut at its token limit: ask about less at once"
            raise TruncatedError(msg)
        if choice.finish_reason == "content_filter":
            msg = f"{who} was stopped by a content filter: use another model"
            raise AnswerError(msg)
        if choice.message.refusal:
            msg = f"{who} refused to answer ({one_line(choice.message.refusal)}): use another model"
            raise AnswerError(msg)


@lru_cache(maxsize=128)
def _for_instructor(answer: type[BaseModel]) -> type[BaseModel]:
    # Instructor derives a class of its own from the answer's; left to itself, for every question.
    return response_schema(answer)


def _is_prose(completion: ChatCompletion) -> bool:
    return not (completion.choices[0].message.content or "").lstrip().startswith("{")


def _usage(completion: ChatCompletion) -> Usage:
    usage = completion.usage
    if usage is None:
        return Usage()
    details = usage.prompt_tokens_details
    return Usage(
        input_tokens=usage.prompt_tokens,
        cached_tokens=details.cached_tokens if details else None,
        output_tokens=usage.completion_tokens,
    )


def _cut(text: str) -> str:
    if len(text) <= _COMPLAINT_LENGTH:
        return text
    # Instructor's instruction stands before the errors or after them, by mode.
    half = _COMPLAINT_LENGTH // 2
    return f"{text[:half]}\n…\n{text[-half:]}"
