"""`vocero model`: the embedded model's weights on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(help="The embedded model's weights: fetch, find or remove them.")


@app.command()
def fetch() -> None:
    """Download the weights (1.1 GB) unless they are there, and print where they lie."""
    typer.echo(fetch_with_bar())


@app.command()
def path() -> None:
    """Print where the weights lie; an error if they are not on this machine."""
    from vocero.model.local.weights import weights_path  # noqa: PLC0415 - keeps --help fast

    typer.echo(weights_path(fetch=False))


@app.command()
def remove() -> None:
    """Delete all downloaded weights and unfinished downloads."""
    from vocero.model.local.weights import remove  # noqa: PLC0415 - keeps --help fast

    typer.echo(f"{remove() / 1e9:.1f} GB freed")


def fetch_with_bar() -> Path:
    """The model's path; while it is downloaded a bar on the error stream shows how far it is.

    Raises:
        LocalModelError: The weights cannot be had.
    """
    from rich.console import Console  # noqa: PLC0415 - keeps --help fast
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from vocero.model.local.weights import weights_path  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    # Into a file it would write an empty line.
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("the embedded model", total=None, visible=False)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None, visible=True)

        return weights_path(progress=show)
