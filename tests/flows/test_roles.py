"""Hearing and answering in processes of their own."""

from __future__ import annotations

import asyncio

from tests.flows.conftest import Stage, she_is_quiet
from tests.flows.test_talk import FIRST, saying
from tests.scripted_model import Behaviour


async def test_a_worker_answers_what_the_gateway_heard(stage: Stage):
    async with stage.process(role="gateway"), stage.process(role="worker"), stage.playground.person("juno") as juno:
        await juno.tell("who is answering me?")
        assert (await juno.next_message_from_app(timeout=20))["content"] == FIRST
    assert len(stage.model.requests) == 1


async def test_two_workers_answer_once(stage: Stage):
    stage.model.default = saying("once.")
    async with (
        stage.process(role="gateway"),
        stage.process(role="worker"),
        stage.process(role="worker"),
        stage.playground.person("juno") as juno,
        stage.playground.person("theo") as theo,
    ):
        for person in (juno, theo):
            await person.tell("hello")
        for person in (juno, theo):
            assert (await person.next_message_from_app(timeout=20))["content"] == "once."
            assert await she_is_quiet(person)
    assert len(stage.model.requests) == 2


async def test_a_killed_worker_is_replaced_by_another(stage: Stage):
    stage.model.script(Behaviour(answer=saying("never said"), first_delay_s=60.0), saying("taken over."))
    async with stage.process(role="gateway"), stage.playground.person("juno") as juno:
        async with stage.process(role="worker") as first:
            await juno.tell("stay with me")
            while not stage.model.requests:
                await asyncio.sleep(0.02)
            first.kill()
            await first.wait()
        async with stage.process(role="worker"):
            assert (await juno.next_message_from_app(timeout=20))["content"] == "taken over."
            assert await she_is_quiet(juno)


async def test_a_gateway_needs_no_model(stage: Stage):
    nothing = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": "", "MIRA_MODEL": ""}
    async with (
        stage.process(role="gateway", **nothing),
        stage.process(role="worker"),
        stage.playground.person("juno") as juno,
    ):
        await juno.tell("who thinks here?")
        assert (await juno.next_message_from_app(timeout=20))["content"] == FIRST
