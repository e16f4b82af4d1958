"""Every measure, on sentences short enough to count its words by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from marked import annotated, article, attribution, place, predicted
from vocero.evaluate import Annotation, Selection, compare, gold_of, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vocero.evaluate import Gold, Score

GOLD = annotated(
    "[Ana Ruiz] {dijo} ⟦que el puente cerrará⟧.",
    "⟦“No hay agua”⟧, {añadió}.",
    "{Según} [la policía], ⟦hubo dos heridos⟧.",
    "El alcalde desmintió el dato.",
)
# One content lacks a word, one is right to the letter, one has a word of three and no cue, and one
# attribution is not in the gold.
READ = predicted(
    GOLD,
    "Ana [Ruiz] {dijo} ⟦que el puente⟧ cerrará.",
    "⟦“No hay agua⟧”, {añadió}.",
    "Según [la policía], ⟦hubo⟧ dos heridos.",
    "[El alcalde] {desmintió} ⟦el dato⟧.",
)


def scores(gold: Gold, read: Sequence[Annotation], **selection: Any) -> dict[str, Score]:
    return score([compare(gold, read, Selection(**selection))], resamples=0)


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("attr.content_src", Fraction(2, 4), Fraction(2, 3)),
        ("attr.detect", Fraction(3, 4), Fraction(3, 3)),
        ("attr.detect50", Fraction(2, 4), Fraction(2, 3)),
        ("attr.joint_soft", Fraction(2, 4), Fraction(2, 3)),
        ("attr.joint_exact", Fraction(1, 4), Fraction(1, 3)),
        # Right: Ruiz dijo que el puente | No hay agua añadió | la policía hubo; wrong: the last five.
        ("attr.spk_joint", Fraction(12, 17), Fraction(12, 17)),
        ("content.exact", Fraction(1, 4), Fraction(1, 3)),
        ("content.overlap", Fraction(3, 4), Fraction(3, 3)),
        ("content.soft", Fraction(3, 4), (Fraction(3, 4) + 1 + Fraction(1, 3)) / 3),
        ("content.token", Fraction(7, 9), Fraction(7, 10)),
        ("content.begin", Fraction(3, 4), Fraction(3, 3)),
        ("source.exact", Fraction(1, 3), Fraction(1, 2)),
        ("source.overlap", Fraction(2, 3), Fraction(2, 2)),
        ("source.soft", Fraction(2, 3), Fraction(3, 4)),
        ("source.token", Fraction(3, 5), Fraction(3, 4)),
        ("source.begin", Fraction(1, 3), Fraction(1, 2)),
        ("cue.exact", Fraction(2, 3), Fraction(2, 3)),
        ("cue.token", Fraction(2, 3), Fraction(2, 3)),
    ],
)
def test_precision_recall_and_f1(name: str, precision: Fraction, recall: Fraction) -> None:
    found = scores(GOLD, READ)[name]

    assert found.precision == pytest.approx(float(precision))
    assert found.recall == pytest.approx(float(recall))
    assert found.value == pytest.approx(float(2 * precision * recall / (precision + recall)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content.jaccard", (Fraction(3, 4) + 1 + Fraction(1, 3)) / 4),
        ("source.jaccard", Fraction(3, 2) / 3),
        ("cue.jaccard", Fraction(2) / 4),
        ("attr.src_acc", Fraction(2, 2)),
    ],
)
def test_means_and_accuracies(name: str, value: Fraction) -> None:
    assert scores(GOLD, READ)[name].value == pytest.approx(float(value))


def test_what_the_gold_does_not_tell_has_no_score() -> None:
    assert not {"attr.type_acc", "attr.stance_acc", "elided.actor", "nested.found"} & set(
        scores(GOLD, READ)
    )
    contents = annotated("[Ana] dijo ⟦que vendrá⟧.", layers=["content"])
    assert {name.partition(".")[0] for name in scores(contents, ())} == {"attr", "content"}


def test_the_gold_itself_is_perfect_and_nothing_is_worthless() -> None:
    assert {one.value for one in scores(GOLD, GOLD.annotations).values()} == {1.0}
    assert {one.value for one in scores(GOLD, ()).values()} == {0.0}


def test_headline_comes_first() -> None:
    assert next(iter(scores(GOLD, READ))) == "attr.content_src"


def test_contents_are_paired_with_those_they_are_most_alike() -> None:
    gold = annotated("[Ana] {dijo} ⟦que el puente cerrará⟧.")
    both = predicted(gold, "[Ana] {dijo} ⟦que el⟧ puente cerrará.") + gold.annotations

    assert scores(gold, both)["attr.joint_exact"].right == 1


def test_of_contents_as_like_the_one_with_the_cue_is_taken() -> None:
    gold = annotated("[Ana] {dijo} ⟦que vendrá⟧, según el diario.")
    without = predicted(gold, "Ana dijo ⟦que vendrá⟧, {según} [el diario].")

    assert scores(gold, without + gold.annotations)["attr.joint_exact"].right == 1


def test_another_mention_of_the_source_is_as_right() -> None:
    text = "Ana vino ayer. Ella dijo que llueve."
    one = attribution(source=place(text, "Ella"), content=[place(text, "que llueve")])
    strict = annotated(text, attributions=[one])
    lenient = annotated(text, attributions=[one | {"source_alt": [place(text, "Ana")]}])
    read = annotated(text, attributions=[one | {"source": place(text, "Ana")}]).annotations

    assert scores(strict, read)["attr.content_src"].value == 0
    assert scores(lenient, read)["attr.content_src"].value == 1
    assert scores(lenient, read)["source.exact"].value == 1


def test_a_role_that_the_gold_leaves_empty_is_not_scored() -> None:
    gold = annotated("Ana calló; ⟦“No hay agua”⟧, {añadió}.")
    named = predicted(gold, "[Ana] calló; ⟦“No hay agua”⟧, {añadió}.")

    assert scores(gold, named)["attr.joint_exact"].value == 1
    assert scores(gold, named)["source.token"].of == 0
    assert scores(gold, named)["attr.spk_joint"].precision == 1


class TestWhatDoesNotCount:
    """Predictions about which the gold says nothing."""

    LINES = ("[Ana] {dijo} ⟦que vendrá⟧.", "[Luis] {quiere} ⟦que se vaya⟧.")

    def spurious(self, gold: Gold, **selection: Any) -> int:
        comparison = compare(gold, predicted(gold, *self.LINES), Selection(**selection))
        return len(comparison.spurious)

    def test_in_what_the_gold_ignores(self) -> None:
        text = "Ana dijo que vendrá.\nLuis quiere que se vaya."
        silent: dict[str, Any] = {"attributions": []}

        assert self.spurious(annotated(text, **silent)) == 2
        # Half of the words of a content, or one of a cue.
        assert self.spurious(annotated(text, ignore=[place(text, "vendrá")], **silent)) == 1
        assert self.spurious(annotated(text, ignore=[place(text, "quiere")], **silent)) == 1
        assert self.spurious(annotated(text, ignore=[place(text, "vaya")], **silent)) == 2

    def test_what_the_selection_leaves_out(self) -> None:
        records = article("a", *self.LINES)
        records["attributions"][0] |= {"speech": True, "type": "indirect"}
        records["attributions"][1] |= {"type": "mixed"}
        gold = gold_of(records, "the gold")

        for only in (Selection(reported_only=True), Selection(types=frozenset({"indirect"}))):
            comparison = compare(gold, predicted(gold, *self.LINES), only)
            assert (len(comparison.wanted), len(comparison.found)) == (1, 1)

    def test_cues_that_are_not_in_the_lexicon(self) -> None:
        gold = annotated(self.LINES[0], "Luis quiere que se vaya.")

        assert self.spurious(gold) == 1
        assert self.spurious(gold, lexicon=frozenset({"quiere"})) == 1
        assert self.spurious(gold, lexicon=frozenset({"dijo"})) == 0

    def test_inside_another_where_the_gold_has_outermost_ones_only(self) -> None:
        line = "[Ana] {dijo} ⟦que Luis quiere que se vaya⟧."
        inner = "Ana dijo que [Luis] {quiere} ⟦que se vaya⟧."

        for nesting, counted in ((True, 1), (False, 0)):
            gold = annotated(line, nesting=nesting)
            found = compare(gold, gold.annotations + predicted(gold, inner)).spurious
            assert len(found) == counted

    def test_what_touches_no_word(self) -> None:
        gold = annotated("[Ana] {dijo} ⟦“sí”⟧.")

        assert compare(gold, [Annotation(content=((9, 10),))]).found == ()


class TestBeyondSpans:
    """Stance, speakers without a span, nesting."""

    TEXT = "La UAE, es decir Unión de Aguas, dijo que sí. Añadió que hay dos. Negó que llueva."

    def record(self, *, actors: Sequence[str | None]) -> dict[str, Any]:
        cues = ("dijo", "Añadió", "Negó")
        contents = ("que sí", "que hay dos", "que llueva")
        sources = (place(self.TEXT, "La UAE"), None, None)
        return article(
            "a",
            self.TEXT,
            attributions=[
                attribution(
                    source=source,
                    cue=place(self.TEXT, cue),
                    content=[place(self.TEXT, content)],
                    actor=actor,
                )
                for source, cue, content, actor in zip(sources, cues, contents, actors, strict=True)
            ],
        )

    def actor_right(self, *, wanted: str, given: Sequence[str | None]) -> float:
        gold = gold_of(self.record(actors=[wanted] * 3), "the gold")
        read = gold_of(self.record(actors=given), "the prediction").annotations
        return scores(gold, read)["elided.actor"].right

    def test_an_actor_is_known_by_the_words_it_speaks_in(self) -> None:
        assert self.actor_right(wanted="Unión de Aguas", given=["UAE", "UAE", "Luis"]) == 1
        assert self.actor_right(wanted="Unión de Aguas", given=["UAE", "UAE", "UAE"]) == 2
        assert self.actor_right(wanted="Unión de Aguas", given=["UAE", None, None]) == 0

    def test_an_actor_that_speaks_nowhere_else_is_known_by_its_name(self) -> None:
        given = ["UAE", "la unión de aguas", "Presidenta de la UNION DE AGUAS"]
        assert self.actor_right(wanted="Unión de Aguas", given=given) == 2
        assert self.actor_right(wanted="Ana Ruiz", given=["UAE", "Ana", "Anabel Ruiz"]) == 1

    def test_elided_speakers_that_were_missed_are_not_given(self) -> None:
        gold = gold_of(self.record(actors=["UAE"] * 3), "the gold")
        found = scores(gold, gold.annotations[:2])

        assert (found["elided.actor"].right, found["elided.actor"].of) == (1, 2)
        assert (found["elided.actor_acc"].right, found["elided.actor_acc"].of) == (1, 1)

    def test_stance_and_kind_of_speech_over_the_pairs_that_have_one(self) -> None:
        wanted = self.record(actors=[None] * 3)
        given = self.record(actors=[None] * 3)
        for one, stance in zip(wanted["attributions"], ("asserts", "asserts", None), strict=True):
            one |= {"stance": stance, "type": "indirect"}
        for one, stance in zip(given["attributions"], ("asserts", "denies", "denies"), strict=True):
            one |= {"stance": stance, "type": "mixed"}
        found = scores(gold_of(wanted, "gold"), gold_of(given, "prediction").annotations)

        assert (found["attr.stance_acc"].right, found["attr.stance_acc"].of) == (1, 2)
        assert (found["attr.type_acc"].right, found["attr.type_acc"].of) == (0, 3)

    def test_nested_ones_found(self) -> None:
        record = self.record(actors=[None] * 3)
        record["attributions"][0]["id"] = "outer"
        record["attributions"][1]["within"] = "outer"
        record["attributions"][2]["nested"] = True
        gold = gold_of(record, "the gold")

        found = scores(gold, gold.annotations[:2])["nested.found"]
        assert (found.right, found.of) == (1, 2)


class TestIntervals:
    """The bootstrap over articles."""

    GOOD = compare(GOLD, GOLD.annotations)
    BAD = compare(GOLD, ())

    def test_they_are_the_same_in_every_run_and_hold_the_value(self) -> None:
        mixed = [self.GOOD, self.GOOD, self.BAD, self.GOOD, self.BAD, self.GOOD]
        one, two = score(mixed), score(mixed)

        assert one == two
        found = one["attr.content_src"]
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low < found.value < found.high <= 1

    def test_articles_that_are_all_alike_leave_no_doubt(self) -> None:
        found = score([self.GOOD] * 5)["attr.content_src"]

        assert (found.low, found.value, found.high) == (1, 1, 1)

    def test_without_resampling_there_are_none_and_without_articles_no_scores(self) -> None:
        assert score([self.GOOD], resamples=0)["attr.content_src"].low is None
        assert score([]) == {}
