"""Whose a line is, with all that it takes: what was allowed, what was said before, a budget, and a database away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.attention import Decision, Outcome, redecide
from bot.domain.ids import ChannelId, GuildId
from bot.domain.message import Channel, ChannelKind, Reach, Speaker
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from bot.engine import attend as module
from bot.engine.attend import NEED_OF_STRANGERS, Attend
from bot.errors import ProviderError, StoreError
from tests.engine.test_policies import Counted
from tests.fakes import ADA, BEN, MIRA, ROOM, dm_message, guild_message

CONSIDERED = Decision(Outcome.CONSIDER, Reach.UNSURE, ("grey zone",))
THREAD = Channel(ChannelId(311), ChannelKind.THREAD, GuildId(401), parent_id=ROOM.channel_id)


def said(world, content: str, **more: Any):
    """Make a line that is written now."""
    return guild_message(content, sent_at=world.clock.now(), **more)


async def context(world) -> list[str]:
    rows = await world.rows("SELECT content FROM messages WHERE state = 'context' ORDER BY message_id")
    return [row["content"] for row in rows]


async def talk(world, count: int) -> None:
    """Let Ada and Ben talk with each other."""
    for number in range(count):
        author, other = (ADA, BEN) if number % 2 else (BEN, ADA)
        await world.take(said(world, f"line {number}", author=author, mentioned_ids=(other.user_id,)))


async def test_where_she_listens_talk_between_others_is_context_and_costs_no_call(world):
    await world.let(ROOM)
    await talk(world, 6)
    await world.run()
    assert await context(world) == [f"line {number}" for number in range(6)]
    assert world.model.requests == []
    assert {row["outcome"] for row in await world.rows("SELECT outcome FROM decisions")} == {"listen"}


@pytest.mark.parametrize("hearing", [Hearing.MENTION_ONLY, Hearing.IGNORE])
async def test_elsewhere_nothing_of_it_is_kept(world, hearing):
    await world.let(ROOM, hearing)
    await talk(world, 6)
    await world.run()
    for table in ("messages", "decisions", "people"):
        assert await world.rows(f"SELECT * FROM {table} WHERE true") == [] or table == "people"
    assert await world.rows("SELECT * FROM people WHERE user_id IN (101, 102)") == []


async def test_talk_that_is_left_costs_no_look_into_the_database(world):
    world.rooms = counted = Counted(world.rooms)
    world.wire()
    await talk(world, 40)
    assert counted.asked == ["policies"]


async def test_a_direct_message_costs_no_look_but_for_who_wants_not_to_be_heard(world):
    world.rooms = counted = Counted(world.rooms)
    world.wire()
    for number in range(20):
        await world.say(f"line {number}")
    assert counted.asked == ["silent"]


@pytest.mark.parametrize("cue", ["mentions_self", "replies_to_self"])
@pytest.mark.parametrize("hearing", [Hearing.LISTEN, Hearing.MENTION_ONLY])
async def test_a_mention_and_a_reply_are_answered(world, hearing, cue):
    await world.let(ROOM, hearing, chattiness=0)
    await world.take(said(world, "well?", **{cue: True}))
    await world.run()
    assert world.delivery.texts == ["Mhm."]
    assert [(row["outcome"], row["reach"]) for row in await world.rows("SELECT * FROM decisions")] == [
        ("answer", "asked")
    ]


async def test_in_an_ignored_channel_even_a_mention_is_left(world):
    await world.let(ROOM, Hearing.IGNORE)
    assert not await world.hear(said(world, "Mira?", mentions_self=True))
    await world.run()
    assert await world.rows("SELECT * FROM messages") == []
    assert world.model.requests == []


async def test_a_direct_message_is_on_record_as_well(world):
    await world.say("hey")
    rows = await world.rows("SELECT * FROM decisions")
    assert [(row["outcome"], row["reach"], row["reasons"]) for row in rows] == [("answer", "asked", ["direct message"])]
    assert set(rows[0]["features"]) == {"is_dm", "at", "is_quiet", "quiet", "age_s"} - (
        {"age_s"} if not rows[0]["features"].get("age_s") else set()
    )


async def test_her_name_calls_her_where_she_listens_only(world):
    await world.take(said(world, "Mira, what do you think?"))
    await world.let(ROOM)
    await world.take(said(world, "Mira, what do you think?"))
    await world.run()
    assert [row["reach"] for row in await world.rows("SELECT reach FROM decisions")] == ["called"]
    assert world.delivery.texts == ["Mhm."]


async def exchange(world) -> None:
    """Let Ada and her talk, and let Discord tell of her line."""
    await world.let(ROOM)
    await world.take(said(world, "Mira, how was your day?", mentions_self=True))
    await world.run()
    shown = world.delivery.shown[-1]
    own = replace(said(world, shown.content, author=MIRA, speaker=Speaker.SELF), message_id=shown.message_id)
    await world.take(own)
    await world.clock.advance(20)


async def test_an_exchange_with_her_goes_on(world):
    await exchange(world)
    attention = await world.attend(said(world, "and what did you eat?"))
    assert (attention.is_hers, attention.reach) == (True, Reach.CALLED)


async def test_an_exchange_with_her_goes_on_after_a_restart(world):
    await exchange(world)
    attention = await world.make_attend()(said(world, "and what did you eat?"))
    assert (attention.is_hers, attention.reach) == (True, Reach.CALLED)
    assert attention.decision.features["her_to_author"]


async def test_what_was_said_long_before_a_start_is_not_read(world):
    await exchange(world)
    await world.clock.advance(timedelta(hours=3))
    attention = await world.make_attend()(said(world, "and what did you eat?"))
    assert attention.decision.features["her_ago_s"] is None


async def test_a_room_is_read_once(world):
    world.rooms = counted = Counted(world.rooms)
    world.wire()
    await world.let(ROOM)
    await talk(world, 20)
    assert counted.asked.count("recent") == 1


async def test_deleted_lines_are_gone_from_what_is_known_of_a_room(world):
    await exchange(world)
    await world.hear.deleted([world.delivery.shown[-1].message_id], ROOM.channel_id)
    attention = await world.attend(said(world, "and what did you eat?"))
    assert attention.decision.features["her_ago_s"] is None


async def test_in_quiet_hours_she_is_quiet_unless_she_is_asked(world, monkeypatch):
    seen = []
    real = module.decide
    monkeypatch.setattr(
        module, "decide", lambda *args, is_quiet: seen.append(is_quiet) or real(*args, is_quiet=is_quiet)
    )
    await world.let(ROOM, chattiness=10, quiet=QuietHours(11 * 60, 13 * 60, "UTC"))  # it is noon
    await talk(world, 2)
    await world.take(said(world, "Mira?", mentions_self=True))
    await world.clock.advance(timedelta(hours=2))
    await world.run()
    await talk(world, 1)
    assert seen == [True, True, True, False]
    assert world.delivery.texts == ["Mhm."]


async def test_everybody_in_a_thread_she_opened_talks_with_her(world):
    await world.real_store.hear(
        replace(dm_message("x"), channel=THREAD), await world.attend(dm_message("x")), world.clock.now()
    )
    async with world.database.begin() as connection:
        await connection.exec_driver_sql("UPDATE channels SET is_own = true WHERE channel_id = 311")
    attention = await world.attend(said(world, "I agree with that", channel=THREAD, author=BEN))
    assert attention.decision.features["is_own_thread"]
    assert attention.policy.hearing is Hearing.LISTEN


# Money


async def spent(world, monkeypatch, lines: int, attend: Attend) -> list[int]:
    """Let as many doubtful lines come; gives how many cheap calls were said to be left before each."""
    left: list[int] = []

    def doubt(features, policy, *, is_quiet):
        left.append(features.calls_left)
        return CONSIDERED if features.calls_left else replace(CONSIDERED, outcome=Outcome.LISTEN)

    monkeypatch.setattr(module, "decide", doubt)
    await world.let(ROOM)
    for _ in range(lines):
        await attend(said(world, "hm"))
    return left


async def test_cheap_calls_end_with_the_days_allowance(world, monkeypatch):
    assert await spent(world, monkeypatch, 5, world.make_attend(a_day=3)) == [3, 2, 1, 0, 0]


async def test_without_an_allowance_nothing_is_asked(world, monkeypatch):
    world.rooms = counted = Counted(world.rooms)
    world.wire()
    assert await spent(world, monkeypatch, 2, world.make_attend(a_day=0)) == [0, 0]
    assert "considered_since" not in counted.asked


async def test_what_was_spent_is_forgotten_after_a_day(world, monkeypatch):
    attend = world.make_attend(a_day=2)
    await spent(world, monkeypatch, 3, attend)
    await world.clock.advance(timedelta(hours=25))
    assert (await spent(world, monkeypatch, 1, attend))[0] == 2


async def test_what_was_spent_before_a_start_counts(world, monkeypatch):
    async def considered_since(since):
        return [(ROOM.channel_id, world.clock.now() - timedelta(hours=1))] * 2

    monkeypatch.setattr(world.rooms, "considered_since", considered_since)
    assert (await spent(world, monkeypatch, 2, world.make_attend(a_day=3))) == [1, 0]


async def test_while_nobody_knows_what_was_spent_nothing_is(world, monkeypatch):
    async def considered_since(since):
        raise StoreError("away")

    monkeypatch.setattr(world.rooms, "considered_since", considered_since)
    assert (await spent(world, monkeypatch, 2, world.make_attend(a_day=3))) == [0, 0]


# What she cares for


class Vectors:
    """An embedder whose texts about the sea lie near one of her topics; *fault* is what it does instead."""

    def __init__(self, fault: Exception | asyncio.Event | None = None) -> None:
        self.asked: list[Sequence[str]] = []
        self.fault = fault

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.asked.append(texts)
        if isinstance(self.fault, asyncio.Event):
            await self.fault.wait()
        elif self.fault is not None:
            raise self.fault
        return [(1.0, 0.0) if "sea" in text else (0.0, 1.0) for text in texts]


async def interest(world, monkeypatch, embedder: Vectors, *contents: str, matters: bool = True) -> list[float | None]:
    monkeypatch.setattr(module.RoomWindow, "interest_matters", staticmethod(lambda features, policy: matters))
    await world.let(ROOM)
    attend = world.make_attend(embedder=embedder)
    found = []
    for content in contents:
        found.append((await attend(said(world, content, author=BEN))).decision.features["interest"])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return found


async def test_her_interest_counts_once_her_topics_are_known(world, monkeypatch):
    embedder = Vectors()
    found = await interest(world, monkeypatch, embedder, "the sea!", "the sea!", "stocks fell")
    assert found == [None, 1.0, 1.0]  # the second topic, of colours, is near everything else
    assert [len(one) for one in embedder.asked] == [2, 1, 1]


async def test_it_is_asked_only_where_it_could_decide(world, monkeypatch):
    embedder = Vectors()
    assert await interest(world, monkeypatch, embedder, "the sea!", "the sea!", matters=False) == [None, None]
    assert embedder.asked == []


async def test_a_server_that_fails_is_left_alone_for_a_while(world, monkeypatch, caplog):
    embedder = Vectors(ProviderError("no", kind="server", retryable=True))
    with caplog.at_level(logging.DEBUG):
        assert await interest(world, monkeypatch, embedder, "a secret sea", "the sea", "the sea") == [None] * 3
    assert len(embedder.asked) == 1
    assert "secret" not in caplog.text
    await world.clock.advance(timedelta(minutes=2))


async def test_a_server_that_dawdles_holds_nobody_up(world, monkeypatch):
    embedder = Vectors()
    await world.let(ROOM)
    monkeypatch.setattr(module.RoomWindow, "interest_matters", staticmethod(lambda features, policy: True))
    attend = world.make_attend(embedder=embedder)
    await attend(said(world, "the sea"))
    await asyncio.sleep(0.01)
    embedder.fault = asyncio.Event()
    async with asyncio.timeout(2):
        attention = await attend(said(world, "the sea"))
    assert attention.decision.features["interest"] is None


async def test_what_asks_for_her_is_never_embedded(world, monkeypatch):
    embedder = Vectors()
    await world.let(ROOM)
    monkeypatch.setattr(module.RoomWindow, "interest_matters", staticmethod(lambda features, policy: True))
    await world.make_attend(embedder=embedder)(said(world, "the sea", mentions_self=True))
    assert embedder.asked == []


# Trouble


async def test_a_mention_waits_for_a_database_that_does_not_know_the_channel(world):
    world.rooms = away = Counted(world.rooms)
    world.wire()
    away.is_away = True
    hearing = asyncio.create_task(world.hear(said(world, "Mira?", mentions_self=True)))
    await world.clock.advance(5)
    assert not hearing.done()
    away.is_away = False
    await world.clock.advance(30)
    assert hearing.result()
    await world.run()
    assert world.delivery.texts == ["Mhm."]


async def test_a_mention_is_decided_without_what_was_said_before_if_that_cannot_be_read(world, monkeypatch):
    async def recent(*args, **more):
        raise StoreError("away")

    await world.let(ROOM)
    monkeypatch.setattr(world.rooms, "recent", recent)
    assert await world.hear(said(world, "Mira?", mentions_self=True))
    with pytest.raises(StoreError):
        await world.attend(said(world, "nice weather"))


async def test_talk_in_an_unknown_channel_is_left_while_the_database_is_away(world):
    world.rooms = away = Counted(world.rooms)
    world.wire()
    away.is_away = True
    assert not await world.hear(said(world, "chatter"))
    assert world.conversations._rooms[ROOM.channel_id].is_busy(BEN.user_id, world.clock.now())


async def test_without_her_mood_lines_are_judged_all_the_same(world, monkeypatch):
    async def look(*args, **more):
        raise StoreError("away")

    await world.let(ROOM)
    monkeypatch.setattr(world.feel, "look", look)
    attention = await world.attend(said(world, "nice weather"))
    assert (attention.decision.features["pleasure"], attention.decision.features["arousal"]) == (0.0, 0.0)


async def test_how_much_she_needs_a_word_from_the_person_counts(world):
    await world.let(ROOM)
    await world.take(guild_message("@Mira hi", author=ADA, mentions_self=True))
    await world.run()
    await world.clock.advance(timedelta(days=3))
    for author in (ADA, BEN):
        await world.take(guild_message("nice weather", author=author, sent_at=world.clock.now()))
    needs = [row["features"]["need"] for row in await world.rows("SELECT * FROM decisions ORDER BY message_id")][1:]
    assert needs[0] > needs[1] == NEED_OF_STRANGERS


async def test_her_mood_is_read_twice_a_minute_at_most(world, monkeypatch):
    looks = []
    real = world.feel.look

    async def look(*args):
        looks.append(args)
        return await real(*args)

    await world.let(ROOM)
    monkeypatch.setattr(world.feel, "look", look)
    for _ in range(12):
        await world.take(said(world, "nice weather"))
        await world.clock.advance(5)
    assert len(looks) == 2


async def test_an_id_that_tells_no_time_does_not_make_a_live_line_old(world):
    await world.let(ROOM)
    await world.take(guild_message("Mira, hello!", sent_at=world.clock.now() - timedelta(days=4000)))
    assert [(row["reach"], row["features"]["age_s"]) for row in await world.rows("SELECT * FROM decisions")] == [
        ("called", 0.0)
    ]
    assert [row["sent_at"] for row in await world.rows("SELECT sent_at FROM messages")] == [world.clock.now()]


@pytest.mark.parametrize("hearing", list(Hearing))
async def test_what_was_asked_elsewhere_is_decided_alike_under_every_policy(world, hearing):
    lines = (dm_message("hey"), said(world, "hm", mentions_self=True), said(world, "hm", replies_to_self=True))
    for line in lines:
        decision = (await world.attend(line)).decision
        again = redecide(decision, RoomPolicy(hearing))
        is_left = hearing is Hearing.IGNORE and line.channel.guild_id is not None
        assert again.outcome is (Outcome.LEAVE if is_left else Outcome.ANSWER)
        assert is_left or (again.reasons, again.reach) == (decision.reasons, decision.reach)


async def test_withheld_lines_are_not_kept_where_she_listens(world):
    await world.let(ROOM)
    assert not await world.hear(said(world, ""), is_withheld=True)
    assert await context(world) == []
    assert world.delivery.cards == []


async def test_a_bots_line_is_context_and_no_more(world):
    await world.let(ROOM)
    await world.take(said(world, "beep", author=BEN, speaker=Speaker.BOT))
    await world.run()
    assert await context(world) == ["beep"]
    assert world.model.requests == []


async def test_a_line_heard_twice_is_kept_once(world):
    await world.let(ROOM)
    line = said(world, "nice weather", author=BEN)
    await world.take(line)
    await world.take(line)
    assert await context(world) == ["nice weather"]
