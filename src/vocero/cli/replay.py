"""`vocero replay`: the results of a run once more, from its journal."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated

import typer


def replay(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Write here, not into the run."),
    ] = None,
) -> None:
    """Rebuild the extractions and failures of a run, byte for byte, without any model.

    Nothing is sent anywhere: the journal holds the articles and all that was answered.
    """
    import asyncio  # noqa: PLC0415 - keeps --help fast

    from vocero.cli.terminal import say  # noqa: PLC0415
    from vocero.corpus.replay import replay as rebuild  # noqa: PLC0415

    count = asyncio.run(rebuild(run, output))
    say(f"vocero: {count:,} articles rebuilt in {str(output or run)!r}; nothing asked")
