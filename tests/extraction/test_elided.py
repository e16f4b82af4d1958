"""Who speaks where no name stands, read by code: elided subjects, pronouns and offices."""

from __future__ import annotations

import pytest

import vocero
from scripted import said, scripted
from vocero import Document


def speakers(text: str, language: str = "es") -> list[str | None]:
    """Read a text by code; return who speaks, by name, in order."""
    document = Document.from_text(text, language=language)
    return [one.who for one in said(vocero.extract(document, model=scripted(sentences=1)))]


def test_who_says_that_he_hopes_hopes_himself() -> None:
    text = "Juan Paz dijo que no vendrá. Ana Ruiz dijo que esperaba llegar el lunes."

    assert speakers(text) == ["Juan Paz", "Ana Ruiz", "Ana Ruiz"]


def test_the_first_person_in_a_quotation_is_who_is_quoted() -> None:
    text = "Juan Paz dijo que no vendrá. “Esperamos que llueva pronto”, dijo Ana Ruiz."

    assert speakers(text) == ["Juan Paz", "Ana Ruiz", "Ana Ruiz"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("El alcalde, Juan Paz, no ha dimitido. “Aquí sigo”, dijo.", "Juan Paz"),
        ("Ana Ruiz, ministra de Salud, vino ayer. “Aquí sigo”, dijo.", "Ana Ruiz"),
        ("Ana Ruiz, primera ministra de Chile, vino ayer. “Aquí sigo”, dijo.", "Ana Ruiz"),
        ("El ministro Luis Mera viajó a Lugo. Luego dijo que el plan es caro.", "Luis Mera"),
    ],
)
def test_whom_the_sentence_before_opens_with_speaks_on(text: str, name: str) -> None:
    assert speakers(f"Clara Bueno negó el plan. {text}") == ["Clara Bueno", name]


@pytest.mark.parametrize(
    "known",
    [
        "“It is late,” said Ann Rowe.",
        "“It is late,” said Rowe.",
        "The town likes Mayor Ann Rowe.",
    ],
)
def test_a_pronoun_is_whom_the_sentence_before_opens_with(known: str) -> None:
    text = f"{known} Paul Hale said no. Ann Rowe left the board in May. She said the plan was dead."

    assert speakers(text, "en")[-2:] == ["Paul Hale", "Ann Rowe"]


def test_who_speaks_later_is_known_from_there() -> None:
    text = (
        "Paul Hale said no. Ann Rowe left the board. “It is over,” she said. "
        "“I am glad of it,” Ann Rowe said."
    )

    assert speakers(text, "en") == ["Paul Hale", "Ann Rowe", "Ann Rowe"]


@pytest.mark.parametrize(
    "before",
    [
        "Wall Street fell on Monday.",
        "Air Force One landed on Monday.",
        "Air Force One, mayor or not, landed.",
        "Ben Nevis, the highest peak, is closed.",
    ],
)
def test_two_capitals_without_an_office_or_a_word_are_no_speaker(before: str) -> None:
    text = f"Ann Rowe said the plant will close. {before} “It is over for all of us,” she said."

    assert speakers(text, "en") == ["Ann Rowe", "Ann Rowe"]


@pytest.mark.parametrize(
    "before",
    [
        "En Nueva York llueve.",
        "El plan llegó a Ana Ruiz.",
        "España votó en contra.",
        "Nueva York amaneció nevada.",
    ],
)
def test_a_sentence_that_opens_with_nobody_changes_no_speaker(before: str) -> None:
    text = f"Clara Bueno negó el plan. {before} Añadió que es caro."

    assert speakers(text) == ["Clara Bueno", "Clara Bueno"]


def test_who_is_a_conjunction_speaks_no_word() -> None:
    text = "Ana Ruiz dijo que el plan es caro. El pacto llegó después de que declarara que no."

    assert speakers(text) == ["Ana Ruiz", "Ana Ruiz"]


def test_a_pronoun_within_the_cue_is_who_speaks() -> None:
    text = "Juan Paz dijo que no vendrá. “Nos preocupa que no llueva”, dijo Ana Ruiz."

    assert speakers(text) == ["Juan Paz", "Ana Ruiz", "Ana Ruiz"]


@pytest.mark.parametrize("asked", ["Asked", "When asked"])
def test_who_asks_is_not_who_is_asked(asked: str) -> None:
    text = f"Paul Hale said no. {asked} whether the boat was late, Ann Rowe said she knew."

    assert speakers(text, "en") == ["Paul Hale", None, "Ann Rowe"]


# --- Offices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("es", "La ministra de Salud, Ana Ruiz, vino. La ministra dijo que sí.", "Ana Ruiz"),
        ("es", "Vio al alcalde Juan Paz en Lugo. El alcalde dijo que sí.", "Juan Paz"),
        ("en", "They met Mayor Ann Rowe there. The mayor said it was late.", "Ann Rowe"),
        ("pt", "A ministra da Saúde, Ana Reis, veio. A ministra disse que sim.", "Ana Reis"),
        ("pt", "O ministro dos Portos, Rui Reis, veio. O ministro disse que sim.", "Rui Reis"),
        (
            "fr",
            "Le ministre de l'Intérieur, Jean Roux, est venu. Le ministre a dit que oui.",
            "Jean Roux",
        ),
        (
            "en",
            "The minister of the interior, Ann Rowe, came. The minister said it was late.",
            "Ann Rowe",
        ),
        (
            "es",
            "El ministro de Justicia y Paz, Luis Mera, vino. El ministro dijo que sí.",
            "Luis Mera",
        ),
        ("es", "El alcalde, J. Ángel Páez, vino. El alcalde dijo que sí.", "J. Ángel Páez"),
    ],
)
def test_an_office_is_who_was_introduced_with_it(language: str, text: str, name: str) -> None:
    assert speakers(text, language) == [name]


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        (
            "en",
            "The minister flew to the capital, New Delhi, on Monday. The minister said it was late.",
            "minister",
        ),
        (
            "en",
            "The mayor met his rival, John Hale. The mayor said the talks went well.",
            "mayor",
        ),
        (
            "en",
            "The mayor of Hull met his rival, John Hale. The mayor said the talks went well.",
            "mayor",
        ),
        ("en", "The mayor of the capital, New Delhi, left. The mayor said it was late.", "mayor"),
        ("es", "El juez interrogó al acusado, Juan Paz. El juez afirmó que no llueve.", "juez"),
        ("es", "El alcalde de su rival, Juan Paz, vino. El alcalde dijo que no.", "alcalde"),
        ("es", "Vino el alcalde. Al lado, Juan Paz. El alcalde dijo que no.", "alcalde"),
        ("fr", "Le maire a vu son rival, Jean Roux. Le maire a dit que non.", "maire"),
        (
            "de",
            "Der Bürgermeister traf den Chef, Max Rot. Der Bürgermeister sagte, dass er geht.",
            "Bürgermeister",
        ),
        ("pt", "O ministro viu o rival, João Reis. O ministro disse que não.", "ministro"),
    ],
)
def test_an_office_is_not_whoever_stands_behind_a_comma(
    language: str, text: str, name: str
) -> None:
    assert set(speakers(text, language)) == {name}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Президент сегодня утром прибыл в Киев. «Дождь пройдёт к утру», — сказал он."),
        ("cs", "Prezident řídil šest žlutých tramvají. „Bude pršet až do rána,“ řekl."),
    ],
)
def test_small_letters_are_no_name_and_a_full_stop_ends_one(language: str, text: str) -> None:
    assert set(speakers(text, language)) <= {None}


def test_an_office_may_go_on_behind_its_holder() -> None:
    text = (
        "La presidenta de la junta, Ana Ruiz, negó el plan. Juan Paz dijo que no vendrá. "
        "La presidenta, que lleva once años en el cargo, dijo que es caro."
    )

    assert speakers(text) == ["Ana Ruiz", "Juan Paz", "Ana Ruiz"]


def test_an_office_is_whose_the_sentence_before_is_about() -> None:
    text = (
        "El ministro Juan Gil dijo que no. El ministro Luis Mera vino ayer. "
        "El ministro dijo que sí."
    )

    assert speakers(text) == ["Juan Gil", "Luis Mera"]


def test_an_office_that_two_hold_is_neither() -> None:
    text = "Vinieron el ministro Juan Gil y el ministro Luis Mera. El ministro dijo que sí."

    assert speakers(text) == ["ministro"]


def test_an_office_of_another_kind_is_somebody_else() -> None:
    text = "La ministra de Salud, Ana Ruiz, vino. La ministra de Trabajo dijo que sí."

    assert speakers(text) == ["ministra de Trabajo"]


# --- Names ----------------------------------------------------------------------------------------


def test_a_company_is_not_called_by_its_place_or_its_officer() -> None:
    text = "Orbis recorta\nOrbis anunció que recorta. El CEO de Orbis calla. Europa de Orbis ríe."

    assert speakers(text) == ["Orbis"]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("es", "El plan es caro, según El Mercurio.", ["El Mercurio"]),
        ("es", "El plan es caro, según el Gobierno.", ["Gobierno"]),
        (
            "es",
            "El Mercurio dijo que sí. El plan es caro, según El Mercurio. El Gobierno dijo que no.",
            ["El Mercurio", "El Mercurio", "Gobierno"],
        ),
        ("fr", "Le plan est cher, selon Le Matin.", ["Le Matin"]),
        ("it", "Il piano è caro, secondo Il Mattino.", ["Il Mattino"]),
    ],
)
def test_an_article_with_a_capital_of_its_own_belongs_to_the_name(
    language: str, text: str, names: list[str]
) -> None:
    assert speakers(text, language) == names


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "Shipping companies said the route was closed.", "Shipping companies"),
        ("es", "Ingenieros navales dijeron que la ruta cerró.", "Ingenieros navales"),
        ("es", "Orbis, con sede en Lugo, dijo que la ruta cerró.", "Orbis"),
    ],
)
def test_a_first_word_with_a_capital_is_no_name_before_its_noun(
    language: str, text: str, name: str
) -> None:
    assert speakers(text, language) == [name]


def test_who_denies_what_was_said_does_not_say_it() -> None:
    text = (
        "El alcalde Tomás Iriarte aseguró que el hospital abrirá el lunes. “No habrá más retrasos”, "
        "añadió.\n\nLa concejala de la oposición, Lucía Benavent, lo negó."
    )
    extraction = vocero.extract(
        Document.from_text(text, language="es"), model=scripted(sentences=1)
    )
    names = {actor.id: actor.name for actor in extraction.actors}

    *_, added, denied = extraction.attributions
    assert names[added.source or ""] == "Tomás Iriarte"
    assert [span.text for span in denied.content] == ["“No habrá más retrasos”"]
    assert (denied.stance, denied.claims) == ("denies", added.claims)


def test_somebody_unnamed_is_nobody_who_was_named() -> None:
    text = (
        "La portavoz del Gobierno, Ana Ruiz, dijo que no hay dinero. Un portavoz del sindicato dijo que "
        "lo hay."
    )
    extraction = vocero.extract(
        Document.from_text(text, language="es"), model=scripted(sentences=1)
    )

    sources = [one.source for one in extraction.attributions]
    assert len(set(sources)) == len(sources) == 2
