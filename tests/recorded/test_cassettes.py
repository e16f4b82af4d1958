"""What may stand in a cassette: real answers, and nothing that is secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

CASSETTES = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))


def test_there_are_recordings() -> None:
    assert len(CASSETTES) >= 5  # code reads the first seed without a question


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
class TestCassette:
    def test_no_header_but_the_content_type(self, path: Path) -> None:
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
            for part in (one["request"], one["response"]):
                assert {name.lower() for name in part["headers"]} <= {"content-type"}

    def test_no_key_cookie_or_address(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"sk-[A-Za-z0-9]{16}|Bearer |[Ss]et-[Cc]ookie|127\.0\.0\.1", text)

    def test_answers_come_from_the_embedded_model(self, path: Path) -> None:
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
            answer = one["response"]["body"]
            assert answer["model"] == "qwen2.5-coder-1.5b-instruct-q4_k_m"
            assert answer["usage"]["completion_tokens"] > 0
            assert answer["timings"]["predicted_ms"] > 0, (
                "an answer that nobody timed was not given"
            )
