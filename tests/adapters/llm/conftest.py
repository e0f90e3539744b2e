"""A scripted model server, and chat models on it that are closed with the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.presets import Endpoint
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.ports import AnswerPiece, AnswerRequest, Finished
from tests.scripted_model import ScriptedModelServer

SCHEMA = {
    "type": "object",
    "properties": {
        "appraisals": {"type": "array", "items": {"type": "object"}},
        "intent": {"type": "string"},
        "reply": {"type": "string"},
        "reaction": {"type": ["string", "null"]},
    },
    "required": ["appraisals", "intent", "reply", "reaction"],
    "additionalProperties": False,
}
ANSWER = {
    "appraisals": [{"message": "mk7q2", "warmth": 1}],
    "intent": "reply",
    "reply": "Ha.\n\nSit.",
    "reaction": None,
}


def prompt_for(form: AnswerForm) -> list[ChatMessage]:
    return [
        ChatMessage("system", f"You are Mira. Answer as {form}."),
        ChatMessage("user", '{"ref":"mk7q2","from":"u3f9k","name":"Ana","text":"hello"}'),
    ]


def request(deadline_s: float = 10.0, purpose: str = "turn") -> AnswerRequest:
    return AnswerRequest(purpose, prompt_for, "answer", SCHEMA, timedelta(seconds=deadline_s))


async def ask(model: OpenAIChatModel, asked: AnswerRequest | None = None) -> list[AnswerPiece]:
    return [piece async for piece in model.answer(asked or request())]


async def finish(model: OpenAIChatModel, asked: AnswerRequest | None = None) -> Finished:
    *_, last = await ask(model, asked)
    assert isinstance(last, Finished)
    return last


async def until(holds: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for something to become so."""
    async with asyncio.timeout(timeout_s):
        while not holds():
            await asyncio.sleep(0.01)


ModelMaker = Callable[..., OpenAIChatModel]


@pytest.fixture
async def server() -> AsyncIterator[ScriptedModelServer]:
    async with ScriptedModelServer(default=ANSWER) as running:
        yield running


@pytest.fixture
async def make_model(server: ScriptedModelServer) -> AsyncIterator[ModelMaker]:
    made: list[OpenAIChatModel] = []

    def make(kind: str = "compatible", endpoint: dict[str, object] | None = None, **options: object) -> OpenAIChatModel:
        fields: dict[str, object] = {"kind": kind, "base_url": server.base_url, "model": "scripted"}
        short = {"backoff_s": 0.01}  # the shape of the waits between tries, not their length
        model = OpenAIChatModel(Endpoint(**{**fields, **(endpoint or {})}), **{**short, **options})
        made.append(model)
        return model

    yield make
    for model in made:
        await model.aclose()


@pytest.fixture
def model(make_model: ModelMaker) -> OpenAIChatModel:
    return make_model()
