"""The journal: what was asked and answered once is kept, whatever happens."""

from __future__ import annotations

import asyncio
import datetime as dt
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

from journals import ASKED, KEY, RECORD, Saying
from vocero.corpus import Journal, Record, key_of
from vocero.errors import VoceroError
from vocero.model import Message
from vocero.schema import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


WRITER = Path(__file__).with_name("journal_writer.py")
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
