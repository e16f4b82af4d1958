"""Articles one after the other: what fails alone costs a line, and the others still run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from vocero.cli.terminal import say
from vocero.errors import (
    AuthenticationError,
    InputError,
    ModelError,
    ModelNotFoundError,
    TransportError,
    VoceroError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vocero.cli.progress import ProgressBar
    from vocero.extraction import Extractor
    from vocero.schema import Document, Extraction

__all__ = ["Run"]

# An endpoint that answered before may be down for a while; after so many articles it is down.
_OUTAGES_IN_A_ROW = 3


class Run:
    """One run over articles.

    Args:
        extractor: Reads them; it is closed at the end.
        write: Told of each extraction.
        progress: Shows how far the article at hand is.
        prepare: Called before the first article, unless there is none that can be read.

    Attributes:
        done: Articles extracted and written.
        failed: Articles that were not.
    """

    def __init__(
        self,
        extractor: Extractor,
        write: Callable[[Extraction], None],
        progress: ProgressBar,
        prepare: Callable[[], object],
    ) -> None:
        self.done = 0
        self.failed = 0
        self._extractor = extractor
        self._write = write
        self._progress = progress
        self._prepare = prepare
        self._prepared = False
        self._outages = 0

    def __call__(self, documents: Iterable[Document | InputError]) -> None:
        """Extract and write every article.

        Raises:
            VoceroError: nothing more can be done; see `vocero.extraction.Extractor.aextract`.
            KeyboardInterrupt: the article at hand was given up.
        """
        # A loop for all, so that connections live on; Ctrl-C cancels what runs in it.
        with asyncio.Runner() as loop:
            try:
                for one in documents:
                    if isinstance(one, InputError):
                        self._skip(str(one))
                    else:
                        self._read(one, loop)
            finally:
                loop.run(self._extractor.aclose())

    def _read(self, document: Document, loop: asyncio.Runner) -> None:
        if not self._prepared:
            self._prepare()
            self._prepared = True
        name = document.origin or document.id
        try:
            with self._progress.article(name) as on_step:
                extraction = loop.run(self._extractor.aextract(document, on_step=on_step))
        except ModelError as error:
            self._outages = self._outages + 1 if isinstance(error, TransportError) else 0
            if self._is_hopeless(error):
                raise
            self._skip(f"{name!r}: {error}")
        except VoceroError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not cost the other articles
            kind = type(error).__name__
            self._skip(
                f"{name!r}: a bug in Vocero, please report it with the article: {kind}: {error}"
            )
        else:
            self._outages = 0
            self._write(extraction)
            self.done += 1

    def _skip(self, why: str) -> None:
        self.failed += 1
        say(f"vocero: {why}")

    def _is_hopeless(self, error: ModelError) -> bool:
        """Whether the next article would fare no better."""
        down = self._outages == (_OUTAGES_IN_A_ROW if self.done else 1)
        return down or isinstance(error, AuthenticationError | ModelNotFoundError)
