"""`vocero extract` on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from extracting import MAYOR, Endpoint, origins
from vocero.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("folder"),
]


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[object, str]]:
    """Runs the command on a terminal of 80 columns; gives its exit code and what was shown."""

    def run(*arguments: str) -> tuple[object, str]:
        screen, device = os.openpty()
        shown: list[bytes] = []

        def watch() -> None:
            with contextlib.suppress(OSError):  # what reading of a closed terminal is
                while data := os.read(screen, 4096):
                    shown.append(data)

        watcher = threading.Thread(target=watch)
        watcher.start()
        with os.fdopen(device, "w", encoding="utf-8") as stream, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            patch.setattr(sys, "stderr", stream)
            patch.setenv("TERM", "xterm-256color")
            patch.setenv("COLUMNS", "80")
            patch.setenv("LINES", "24")
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        watcher.join()
        os.close(screen)
        return ended.value.code, b"".join(shown).decode()

    return run


def test_on_a_terminal_a_bar_runs_and_each_article_becomes_a_table(
    endpoint: Endpoint, on_terminal: Callable[..., tuple[object, str]], folder: Path
) -> None:
    def slow(_question: str) -> int:
        time.sleep(0.5)  # the bar is drawn four times a second
        return 200

    endpoint.status = slow
    code, screen = on_terminal("extract", "river.txt", "-o", "out.jsonl")

    assert code == 0
    assert screen.startswith(f"model: reader ({endpoint.url})")
    assert "0/1 sentences" in screen
    assert "tokens/s" in screen
    assert "The river has never been cleaner" in screen
    assert "1 attribution · 1 actor · 1 claim · 1 proposal rejected (1 not in text)" in screen
    assert '"document"' not in screen
    assert origins(folder.joinpath("out.jsonl").read_text(encoding="utf-8")) == ["river.txt"]


@pytest.mark.usefixtures("endpoint")
def test_on_a_terminal_quiet_leaves_the_result(
    on_terminal: Callable[..., tuple[object, str]],
) -> None:
    _, alone = on_terminal("extract", "river.txt", "--quiet")
    _, beside_a_file = on_terminal("extract", "river.txt", "--quiet", "-o", "out.jsonl")

    assert "The river has never been cleaner" in alone
    assert "model:" not in alone
    assert "sentences" not in alone
    assert beside_a_file == ""


def test_no_article_no_file_name_and_no_endpoint_commands_the_terminal(
    endpoint: Endpoint, on_terminal: Callable[..., tuple[object, str]], folder: Path
) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m[red]\u202e\u2066\u200f"
    record = {
        "text": f"The {evil} river has never been cleaner, the mayor said.",
        "title": f"Title {evil}",
    }
    folder.joinpath("a.jsonl").write_text(json.dumps(record), encoding="utf-8")
    folder.joinpath(f"name {evil}.txt").write_text(MAYOR, encoding="utf-8")
    folder.joinpath(os.fsdecode(b"\xff.txt")).write_text(MAYOR, encoding="utf-8")
    folder.joinpath("refused.txt").write_text(f"{MAYOR} Refuse this.", encoding="utf-8")
    endpoint.status = lambda question: 400 if "Refuse this" in question else 200

    code, screen = on_terminal("extract", ".", f"gone {evil}", "-o", "/dev/null")

    assert code == 1
    assert "Title �]0;owned��[2J�31m[red]" in screen
    assert "(400) (�[2Jno): " in screen
    assert screen.count("[red]") >= 4  # in the title, the text and two names, as it stands
    for raw in ("\x1b]", "\x07", "\x1b[2J", "\x9b", "\u202e", "\u2066", "\u200f"):
        assert raw not in screen
