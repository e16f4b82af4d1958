"""One question on its way: asked until an answer fits, and its account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol

from vocero.model.answer import Answer, CallRecord, DraftT, Message, Spent
from vocero.model.exchange import (
    AnswerMode,
    Turn,
    correction,
    is_prose,
    read_answer,
    request_body,
)
from vocero.model.failures import RefusedFeatureError
from vocero.model.unfit import UnfitError, unusable
from vocero.model.usage import usage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openai.types.chat import ChatCompletion

    from vocero.model.settings import ModelSettings


class SchemaIgnoredError(Exception):
    """A strict schema was answered in prose: the endpoint does not honour it."""


class Carrier(Protocol):
    """Whatever gets requests answered: a `Wire`, or what stands in for one."""

    async def complete(
        self, request: Mapping[str, Any], spent: Spent
    ) -> tuple[ChatCompletion, float]:
        """Return a completion and the seconds it took; see `Wire.complete`."""


@dataclass(slots=True)
class Question(Generic[DraftT]):
    """A question on its way; `spent` is its account, also when it fails."""

    wire: Carrier
    settings: ModelSettings
    messages: Sequence[Message]
    answer: type[DraftT]
    max_tokens: int | None
    label: str
    validation_retries: int
    on_call: Callable[[CallRecord], None] | None
    spent: Spent

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
        who = f"{self.label}: {self.settings.model!r}"
        again: list[Turn] = []
        why = ""
        for _ in range(self.validation_retries + 1):
            body = request_body(
                [*self.messages, *again],
                self.answer,
                mode,
                max_tokens=self.max_tokens,
                lengths=self.settings.local,
            )
            completion, seconds = await self.wire.complete(body, self.spent)
            self._account(completion, seconds)
            try:
                value = read_answer(completion, self.answer, mode, who=who)
            except UnfitError as error:
                if probing and is_prose(completion):
                    raise SchemaIgnoredError from None
                why = str(error)
                again = correction(completion, mode, error) or again
            else:
                return self._answered(completion, value)
        raise unusable(self.label, self.settings.model, why, len(self.spent.usages))

    def _account(self, completion: ChatCompletion, seconds: float) -> None:
        usage = usage_of(completion)
        self.spent.usages.append(usage)
        if self.on_call:
            self.on_call(CallRecord(self.label, usage, seconds))

    def _answered(self, completion: ChatCompletion, value: DraftT) -> Answer[DraftT]:
        return Answer(
            value=value,
            usage=self.spent.usage,
            model=completion.model or self.settings.model,
            transport_retries=self.spent.transport_retries,
            validation_retries=self.spent.validation_retries,
            finish=completion.choices[0].finish_reason,
        )
