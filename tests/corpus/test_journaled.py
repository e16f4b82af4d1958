"""A model with a journal: what was answered once is not asked again."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from journals import ASKED, KEY, NOON, RECORD, Saying
from scripted import item, said, scripted
from vocero.corpus import Journal, Journaled, Record, key_of
from vocero.errors import AnswerError, ModelError, TransportError, TruncatedError
from vocero.extraction import aextract
from vocero.model import FakeModel, Message, Price, spent_on
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from vocero.model import Answer, Model, Reply
    from vocero.model.answer import DraftT


def fake(*replies: Reply) -> FakeModel:
    each = Usage(input_tokens=100, cached_tokens=0, output_tokens=10)
    return FakeModel(replies, usage=each, price=Price.parse("1/2"), sentences_per_call=3)


async def test_what_was_answered_once_is_answered_again_without_asking(path: Path) -> None:
    paid: list[Usage] = []
    with Journal(path) as journal:
        first = Journaled(fake("no JSON", {"who": "Kirby"}), journal, on_asked=paid.append)
        got = await first.ask(ASKED, Saying, label="who")

    with Journal(path) as journal:
        model = fake()
        again = Journaled(model, journal, on_asked=paid.append)
        replayed = await again.ask(ASKED, Saying, label="who said it")

    # All that provenance is made of is the same; what this run paid is told apart.
    assert replayed == got
    assert (got.value, got.validation_retries) == (Saying(who="Kirby"), 1)
    assert model.calls == []
    assert paid == [got.usage]
    assert got.usage.input_tokens == 200


async def test_a_model_with_other_parameters_is_asked_again(journal: Journal) -> None:
    for mode in ("json_schema", "tools"):
        inner = fake({"who": "Kirby"})
        inner.parameters = {"mode": mode}
        await Journaled(inner, journal).ask(ASKED, Saying, label="who")
        assert len(inner.calls) == 1


async def test_the_journal_notes_what_was_sent_and_what_came(journal: Journal) -> None:
    inner = fake({"who": "Kirby"})
    inner.parameters = {"mode": "tools"}
    model = Journaled(inner, journal)
    before = dt.datetime.now(dt.UTC)
    await model.ask(ASKED, Saying, max_tokens=50, label="who")

    key = key_of(ASKED, Saying, model="fake", max_tokens=50, parameters={"mode": "tools"})
    record = journal.get(key)
    assert record
    assert before <= record.started <= record.ended <= dt.datetime.now(dt.UTC)
    assert record == Record(
        key=key,
        label="who",
        model="fake",
        messages=tuple(ASKED),
        form="Saying",
        started=record.started,
        ended=record.ended,
        seconds=record.seconds,
        max_tokens=50,
        parameters={"mode": "tools"},
        answer='{"who":"Kirby","n":1}',
        answered_by="fake",
        finish="stop",
        usage=Usage(input_tokens=100, cached_tokens=0, output_tokens=10),
    )


async def test_it_is_the_model_for_whoever_asks_it(journal: Journal) -> None:
    inner = fake()
    model: Model = Journaled(inner, journal)

    assert (model.name, model.where, model.sentences_per_call) == ("fake", "a script", 3)
    assert model.price == Price.parse("1/2")
    await model.aclose()
    assert inner.closed
    journal.put(RECORD)  # is still open


async def test_identical_questions_at_once_are_asked_once(journal: Journal) -> None:
    inner = fake({"who": "Kirby"}, {"who": "Watson"})
    model = Journaled(inner, journal)
    other: list[Message] = [{"role": "user", "content": "2| Watson lo negó."}]

    answers = await asyncio.gather(
        *(model.ask(ASKED, Saying, label="who") for _ in range(5)),
        model.ask(other, Saying, label="who"),
    )

    assert [one.value.who for one in answers] == ["Kirby"] * 5 + ["Watson"]
    assert len(inner.calls) == 2


async def test_identical_questions_in_several_threads_are_asked_once(journal: Journal) -> None:
    inner = fake({"who": "Kirby"})
    model = Journaled(inner, journal)

    def ask() -> str:
        return asyncio.run(model.ask(ASKED, Saying, label="who")).value.who

    answers = await asyncio.gather(*(asyncio.to_thread(ask) for _ in range(8)))

    assert answers == ["Kirby"] * 8
    assert len(inner.calls) == 1


class Slow(FakeModel):
    """Answers when it is told to."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(replies)
        self.go = asyncio.Event()

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        await self.go.wait()
        return await super().ask(messages, answer, max_tokens=max_tokens, label=label)


async def test_where_the_asker_is_cancelled_one_of_those_who_wait_asks(journal: Journal) -> None:
    inner = Slow({"who": "Kirby"})
    model = Journaled(inner, journal)
    first, second, third = (
        asyncio.create_task(model.ask(ASKED, Saying, label="who")) for _ in range(3)
    )
    await asyncio.sleep(0.01)
    third.cancel()  # one who waits: nobody else minds
    first.cancel()
    await asyncio.sleep(0.01)
    inner.go.set()

    assert (await second).value.who == "Kirby"
    assert first.cancelled()
    assert third.cancelled()
    assert len(inner.calls) == 1


async def test_those_who_wait_share_a_failure_and_the_next_asks_again(journal: Journal) -> None:
    inner = Slow(TransportError("503"), {"who": "Kirby"})
    paid: list[Usage] = []
    model = Journaled(inner, journal, on_asked=paid.append)
    asking = [asyncio.create_task(model.ask(ASKED, Saying, label="who")) for _ in range(3)]
    await asyncio.sleep(0.01)
    inner.go.set()

    failures = await asyncio.gather(*asking, return_exceptions=True)
    assert [str(failure) for failure in failures] == ["503"] * 3
    assert len(inner.calls) == 1
    noted = journal.get(KEY)
    assert noted
    assert (noted.error, noted.why, noted.answer) == ("TransportError", "503", None)

    assert (await model.ask(ASKED, Saying, label="who")).value.who == "Kirby"
    # A question that no answer came to has cost nothing; whom it failed is no matter.
    assert [one.output_tokens for one in paid] == [0, None]


@pytest.mark.parametrize("kind", [AnswerError, TruncatedError])
async def test_what_the_model_could_not_do_is_replayed_unless_it_is_to_try_again(
    journal: Journal, kind: type[ModelError]
) -> None:
    inner = fake("no JSON", kind("it cannot"), {"who": "Kirby"})
    model = Journaled(inner, journal)

    with pytest.raises(kind, match="it cannot") as failed:
        await model.ask(ASKED, Saying, label="who")
    with pytest.raises(kind, match="it cannot") as replayed:
        await model.ask(ASKED, Saying, label="who")

    first, again = (spent_on(error.value) for error in (failed, replayed))
    assert first.usage == again.usage == Usage(input_tokens=100, cached_tokens=0, output_tokens=10)
    assert first.validation_retries == again.validation_retries
    assert len(inner.calls) == 1

    retrying = Journaled(inner, journal, retry_failed=True)
    assert (await retrying.ask(ASKED, Saying, label="who")).value.who == "Kirby"
    assert (await model.ask(ASKED, Saying, label="who")).value.who == "Kirby"
    assert len(inner.calls) == 2


async def test_an_answer_that_its_class_no_longer_takes_is_asked_for_again(
    journal: Journal,
) -> None:
    journal.put(replace(RECORD, answer='{"who": null}'))
    inner = fake({"who": "Kirby"})
    model = Journaled(inner, journal)

    for _ in range(2):
        assert (await model.ask(ASKED, Saying, label="who")).value.who == "Kirby"
    assert len(inner.calls) == 1


async def test_where_another_process_was_quicker_its_answer_stands_for_both(
    journal: Journal,
) -> None:
    def script(_messages: Sequence[Message], _answer: type[BaseModel]) -> Reply:
        journal.put(RECORD)  # as another process would meanwhile
        return {"who": "Watson"}

    got = await Journaled(FakeModel(script), journal).ask(ASKED, Saying, label="who")

    assert (got.value.who, got.model) == ("Kirby", "fake-2026")


async def test_an_extraction_is_rebuilt_without_the_model(journal: Journal) -> None:
    article = (
        "«El río está limpio», dijo ayer la alcaldesa Ana Ruiz. «Nadie lo cree», dijo Luis Paz."
    )
    river = item(
        s=1, cue="dijo", src="la alcaldesa Ana Ruiz", who="Ana Ruiz", say=["El río está limpio"]
    )
    nobody = item(s=2, cue="dijo", src="Luis Paz", who="Luis Paz", say=["Nadie lo cree"])
    cut = TruncatedError("cut at its token limit")  # the article is then asked about in halves
    model = scripted(attributions=[cut, {"items": [river]}, {"items": [nobody]}])

    first = await aextract(article, model=Journaled(model, journal))
    asked = len(model.calls)
    again = await aextract(article, model=Journaled(model, journal))

    assert [one.who for one in said(again)] == ["Ana Ruiz", "Luis Paz"]
    assert len(model.calls) == asked
    now = {"created_at": NOON}
    assert again.provenance.model_copy(update=now) == first.provenance.model_copy(update=now)
    assert again.model_dump_json(exclude={"provenance"}) == first.model_dump_json(
        exclude={"provenance"}
    )
