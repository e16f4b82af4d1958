"""`vocero extract` as people and scripts meet it, against an endpoint on this machine."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import resource
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vocero.cli import main
from vocero.cli.output import open_output
from vocero.errors import VoceroError
from vocero.extraction import Extractor
from vocero.model import FakeModel
from vocero.schema import Extraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

MAYOR = "The river has never been cleaner, the mayor said on Monday.\n"
SAID = {"s": 1, "cue": "said", "src": "the mayor", "who": 1, "st": "asserts", "via": ""}
RIVER = {"say": ["The river has never been cleaner"], "claim": "", "mod": "fact"}
LAKE = {"say": ["The lake is clean"], "claim": "", "mod": "fact"}  # which the article does not hold
ANSWERS: dict[str, dict[str, object]] = {
    "ArticleDraft": {
        "sources": [{"n": 1, "name": "the mayor", "kind": "person", "country": ""}],
        "items": [SAID | RIVER, SAID | LAKE],
    },
    "ClaimsDraft": {
        "items": [{"n": 1, "claim": "The river has never been cleaner.", "mod": "fact"}]
    },
}


@dataclass
class Endpoint:
    """An OpenAI-compatible endpoint. It knows one model, `reader`, and one key, `sesame`."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    """The questions that came, each as the user's message."""
    status: Callable[[str], int] = lambda _question: 200
    """What it answers a question with."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint that the environment names, with its model and key."""
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            question = request["messages"][-1]["content"]
            state.asked.append(question)
            status = state.status(question)
            if self.headers["Authorization"] != "Bearer sesame":
                status = 401
            elif request["model"] != "reader":
                status = 404
            body = completion(request) if status == 200 else {"error": {"message": "\x1b[2Jno"}}
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Retry-After-Ms", "1")  # tests do not wait for a better moment
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Tests read the error stream."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    monkeypatch.setenv("VOCERO_MODEL", "reader")
    monkeypatch.setenv("VOCERO_BASE_URL", state.url)
    monkeypatch.setenv("VOCERO_API_KEY", "sesame")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def completion(request: dict[str, Any]) -> dict[str, Any]:
    """What the model answers to a request."""
    answer = ANSWERS[request["response_format"]["json_schema"]["name"]]
    message = {"role": "assistant", "content": json.dumps(answer)}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "reader-2026",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 90, "completion_tokens": 30, "total_tokens": 120},
    }


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory that holds one article."""
    monkeypatch.chdir(tmp_path)
    Path("river.txt").write_text(MAYOR, encoding="utf-8")
    return tmp_path


@dataclass
class Done:
    """How a command ended."""

    code: object
    out: str
    err: list[str]
    """The lines of the error stream."""


@pytest.fixture
def vocero(capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs the command with its output in pipes."""

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capfd.readouterr()
        return Done(ended.value.code, out, err.splitlines())

    return run


def origins(lines: str) -> list[str | None]:
    """The articles that lines of JSON are about."""
    return [Extraction.model_validate_json(one).document.origin for one in lines.splitlines()]


def test_into_a_pipe_goes_a_line_of_json_for_each_article(
    endpoint: Endpoint, vocero: Callable[..., Done]
) -> None:
    done = vocero("extract", "river.txt", "river.txt")

    assert done.code == 0
    assert done.err == [f"model: reader ({endpoint.url})"]
    assert origins(done.out) == ["river.txt", "river.txt"]
    extraction = Extraction.model_validate_json(done.out.splitlines()[0])
    (attribution,) = extraction.attributions
    assert attribution.content[0].text == "The river has never been cleaner"
    assert extraction.provenance.model == "reader-2026"


def test_options_name_the_model_over_the_environment(
    endpoint: Endpoint, vocero: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCERO_MODEL", "other")
    monkeypatch.setenv("VOCERO_BASE_URL", "http://127.0.0.1:9/v1")

    done = vocero("extract", "river.txt", "-m", "reader", "--base-url", endpoint.url, "-l", "en")

    assert done.code == 0
    assert done.err == [f"model: reader ({endpoint.url})"]
    assert Extraction.model_validate_json(done.out).document.language == "en"


def test_standard_input_is_an_article_as_well(
    endpoint: Endpoint, vocero: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAYOR.encode())))

    done = vocero("extract", "-")

    assert (done.code, origins(done.out)) == (0, ["-"])
    assert len(endpoint.asked) >= 1


@pytest.mark.usefixtures("endpoint")
def test_records_of_another_shape_are_read_by_mapping_their_fields(
    vocero: Callable[..., Done], folder: Path
) -> None:
    folder.joinpath("a.csv").write_text(f'guid,body\nn-1,"{MAYOR}"\n', encoding="utf-8")

    done = vocero("extract", "a.csv", "--field", "text=body", "--field", "id=guid")

    assert done.code == 0
    assert Extraction.model_validate_json(done.out).document.id == "n-1"


@pytest.mark.usefixtures("endpoint")
def test_what_an_archive_holds_beside_articles_is_told_unless_quiet(
    vocero: Callable[..., Done], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("warcio", reason="needs the extra warc")
    caplog.set_level(logging.WARNING, "vocero.read")
    headers = ("WARC/1.1", "WARC-Type: conversion", "Content-Type: {}", "Content-Length: {}")
    record = "\r\n".join((*headers, "", "{}", "", ""))
    folder.joinpath("a.warc").write_text(
        record.format("text/plain", len(MAYOR), MAYOR) + record.format("image/png", 1, "x"),
        encoding="utf-8",
        newline="",
    )

    loud, quiet = vocero("extract", "a.warc"), vocero("extract", "a.warc", "-q")

    assert origins(loud.out) == origins(quiet.out) == ["a.warc"]
    assert caplog.messages == [
        "'a.warc': of 2 records 1 are no articles and were left out: 1 image/png"
    ]


def test_a_malformed_field_is_told_before_anything_is_done(
    endpoint: Endpoint, vocero: Callable[..., Done]
) -> None:
    done = vocero("extract", "river.txt", "--field", "body", "-o", "out.jsonl")

    assert (done.code, done.out) == (2, "")
    assert done.err == ["vocero: field 'body' has no '='; write it as in text=body"]
    assert not endpoint.asked
    assert not Path("out.jsonl").exists()


@pytest.mark.usefixtures("endpoint")
def test_a_pattern_that_the_shell_left_alone_is_expanded_and_never_matches_the_output(
    vocero: Callable[..., Done], folder: Path
) -> None:
    folder.joinpath("a.jsonl").write_text(json.dumps({"text": MAYOR}), encoding="utf-8")

    done = vocero("extract", "*.jsonl", "r*.txt", "-o", "out.jsonl")

    assert done.code == 0
    assert origins(Path("out.jsonl").read_text(encoding="utf-8")) == ["a.jsonl", "river.txt"]


@pytest.mark.usefixtures("endpoint")
def test_quiet_says_errors_only(vocero: Callable[..., Done]) -> None:
    done = vocero("extract", "river.txt", "gone.txt", "--quiet")

    assert (done.code, origins(done.out)) == (1, ["river.txt"])
    assert done.err == ["vocero: 'gone.txt' does not exist; check the name"]


def test_what_cannot_be_read_costs_a_line_and_the_others_still_run(
    endpoint: Endpoint, vocero: Callable[..., Done], folder: Path
) -> None:
    folder.joinpath("empty").mkdir()
    folder.joinpath("blank.txt").touch()
    folder.joinpath("latin.txt").write_bytes("Mañana habrá más niños, según él.".encode("cp1252"))
    records = [json.dumps({"text": MAYOR}), "{broken", json.dumps({"text": MAYOR})]
    folder.joinpath("a.jsonl").write_text("\n".join(records), encoding="utf-8")
    folder.joinpath("refused.txt").write_text(f"{MAYOR} Refuse this.", encoding="utf-8")
    endpoint.status = lambda question: 400 if "Refuse this" in question else 200

    done = vocero(
        "extract",
        "gone.txt",
        "empty",
        "blank.txt",
        "latin.txt",
        "a.jsonl",
        "refused.txt",
        "river.txt",
    )

    assert done.code == 1
    assert origins(done.out) == ["a.jsonl", "a.jsonl", "river.txt"]
    named = (
        "'gone.txt'",
        "'empty'",
        "'blank.txt'",
        "'latin.txt'",
        "'a.jsonl', line 2",
        "'refused.txt'",
    )
    assert len(done.err) == 1 + len(named)
    for line, name in zip(done.err[1:], named, strict=True):
        assert line.startswith(f"vocero: {name}")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (("VOCERO_API_KEY", "wrong"), "refuses the key"),
        (("VOCERO_MODEL", "writer"), "has no model 'writer'"),
    ],
)
def test_a_wrong_key_and_a_wrong_name_stop_at_once(
    endpoint: Endpoint,
    vocero: Callable[..., Done],
    monkeypatch: pytest.MonkeyPatch,
    setting: tuple[str, str],
    told: str,
) -> None:
    monkeypatch.setenv(*setting)

    done = vocero("extract", "river.txt", "river.txt", "-o", "out.jsonl")

    assert (done.code, len(done.err), len(endpoint.asked)) == (3, 2, 1)
    assert done.err[1].startswith(f"vocero: {endpoint.url} {told}")
    assert setting[0] in done.err[1]
    assert "\x1b" not in done.err[1]
    assert not Path("out.jsonl").exists()  # nothing is in the way of the next attempt


def test_an_endpoint_that_never_answered_is_not_asked_about_every_article(
    endpoint: Endpoint, vocero: Callable[..., Done]
) -> None:
    endpoint.status = lambda _question: 503

    done = vocero("extract", "river.txt", "river.txt", "river.txt")

    assert (done.code, done.out, len(done.err)) == (3, "", 2)
    assert done.err[1].startswith(f"vocero: {endpoint.url} failed with 503 after 6 tries")


def test_an_endpoint_that_answered_before_may_be_down_for_a_while(
    endpoint: Endpoint, vocero: Callable[..., Done], folder: Path
) -> None:
    folder.joinpath("storm.txt").write_text(f"{MAYOR} A storm came.", encoding="utf-8")
    endpoint.status = lambda question: 503 if "storm" in question else 200
    river, storm = "river.txt", "storm.txt"

    passing = vocero("extract", river, storm, storm, river, storm)
    assert (passing.code, origins(passing.out)) == (1, [river, river])
    assert [line[:21] for line in passing.err[1:]] == ["vocero: 'storm.txt': "] * 3

    lasting = vocero("extract", river, storm, storm, storm, river)
    assert (lasting.code, origins(lasting.out)) == (3, [river])
    assert lasting.err[-2] == "vocero: stopped; 1 article finished and written"


def test_a_wrong_setting_is_wrong_use(vocero: Callable[..., Done]) -> None:
    assert vocero("extract").code == 2
    assert vocero("extract", "river.txt", "--model", "m", "--base-url", "nowhere").code == 2
    assert vocero("extract", "river.txt", "--model", "local", "--language", "español").code == 2


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


def test_the_embedded_model_is_not_fetched_for_a_mistyped_name(
    vocero: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCERO_LOCAL_MODEL", "gone.gguf")

    done = vocero("extract", "rivr.txt")
    assert done.code == 1
    assert done.err == [
        "model: gone (embedded, on this machine)",
        "vocero: 'rivr.txt' does not exist; check the name",
    ]

    done = vocero("extract", "river.txt", "river.txt")
    assert (done.code, len(done.err)) == (3, 2)


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
