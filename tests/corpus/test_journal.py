"""The journal: what was asked and answered once is kept, whatever happens, and not asked again."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from scripted import item, said, scripted
from vocero.cli.journal import app
from vocero.corpus import Journal, Journaled, Record, key_of
from vocero.errors import (
    AnswerError,
    ModelError,
    SettingsError,
    TransportError,
    TruncatedError,
    VoceroError,
)
from vocero.extraction import aextract
from vocero.model import FakeModel, Message, Price, spent_on
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vocero.model import Answer, Model, Reply
    from vocero.model.answer import DraftT

WRITER = Path(__file__).with_name("journal_writer.py")
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


# What is put


def test_a_record_is_got_as_it_was_put_also_by_whoever_opens_the_file_later(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.get(KEY) is None
        journal.put(RECORD)
        assert journal.get(KEY) == RECORD

    with Journal(path) as later:
        assert later.get(KEY) == RECORD


# Every code point, lone surrogates among them: broken articles hold them.
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
COUNT = st.none() | st.integers(0, 2**40)
TIME = st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-5))]))
RECORDS = st.builds(
    Record,
    key=st.text("0123456789abcdef", min_size=64, max_size=64),
    label=TEXT,
    model=TEXT,
    messages=st.lists(
        st.builds(
            lambda role, content: Message(role=role, content=content),
            st.sampled_from(["system", "user", "assistant"]),
            TEXT,
        ),
        max_size=3,
    ).map(tuple),
    form=TEXT,
    started=TIME,
    ended=TIME,
    seconds=st.floats(0, 1e6),
    run=st.none() | TEXT,
    max_tokens=COUNT,
    parameters=st.dictionaries(TEXT, TEXT | st.integers() | st.booleans(), max_size=2),
    answer=st.none() | TEXT,
    answered_by=st.none() | TEXT,
    finish=st.none() | TEXT,
    error=st.none() | TEXT,
    why=st.none() | TEXT,
    usage=st.builds(Usage, input_tokens=COUNT, cached_tokens=COUNT, output_tokens=COUNT),
    transport_retries=st.integers(0, 100),
    validation_retries=st.integers(0, 100),
)


@given(st.lists(RECORDS, max_size=4, unique_by=lambda record: record.key))
@settings(deadline=None, max_examples=40)
def test_whatever_is_put_is_got_code_point_for_code_point(records: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as journal:
        for record in records:
            journal.put(record)
        assert [journal.get(record.key) for record in records] == records


def test_of_several_answers_the_first_stands_and_any_answer_before_a_failure(
    journal: Journal,
) -> None:
    cut = replace(RECORD, answer=None, error="TruncatedError", why="cut")
    cut_again = replace(cut, why="cut again")
    other = replace(RECORD, answer='{"who":"Watson","n":1}')

    assert journal.put(cut), "the first record of a question is told from later ones"
    assert not journal.put(cut_again)
    assert journal.get(KEY) == cut_again
    assert not journal.put(RECORD)
    assert not journal.put(other)
    assert journal.get(KEY) == RECORD
    assert journal.history(KEY) == [RECORD, other, cut_again, cut]


@pytest.mark.parametrize(
    "odd",
    [
        replace(RECORD, usage=Usage(input_tokens=10**30)),
        replace(RECORD, answered_by={"x": 1}),  # type: ignore[arg-type]
        replace(RECORD, parameters={"x": object()}),
    ],
    ids=["count", "model", "parameters"],
)
async def test_what_cannot_be_kept_fails_alone(journal: Journal, odd: Record) -> None:
    put = [journal.aput(one) for one in (RECORD, odd, replace(RECORD, key="0" * 64))]

    first, failed, third = await asyncio.gather(*put, return_exceptions=True)

    assert (first, third) == (True, True)
    assert isinstance(failed, Exception)
    assert journal.history(KEY) == [RECORD]


def test_only_the_owner_may_read_the_articles(journal: Journal, path: Path) -> None:
    journal.put(RECORD)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys([path.name, f"{path.name}-wal", f"{path.name}-shm"], 0o600)


# The key


def test_the_key_changes_with_all_that_an_answer_depends_on() -> None:
    class Renamed(BaseModel):
        who: str
        number: int = 1

    class Described(BaseModel):
        who: str = Field(description="The speaker.")
        n: int = 1

    def key(
        messages: Sequence[Message] = ASKED,
        answer: type[BaseModel] = Saying,
        model: str = "fake",
        max_tokens: int | None = None,
        **parameters: object,
    ) -> str:
        return key_of(messages, answer, model=model, max_tokens=max_tokens, parameters=parameters)

    keys = [
        key(),
        key(ASKED[1:]),
        key([ASKED[0], {"role": "user", "content": ASKED[1]["content"].strip()}]),
        key([{"role": "user", "content": "\ud83d\ude00"}]),  # two lone surrogates
        key([{"role": "user", "content": "\U0001f600"}]),  # the character that they would encode
        key(answer=Renamed),
        key(answer=Described),
        key(model="other"),
        key(max_tokens=100),
        key(mode="tools"),
        key(mode="json_schema"),
    ]
    assert len(set(keys)) == len(keys)
    assert key(a=1, b=2) == key(b=2, a=1)


def test_the_key_of_a_question_never_changes() -> None:
    # Where it does, everything that lies in people's journals is paid for again.
    assert KEY == "ed3e61202cd138aee24a1e21d4929cdf624d15c47a059ae41ed760b351a1dca8"


# Crashes and crowds


def test_five_times_kill_9_and_every_acknowledged_record_is_there(path: Path) -> None:
    acknowledged: list[str] = []
    for run in range(5):
        command = [sys.executable, str(WRITER), str(path), f"run {run}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            acknowledged += [process.stdout.readline().strip() for _ in range(40 + 13 * run)]
            process.kill()
            # What was printed before the kill counts; its last line may be torn.
            rest = process.stdout.read().splitlines()
            acknowledged += [line for line in rest if len(line) == len(KEY)]

    assert len(acknowledged) == len(set(acknowledged)) > 300
    with Journal(path) as journal:
        assert [key for key in acknowledged if journal.get(key) is None] == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_processes_that_begin_at_once_share_one_file(path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(path), f"process {n}", "60"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(3)
    ]
    keys = [key for one in writers for key in one.communicate()[0].split()]

    assert [one.returncode for one in writers] == [0, 0, 0]
    assert len(keys) == 180
    with Journal(path) as journal:
        assert all(journal.get(key) for key in keys)
        assert journal.stats().answers == 180
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_threads_write_and_read_at_once(journal: Journal) -> None:
    def use(thread: int) -> None:
        for n in range(25):
            key = f"{thread:032}{n:032}"
            journal.put(replace(RECORD, key=key))
            if journal.get(key) is None:
                lost.append(key)

    lost: list[str] = []
    threads = [threading.Thread(target=use, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert lost == []
    assert journal.stats().answers == 200


async def test_a_cancelled_put_is_written_all_the_same(path: Path) -> None:
    with Journal(path) as journal:
        putting = asyncio.create_task(journal.aput(RECORD))
        await asyncio.sleep(0)
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting

    with Journal(path) as later:
        assert later.get(KEY) == RECORD


# What cannot be a journal


def _text(path: Path) -> None:
    path.write_text("An article, and no journal. " * 500)


def _empty(path: Path) -> None:
    path.touch()


def _of_others(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE call (key TEXT)")


def _newer(path: Path) -> None:
    Journal(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (_text, "is no journal of Vocero: name another file"),
        (_empty, "is no journal of Vocero: name another file"),
        (_of_others, "is no journal of Vocero: name another file"),
        (_newer, "is a journal of a newer Vocero .version 2, this one reads 1.: upgrade vocero"),
        (_folder, "cannot be opened: look whether it is a file"),
    ],
)
def test_another_file_is_refused_and_left_as_it_was(
    path: Path, make: Callable[[Path], None], complaint: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(VoceroError, match=complaint) as refusal:
        Journal(path)

    assert repr(str(path)) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert before is None or path.read_bytes() == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoceroError, match=r"nowhere/journal.* cannot be made .No such file"):
        Journal(tmp_path / "nowhere" / "journal")


def test_a_damaged_file_is_told_from_an_empty_answer(path: Path) -> None:
    with Journal(path) as journal:
        for n in range(200):
            journal.put(replace(RECORD, key=f"{n:064}"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))

    with (
        Journal(path) as journal,
        pytest.raises(VoceroError, match="is damaged: restore it from a copy"),
    ):
        journal.get(KEY)


def test_a_full_disk_costs_no_record_that_was_acknowledged(path: Path) -> None:
    with Journal(path) as journal:
        journal.put(RECORD)
        # As many pages as there are: to SQLite the same as a disk without room.
        [pages] = journal._writer.execute("PRAGMA page_count").fetchone()
        journal._writer.execute(f"PRAGMA max_page_count = {pages}")
        large = replace(RECORD, key="0" * 64, answer='"' + "x" * 100_000 + '"')

        with pytest.raises(VoceroError, match="has no room left: free some") as failure:
            journal.put(large)

        assert "\n" not in str(failure.value)
        assert journal.get(KEY) == RECORD
        journal._writer.execute("PRAGMA max_page_count = 100000")
        journal.put(large)
        assert journal.get("0" * 64) == large


def test_while_one_process_writes_others_read_and_writers_wait_their_time(path: Path) -> None:
    with Journal(path) as journal, closing(sqlite3.connect(path)) as other:
        journal.put(RECORD)
        other.execute("BEGIN IMMEDIATE")
        journal._writer.execute("PRAGMA busy_timeout = 20")  # of 60,000 ms

        assert journal.get(KEY) == RECORD
        with pytest.raises(VoceroError, match="is held by another process for more than 60 s"):
            journal.put(RECORD)
        other.rollback()
        journal.put(RECORD)


# A model with a journal


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


# Looking into it


def filled(journal: Journal) -> None:
    day = dt.timedelta(days=1)
    cut = replace(RECORD, answer=None, error="TruncatedError", why="cut", usage=Usage())
    journal.put(RECORD)
    journal.put(replace(RECORD, key="1" * 64, label="claims", ended=RECORD.ended + day))
    journal.put(replace(cut, key="2" * 64, ended=RECORD.ended + 2 * day))
    journal.put(replace(RECORD, key="3" * 64, model="other", ended=RECORD.ended + 3 * day))


def test_stats_count_by_model_and_label(journal: Journal, path: Path) -> None:
    assert (journal.stats().groups, journal.stats().first) == ((), None)
    filled(journal)

    stats = journal.stats()
    assert [
        (one.model, one.label, one.answers, one.failures, one.untold) for one in stats.groups
    ] == [("fake", "claims", 1, 0, 0), ("fake", "who", 1, 1, 1), ("other", "who", 1, 0, 0)]
    # A failure that told no tokens is no reason to forget those of the answers.
    assert stats.groups[1].usage == RECORD.usage
    assert (stats.answers, stats.failures) == (3, 1)
    assert stats.first == RECORD.ended
    assert stats.last == RECORD.ended + dt.timedelta(days=3)
    assert stats.bytes >= path.stat().st_size


def test_an_export_is_a_line_of_plain_json_a_record(journal: Journal) -> None:
    journal.put(RECORD)
    lone: tuple[Message, ...] = ({"role": "user", "content": "\ud800"},)
    journal.put(replace(RECORD, messages=lone))
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    assert journal.export(stream) == 2

    stream.seek(0)
    first, second = stream.read().splitlines()
    assert "Kirby dijo que “no”." in first
    assert json.loads(second)["messages"] == [{"role": "user", "content": "\ud800"}]
    assert json.loads(first) == {
        "key": KEY,
        "label": "who",
        "model": "fake",
        "messages": ASKED,
        "form": "Saying",
        "started": "2026-11-01T12:00:00.000000+00:00",
        "ended": "2026-11-01T12:00:02.000000+00:00",
        "seconds": 2.0,
        "run": None,
        "max_tokens": None,
        "parameters": {},
        "answer": {"who": "Kirby", "n": 1},
        "answered_by": "fake-2026",
        "finish": "stop",
        "error": None,
        "why": None,
        "usage": {"input_tokens": 100, "cached_tokens": 0, "output_tokens": 10},
        "transport_retries": 0,
        "validation_retries": 0,
    }


def test_a_run_is_told_what_it_has_asked_itself(journal: Journal) -> None:
    long_ago = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)  # as a clock that is wrong would have it
    mine = replace(RECORD, run="mine", started=long_ago, ended=long_ago)
    journal.put(mine)
    journal.put(replace(mine, key="b" * 64, seconds=4.0))
    journal.put(replace(RECORD, key="c" * 64, run="other", seconds=9.0))
    journal.put(replace(RECORD, key="d" * 64, seconds=9.0))

    assert journal.usage("mine") == Usage(input_tokens=200, cached_tokens=0, output_tokens=20)
    assert journal.latencies("mine") == {"p50": 2.0, "p90": 4.0, "p99": 4.0, "max": 4.0}
    assert journal.usage("new") == Usage(input_tokens=0, cached_tokens=0, output_tokens=0)
    assert journal.latencies("new") == {}


def test_tokens_that_were_not_told_make_the_sum_unknown(journal: Journal) -> None:
    mine = replace(RECORD, run="mine")
    unreached = replace(mine, key="b" * 64, answer=None, error="TransportError", usage=Usage())
    journal.put(mine)
    journal.put(unreached)
    assert journal.usage("mine") == RECORD.usage  # where no answer came none was told

    journal.put(replace(mine, key="c" * 64, usage=Usage(input_tokens=5, output_tokens=1)))
    assert journal.usage("mine") == Usage(input_tokens=105, output_tokens=11)
    journal.put(replace(unreached, key="d" * 64, error="AnswerError"))
    assert journal.usage("mine") == Usage()


def test_what_is_pruned_is_gone_from_the_disk(journal: Journal, path: Path) -> None:
    secret = replace(RECORD, key="f" * 64, model="old", answer='{"who":"a secret source"}')
    journal.put(secret)
    for n in range(100):
        journal.put(replace(secret, key=f"{n:064}"))
    filled(journal)
    full = journal.stats().bytes

    assert journal.prune(model="old", before=NOON) == 0
    assert journal.prune(model="old") == 101
    assert journal.get(secret.key) is None
    assert journal.get(KEY) == RECORD
    assert journal.stats().bytes < full / 2
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"secret source" not in left

    assert journal.prune(before=RECORD.ended + dt.timedelta(days=2)) == 2
    assert [(one.model, one.failures) for one in journal.stats().groups] == [
        ("fake", 1),
        ("other", 0),
    ]
    with pytest.raises(SettingsError, match="by time or by model"):
        journal.prune()


def test_what_another_process_still_reads_is_said_to_be_on_the_disk(
    journal: Journal, path: Path
) -> None:
    filled(journal)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM call").fetchone()
        journal._writer.execute("PRAGMA busy_timeout = 20")  # of 60,000 ms

        with pytest.raises(VoceroError, match="3 records are deleted, but another process reads"):
            journal.prune(model="fake")
        other.rollback()

    assert journal.prune(model="fake") == 0
    assert journal.stats().answers == 1


def command(*arguments: object) -> None:
    app([str(one) for one in arguments], standalone_mode=False)


def test_the_commands_take_a_journal_or_the_folder_that_keeps_it(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Journal(path) as journal:
        filled(journal)

    command("stats", path.parent)
    shown = capfd.readouterr().out
    assert shown.startswith("3 answers, 1 failure, ")
    assert "2026-11-01 12:00 to 2026-11-04 12:00 UTC" in shown
    assert "The tokens of 1 record are unknown" in shown

    command("stats", path, "--json")
    counted = json.loads(capfd.readouterr().out)
    assert (counted["answers"], counted["groups"][0]["label"]) == (3, "claims")

    command("export", path)
    lines = capfd.readouterr().out.splitlines()
    assert [json.loads(line)["key"] for line in lines] == [KEY, "1" * 64, "2" * 64, "3" * 64]

    command("prune", path, "--before", "2026-11-03", "--model", "fake")
    assert capfd.readouterr().out.startswith("2 records deleted, ")
    command("prune", path, "--before", "2026-11-03T13:00:00")
    assert capfd.readouterr().out.startswith("1 record deleted, ")
    command("stats", path, "--json")
    assert [one["model"] for one in json.loads(capfd.readouterr().out)["groups"]] == ["other"]


def test_where_nothing_is_to_prune_it_says_what_there_is(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Journal(path) as journal:
        filled(journal)

    for asked in (("--model", "fakes"), ("--before", "2026-10-01")):
        command("prune", path, *asked)
        assert capfd.readouterr().out == (
            "nothing deleted; the journal holds 3 records of 'fake' (2026-11-01 12:00 to "
            "2026-11-03 12:00 UTC) and 1 record of 'other' (2026-11-04 12:00 to 2026-11-04 12:00 UTC)\n"
        )
    for model in ("fake", "other"):
        command("prune", path, "--model", model)
    capfd.readouterr()

    command("prune", path, "--model", "fake")
    assert capfd.readouterr().out == "nothing deleted; the journal holds no records\n"


def test_a_folder_without_a_journal_is_named_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no journal '.*journal\.sqlite'"):
        command("stats", tmp_path)
    assert list(tmp_path.iterdir()) == []
