"""What an import costs, and the names that `import vocero` gives."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import vocero

FLAT_API = {
    # extraction
    *("extract", "aextract", "Extractor"),
    # reading and locating
    *("read_document", "read_documents", "locate", "TextIndex"),
    # the data model
    *("Extraction", "Document", "Span", "Actor", "Mention", "Attribution", "Relay", "Claim"),
    *("Rejection", "Provenance"),
    # errors
    *("VoceroError", "InputError", "SettingsError", "LocalModelError", "DependencyError"),
    *("ModelError", "AuthenticationError", "ModelNotFoundError", "RequestError"),
    *("TransportError", "UnreachableError", "AnswerError", "TruncatedError", "QuotaError"),
    "BudgetError",
    "__version__",
}


def imported_by(statement: str) -> set[str]:
    """Names of the modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(done.stdout.split())


def test_importing_vocero_does_not_even_import_pydantic() -> None:
    modules = imported_by("import vocero")

    assert "pydantic" not in modules
    assert {name for name in modules if name.startswith("vocero")} == {"vocero"}


def test_importing_the_schema_imports_pydantic_and_nothing_heavier() -> None:
    modules = imported_by("import vocero.schema")

    assert "pydantic" in modules
    assert not modules & {"openai", "instructor", "tenacity", "jinja2", "typer", "rich"}
    ours = {name for name in modules if name.startswith("vocero.")}
    assert all(name.startswith("vocero.schema") for name in ours)


def test_a_name_brings_only_what_it_needs() -> None:
    modules = imported_by("from vocero import Span")

    assert not modules & {"openai", "instructor", "tenacity", "vocero.text", "vocero.extraction"}


def test_all_is_the_flat_api() -> None:
    assert set(vocero.__all__) == FLAT_API
    assert dir(vocero) == sorted(FLAT_API)


@pytest.mark.parametrize("name", sorted(FLAT_API))
def test_every_name_resolves(name: str) -> None:
    assert getattr(vocero, name) is not None


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(vocero.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("vocero.")
        for alias in node.names
    }

    assert seen == FLAT_API


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'vocero' has no attribute 'quote'"):
        vocero.quote  # noqa: B018 - looking it up is the test
