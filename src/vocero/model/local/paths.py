"""Where the embedded model keeps its files."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """The directory of weights, logs and server state: `VOCERO_CACHE_DIR`, or the user's cache."""
    if chosen := os.environ.get("VOCERO_CACHE_DIR"):
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("vocero", appauthor=False)
