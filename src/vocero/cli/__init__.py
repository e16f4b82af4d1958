"""The command line. Commands import what they need when they run, so that ``--help`` is quick."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vocero.cli import journal, model
from vocero.cli.batch import batch
from vocero.cli.eval import evaluate
from vocero.cli.exits import EPILOG, STOPPED, WRONG_USE
from vocero.cli.extract import extract
from vocero.cli.replay import replay
from vocero.cli.schema import schema
from vocero.cli.serve import serve
from vocero.cli.terminal import say
from vocero.errors import InputError, SettingsError, VoceroError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "main"]

app = typer.Typer(
    help="Who said what, according to whom: claims, actors and attributions from news articles.",
    no_args_is_help=True,
    # Rich help and shell completion cost 0.9 s of imports at every --help.
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=EPILOG)(extract)
app.command(epilog=EPILOG)(batch)
app.command()(replay)
app.command("eval", epilog=EPILOG)(evaluate)
app.command()(serve)
app.command()(schema)
app.add_typer(model.app, name="model")
app.add_typer(journal.app, name="journal")


def _print_version(wanted: bool) -> None:
    if wanted:
        from vocero.version import __version__  # noqa: PLC0415 - keeps --help fast

        typer.echo(f"vocero {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error is one line on the error stream and an exit code.

    Args:
        arguments: Instead of the process's own.

    Raises:
        SystemExit: always, with a code of `vocero.cli.exits`.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the shell (>&-)
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that is not UTF-8 gets question marks for what it cannot show.
        sys.stdout.reconfigure(errors="replace")
    try:
        app(arguments, prog_name="vocero")
    except VoceroError as error:
        say(f"vocero: {error}")
        sys.exit(WRONG_USE if isinstance(error, (SettingsError, InputError)) else STOPPED)
    except OSError as error:
        # Foreseen nowhere else: a full disk below the cache or standard output.
        what = "standard output" if error.filename is None else repr(error.filename)
        reason = error.strerror or type(error).__name__
        with suppress(OSError):  # it may be the error stream
            say(f"vocero: {what} cannot be used ({reason}); look at the disk and the permissions")
        sys.exit(STOPPED)
