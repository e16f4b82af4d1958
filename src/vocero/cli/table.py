"""An extraction as a table for a terminal: who, how, stance, what."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vocero.cli.terminal import printable

if TYPE_CHECKING:
    from vocero.schema import Attribution, Extraction

__all__ = ["print_table"]

_UNKNOWN = "—"


def print_table(extraction: Extraction, console: Console | None = None) -> None:
    """Print one extraction; nothing in it is taken for markup or obeyed by the terminal.

    Args:
        extraction: What to print.
        console: Where; by default standard output, as wide as its terminal.
    """
    console = console or Console()
    document = extraction.document
    console.print()
    console.print(Text(printable(document.title or document.origin or document.id), "bold"))
    if extraction.attributions:
        console.print(_table(extraction, console.width))
    else:
        console.print("Nobody is said to have said anything.", highlight=False)
    console.print()
    console.print(Text(_summary(extraction), "dim"))


def _table(extraction: Extraction, width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), leading=1, expand=True)
    # Of 80 columns "what" gets 35 or more; short names and cues leave it the rest.
    table.add_column("who", max_width=max(width * 22 // 100, 8), overflow="fold")
    table.add_column("how", max_width=max(width * 15 // 100, 8), overflow="fold")
    table.add_column("stance")
    table.add_column("what", ratio=1, overflow="fold")
    for one in extraction.attributions:
        table.add_row(_who(extraction, one), _how(one), one.stance, _what(one))
    return table


def _who(extraction: Extraction, one: Attribution) -> Text:
    source = extraction.actor(one.source).name if one.source else _UNKNOWN
    relays = [printable(extraction.actor(relay.actor).name) for relay in one.chain]
    return Text(" → ").join([Text(printable(source), "bold"), *map(Text, relays)])


def _how(one: Attribution) -> Text:
    cue = one.cue_span.text if one.cue_span else _UNKNOWN
    return Text.assemble(printable(cue), "\n", (one.speech, "dim"))


def _what(one: Attribution) -> Text:
    return Text(printable(" […] ".join(span.text for span in one.content)))


def _summary(extraction: Extraction) -> str:
    counts = [
        _count(len(extraction.attributions), "attribution"),
        _count(len(extraction.actors), "actor"),
        _count(len(extraction.claims), "claim"),
    ]
    if extraction.rejected:
        reasons = Counter(one.reason.replace("_", " ") for one in extraction.rejected)
        why = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        counts.append(f"{_count(len(extraction.rejected), 'proposal')} rejected ({why})")
    return " · ".join(counts)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
