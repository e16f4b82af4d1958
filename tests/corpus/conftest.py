"""What tests of runs and of the journal share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vocero.corpus import Journal
from vocero.testing import MockEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


@pytest.fixture
def at_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing between tests and 127.0.0.1, and one beginning for all runs."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[MockEndpoint]:
    with MockEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"
