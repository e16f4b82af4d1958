"""Which language an article is in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vocero.text.language import detect_language

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "La ministra negó ayer que el acuerdo se haya firmado sin consultar a nadie."),
        (
            "en",
            "The minister denied yesterday that the agreement was signed without asking anyone.",
        ),
        ("pt", "A ministra negou ontem que o acordo tenha sido assinado sem consultar ninguém."),
        ("fr", "La ministre a nié hier que l'accord ait été signé sans consulter personne."),
        ("de", "Die Ministerin bestritt gestern, dass der Vertrag heimlich unterzeichnet wurde."),
        ("it", "La ministra ha negato ieri che l'accordo sia stato firmato senza dire nulla."),
        ("cs", "Ministryně včera popřela, že by dohoda byla podepsána bez porady s kýmkoli."),
        ("ru", "Министр вчера отрицала, что договор был подписан втайне от всех остальных."),
    ],
)
def test_one_sentence_is_enough(language: str, text: str) -> None:
    assert detect_language(text) == language
    assert detect_language(text.upper()) == language


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_reference_articles_are_spanish(seed: Path) -> None:
    assert detect_language(seed.read_bytes().decode()) == "es"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "John Kirby",
        "1.234.567,89 € (+3 %) " * 20,
        "REUTERS/Evelyn Hockstein",
        "asdf qwer zxcv uiop hjkl vbnm tyui ghjk",
        "\ud800" * 50,
        "Sacrifican un peón para que avance la reina.",  # taken for Galician
    ],
)
def test_none_where_it_cannot_be_told(text: str) -> None:
    assert detect_language(text) is None


def test_half_a_character_is_no_obstacle() -> None:
    assert detect_language("La ministra negó \ud800 ayer que el acuerdo se haya firmado.") == "es"


def test_only_the_beginning_is_read() -> None:
    spanish = "La ministra negó ayer que el acuerdo se haya firmado sin consultar a nadie. " * 30
    assert detect_language(spanish + "The minister denied it yesterday. " * 10_000) == "es"


def test_the_model_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, vocero.text.language; sys.exit('gcld3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
