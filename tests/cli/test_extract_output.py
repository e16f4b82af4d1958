"""Where `vocero extract` writes: a file, a pipe, a disk that is full."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from extracting import MAYOR, Done, Endpoint, origins
from vocero.cli.output import open_output
from vocero.errors import VoceroError
from vocero.extraction import Extractor
from vocero.model import FakeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("folder"),
]


@pytest.mark.usefixtures("endpoint")
class TestOutput:
    """`-o`."""

    def test_it_holds_the_lines(self, vocero: Callable[..., Done], folder: Path) -> None:
        done = vocero("extract", "river.txt", "-o", "out.jsonl")

        assert (done.code, done.out) == (0, "")
        assert origins(folder.joinpath("out.jsonl").read_text(encoding="utf-8")) == ["river.txt"]

    def test_an_existing_file_is_replaced_only_by_force_and_a_result(
        self, vocero: Callable[..., Done], folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = folder / "kept.jsonl"
        kept.write_text("older\n" * 10_000, encoding="utf-8")

        refused = vocero("extract", "river.txt", "-o", "kept.jsonl")
        assert refused.code == 2
        assert refused.err == [
            "vocero: 'kept.jsonl' exists; name another output, or replace it with --force"
        ]
        monkeypatch.setenv("VOCERO_MODEL", "writer")
        assert vocero("extract", "river.txt", "-o", "kept.jsonl", "--force").code == 3
        assert kept.read_text(encoding="utf-8").startswith("older")
        monkeypatch.setenv("VOCERO_MODEL", "reader")
        assert vocero("extract", "river.txt", "-o", "kept.jsonl", "--force").code == 0
        assert origins(kept.read_text(encoding="utf-8")) == ["river.txt"]

    @pytest.mark.parametrize("output", ["articles/out.jsonl", "records.jsonl"])
    def test_what_is_read_is_never_written(
        self, vocero: Callable[..., Done], folder: Path, output: str
    ) -> None:
        folder.joinpath("articles").mkdir()
        folder.joinpath("records.jsonl").write_text(json.dumps({"text": MAYOR}), encoding="utf-8")

        done = vocero("extract", "articles", "records.jsonl", "-o", output, "--force")

        assert done.code == 2
        assert "would be read as part of" in done.err[0]
        assert folder.joinpath("records.jsonl").stat().st_size > 0

    @pytest.mark.parametrize("output", ["nowhere/out.jsonl", "river.txt/out.jsonl", "."])
    def test_what_cannot_be_written_is_said_before_the_model_is_asked(
        self, endpoint: Endpoint, vocero: Callable[..., Done], output: str
    ) -> None:
        assert vocero("extract", "river.txt", "-o", output).code == 2
        assert endpoint.asked == []

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
    def test_a_full_disk_stops_the_run(self, vocero: Callable[..., Done]) -> None:
        done = vocero("extract", "river.txt", "river.txt", "-o", "/dev/full")

        assert (done.code, len(done.err)) == (3, 2)
        assert done.err[1].startswith("vocero: '/dev/full' cannot be written (No space left")

    def test_ctrl_c_keeps_what_is_finished(
        self, endpoint: Endpoint, vocero: Callable[..., Done], folder: Path
    ) -> None:
        folder.joinpath("long.txt").write_text(f"{MAYOR} It takes long.", encoding="utf-8")
        given_up = threading.Event()

        def interrupt(question: str) -> int:
            if "takes long" in question:
                os.kill(os.getpid(), signal.SIGINT)
                given_up.wait(20)
            return 200

        endpoint.status = interrupt
        done = vocero("extract", "river.txt", "long.txt", "river.txt", "-o", "out.jsonl")
        given_up.set()

        assert done.code == 130
        assert done.err[1:] == ["vocero: interrupted; 1 article finished and written"]
        assert origins(folder.joinpath("out.jsonl").read_text(encoding="utf-8")) == ["river.txt"]


def test_a_disk_that_fills_up_leaves_whole_lines_only(folder: Path) -> None:
    with Extractor(
        FakeModel(lambda _messages, answer: {name: [] for name in answer.model_fields})
    ) as extractor:
        extraction = extractor.extract(MAYOR)
    line = f"{extraction.model_dump_json()}\n"
    path = folder / "out.jsonl"

    with open_output(path, inputs=["-"], force=False, quiet=True) as write:
        write(extraction)
        with room_for(len(line.encode()) * 3 // 2), pytest.raises(VoceroError, match=r"out\.jsonl"):
            write(extraction)

    assert path.read_text(encoding="utf-8") == line


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process can grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("endpoint")
def test_a_pipe_whose_reader_left_ends_the_run_in_silence(
    vocero: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        done = vocero("extract", "river.txt", "river.txt")

    assert done.code == 1
    assert done.err[1:] == []
