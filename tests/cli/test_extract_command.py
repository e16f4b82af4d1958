"""`vocero extract` as people and scripts meet it, against an endpoint on this machine."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from extracting import MAYOR, Done, Endpoint, origins
from vocero.schema import Extraction

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
    pytest.mark.usefixtures("folder"),
]


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
