"""The whole path over the loopback gateway, with the real client, a real database and a scripted model."""

from __future__ import annotations

import asyncio
import signal

from tests.flows.conftest import Stage, she_is_quiet
from tests.scripted_model import Behaviour, plain_answer

FIRST = "I heard you, every word of it."
SECOND = "Go on, I am not going anywhere."


def saying(reply: str, **fields: object) -> dict[str, object]:
    """An answer with these words."""
    return {**plain_answer({"messages": []}), "reply": reply, **fields}


async def test_direct_message_is_answered_paragraph_by_paragraph(stage: Stage):
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi you")
        said = [await juno.next_message_from_app() for _ in range(2)]
    assert [message["content"] for message in said] == [FIRST, SECOND]
    assert all(message.get("message_reference") is None for message in said), "plain in direct messages"
    assert len(stage.model.requests) == 1


async def test_mention_on_a_server_is_answered_there(stage: Stage):
    room = stage.playground.channel("living-room").channel_id
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.mention(str(room), "are you here?")
        answer = await juno.next_message_from_app(str(room))
    assert answer["content"] == FIRST
    assert not answer["mentions"]


async def test_reply_to_her_is_answered(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.mention(room, "hello")
        first = await juno.next_message_from_app(room)
        await juno.next_message_from_app(room)
        await juno.reply(first, "say that again?")
        assert (await juno.next_message_from_app(room))["content"] == FIRST


async def test_talk_between_others_costs_nothing_and_is_not_kept(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await juno.say(room, "lunch?")
        await theo.say(room, "in ten minutes")
        await theo.mention(room, "you there?")
        await theo.next_message_from_app(room)
    assert len(stage.model.requests) == 1
    assert "lunch" not in str(stage.model.requests)


async def test_reply_reference_only_where_others_talk(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await juno.mention(room, "just us here")
        assert (await juno.next_message_from_app(room)).get("message_reference") is None
        await juno.next_message_from_app(room)
        await theo.say(room, "loud in here")
        asked = await juno.mention(room, "and now?")
        answer = await juno.next_message_from_app(room)
    assert answer["message_reference"]["message_id"] == asked["id"]


async def test_withheld_reply_gets_a_line_in_the_apps_voice(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.mention(room, "hello")
        first = await juno.next_message_from_app(room)
        await juno.next_message_from_app(room)
        await juno.reply(first, "you cannot read this", ping=False)
        line = await juno.next_message_from_app(room)
    assert "ping turned off" in line["content"]
    assert len(stage.model.requests) == 1


async def test_typing_is_shown_while_she_thinks(stage: Stage):
    stage.model.script(Behaviour(answer=saying("there."), first_delay_s=0.8))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("take your time")
        await juno.wait_for("TYPING_START")
        assert (await juno.next_message_from_app())["content"] == "there."


async def test_burst_is_one_turn(stage: Stage):
    async with stage.bot(MIRA_SETTLE_S="0.4"), stage.playground.person("juno") as juno:
        for line in ("so", "I did it", "I quit"):
            await juno.tell(line)
        await juno.next_message_from_app()
        await juno.next_message_from_app()
    assert len(stage.model.requests) == 1
    prompt = str(stage.model.requests[0])
    assert all(f'"{line}' in prompt or line in prompt for line in ("so", "I did it", "I quit"))


async def test_newer_message_supersedes_a_draft_that_is_not_out(stage: Stage):
    stage.model.script(Behaviour(answer=saying("too early"), first_delay_s=5.0), saying("I have both."))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("wait")
        while not stage.model.requests:
            await asyncio.sleep(0.02)
        await juno.tell("one more thing")
        assert (await juno.next_message_from_app())["content"] == "I have both."
    assert "one more thing" in str(stage.model.requests[1])
    assert "wait" in str(stage.model.requests[1])


async def test_deleted_before_the_answer_is_withdrawn(stage: Stage):
    stage.model.script(Behaviour(answer=saying("you said it"), first_delay_s=1.0))
    async with stage.bot(), stage.playground.person("juno") as juno:
        regretted = await juno.tell("I should not say this")
        while not stage.model.requests:
            await asyncio.sleep(0.02)
        await juno.delete(regretted)
        assert await she_is_quiet(juno)
        await juno.tell("anyway, hello")
        await juno.next_message_from_app()
    assert "should not say" not in str(stage.model.requests[-1])


async def test_edited_before_the_answer_changes_the_turn(stage: Stage):
    stage.model.script(Behaviour(answer=saying("old"), first_delay_s=5.0), saying("new"))
    async with stage.bot(), stage.playground.person("juno") as juno:
        message = await juno.tell("I hate cats")
        while not stage.model.requests:
            await asyncio.sleep(0.02)
        await juno.edit(message, "I love cats")
        assert (await juno.next_message_from_app())["content"] == "new"
    assert "I love cats" in str(stage.model.requests[1])
    assert "I hate cats" not in str(stage.model.requests[1])


async def test_reaction_instead_of_words(stage: Stage):
    stage.model.script(saying("", intent="react", reaction="💛"))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("goodnight")
        reaction = await juno.wait_for("MESSAGE_REACTION_ADD")
    assert reaction["emoji"]["name"] == "💛"


async def test_history_is_in_the_next_prompt(stage: Stage):
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("my cat is called Biscuit")
        await juno.next_message_from_app()
        await juno.next_message_from_app()
        await juno.tell("what did I just say?")
        await juno.next_message_from_app()
    second = stage.model.requests[1]["messages"]
    assert "Biscuit" in str(second)
    assert any(message["role"] == "assistant" and FIRST in message["content"] for message in second)


async def test_killed_while_thinking_answers_exactly_once_after_restart(stage: Stage):
    stage.model.script(Behaviour(answer=saying("never said"), first_delay_s=30.0))
    async with stage.playground.person("juno") as juno:
        async with stage.process() as process:
            await juno.tell("are you still there?")
            while not stage.model.requests:
                await asyncio.sleep(0.02)
            process.kill()
            await process.wait()
        stage.model.script(saying("Still here."))
        async with stage.process():
            assert (await juno.next_message_from_app(timeout=20.0))["content"] == "Still here."
            assert await she_is_quiet(juno)
        dm = await juno.dm()
        history = await juno.history(dm)
    assert [message["content"] for message in history if message["author"].get("bot")] == ["Still here."]


async def test_killed_between_send_and_mark_does_not_send_again(stage: Stage):
    """The socket is cut after Discord took the message: she looks for it before she sends again."""
    stage.playground.fault("cut_after_request", route="POST /channels/*/messages", times=1)
    async with stage.bot(), stage.playground.person("juno") as juno:
        stage.model.script(saying("only once"))
        await juno.tell("hello")
        assert (await juno.next_message_from_app())["content"] == "only once"
        await asyncio.sleep(4.5)  # two sweeps
        history = await juno.history(await juno.dm())
    assert [message["content"] for message in history if message["author"].get("bot")] == ["only once"]


async def test_sigterm_drains_and_ends_within_twenty_seconds(stage: Stage):
    stage.model.script(Behaviour(answer=saying("I was just saying."), first_delay_s=1.5))
    async with stage.playground.person("juno") as juno, stage.process() as process:
        await juno.tell("quick, before you go")
        while not stage.model.requests:
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert (await juno.next_message_from_app())["content"] == "I was just saying."
        async with asyncio.timeout(20):
            assert await process.wait() == 0


async def test_restart_answers_what_was_left(stage: Stage):
    stage.model.default = Behaviour(status=503)
    async with stage.playground.person("juno") as juno:
        async with stage.process() as process:
            await juno.tell("hold on to this")
            await juno.wait_for("MESSAGE_REACTION_ADD", timeout=60)
            process.send_signal(signal.SIGTERM)
            await process.wait()
        stage.model.default = plain_answer
        async with stage.process():
            assert (await juno.next_message_from_app(timeout=30))["content"] == FIRST


async def test_no_typing_is_shown_after_her_last_words(stage: Stage):
    stage.model.default = Behaviour(answer=saying("there."), first_delay_s=0.5)
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        await juno.wait_for("TYPING_START")
        await juno.next_message_from_app()
        assert await juno.hears_nothing("TYPING_START", within=1.2)
