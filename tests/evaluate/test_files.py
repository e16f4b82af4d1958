"""Files of gold and predictions, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from conftest import ROOT
from marked import annotated, article, attribution, write_lines
from scripted import item, scripted
from vocero.errors import InputError
from vocero.evaluate import (
    Annotation,
    annotations_of,
    prediction,
    read_gold,
    read_predictions,
    sample,
)
from vocero.extraction import extract
from vocero.schema import Document, Extraction, Stance

LINES = ("[Ana Ruiz] {dijo} ⟦que el puente cerrará⟧.", "Nadie {añadió} ⟦nada⟧.")
TEXT = annotated(*LINES).document.text
ROLES = "source, cue, content"
WRONG_OFFSETS = "correct the offsets (code points from 0, the end exclusive)"
NO_RANGE = "which is no range of a text of 56 code points; count from 0, the end exclusive"
NO_PAIR = "give ranges as [start, end], whole numbers of code points"
NO_OUTER = "name the attribution around it, or make it null"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def gold(*records: object) -> Path:
    return write_lines(Path("gold.jsonl"), *records)


def read(path: Path) -> Extraction:
    """What Vocero reads in the first article of a gold, with a model that finds one attribution."""
    found = item(cue="dijo", src="Ana Ruiz", say=["que el puente cerrará"], st="denies")
    document = Document.from_text(TEXT, id=read_gold(path)[0].document.id, language="es")
    return extract(document, model=scripted(attributions=[{"items": [found]}]))


class TestGold:
    """What a gold may say, and what not."""

    def test_an_article_with_all_that_is_known(self) -> None:
        fields = {
            "lang": "es",
            "layers": ["content", "source"],
            "nesting": False,
            "ignore": [[0, 3], [5, 8]],
            "annotator": "AR",
        }
        one = attribution(
            id=7,
            content=[[14, 17]],
            source=[0, 8],
            source_spans=[[0, 3], [4, 8]],
            source_alt=[[36, 41]],
            type="indirect",
            stance="warns",
            actor="Ana Ruiz",
            via="El Faro",
            speech=True,
            note="the annotators' own fields are left alone",
        )
        nested = attribution(content=[[18, 20]], within=7)
        (found,) = read_gold(gold(article("a", *LINES, **fields, attributions=[one, nested])))

        assert (found.document.id, found.document.language) == ("a", "es")
        assert (found.roles, found.outermost_only) == (("source", "content"), True)
        assert found.ignore == ((0, 3), (5, 8))
        assert found.annotations == (
            Annotation(
                content=((14, 17),),
                source=((0, 3), (4, 8)),
                other_sources=((36, 41),),
                speech="indirect",
                stance="warns",
                actor="Ana Ruiz",
                reported=True,
            ),
            Annotation(content=((18, 20),), nested=True),
        )

    def test_the_example_of_the_documentation(self) -> None:
        documentation = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
        example = documentation.partition("```json\n")[2].partition("\n```")[0]
        (found,) = read_gold(gold(json.loads(example)))

        text = found.document.text
        assert [text[start:end] for one in found.annotations for start, end in one.content] == [
            "que el puente cerrará",
            "“No hay agua”",
        ]

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"doc_id": None}, ' has no "doc_id"; give each article an id of its own'),
            ({"text": ""}, ': "text" is empty; give it the text of an article or leave it out'),
            ({"atributions": []}, " has a field 'atributions'; did you mean 'attributions'?"),
            (
                {"attributions": None},
                ': "attributions" is None; make it a list, if need be an empty one',
            ),
            (
                {"layers": ["source"]},
                f": \"layers\" is ['source']; list what was annotated, of {ROLES}, content among it",
            ),
            ({"nesting": "no"}, ": \"nesting\" is 'no'; make it true or false"),
            (
                {"ignore": [[90, 99]]},
                ': "ignore" is [90, 99], ' + NO_RANGE,
            ),
        ],
    )
    def test_an_article_that_is_wrong(self, change: dict[str, Any], told: str) -> None:
        with pytest.raises(InputError) as raised:
            read_gold(gold(article("first", "Llueve."), article("a", *LINES) | change))

        assert str(raised.value) == f"'gold.jsonl', line 2{told}"

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"content": None}, ' has no "content"; give it the range of what is attributed'),
            (
                {"content": [[8, 9]]},
                ": \"content\" is [8, 9], which holds ' ' and no word; " + WRONG_OFFSETS,
            ),
            (
                {"content": [[14, 57]]},
                ': "content" is [14, 57], ' + NO_RANGE,
            ),
            (
                {"cue": [13, 9]},
                ': "cue" is [13, 9], ' + NO_RANGE,
            ),
            (
                {"cue": "dijo"},
                ": \"cue\" is 'dijo'; " + NO_PAIR,
            ),
            (
                {"cue": [9, 12.5]},
                ': "cue" is [9, 12.5]; ' + NO_PAIR,
            ),
            (
                {"source": [False, True]},
                ': "source" is [False, True]; ' + NO_PAIR,
            ),
            ({"sources": [0, 3]}, " has a field 'sources'; did you mean 'source'?"),
            ({"Cue": [9, 13]}, " has a field 'Cue'; did you mean 'cue'?"),
            (
                {"type": "quoted"},
                ": \"type\" is 'quoted'; make it one of direct, indirect, mixed, or null",
            ),
            (
                {"stance": "says"},
                f": \"stance\" is 'says'; make it one of {', '.join(get_args(Stance))}, or null",
            ),
            ({"actor": 3}, ': "actor" is 3; make it a name or null'),
            (
                {"within": 9},
                ': "within" is 9, which is the "id" of no other; ' + NO_OUTER,
            ),
        ],
    )
    def test_an_attribution_that_is_wrong(self, change: dict[str, Any], told: str) -> None:
        record = article("a", *LINES)
        record["attributions"][1] |= change

        with pytest.raises(InputError) as raised:
            read_gold(gold(record))

        assert str(raised.value) == f"'gold.jsonl', line 1, attribution 1{told}"

    def test_two_articles_of_one_name_and_none_at_all(self) -> None:
        with pytest.raises(InputError, match="line 2 is the second article 'a'; give each an id"):
            read_gold(gold(article("a", *LINES), article("a", *LINES)))
        with pytest.raises(InputError, match=r"'gold.jsonl' is empty; write one JSON object"):
            read_gold(gold())

    @pytest.mark.parametrize("line", ["{", "[" * 100_000, "[]", '{"text": "\\ud800"}'])
    def test_what_is_no_record(self, line: str) -> None:
        Path("gold.jsonl").write_text(f"\n{line}\n", encoding="utf-8")

        with pytest.raises(InputError, match=r"^'gold.jsonl', line 2[ :].*; \w+[^\n]*$"):
            read_gold(Path("gold.jsonl"))


class TestPredictions:
    """What was predicted, as two kinds of lines say it."""

    def test_an_extraction_and_its_prediction_say_the_same(self) -> None:
        path = gold(article("a", *LINES), article("b", *LINES))
        extraction = read(path)
        short = write_lines(Path("short.jsonl"), prediction(extraction))
        long = Path("long.jsonl")
        long.write_text(extraction.model_dump_json(), encoding="utf-8")

        assert annotations_of(extraction) == (
            Annotation(
                content=((14, 35),),
                source=((0, 8),),
                cue=((9, 13),),
                speech="indirect",
                stance="denies",
                actor="Ana Ruiz",
            ),
        )
        golds = read_gold(path)
        assert read_predictions(short, golds) == {"a": annotations_of(extraction)}
        assert read_predictions(long, golds) == {"a": annotations_of(extraction)}

    def test_a_prediction_holds_no_text(self) -> None:
        made = prediction(read(gold(article("a", *LINES))))

        assert made == {
            "doc_id": "a",
            "sha256": Document.from_text(TEXT).sha256,
            "model": "fake",
            "attributions": [
                {
                    "id": 0,
                    "source": (0, 8),
                    "cue": (9, 13),
                    "content": ((14, 35),),
                    "type": "indirect",
                    "stance": "denies",
                    "actor": "Ana Ruiz",
                    "within": None,
                }
            ],
        }

    def test_offsets_alone_will_do_and_need_not_be_words(self) -> None:
        golds = read_gold(gold(article("a", *LINES)))
        bare = {"doc_id": "a", "attributions": [{"content": [[8, 9]]}]}

        found = read_predictions(write_lines(Path("pred.jsonl"), bare), golds)

        assert found == {"a": (Annotation(content=((8, 9),)),)}

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"doc_id": "b"}, " predicts an article 'b', which the gold does not hold; "),
            ({"doc_id": None}, " predicts an article None, which the gold does not hold; "),
            ({"text": "Otro."}, " was predicted for another text of 'a' than the gold's; "),
            ({"sha256": "0"}, " was predicted for another text of 'a' than the gold's; "),
            ({"document": {}}, " is no valid extraction: document."),
        ],
    )
    def test_a_prediction_that_is_wrong(self, change: dict[str, Any], told: str) -> None:
        golds = read_gold(gold(article("a", *LINES)))
        path = write_lines(Path("pred.jsonl"), {"doc_id": "a", "attributions": []} | change)

        with pytest.raises(InputError) as raised:
            read_predictions(path, golds)

        assert str(raised.value).startswith(f"'pred.jsonl', line 1{told}")
        assert "\n" not in str(raised.value)

    def test_two_predictions_of_an_article(self) -> None:
        golds = read_gold(gold(article("a", *LINES)))
        one = {"doc_id": "a", "attributions": []}

        with pytest.raises(InputError, match="line 2 is the second prediction of 'a'"):
            read_predictions(write_lines(Path("pred.jsonl"), one, one), golds)

    def test_an_extraction_of_another_text(self) -> None:
        extraction = read(gold(article("a", *LINES)))
        golds = read_gold(gold(article("a", "Otro texto.")))
        Path("pred.jsonl").write_text(extraction.model_dump_json(), encoding="utf-8")

        with pytest.raises(
            InputError, match="was extracted from another text of 'a' than the gold"
        ):
            read_predictions(Path("pred.jsonl"), golds)


class TestSample:
    """Some articles of many."""

    def test_it_is_the_same_everywhere(self) -> None:
        golds = read_gold(gold(*(article(name, "Llueve.") for name in "abcdefgh")))

        def drawn(count: int, seed: int) -> str:
            return "".join(one.document.id for one in sample(golds, count, seed))

        # By a hash of seed and id, so that these very letters come out on every machine.
        assert (drawn(3, 0), drawn(3, 1)) == ("abd", "bdh")
        assert set(drawn(3, 0)) < set(drawn(4, 0))
        assert drawn(99, 0) == "abcdefgh"
