"""Files of gold and predictions: one JSON object a line."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from vocero.errors import InputError
from vocero.evaluate.annotation import annotations_of
from vocero.evaluate.records import gold_of, predicted_annotations
from vocero.read import LIMIT
from vocero.read.jsonl import longest_line, read_jsonl
from vocero.read.streams import bounded_lines
from vocero.schema import Extraction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vocero.evaluate.annotation import Annotation, Gold
    from vocero.evaluate.records import Record

__all__ = ["read_gold", "read_predictions", "sample"]


def read_gold(path: Path) -> list[Gold]:
    """Read a gold file; ``docs/evaluation.md`` describes its fields.

    Raises:
        InputError: a line is malformed, two articles share an id, or there is none.
        OSError: the file cannot be opened.
    """
    found: dict[str, Gold] = {}
    for where, record in _records(path):
        one = gold_of(record, where)
        if one.document.id in found:
            raise InputError(
                f"{where} is the second article {one.document.id!r}; give each an id of its own"
            )
        found[one.document.id] = one
    return list(found.values())


def read_predictions(path: Path, golds: Sequence[Gold]) -> dict[str, tuple[Annotation, ...]]:
    """Read what was predicted, by the articles' ids.

    A line is a record as `vocero.evaluate.prediction` makes it, of which ``doc_id`` and
    ``attributions`` suffice, or an `Extraction`. The two may be mixed.

    Args:
        path: The file.
        golds: All that may have been predicted; an article without a line is not in the result.

    Raises:
        InputError: a line is malformed, two are of one article, or one is of no article of the
            gold, or of another text.
        OSError: the file cannot be opened.
    """
    known = {one.document.id: one for one in golds}
    found: dict[str, tuple[Annotation, ...]] = {}
    for where, record in _records(path):
        extraction = _extraction(record, where)
        name = record.get("doc_id") if extraction is None else extraction.document.id
        gold = known.get(str(name))
        if gold is None:
            raise InputError(
                f"{where} predicts an article {name!r}, which the gold does not hold; "
                "score it against its own gold"
            )
        if gold.document.id in found:
            raise InputError(f"{where} is the second prediction of {name!r}; leave one out")
        if extraction is None:
            found[gold.document.id] = predicted_annotations(record, where, gold.document)
        elif extraction.document.sha256 == gold.document.sha256:
            found[gold.document.id] = annotations_of(extraction)
        else:
            raise InputError(
                f"{where} was extracted from another text of {name!r} than the gold's; "
                "extract it again"
            )
    return found


def sample(golds: Sequence[Gold], count: int, seed: int) -> list[Gold]:
    """Choose articles at random, the same ones on every machine; keep their order.

    An article's place in the draw is a hash of the seed and its id, so that adding articles to a
    gold changes a sample by no more than those.
    """

    def place(gold: Gold) -> bytes:
        return hashlib.sha256(f"{seed}\n{gold.document.id}".encode()).digest()

    chosen = set(map(id, sorted(golds, key=place)[:count]))
    return [one for one in golds if id(one) in chosen]


def _records(path: Path) -> Iterator[tuple[str, Record]]:
    with path.open("rb") as stream:
        lines = bounded_lines(stream, longest_line(LIMIT))
        for found in read_jsonl(lines, repr(str(path)), LIMIT):
            if isinstance(found, InputError):
                raise found
            where, record = found
            if not isinstance(record, dict):
                raise InputError(f"{where} is no JSON object; write one a line")
            yield where, record


def _extraction(record: Record, where: str) -> Extraction | None:
    """The extraction that a record is; None where it is none."""
    if "document" not in record:
        return None
    try:
        return Extraction.model_validate_json(json.dumps(record))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(
            f"{where} is no valid extraction: {place}: {first['msg']}; extract it again"
        ) from None
