"""A process that needs the weights described on its command line, as `test_weights.py` runs two.

Prints the stages of its download and, at the end, the path.
"""

from __future__ import annotations

import json
import sys

from vocero.model.local import Weights, weights_path

if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    weights = Weights(**(wanted | {"parts": tuple(wanted["parts"])}))
    print(weights_path(weights=weights, progress=lambda stage, _done, _total: print(stage)))
