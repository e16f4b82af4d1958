"""What can go wrong at an endpoint, one function a fault, and when it does.

A fault is always on, unless it is confined; what confines it can be combined::

    faults.status(503)  # every request
    faults.refusal().containing("Kirby")  # requests that hold this text
    faults.reset().first(2)  # the first two requests
    faults.latency(0.2)  # as well as any other: faults work one after the other
    faults.malformed_body().sometimes(0.05, seed=1)  # one request in twenty
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vocero.testing.limits import HeaderStyle, retry_headers
from vocero.testing.reply import Json, Reply, completion, error
from vocero.testing.script import fabricated

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Fault",
    "chaos",
    "cut_answer",
    "drip",
    "empty_choices",
    "error_in_200",
    "fabrication",
    "html",
    "latency",
    "lognormal",
    "malformed_answer",
    "malformed_body",
    "never",
    "rate_limited",
    "refusal",
    "reset",
    "status",
    "truncated_body",
    "wrong_content_type",
    "wrong_schema",
]

_HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_HASH_RANGE = 2**64


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, and for which requests; immutable."""

    name: str
    """What the endpoint's records and counters call it."""
    change: Callable[[Reply], Reply]
    """Turns the reply that was going to be sent into the one that is."""
    needles: tuple[bytes, ...] = ()
    """The request's body has to hold one of them; none: any body."""
    times: int | None = None
    """How many requests it strikes at most; None: all."""
    probability: float = 1.0
    seed: int = 0

    def containing(self, text: str) -> Fault:
        """Return the fault for requests that contain a text, however their JSON escapes it."""
        spellings = {json.dumps(text, ensure_ascii=escape)[1:-1] for escape in (True, False)}
        return replace(self, needles=tuple(one.encode() for one in sorted(spellings)))

    def first(self, times: int) -> Fault:
        """Return the fault for the first requests that it would strike, and for none after them."""
        return replace(self, times=times)

    def sometimes(self, probability: float, *, seed: int = 0) -> Fault:
        """Return the fault for a share of the requests.

        Whether it strikes hangs on the seed, the request's body and how often that was sent before:
        not on the order in which requests come. The same run has the same faults again.

        Args:
            probability: From 0 to 1.
            seed: Another one strikes other requests.
        """
        return replace(self, probability=probability, seed=seed)

    def strikes(self, body: bytes, draw: str) -> bool:
        """Whether it is meant for a request, however often it has struck already.

        Args:
            body: The request's body.
            draw: Names the request and how often it came before: another draw, other luck.
        """
        if self.needles and not any(needle in body for needle in self.needles):
            return False
        return self.probability >= 1 or self._drawn(draw) < self.probability

    def _drawn(self, draw: str) -> float:
        key = f"{self.name}/{self.seed}/{draw}".encode()
        drawn = hashlib.blake2b(key, digest_size=8).digest()
        return int.from_bytes(drawn, "big") / _HASH_RANGE


def latency(seconds: float) -> Fault:
    """Answer later, always by the same time."""
    return Fault("latency", lambda reply: replace(reply, delay=reply.delay + seconds))


def lognormal(median: float, sigma: float = 0.8, *, seed: int = 0) -> Fault:
    """Answer later, by lognormally distributed times, as hosted models do.

    Args:
        median: Seconds; the mean is ``median * exp(sigma**2 / 2)``.
        sigma: Standard deviation of the logarithm; with 0.8 one answer in twenty takes more than
            3.7 medians.
        seed: Of the times, which are drawn in the order of the requests.
    """
    drawn = random.Random(seed)  # noqa: S311 - no secret
    mu = math.log(median)
    return Fault(
        "lognormal",
        lambda reply: replace(reply, delay=reply.delay + drawn.lognormvariate(mu, sigma)),
    )


def never() -> Fault:
    """Take the request and never answer; the connection stays open until the client closes it."""
    return Fault("never", lambda reply: replace(reply, delay=math.inf))


def reset(share: float = 0.0) -> Fault:
    """Reset the connection.

    Args:
        share: Of the body, that is sent before; 0: not even the head is sent.
    """
    name = f"reset at {share:.0%}" if share else "reset"
    return Fault(name, lambda reply: replace(reply, cut=share))


def drip(pause: float) -> Fault:
    """Send the body byte by byte.

    Args:
        pause: Seconds between two bytes.
    """
    return Fault("drip", lambda reply: replace(reply, pause=pause))


def status(code: int, message: str = "") -> Fault:
    """Answer with an error report in OpenAI's form: 401, 403, 404, 500, 503 and the like.

    Args:
        code: The HTTP status.
        message: What the report says; default: the status in words.
    """
    return _instead(f"status {code}", error(code, message), code=code)


def rate_limited(style: HeaderStyle = "retry-after", *, wait: float = 1.0) -> Fault:
    """Answer 429, whatever the rate; `RateLimit` does so at a rate.

    Args:
        style: The headers that tell when to come again.
        wait: Seconds until then.
    """

    def change(reply: Reply) -> Reply:
        # Made for each reply: a date has to lie ahead of the moment it is sent.
        headers = reply.headers + retry_headers(style, wait)
        return replace(reply, completion=None, raw=error(429), status=429, headers=headers)

    return Fault(f"429 {style}", change)


def html(code: int = 502) -> Fault:
    """Answer with a page of HTML, as gateways do whose server is gone."""
    return _instead(f"html {code}", _HTML, code=code, content_type="text/html")


def truncated_body() -> Fault:
    """Send half of the JSON as if it were all of it."""

    def change(reply: Reply) -> Reply:
        body = reply.body
        return replace(reply, completion=None, raw=body[: len(body) // 2])

    return Fault("truncated body", change)


def malformed_body() -> Fault:
    """Send a body that claims to be JSON and is not."""
    return _instead("malformed body", b"{'choices': [,]}")


def error_in_200() -> Fault:
    """Send an error report with status 200."""
    return _instead("error in 200", error(500, "mock: the model is overloaded"))


def wrong_content_type(content_type: str = "text/plain") -> Fault:
    """Send the right body under a wrong content type."""
    return Fault("wrong content type", lambda reply: replace(reply, content_type=content_type))


def empty_choices() -> Fault:
    """Send a completion without choices."""
    return _completion("empty choices", lambda _asked, made: made | {"choices": []})


def refusal(words: str = "I cannot help with that.") -> Fault:
    """Refuse to answer, as a model does.

    Args:
        words: What it says.
    """
    message = {"role": "assistant", "content": None, "refusal": words}

    def change(_asked: Json, made: Json) -> Json:
        return _with_choice(made, finish_reason="stop", message=message)

    return _completion("refusal", change)


def cut_answer() -> Fault:
    """Cut the model's answer in half, with ``finish_reason=length``."""

    def change(asked: Json, made: Json) -> Json:
        message = made["choices"][0]["message"]
        calls = message.get("tool_calls")
        said = calls[0]["function"]["arguments"] if calls else message["content"] or ""
        halved = completion(asked, said[: len(said) // 2])
        return _with_choice(halved, finish_reason="length")

    return _completion("cut answer", change)


def malformed_answer() -> Fault:
    """Let the model answer with JSON that is none, in a body that is sound."""
    return _saying("malformed answer", lambda _asked: '{"items": [,]}')


def wrong_schema() -> Fault:
    """Let the model answer with JSON that does not fit the schema."""
    return _saying("wrong schema", lambda _asked: '{"unexpected": [1, 2, 3]}')


def fabrication() -> Fault:
    """Let the model answer with quotes, names and numbers that are not in the text."""
    return _saying("fabrication", fabricated)


def chaos(probability: float, *, seed: int = 0) -> list[Fault]:
    """Return every fault that may pass, each for a share of the requests.

    Left out are 401, 403 and 404, which stop a run by right, and what only takes time: `latency`
    and `lognormal`. `never` is in it: a client needs a timeout.

    Args:
        probability: Of each single fault, from 0 to 1.
        seed: See `Fault.sometimes`.
    """
    everything = [
        fabrication(),
        malformed_answer(),
        wrong_schema(),
        cut_answer(),
        refusal(),
        empty_choices(),
        truncated_body(),
        malformed_body(),
        error_in_200(),
        wrong_content_type(),
        *(rate_limited(style, wait=0.05) for style in ("retry-after", "retry-after-date")),
        *(rate_limited(style, wait=0.05) for style in ("retry-after-ms", "x-ratelimit", "none")),
        status(500),
        html(502),
        status(503),
        drip(0.001),
        reset(),
        reset(0.5),
        never(),
    ]
    return [fault.sometimes(probability, seed=seed) for fault in everything]


def _instead(
    name: str, raw: bytes, *, code: int = 200, content_type: str = "application/json"
) -> Fault:
    def change(reply: Reply) -> Reply:
        return replace(reply, completion=None, raw=raw, status=code, content_type=content_type)

    return Fault(name, change)


def _completion(name: str, change: Callable[[Json, Json], Json]) -> Fault:
    """A fault of the completion; where another fault has put an end to that it does nothing.

    Args:
        name: Of the fault.
        change: Makes another completion of the request and the completion it would get.
    """

    def spoil(reply: Reply) -> Reply:
        if reply.completion is None or not reply.completion["choices"]:
            return reply
        return replace(reply, completion=change(reply.asked, reply.completion))

    return Fault(name, spoil)


def _with_choice(made: Json, **changes: object) -> Json:
    return made | {"choices": [made["choices"][0] | changes]}


def _saying(name: str, say: Callable[[Json], str]) -> Fault:
    return _completion(name, lambda asked, _made: completion(asked, say(asked)))
