"""The mock endpoint as a process that answers LangExtract as well as Vocero's own questions.

Prints its address, and runs until it is terminated.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
from typing import TYPE_CHECKING

from vocero.testing import MockEndpoint, faults, grounded

if TYPE_CHECKING:
    from vocero.testing.reply import Json

_QUOTATION = re.compile(r"“[^”]+”")
_QUESTION, _ANSWER = "\nQ: ", "\nA: "


def answer(asked: Json) -> str:
    """Answer LangExtract in its own form with the text's quotations, others as `grounded` does."""
    prompt: str = asked["messages"][-1]["content"]
    if not prompt.endswith(_ANSWER):
        return grounded(asked)
    text = prompt[prompt.rindex(_QUESTION) :]
    found = [
        {"attribution": quotation, "attribution_attributes": {"speaker": ""}}
        for quotation in _QUOTATION.findall(text)
    ]
    return json.dumps({"extractions": found}, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds; median with --sigma")
    parser.add_argument("--sigma", type=float, default=0.0, help="of a lognormal latency")
    given = parser.parse_args()
    slow = (
        faults.lognormal(given.latency, given.sigma, seed=1)
        if given.sigma
        else faults.latency(given.latency)
    )
    with MockEndpoint(answer, faults=[slow]) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
