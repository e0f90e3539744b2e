"""From strict schema to plain text: what makes a call go down, what is remembered, when it may climb."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.llm.ladder import Learnt, MemoryRungStore
from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.rungs import Rung
from bot.errors import StoreError
from bot.ports import Partial
from tests.adapters.llm.conftest import ANSWER, SCHEMA, ask, finish
from tests.scripted_model import Behaviour, Shape

ALL = [Shape.JSON_SCHEMA, Shape.TOOL, Shape.JSON_OBJECT]


class Now:
    """A clock to be moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.mark.parametrize(
    ("refused", "rung"), [(ALL[:0], "json_schema"), (ALL[:1], "tool_call"), (ALL[:2], "json_object"), (ALL, "text")]
)
@pytest.mark.parametrize("status", [400, 404, 422, 501])
async def test_refused_features_lead_down_to_what_works(server, model, refused, rung, status):
    server.refused_shapes, server.refusal_status = set(refused), status
    if rung == "text":
        server.default = "Just words."
    done = await finish(model)
    assert (done.rung, done.attempts) == (rung, len(refused) + 1)
    assert done.degraded == (rung == "text")
    assert done.fields == ({"reply": "Just words."} if rung == "text" else ANSWER)
    assert model.health().rung == rung
    assert (await finish(model)).attempts == 1


async def test_each_rung_asks_in_its_own_way(server, model):
    server.refused_shapes = set(ALL)
    await finish(model)
    strict, tool, loose, plain = server.requests
    assert strict["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}
    assert tool["tools"][0]["function"]["parameters"] == SCHEMA
    assert tool["tool_choice"] == {"type": "function", "function": {"name": "answer"}}
    assert loose["response_format"] == {"type": "json_object"} and '"appraisals"' in loose["messages"][0]["content"]
    assert "response_format" not in plain and "tools" not in plain
    assert [body["messages"][0]["content"][:30] for body in (strict, plain)] == [
        "You are Mira. Answer as json.",
        "You are Mira. Answer as text.",
    ]


async def test_unexplained_400_on_first_use_goes_down(server, model):
    server.script(Behaviour(status=400, error={"error": {"message": "bad"}}))
    assert (await finish(model)).rung == "tool_call"


async def test_unexplained_400_on_a_proven_rung_does_not(server, model):
    await finish(model)
    server.script(Behaviour(status=400, error={"error": {"message": "bad"}}))
    with pytest.raises(Exception, match="HTTP 400"):
        await finish(model)
    assert model.health().rung == "json_schema"


async def test_prose_becomes_the_reply_and_two_in_a_row_lower_the_rung(server, model):
    server.script("Hm, **no**.", "Still no.")
    first, second = await finish(model), await finish(model)
    assert first.fields == {"reply": "Hm, **no**."} and first.degraded and first.whole
    assert (second.rung, len(server.requests)) == ("json_schema", 2)
    assert (await finish(model)).rung == "tool_call"


async def test_one_slip_into_prose_is_forgiven(server, model):
    server.script("Hm.", ANSWER, "Hm.")
    for _ in range(3):
        await finish(model)
    assert model.health().rung == "json_schema"


async def test_nothing_again_and_again_goes_down_within_the_call(server, model):
    server.script("", "")
    done = await finish(model)
    assert (done.rung, done.attempts) == ("tool_call", 3)


async def test_broken_server_teaches_nothing(server, model):
    server.default = ""
    with pytest.raises(Exception, match="nothing"):
        await finish(model)
    assert model.health().rung == "json_schema"


async def test_forced_tool_call_answered_in_content_is_read(server, make_model):
    model = make_model(endpoint={"first_rung": Rung.TOOL})
    server.script(Behaviour(answer=ANSWER, as_plain_content=True), Behaviour(text="Prose.", as_plain_content=True))
    assert (await finish(model)).fields == ANSWER
    assert (await finish(model)).fields == {"reply": "Prose."}


async def test_text_rung_streams_prose_once_the_model_is_known_to_keep_no_thoughts(server, make_model):
    model = make_model(endpoint={"first_rung": Rung.TEXT})
    text = "One two three.\n\n" + "Four five six. " * 40 + "End."
    server.script("Hello.", Behaviour(text=text, chunk_chars=20, chunk_delay_s=0.01))
    await ask(model)
    pieces = await ask(model)
    assert all(isinstance(piece, Partial) and piece.open_key == "reply" for piece in pieces[:-1])
    assert len(pieces) > 3
    assert pieces[-1].fields == {"reply": text}
    assert pieces[-1].degraded and pieces[-1].whole


async def test_what_was_learnt_survives_a_restart(server, make_model):
    store = MemoryRungStore()
    server.refused_shapes, server.refused_params = {Shape.JSON_SCHEMA}, {"stream_options"}
    await finish(make_model(rung_store=store))
    done = await finish(make_model(rung_store=store))
    assert (done.rung, done.attempts) == ("tool_call", 1)


async def test_another_model_on_the_same_server_is_learnt_apart(server, make_model):
    store = MemoryRungStore()
    server.refused_shapes = {Shape.JSON_SCHEMA}
    await finish(make_model(rung_store=store))
    server.refused_shapes = set()
    assert (await finish(make_model(rung_store=store, endpoint={"model": "other"}))).rung == "json_schema"


async def test_after_a_day_one_rung_is_climbed(server, make_model):
    now = Now()
    model = make_model(now=now)
    server.refused_shapes = {Shape.JSON_SCHEMA, Shape.TOOL}
    await finish(model)
    server.refused_shapes = set()
    now.time += timedelta(hours=23)
    assert (await finish(model)).rung == "json_object"
    now.time += timedelta(hours=2)
    assert (await finish(model)).rung == "tool_call"
    assert (await finish(model)).rung == "tool_call"
    now.time += timedelta(hours=25)
    assert (await finish(model)).rung == "json_schema"


async def test_refused_climb_costs_one_call_a_day(server, make_model):
    now = Now()
    model = make_model(now=now)
    server.refused_shapes = {Shape.JSON_SCHEMA}
    await finish(model)
    now.time += timedelta(hours=25)
    assert [(await finish(model)).attempts for _ in range(3)] == [2, 1, 1]


async def test_store_in_trouble_does_not_cost_the_answer(server, make_model):
    class BrokenStore:
        async def get(self, endpoint: str, model: str) -> Learnt | None:
            raise StoreError("down")

        async def put(self, endpoint: str, model: str, learnt: Learnt) -> None:
            raise StoreError("down")

    server.refused_shapes = {Shape.JSON_SCHEMA}
    model = make_model(rung_store=BrokenStore())
    assert [(await finish(model)).attempts for _ in range(2)] == [2, 1]


@pytest.mark.parametrize(
    "refused",
    [{"stream_options"}, {"max_tokens"}, {"max_tokens", "max_completion_tokens"}, {"temperature", "reasoning_effort"}],
)
async def test_refused_parameter_is_left_out_from_then_on(server, make_model, refused):
    model = make_model(endpoint={"temperature": 0.9, "reasoning_effort": "none"})
    server.refused_params = refused
    first, second = await finish(model), await finish(model)
    assert (first.rung, first.fields) == ("json_schema", ANSWER)
    assert first.attempts == 1 + len(refused) and second.attempts == 1
    assert not refused & server.requests[-1].keys()


async def test_token_limit_goes_by_its_other_name(server, make_model):
    model = make_model(endpoint={"token_limit_param": "max_tokens"})
    server.script(
        Behaviour(
            status=400,
            error={
                "error": {
                    "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                    "Use 'max_completion_tokens' instead.",
                    "param": "max_tokens",
                }
            },
        )
    )
    await finish(model)
    assert "max_completion_tokens" in server.requests[1] and "max_tokens" not in server.requests[1]


@pytest.mark.parametrize(
    ("message", "roles"),
    [
        ("System role not supported", ["user"]),
        ("Conversation roles must alternate user/assistant/user/assistant/...", ["system", "user"]),
    ],
)
async def test_chat_templates_with_few_roles_are_served(server, model, message, roles):
    server.script(Behaviour(status=400, error={"error": {"message": message}}))
    done = await finish(model)
    assert (done.rung, done.attempts) == ("json_schema", 2)
    assert [one["role"] for one in server.requests[1]["messages"]] == roles
    assert "hello" in server.requests[1]["messages"][-1]["content"]


async def test_server_that_cannot_stream_is_asked_without(server, model):
    server.script(Behaviour(status=400, error={"error": {"message": "no", "param": "stream"}}))
    assert (await finish(model)).fields == ANSWER
    assert "stream" not in server.requests[1] and "stream_options" not in server.requests[1]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"error": {"message": "Only stream=false is allowed"}}),
        (400, {"error": "Streaming is not supported by this deployment"}),
        (400, {"message": "stream must be false"}),
        (501, {"error": {"message": "streaming is not yet implemented"}}),
        (422, {"detail": [{"type": "literal_error", "loc": ["body", "stream"], "msg": "Input should be False"}]}),
        (422, {"detail": "This model does not support streaming"}),
        (400, {"error": {"message": "[{'type': 'literal_error', 'loc': ('body', 'stream'), 'msg': 'Input …'}]"}}),
    ],
)
async def test_refused_stream_is_understood_however_it_is_said(server, model, status, error):
    server.script(Behaviour(status=status, error=error))
    done = await finish(model)
    assert (done.fields, done.rung, done.attempts) == (ANSWER, "json_schema", 2)
    assert "stream" not in server.requests[1]


@pytest.mark.parametrize("name", ["stream_options", "temperature", "max_tokens"])
async def test_parameter_that_a_validation_list_names_is_left_out(server, make_model, name):
    model = make_model(endpoint={"temperature": 0.9, "token_limit_param": "max_tokens"})
    detail = [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": 1}]
    server.script(Behaviour(status=422, error={"detail": detail}))
    done = await finish(model)
    assert (done.rung, done.attempts) == ("json_schema", 2)
    assert name not in server.requests[1] and server.requests[1]["stream"] is True


async def test_validation_list_about_the_form_goes_down(server, model):
    detail = [{"loc": ["body", "response_format", "type"], "msg": "Input should be 'text'"}]
    server.script(Behaviour(status=422, error={"detail": detail}))
    assert (await finish(model)).rung == "tool_call"


async def test_what_was_left_out_is_tried_again_after_a_day(server, make_model):
    now, store = Now(), MemoryRungStore()
    model = make_model(now=now, rung_store=store)
    server.refused_params = {"stream"}
    assert [(await finish(model)).attempts for _ in range(2)] == [2, 1]
    now.time += timedelta(hours=25)
    assert [(await finish(model)).attempts for _ in range(2)] == [2, 1]
    now.time += timedelta(hours=25)
    server.refused_params = set()
    restarted = make_model(now=now, rung_store=store)
    assert [(await finish(restarted)).attempts for _ in range(2)] == [1, 1]
    assert all(body["stream"] is True for body in server.requests[-2:])
    assert next(iter(store._learnt.values())).dropped == ()


async def test_endpoint_key_holds_no_credentials():
    endpoint = Endpoint(kind="compatible", base_url="https://me:pw@host.example:8443/v1/", model="m", api_key="sk-1")
    assert endpoint.key == "host.example:8443/v1"
    assert "sk-1" not in repr(endpoint)
