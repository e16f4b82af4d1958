"""`vocero journal`: look into the journal of a run, take it elsewhere, delete from it."""

from __future__ import annotations

import datetime as dt
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vocero.corpus import Journal, Stats

app = typer.Typer(
    help="The journal of a run: all that was asked and answered. It holds the articles.",
    no_args_is_help=True,
)

Where = Annotated[
    Path,
    typer.Argument(
        metavar="JOURNAL", exists=True, help="A journal, or the folder of the run that keeps it."
    ),
]


@app.command()
def stats(
    journal: Where,
    as_json: Annotated[bool, typer.Option("--json", help="As one line of JSON.")] = False,
) -> None:
    """Count records, bytes and tokens, by model and by kind of question."""
    with _opened(journal) as opened:
        counted = opened.stats()
    if as_json:
        _print_json(counted)
    else:
        _print_table(counted)


@app.command()
def export(journal: Where) -> None:
    """Write every record to standard output as a line of JSON. It holds the articles."""
    with (
        _opened(journal) as opened,
        # Articles are not in the terminal's encoding: JSON is UTF-8.
        open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False) as stream,
    ):
        opened.export(stream)


@app.command()
def prune(
    journal: Where,
    before: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only what ended earlier, in UTC."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Only what was asked of this model, as it was named.")
    ] = None,
) -> None:
    """Delete records for good. What they held is asked, and paid for, again if it is needed."""
    with _opened(journal) as opened:
        held = opened.stats().bytes
        count = opened.prune(before=before and before.replace(tzinfo=dt.UTC), model=model)
        left = opened.stats()
    if count:
        freed = max(held - left.bytes, 0)
        typer.echo(f"{_count(count, 'record')} deleted, {_megabytes(freed)} freed")
    else:  # a model that is misspelt, or a year
        typer.echo(f"nothing deleted; {_there(left)}")


def _opened(path: Path) -> Journal:
    from vocero.corpus.journal import FILE_NAME, Journal  # noqa: PLC0415 - keeps --help fast
    from vocero.errors import SettingsError  # noqa: PLC0415

    file = path / FILE_NAME if path.is_dir() else path
    if not file.exists():
        msg = f"there is no journal {str(file)!r}: name the folder of a run, or a journal"
        raise SettingsError(msg)
    return Journal(file)


def _there(left: Stats) -> str:
    """What there is to prune."""
    from vocero.cli.terminal import printable  # noqa: PLC0415 - keeps --help fast

    models = []
    for model, found in groupby(left.groups, lambda group: group.model):
        groups = list(found)
        count = _count(sum(one.answers + one.failures for one in groups), "record")
        first, last = min(one.first for one in groups), max(one.last for one in groups)
        models.append(f"{count} of {printable(model)!r} ({_period(first, last)})")
    return f"the journal holds {' and '.join(models) or 'no records'}"


def _period(first: dt.datetime, last: dt.datetime) -> str:
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"


def _print_json(counted: Stats) -> None:
    import json  # noqa: PLC0415 - keeps --help fast

    def time(value: dt.datetime | None) -> str | None:
        return None if value is None else value.isoformat()

    groups = [
        {
            "model": group.model,
            "label": group.label,
            "answers": group.answers,
            "failures": group.failures,
            **group.usage.model_dump(),
            "untold": group.untold,
            "first": time(group.first),
            "last": time(group.last),
        }
        for group in counted.groups
    ]
    whole = {
        "articles": counted.articles,
        "answers": counted.answers,
        "failures": counted.failures,
        "bytes": counted.bytes,
        "first": time(counted.first),
        "last": time(counted.last),
        "groups": groups,
    }
    typer.echo(json.dumps(whole))


def _print_table(counted: Stats) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - keeps --help fast
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from vocero.cli.terminal import printable  # noqa: PLC0415

    console = Console(highlight=False)
    summary = (
        f"{_count(counted.answers, 'answer')}, {_count(counted.failures, 'failure')}, "
        f"{_count(counted.articles, 'article')}, "
        f"{_megabytes(counted.bytes)}"
    )
    console.print(summary)
    if counted.first and counted.last:
        console.print(_period(counted.first, counted.last))
    if not counted.groups:
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False)
    table.add_column("model", overflow="fold")
    table.add_column("question", overflow="fold")
    for name in ("answers", "failures", "tokens in", "cached", "out"):
        table.add_column(name, justify="right")
    for group in counted.groups:
        usage = group.usage
        table.add_row(
            Text(printable(group.model)),
            Text(printable(group.label)),
            f"{group.answers:,}",
            f"{group.failures:,}",
            *map(_tokens, (usage.input_tokens, usage.cached_tokens, usage.output_tokens)),
        )
    console.print(table)
    if untold := sum(group.untold for group in counted.groups):
        console.print(
            f"The tokens of {_count(untold, 'record')} are unknown and not in these sums."
        )


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _tokens(count: int | None) -> str:
    return "—" if count is None else f"{count:,}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
