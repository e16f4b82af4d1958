"""The command line. Commands import what they need when they run, so that ``--help`` is quick."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from vocero.cli import model, schema
from vocero.cli.extract import extract
from vocero.cli.exits import FAILED, INTERRUPTED
from vocero.cli.serve import serve
from vocero.errors import VoceroError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Who said what, according to whom: claims, actors and attributions from news articles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(extract)
app.command()(serve)
app.command()(schema.schema)
app.add_typer(model.app, name="model")


def _print_version(wanted: bool) -> None:
    if wanted:
        from vocero.version import __version__  # noqa: PLC0415 - keeps --help fast

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line; an error is one line on the error stream and an exit code."""
    try:
        app(standalone_mode=True)
    except VoceroError as error:
        typer.echo(f"vocero: {error}", err=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        typer.echo("vocero: interrupted", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(0)
