"""Who speaks: mentions brought together into actors, and the little a model is asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vocero
from scripted import item, said, scripted, task
from vocero import AnswerError, Document, Extraction, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vocero import Actor
    from vocero.model import FakeModel, Reply


def read(text: str, model: FakeModel | None = None, language: str = "es") -> Extraction:
    """Read a text by code, as it is read beside a small model; the claims do not matter here."""
    document = Document.from_text(text, language=language)
    return vocero.extract(document, model=model or scripted(sentences=1))


def named(extraction: Extraction, name: str) -> Actor:
    (actor,) = [actor for actor in extraction.actors if actor.name == name]
    return actor


def forms(actor: Actor) -> list[tuple[str, str]]:
    return [(mention.span.text, mention.form) for mention in actor.mentions]


def speakers(extraction: Extraction) -> list[str | None]:
    return [one.who for one in said(extraction)]


# --- One actor under several names ----------------------------------------------------------------


def test_a_full_name_and_its_last_name_are_one_actor() -> None:
    extraction = read(
        "El coordinador John Kirby dijo que las conversaciones avanzan. Kirby negó los envíos. "
        "Según Kirby, no habrá más cartas."
    )

    assert speakers(extraction) == ["John Kirby"] * 3
    (kirby,) = extraction.actors
    assert (kirby.kind, kirby.role, kirby.anonymous) == ("person", "coordinador", False)
    assert forms(kirby) == [
        ("El coordinador John Kirby", "named"),
        ("Kirby", "named"),
        ("Kirby", "named"),
    ]


def test_a_last_name_is_completed_from_anywhere_in_the_article() -> None:
    extraction = read(
        "Kirby dijo que las cartas existen. Vladimir Putin y John Kirby no se vieron."
    )

    assert speakers(extraction) == ["John Kirby"]


def test_a_last_name_that_two_people_share_is_nobodys() -> None:
    extraction = read(
        "La alcaldesa Ana Paz dijo que el puente cerrará. El ministro Luis Paz negó el plan. "
        "Paz anunció que dimite."
    )

    assert speakers(extraction) == ["Ana Paz", "Luis Paz", "Paz"]


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        ("cs", "Karel Dub řekl, že most zavře. Podle Karla Duba je starý.", ["Karel Dub"] * 2),
        ("cs", "Jana Malá řekla, že most zavře. Podle Malé je starý.", ["Jana Malá"] * 2),
        ("ru", "Пётр Лукин заявил, что он уедет. По словам Лукина, пора.", ["Пётр Лукин"] * 2),
        # With another first name it is somebody else's.
        (
            "ru",
            "Пётр Лукин заявил, что он уедет. По словам Олега Лукина, пора.",
            ["Пётр Лукин", "Олега Лукина"],
        ),
        # Without a preposition no case is undone: Lukina is a woman.
        (
            "ru",
            "Пётр Лукин заявил, что он уедет. Лукина добавила, что пора.",
            ["Пётр Лукин", "Лукина"],
        ),
    ],
)
def test_a_genitive_behind_a_preposition_is_the_name_it_comes_from(
    language: str, text: str, who: list[str]
) -> None:
    assert speakers(read(text, language=language)) == who


@pytest.mark.parametrize(
    ("language", "text", "name", "role"),
    [
        ("cs", "Starostka Tábora Jana Malá řekla, že ne.", "Jana Malá", "Starostka Tábora"),
        ("ru", "Мэр Твери Пётр Лукин заявил, что нет.", "Пётр Лукин", "Мэр Твери"),
        (
            "ru",
            "Мэр Твери Пётр Ильич Лукин заявил, что нет.",
            "Пётр Ильич Лукин",
            "Мэр Твери",
        ),
        ("ru", "Мэр Твери П. И. Лукин заявил, что нет.", "П. И. Лукин", "Мэр Твери"),
    ],
)
def test_a_genitive_between_office_and_name_belongs_to_the_office(
    language: str, text: str, name: str, role: str
) -> None:
    (one,) = read(text, language=language).actors
    assert (one.name, one.role) == (name, role)


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("cs", "Jeden z řidičů řekl, že ne.", "Jeden z řidičů"),
        ("ru", "Один из водителей сказал, что нет.", "Один из водителей"),
        ("cs", "Ta řidička řekla, že ne.", "řidička"),
    ],
)
def test_a_determiner_with_its_noun_behind_a_preposition_stays(
    language: str, text: str, name: str
) -> None:
    (one,) = read(text, language=language).actors
    assert one.name == name


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        ("cs", "Starostka Jana Malá řekla, že ne. Starostka dodala, že neví.", "Jana Malá"),
        ("ru", "Мэр Пётр Лукин заявил, что нет. Мэр добавил, что не знает.", "Пётр Лукин"),
    ],
)
def test_without_articles_an_office_is_that_of_somebody_known(
    language: str, text: str, who: str
) -> None:
    assert speakers(read(text, language=language)) == [who, who]


def test_a_government_its_seat_its_country_and_its_abbreviation_are_one_actor() -> None:
    extraction = read(
        "Pyongyang negó los envíos. La RPDC advirtió de que habrá consecuencias. Corea del Norte "
        "anunció que responderá. Moscú pidió que cese la guerra."
    )

    north, south = extraction.actors
    assert speakers(extraction) == [north.name] * 3 + [south.name]
    assert (north.kind, north.country) == ("government", "KP")
    assert forms(north)[0] == ("Pyongyang", "metonym")
    assert {text for text, _ in forms(north)} >= {"Pyongyang", "La RPDC", "Corea del Norte"}
    assert (south.kind, south.country) == ("government", "RU")


def test_the_office_before_or_behind_a_name_is_its_role() -> None:
    extraction = read(
        "La portavoz del Gobierno, Ana Ruiz, dijo que el puente cerrará. Pedro Outeiro, alcalde de "
        "Lugo, negó el plan."
    )

    ruiz, outeiro = extraction.actors
    assert (ruiz.name, ruiz.kind, ruiz.role) == ("Ana Ruiz", "person", "portavoz del Gobierno")
    assert (outeiro.name, outeiro.kind, outeiro.role) == (
        "Pedro Outeiro",
        "person",
        "alcalde de Lugo",
    )


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("President Joe Biden said that the bridge would close.", "Joe Biden", "President"),
        ("Mr Biden said that the bridge would close.", "Biden", "Mr"),
        ("Prime Minister Clara Boyd said that it would close.", "Clara Boyd", "Prime Minister"),
        ("Stephen King said that the bridge would close.", "Stephen King", None),
        ("Kingsley King said that the bridge would close.", "Kingsley King", None),
    ],
)
def test_a_title_is_no_part_of_the_name(text: str, name: str, role: str | None) -> None:
    (actor,) = read(text, language="en").actors

    assert (actor.name, actor.role) == (name, role)


def test_a_title_and_a_last_name_are_the_person_of_the_full_name() -> None:
    extraction = read(
        "President Joe Biden said that the bridge would close. Mr Biden denied that there were "
        "tolls. Biden added that a new bridge would open.",
        language="en",
    )

    assert speakers(extraction) == ["Joe Biden"] * 3


def test_officials_of_a_country_are_a_description_and_no_name() -> None:
    extraction = read(
        "Senior American officials said that the bridge would close. Ukrainian officials denied "
        "that there were tolls.",
        language="en",
    )

    assert [(actor.name, actor.anonymous, actor.country) for actor in extraction.actors] == [
        ("Senior American officials", True, "US"),
        ("Ukrainian officials", True, "UA"),
    ]


# --- Subjects left out, pronouns, descriptions ----------------------------------------------------


def test_a_subject_left_out_is_the_latest_speaker() -> None:
    extraction = read(
        "La ministra de Pesca, Clara Bueno, dijo que la flota volverá. “No hay peligro”, añadió. "
        "El alcalde de Burela, Luis Mera, negó que el puerto esté abierto. “Nadie nos ha llamado”, "
        "añadió."
    )

    assert [(one.who, one.cue) for one in said(extraction)] == [
        ("Clara Bueno", "dijo"),
        ("Clara Bueno", "añadió"),
        ("Luis Mera", "negó"),
        ("Luis Mera", "añadió"),
    ]
    assert [one.source_span is None for one in extraction.attributions] == [
        False,
        True,
        False,
        True,
    ]
    # The cue whose subject it is stands for the subject that is not there.
    assert forms(named(extraction, "Clara Bueno"))[-1] == ("añadió", "elided")


def test_a_pronoun_is_the_only_one_who_has_spoken() -> None:
    extraction = read(
        "Joan Baird said that the bridge would close. “There will be no tolls,” she added.",
        language="en",
    )

    assert speakers(extraction) == ["Joan Baird", "Joan Baird"]
    assert forms(named(extraction, "Joan Baird"))[-1] == ("she", "pronoun")


def test_who_speaks_within_a_content_is_not_who_speaks_next() -> None:
    extraction = read(
        "Ana Ruiz dijo que Luis Mera negó el plan de la alcaldía. “No hay peligro”, añadió."
    )

    assert speakers(extraction)[0] == "Ana Ruiz"
    assert speakers(extraction)[-1] == "Ana Ruiz"


SPOKESPEOPLE = (
    "La portavoz de Pesca, Ana Ruiz, dijo que el puerto cerrará. El portavoz de Puertos, Luis "
    "Mera, negó el plan. El alcalde de Lugo, Iván Paz, pidió que llueva. {who} insistió en que hay plan."
)


def test_a_description_is_the_only_one_with_that_office() -> None:
    model = scripted(sentences=1)

    extraction = read(SPOKESPEOPLE.format(who="El alcalde"), model)

    assert speakers(extraction)[-1] == "Iván Paz"
    assert forms(named(extraction, "Iván Paz"))[-1] == ("El alcalde", "nominal")
    assert "speaker" not in {call.label for call in model.calls}


def test_where_several_have_that_office_the_model_chooses_among_them() -> None:
    model = scripted(sentences=1, speaker=[{"who": 2}])

    extraction = read(SPOKESPEOPLE.format(who="La portavoz"), model)

    (call,) = [call for call in model.calls if call.label == "speaker"]
    # The latest to speak comes first; the mayor is no candidate.
    assert "1. Luis Mera\n2. Ana Ruiz\n0. none of them" in task(call)
    assert "“insistió”" in task(call)
    assert "La portavoz" in task(call)
    assert speakers(extraction)[-1] == "Ana Ruiz"
    assert forms(named(extraction, "Ana Ruiz"))[-1] == ("La portavoz", "nominal")


def test_a_description_of_none_of_them_is_an_actor_of_its_own() -> None:
    model = scripted(sentences=1, speaker=[{"who": 0}])

    extraction = read(SPOKESPEOPLE.format(who="La portavoz"), model)

    assert speakers(extraction)[-1] == "portavoz"
    assert not [one for one in extraction.rejected if one.stage == "actors"]


def test_a_candidate_that_was_not_offered_is_in_rejected() -> None:
    model = scripted(sentences=1, speaker=[{"who": 7}])

    extraction = read(SPOKESPEOPLE.format(who="La portavoz"), model)

    assert speakers(extraction)[-1] == "portavoz"
    (one,) = [one for one in extraction.rejected if one.stage == "actors"]
    assert (one.reason, one.proposed, one.sentence) == ("out_of_range", {"who": 7}, 4)


@pytest.mark.parametrize("error", [AnswerError("no JSON"), TruncatedError("too long")])
def test_without_an_answer_it_is_the_latest_of_them_and_the_record_says_so(
    error: Exception,
) -> None:
    model = scripted(sentences=1, speaker=[error])

    extraction = read(SPOKESPEOPLE.format(who="La portavoz"), model)

    assert speakers(extraction)[-1] == "Luis Mera"
    (one,) = [one for one in extraction.rejected if one.stage == "actors"]
    assert (one.reason, one.detail, one.sentence) == ("unanswered", str(error), 4)


# --- The model's own idea of who it is ------------------------------------------------------------

ELIDED = (
    "La ministra de Pesca, Clara Bueno, dijo que la flota volverá. El alcalde de Burela, Luis "
    "Mera, negó el plan. “No hay peligro en el puerto”, añadió."
)


def last_speaker(who: str) -> Extraction:
    items = [
        item(s=1, cue="dijo", src="Clara Bueno", say=["que la flota volverá"]),
        item(s=2, cue="negó", src="Luis Mera", say=["el plan"], st="denies"),
        item(s=3, cue="añadió", say=["“No hay peligro en el puerto”"], who=who),
    ]
    return read(ELIDED, scripted(attributions=[{"items": items}]))


@pytest.mark.parametrize("who", ["Clara Bueno", "Bueno", "CLARA BUENO", "la ministra, Clara Bueno"])
def test_a_name_that_the_article_holds_is_taken_from_the_article(who: str) -> None:
    extraction = last_speaker(who)

    assert speakers(extraction)[-1] == "Clara Bueno"
    assert len(extraction.actors) == 2


@pytest.mark.parametrize("who", ["Donald Trump", "Clara Malo", "", "ella", "nadie", "…"])
def test_a_name_that_the_article_does_not_hold_is_not_used(who: str) -> None:
    extraction = last_speaker(who)

    assert speakers(extraction)[-1] == "Luis Mera"  # the latest
    assert {actor.name for actor in extraction.actors} == {"Clara Bueno", "Luis Mera"}


# --- Outlets, documents, anonymous sources, chains ------------------------------------------------


def test_an_outlet_that_passes_words_on_is_in_the_chain_and_not_the_source() -> None:
    extraction = read("“El puente está cerrado”, dijo la portavoz Ana Ruiz, citada por CNN.")

    (one,) = extraction.attributions
    assert speakers(extraction) == ["Ana Ruiz"]
    (relay,) = one.chain
    assert extraction.actor(relay.actor).name == "CNN"
    assert extraction.actor(relay.actor).kind == "outlet"
    assert relay.span.text == "CNN"
    assert relay.cue_span is not None
    assert relay.cue_span.text == "citada por"


def test_an_outlet_that_a_model_names_is_in_the_chain() -> None:
    text = "Pršalo, uviedol Ján Novák pre denník Právo."
    given = item(cue="uviedol", src="Ján Novák", say=["Pršalo"], via="Právo")
    model = scripted(sentences=1, attributions=[{"items": [given]}])

    extraction = read(text, model, language="sk")

    (one,) = extraction.attributions
    assert [extraction.actor(relay.actor).name for relay in one.chain] == ["Právo"]
    assert one.chain[0].cue_span is None


def test_who_speaks_does_not_relay_itself() -> None:
    text = "Pršalo, napísal denník Právo."
    given = item(cue="napísal", src="Právo", say=["Pršalo"], via="Právo")
    model = scripted(sentences=1, attributions=[{"items": [given]}])

    (one,) = read(text, model, language="sk").attributions

    assert one.chain == ()


def test_sources_that_hide_their_names_are_anonymous() -> None:
    extraction = read(
        "Funcionarios estadounidenses han afirmado que el puente caerá. Fuentes del ministerio "
        "negaron el plan. El alcalde de Lugo, Iván Paz, pidió que llueva."
    )

    assert [(actor.name, actor.kind, actor.anonymous) for actor in extraction.actors] == [
        ("Funcionarios estadounidenses", "group", True),
        ("Fuentes del ministerio", "group", True),
        ("Iván Paz", "person", False),
    ]
    assert extraction.actors[0].country == "US"


def test_newspapers_and_reports_speak_too() -> None:
    extraction = read(
        "El diario La Voz informó de que el plan existe. Según un informe del Ministerio de Pesca, "
        "el puerto perderá 300 barcos. Reuters publicó que habrá más."
    )

    assert [(actor.name, actor.kind) for actor in extraction.actors] == [
        ("diario La Voz", "outlet"),
        ("informe del Ministerio de Pesca", "document"),
        ("Reuters", "outlet"),
    ]


# --- Kinds that no word list tells ----------------------------------------------------------------

UNKNOWN = (
    "Zubia dijo que faltan obreros. El alcalde de Lugo, Iván Paz, negó el plan. Según Talleres "
    "Oria, Corea del Norte no ha pagado. Reuters publicó que habrá más."
)


def kinds(replies: Iterable[Reply]) -> tuple[Extraction, FakeModel]:
    model = scripted(sentences=1, actors=replies)
    return read(UNKNOWN, model), model


def test_the_model_is_asked_only_for_kinds_that_are_not_known() -> None:
    answer = {
        "items": [
            {"n": 1, "kind": "person", "country": ""},
            {"n": 2, "kind": "organization", "country": ""},
        ]
    }

    extraction, model = kinds([answer])

    (call,) = [call for call in model.calls if call.label == "actors"]
    assert task(call).endswith("Names:\n1. Zubia\n2. Talleres Oria\nAnswer with 2 items:")
    assert [(actor.name, actor.kind) for actor in extraction.actors] == [
        ("Zubia", "person"),
        ("Iván Paz", "person"),
        ("Talleres Oria", "organization"),
        ("Reuters", "outlet"),
    ]


def test_where_all_kinds_are_known_nothing_is_asked() -> None:
    model = scripted(sentences=1)

    read(ELIDED, model)

    assert "actors" not in {call.label for call in model.calls}


def test_a_country_comes_from_the_article_or_not_at_all() -> None:
    answer = {
        "items": [
            {"n": 1, "kind": "person", "country": "kp"},  # the article tells of North Korea,
            {"n": 2, "kind": "organization", "country": "DE"},  # and nothing of Germany
        ]
    }

    extraction, _ = kinds([answer])

    assert named(extraction, "Zubia").country == "KP"
    assert named(extraction, "Talleres Oria").country is None


def test_a_kind_for_a_name_that_was_not_listed_is_in_rejected() -> None:
    answer = {"items": [{"n": 3, "kind": "person", "country": ""}]}

    extraction, _ = kinds([answer])

    assert named(extraction, "Zubia").kind is None  # unknown is unknown
    (one,) = [one for one in extraction.rejected if one.stage == "actors"]
    assert (one.reason, one.proposed) == ("out_of_range", answer["items"][0])


@pytest.mark.parametrize("error", [AnswerError("no JSON"), TruncatedError("too long")])
def test_without_an_answer_the_kinds_stay_unknown_and_the_record_says_so(error: Exception) -> None:
    extraction, _ = kinds([error])

    assert named(extraction, "Zubia").kind is None
    (one,) = [one for one in extraction.rejected if one.stage == "actors"]
    assert (one.reason, one.detail) == ("unanswered", str(error))


def test_more_names_than_one_answer_can_hold_are_asked_for_in_turn() -> None:
    names = [f"Zubia{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(90)]
    text = " ".join(f"{name} dijo que faltan obreros." for name in names)
    model = scripted(
        sentences=1,
        actors=[
            {"items": [{"n": n, "kind": "person", "country": ""} for n in range(1, 41)]},
            {"items": [{"n": n, "kind": "group", "country": ""} for n in range(1, 41)]},
            {"items": [{"n": n, "kind": "outlet", "country": ""} for n in range(1, 11)]},
        ],
    )

    extraction = read(text, model)

    assert [call.label for call in model.calls].count("actors") == 3
    assert [actor.kind for actor in extraction.actors] == ["person"] * 40 + ["group"] * 40 + [
        "outlet"
    ] * 10
