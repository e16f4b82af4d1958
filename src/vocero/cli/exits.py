"""Exit codes of the commands."""

from __future__ import annotations

from typing import Final

__all__ = ["EPILOG", "INTERRUPTED", "SOME_FAILED", "STOPPED", "WRONG_USE"]

SOME_FAILED: Final = 1
"""Some articles could not be read, or the reader of a pipe went away; the others are written."""

WRONG_USE: Final = 2
"""A command, an option, a setting or the gold is wrong; nothing was done. (0: everything is done.)"""

STOPPED: Final = 3
"""Nothing more can be done: no model, a refused key, a full disk. What was finished is written."""

INTERRUPTED: Final = 130
"""Ctrl-C; what was finished is written."""

# The mark \b keeps the lines as they are.
EPILOG: Final = f"""\b
Exit codes (what was finished is written, or in a run's journal, whatever the code):
  0    every article was extracted
  {SOME_FAILED}    some were not, each with a line on standard error; or the pipe closed
  {WRONG_USE}    a command, an option, a setting or the gold is wrong; nothing was done
  {STOPPED}    stopped: no model, a refused key, a wrong model name, a full disk
  {INTERRUPTED}  interrupted with Ctrl-C
"""
