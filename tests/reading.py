"""The readers, but for where a document came from: most tests are about what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vocero import read
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vocero.errors import InputError


def read_documents(paths: Iterable[str | Path], **options: Any) -> Iterator[Document | InputError]:
    for one in read.read_documents(paths, **options):
        yield _anywhere(one) if isinstance(one, Document) else one


def read_document(path: str | Path, **options: Any) -> Document:
    return _anywhere(read.read_document(path, **options))


def _anywhere(document: Document) -> Document:
    return document.model_copy(update={"origin": None})
