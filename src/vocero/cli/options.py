"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["BaseUrl", "Language", "MinConfidence", "ModelName"]

ModelName = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="Name at the endpoint; by default the embedded model (local)."
    ),
]
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", help="Address of an OpenAI-compatible endpoint.")
]
MinConfidence = Annotated[
    float | None,
    typer.Option(
        "--min-confidence",
        min=0,
        max=1,
        help="Reject attributions that are less sure, e.g. 0.8; those of unknown confidence stay.",
    ),
]
Language = Annotated[
    str | None,
    typer.Option("--language", "-l", help="Code (es) of articles that do not name their own."),
]
