"""What the mock says by default: drafts for Vocero's own questions that stand up to its proof.

A question is recognised by the name of the schema or tool that goes along with it, never by the
words of a prompt. Of the prompt only its form is read: sentences numbered ``[3] …`` inside tags,
and behind them numbered lists and lines ``3: dijo; añadió`` of words that report.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vocero.testing.reply import Json

__all__ = ["fabricated", "grounded", "schema_of"]

_FENCE = re.compile(r"^<([\w-]+)>\n", re.MULTILINE)
_SENTENCE = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
# Three words or more: fewer may be irony or a title, which Vocero takes for no quotation.
_QUOTATION = re.compile(r"“[^“”\s]+(?: [^“”\s]+){2,}”|«[^«»\s]+(?: [^«»\s]+){2,}»")
_NUMBERS = re.compile(r": (\d+(?:, \d+)*)$", re.MULTILINE)
_HINTS = re.compile(r"^(\d+): (.+)$", re.MULTILINE)
_LISTED = re.compile(r"^(\d+)\. (.*)$", re.MULTILINE)
_INVENTED = "“Nobody has ever uttered these words”"
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_MOST_ATTRIBUTIONS = 80
_MOST_LISTED = 40
_LONGEST_CLAIM = 600
_LONGEST_CONTENT = 300
_MARKS = "“”«» ,.;:"


def grounded(asked: Json) -> str:
    """Answer a request with a draft that fits its schema and quotes only its article.

    An article has an attribution for each word that is said to report, else for each sentence with
    a quotation: the sentence's quotation, or else what stands on the longer side of the word, as
    content and as claim, and no source. Asked for attributions alone, they are the quotations, one
    a sentence, without cue or source. Actors are all organizations. The speaker is the first
    candidate. Claims restate their statements in the same words. Any other schema gets the least
    that fits it, and a request without one gets ``OK``.

    Args:
        asked: The body of a request for a chat completion.

    Returns:
        The content of the answer.
    """
    name, schema = schema_of(asked)
    article, task = _parts(asked)
    match name:
        case "ArticleDraft":
            return _dumps({"sources": [], "items": _statements(article, task)})
        case "AttributionsDraft":
            return _dumps({"items": _attributions(article, task)})
        case "SpeakerDraft":
            return _dumps({"who": 1 if _LISTED.search(task) else 0})
        case "ActorsDraft":
            listed = _LISTED.findall(task)[:_MOST_LISTED]
            kinds = [{"n": int(n), "kind": "organization", "country": ""} for n, _ in listed]
            return _dumps({"items": kinds})
        case "ClaimsDraft":
            return _dumps({"items": _claims(task)})
    return "OK" if name is None else _dumps(_least(schema, schema))


def fabricated(asked: Json) -> str:
    """Answer with a draft that fits its schema, and with what the article does not hold.

    Attributions quote what nobody said, claims bring in a name and a number, speakers and actors
    are numbers that are in no list. Other questions are answered as `grounded` does.

    Args:
        asked: The body of a request for a chat completion.
    """
    name, _ = schema_of(asked)
    article, task = _parts(asked)
    first = next(iter(_asked_sentences(article, task)), (1, ""))[0]
    match name:
        case "ArticleDraft":
            return _dumps({"sources": [], "items": [_statement(first, "", _INVENTED)]})
        case "AttributionsDraft":
            return _dumps({"items": [_attribution(first, _INVENTED)]})
        case "SpeakerDraft":
            return _dumps({"who": 999})
        case "ActorsDraft":
            return _dumps({"items": [{"n": 999, "kind": "person", "country": ""}]})
        case "ClaimsDraft":
            items = _claims(task)
            return _dumps({"items": [one | {"claim": "Xanthippe paid 987654."} for one in items]})
    return grounded(asked)


def schema_of(asked: Json) -> tuple[str | None, Json]:
    """Return the name and the JSON Schema of the answer that a request wants, if it names one."""
    response_format = asked.get("response_format") or {}
    if response_format.get("type") == "json_schema":
        wanted = response_format["json_schema"]
        return wanted["name"], wanted.get("schema", {})
    if asked.get("tools"):
        function = asked["tools"][0]["function"]
        return function["name"], function.get("parameters", {})
    return None, {}


def _parts(asked: Json) -> tuple[str, str]:
    """The article between its tags, and what stands behind it."""
    contents = (one.get("content") for one in asked["messages"])
    text = "\n".join(one for one in contents if isinstance(one, str))
    found = _FENCE.search(text)
    if found is None:
        return "", text
    article, _, task = text[found.end() :].partition(f"\n</{found[1]}>\n")
    return article, task


def _asked_sentences(article: str, task: str) -> list[tuple[int, str]]:
    """The numbered sentences; where a line ends in a list of numbers, only those."""
    sentences = [(int(number), text) for number, text in _SENTENCE.findall(article)]
    found = _NUMBERS.search(task)
    wanted = {int(number) for number in found[1].split(", ")} if found else None
    return [one for one in sentences if wanted is None or one[0] in wanted]


def _statements(article: str, task: str) -> list[Json]:
    behind = _NUMBERS.search(task)
    listed = _HINTS.findall(task, behind.end() if behind else 0)
    hints = {int(number): words.split("; ") for number, words in listed}
    found = (
        _statement(number, cue, words)
        for number, text in _asked_sentences(article, task)
        for cue, words in _contents(text, hints.get(number, [""]))
    )
    return list(islice(found, _MOST_ATTRIBUTIONS))


def _contents(text: str, cues: list[str]) -> Iterator[tuple[str, str]]:
    """Each cue with its sentence's quotation, else with what stands on its longer side."""
    quoted = _QUOTATION.search(text) if "“" in text or "«" in text else None
    for cue in cues:
        if quoted:
            words = quoted.group()
        else:
            before, _, behind = text.partition(cue) if cue else ("", "", "")
            words = max(before, behind, key=len).strip(_MARKS)
        if len(words) > _LONGEST_CONTENT:
            words = words[: words.rfind(" ", 0, _LONGEST_CONTENT)]
        if words:
            yield cue, words


def _statement(sentence: int, cue: str, words: str) -> Json:
    return {
        "s": sentence,
        "cue": cue,
        "src": "",
        "who": 0,
        "say": [words],
        "st": "asserts",
        "via": "",
        "claim": words.strip(_MARKS),
        "mod": "fact",
    }


def _attributions(article: str, task: str) -> list[Json]:
    quoted = (
        _attribution(number, found.group())
        for number, text in _asked_sentences(article, task)
        if (found := _QUOTATION.search(text))
    )
    return list(islice(quoted, _MOST_ATTRIBUTIONS))


def _attribution(sentence: int, words: str) -> Json:
    return {
        "s": sentence,
        "cue": "",
        "src": "",
        "who": "",
        "say": [words],
        "st": "asserts",
        "via": "",
    }


def _claims(task: str) -> list[Json]:
    return [
        {"n": int(number), "claim": statement.partition(": ")[2][:_LONGEST_CLAIM], "mod": "fact"}
        for number, statement in _LISTED.findall(task)[:_MOST_LISTED]
    ]


def _least(schema: Json, root: Json) -> Any:  # noqa: ANN401, PLR0911 - any JSON, one return a kind
    """The smallest value that fits a schema of the kind that Pydantic makes."""
    if "$ref" in schema:
        return _least(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _least(schema["anyOf"][0], root)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: _least(properties[name], root) for name in schema.get("required", [])}
        case "array":
            return [_least(schema.get("items", {}), root)] * schema.get("minItems", 0)
        case "string":
            return "x" * schema.get("minLength", 0)
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return False
    return None


def _dumps(value: Any) -> str:  # noqa: ANN401 - any JSON
    return _COMPACT.encode(value)
