"""A record, and a journal that is filled with its like."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

from vocero.corpus import Journal, Record, key_of
from vocero.schema import Usage

if TYPE_CHECKING:
    from vocero.model import Message

__all__ = ["ASKED", "KEY", "NOON", "RECORD", "Saying", "filled"]

NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


class Saying(BaseModel):
    who: str
    n: int = 1


ASKED: list[Message] = [
    {"role": "system", "content": "Who speaks?"},
    {"role": "user", "content": "1| Kirby dijo que “no”.\u00a0"},
]
KEY = key_of(ASKED, Saying, model="fake", max_tokens=None, parameters={})
RECORD = Record(
    key=KEY,
    label="who",
    model="fake",
    messages=tuple(ASKED),
    form="Saying",
    started=NOON,
    ended=NOON + dt.timedelta(seconds=2),
    seconds=2.0,
    answer='{"who":"Kirby","n":1}',
    answered_by="fake-2026",
    finish="stop",
    usage=Usage(input_tokens=100, cached_tokens=0, output_tokens=10),
)


def filled(journal: Journal) -> None:
    day = dt.timedelta(days=1)
    cut = replace(RECORD, answer=None, error="TruncatedError", why="cut", usage=Usage())
    journal.put(RECORD)
    journal.put(replace(RECORD, key="1" * 64, label="claims", ended=RECORD.ended + day))
    journal.put(replace(cut, key="2" * 64, ended=RECORD.ended + 2 * day))
    journal.put(replace(RECORD, key="3" * 64, model="other", ended=RECORD.ended + 3 * day))
