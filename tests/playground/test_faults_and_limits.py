import asyncio
import time

import aiohttp
import discord
import pytest

from playground.client import Refused
from playground.core import Options
from playground.ratelimit import RateLimits
from playground.server import Playground
from tests.playground.harness import connected, soon

SEND = "POST /channels/*/messages"


async def test_injected_429_is_waited_out_and_sent_once(playground, bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    playground.fault("rest_status", route=SEND, status=429, retry_after=0.2)
    started = time.monotonic()
    await channel.send("patient")
    assert time.monotonic() - started >= 0.2
    assert (await juno.next_message_from_app())["content"] == "patient"


async def test_injected_status_strikes_after_and_times(playground, bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    playground.fault("rest_status", route=SEND, status=403, after=1, body={"message": "no", "code": 50013})
    await channel.send("one")
    with pytest.raises(discord.Forbidden):
        await channel.send("two")
    await channel.send("three")


async def test_cut_connection_has_done_the_work(playground, bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    playground.fault("cut_after_request", route=SEND)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await channel.send("sent all the same", nonce="n1")
    again = await channel.send("sent all the same", nonce="n1")
    assert (await juno.next_message_from_app())["id"] == str(again.id)


async def test_connection_cut_before_the_work_leaves_nothing_done(playground, bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    playground.fault("cut_before_request", route=SEND)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await channel.send("never taken")
    await channel.send("taken")
    assert (await juno.next_message_from_app())["content"] == "taken"


async def test_slow_answers_and_cleared_faults(playground, bot, juno):
    await juno.play("POST", "/faults", {"kind": "slow", "delay_s": 0.2, "times": None})
    started = time.monotonic()
    await bot.fetch_user(bot.user.id)
    assert time.monotonic() - started >= 0.2
    await juno.play("DELETE", "/faults")
    started = time.monotonic()
    await bot.fetch_user(bot.user.id)
    assert time.monotonic() - started < 0.2


async def test_events_come_twice_or_out_of_order(playground, bot, juno):
    playground.fault("duplicate_events", events=["MESSAGE_CREATE"])
    playground.fault("reorder_events", events=["MESSAGE_CREATE"], after=1)
    for text in ("a", "b", "c"):
        await juno.tell(text)
    heard = [(await soon(bot.heard)).content for _ in range(4)]
    assert heard == ["a", "a", "c", "b"]


async def test_unknown_faults_are_refused(juno):
    for body in ({"kind": "meteor"}, {"kind": "slow", "delay": 1}):
        with pytest.raises(Refused) as refused:
            await juno.play("POST", "/faults", body)
        assert refused.value.code == 50035


async def test_bot_is_slowed_to_five_messages_in_five_seconds():
    async with Playground(port=0) as playground, playground.person("amara") as amara:
        address = f"{playground.rest_url}/channels/{await amara.dm()}/messages"
        headers = {"Authorization": f"Bot {playground.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            answers = []
            for number in range(6):
                async with session.post(address, json={"content": str(number)}) as response:
                    answers.append((response.status, dict(response.headers), await response.json()))
    statuses = [status for status, _, _ in answers]
    assert statuses == [200] * 5 + [429]
    assert [headers["X-RateLimit-Remaining"] for _, headers, _ in answers[:5]] == list("43210")
    _, headers, body = answers[5]
    assert 4 < body["retry_after"] <= 5 and body["global"] is False
    assert headers["X-RateLimit-Scope"] == "user" and headers["Via"]


def test_global_limit_counts_all_routes():
    limits = RateLimits()
    verdicts = [limits.check(f"GET /{number}", "") for number in range(51)]
    assert [v.refusal for v in verdicts[:50]] == [None] * 50
    assert verdicts[50].refusal["global"] is True


async def test_rate_limited_bot_sends_everything_in_the_end():
    options = Options()
    async with Playground(port=0, options=options) as playground, playground.person("kai") as kai:
        playground.core.limits._buckets.clear()
        async with connected(playground) as bot:
            await kai.tell("hi")
            message = await soon(bot.heard)
            for emoji in "🌱🌿🍃":
                await message.add_reaction(emoji)
    assert len(playground.world.channels[message.channel.id].messages[message.id].reactions) == 3


async def test_two_hundred_messages_a_second_pass_through(playground, juno, room):
    heard = asyncio.Queue()

    async with connected(playground) as bot:
        bot.heard = heard
        started = time.monotonic()
        for _ in range(10):
            await asyncio.gather(*(juno.mention(room, "ping") for _ in range(20)))
        for _ in range(200):
            await asyncio.wait_for(heard.get(), 5)
        took = time.monotonic() - started
    assert took < 5, f"200 messages took {took:.1f} s"
