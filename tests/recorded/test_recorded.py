"""Real answers of the embedded model, replayed: from an article to its extraction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import CASSETTES

import vocero

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.vcr, pytest.mark.usefixtures("embedded")]


def said(extraction: vocero.Extraction) -> list[tuple[str | None, str, str]]:
    """Who, stance and the first words, for every attribution."""
    return [
        (
            extraction.actor(one.source).name if one.source else None,
            one.stance,
            " ".join(one.content[0].text.split()[:4]),
        )
        for one in extraction.attributions
    ]
