"""A model that answers from a script, so that whatever is built on Vocero can be tested offline.

Give it the answers in order::

    from vocero.model import FakeModel

    model = FakeModel([{"items": [{"n": 1, "said": "que vendrá"}]}, {"items": []}])
    extraction = vocero.extract(article, model=model)
    assert len(model.calls) == 2
    assert "Kirby" in model.calls[0].messages[-1]["content"]

or, where questions are asked at once or the answer hangs on the question, a function::

    def script(messages, answer):
        return {"items": []} if "vendrá" not in messages[-1]["content"] else {"items": [...]}

    model = FakeModel(script)

Answers go through the same validation as a real model's: one that does not fit takes the next
answer of the script, and after as many retries as `connect` has by default there is an
`AnswerError`. An exception in a script is raised, e.g. ``TruncatedError("too long")``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from vocero.errors import ModelError
from vocero.model.answer import Answer, DraftT, Message, Spent
from vocero.model.unfit import unusable, why_invalid
from vocero.schema import Usage

if TYPE_CHECKING:
    from vocero.model.usage import Price

Reply = dict[str, Any] | str | BaseModel | Exception
"""What a script answers: an object's fields, the raw text of an answer, an object, or a failure."""
Script = Callable[[Sequence[Message], type[BaseModel]], Reply] | Iterable[Reply]


@dataclass(frozen=True, slots=True)
class FakeCall:
    """One question as the fake model got it."""

    messages: tuple[Message, ...]
    answer: type[BaseModel]
    max_tokens: int | None
    label: str


class FakeModel:
    """A `Model` that answers from a script; `calls` holds what it was asked, in order."""

    def __init__(
        self,
        script: Script,
        *,
        name: str = "fake",
        sentences_per_call: int | None = None,
        usage: Usage | None = None,
        price: Price | None = None,
        validation_retries: int = 2,
    ) -> None:
        """Make a model of a script.

        Args:
            script: Answers in order, or a function of the messages and the answer class.
            name: What it calls itself.
            sentences_per_call: As a real model would say; None: as many as fit.
            usage: Tokens of every single answer; None: unknown.
            price: What they cost.
            validation_retries: Further answers taken where one does not fit.
        """
        if callable(script):
            self._reply = script
        else:
            replies = iter(script)
            self._reply = lambda _messages, _answer: next(replies)
        self.name = name
        self.where = "a script"
        self.sentences_per_call = sentences_per_call
        self.price = price
        self.parameters: Mapping[str, object] = {}
        self.calls: list[FakeCall] = []
        self.closed = False
        self._usage = usage or Usage()
        self._validation_retries = validation_retries

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        """Answer from the script; see `Model.ask`.

        Raises:
            AnswerError: the script's answers do not fit the class.
            AssertionError: the script has no answer left.
        """
        self.calls.append(FakeCall(tuple(messages), answer, max_tokens, label))
        spent = Spent(label=label)
        try:
            value = self._value(messages, answer, label, spent)
        except ModelError as error:
            vars(error)["spent"] = spent  # for `spent_on`
            raise
        return Answer(
            value=value,
            usage=spent.usage,
            model=self.name,
            transport_retries=0,
            validation_retries=spent.validation_retries,
            finish="stop",
        )

    async def aclose(self) -> None:
        """Note that it was closed; it still answers."""
        self.closed = True

    def _value(
        self, messages: Sequence[Message], answer: type[DraftT], label: str, spent: Spent
    ) -> DraftT:
        while True:
            try:
                reply = self._reply(messages, answer)
            except StopIteration:
                msg = f"the script has no answer left for question {len(self.calls)} ({label})"
                raise AssertionError(msg) from None
            if isinstance(reply, Exception):
                raise reply
            spent.usages.append(self._usage)
            try:
                return answer.model_validate_json(_text(reply))
            except ValidationError as error:
                if spent.validation_retries < self._validation_retries:
                    continue
                why, answers = why_invalid(error), len(spent.usages)
                raise unusable(label, self.name, why, answers) from None


def _text(reply: dict[str, Any] | str | BaseModel) -> str:
    if isinstance(reply, BaseModel):
        return reply.model_dump_json(by_alias=True)
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
