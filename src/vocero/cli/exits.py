"""Exit codes of the commands; documented in the README."""

SOME_FAILED = 1
"""Some articles could not be read or extracted; the others are written."""

FAILED = 3
"""Nothing more can be done: no model, a refused key, a full disk. What was finished is written."""

INTERRUPTED = 130
"""Ctrl-C; what was finished is written."""
