"""What came of one article: a line of output or a failure, and the account of either."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic import ValidationError

from vocero.errors import AnswerError, TruncatedError
from vocero.extraction.session import account_of
from vocero.model import spent_on
from vocero.model.unfit import one_line, why_invalid
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vocero.errors import InputError, ModelError
    from vocero.schema import Document, Extraction, Provenance

__all__ = ["Account", "Done", "Failed", "Outcome"]

# Code points of what an error of another library says: many quote what they were given.
_TOLD: Final = 200


@dataclass(frozen=True, slots=True)
class Account:
    """What an article took and gave; what it cost hangs on the price, which may change."""

    attributions: int = 0
    actors: int = 0
    claims: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Refused proposals by reason."""
    calls: int = 0
    """Questions asked; the tokens are unknown only where there were some."""
    transport_retries: int = 0
    validation_retries: int = 0
    usage: Usage = field(default_factory=Usage)

    @classmethod
    def of(cls, extraction: Extraction) -> Account:
        """The account of an extraction, as its provenance has it."""
        return replace(
            cls.of_questions(extraction.provenance),
            attributions=len(extraction.attributions),
            actors=len(extraction.actors),
            claims=len(extraction.claims),
            rejected=Counter(one.reason for one in extraction.rejected),
        )

    @classmethod
    def of_questions(cls, took: Provenance) -> Account:
        """The account of what was asked alone."""
        return cls(
            calls=took.attempts.calls,
            transport_retries=took.attempts.transport_retries,
            validation_retries=took.attempts.validation_retries,
            usage=took.usage,
        )

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; `from_json` reads it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return fields | {
            "rejected": dict(sorted(self.rejected.items())),
            "usage": self.usage.model_dump(),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Account:
        """The account that `to_json` wrote."""
        return cls(**dict(fields) | {"usage": Usage.model_validate(fields["usage"])})


@dataclass(frozen=True, slots=True)
class Done:
    """An article that was extracted."""

    line: bytes
    """The extraction as JSON, without an end of line."""
    account: Account

    def to_json(self) -> str:
        """As the journal keeps it: without the line, which can be made again."""
        return json.dumps(self.account.to_json())


@dataclass(frozen=True, slots=True)
class Failed:
    """An article that was not."""

    id: str | None
    """The document's id; None where it could not be read."""
    origin: str | None
    stage: str
    """``read``, the question that found no answer (``article``; of a small model ``attributions``,
    ``speaker``, ``actors`` or ``claims``), or ``vocero`` for a bug."""
    error: str
    """Name of the error's class."""
    message: str
    attempts: int = 0
    """Requests of the question that found no answer."""
    account: Account = field(default_factory=Account)

    @classmethod
    def to_read(cls, error: InputError) -> Failed:
        """What could not be read as an article."""
        return cls(None, None, "read", type(error).__name__, str(error))

    @classmethod
    def to_answer(cls, document: Document, error: ModelError) -> Failed:
        """What the model could not be asked, or did not answer."""
        spent = spent_on(error)
        took = account_of(error)
        account = Account() if took is None else Account.of_questions(took)
        # The last try of a request that never was answered is no retry and has no usage.
        unanswered = not isinstance(error, AnswerError | TruncatedError)
        attempts = len(spent.usages) + spent.transport_retries + unanswered
        kind = type(error).__name__
        return cls(document.id, document.origin, spent.label, kind, str(error), attempts, account)

    @classmethod
    def by_bug(cls, document: Document, error: Exception) -> Failed:
        """A bug of ours, which must not cost the other articles."""
        kind = type(error).__name__
        # Not what was invalid, which is text of an article or of its model.
        said = why_invalid(error) if isinstance(error, ValidationError) else str(error)
        told = one_line(f"{kind}: {said}", _TOLD)
        message = f"a bug in Vocero, please report it with the article: {told}"
        return cls(document.id, document.origin, "vocero", kind, message)

    @property
    def told(self) -> str:
        """For people: which article, and why."""
        name = self.origin or self.id
        return self.message if name is None else f"{name!r}: {self.message}"

    def line(self, position: int) -> bytes:
        """The line of ``failures.jsonl``, without its end.

        Args:
            position: Of the article in the input, from 0.
        """
        fields = {
            "position": position,
            "id": self.id,
            "origin": self.origin,
            "stage": self.stage,
            "error": self.error,
            "message": self.message,
            "attempts": self.attempts,
        }
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace")

    def to_json(self) -> str:
        """As the journal keeps it; `from_json` reads it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields | {"account": self.account.to_json()})

    @classmethod
    def from_json(cls, text: str) -> Failed:
        """The failure that `to_json` wrote."""
        fields = json.loads(text)
        return cls(**fields | {"account": Account.from_json(fields["account"])})


Outcome: TypeAlias = Done | Failed
