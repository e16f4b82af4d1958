"""What every schema class shares: frozen, closed, and built only when first used."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = "1.0"
"""Version of the data model; its major number changes when a reader of the former one would break."""


class Record(BaseModel):
    """Base of every schema class. Frozen, so a validated object stays valid; closed to unknown fields."""

    # defer_build: importing the schema builds no validators, which halves its import time.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def content_id(prefix: str, *parts: Any) -> str:
    """Return an id made from what the thing says, the same on every machine and in every run.

    Args:
        prefix: What kind of thing it is, e.g. ``"claim"``.
        parts: JSON-serialisable values that make the thing what it is.

    Returns:
        ``prefix-`` and the first 16 hexadecimal digits of the SHA-256 of the parts as compact JSON.
    """
    data = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{prefix}-{hashlib.sha256(data.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
