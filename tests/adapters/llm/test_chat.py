"""One streamed answer: what is passed on, what is retried, what becomes which error."""

from __future__ import annotations

import asyncio
import email.utils
import logging
import time

import pytest

from bot.errors import ProviderError
from bot.ports import Finished, Partial
from tests.adapters.llm.conftest import ANSWER, ask, finish, request, until
from tests.scripted_model import Behaviour


async def test_answer_streams_partials_and_one_finished(server, model):
    server.script(Behaviour(answer=ANSWER, chunk_delay_s=0.01, chunk_chars=6, cached_tokens=3))
    pieces = await ask(model)
    assert [type(piece) for piece in pieces] == [Partial] * (len(pieces) - 1) + [Finished]
    assert len(pieces) > 3
    last = pieces[-1]
    assert last.fields == ANSWER
    assert (last.whole, last.degraded, last.attempts, last.rung) == (True, False, 1, "json_schema")
    assert last.tokens_in > 0 and last.tokens_out > 0 and last.tokens_cached == 3
    assert len(last.prompt_hash) == 16
    assert last.duration.total_seconds() > 0


async def test_open_key_names_the_unfinished_field(server, model):
    server.script(Behaviour(answer=ANSWER, chunk_delay_s=0.01, chunk_chars=5))
    partials = [piece for piece in await ask(model) if isinstance(piece, Partial)]
    opened = [piece.open_key for piece in partials]
    assert "appraisals" in opened and "reply" in opened
    for partial in partials:
        for key, value in partial.fields.items():
            assert key == partial.open_key or value == ANSWER[key]


async def test_same_prompt_has_the_same_hash(server, model):
    assert (await finish(model)).prompt_hash == (await finish(model)).prompt_hash


async def test_connections_are_kept(server, make_model):
    model = make_model()
    for _ in range(3):
        await finish(model)
    connector = model._client._client._transport.client.connector
    assert sum(len(kept) for kept in connector._conns.values()) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 408, 429])
async def test_passing_trouble_is_retried(server, model, status):
    server.script(status, status)
    assert (await finish(model)).attempts == 3


@pytest.mark.parametrize(
    "fault",
    [
        Behaviour(drop=True),
        Behaviour(text=""),
        Behaviour(raw=b"<html>bad gateway</html>", raw_type="text/html"),
        Behaviour(raw=b"\x00\xff nonsense", raw_type="text/event-stream"),
        Behaviour(raw=b"", raw_type="text/event-stream"),
        Behaviour(raw=b'{"hello": "world"}'),
        Behaviour(text='{"appraisals": broken'),
        Behaviour(answer=ANSWER, cut_after=0),
        Behaviour(answer=ANSWER, end_after=0),
        Behaviour(answer=ANSWER, error_after=0),
        Behaviour(text="It was", finish_reason="error"),
        Behaviour(answer=ANSWER, reasoning="well, let me see", cut_after=0),
    ],
)
async def test_nothing_usable_is_retried_while_nothing_was_passed_on(server, model, fault):
    server.script(fault)
    done = await finish(model)
    assert (done.fields, done.attempts) == (ANSWER, 2)


@pytest.mark.parametrize(
    "fault",
    [Behaviour(answer=ANSWER, **{how: 5}) for how in ("cut_after", "end_after", "error_after", "hang_after")],
)
async def test_stream_that_breaks_after_a_partial_is_finished_as_it_is(server, make_model, fault):
    from dataclasses import replace

    model = make_model(idle_timeout_s=0.2)
    server.script(replace(fault, chunk_delay_s=0.01, chunk_chars=20))
    pieces = await ask(model)
    last = pieces[-1]
    assert isinstance(pieces[0], Partial) and isinstance(last, Finished)
    assert (last.whole, last.attempts, len(server.requests)) == (False, 1, 1)
    assert "appraisals" in last.fields


@pytest.mark.parametrize("value", ["1" * 6_000, "[" * 5_000 + "]" * 5_000], ids=["long", "deep"])
async def test_a_value_no_parser_takes_costs_no_second_try(server, model, value):
    server.script(Behaviour(text=f'{{"appraisals": [{{"confidence": {value}}}], "intent": "reply", "reply": "Hey"}}'))
    done = await finish(model)
    assert (done.fields["reply"], done.whole, done.attempts) == ("Hey", True, 1)


async def test_deadline_in_mid_stream_finishes_what_there_is(server, model):
    server.script(Behaviour(answer={"reply": "word " * 200}, chunk_delay_s=0.02, chunk_chars=20))
    began = time.monotonic()
    done = await finish(model, request(deadline_s=0.4))
    assert not done.whole and done.fields["reply"].startswith("word word")
    assert time.monotonic() - began < 1.0


async def test_time_the_listener_takes_does_not_count_against_the_server(server, model):
    server.script(Behaviour(answer={"reply": "word\n" * 70}, chunk_delay_s=0.05, chunk_chars=20))
    pieces = model.answer(request(deadline_s=0.8))
    await anext(pieces)
    await asyncio.sleep(0.85)  # past the deadline, with a little of the answer still to come
    async for piece in pieces:
        last = piece
    assert last.whole


async def test_retry_after_is_obeyed(server, model):
    server.script(Behaviour(status=429, headers={"Retry-After-Ms": "300"}))
    began = time.monotonic()
    await finish(model)
    assert 0.3 <= time.monotonic() - began < 1.0


@pytest.mark.parametrize("as_date", [False, True])
async def test_retry_after_beyond_the_deadline_is_passed_up(server, model, as_date):
    wait = email.utils.formatdate(time.time() + 90, usegmt=True) if as_date else "90"
    server.script(Behaviour(status=429, headers={"Retry-After": wait}))
    began = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        await finish(model, request(deadline_s=5))
    assert time.monotonic() - began < 1.0
    assert caught.value.kind == "rate_limit" and caught.value.retryable
    assert 80 <= caught.value.retry_after_s <= 90


QUOTA = {
    "error": {"message": "You exceeded your current quota", "code": "insufficient_quota", "type": "insufficient_quota"}
}
NO_MODEL = {"error": {"message": "The model `x` does not exist", "code": "model_not_found", "param": None}}
TOO_LONG = {
    "error": {"message": "This model's maximum context length is 8192 tokens.", "code": "context_length_exceeded"}
}
FILTERED = {"error": {"message": "The response was filtered", "code": "content_filter"}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "is_retryable"),
    [
        (401, None, "auth", False),
        (403, None, "auth", False),
        (404, NO_MODEL, "not_found", False),
        (404, "404 page not found", "not_found", False),
        (404, {"error": {"message": 'model "x" not found, try pulling it first'}}, "not_found", False),
        (400, {"error": {"message": "Model Not Exist"}}, "not_found", False),
        (400, {"error": {"message": "API key not valid. Please pass a valid API key."}}, "auth", False),
        (429, QUOTA, "quota", True),
        (402, {"error": {"message": "Insufficient Balance"}}, "quota", True),
        (400, TOO_LONG, "too_long", False),
        (413, None, "too_long", False),
        (400, FILTERED, "refused", False),
    ],
)
async def test_lasting_refusal_is_told_at_once(server, model, status, body, kind, is_retryable):
    server.default = Behaviour(status=status, error=body)
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    assert (caught.value.kind, caught.value.retryable) == (kind, is_retryable)
    assert len(server.requests) == 1
    assert model.health().last_error == kind


async def test_used_up_account_is_not_asked_again_soon(server, model):
    server.default = Behaviour(status=429, error=QUOTA)
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    assert caught.value.retry_after_s >= 600


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (500, "server"),
        (429, "rate_limit"),
        (Behaviour(text=""), "empty"),
        (Behaviour(drop=True), "unreachable"),
        (Behaviour(raw=b"nonsense"), "broken"),
    ],
)
async def test_lasting_trouble_becomes_its_kind(server, model, fault, kind):
    server.default = fault
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    assert (caught.value.kind, caught.value.retryable) == (kind, True)
    assert 1 < len(server.requests) <= 12


async def test_every_rung_refused_is_the_first_refusal(server, model):
    server.default = Behaviour(status=400, error={"error": {"message": "go away"}})
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    assert (caught.value.kind, caught.value.retryable) == ("broken", False)
    assert len(server.requests) == 4
    assert model.health().rung == "json_schema"


async def test_closed_port_is_unreachable(make_model):
    model = make_model(endpoint={"base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(ProviderError) as caught:
        await finish(model, request(deadline_s=2))
    assert caught.value.kind == "unreachable"
    assert not model.health().is_up


async def test_silent_server_times_out_within_the_deadline(server, model):
    server.script(Behaviour(hang=True))
    began = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        await finish(model, request(deadline_s=0.4))
    assert caught.value.kind == "timeout" and caught.value.retryable
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("fault", [Behaviour(hang=True), Behaviour(answer=ANSWER, hang_after=0)])
async def test_late_first_token_is_tried_anew(server, make_model, fault):
    model = make_model(endpoint={"first_token_timeout_s": 0.2}, idle_timeout_s=0.2)
    server.script(fault)
    assert (await finish(model)).attempts == 2


async def test_thinking_aloud_is_not_silence(server, make_model):
    model = make_model(endpoint={"first_token_timeout_s": 0.2}, idle_timeout_s=0.2)
    server.script(Behaviour(answer=ANSWER, reasoning="hm. " * 20, chunk_chars=8, chunk_delay_s=0.05))
    done = await finish(model)
    assert (done.fields, done.attempts) == (ANSWER, 1)


@pytest.mark.parametrize(
    "fault", [Behaviour(refusal="I can't help with that."), Behaviour(text="", finish_reason="content_filter")]
)
@pytest.mark.parametrize("ignore_stream", [False, True])
async def test_refusal_by_the_model_is_its_own_kind(server, model, fault, ignore_stream):
    from dataclasses import replace

    server.script(replace(fault, ignore_stream=ignore_stream))
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    assert caught.value.kind == "refused"
    assert len(server.requests) == 1


async def test_answer_cut_by_length_is_not_whole(server, model):
    text = '{"appraisals": [], "intent": "reply", "reply": "and then she'
    server.script(Behaviour(text=text, finish_reason="length"))
    done = await finish(model)
    assert done.fields["reply"] == "and then she" and not done.whole


@pytest.mark.parametrize("rung_first", ["json_schema", "tool_call"])
async def test_server_that_ignores_stream_is_understood(server, make_model, rung_first):
    from bot.adapters.llm.rungs import Rung

    model = make_model(endpoint={"first_rung": Rung(rung_first)})
    server.script(Behaviour(answer=ANSWER, ignore_stream=True))
    done = await finish(model)
    assert (done.fields, done.whole, done.rung) == (ANSWER, True, rung_first)
    assert done.tokens_in > 0


async def test_error_in_a_body_with_status_200_is_an_error(server, model):
    server.script(Behaviour(raw=b'{"error": {"message": "overloaded", "code": 503}}'))
    assert (await finish(model)).attempts == 2


async def test_calls_at_once_are_capped(server, make_model):
    model = make_model(max_calls=3)
    server.default = Behaviour(answer=ANSWER, first_delay_s=0.05)
    await asyncio.gather(*(finish(model) for _ in range(9)))
    assert server.most_open_calls == 3


async def test_waiting_for_a_slot_does_not_count_against_the_deadline(server, make_model):
    model = make_model(max_calls=1)
    server.script(Behaviour(answer=ANSWER, first_delay_s=1.0))
    first = asyncio.create_task(finish(model))
    await until(lambda: server.open_calls == 1)
    began = time.monotonic()
    second = await finish(model, request(deadline_s=0.5))
    assert second.whole and time.monotonic() - began > 0.5
    assert second.duration.total_seconds() < 0.5
    await first


async def test_slots_are_given_in_the_order_of_asking(server, make_model):
    model = make_model(max_calls=1)
    server.default = Behaviour(answer=ANSWER, first_delay_s=0.02)
    over: list[int] = []

    async def one(number: int) -> None:
        await finish(model)
        over.append(number)

    await asyncio.gather(*(one(number) for number in range(6)))
    assert over == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("kind", "calls"), [("ollama", 2), ("lmstudio", 2), ("openai", 256), ("compatible", 256)])
async def test_a_machine_at_home_is_asked_two_at_a_time(server, make_model, kind, calls):
    from bot.adapters.llm.presets import Wishes, choose

    choice = choose(Wishes(provider=kind, base_url=server.base_url, model="scripted", api_key="k"))
    assert choice.quality.calls_at_once == calls
    model = make_model(endpoint={"calls_at_once": calls})
    server.default = Behaviour(answer=ANSWER, first_delay_s=0.05)
    await asyncio.gather(*(finish(model) for _ in range(5)))
    assert server.most_open_calls == min(calls, 5)


async def test_abandoned_answer_gives_its_slot_back(server, make_model):
    model = make_model(max_calls=1)
    server.script(Behaviour(answer=ANSWER, chunk_delay_s=0.02, chunk_chars=10))
    pieces = model.answer(request())
    await anext(pieces)
    await pieces.aclose()
    assert (await finish(model, request(deadline_s=1))).whole


async def test_cancelled_answer_gives_its_slot_back(server, make_model):
    model = make_model(max_calls=1)
    server.script(Behaviour(hang=True))
    task = asyncio.create_task(finish(model))
    await until(lambda: server.open_calls == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await finish(model, request(deadline_s=1))).whole


async def test_health_follows_what_was_seen(server, make_model):
    model = make_model()
    assert model.health().is_up
    server.script(401)
    with pytest.raises(ProviderError):
        await finish(model)
    assert (model.health().is_up, model.health().last_error) == (False, "auth")
    await finish(model)
    assert (model.health().is_up, model.health().last_error) == (True, None)


async def test_no_content_and_no_key_reach_a_log_or_an_error(server, make_model, caplog, capsys):
    secret, said = "sk-very-secret-key", "hello"
    model = make_model(endpoint={"api_key": secret})
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"message": f"Incorrect API key provided: {secret}; input was {said}"}}
    server.script(Behaviour(answer=ANSWER), Behaviour(status=401, error=echo))
    await finish(model)
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    out = capsys.readouterr()
    assert server.request_headers[0]["Authorization"] == f"Bearer {secret}"
    import traceback

    told = caplog.text + out.out + out.err + repr(model._endpoint)
    told += "".join(traceback.format_exception(caught.value))
    assert secret not in told and said not in told and "Sit." not in told
