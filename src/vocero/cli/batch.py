"""`vocero batch`: very many articles into a folder, resumed where it was left."""

from __future__ import annotations

import functools
import logging
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vocero.cli.exits import INTERRUPTED, SOME_FAILED
from vocero.cli.options import (  # noqa: TC001 - Typer reads the annotations
    BaseUrl,
    Language,
    MinConfidence,
    ModelName,
)
from vocero.cli.terminal import say
from vocero.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from vocero.corpus import Progress
    from vocero.model import ConnectOptions

__all__ = ["batch"]

# Failures that are said one by one; all of them are in failures.jsonl.
_TOLD = 20


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Folders, patterns, files (text, HTML, JSONL, CSV, Parquet, WARC), - for stdin.",
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="RUN", help="The folder of the run.")
    ],
    form: Annotated[
        Literal["jsonl", "parquet"] | None,
        typer.Option("--format", help="One file of JSON lines (default), or Parquet parts."),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="OURS=THEIRS", help="E.g. text=body, outlet=source.name."),
    ] = None,
    language: Language = None,
    min_confidence: MinConfidence = None,
    model: ModelName = None,
    base_url: BaseUrl = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", "-c", min=1, help="Questions at once.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", help="Seconds that one try may take.")
    ] = None,
    price: Annotated[
        str | None, typer.Option("--price", help="Per million tokens: input/output[/cached].")
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="MONEY", help="Stop before the run costs more."),
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option("--budget-tokens", min=1, help="Stop before it takes more.")
    ] = None,
    engine: Annotated[
        Literal["local", "openai-batch", "ray"],
        typer.Option("--engine", help="Here; through a provider's batches; on a Ray cluster."),
    ] = "local",
    processes: Annotated[
        int, typer.Option("--processes", min=1, help="Processes that share the work.")
    ] = 1,
    ray_address: Annotated[
        str | None, typer.Option("--ray-address", help="Of a cluster; without it, this machine.")
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option("--journal", help="Instead of the run's own: one that runs share."),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try articles again that failed before.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only, no progress.")] = False,
) -> None:
    """Read very many articles into the folder RUN; run again to go on where it was left.

    Ctrl-C finishes the articles that are under way; a second one stops at once. Nothing that was
    finished is lost or paid for twice.
    """
    from vocero.cli.answering import bring_model, who_answers  # noqa: PLC0415 - keeps --help fast
    from vocero.cli.engines import Task  # noqa: PLC0415
    from vocero.cli.output import check_apart  # noqa: PLC0415
    from vocero.cli.watch import account, telling, watching  # noqa: PLC0415
    from vocero.corpus.runner import Progress  # noqa: PLC0415
    from vocero.model import ModelSettings  # noqa: PLC0415
    from vocero.read import (  # noqa: PLC0415
        count_documents,
        expand_patterns,
        parse_fields,
        read_documents,
    )

    mapping, paths = parse_fields(fields or ()), expand_patterns(inputs)
    check_apart(output, paths)
    options: ConnectOptions = {
        "base_url": base_url,
        "concurrency": concurrency,
        "timeout": timeout,
        "price": price,
    }
    settings = ModelSettings.resolve(
        model, base_url=base_url, concurrency=concurrency, timeout=timeout, price=price
    )
    task = Task(
        folder=output,
        read=functools.partial(
            read_documents, paths, language=language, fields=mapping, stdin=_stdin(paths)
        ),
        paths=paths,
        model=model,
        options=options,
        settings=settings,
        form=form,
        reading={"language": language, "fields": mapping},
        min_confidence=min_confidence,
        money=None if budget is None else _money(budget),
        tokens=budget_tokens,
        processes=processes,
        journal=journal,
        retry_failed=retry_failed,
        progress=Progress(total=count_documents(paths), told=telling(_TOLD)),
    )
    if quiet:  # what is left out of web archives is told as a warning
        logging.getLogger("vocero.read").setLevel(logging.ERROR)
    else:
        say(f"model: {who_answers(settings)}")
    bring_model(settings, quiet=quiet)
    try:
        with watching(task.progress, quiet=quiet):
            whole = task.run(engine, ray_address)
    finally:
        if not quiet and task.progress.summary.finished:
            say(f"vocero: {str(output)!r}: {_counts(task.progress)}; {account(task.progress)}")
    if not whole:
        say("vocero: interrupted; run the same again to go on")
        raise typer.Exit(INTERRUPTED)
    if task.progress.summary.failed:
        raise typer.Exit(SOME_FAILED)


def _stdin(paths: Sequence[str]) -> BinaryIO | None:
    """Standard input, where it is read; not Python's own object, at which a thread may hang."""
    return open(sys.stdin.fileno(), "rb", closefd=False) if "-" in paths else None


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        msg = f"budget is {text!r}: give an amount in the currency of the price, e.g. 25"
        raise SettingsError(msg)
    return amount


def _counts(progress: Progress) -> str:
    summary = progress.summary
    failed = f", {summary.failed:,} failed (failures.jsonl)" if summary.failed else ""
    return f"{summary.done:,} articles done{failed}"
