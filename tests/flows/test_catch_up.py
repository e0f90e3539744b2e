"""What is said while nobody listens: found after the next start or session, answered once, oldest first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.adapters.discord.locales import text_of
from bot.domain.card import Card
from playground.client import Person
from tests.flows.conftest import ShiftedClock, Stage, she_is_quiet
from tests.flows.test_talk import saying
from tests.scripted_model import Behaviour

ANSWER_S = 20.0
HISTORY = "GET /channels/*/messages"


def asked(stage: Stage, call: int = -1) -> str:
    """Give a prompt as the model got it, as one text."""
    return str(stage.model.requests[call]["messages"])


def room(stage: Stage, name: str = "living-room") -> str:
    """Give the id of a channel of the playground's server."""
    return str(stage.playground.channel(name).channel_id)


async def once(person: Person, words: str, channel_id: str | None = None) -> dict[str, Any]:
    """Wait for her answer, and see that it is the only one."""
    said = await person.next_message_from_app(channel_id, timeout=ANSWER_S)
    assert said["content"] == words
    assert await she_is_quiet(person)
    return said


async def meet(stage: Stage, person: Person, **changes: str) -> None:
    """Let a person and her talk once, so that she knows them, and stop her."""
    async with stage.bot(**changes):
        await person.tell("hello")
        await person.next_message_from_app(timeout=ANSWER_S)
    person.forget()


async def test_direct_messages_of_the_time_between_are_one_turn_in_their_order(stage: Stage):
    stage.model.default = saying("there you are.")
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        for words in ("first thing", "second thing", "third thing"):
            await juno.tell(words)
        async with stage.bot():
            await once(juno, "there you are.")
    assert len(stage.model.requests) == 2
    prompt = asked(stage)
    assert prompt.index("first thing") < prompt.index("second thing") < prompt.index("third thing")


async def test_a_mention_on_a_server_and_one_in_a_thread_are_answered(stage: Stage):
    stage.model.default = saying("sorry, was away.")
    async with stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await meet(stage, juno)
        thread = await juno.rest("POST", f"/channels/{room(stage, 'kitchen')}/threads", {"name": "tea", "type": 11})
        await juno.say(room(stage), "talk among ourselves")
        await juno.mention(room(stage), "what do you think?")
        await theo.mention(thread["id"], "and which tea?")
        async with stage.bot():
            answered = {(await juno.next_message_from_app(timeout=ANSWER_S))["channel_id"] for _ in range(2)}
            assert answered == {room(stage), thread["id"]}
            assert await she_is_quiet(juno)
    assert len(stage.model.requests) == 3
    assert "among ourselves" not in str(stage.model.requests)


async def test_a_live_message_waits_behind_what_was_missed(stage: Stage):
    stage.model.default = saying("now then.")
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        await juno.tell("said while away")
        stage.playground.fault("slow", route=HISTORY, delay_s=6.0, times=1)
        async with stage.bot():
            await juno.tell("said while she listens")
            await once(juno, "now then.")
    prompt = asked(stage)
    assert prompt.index("said while away") < prompt.index("said while she listens")


async def test_somebody_she_never_met_is_found_when_they_write_again(stage: Stage):
    stage.model.default = saying("nice to meet you.")
    async with stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await meet(stage, juno)
        await theo.tell("is anybody there?")
        async with stage.bot():
            await theo.tell("hello?")
            await once(theo, "nice to meet you.")
    assert asked(stage).index("is anybody there?") < asked(stage).index("hello?")


async def test_what_is_older_than_the_setting_is_left(stage: Stage):
    stage.model.default = saying("hm.")
    clock = ShiftedClock()
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        await juno.tell("long ago")
        clock.ahead = timedelta(hours=3)
        async with stage.bot(clock, MIRA_CATCH_UP_H="2"):
            assert await she_is_quiet(juno, within=4.0)
    assert len(stage.model.requests) == 1


async def test_nothing_is_looked_for_where_the_setting_is_zero(stage: Stage):
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        await juno.tell("nobody is to see this")
        async with stage.bot(MIRA_CATCH_UP_H="0"):
            assert await she_is_quiet(juno, within=4.0)
    assert len(stage.model.requests) == 1


async def test_a_fresh_database_ignores_what_was_before(stage: Stage):
    async with stage.playground.person("juno") as juno:
        await juno.tell("before her time")
        await juno.mention(room(stage), "and this")
        async with stage.bot():
            assert await she_is_quiet(juno, within=4.0)
            await juno.tell("hello")
            await juno.next_message_from_app(timeout=ANSWER_S)
    assert len(stage.model.requests) == 1
    assert "before her time" not in asked(stage)


async def test_killed_and_back_ten_minutes_later(stage: Stage):
    stage.model.default = saying("back.")
    async with stage.playground.person("juno") as juno:
        async with stage.process() as process:
            await juno.tell("hello")
            await juno.next_message_from_app(timeout=ANSWER_S)
            await asyncio.sleep(6)  # until how far was heard is written down
            process.kill()
            await process.wait()
        await juno.tell("are you gone?")
        await juno.mention(room(stage), "anybody?")
        clock = ShiftedClock()
        clock.ahead = timedelta(minutes=10)
        async with stage.bot(clock):
            assert (await juno.next_message_from_app(timeout=ANSWER_S))["content"] == "back."
            assert (await juno.next_message_from_app(timeout=ANSWER_S))["content"] == "back."
            assert await she_is_quiet(juno)
    assert len(stage.model.requests) == 3


async def test_a_deployment_that_nobody_wrote_to_yet_catches_up_too(stage: Stage):
    stage.model.default = saying("first words.")
    async with stage.playground.person("juno") as juno:
        async with stage.bot():
            pass
        await juno.mention(room(stage), "first!")
        async with stage.bot():
            await once(juno, "first words.")


@pytest.mark.parametrize("status", [500, 403])
async def test_history_that_cannot_be_read_keeps_nobody_from_talking(stage: Stage, status: int):
    stage.model.default = saying("here.")
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        await juno.tell("lost for now")
        stage.playground.fault("rest_status", route=HISTORY, status=status, times=None)
        async with stage.bot():
            await juno.tell("said live")
            await once(juno, "here.")
            if status == 500:
                stage.playground.clear_faults()
                await once(juno, "here.")
    assert len(stage.model.requests) == (3 if status == 500 else 2)


async def test_a_line_of_the_apps_is_no_answer_to_what_stands_before_it(stage: Stage):
    stage.model.default = saying("there you are.")
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        missed = await juno.tell("said while away")
        url = f"{stage.playground.rest_url}/channels/{missed['channel_id']}/messages"
        notice = {"content": text_of(Card("unanswerable"))}  # said, and the process killed at once
        signed = {"Authorization": f"Bot {stage.playground.token}"}
        async with aiohttp.ClientSession(headers=signed) as app, app.post(url, json=notice) as sent:
            assert sent.status == 200
        await juno.next_message_from_app()
        async with stage.bot():
            await once(juno, "there you are.")
    assert "said while away" in asked(stage)


async def test_what_was_withdrawn_or_changed_meanwhile_is_not_answered_as_it_was(stage: Stage):
    stage.model.script(saying("hello."), Behaviour(drop=True))
    stage.model.default = Behaviour(status=503)
    async with stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        async with stage.bot():
            await juno.tell("hello")
            await juno.next_message_from_app(timeout=ANSWER_S)
            withdrawn = await juno.tell("never mind me")
            changed = await theo.tell("wrong words")
            await juno.wait_for("MESSAGE_REACTION_ADD", timeout=60)
            await theo.wait_for("MESSAGE_REACTION_ADD", timeout=60)
        await juno.delete(withdrawn)
        await theo.edit(changed, "right words")
        before = len(stage.model.requests)
        stage.model.default = saying("yes.")
        clock = ShiftedClock()
        clock.ahead = timedelta(minutes=10)
        async with stage.bot(clock):
            await once(theo, "yes.")
            assert await she_is_quiet(juno)
    last = str(stage.model.requests[before:][-1])
    assert "right words" in last
    assert "wrong words" not in last


@pytest.mark.parametrize("kind", ["invalid_session", "drop_socket"])
async def test_a_session_that_is_lost_is_followed_by_catching_up(stage: Stage, kind: str):
    stage.model.default = saying("heard.")
    async with stage.playground.person("juno") as juno, stage.bot():
        await juno.tell("hello")
        await juno.next_message_from_app(timeout=ANSWER_S)
        stage.playground.fault(kind, resumable=False)
        await juno.tell("into the void")
        await juno.mention(room(stage), "and here")
        heard = {(await juno.next_message_from_app(timeout=ANSWER_S))["channel_id"] for _ in range(2)}
        assert heard == {await juno.dm(), room(stage)}
        assert await she_is_quiet(juno)
    assert len(stage.model.requests) == 3


async def test_a_storm_of_reconnects_changes_nothing(stage: Stage):
    stage.model.default = saying("still here.")
    async with stage.playground.person("juno") as juno, stage.bot():
        await juno.tell("hello")
        await juno.next_message_from_app(timeout=ANSWER_S)
        for number in range(10):
            stage.playground.fault("drop_socket", resumable=number % 3 != 0)
            await juno.tell(f"line {number}")
            await asyncio.sleep(0.4)
        async with asyncio.timeout(60):
            while "line 9" not in (asked(stage) if stage.model.requests else ""):
                await asyncio.sleep(0.1)
        await juno.next_message_from_app(timeout=ANSWER_S)
        while not await she_is_quiet(juno):
            pass
    claimed = [str(request["messages"]) for request in stage.model.requests]
    assert all(any(f"line {number}" in one for one in claimed) for number in range(10))


async def test_duplicates_and_another_order_change_nothing(stage: Stage):
    stage.model.default = saying("once.")
    async with stage.playground.person("juno") as juno:
        await meet(stage, juno)
        await juno.tell("while away")
        stage.playground.fault("duplicate_events", times=4)
        stage.playground.fault("reorder_events", events=["MESSAGE_CREATE"], times=2)
        async with stage.bot(MIRA_SETTLE_S="0.5"):
            await juno.tell("one")
            await juno.tell("two")
            await once(juno, "once.")
    assert len(stage.model.requests) == 2


async def test_an_application_in_shards_catches_up_in_all_of_them(stage: Stage):
    stage.model.default = saying("all of me.")
    async with stage.playground.person("juno") as juno:
        async with stage.process(role="all --shards 0-1/2"):
            await juno.tell("hello")
            await juno.next_message_from_app(timeout=ANSWER_S)
            await asyncio.sleep(6)  # until how far was heard is written down; then it is killed
        await juno.tell("are you gone?")
        await juno.mention(room(stage), "anybody?")
        async with stage.process(role="all --shards 0-1/2"):
            heard = {(await juno.next_message_from_app(timeout=ANSWER_S))["channel_id"] for _ in range(2)}
            assert heard == {await juno.dm(), room(stage)}
            assert await she_is_quiet(juno)
    assert len(stage.model.requests) == 3


async def test_a_gateway_that_comes_back_tells_the_workers(stage: Stage):
    stage.model.default = saying("told.")
    async with stage.playground.person("juno") as juno, stage.process(role="worker"):
        async with stage.process(role="gateway"):
            await juno.tell("hello")
            await juno.next_message_from_app(timeout=ANSWER_S)
        await juno.tell("is this on?")
        await juno.mention(room(stage), "and this?")
        async with stage.process(role="gateway"):
            heard = {(await juno.next_message_from_app(timeout=ANSWER_S))["channel_id"] for _ in range(2)}
            assert heard == {await juno.dm(), room(stage)}
            assert await she_is_quiet(juno)
    assert len(stage.model.requests) == 3
