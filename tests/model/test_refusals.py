"""What an endpoint refuses is told at once, with the cure and without the key."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from asking import ASKED, KEY, URL, Draft, Script, model_at, refused, said
from vocero.errors import (
    AuthenticationError,
    ModelError,
    ModelNotFoundError,
    QuotaError,
    RequestError,
    TruncatedError,
)
from vocero.model import connect

pytestmark = pytest.mark.usefixtures("nothing_set")


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (400, RequestError, "refuses the request for 'm' (400) (Bad thing): ask about less"),
        (401, AuthenticationError, "refuses the key (401): set VOCERO_API_KEY"),
        (403, AuthenticationError, "forbids this key to use 'm' (403) (Bad thing)"),
        (404, ModelNotFoundError, "has no model 'm' (404) (Bad thing): set VOCERO_MODEL"),
        (413, RequestError, "(413) (Bad thing): ask about less at once"),
        (422, RequestError, "(422) (Bad thing)"),
    ],
)
async def test_a_refused_request_fails_at_once_and_says_what_to_set(
    status: int, error: type[ModelError], told: str
) -> None:
    script = Script(refused(status, "Bad\nthing"))

    with pytest.raises(error) as caught:
        await model_at(script, mode="auto").ask(ASKED, Draft, label="who")

    message = str(caught.value)
    assert message.startswith(URL)
    assert told in message
    assert "\n" not in message
    assert len(script.requests) == 1


async def test_an_endpoint_that_wants_a_key_says_so() -> None:
    model = connect("m", base_url=URL, transport=Script(refused(401, "who are you")))

    with pytest.raises(AuthenticationError, match="wants a key"):
        await model.ask(ASKED, Draft, label="who")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        # OpenAI, OpenRouter or DeepSeek, Anthropic
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
        (429, {"message": "Billing hard limit has been reached", "type": "insufficient_quota"}),
        (402, {"message": "This request requires more", "code": 402}),
        (400, {"message": "Your credit balance is too low to access the API."}),
    ],
)
async def test_an_account_without_money_is_told_at_once_and_not_waited_for(
    status: int, error: dict[str, Any]
) -> None:
    script = Script(httpx2.Response(status, json={"error": error}, headers={"retry-after": "9"}))

    with pytest.raises(QuotaError) as caught:
        await model_at(script).ask(ASKED, Draft, label="who")

    message = str(caught.value)
    assert message.startswith(f"{URL} has no money or quota left for this key ({status})")
    assert message.endswith("pay there, or set VOCERO_API_KEY")
    assert len(script.requests) == 1


async def test_a_quota_by_the_minute_is_only_a_rate_limit() -> None:
    # Gemini's words for any limit.
    told = "You exceeded your current quota, please check your plan and billing details."
    script = Script(refused(429, told), said())

    assert (await model_at(script).ask(ASKED, Draft, label="who")).transport_retries == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "too long", "code": "context_length_exceeded"}),
        (
            400,
            {
                "message": "'max_tokens' or 'max_completion_tokens' is too large: 4000. This "
                "model's maximum context length is 8192 tokens and your request has 5000."
            },
        ),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
        (
            400,
            {
                "message": "request (9107 tokens) exceeds the available context size (8192 tokens)",
                "type": "exceed_context_size_error",
            },
        ),
        (413, {"message": "Request exceeds the maximum context length"}),
    ],
)
async def test_a_question_too_long_for_the_model_is_cut_like_an_answer_that_was(
    status: int, error: dict[str, Any]
) -> None:
    script = Script(httpx2.Response(status, json={"error": error}))

    with pytest.raises(TruncatedError, match=r"too long for 'm' .*ask about less at once"):
        await model_at(script, mode="auto").ask(ASKED, Draft, max_tokens=99, label="who")

    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 429, 500])
async def test_no_error_shows_the_key_however_the_endpoint_quotes_it(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(*[refused(status, f"Incorrect API key provided: {KEY}")] * 50)

    with pytest.raises(ModelError) as caught:
        await model_at(script).ask(ASKED, Draft, label="who")

    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__
    assert KEY not in caplog.text
