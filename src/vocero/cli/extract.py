"""`vocero extract`: articles in; tables on a terminal, JSONL elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vocero.cli.exits import FAILED, INTERRUPTED, SOME_FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vocero.cli.progress import ProgressLine
    from vocero.extraction import Extractor
    from vocero.schema import Document, Extraction

# An endpoint that failed for so many articles in a row will fail for the rest.
_FAILURES_IN_A_ROW = 3


def extract(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…", help="Files (text, Markdown, HTML, JSONL), folders, or - for stdin."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write JSONL there.", dir_okay=False)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="As the endpoint names it; local for the embedded one."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Address of an OpenAI-compatible endpoint.")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", help="ISO code of articles that do not name their own."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no tables.")] = False,
) -> None:
    """Read articles: who said what, according to whom.

    On a terminal each article becomes a table; piped, or with -o, a line of JSON.
    """
    from vocero.cli.output import open_output  # noqa: PLC0415 - keeps --help fast
    from vocero.cli.progress import ProgressLine  # noqa: PLC0415
    from vocero.extraction import Extractor  # noqa: PLC0415
    from vocero.read import read_documents  # noqa: PLC0415

    with ProgressLine(shown=not quiet and sys.stderr.isatty()) as progress:
        extractor = Extractor(
            model, base_url=base_url, on_call=progress.called, progress=progress.fetched
        )
        typer.echo(f"model: {extractor.model.name} ({extractor.model.where})", err=True)
        documents = read_documents(paths, language=language)
        with extractor, open_output(output, force=force, quiet=quiet) as write:
            failed = _run(extractor, documents, write, progress)
    raise typer.Exit(SOME_FAILED if failed else 0)


def _run(
    extractor: Extractor,
    documents: Iterable[Document | Exception],
    write: Callable[[Extraction], None],
    progress: ProgressLine,
) -> int:
    """Extract one article after the other; return how many failed."""
    from vocero.errors import InputError, ModelError, TransportError, VoceroError  # noqa: PLC0415

    failed = in_a_row = done = 0
    try:
        for one in documents:
            if isinstance(one, InputError):
                failed += 1
                progress.say(f"vocero: {one}")
                continue
            assert not isinstance(one, Exception)  # noqa: S101 - readers yield nothing else
            name = one.origin or one.id
            try:
                with progress.article(name):
                    extraction = extractor.extract(one, on_step=progress.step)
            except ModelError as error:
                failed += 1
                in_a_row = in_a_row + 1 if isinstance(error, TransportError) else 0
                if not _is_about_one_article(error) or in_a_row == _FAILURES_IN_A_ROW or not done and in_a_row:
                    raise
                progress.say(f"vocero: {name}: {error}")
                continue
            in_a_row = 0
            write(extraction)
            done += 1
    except KeyboardInterrupt:
        progress.say(f"vocero: interrupted; {_articles(done)} finished and written")
        raise typer.Exit(INTERRUPTED) from None
    except VoceroError as error:
        progress.say(f"vocero: {error}")
        if done:
            progress.say(f"vocero: stopped; {_articles(done)} finished and written")
        raise typer.Exit(FAILED) from None
    return failed


def _is_about_one_article(error: Exception) -> bool:
    from vocero.errors import AnswerError, RequestError, TransportError, TruncatedError  # noqa: PLC0415

    return isinstance(error, (AnswerError, RequestError, TransportError, TruncatedError))


def _articles(count: int) -> str:
    return f"{count} article{'' if count == 1 else 's'}"
