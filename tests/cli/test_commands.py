"""The commands beside `vocero extract`, and what all of them share."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from vocero.cli import exits, main
from vocero.schema import SCHEMAS, json_schema
from vocero.version import __version__


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


def imported_by(*arguments: str) -> set[str]:
    """The modules that are there when a command has run, in a process of its own."""
    code = (
        "import atexit, sys; from vocero.cli import main;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        f"main({arguments!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_is_quick_because_it_imports_next_to_nothing() -> None:
    slow = {"pydantic", "rich", "openai", "instructor", "jinja2", "asyncio", "vocero.schema"}

    assert not slow & imported_by("--help")


def test_the_schema_costs_pydantic_and_no_more() -> None:
    modules = imported_by("schema")

    assert "pydantic" in modules
    assert not {"openai", "instructor", "tenacity", "rich", "vocero.model"} & modules


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_prints_that_of_a_class(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", name.title()) == 0

    assert json.loads(capsys.readouterr().out) == json_schema(name)


def test_schema_prints_the_whole_by_default_and_knows_no_other_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("schema") == 0
    assert json.loads(capsys.readouterr().out) == json_schema("extraction")

    assert run("schema", "quote") == exits.WRONG_USE
    told = capsys.readouterr().err
    assert told.startswith("vocero: there is no schema 'quote': name one of extraction, document")
    assert told.count("\n") == 1


def test_python_m_vocero_is_the_command() -> None:
    def answer(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "vocero", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    assert answer("--version") == (0, f"vocero {__version__}\n")
    assert answer("no-such-command") == (exits.WRONG_USE, "")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0

    assert capsys.readouterr().out == f"vocero {__version__}\n"


def test_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("extract", "--help") == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    codes = (0, exits.SOME_FAILED, exits.WRONG_USE, exits.STOPPED, exits.INTERRUPTED)
    told = [line[0] for line in lines if line and line[0].isdecimal()]
    assert told == [str(code) for code in codes]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", ["schema", "--help", "--version"])
def test_a_full_disk_is_one_line(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)
    with full, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        assert run(command) == exits.STOPPED

    assert capsys.readouterr().err.startswith("vocero: standard output cannot be used (No space")
