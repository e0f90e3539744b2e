"""Pictures on their way to a model: how they are sent, who refuses them, and what is remembered of that."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.llm.failures import StatusFailure
from bot.adapters.llm.fallback import FallbackChatModel
from bot.adapters.llm.ladder import Learnt, MemoryRungStore
from bot.adapters.llm.presets import Endpoint, Wishes, choose
from bot.adapters.llm.request import prompt_hash
from bot.adapters.llm.sight import Vision, may_mean_pictures, takes_no_pictures
from bot.domain.ids import MessageId
from bot.domain.pictures import Picture
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.errors import ProviderError
from bot.models import open_models
from bot.ports import AnswerRequest
from bot.settings import read_settings
from playground.completions import error_body
from tests.adapters.llm.conftest import ANSWER, finish, prompt_for, request
from tests.adapters.llm.raw_server import CHUNKED, chunk
from tests.scripted_model import Behaviour, ScriptedModelServer, Shape, pictures_of, text_of

CAT = Picture("image/png", b"\x89PNG cat", "cat.png", MessageId(7))
DOG = Picture("image/jpeg", b"\xff\xd8 dog", "dog.jpg", MessageId(8))
# Refusals of every picture, as servers word them.
BLIND = [
    (400, "Failed to deserialize the JSON body: messages[1]: unknown variant `image_url`, expected `text` at line 1"),
    (
        422,
        "messages[2]: data did not match any variant of untagged enum ChatCompletionRequestContent at line 1 column 9",
    ),
    (422, "Failed to deserialize: messages[2]: invalid type: sequence, expected a string at line 1 column 2901"),
    (404, "No endpoints found that support image input"),
    (400, "this model does not support image input (ref: b8bd630e-4a39-4b57-82af-9158ee9d5703)"),
    (400, "Model does not support images. Please use a model that does."),
    (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
    (400, "facebook/opt-125m is not a multimodal model None"),
    (400, "At most 0 image(s) may be provided in one request."),
    (400, "'messages.1' : the following must be satisfied[('messages.1.content' : value must be a string)]"),
    (400, "message[0].content must be a string"),
    (400, "Invalid content type. image_url is only supported by certain models."),
    (400, "Image input is not enabled for this model"),
    (400, "json: cannot unmarshal array into Go struct field .messages.content of type string"),
    (500, 'can only concatenate str (not "list") to str'),
    (500, "Failed to process inputs: this model is missing data required for image input"),
    (400, "unsupported content[].type"),
    (400, "Unknown part type: image_url"),
    (415, "The model llama3 does not support vision."),
    (400, "This is a text-only model."),
]
# Refusals of these pictures: others may well be taken.
NOT_THESE = [
    (400, "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png']."),
    (400, "Invalid image data."),
    (400, "Your input image may contain content that is not allowed by our safety system."),
    (400, "The image size exceeds the limit of 5 MB"),
    (400, "At most 2 image(s) may be provided in one request."),
    (400, "This model's maximum context length is 8192 tokens, your messages resulted in 9000 tokens"),
    (413, "Request Entity Too Large"),
    (500, "Internal Server Error"),
    (400, "Bad Request"),
]
OF_SOMETHING_ELSE = [
    (401, "Incorrect API key provided"),
    (429, "Rate limit reached for images per minute"),
    (404, "The model `x` does not exist"),
    (400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
    (503, "Service unavailable"),
]


def with_pictures(*pictures: Picture) -> AnswerRequest:
    def messages(form: AnswerForm) -> list[ChatMessage]:
        *rest, last = prompt_for(form)
        return [*rest, replace(last, pictures=pictures)]

    return replace(request(), messages_for=messages)


def said(status: int, message: str) -> Behaviour:
    return Behaviour(status=status, error=error_body(message))


def failure(status: int, message: str) -> StatusFailure:
    return StatusFailure(status, message, "", "", None)


async def test_pictures_follow_the_text_as_data_addresses(server, model):
    done = await finish(model, with_pictures(CAT, DOG))
    (body,) = server.requests
    system, user = body["messages"]
    assert isinstance(system["content"], str)
    text, cat, dog = user["content"]
    assert text == {"type": "text", "text": prompt_for(AnswerForm.JSON)[1].content}
    assert cat["image_url"]["url"] == "data:image/png;base64," + b64encode(CAT.content).decode()
    assert dog["type"] == "image_url" and dog["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert pictures_of(body) == [CAT.content, DOG.content]
    assert (done.fields, done.attempts) == (ANSWER, 1)


async def test_talk_without_pictures_is_sent_as_strings(server, model):
    await finish(model)
    assert all(isinstance(message["content"], str) for message in server.requests[0]["messages"])


@pytest.mark.parametrize(("status", "message"), BLIND)
async def test_server_that_takes_none_is_asked_without_and_remembered(server, make_model, status, message):
    memory = MemoryRungStore()
    model = make_model(rung_store=memory)
    assert model.sees_pictures()
    server.picture_refusal = said(status, message)
    done = await finish(model, with_pictures(CAT, DOG))
    assert (done.fields, done.attempts, done.rung) == (ANSWER, 2, "json_schema")
    told = text_of(server.requests[1]["messages"][-1])
    assert told.startswith(prompt_for(AnswerForm.JSON)[1].content) and "the 2 pictures could not be shown" in told
    assert not model.sees_pictures()
    assert (await finish(model, with_pictures(CAT))).attempts == 1
    assert (await finish(make_model(rung_store=memory), with_pictures(CAT))).attempts == 1


@pytest.mark.parametrize(("status", "message"), NOT_THESE)
async def test_pictures_that_may_be_to_blame_are_left_out_this_once(server, model, status, message):
    server.picture_refusal = said(status, message)
    done = await finish(model, with_pictures(CAT))
    assert (done.attempts, done.rung) == (2, "json_schema")
    assert model.sees_pictures() and model.health().is_up
    server.picture_refusal = None
    await finish(model, with_pictures(CAT))
    assert pictures_of(server.requests[-1]) == [CAT.content]


@pytest.mark.parametrize(("status", "message"), OF_SOMETHING_ELSE)
def test_other_refusals_are_no_news_of_pictures(status, message):
    assert not takes_no_pictures(failure(status, message)) and not may_mean_pictures(failure(status, message))


async def test_refusal_inside_the_stream_is_understood_as_well(server, model):
    event = b'data: {"error": {"code": 404, "message": "No endpoints found that support image input"}}\n\n'
    server.picture_refusal = Behaviour(raw=event, raw_type="text/event-stream")
    done = await finish(model, with_pictures(CAT))
    assert (done.fields, done.attempts) == (ANSWER, 2)
    assert not model.sees_pictures()


async def test_refused_picture_is_no_failure_of_the_server(server, make_model):
    first, second = make_model(), make_model(endpoint={"model": "second"})
    server.picture_refusal = said(*BLIND[0])
    done = await finish(FallbackChatModel(first, second), with_pictures(CAT))
    assert done.model == "scripted"
    assert first.is_trusted and first.health().last_error is None


async def test_pictures_go_on_every_rung_and_through_joined_messages(server, make_model):
    server.refused_shapes = {Shape.JSON_SCHEMA, Shape.TOOL}
    await finish(make_model(), with_pictures(CAT))
    assert pictures_of(server.requests[-1]) == [CAT.content]
    assert '"appraisals"' in text_of(server.requests[-1]["messages"][0])
    server.script(said(400, "The system role is not supported by this model"))
    await finish(make_model(endpoint={"model": "plain"}), with_pictures(CAT))
    (only,) = server.requests[-1]["messages"]
    assert only["role"] == "user" and "You are Mira" in text_of(only) and "hello" in text_of(only)
    assert pictures_of(server.requests[-1]) == [CAT.content]


async def test_rung_and_pictures_are_learnt_in_one_call(server, model):
    server.refused_shapes, server.picture_refusal = {Shape.JSON_SCHEMA}, said(*BLIND[0])
    await finish(model, with_pictures(CAT))
    assert model.health().rung == "tool_call" and not model.sees_pictures()
    assert (await finish(model, with_pictures(CAT))).attempts == 1


async def test_eyes_are_tried_again_after_a_day(server, make_model):
    time = [datetime(2026, 11, 21, tzinfo=UTC)]
    model = make_model(now=lambda: time[0])
    server.picture_refusal = said(*BLIND[0])
    await finish(model, with_pictures(CAT))
    time[0] += timedelta(days=1)
    assert (await finish(model, with_pictures(CAT))).attempts == 2
    server.picture_refusal = None
    time[0] += timedelta(days=1)
    assert (await finish(model, with_pictures(CAT))).attempts == 1
    assert pictures_of(server.requests[-1]) and model.sees_pictures()


async def test_operator_can_close_the_eyes(server, make_model):
    model = make_model(endpoint={"vision": Vision.OFF})
    await finish(model, with_pictures(CAT))
    assert not model.sees_pictures() and not pictures_of(server.requests[0])


async def test_operator_who_says_on_is_believed_each_time(server, make_model):
    memory = MemoryRungStore()
    key = Endpoint("compatible", server.base_url, "scripted").key
    await memory.put(key, "scripted", Learnt("json_schema", datetime.now(UTC), ("pictures",)))
    model = make_model(endpoint={"vision": Vision.ON, "is_blind": True}, rung_store=memory)
    for _ in range(2):
        server.picture_refusal = said(*BLIND[0])
        assert (await finish(model, with_pictures(CAT))).attempts == 2
        assert model.sees_pictures()
    server.picture_refusal = None
    assert (await finish(model, with_pictures(CAT))).attempts == 1
    assert pictures_of(server.requests[-1])


async def test_deepseek_is_not_asked_with_pictures_not_even_after_a_day(server, make_model):
    choice = choose(Wishes(api_key="k", provider="deepseek"))
    assert choice is not None and choice.quality.is_blind
    time = [datetime(2026, 11, 21, tzinfo=UTC)]
    model = make_model("deepseek", {"is_blind": True, "first_rung": choice.quality.first_rung}, now=lambda: time[0])
    assert not model.sees_pictures()
    for _ in range(2):
        await finish(model, with_pictures(CAT))
        time[0] += timedelta(days=1)
    assert not any(pictures_of(body) for body in server.requests)


async def test_pictures_that_break_the_server_are_left_out_of_the_third_call(server, make_model):
    time = [0.0]
    model = make_model(monotonic=lambda: time[0])
    server.picture_refusal = Behaviour(status=503)
    for _ in range(2):
        with pytest.raises(ProviderError):
            await finish(model, with_pictures(CAT))
        time[0] += 3600  # the server is asked again
    assert (await finish(model, with_pictures(CAT))).fields == ANSWER
    server.picture_refusal = None
    await finish(model, with_pictures(CAT))
    assert pictures_of(server.requests[-1])


async def test_pictures_a_model_makes_nothing_of_are_left_out(server, model):
    server.picture_refusal = Behaviour(text="")
    done = await finish(model, with_pictures(CAT))
    assert done.fields == ANSWER and not pictures_of(server.requests[-1])


async def test_fallback_looks_with_the_eyes_of_who_is_asked(make_model):
    seeing, blind = make_model(), make_model(endpoint={"vision": Vision.OFF})
    assert FallbackChatModel(seeing, blind).sees_pictures()
    assert not FallbackChatModel(blind, seeing).sees_pictures()


async def test_nothing_holds_a_picture_after_the_answer(server, model):
    server.keeps_requests = False
    server.picture_refusal = said(*NOT_THESE[0])
    picture = replace(CAT, content=b"\x89PNG held")
    held = weakref.ref(picture)
    await finish(model, with_pictures(picture))
    server.picture_refusal = said(401, "no")
    with pytest.raises(ProviderError):
        await finish(model, with_pictures(picture))
    del picture
    gc.collect()
    assert held() is None


def test_fingerprint_knows_the_pictures():
    plain, seen = ChatMessage("user", "look"), ChatMessage("user", "look", (CAT,))
    assert len({prompt_hash([plain]), prompt_hash([seen]), prompt_hash([replace(seen, pictures=(DOG,))])}) == 3
    assert "PNG" not in repr(CAT)


async def test_small_questions_have_a_small_limit(server, model):
    await finish(model, replace(request(purpose="consider"), max_tokens=300))
    assert server.requests[0]["max_tokens"] == 300
    server.script(said(400, "max_tokens is too large: 300. This model supports at most 200 completion tokens"))
    assert (await finish(model, replace(request(), max_tokens=300))).attempts == 2


async def test_small_questions_have_a_model_of_their_own_where_one_is_named(server: ScriptedModelServer):
    def wishes(fast: str) -> Wishes:
        return Wishes(base_url=server.base_url, model="scripted", fast_model=fast)

    settings = read_settings({"MIRA_VISION": "off"}, env_file=None)
    for fast, is_same in (("", True), ("small", False)):
        choice = choose(wishes(fast))
        assert choice is not None
        models = open_models(settings, choice, temperature=0.7, rungs=MemoryRungStore(), on_recovery=lambda: None)
        assert (models.fast is models.talk) is is_same
        assert (await finish(models.fast)).model == (fast or "scripted")
        assert not models.sees_pictures()
        await models.aclose()


async def test_talk_of_others_meanwhile_does_not_keep_a_picture_failing_for_ever(server, make_model):
    time = [0.0]
    model = make_model(monotonic=lambda: time[0])
    server.picture_refusal = Behaviour(status=503)
    for _ in range(2):
        with pytest.raises(ProviderError):
            await finish(model, with_pictures(CAT))
        time[0] += 3600
        assert (await finish(model)).fields == ANSWER  # another channel's
    assert (await finish(model, with_pictures(CAT))).fields == ANSWER


@pytest.mark.parametrize("is_read", [True, False])
async def test_pictures_over_which_the_server_hangs_up_are_left_out_of_the_third_call(make_model, is_read):
    """As proxies do with a body that is too large for them, some before they have read it."""
    time = [0.0]
    answer = json.dumps({"choices": [{"delta": {"content": json.dumps(ANSWER)}, "finish_reason": "stop"}]})

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:"))
        if length < 100_000 or is_read:
            body = await reader.readexactly(length)
            if b"image_url" not in body:
                writer.write(CHUNKED + chunk(f"data: {answer}\n\ndata: [DONE]\n\n".encode()) + chunk(b""))
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        model = make_model(endpoint={"base_url": f"http://127.0.0.1:{port}/v1"}, monotonic=lambda: time[0])
        large = replace(CAT, content=CAT.content * 300_000)
        for _ in range(2):
            with pytest.raises(ProviderError) as raised:
                await finish(model, with_pictures(large))
            assert raised.value.kind == "unreachable"
            time[0] += 3600
        assert (await finish(model, with_pictures(large))).fields == ANSWER


async def test_a_picture_is_not_blamed_for_a_server_that_is_not_there(server, make_model):
    time = [0.0]
    model = make_model(endpoint={"base_url": "http://127.0.0.1:9/v1"}, monotonic=lambda: time[0])
    for _ in range(3):
        with pytest.raises(ProviderError):
            await finish(model, with_pictures(CAT))
        time[0] += 3600
    assert model._picture_strikes == 0
