"""Looking for garbage less often while very many articles are read."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["collecting_seldom"]

# Python's 700 make it look through the 300,000 objects of the imported libraries every few hundred
# articles, 140 ms in which nothing else runs, and cost 2 ms of CPU an article; these cost 0.3. What
# waits longer for it are the few cycles that articles leave: some MB at most.
_OBJECTS: Final = 10_000


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Let Python's collector run after 10,000 new objects inside, for the whole process.

    Where it is set to more, or is off, it stays as it is.
    """
    threshold, *others = gc.get_threshold()
    if not 0 < threshold < _OBJECTS:
        yield
        return
    gc.set_threshold(_OBJECTS, *others)
    try:
        yield
    finally:
        gc.set_threshold(threshold, *others)
