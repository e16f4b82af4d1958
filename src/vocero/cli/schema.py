"""`vocero schema`: the data model as JSON Schema."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    name: Annotated[
        str,
        typer.Argument(
            help="extraction, document, actor, attribution, claim, span, rejection, provenance"
        ),
    ] = "extraction",
) -> None:
    """Print the versioned JSON Schema of a class of the data model."""
    import json  # noqa: PLC0415 - keeps --help fast

    from vocero.errors import SettingsError  # noqa: PLC0415
    from vocero.schema import SCHEMAS, json_schema  # noqa: PLC0415

    if name.lower() not in SCHEMAS:
        msg = f"there is no schema {name!r}: name one of {', '.join(SCHEMAS)}"
        raise SettingsError(msg)
    typer.echo(json.dumps(json_schema(name.lower()), ensure_ascii=False, indent=2))
