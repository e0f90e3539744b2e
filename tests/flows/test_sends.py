"""The way out on bad days: what was sent is not sent again, what was not is, and what Discord refuses ends there."""

from __future__ import annotations

import asyncio

import pytest

from tests.flows.conftest import Stage, she_is_quiet
from tests.flows.test_talk import FIRST, saying

SEND = "POST /channels/*/messages"
READ = "GET /channels/*/messages"
TWO_PARTS = "One thing.\n\nAnd another."


async def _hers(stage: Stage, juno, count: int, timeout: float = 40) -> list[str]:
    return [(await juno.next_message_from_app(timeout=timeout))["content"] for _ in range(count)]


@pytest.mark.parametrize("after", [0, 1])
async def test_a_send_whose_answer_is_lost_is_looked_for_and_not_repeated(stage: Stage, after: int):
    stage.playground.fault("cut_after_request", route=SEND, after=after)
    stage.model.script(saying(TWO_PARTS))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        assert await _hers(stage, juno, 2) == ["One thing.", "And another."]
        assert await she_is_quiet(juno)


async def test_twin_lines_are_both_said_though_an_answer_is_lost(stage: Stage):
    stage.playground.fault("cut_after_request", route=SEND, after=1)
    stage.model.script(saying("No.\n\nNo.\n\nNo."))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("please?")
        assert await _hers(stage, juno, 3) == ["No."] * 3
        assert await she_is_quiet(juno)


@pytest.mark.parametrize("status", [500, 503, 520])
async def test_a_discord_in_trouble_is_asked_again_until_it_takes_the_rest(stage: Stage, status: int):
    stage.playground.fault("rest_status", route=SEND, status=status, times=2, after=1)
    stage.model.script(saying(TWO_PARTS))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        assert await _hers(stage, juno, 2) == ["One thing.", "And another."]
        assert await she_is_quiet(juno)


@pytest.mark.parametrize("is_global", [False, True])
async def test_a_rate_limit_is_waited_out(stage: Stage, is_global: bool):
    limit = {"status": 429, "retry_after": 0.4, "global": is_global}
    stage.playground.fault("rest_status", route=SEND, times=2, **limit)
    stage.model.script(saying(TWO_PARTS))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        assert await _hers(stage, juno, 2) == ["One thing.", "And another."]
        assert await she_is_quiet(juno)


async def test_where_the_history_may_not_be_read_the_nonce_keeps_a_double_out(stage: Stage):
    stage.playground.fault("cut_after_request", route=SEND)
    stage.playground.fault("rest_status", route=READ, status=403, times=None, body={"code": 50013, "message": "no"})
    stage.model.script(saying(TWO_PARTS))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        assert await _hers(stage, juno, 2) == ["One thing.", "And another."]
        assert await she_is_quiet(juno)


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (403, 50013), (403, 50007), (404, 10003), (400, 50035)])
async def test_a_refusal_for_good_ends_the_turn_with_its_reason(stage: Stage, database, status: int, code: int):
    stage.playground.fault("rest_status", route=SEND, status=status, times=2, body={"code": code, "message": "no"})
    stage.model.script(saying("One.\n\nTwo.\n\nThree."))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        assert await she_is_quiet(juno, 4)
        stage.playground.clear_faults()
        await juno.tell("and now?")
        assert (await juno.next_message_from_app())["content"] == FIRST
    async with database.connect() as connection:
        parts = (await connection.exec_driver_sql("SELECT state, refused_code FROM outbox WHERE turn_id = 1")).all()
        turn = (await connection.exec_driver_sql("SELECT state, reasons FROM turns WHERE turn_id = 1")).one()
    assert {part.state for part in parts} == {"refused"}
    assert turn.state == "done"
    assert f"refused by Discord: {code}" in turn.reasons


async def test_a_reply_that_cannot_be_one_is_said_all_the_same(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    refusal = {"code": 160002, "message": "Cannot reply without permission to read message history"}
    stage.playground.fault("rest_status", route=SEND, status=400, body=refusal)
    people = stage.playground.person("juno"), stage.playground.person("theo")
    async with stage.bot(MIRA_SETTLE_S="0.3"), people[0] as juno, people[1] as theo:
        await theo.mention(room, "one")
        await juno.mention(room, "two")
        said = await juno.next_message_from_app(room)
    assert said["content"] == FIRST
    assert said.get("message_reference") is None


async def test_a_reaction_under_a_message_that_is_gone_is_given_up(stage: Stage):
    stage.model.script({"appraisals": [], "intent": "react", "reply": "", "reaction": "🔥"})
    gone = {"code": 10008, "message": "Unknown Message"}
    stage.playground.fault("rest_status", route="PUT /channels/*/messages/*/reactions/*/@me", status=404, body=gone)
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("look")
        assert await juno.hears_nothing("MESSAGE_REACTION_ADD", within=3)
        await juno.tell("and now?")
        assert (await juno.next_message_from_app())["content"] == FIRST


async def test_a_burst_while_she_types_is_one_answer_to_all_of_it(stage: Stage):
    stage.model.default = saying("All of it.")
    async with stage.bot(MIRA_SETTLE_S="1"), stage.playground.person("juno") as juno:
        for number in range(5):
            await juno.tell(f"line {number}")
            await juno.type(await juno.dm())
            await asyncio.sleep(0.4)
        await juno.tell("line 5")
        assert (await juno.next_message_from_app())["content"] == "All of it."
        assert await she_is_quiet(juno)
    assert len(stage.model.requests) == 1
    asked = str(stage.model.requests[0]["messages"])
    assert all(f"line {number}" in asked for number in range(6))
