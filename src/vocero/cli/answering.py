"""The model that is to answer: what to call it, and how to have it there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocero.model import ModelSettings

__all__ = ["bring_model", "who_answers"]


def who_answers(settings: ModelSettings) -> str:
    """Return the model's name, and where it answers."""
    if not settings.local:
        return f"{settings.model} ({settings.base_url})"
    from vocero.model.local import EMBEDDED  # noqa: PLC0415 - only for the embedded model

    weights = os.environ.get("VOCERO_LOCAL_MODEL") or EMBEDDED.name
    return f"{Path(weights).stem} (embedded, on this machine)"


def bring_model(settings: ModelSettings, *, quiet: bool) -> None:
    """Download the embedded model where it is the one to answer and is not on this machine.

    The model would do it itself, but in a thread for which Ctrl-C has to wait.

    Args:
        settings: Of the model that is to answer.
        quiet: No bar.

    Raises:
        DependencyError: the runtime of the embedded model is not installed.
        LocalModelError: the weights cannot be had.
    """
    if not settings.local:
        return
    from vocero.cli.model import fetch_with_bar  # noqa: PLC0415 - only for the embedded model
    from vocero.model.local import weights_path  # noqa: PLC0415
    from vocero.model.local.server import need_runtime  # noqa: PLC0415

    need_runtime()
    if quiet:
        weights_path()
    else:
        fetch_with_bar()
