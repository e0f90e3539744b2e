"""Reminders and answers put off, over the loopback gateway: at their time, once, whatever restarts in between."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from bot.adapters.postgres.address import parse_database_url
from playground.client import Person
from tests.flows.conftest import ShiftedClock, Stage, she_is_quiet
from tests.flows.test_commands import commands_published
from tests.flows.test_talk import saying
from tests.scripted_model import refs_of

EPHEMERAL = 64
SEND = "POST /channels/*/messages"
LATEST_S = 1.0  # how late a timer may be at most


def reminding(when: str, line: str, reply: str = "I will.") -> Any:
    """Answer with a reminder for the newest line."""

    def answer(body: dict[str, Any]) -> dict[str, object]:
        ref = refs_of(body)[-1]
        return saying(reply, reminders=[{"message": ref, "when": when, "what": "the oven", "line": line}])

    return answer


@asynccontextmanager
async def table(stage: Stage):
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        yield connection
    finally:
        await connection.close()


async def due_of(stage: Stage) -> datetime:
    """Give when the only timer is due, once it is kept."""
    async with table(stage) as connection, asyncio.timeout(5):
        while (due := await connection.fetchval("SELECT due_at FROM timers")) is None:
            await asyncio.sleep(0.02)
    return due


def late_by(message: dict[str, Any], due: datetime) -> float:
    return (datetime.fromisoformat(message["timestamp"]) - due).total_seconds()


async def finished(person: Person, channel: str) -> dict[str, Any]:
    """Give the answer to a command, once it is there."""
    message = await person.next_message_from_app(channel)
    if message["flags"] & 128:
        message = await person.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])
    return message


def words(message: dict[str, Any]) -> str:
    return message["content"] + json.dumps(message["components"], ensure_ascii=False)


async def test_a_reminder_asked_for_in_talk_outlives_a_restart_and_is_on_time(stage: Stage):
    stage.model.default = reminding("in 6 seconds", "The oven. Now.")
    async with stage.playground.person("juno") as juno:
        async with stage.bot():
            asked = await juno.tell("remind me of the oven in a few seconds")
            assert (await juno.next_message_from_app())["content"] == "I will."
            due = await due_of(stage)
        async with stage.bot():
            message = await juno.next_message_from_app(timeout=15)
            assert await she_is_quiet(juno)
    assert message["content"] == "The oven. Now."
    assert message["message_reference"]["message_id"] == asked["id"]
    assert 0 <= late_by(message, due) <= LATEST_S
    assert len(stage.model.requests) == 1, "what is said then was made up at once"


async def test_what_was_due_while_nobody_ran_is_said_at_the_next_start(stage: Stage):
    stage.model.default = reminding("in 1 second", "The oven. Now.")
    async with stage.playground.person("juno") as juno:
        async with stage.bot():
            await juno.tell("remind me")
            await juno.next_message_from_app()
            await due_of(stage)
        await asyncio.sleep(1.2)
        async with stage.bot():
            assert (await juno.next_message_from_app(timeout=10))["content"] == "The oven. Now."
            assert await she_is_quiet(juno)


async def test_on_a_server_only_who_asked_is_notified(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    stage.model.default = reminding("in 2 seconds", "@everyone the oven")
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo"):
        asked = await juno.mention(room, "remind me")
        await juno.next_message_from_app(room)
        message = await juno.next_message_from_app(room, timeout=10)
    assert message["message_reference"]["message_id"] == asked["id"]
    assert [one["id"] for one in message["mentions"]] == [juno.user_id]
    assert not message["mention_everyone"]


async def test_the_clock_in_the_prompt_is_the_persons_own(stage: Stage):
    stage.model.default = saying("Late.")
    async with stage.bot(MIRA_TIMEZONE="America/New_York"), stage.playground.person("juno") as juno:
        dm = await juno.dm()
        await juno.tell("what time is it?")
        await juno.next_message_from_app()
        await commands_published(juno, dm)
        assert (await juno.slash("remind zone", dm, zone="asia/tokyo"))["ok"]
        assert "Asia/Tokyo" in words(await finished(juno, dm))
        await juno.tell("and now?")
        await juno.next_message_from_app(dm)
    before, after = (request["messages"][-1]["content"] for request in stage.model.requests[:2])
    assert " in America/New_York (" in before and " in Asia/Tokyo, where u" in after


async def test_a_reminder_by_command_comes_as_a_direct_message_wherever_it_was_asked_for(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno:
        await commands_published(juno, room)
        asked_at = datetime.now(UTC)
        assert (await juno.slash("remind me", room, when="in 3 seconds", what="call **Ben**"))["ok"]
        confirmed = await finished(juno, room)
        assert confirmed["flags"] & EPHEMERAL and "call" in words(confirmed)
        message = await juno.next_message_from_app(await juno.dm(), timeout=10)
        due = await due_of(stage)
        assert await juno.hears_nothing("MESSAGE_CREATE", lambda one: one["channel_id"] == room, 0.3)
    assert message["content"] == "⏰ call **Ben**"
    assert timedelta(seconds=3) <= due - asked_at <= timedelta(seconds=4.5)
    assert 0 <= late_by(message, due) <= LATEST_S
    assert not stage.model.requests


async def test_a_menu_cancels_even_after_a_restart(stage: Stage):
    async with stage.playground.person("juno") as juno:
        dm = await juno.dm()
        async with stage.bot():
            await commands_published(juno, dm)
            for what in ("the oven", "the train"):
                await juno.slash("remind me", dm, when="in 4 hours", what=what)
                await finished(juno, dm)
            await juno.slash("remind list", dm)
            shown = await finished(juno, dm)
        assert "the oven" in words(shown) and "the train" in words(shown)
        menu = next(part for row in shown["components"] for part in row.get("components", ()) if part["type"] == 3)
        async with stage.bot():
            assert (await juno.choose(shown, menu["custom_id"], menu["options"][0]["value"]))["ok"]
            changed = await juno.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == shown["id"])
            assert "the oven" not in words(changed) and "the train" in words(changed)
            (left,) = await juno.complete("remind cancel", dm, "which", which="")
            assert "the train" in left["name"]
            await juno.slash("remind cancel", dm, which=left["value"])
            assert "Cancelled" in words(await finished(juno, dm))
    async with table(stage) as connection:
        states = await connection.fetch("SELECT state, text FROM timers")
    assert [tuple(one) for one in states] == [("cancelled", "")] * 2


async def test_an_answer_put_off_is_given_once_at_its_time(stage: Stage):
    stage.model.script(
        saying("Ask me again? No. I'll come back to you.", intent="later", later="in 2 hours"),
        saying("About what you asked."),
    )
    clock = ShiftedClock()
    async with stage.bot(clock=clock), stage.playground.person("juno") as juno:
        await juno.tell("what is the meaning of it all?")
        assert (await juno.next_message_from_app())["content"].startswith("Ask me again?")
        await due_of(stage)
        assert await she_is_quiet(juno)
        clock.ahead = timedelta(hours=2)
        assert (await juno.next_message_from_app(timeout=10))["content"] == "About what you asked."
        assert await she_is_quiet(juno)
    prompt = stage.model.requests[1]["messages"][-1]["content"]
    assert "the meaning of it all" in prompt and "you put off until now" in prompt
    assert len(stage.model.requests) == 2


async def test_an_answer_put_off_without_a_word_comes_after_a_restart(stage: Stage):
    stage.model.script(saying("", intent="later", later="in 3 seconds"), saying("Now I know."))
    async with stage.playground.person("juno") as juno:
        async with stage.bot():
            await juno.tell("which one?")
            due = await due_of(stage)
        async with stage.bot():
            message = await juno.next_message_from_app(timeout=15)
            assert await she_is_quiet(juno)
    assert message["content"] == "Now I know."
    assert 0 <= late_by(message, due) <= LATEST_S + 1, "the answer itself has to be thought of"


async def test_killed_between_firing_and_sending_it_is_sent_once(stage: Stage):
    stage.model.default = reminding("in 1 second", "The oven. Now.")
    async with stage.playground.person("juno") as juno:
        async with stage.process() as process:
            await juno.tell("remind me")
            await juno.next_message_from_app(timeout=20)
            stage.playground.fault("slow", route=SEND, delay_s=60)
            async with table(stage) as connection, asyncio.timeout(10):
                while not await connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'ready' AND pings"):
                    await asyncio.sleep(0.01)
            process.kill()
            await process.wait()
        stage.playground.clear_faults()
        assert await she_is_quiet(juno, 1.0)
        async with stage.process():
            assert (await juno.next_message_from_app(timeout=20))["content"] == "The oven. Now."
            assert await she_is_quiet(juno)


async def test_killed_before_the_send_was_noted_it_is_not_sent_again(stage: Stage):
    stage.model.default = reminding("in 1 second", "The oven. Now.")
    async with stage.playground.person("juno") as juno:
        async with stage.process() as process:
            await juno.tell("remind me")
            await juno.next_message_from_app(timeout=20)
            stage.playground.fault("cut_after_request", route=SEND)
            stage.playground.fault("slow", route="GET /channels/*/messages", delay_s=60, after=1)
            assert (await juno.next_message_from_app(timeout=10))["content"] == "The oven. Now."
            process.kill()
            await process.wait()
        stage.playground.clear_faults()
        async with stage.process():
            assert await she_is_quiet(juno, 4.0)


async def test_three_processes_fire_each_timer_once(stage: Stage):
    stage.model.default = reminding("in 4 seconds", "Now.")
    async with (
        stage.process(role="gateway"),
        stage.process(role="worker"),
        stage.process(role="worker"),
        stage.playground.person("juno") as juno,
        stage.playground.person("theo") as theo,
    ):
        for person in (juno, theo):
            await person.tell("remind me")
        for person in (juno, theo):
            assert (await person.next_message_from_app(timeout=20))["content"] == "I will."
        async with table(stage) as connection, asyncio.timeout(5):
            while len(due := dict(await connection.fetch("SELECT user_id, due_at FROM timers"))) < 2:
                await asyncio.sleep(0.02)
        for person in (juno, theo):
            message = await person.next_message_from_app(timeout=20)
            assert message["content"] == "Now."
            assert 0 <= late_by(message, due[int(person.user_id)]) <= LATEST_S
            assert await she_is_quiet(person)
