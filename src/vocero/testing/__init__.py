"""A mock endpoint that fails on demand, to test whatever asks a model over HTTP.

`MockEndpoint` answers like an OpenAI-compatible server on 127.0.0.1. `faults` holds what can go
wrong, one function a fault, `RateLimit` what a provider allows, and `Batches` what becomes of
half-price batches. All of it is standard library.
"""

from vocero.testing import faults
from vocero.testing.batches import Batches, Fate
from vocero.testing.endpoint import Exchange, MockEndpoint
from vocero.testing.faults import Fault, chaos
from vocero.testing.limits import HEADER_STYLES, HeaderStyle, RateLimit
from vocero.testing.reply import Reply
from vocero.testing.script import grounded

__all__ = [
    "HEADER_STYLES",
    "Batches",
    "Exchange",
    "Fate",
    "Fault",
    "HeaderStyle",
    "MockEndpoint",
    "RateLimit",
    "Reply",
    "chaos",
    "faults",
    "grounded",
]
