"""What all tests share: where the articles lie."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the two reference articles."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def articles() -> Path:
    """The folder of our own articles."""
    return ROOT / "tests" / "articles"
