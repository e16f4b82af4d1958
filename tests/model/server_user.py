"""A process that uses the server of a model: prints the address, and stays until told to end.

Run as `python server_user.py MODEL COMMAND…`; it ends at the end of its input.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from vocero.model.local import LocalServer

if __name__ == "__main__":
    with LocalServer(Path(sys.argv[1]), command=sys.argv[2:]).acquire() as lease:
        print(json.dumps(dataclasses.asdict(lease.address)), flush=True)
        sys.stdin.read()
