"""What may reach a terminal, which obeys escape sequences in articles and file names."""

from __future__ import annotations

import typer

__all__ = ["printable", "say"]

# Soft hyphens, zero-width spaces and byte order marks are common on the web, and nothing to see.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_JOINERS = "\u200c\u200d"  # hold Persian words and emoji together


def printable(text: str) -> str:
    """Return the text on one line, with � for every control and bidirectional control character."""
    line = " ".join(text.translate(_UNSEEN).split())
    return "".join(one if one.isprintable() or one in _JOINERS else "�" for one in line)


def say(line: str) -> None:
    """Print one line on the error stream."""
    typer.echo(printable(line), err=True)
