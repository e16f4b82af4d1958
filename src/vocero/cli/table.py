"""An extraction as a table for a terminal: who, how, stance, what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from vocero.schema import Attribution, Extraction

__all__ = ["print_table"]

# An article may hold escape sequences; on a terminal they would be obeyed.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def print_table(extraction: Extraction, console: Console | None = None) -> None:
    """Print one extraction; text of the article is never taken for markup."""
    console = console or Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1))
    table.add_column("who", ratio=3)
    table.add_column("how", ratio=2)
    table.add_column("stance", width=10, no_wrap=True)
    table.add_column("what", ratio=6)
    for one in extraction.attributions:
        table.add_row(_who(extraction, one), _how(one), Text(one.stance), _what(one))
    document = extraction.document
    console.print()
    console.print(_safe(document.title or document.origin or document.id), style="bold")
    console.print(table if extraction.attributions else Text("  nobody is said to have said anything"))
    rejected = f", {len(extraction.rejected)} proposals rejected" if extraction.rejected else ""
    console.print(
        Text(
            f"{len(extraction.attributions)} attributions, {len(extraction.actors)} actors, "
            f"{len(extraction.claims)} claims{rejected}",
            style="dim",
        )
    )


def _who(extraction: Extraction, one: Attribution) -> Text:
    who = extraction.actor(one.source).name if one.source else "—"
    chain = "".join(f" → {extraction.actor(relay.actor).name}" for relay in one.chain)
    return _safe(who + chain, "bold" if one.source else "dim")


def _how(one: Attribution) -> Text:
    cue = one.cue_span.text if one.cue_span else "pull-quote"
    return Text.assemble(_safe(cue), "\n", (one.speech, "dim"))


def _what(one: Attribution) -> Text:
    return _safe(" […] ".join(span.text for span in one.content))


def _safe(text: str, style: str = "") -> Text:
    return Text(_CONTROL.sub("�", " ".join(text.split())), style=style)
