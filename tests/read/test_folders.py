"""Folders: every article in them, in an order that does not change from run to run."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from reading import read_document, read_documents
from vocero.errors import InputError
from vocero.read import count_documents, expand_patterns
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def plant(folder: Path, *names: str) -> None:
    """Put files there, each of which says its own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def read(folder: Path | str) -> list[str]:
    return [
        found.text if isinstance(found, Document) else str(found)
        for found in read_documents([folder])
    ]


def test_a_folder_is_read_with_its_subfolders_sorted_by_name(tmp_path: Path) -> None:
    plant(tmp_path, "b/z.txt", "b/a/deep.md", "c", "a.txt", "B.text", "b.markdown", "ñ.txt")
    assert read(tmp_path) == [
        "B.text",
        "a.txt",
        "b/a/deep.md",
        "b/z.txt",
        "b.markdown",
        "c",
        "ñ.txt",
    ]


def test_hidden_files_and_files_that_are_no_articles_are_left_out(tmp_path: Path) -> None:
    plant(
        tmp_path,
        "a.txt",
        ".hidden.txt",
        ".git/b.txt",
        "photo.jpg",
        "data.xlsx",
        "x.pdf",
        "_SUCCESS",
    )
    assert read(tmp_path) == ["a.txt"]


def test_a_hidden_folder_is_read_if_it_is_the_one_named(tmp_path: Path) -> None:
    plant(tmp_path, ".articles/a.txt")
    assert read(tmp_path / ".articles") == [".articles/a.txt"]


def test_a_folder_without_articles_says_what_would_be_read(tmp_path: Path) -> None:
    plant(tmp_path, "photo.jpg")
    (message,) = read(tmp_path)
    assert message == (
        f"{str(tmp_path)!r} holds no articles; put files there that end in .txt, .text, .md, "
        ".markdown, .html, .htm, .jsonl, .ndjson, .json, .csv, .tsv, .parquet, .warc, or in nothing"
    )


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    plant(tmp_path, "1.txt", "3.txt")
    (tmp_path / "2.txt").write_bytes(b"")
    (tmp_path / "4.txt").symlink_to(tmp_path / "gone.txt")
    assert read(tmp_path) == [
        "1.txt",
        f"{str(tmp_path / '2.txt')!r} is empty; give it the text of an article or leave it out",
        "3.txt",
        f"{str(tmp_path / '4.txt')!r} does not exist; check the name",
    ]


def test_links_that_lead_in_circles_and_pipes_nobody_writes_to_do_no_harm(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt", "sub/b.txt")
    (tmp_path / "sub" / "circle").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    first, link, itself, sub = read(tmp_path)
    assert (first, link, sub) == ("a.txt", "a.txt", "sub/b.txt")
    assert "cannot be read" in itself


def test_of_the_files_in_a_folder_only_the_names_are_held(tmp_path: Path) -> None:
    count = 4000
    for number in range(count):
        (tmp_path / f"{number:08}.txt").touch()
    tracemalloc.start()
    try:
        assert count_documents([tmp_path]) == count
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * count


def test_a_folder_of_one_article_is_one_document(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt")
    assert read_document(tmp_path).text == "a.txt"


def test_a_subfolder_that_may_not_be_listed_is_an_error_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, "a.txt", "b/locked.txt", "c.txt")
    scanned = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
        if path.name == "b":
            raise PermissionError
        return scanned(path)

    monkeypatch.setattr(os, "scandir", refuse)  # as root may list everything
    first, locked, last = read_documents([tmp_path])
    assert isinstance(locked, InputError)
    assert str(locked).startswith(repr(str(tmp_path / "b")))
    assert (first, last) == (Document.from_text("a.txt"), Document.from_text("c.txt"))


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.txt", ["B.txt", "a.txt"]),
        ("?.t[x]t", ["B.txt", "a.txt"]),
        ("**/*.txt", ["B.txt", "a.txt", "es/2024/c.txt", "es/b.txt"]),
        ("**", ["B.txt", "a.txt", "es/2024/c.txt", "es/b.txt", "es/d.md"]),  # each of them once
        ("e*", ["es/2024/c.txt", "es/b.txt", "es/d.md"]),  # a folder with all that is in it
        ("*/b.txt", ["es/b.txt"]),
        (".h*", [".hidden/x.txt"]),
    ],
)
def test_a_pattern_is_read_for_what_it_matches_sorted_by_name(
    tmp_path: Path, pattern: str, found: list[str]
) -> None:
    plant(tmp_path, "B.txt", "a.txt", "es/d.md", "es/b.txt", "es/2024/c.txt", ".hidden/x.txt")
    assert read(str(tmp_path / pattern)) == found


def test_a_pattern_that_matches_nothing_says_so(tmp_path: Path) -> None:
    assert read(f"{tmp_path}/*.txt") == [f"'{tmp_path}/*.txt' matches nothing; check the pattern"]
    assert read(f"{tmp_path}/gone/**/a") == [
        f"'{tmp_path}/gone/**/a' matches nothing; check the pattern"
    ]


def test_a_file_of_that_very_name_is_no_pattern(tmp_path: Path) -> None:
    plant(tmp_path, "a[1].txt", "a1.txt")
    assert read(tmp_path / "a[1].txt") == ["a[1].txt"]
    assert read(tmp_path / "a[1].t*") == ["a1.txt"]


def test_links_that_lead_in_circles_do_a_pattern_no_harm(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt", "sub/b.txt")
    (tmp_path / "sub" / "circle").symlink_to(tmp_path)
    assert read(tmp_path / "**" / "*.txt") == ["a.txt", "sub/b.txt"]


def test_patterns_can_be_expanded_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, "b.txt", "a.txt")
    monkeypatch.chdir(tmp_path)
    assert expand_patterns(["-", "*.txt", "*.md", "gone", "x\0*"]) == [
        *("-", "a.txt", "b.txt", "*.md", "gone", "x\0*")
    ]
