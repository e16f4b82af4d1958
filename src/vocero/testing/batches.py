"""The Files and Batches of the mock endpoint: half-price answers, with all that may go wrong there.

Of OpenAI's API this is what a client of its batches needs: upload, list, fetch and delete files;
create, fetch, list and cancel batches. A batch moves on by one state each time it is looked at.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import parse_qsl

from vocero.testing.reply import Json, Reply, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Batches", "Fate"]

Fate: TypeAlias = Literal["completed", "expired", "failed", "queue full", "cancelled"]
"""How a batch ends: ``expired`` and ``cancelled`` with half of its answers, ``failed`` because its
file is refused, ``queue full`` because too many tokens wait already."""

_BOUNDARY: Final = re.compile(rb'boundary="?([^";\r\n]+)')
_NAME: Final = re.compile(rb'\bname="([^"]*)"')
_FILENAME: Final = re.compile(rb'\bfilename="([^"]*)"')
_CALL: Final = re.compile(
    r"(?P<method>[A-Z]+) /v1/(?P<kind>files|batches)(?:/(?P<id>[\w-]+)(?:/(?P<what>\w+))?)?"
    r"(?:\?(?P<query>\S*))? "
)
_FIRST_ERROR: Final = 400
_CUT: Final = 0.5
_STATES: Final = ("validating", "in_progress", "finalizing")
_REFUSALS: Final = {
    "failed": ("invalid_json_line", 1, "This line is not parseable as valid JSON."),
    "queue full": ("token_limit_exceeded", None, "Enqueued token limit reached for this model."),
}


@dataclass(slots=True)
class _Batch:
    id: str
    file: str
    metadata: Json
    fate: Fate
    lines: list[bytes]
    looks: int = 0
    status: str = "validating"
    output: str | None = None
    errors: str | None = None
    answered: int = 0
    failed: int = 0

    def to_json(self) -> Json:
        refusal = _REFUSALS.get(self.fate) if self.status == "failed" else None
        reasons = [dict(zip(("code", "line", "message"), refusal, strict=True))] if refusal else []
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "created_at": 0,
            "input_file_id": self.file,
            "status": self.status,
            "metadata": self.metadata,
            "output_file_id": self.output,
            "error_file_id": self.errors,
            "errors": {"object": "list", "data": reasons} if reasons else None,
            "request_counts": {
                "total": len(self.lines),
                "completed": self.answered,
                "failed": self.failed,
            },
        }


class Batches:
    """What a `MockEndpoint` does at ``/v1/files`` and ``/v1/batches``; give it one to plan it.

    Each request of a batch is answered as it would be by itself, the endpoint's faults included: a
    status of 400 or more goes to the error file; what is no completion, or never comes, is in
    neither file. The lines of both are shuffled.

    Calls are named by method and place: ``POST files``, ``GET files content``, ``POST batches``,
    ``GET batches`` (the list), ``GET batches id``, ``POST batches cancel`` and so on.

    Args:
        looks: At a batch, until it has ended.
        fates: Of the batches, in the order they are created; those behind them are ``completed``.
        lost: Calls that arrive and have their effect, and whose answer is a reset, that of a file
            in the middle; how many.
        refused: Calls that are answered 503 and have no effect; how many.

    Attributes:
        looks: As given; may be changed at any time.
        submitted: How often each ``custom_id`` was in a batch that was not refused.
        calls: How often each call came.
        files: What is kept now, by id: names and contents.
    """

    def __init__(
        self,
        *,
        looks: int = 3,
        fates: Iterable[Fate] = (),
        lost: Mapping[str, int] = MappingProxyType({}),
        refused: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.submitted: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.files: dict[str, tuple[str, bytes]] = {}
        self.looks = looks
        self._fates = iter(fates)
        self._lost = Counter(lost)
        self._refused = Counter(refused)
        self._batches: dict[str, _Batch] = {}
        self._made = 0
        self._shuffled = random.Random(1)  # noqa: S311 - no secret

    def reply(self, head: bytes, body: bytes, answer: Callable[[bytes], Reply]) -> Reply | None:
        """Answer a call; None where it is none of ours.

        Args:
            head: Of the HTTP request.
            body: Of the HTTP request.
            answer: Answers the body of one request for a chat completion.
        """
        called = _CALL.match(head.decode("latin-1"))
        if called is None:
            return None
        place = called["what"] or ("id" if called["id"] else "")
        call = " ".join(filter(None, (called["method"], called["kind"], place)))
        self.calls[call] += 1
        if self._refused[call] > 0:
            self._refused[call] -= 1
            return Reply({}, None, raw=error(503), status=503)
        try:
            raw = self._called(call, called, head, body, answer)
        except (KeyError, ValueError) as failed:
            return Reply(
                {}, None, raw=error(404, f"the mock has nothing there: {failed!r}"), status=404
            )
        if self._lost[call] > 0:
            self._lost[call] -= 1
            return Reply({}, None, raw=raw, cut=_CUT if place == "content" else 0.0)
        return Reply({}, None, raw=raw)

    def _called(
        self,
        call: str,
        called: re.Match[str],
        head: bytes,
        body: bytes,
        answer: Callable[[bytes], Reply],
    ) -> bytes:
        query = dict(parse_qsl(called["query"] or ""))
        match call:
            case "POST files":
                made: Json = self._file_json(self._keep(*_uploaded(head, body)))
            case "GET files":
                made = _page([self._file_json(one) for one in self.files], query)
            case "GET files id":
                made = self._file_json(called["id"])
            case "GET files content":
                return self.files[called["id"]][1]
            case "DELETE files id":
                del self.files[called["id"]]
                made = {"id": called["id"], "object": "file", "deleted": True}
            case "POST batches":
                made = self._create(json.loads(body)).to_json()
            case "GET batches":
                made = _page([one.to_json() for one in self._batches.values()], query)
            case "GET batches id":
                batch = self._batches[called["id"]]
                self._look(batch, answer)
                made = batch.to_json()
            case "POST batches cancel":
                batch = self._batches[called["id"]]
                batch.fate, batch.status = "cancelled", "cancelling"
                made = batch.to_json()
            case _:
                raise KeyError(call)
        return json.dumps(made).encode()

    def _keep(self, name: str, content: bytes) -> str:
        self._made += 1
        self.files[f"file-{self._made}"] = (name, content)
        return f"file-{self._made}"

    def _file_json(self, name: str) -> Json:
        filename, content = self.files[name]
        return {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": 0,
            "filename": filename,
            "purpose": "batch",
            "status": "processed",
        }

    def _create(self, asked: Json) -> _Batch:
        self._made += 1
        lines = self.files[asked["input_file_id"]][1].splitlines()
        fate: Fate = next(self._fates, "completed")
        made = f"batch_{self._made}"
        batch = _Batch(made, asked["input_file_id"], asked.get("metadata") or {}, fate, lines)
        self._batches[made] = batch
        if fate not in _REFUSALS:
            self.submitted.update(json.loads(line)["custom_id"] for line in lines)
        return batch

    def _look(self, batch: _Batch, answer: Callable[[bytes], Reply]) -> None:
        batch.looks += 1
        if batch.looks < self.looks:
            if batch.status in _STATES:
                batch.status = _STATES[min(batch.looks - 1, len(_STATES) - 1)]
        elif batch.status in {*_STATES, "cancelling"}:
            batch.status = "failed" if batch.fate in _REFUSALS else batch.fate
            if batch.fate not in _REFUSALS:
                self._carry_out(batch, answer)

    def _carry_out(self, batch: _Batch, answer: Callable[[bytes], Reply]) -> None:
        asked = [json.loads(line) for line in batch.lines]
        self._shuffled.shuffle(asked)
        reached = len(asked) if batch.fate == "completed" else len(asked) // 2
        fine: list[bytes] = []
        wrong: list[bytes] = []
        for one in asked[:reached]:
            reply = answer(json.dumps(one["body"], ensure_ascii=False).encode())
            if (line := _line(one["custom_id"], reply)) is not None:
                (fine if reply.status < _FIRST_ERROR else wrong).append(line)
        # Of those that were not reached the error file may tell, or not.
        wrong += [_unreached(one["custom_id"], f"batch_{batch.fate}") for one in asked[reached::2]]
        batch.answered, batch.failed = len(fine), len(wrong)
        batch.output = self._keep("output.jsonl", b"".join(fine)) if fine else None
        batch.errors = self._keep("errors.jsonl", b"".join(wrong)) if wrong else None


def _uploaded(head: bytes, body: bytes) -> tuple[str, bytes]:
    """The name and the content of the file in a form."""
    boundary = _BOUNDARY.search(head)
    if boundary is None:
        msg = "no form"
        raise ValueError(msg)
    for part in body.split(b"--" + boundary[1].strip()):
        about, _, content = part.partition(b"\r\n\r\n")
        name, filename = _NAME.search(about), _FILENAME.search(about)
        if name and filename and name[1] == b"file":
            return filename[1].decode(), content.removesuffix(b"\r\n")
    msg = "no file in the form"
    raise ValueError(msg)


def _page(everything: list[Json], query: Mapping[str, str]) -> Json:
    """One page of a list, the newest first."""
    newest = everything[::-1]
    ids = [one["id"] for one in newest]
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    end = start + int(query.get("limit", "20"))
    shown = newest[start:end]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": end < len(newest),
    }


def _line(name: str, reply: Reply) -> bytes | None:
    """The line of a result; None where a fault left nothing that could stand there."""
    try:
        body = None if reply.answered is None else json.loads(reply.body)
    except ValueError:
        body = {"error": {"message": reply.body.decode()}} if reply.status >= _FIRST_ERROR else None
    if body is None:
        return None
    response = {"status_code": reply.status, "request_id": "req-mock", "body": body}
    line = {"id": "batch_req_mock", "custom_id": name, "response": response, "error": None}
    return json.dumps(line).encode() + b"\n"


def _unreached(name: str, code: str) -> bytes:
    why = {"code": code, "message": "This request could not be executed."}
    line = {"id": "batch_req_mock", "custom_id": name, "response": None, "error": why}
    return json.dumps(line).encode() + b"\n"
