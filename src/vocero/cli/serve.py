"""`vocero serve`: the embedded model for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vocero.model.local.state import Address


def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads that compute; by default one a core.")
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Threads wait actively: for a machine with no other work."),
    ] = False,
) -> None:
    """Serve the embedded model in the foreground, OpenAI-compatible, until Ctrl-C.

    `vocero extract` uses this server too while it runs.
    """
    from vocero.cli.model import fetch_with_bar  # noqa: PLC0415 - keeps --help fast
    from vocero.model.local.host import attend, llama  # noqa: PLC0415 - as above
    from vocero.model.local.server import need_runtime  # noqa: PLC0415 - as above

    need_runtime()
    model = fetch_with_bar()
    engine = llama(model, port=port, threads=threads, wait="active" if fast else None)
    attend(model, engine, idle_seconds=None, announce=_announce)


def _announce(address: Address) -> None:
    typer.echo(f"{address.model} answers on this machine; Ctrl-C ends it.")
    typer.echo(f"OPENAI_BASE_URL={address.base_url}")
    typer.echo(f"OPENAI_API_KEY={address.api_key}")
