"""Requests on their way into files, none larger than a provider takes."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vocero.corpus.outputs import writing
from vocero.corpus.provider.state import request_id
from vocero.errors import BudgetError
from vocero.model.estimate import at_most

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO, Self

    from vocero.corpus.provider.state import State
    from vocero.model.budget import Budget

__all__ = ["CHAT", "PART", "Limits", "Outbox"]

CHAT: Final = "/v1/chat/completions"
"""The provider's name for what is asked of it, wherever its address is."""
PART: Final = ".part"
"""How the names of files end that are not whole yet."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold; the defaults are OpenAI's."""

    requests: int = 50_000
    bytes: int = 200_000_000


class Outbox:
    """The files of one round, written as the requests come, and whole at the end of its context.

    The context has to be inside `State.together`.

    Args:
        folder: Where the files go.
        state: Knows every request by its question's key.
        run: The run's id, for the names of the files.
        model: As the endpoint names it.
        limits: Of each file.
        budget: What its requests may cost at most; None: anything.
    """

    def __init__(
        self,
        folder: Path,
        state: State,
        *,
        run: str,
        model: str,
        limits: Limits,
        budget: Budget | None,
    ) -> None:
        self.requests = 0
        """Written so far, in all files."""
        self.stopped: BudgetError | None = None
        """Why a request was not written, if one was not; from then on none is."""
        self._folder = folder
        self._state = state
        self._run = run
        self._model = model
        self._limits = limits
        self._budget = budget
        self._file: _File | None = None

    async def post(self, key: str, body: Mapping[str, Any]) -> None:
        """Write a request, unless one of the same question waits already.

        Args:
            key: Of the question; see `vocero.corpus.key_of`.
            body: Of a request for a chat completion, without the model.
        """
        if self._state.waiting(key):
            return
        if not await self._affords(body):
            return
        with writing(self._folder):
            file, line = self._line(key, body)
            file.write(line)
        self._state.add_request(request_id(key, file.serial), key, file.serial)
        self.requests += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self._close()
        elif self._file is not None:
            self._file.abandon()

    def _close(self) -> None:
        """Have what was written on the disk, under its name."""
        if self._file is None:
            return
        with writing(self._folder):
            name = self._file.close(self._run)
        self._state.close_file(self._file.serial, name, self._file.requests)
        self._file = None

    async def _affords(self, body: Mapping[str, Any]) -> bool:
        if self._budget is not None and self.stopped is None:
            most = at_most(body)
            try:
                hold = await self._budget.hold(most)
            except BudgetError as error:
                self.stopped = error
            else:
                hold.settle(most)  # what it takes is known in the next round, which reckons anew
        return self.stopped is None

    def _line(self, key: str, body: Mapping[str, Any]) -> tuple[_File, bytes]:
        """Find the file for a request; return it, and the request as its line."""
        if self._file is not None:
            line = self._asked(key, body, self._file.serial)
            if self._file.has_room(len(line), self._limits):
                return self._file, line
        self._close()
        self._file = _File(self._folder, self._state.open_file())
        return self._file, self._asked(key, body, self._file.serial)

    def _asked(self, key: str, body: Mapping[str, Any], serial: int) -> bytes:
        asked = {
            "custom_id": request_id(key, serial),
            "method": "POST",
            "url": CHAT,
            "body": {"model": self._model, **body},
        }
        try:
            return json.dumps(asked, ensure_ascii=False).encode() + b"\n"
        except UnicodeEncodeError:  # half a character, in what a model said before
            return json.dumps(asked).encode() + b"\n"


class _File:
    """One file while it is written."""

    def __init__(self, folder: Path, serial: int) -> None:
        self.serial = serial
        self.requests = 0
        self._bytes = 0
        self._hash = hashlib.sha256()
        self._path = folder / f"{serial}{PART}"
        self._file: BinaryIO = self._path.open("wb")

    def has_room(self, length: int, limits: Limits) -> bool:
        return self.requests < limits.requests and self._bytes + length <= limits.bytes

    def write(self, line: bytes) -> None:
        self._file.write(line)
        self._hash.update(line)
        self._bytes += len(line)
        self.requests += 1

    def abandon(self) -> None:
        self._file.close()

    def close(self, run: str) -> str:
        """Return its name: no other file of this run or another one has it."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        name = f"vocero-{run[:12]}-{self.serial}-{self._hash.hexdigest()[:16]}.jsonl"
        self._path.rename(self._path.with_name(name))
        return name
