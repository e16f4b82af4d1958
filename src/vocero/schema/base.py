"""What every schema class shares: frozen, closed, and built only when first used."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = "1.0"
"""Version of the data model; its major number changes when a reader of the former breaks."""

# Made once: `json.dumps` makes one anew for every id of an extraction.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Record(BaseModel):
    """Base of every schema class: frozen, so what is valid stays valid; closed to unknown fields.

    Invariant: it can be written as JSON and read back the same, so it holds no lone surrogate, no
    NaN and no infinity.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # Any bound makes Pydantic look into a string, where it refuses what UTF-8 cannot hold.
        str_min_length=0,
        allow_inf_nan=False,
        # Importing the schema builds no validators, which halves its import time.
        defer_build=True,
        use_attribute_docstrings=True,
    )


def content_id(prefix: str, *parts: object) -> str:
    """Return an id made from what the thing says, the same on every machine and in every run.

    Args:
        prefix: What kind of thing it is, e.g. ``"claim"``.
        parts: JSON-serialisable values that make the thing what it is.

    Returns:
        ``prefix-`` and the first 16 hexadecimal digits of the SHA-256 of the parts as compact JSON.
    """
    data = _JSON.encode(parts).encode("utf-8", "surrogatepass")
    return f"{prefix}-{hashlib.sha256(data).hexdigest()[:16]}"
