"""Ids are made from what a thing says: the same input gives the same ids everywhere."""

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given, settings

from strategies import texts
from vocero.schema import Document, content_id

PRINT_IDS = """
from vocero.schema import Document, content_id
print(content_id("claim", "e\u0301 😀", [1, None], {"b": True, "a": 2}))
print(Document.from_text("Dijo que no.\\xa0😀").id)
"""


def test_two_processes_give_the_same_ids() -> None:
    # Each with its own seed for hash(), which must play no part.
    first, second = (
        subprocess.run(
            [sys.executable, "-c", PRINT_IDS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    )

    assert first == second
    assert len(set(first)) == 2


def test_an_id_stays_the_same_from_release_to_release() -> None:
    assert content_id("claim", "Pyongyang lo negó", [3, 14]) == "claim-0520c26968da94cb"


def test_the_order_of_keys_does_not_matter_but_that_of_parts_does() -> None:
    assert content_id("x", {"a": 1, "b": 2}) == content_id("x", {"b": 2, "a": 1})
    assert content_id("x", 1, 2) != content_id("x", 2, 1)


def test_parts_do_not_run_together() -> None:
    ids = {content_id("x", "ab", "c"), content_id("x", "a", "bc"), content_id("x", "abc")}

    assert len(ids) == 3


def test_spellings_that_look_the_same_are_told_apart() -> None:
    assert content_id("x", "\xe9") != content_id("x", "e\u0301")


@settings(deadline=None)
@given(texts())
def test_every_text_has_an_id_and_it_is_short(text: str) -> None:
    prefix, digits = Document.from_text(text).id.split("-")

    assert prefix == "doc"
    assert len(digits) == 16
    assert set(digits) <= set("0123456789abcdef")
