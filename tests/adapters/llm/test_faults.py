"""Every way a model server has of failing: the kind it becomes, in what time, and what is left open afterwards."""

from __future__ import annotations

import asyncio
import email.utils
import json
import logging
import time
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.adapters.llm.breaker import FAILURES_TO_OPEN
from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.failures import QUOTA_PAUSE_S
from bot.adapters.llm.tries import ENDPOINT_TRIES, UNUSABLE_TRIES
from bot.errors import ProviderError
from bot.ports import Finished, Partial
from tests.adapters.llm.conftest import ANSWER, ask, finish, request, until
from tests.adapters.llm.raw_server import CHUNKED, HEAD, RawServer, chunk, raw_server
from tests.scripted_model import Behaviour

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
AZURE_FILTER = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
        "Please modify your prompt and retry.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {"hate": {"filtered": False, "severity": "safe"}},
        },
    }
}
FLAGGED = {"error": {"message": "Your chosen model requires moderation and your input was flagged", "code": 403}}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
UNKNOWN_KEYS = {"response": "wrong key", "mood": 3}

# what the server does each time; the kind it becomes; requests made for one call
FAULTS: dict[str, tuple[Behaviour, str, int]] = {
    "429": (Behaviour(status=429), "rate_limit", ENDPOINT_TRIES),
    "429 for hours": (Behaviour(status=429, headers={"Retry-After": "18000"}), "rate_limit", 1),
    "500": (Behaviour(status=500), "server", ENDPOINT_TRIES),
    "502 with a web page": (Behaviour(status=502, raw=HTML, raw_type="text/html"), "server", ENDPOINT_TRIES),
    "503 for a minute": (Behaviour(status=503, headers={"Retry-After": "60"}), "server", 1),
    "504": (Behaviour(status=504), "server", ENDPOINT_TRIES),
    "529": (Behaviour(status=529, error=OVERLOADED), "server", ENDPOINT_TRIES),
    "408": (Behaviour(status=408), "timeout", ENDPOINT_TRIES),
    "socket closed": (Behaviour(drop=True), "unreachable", ENDPOINT_TRIES),
    "web page": (Behaviour(raw=HTML, raw_type="text/html"), "broken", UNUSABLE_TRIES),
    "empty body": (Behaviour(raw=b""), "empty", UNUSABLE_TRIES),
    "error object": (Behaviour(raw=json.dumps(OVERLOADED).encode()), "server", ENDPOINT_TRIES),
    "error with code": (Behaviour(raw=b'{"error": {"message": "x", "code": 429}}'), "rate_limit", ENDPOINT_TRIES),
    "error in vLLM's words": (
        Behaviour(raw=b'{"object": "error", "message": "boom", "type": "InternalServerError", "code": 500}'),
        "server",
        ENDPOINT_TRIES,
    ),
    "empty content": (Behaviour(text=""), "empty", UNUSABLE_TRIES),
    "wrong keys": (Behaviour(answer=UNKNOWN_KEYS), "broken", UNUSABLE_TRIES),
    "empty object": (Behaviour(text="{}"), "broken", UNUSABLE_TRIES),
    "wrong keys in a body": (Behaviour(answer=UNKNOWN_KEYS, ignore_stream=True), "broken", UNUSABLE_TRIES),
    "error event": (Behaviour(answer=ANSWER, error_after=0), "server", ENDPOINT_TRIES),
    "cut before a word": (Behaviour(answer=ANSWER, cut_after=0), "unreachable", ENDPOINT_TRIES),
    "end before a word": (Behaviour(answer=ANSWER, end_after=0), "empty", UNUSABLE_TRIES),
    "refusal": (Behaviour(refusal="I cannot."), "refused", 1),
    "filtered": (Behaviour(text="", finish_reason="content_filter"), "refused", 1),
    "filtered prompt": (Behaviour(status=400, error=AZURE_FILTER), "refused", 1),
    "flagged prompt": (Behaviour(status=403, error=FLAGGED), "refused", 1),
    "filtered in a stream": (
        Behaviour(raw=b'data: {"error": {"message": "x", "code": "content_filter"}}\n\n', raw_type="text/event-stream"),
        "refused",
        1,
    ),
}


def open_connections(model: OpenAIChatModel) -> int:
    """Count connections that a call still holds; those kept for the next call are free."""
    session = model._client._client._transport.client
    return 0 if session is None else len(session.connector._acquired)  # None before the first call


def free_slots(model: OpenAIChatModel) -> int:
    return model._slots._value


async def failure_of(model: OpenAIChatModel, deadline_s: float = 5.0) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await finish(model, request(deadline_s=deadline_s))
    return caught.value


@pytest.mark.parametrize("name", FAULTS)
async def test_fault_is_told_by_its_kind_in_time_and_leaves_nothing_open(server, make_model, name):
    does, kind, requests = FAULTS[name]
    model = make_model(max_calls=3)
    server.default = does
    began = time.monotonic()
    failure = await failure_of(model)
    assert (failure.kind, len(server.requests)) == (kind, requests)
    assert time.monotonic() - began < 4.0
    assert (open_connections(model), free_slots(model)) == (0, 3)
    server.default = ANSWER
    if model.health().mode == "normal":
        assert (await finish(model)).whole


@pytest.mark.parametrize("name", FAULTS)
async def test_fault_shows_no_word_and_no_key_in_any_log(server, make_model, caplog, capsys, name):
    key = "sk-key-that-nobody-may-see"
    does, _, _ = FAULTS[name]
    echo = f"key {key} sent: hello"
    if does.status >= 400 and does.error is None and does.raw is None:
        does = replace(does, error={"error": {"message": echo}})
    model = make_model(endpoint={"api_key": key})
    caplog.set_level(logging.DEBUG)
    server.default = does
    failure = await failure_of(model)
    out = capsys.readouterr()
    told = caplog.text + out.out + out.err + "".join(traceback.format_exception(failure))
    assert key not in told and "hello" not in told and "I cannot" not in told


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("how", ["seconds", "milliseconds", "date"])
async def test_a_short_wait_that_is_asked_for_is_kept_within_the_call(server, model, status, how):
    headers = {
        "seconds": {"Retry-After": "1"},
        "milliseconds": {"Retry-After-Ms": "400", "Retry-After": "50"},
        "date": {"Retry-After": email.utils.formatdate(time.time() + 2, usegmt=True)},
    }[how]
    server.script(Behaviour(status=status, headers=headers))
    began = time.monotonic()
    assert (await finish(model)).attempts == 2
    least = {"seconds": 1.0, "milliseconds": 0.4, "date": 0.5}[how]
    assert least <= time.monotonic() - began < 3.0


@pytest.mark.parametrize(("asked", "told_s"), [("20", 20), ("18000", 18000), ("1e9", 86_400)])
async def test_a_long_wait_that_is_asked_for_is_told_at_once(server, model, asked, told_s):
    server.default = Behaviour(status=429, headers={"Retry-After": asked})
    began = time.monotonic()
    failure = await failure_of(model)
    assert time.monotonic() - began < 1.0
    assert (failure.kind, failure.retryable, failure.retry_after_s) == ("rate_limit", True, told_s)


def google(quota_id: str, **more: object) -> list[object]:
    """Give a refusal as Google's compatible address words it, in a list."""
    failure = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota_id}]}
    retry = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", **more}] if more else []
    message = (
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
    )
    return [{"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": [failure, *retry]}}]


def refusal(message: str, **names: object) -> dict[str, object]:
    return {"error": {"message": message, **names}}


PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
EMPTY = refusal("You exceeded your current quota", type="insufficient_quota", code="insufficient_quota")
AZURE = "Exceeded call rate limit. Please retry after 26 seconds. To raise it: https://aka.ms/oai/quotaincrease"
TOKENS = "Rate limit reached on tokens per min (TPM): add a payment method at https://x.test/billing. Please try again"
# what the server says with a 429, headers, the kind it becomes, the wait it becomes
LIMITS: dict[str, tuple[object, dict[str, str], str, float | None]] = {
    "Google's minute": (google(PER_MINUTE, retryDelay="26s"), {}, "rate_limit", 26),
    "Google's minute in parts": (google(PER_MINUTE, retryDelay="26.5s"), {}, "rate_limit", 26.5),
    "Google's day, with a wait": (google(PER_DAY, retryDelay="3600s"), {}, "rate_limit", 3600),
    "Google's day, without": (google(PER_DAY), {}, "quota", QUOTA_PAUSE_S),
    "Google's minute and day": (google(f"{PER_MINUTE} {PER_DAY}"), {}, "quota", QUOTA_PAUSE_S),
    "quota words, a header": (refusal("Quota exceeded"), {"Retry-After": "40"}, "rate_limit", 40),
    "quota words, nothing else": (refusal("Quota exceeded"), {}, "quota", QUOTA_PAUSE_S),
    "a link to quotas": (refusal(AZURE, code="429"), {}, "rate_limit", 26),
    "a link to billing": (refusal(f"{TOKENS} in 6m0.5s."), {}, "rate_limit", 360.5),
    "an empty account": (EMPTY, {}, "quota", QUOTA_PAUSE_S),
    "an empty account, by type": (refusal("used up", type="insufficient_quota", code=429), {}, "quota", QUOTA_PAUSE_S),
    "an empty account, a header": (EMPTY, {"Retry-After": "90"}, "quota", 90),
}


@pytest.mark.parametrize("name", LIMITS)
async def test_a_limit_of_speed_is_not_an_empty_account(server, model, name):
    body, headers, kind, wait_s = LIMITS[name]
    server.default = Behaviour(status=429, error=body, headers=headers)
    failure = await failure_of(model)
    assert (failure.kind, failure.retry_after_s) == (kind, wait_s)


async def test_a_minute_without_a_wait_is_tried_again_like_any_limit(server, model):
    server.script(Behaviour(status=429, error=google(PER_MINUTE)))
    assert (await finish(model)).attempts == 2


async def test_words_of_a_refusal_that_is_no_limit_are_no_wait(server, model):
    server.default = Behaviour(status=400, error=refusal("'please try again in 40 minutes' is not allowed here"))
    assert (await failure_of(model)).retry_after_s is None


async def test_a_wait_in_the_stream_is_kept_to(server, model):
    event = refusal("Quota exceeded", code=429, details=[{"retryDelay": "30s"}])
    server.default = Behaviour(raw=b"data: " + json.dumps(event).encode() + b"\n\n")
    failure = await failure_of(model)
    assert (failure.kind, failure.retry_after_s) == ("rate_limit", 30)


async def test_retry_after_that_makes_no_sense_is_passed_over(server, model):
    server.script(
        *(Behaviour(status=503, headers={"Retry-After": value}) for value in ("soon", "-5")),
    )
    assert (await finish(model)).attempts == 3


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    async with raw_server() as running:
        yield running


def event(delta: dict[str, object], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


WORDS = chunk(event({"content": '{"appraisals": [], "intent": "reply", "reply": "One.\n\nTwo'}))
# what the server sends, how it ends, the kind it becomes
BEFORE_A_WORD: dict[str, tuple[bytes, str, str]] = {
    "closed before headers": (b"", "close", "unreachable"),
    "reset before headers": (b"", "reset", "unreachable"),
    "silent before headers": (b"", "stall", "timeout"),
    "closed within headers": (HEAD[:30], "close", "unreachable"),
    "silent within headers": (HEAD[:30], "stall", "timeout"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", "close", "unreachable"),
    "headers too long": (HEAD + b"X-Trace: " + b"x" * 20_000 + b"\r\n\r\n", "close", "unreachable"),
    "nonsense said to be gzip": (
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnonsense",
        "close",
        "unreachable",
    ),
    "reset after headers": (CHUNKED, "reset", "unreachable"),
    "silent after headers": (CHUNKED, "stall", "timeout"),
    "closed after headers": (CHUNKED, "close", "unreachable"),
    "short of its length": (HEAD + b"Content-Length: 500\r\n\r\ndata: {", "close", "unreachable"),
    "silent after the first event": (CHUNKED + chunk(event({"role": "assistant"})), "stall", "timeout"),
    "reset after the first event": (CHUNKED + chunk(event({"role": "assistant"})), "reset", "unreachable"),
}


@pytest.mark.parametrize("name", BEFORE_A_WORD)
async def test_socket_that_fails_before_a_word_becomes_its_kind(raw, make_model, name):
    raw.sends, raw.ends, kind = BEFORE_A_WORD[name]
    endpoint = {"base_url": raw.base_url, "first_token_timeout_s": 0.3}
    model = make_model(endpoint=endpoint, idle_timeout_s=0.3, max_calls=2)
    began = time.monotonic()
    failure = await failure_of(model)
    assert (failure.kind, failure.retryable) == (kind, True)
    assert time.monotonic() - began < 3.0
    assert 2 <= raw.connections <= ENDPOINT_TRIES
    assert (open_connections(model), free_slots(model)) == (0, 2)
    await until(lambda: raw.open_connections == 0)


@pytest.mark.parametrize("ends", ["close", "reset", "stall"])
@pytest.mark.parametrize("framing", [CHUNKED + WORDS, HEAD + b"Content-Length: 5000\r\n\r\n" + WORDS])
async def test_socket_that_fails_after_a_word_ends_the_answer_as_it_is(raw, make_model, framing, ends):
    raw.sends, raw.ends = framing, ends
    model = make_model(endpoint={"base_url": raw.base_url}, idle_timeout_s=0.3, max_calls=2)
    began = time.monotonic()
    first, *_, last = await ask(model)
    assert isinstance(first, Partial) and isinstance(last, Finished)
    assert (last.whole, last.fields["reply"], raw.connections) == (False, "One.\n\nTwo", 1)
    assert time.monotonic() - began < 1.5
    assert (open_connections(model), free_slots(model)) == (0, 2)


async def test_end_without_a_mark_and_without_a_reason_is_not_whole(raw, make_model):
    raw.sends = CHUNKED + WORDS + chunk(b"")
    last = (await ask(make_model(endpoint={"base_url": raw.base_url})))[-1]
    assert not last.whole and last.fields["reply"] == "One.\n\nTwo"


async def test_whole_object_without_a_mark_and_without_a_reason_is_whole(raw, make_model):
    raw.sends = CHUNKED + chunk(event({"content": json.dumps(ANSWER)})) + chunk(b"")
    last = (await ask(make_model(endpoint={"base_url": raw.base_url})))[-1]
    assert last.whole and last.fields == ANSWER


@pytest.mark.parametrize("how", ["error_after", "refusal", "content_filter"])
async def test_trouble_reported_after_a_word_keeps_what_was_shown(server, raw, make_model, how):
    endings = {
        "error_after": chunk(b'data: {"error": {"message": "overloaded", "code": 529}}\n\n'),
        "refusal": chunk(event({"refusal": "I had better not."}) + event({}, "stop") + b"data: [DONE]\n\n"),
        "content_filter": chunk(event({}, "content_filter") + b"data: [DONE]\n\n"),
    }
    raw.sends, raw.adds = CHUNKED + WORDS, endings[how] + chunk(b"")
    last = (await ask(make_model(endpoint={"base_url": raw.base_url})))[-1]
    assert not last.whole and last.fields["reply"] == "One.\n\nTwo"


@pytest.mark.parametrize("when", ["before headers", "before a word", "after a word"])
async def test_cancelled_call_lets_go_of_its_connection_and_its_slot(raw, make_model, when):
    sent = {"before headers": b"", "before a word": CHUNKED, "after a word": CHUNKED + WORDS}
    raw.sends, raw.ends = sent[when], "stall"
    model = make_model(endpoint={"base_url": raw.base_url}, max_calls=1)
    for _ in range(3):
        task = asyncio.create_task(ask(model))
        await until(lambda: raw.open_connections == 1)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (open_connections(model), free_slots(model)) == (0, 1)
        await until(lambda: raw.open_connections == 0)


async def test_call_that_is_cancelled_while_it_waits_for_a_slot_costs_none(server, make_model):
    model = make_model(max_calls=1)
    server.script(Behaviour(answer=ANSWER, first_delay_s=0.3))
    first = asyncio.create_task(finish(model))
    await until(lambda: server.open_calls == 1)
    waiting = [asyncio.create_task(finish(model)) for _ in range(3)]
    await asyncio.sleep(0.05)
    waiting[0].cancel()
    assert (await first).whole
    assert [one.whole for one in await asyncio.gather(*waiting[1:])] == [True, True]
    assert free_slots(model) == 1


async def test_call_that_is_tried_again_is_tried_within_seconds(server, make_model):
    from bot.adapters.llm.tries import BACKOFF_S, RETRY_WINDOW_S

    model = make_model(backoff_s=BACKOFF_S)
    server.default = 503
    began = time.monotonic()
    await failure_of(model, deadline_s=60)
    assert 2.0 < time.monotonic() - began < RETRY_WINDOW_S
    assert len(server.requests) == ENDPOINT_TRIES


async def test_slow_failure_is_not_tried_again(server, make_model, monkeypatch):
    from bot.adapters.llm import tries

    monkeypatch.setattr(tries, "RETRY_WINDOW_S", 0.2)
    model = make_model(endpoint={"first_token_timeout_s": 0.3})
    server.default = Behaviour(hang=True)
    assert (await failure_of(model)).kind == "timeout"
    assert len(server.requests) == 1


class Clock:
    """A clock to be moved by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recoveries() -> list[float]:
    return []


@pytest.fixture
def guarded(make_model, clock, recoveries) -> OpenAIChatModel:
    return make_model(monotonic=clock, on_recovery=lambda: recoveries.append(clock()))


async def take_down(model: OpenAIChatModel) -> None:
    for _ in range(FAILURES_TO_OPEN):
        await failure_of(model)


@pytest.mark.parametrize(
    ("does", "kind"), [(503, "server"), (401, "auth"), (404, "not_found"), (Behaviour(drop=True), "unreachable")]
)
async def test_server_that_fails_again_and_again_is_left_alone(server, guarded, does, kind):
    server.default = does
    await take_down(guarded)
    before = len(server.requests)
    failures = [await failure_of(guarded) for _ in range(20)]
    assert len(server.requests) == before
    assert {(failure.kind, failure.retry_after_s) for failure in failures} == {(kind, 2.0)}
    assert (guarded.health().mode, guarded.health().is_up, guarded.health().last_error) == ("down", False, kind)


async def test_failure_that_opens_tells_when_to_come_back(server, guarded):
    server.default = 503
    waits = [(await failure_of(guarded)).retry_after_s for _ in range(FAILURES_TO_OPEN)]
    assert waits == [None, None, 2.0]


async def test_one_call_finds_out_and_everybody_is_told(server, guarded, clock, recoveries):
    server.default = 503
    await take_down(guarded)
    clock.time += 2.0
    server.requests.clear()
    server.default = Behaviour(answer=ANSWER, first_delay_s=0.5)
    probe = asyncio.create_task(finish(guarded))
    await until(lambda: server.open_calls == 1)
    assert guarded.health().mode == "probing"
    others = await asyncio.gather(*(failure_of(guarded) for _ in range(10)))
    assert (len(server.requests), {other.kind for other in others}) == (1, {"server"})
    assert (await probe).whole
    await asyncio.sleep(0)
    assert (recoveries, guarded.health().mode, guarded.health().is_up) == ([1002.0], "normal", True)
    assert (await finish(guarded)).whole


async def test_recovery_is_told_with_the_first_words_not_the_last(server, guarded, clock, recoveries):
    server.default = 503
    await take_down(guarded)
    clock.time += 2.0
    server.default = Behaviour(answer={"reply": "word " * 100}, chunk_delay_s=0.05)
    pieces = guarded.answer(request())
    await anext(pieces)
    await asyncio.sleep(0)
    assert recoveries == [1002.0]
    await pieces.aclose()


async def test_probe_asks_a_server_in_trouble_once(server, guarded, clock, recoveries):
    server.default = 503
    await take_down(guarded)
    waits = []
    for _ in range(5):
        clock.time += (await failure_of(guarded)).retry_after_s
        server.requests.clear()
        waits.append((await failure_of(guarded)).retry_after_s)
        assert len(server.requests) == 1
    assert (waits, recoveries) == ([4.0, 8.0, 16.0, 30.0, 30.0], [])


async def test_cancelled_probe_leaves_its_place_to_the_next_call(server, guarded, clock):
    server.default = 503
    await take_down(guarded)
    clock.time += 2.0
    server.script(Behaviour(hang=True))
    probe = asyncio.create_task(finish(guarded))
    await until(lambda: server.open_calls == 1)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    server.default = ANSWER
    assert (await finish(guarded)).whole


async def test_call_between_two_tries_stops_when_the_server_is_found_down(server, make_model):
    model = make_model(backoff_s=1.0)
    server.default = 401
    server.script(503)
    slow = asyncio.create_task(failure_of(model))
    await until(lambda: len(server.requests) == 1 and server.open_calls == 0)
    await take_down(model)
    server.requests.clear()
    assert (await slow).kind == "auth"
    assert server.requests == []


async def test_call_that_waited_for_a_slot_is_not_made_once_the_server_is_found_down(server, make_model):
    model = make_model(max_calls=1)
    server.default = Behaviour(status=401, first_delay_s=0.05)
    await asyncio.gather(*(failure_of(model) for _ in range(30)))
    assert len(server.requests) == FAILURES_TO_OPEN


async def test_long_wait_that_is_asked_for_is_kept_by_everybody(server, guarded, clock):
    server.default = Behaviour(status=429, headers={"Retry-After": "600"})
    await take_down(guarded)
    before = len(server.requests)
    clock.time += 599.0
    assert (await failure_of(guarded)).retry_after_s == 1.0
    clock.time += 1.0
    server.default = ANSWER
    assert (await finish(guarded)).whole
    assert len(server.requests) == before + 1


async def test_what_the_model_says_of_a_request_never_opens(server, guarded):
    server.default = Behaviour(refusal="No.")
    for _ in range(3 * FAILURES_TO_OPEN):
        assert (await failure_of(guarded)).kind == "refused"
    assert (guarded.health().mode, len(server.requests)) == ("normal", 3 * FAILURES_TO_OPEN)
