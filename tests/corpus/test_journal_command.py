"""Looking into a journal, taking it elsewhere, deleting from it."""

from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from journals import ASKED, KEY, NOON, RECORD, filled
from vocero.cli.journal import app
from vocero.corpus import Journal
from vocero.errors import SettingsError, VoceroError
from vocero.schema import Usage

if TYPE_CHECKING:
    from pathlib import Path

    from vocero.model import Message


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
