"""Gold and predictions as JSON records, read with errors that name the place and the cure."""

from __future__ import annotations

from difflib import get_close_matches
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from vocero.errors import InputError
from vocero.evaluate.annotation import ROLES, Annotation, Gold, Range, annotations_of
from vocero.evaluate.words import WORD
from vocero.read import LIMIT
from vocero.read.fields import Fields
from vocero.read.records import record_document
from vocero.read.texts import check_unicode
from vocero.schema import Speech, Stance

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from vocero.schema import Document, Extraction

__all__ = ["Record", "annotation_record", "gold_of", "predicted_annotations", "prediction"]

Record = dict[str, Any]
"""A JSON object."""

_ARTICLE: Final = (
    *("doc_id", "id", "text", "lang", "language", "title", "url", "outlet", "published"),
    *("layers", "nesting", "ignore", "attributions"),
)
_ATTRIBUTION: Final = (
    *("id", "source", "cue", "content", "type", "stance", "actor", "via", "within", "nested"),
    *("speech", "source_spans", "cue_spans", "source_alt"),
)
# Other fields are the annotators' own. "nested_in" is not "nested", "sources" is "source".
_LIKENESS: Final = 0.82

ChoiceT = TypeVar("ChoiceT", bound=str)


def gold_of(record: Record, where: str) -> Gold:
    """Make a gold of one record; ``docs/evaluation.md`` describes its fields.

    Args:
        record: The JSON object.
        where: What to call it in messages, e.g. ``'gold.jsonl', line 3``.

    Raises:
        InputError: a field is missing, malformed or misspelt, or a span is not one of the text.
    """
    _check_names(record, _ARTICLE, where)
    if not any(record.get(name) for name in ("doc_id", "id")):
        raise InputError(f'{where} has no "doc_id"; give each article an id of its own')
    document = record_document(record, where, Fields(), None, LIMIT)
    layers = record.get("layers") or ROLES
    if not isinstance(layers, list | tuple) or "content" not in layers:
        raise InputError(
            f'{where}: "layers" is {shortened(layers)}; list what was annotated, of '
            f"{', '.join(ROLES)}, content among it"
        )
    found = tuple(_attributions(record, where, document.text))
    for number, one in enumerate(found):
        _check_content(one, f"{where}, attribution {number}", document.text)
    return Gold(
        document=document,
        annotations=found,
        roles=tuple(role for role in ROLES if role in layers),
        ignore=_ranges(record.get("ignore"), "ignore", where, document.text),
        outermost_only=_flag(record, "nesting", where) is False,
    )


def predicted_annotations(record: Record, where: str, document: Document) -> tuple[Annotation, ...]:
    """Read the attributions of one prediction, whose offsets are into the gold's text.

    Args:
        record: The JSON object; ``text`` or ``sha256``, where it has one, must be the gold's.
        where: As for `gold_of`.
        document: The gold's article.

    Raises:
        InputError: as for `gold_of`, or the prediction was made for another text.
    """
    text, digest = record.get("text", document.text), record.get("sha256", document.sha256)
    if text != document.text or digest != document.sha256:
        raise InputError(
            f"{where} was predicted for another text of {document.id!r} than the gold's; "
            "predict it again"
        )
    return tuple(_attributions(record, where, document.text))


def prediction(extraction: Extraction) -> Record:
    """Return what is scored of an extraction as a JSON object, without the article's text.

    Fields: ``doc_id``, ``sha256`` (of the text), ``model``, and ``attributions``, each as
    `annotation_record` has it, with its place in the list as ``id`` and that of the one it stands
    inside, or null, as ``within``.
    """
    places = {one.id: at for at, one in enumerate(extraction.attributions)}
    pairs = zip(extraction.attributions, annotations_of(extraction), strict=True)
    return {
        "doc_id": extraction.document.id,
        "sha256": extraction.document.sha256,
        "model": extraction.provenance.model,
        "attributions": [
            {
                "id": places[one.id],
                **annotation_record(scored),
                "within": places[one.within] if one.within else None,
            }
            for one, scored in pairs
        ],
    }


def annotation_record(one: Annotation) -> Record:
    """Return one attribution as a JSON object.

    Fields: ``source`` and ``cue`` as ``[start, end]``, null where there is none; ``source_spans``
    and ``cue_spans`` as well where there are several; ``content`` as a list of ranges; ``type``
    (direct, indirect, mixed), ``stance`` and ``actor``, null where unknown.
    """
    record: Record = {}
    for name, ranges in (("source", one.source), ("cue", one.cue)):
        record[name] = next(iter(ranges), None)
        if len(ranges) > 1:
            record[f"{name}_spans"] = ranges
    return record | {
        "content": one.content,
        "type": one.speech,
        "stance": one.stance,
        "actor": one.actor,
    }


def _attributions(record: Record, where: str, text: str) -> Iterable[Annotation]:
    given = record.get("attributions")
    if not isinstance(given, list):
        raise InputError(
            f'{where}: "attributions" is {shortened(given)}; make it a list, if need be an empty one'
        )
    for number, one in enumerate(given):
        at = f"{where}, attribution {number}"
        if not isinstance(one, dict):
            raise InputError(f"{at} is {shortened(one)}; make it a JSON object")
        yield _annotation(one, at, text)
    ids = [one.get("id", number) for number, one in enumerate(given)]
    for number, one in enumerate(given):
        if (outer := one.get("within")) is not None and outer not in ids:
            raise InputError(
                f'{where}, attribution {number}: "within" is {shortened(outer)}, which is the "id" '
                "of no other; name the attribution around it, or make it null"
            )


def _annotation(record: Record, where: str, text: str) -> Annotation:
    _check_names(record, _ATTRIBUTION, where)

    def ranges(name: str) -> tuple[Range, ...]:
        return _ranges(record.get(name), name, where, text)

    actor = record.get("actor")
    if not isinstance(actor, str | None):
        raise InputError(f'{where}: "actor" is {shortened(actor)}; make it a name or null')
    check_unicode(actor or "", f'{where}: "actor"')
    return Annotation(
        content=ranges("content"),
        source=ranges("source_spans") or ranges("source"),
        cue=ranges("cue_spans") or ranges("cue"),
        other_sources=ranges("source_alt"),
        speech=_choice(record, "type", get_args(Speech), where),
        stance=_choice(record, "stance", get_args(Stance), where),
        actor=actor or None,
        nested=_flag(record, "nested", where) is True or record.get("within") is not None,
        reported=_flag(record, "speech", where) is True,
    )


def _check_content(one: Annotation, where: str, text: str) -> None:
    if not one.content:
        raise InputError(f'{where} has no "content"; give it the range of what is attributed')
    if not any(WORD.search(text, start, end) for start, end in one.content):
        start, end = one.content[0]
        raise InputError(
            f'{where}: "content" is [{start}, {end}], which holds {text[start:end]!r:.40} and no '
            "word; correct the offsets (code points from 0, the end exclusive)"
        )


def _check_names(record: Record, known: Collection[str], where: str) -> None:
    for name in record:
        if name in known:
            continue
        for meant in get_close_matches(name.lower(), known, n=1, cutoff=_LIKENESS):
            raise InputError(f"{where} has a field {name!r}; did you mean {meant!r}?")


def _ranges(value: object, name: str, where: str, text: str) -> tuple[Range, ...]:
    """Read ``[start, end]``, or a list of them; null is none."""
    if value is None:
        return ()
    several = value if isinstance(value, list) and _range(value) is None else [value]
    found = []
    for one in several:
        if (range_ := _range(one)) is None:
            raise InputError(
                f'{where}: "{name}" is {shortened(value)}; give ranges as [start, end], whole '
                "numbers of code points"
            )
        start, end = range_
        if not 0 <= start < end <= len(text):
            raise InputError(
                f'{where}: "{name}" is [{start}, {end}], which is no range of a text of '
                f"{len(text)} code points; count from 0, the end exclusive"
            )
        found.append(range_)
    return tuple(found)


def _range(value: object) -> Range | None:
    """The pair of whole numbers that a value is; None where it is something else."""
    match value:
        case [int(start), int(end)] if bool not in (type(start), type(end)):
            return start, end
    return None


def _choice(record: Record, name: str, known: tuple[ChoiceT, ...], where: str) -> ChoiceT | None:
    value = record.get(name)
    if value is None or value in known:
        return value
    raise InputError(
        f'{where}: "{name}" is {shortened(value)}; make it one of {", ".join(known)}, or null'
    )


def _flag(record: Record, name: str, where: str) -> bool | None:
    value = record.get(name)
    if isinstance(value, bool | None):
        return value
    raise InputError(f'{where}: "{name}" is {shortened(value)}; make it true or false')
