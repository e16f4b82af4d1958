"""The real embedded model, where its weights are: `uv run --all-extras pytest -m embedded`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vocero

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
]


def test_an_article_is_read_without_key_or_server(articles: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    from vocero.model.local import cached_path  # noqa: PLC0415

    if cached_path() is None:
        pytest.skip("the weights are not on this machine: vocero model fetch")
    extraction = vocero.extract(articles / "en_harbour.txt", model="local")
    assert extraction.provenance.attempts.calls > 0
    assert extraction.provenance.usage.output_tokens
    who = {extraction.actor(one.source).name for one in extraction.attributions if one.source}
    assert {"Joan Ashe", "Paul Meyer", "Ruth Dale"} <= who
