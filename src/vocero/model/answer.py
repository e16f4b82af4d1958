"""What goes over the model boundary: messages in, an answer and its account out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypedDict, TypeVar, runtime_checkable

from pydantic import BaseModel

from vocero.model.usage import total_usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    import httpx2

    from vocero.errors import BudgetError, ModelError
    from vocero.model.budget import Spending
    from vocero.model.pacer import Pacing
    from vocero.model.usage import Price
    from vocero.schema import Usage

DraftT = TypeVar("DraftT", bound=BaseModel)
"""The Pydantic class that a question wants filled."""


class Message(TypedDict):
    """One message of a conversation, sent exactly as it is: its text is never a template."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Answer(Generic[DraftT]):
    """A validated answer and what it took to get it."""

    value: DraftT
    usage: Usage
    """Tokens of every answer the endpoint gave to this question, the refused ones included."""
    model: str
    """The model that answered, as the endpoint names it."""
    transport_retries: int
    """Tries repeated because of a 408, 409, 429, 5xx, a reset, a timeout or a broken body."""
    validation_retries: int
    """Tries repeated because the answer before did not fit the class."""
    finish: str | None
    """Why the model stopped, in the endpoint's words (``stop``, ``tool_calls``); None if unsaid."""


@dataclass(slots=True)
class Spent:
    """Running account of one question; what remains to be told when the question fails."""

    usages: list[Usage] = field(default_factory=list)
    """One for each answer that came over HTTP."""
    transport_retries: int = 0
    label: str = ""
    """What the question was about, in the caller's words."""

    @property
    def usage(self) -> Usage:
        """Tokens of all answers."""
        return total_usage(self.usages)

    @property
    def validation_retries(self) -> int:
        """Answers after the first."""
        return max(len(self.usages) - 1, 0)


def spent_on(error: ModelError | BudgetError) -> Spent:
    """Return what a question had taken when it failed; empty for errors of another origin."""
    found = getattr(error, "spent", None)
    return found if isinstance(found, Spent) else Spent()


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One answer that came over HTTP, fit or not; for progress bars and logs."""

    label: str
    """What the question was about, in the caller's words."""
    usage: Usage
    seconds: float
    """From sending the request to having its whole answer, without waits between tries."""


class ConnectOptions(TypedDict, total=False):
    """The keyword arguments of `vocero.model.connect`, for those who pass them on."""

    base_url: str | None
    api_key: str | None
    timeout: float | None
    concurrency: int | None
    mode: Literal["auto", "json_schema", "tools"] | None
    price: Price | str | None
    max_tries: int
    max_seconds: float
    validation_retries: int
    pacer: Pacing | None
    budget: Spending | None
    on_call: Callable[[CallRecord], None] | None
    progress: Callable[[str, int, int], None] | None
    transport: httpx2.AsyncBaseTransport | None
    sleep: Callable[[float], Awaitable[None]]


class Model(Protocol):
    """Whatever answers questions. `connect` gives one; `FakeModel` is one for tests."""

    @property
    def name(self) -> str:
        """The model as the user named it."""

    @property
    def where(self) -> str:
        """For people: the address that answers, or what stands in for it."""

    @property
    def sentences_per_call(self) -> int | None:
        """How many sentences to ask about at once; None: as many as fit."""

    @property
    def price(self) -> Price | None:
        """What tokens cost; None if unknown."""

    @property
    def parameters(self) -> Mapping[str, object]:
        """Whatever else changes its answers, as JSON can hold it.

        Else: beside the messages, the class, the model's name and the bound on tokens.
        """

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        """Ask until an answer fits the class, within the budgets of tries.

        Args:
            messages: The conversation, sent as it is.
            answer: A small, flat Pydantic class.
            max_tokens: Bound on the tokens of one answer; None leaves it to the endpoint.
            label: What the question is about, for errors and progress.

        Raises:
            ModelError: one of its subclasses; `spent_on` tells what was spent until then.
            BudgetError: the next request might cost more than the budget has left.
            LocalModelError: the embedded model cannot be had or started.
        """

    async def aclose(self) -> None:
        """Give back connections and the embedded server. The model may be asked again after it."""


@runtime_checkable
class Remembering(Protocol):
    """A model whose answers depend, in their last bits, on what it was asked before.

    The embedded one is: see `vocero.model.endpoint.Embedded`.
    """

    def remember(self, messages: Sequence[Message]) -> None:
        """Take note of a question that was answered without it."""
