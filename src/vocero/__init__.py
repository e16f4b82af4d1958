"""Vocero: who said what, according to whom.

A model proposes; Vocero proves. `extract` reads one article and returns an `Extraction`, each span
of which is a slice of the article.

    import vocero

    extraction = vocero.extract(Path("article.txt"))
    for attribution in extraction.attributions:
        print(attribution.source, attribution.stance, attribution.content[0].text)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocero.errors import (
        AnswerError,
        AuthenticationError,
        BudgetError,
        DependencyError,
        InputError,
        LocalModelError,
        ModelError,
        ModelNotFoundError,
        QuotaError,
        RequestError,
        SettingsError,
        TransportError,
        TruncatedError,
        UnreachableError,
        VoceroError,
    )
    from vocero.extraction import Extractor, aextract, extract
    from vocero.read import read_document, read_documents
    from vocero.schema import (
        Actor,
        Attribution,
        Claim,
        Document,
        Extraction,
        Mention,
        Provenance,
        Rejection,
        Relay,
        Span,
    )
    from vocero.text import TextIndex, locate
    from vocero.version import __version__

_HOMES = {
    "errors": (
        "AnswerError",
        "AuthenticationError",
        "BudgetError",
        "DependencyError",
        "InputError",
        "LocalModelError",
        "ModelError",
        "ModelNotFoundError",
        "QuotaError",
        "RequestError",
        "SettingsError",
        "TransportError",
        "TruncatedError",
        "UnreachableError",
        "VoceroError",
    ),
    "extraction": ("Extractor", "aextract", "extract"),
    "read": ("read_document", "read_documents"),
    "schema": (
        "Actor",
        "Attribution",
        "Claim",
        "Document",
        "Extraction",
        "Mention",
        "Provenance",
        "Rejection",
        "Relay",
        "Span",
    ),
    "text": ("TextIndex", "locate"),
    "version": ("__version__",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Actor",
    "AnswerError",
    "Attribution",
    "AuthenticationError",
    "BudgetError",
    "Claim",
    "DependencyError",
    "Document",
    "Extraction",
    "Extractor",
    "InputError",
    "LocalModelError",
    "Mention",
    "ModelError",
    "ModelNotFoundError",
    "Provenance",
    "QuotaError",
    "Rejection",
    "Relay",
    "RequestError",
    "SettingsError",
    "Span",
    "TextIndex",
    "TransportError",
    "TruncatedError",
    "UnreachableError",
    "VoceroError",
    "__version__",
    "aextract",
    "extract",
    "locate",
    "read_document",
    "read_documents",
]


def __getattr__(name: str) -> object:
    # Lazy: importing vocero costs next to nothing until a name is used.
    if name not in _HOME_OF:
        msg = f"module 'vocero' has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"vocero.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
