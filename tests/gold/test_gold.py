"""The gold itself: every mark is found in its article, and all constructions are covered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

import pytest

from gold.loader import FOLDER, GoldError, read_gold, spans_of
from vocero.schema import Speech, Stance

if TYPE_CHECKING:
    from pathlib import Path

ARTICLES = sorted(FOLDER.glob("*.toml"))
LANGUAGES = {"es": 4, "en": 3, "pt": 2, "fr": 2, "de": 2, "it": 2, "cs": 1, "ru": 1, "seed": 2}
MARKS = '«»“”„»‘"—'

CONSTRUCTIONS = {
    "according to", "anonymous", "cue behind", "cue in front", "denial of what was said", "direct",
    "document", "elided", "indirect", "metonym", "mixed", "nested", "nominal cue", "outlet",
    "pronoun", "pull-quote", "relay", "sentence before", "split", "via", "no cue",
}  # fmt: skip


@pytest.fixture(scope="module", params=ARTICLES, ids=lambda path: path.stem)
def gold(request: pytest.FixtureRequest) -> dict[str, Any]:
    path: Path = request.param
    return read_gold(path)


def test_every_span_is_found_and_is_a_piece_of_the_article(gold: dict[str, Any]) -> None:
    text = gold["text"]
    for one in gold["attributions"]:
        spans = [*one["content"], *one["cue_spans"], *([one["source"]] if one["source"] else [])]
        for start, end in spans:
            assert text[start:end] == text[start:end].strip() != ""
        assert one["content"] == sorted(one["content"])


def test_types_agree_with_the_quotation_marks(gold: dict[str, Any]) -> None:
    for one in gold["attributions"]:
        content = [gold["text"][start:end] for start, end in one["content"]]
        quoted = [part[0] in MARKS for part in content]
        # «Нет, — сказала она, — не пойду»: one pair of marks around both parts.
        cut = len(content) > 1 and quoted[0] and content[-1][-1] in MARKS
        if one["type"] == "direct":
            assert all(quoted) or cut, content
        elif one["type"] == "mixed":
            assert not all(quoted), content
            assert any(mark in part for part in content for mark in MARKS), content
        else:
            assert not any(quoted), content


def test_every_attribution_is_complete(gold: dict[str, Any]) -> None:
    for one in gold["attributions"]:
        assert one["type"] in get_args(Speech)
        assert one["stance"] in get_args(Stance)
        assert one["via"] is None or one["via"] in gold["text"]
        assert one["actor"] or one["within"] is not None
        assert ("elided" in one["tags"]) <= (one["source"] is None)


def test_every_construction_and_language_is_covered() -> None:
    golds = [read_gold(path) for path in ARTICLES]
    tags = Counter(tag for gold in golds for one in gold["attributions"] for tag in one["tags"])

    assert set(tags) == CONSTRUCTIONS
    assert Counter(path.stem.split("_")[0] for path in ARTICLES) == LANGUAGES
    assert {one["stance"] for gold in golds for one in gold["attributions"]} == set(
        get_args(Stance)
    )


def test_two_speakers_of_verbs_without_a_subject_in_one_article() -> None:
    for name in ("es_pozos", "pt_mercado", "it_centro", "seed_drones"):
        attributions = read_gold(FOLDER / f"{name}.toml")["attributions"]
        assert len({one["actor"] for one in attributions if "elided" in one["tags"]}) > 1


def test_marks_become_code_points_and_white_space_is_not_compared() -> None:
    text = "Ayer.\n« Sí\u202f», dijo\u00a0Ana, « y no ». Ana dijo más."

    spans = spans_of("[« Sí »], {dijo} <Ana>, [« y no »].", text)

    assert {role: [text[s:e] for s, e in found] for role, found in spans.items()} == {
        "content": ["« Sí\u202f»", "« y no »"],
        "cue": ["dijo"],
        "source": ["Ana"],
    }


@pytest.mark.parametrize(
    ("marked", "complaint"),
    [
        ("<Ana> {dijo} [que no]", "stands 0 times"),
        ("<Ana> {dijo}", "stands 2 times"),
        ("<Ana {dijo} [más]>", "not closed"),
        ("<Ana> {dijo [más]", "not closed"),
    ],
)
def test_words_that_cannot_be_placed_are_refused(marked: str, complaint: str) -> None:
    with pytest.raises(GoldError, match=complaint):
        spans_of(marked, "Ana dijo poco. Ana dijo más.")
