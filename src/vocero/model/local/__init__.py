"""The embedded model: its weights, and the server that runs them on this machine.

Settings, all optional, read from the environment:

- `VOCERO_LOCAL_MODEL`: other weights: the path of a GGUF file or a hub id `owner/repo/file.gguf`.
- `VOCERO_LOCAL_THREADS`: how many threads compute; by default one for each core it may use.
- `VOCERO_LOCAL_WAIT`: `passive` (the default) or `active`: what threads do while they wait for each
  other. Active is 25 to 28 tokens a second on an idle machine and 1 to 9 on a busy one; passive is
  14 to 19 on either (measured on two cores).
- `VOCERO_CACHE_DIR`: where weights and the server's log lie, instead of the user's cache directory.
- `HF_ENDPOINT`: a mirror of the model hub.
"""

from __future__ import annotations

from vocero.model.local.server import Lease, LocalServer, acquire
from vocero.model.local.state import Address
from vocero.model.local.weights import EMBEDDED, Weights, cached_path, remove, weights_path

__all__ = [
    "EMBEDDED",
    "Address",
    "Lease",
    "LocalServer",
    "Weights",
    "acquire",
    "cached_path",
    "remove",
    "weights_path",
]
