"""`vocero extract`: articles in; tables on a terminal, JSONL elsewhere."""

from __future__ import annotations

import functools
import logging
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from vocero.cli.exits import INTERRUPTED, SOME_FAILED
from vocero.cli.options import (  # noqa: TC001 - Typer reads the annotations
    BaseUrl,
    Language,
    MinConfidence,
    ModelName,
)
from vocero.cli.terminal import say
from vocero.errors import VoceroError


def extract(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Files (text, HTML, JSON, JSONL, CSV, Parquet, WARC), folders, patterns, - for stdin.",
        ),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write JSONL to this new file.", dir_okay=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the output if it exists.")
    ] = False,
    model: ModelName = None,
    base_url: BaseUrl = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="WHAT=NAME",
            help="Which field of a record holds what, e.g. text=body; may be given again.",
        ),
    ] = None,
    language: Language = None,
    min_confidence: MinConfidence = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Errors only: no progress, no tables beside -o."),
    ] = False,
) -> None:
    """Read articles: who said what, according to whom.

    On a terminal each article becomes a table; into a pipe, or with -o, a line of JSON.

    The embedded model needs neither key nor server. Another is named here or as VOCERO_MODEL and
    VOCERO_BASE_URL, its key as VOCERO_API_KEY.
    """
    from vocero.cli.answering import bring_model, who_answers  # noqa: PLC0415 - keeps --help fast
    from vocero.cli.output import open_output  # noqa: PLC0415
    from vocero.cli.progress import ProgressBar  # noqa: PLC0415
    from vocero.model import ModelSettings  # noqa: PLC0415

    fields: dict[str, str] = {}
    if field or any(set(path) & set("*?[") for path in paths):
        # Takes 0.2 s, which plain paths are spared before the first line. Patterns are expanded
        # before the output is there, which may match.
        from vocero.read import expand_patterns, parse_fields  # noqa: PLC0415

        fields, paths = parse_fields(field or []), expand_patterns(paths)
    settings = ModelSettings.resolve(model, base_url=base_url)
    if quiet:  # what is left out of web archives is told as a warning
        logging.getLogger("vocero.read").setLevel(logging.ERROR)
    progress = ProgressBar(shown=sys.stderr.isatty() and not quiet)
    with open_output(output, inputs=paths, force=force, quiet=quiet) as write:
        if not quiet:
            say(f"model: {who_answers(settings)}")
        # Not before the first line: they take a second.
        from vocero.cli.run import Run  # noqa: PLC0415
        from vocero.extraction import Extractor  # noqa: PLC0415
        from vocero.read import read_documents  # noqa: PLC0415

        extractor = Extractor(
            model, min_confidence=min_confidence, base_url=base_url, on_call=progress.called
        )
        bring = functools.partial(bring_model, settings, quiet=quiet)
        run = Run(extractor, write, progress, prepare=bring)
        try:
            run(read_documents(paths, fields=fields, language=language))
        except KeyboardInterrupt:
            say(f"vocero: interrupted; {_articles(run.done)} finished and written")
            raise typer.Exit(INTERRUPTED) from None
        except VoceroError:
            if run.done:
                say(f"vocero: stopped; {_articles(run.done)} finished and written")
            raise
    if run.failed:
        raise typer.Exit(SOME_FAILED)


def _articles(count: int) -> str:
    return f"{count} article{'' if count == 1 else 's'}"
