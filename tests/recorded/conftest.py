"""Cassettes: real answers of the embedded model, readable, scrubbed, and played to the last one.

Recording needs the weights (`vocero model fetch`) and takes minutes:

    uv run --all-extras pytest tests/recorded --record-mode=rewrite --allowed-hosts=127.0.0.1
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import vocero.model.local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vcr import VCR
    from vcr.cassette import Cassette
    from vcr.request import Request

CASSETTES = Path(__file__).parents[2] / "cassettes"
# Nothing else is needed to play a cassette, and what is not written cannot leak.
_HEADERS = {"content-type"}


class _Dumper(yaml.SafeDumper):
    pass


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


class _Readable:
    """Writes JSON bodies as structure in plain UTF-8, so that a diff of a cassette can be read."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        for one in cassette["interactions"]:
            one["request"]["body"] = json.loads(one["request"]["body"])
            one["response"]["body"] = json.loads(one["response"]["body"]["string"])
        return yaml.dump(cassette, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        cassette: dict[str, Any] = yaml.safe_load(text)
        for one in cassette["interactions"]:
            one["request"]["body"] = json.dumps(one["request"]["body"], ensure_ascii=False)
            body = json.dumps(one["response"]["body"], ensure_ascii=False)
            one["response"]["body"] = {"string": body}
        return cassette


def _same_body(left: Request, right: Request) -> None:
    assert json.loads(left.body) == json.loads(right.body)


def _scrub_request(request: Request) -> Request | None:
    if not request.path.endswith("/chat/completions"):
        return None  # whether the server is up is no question to the model
    request.headers = {k: v for k, v in request.headers.items() if k.lower() in _HEADERS}
    # The server's port is another one each time.
    request.uri = f"http://embedded/{request.uri.split('/', 3)[3]}"
    return request


def _scrub_response(response: dict[str, Any]) -> dict[str, Any]:
    headers = response["headers"]
    response["headers"] = {k: v for k, v in headers.items() if k.lower() in _HEADERS}
    return response


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:  # noqa: ARG001 - a hook
    vcr.register_serializer("yaml", _Readable)
    vcr.register_matcher("json body", _same_body)


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    return {
        "serializer": "yaml",
        # The body too: a changed prompt must not be answered by a stale recording.
        "match_on": ["method", "path", "json body"],
        "before_record_request": _scrub_request,
        "before_record_response": _scrub_response,
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def embedded(vcr: Cassette, record_mode: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The embedded model: the real one when recording, else one that only the cassette knows."""
    if record_mode == "none":

        def acquire(**_: object) -> SimpleNamespace:
            return SimpleNamespace(
                base_url="http://embedded/v1",
                api_key="none",
                model="qwen2.5-coder-1.5b-instruct-q4_k_m",
                ensure=lambda: None,
                release=lambda: None,
            )

        monkeypatch.setattr(vocero.model.local, "acquire", acquire)
    yield
    if record_mode == "none":
        unplayed = len(vcr) - vcr.play_count
        assert vcr.all_played, f"{unplayed} recorded answers were not asked for: record anew"
