"""What tests of the model boundary share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no settings file of the machine that runs the tests."""
    for setting in ("MODEL", "BASE_URL", "API_KEY", "TIMEOUT", "CONCURRENCY", "MODE", "PRICE"):
        monkeypatch.delenv(f"VOCERO_{setting}", raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
