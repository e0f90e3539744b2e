"""People who want not to be heard: nothing they write is kept, and they are told so quietly."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.ids import MessageId
from bot.domain.message import Attachment, Message, Quote, Speaker
from bot.domain.room_policy import Hearing
from bot.engine.not_heard import NOT_HEARD_EMOJI
from bot.engine.silence import FRESH_FOR, Silences
from tests.engine.test_policies import Counted
from tests.fakes import ADA, BEN, OTHER_DM, ROOM, dm_message, guild_message, refused


async def lines(world) -> list[str]:
    return [row["content"] for row in await world.rows("SELECT content FROM messages WHERE speaker = 'person'")]


@pytest.fixture
async def silent_ada(world):
    await world.silences.set(ADA.user_id, is_silent=True)
    return world


async def test_a_wish_holds_at_once_and_can_be_taken_back(world):
    assert ADA.user_id not in await world.silences.now()
    await world.silences.set(ADA.user_id, is_silent=True)
    assert ADA.user_id in await world.silences.now()
    assert await world.silences.is_silent(ADA.user_id)
    await world.silences.set(ADA.user_id, is_silent=False)
    assert ADA.user_id not in await world.silences.now()
    assert not await world.silences.is_silent(ADA.user_id)


async def test_another_process_follows_within_ten_seconds(world):
    there = Silences(store=world.rooms, clock=world.clock)
    await there.now()
    await world.silences.set(ADA.user_id, is_silent=True)
    await world.clock.advance(FRESH_FOR)
    assert ADA.user_id in await there.now()


async def test_the_database_is_asked_once_in_ten_seconds(world):
    store = Counted(world.rooms)
    silences = Silences(store=store, clock=world.clock)
    await asyncio.gather(*(silences.now() for _ in range(20)))
    assert store.asked == ["silent"]


async def test_a_wish_holds_while_the_database_is_away(world):
    store = Counted(world.rooms)
    silences = Silences(store=store, clock=world.clock)
    await silences.set(ADA.user_id, is_silent=True)
    store.is_away = True
    await world.clock.advance(timedelta(minutes=5))
    assert ADA.user_id in await silences.now()


@pytest.mark.parametrize("hearing", [Hearing.LISTEN, Hearing.MENTION_ONLY])
async def test_nothing_they_write_is_kept(silent_ada, hearing):
    world = silent_ada
    await world.let(ROOM, hearing)
    await world.take(guild_message("Mira, hello?", mentions_self=True))
    await world.take(guild_message("just talking"))
    await world.say("a secret")
    await world.run()
    assert await lines(world) == []
    assert await world.rows("SELECT * FROM decisions") == []
    assert await world.rows("SELECT * FROM people WHERE user_id = 101 AND display_name <> ''") == []
    assert world.model.requests == []


async def test_a_mention_of_theirs_is_met_with_a_sign_only(silent_ada):
    asked = await silent_ada.take(guild_message("Mira?", mentions_self=True))
    replied = await silent_ada.take(guild_message("hm?", replies_to_self=True))
    assert silent_ada.delivery.reactions == [
        (asked.message_id, NOT_HEARD_EMOJI),
        (replied.message_id, NOT_HEARD_EMOJI),
    ]
    assert silent_ada.delivery.cards == []


async def test_where_she_is_to_hear_nothing_not_even_a_sign_is_given(silent_ada):
    await silent_ada.let(ROOM, Hearing.IGNORE)
    await silent_ada.take(guild_message("Mira?", mentions_self=True))
    assert silent_ada.delivery.reactions == []


async def test_in_a_direct_message_the_app_says_so_once_a_day(silent_ada):
    world = silent_ada
    first = await world.say("hello?")
    await world.say("hello??")
    await world.clock.advance(timedelta(hours=23))
    await world.say("still there?")
    assert world.delivery.cards == [("not_heard", first.message_id)]
    await world.clock.advance(timedelta(hours=2))
    again = await world.say("and now?")
    assert world.delivery.cards == [("not_heard", first.message_id), ("not_heard", again.message_id)]


async def test_others_are_heard_as_before(silent_ada):
    await silent_ada.take(dm_message("hi", author=BEN, channel=OTHER_DM))
    await silent_ada.run()
    assert silent_ada.delivery.texts == ["Mhm."]


async def test_discord_refusing_the_sign_costs_nothing(silent_ada):
    silent_ada.delivery.faults.append(refused())
    assert not await silent_ada.hear(guild_message("Mira?", mentions_self=True))


async def test_others_quoting_them_does_not_keep_their_words(silent_ada):
    world = silent_ada
    quoting = guild_message(
        "what do you make of that?", author=BEN, mentions_self=True, quote=Quote(ADA.user_id, "Ada", "my secret")
    )
    await world.take(quoting)
    assert await lines(world) == ["what do you make of that?"]
    assert [row["quote"] for row in await world.rows("SELECT quote FROM messages")] == [None]


async def test_what_they_change_afterwards_is_not_kept_either(world):
    said = await world.say("hello")
    await world.run()
    await world.silences.set(ADA.user_id, is_silent=True)
    await world.hear.edited(Message(said.message_id, said.channel, ADA, "a secret", said.sent_at))
    assert await lines(world) == ["hello"]


async def test_a_wish_told_elsewhere_a_moment_ago_holds_here(world):
    await world.let(ROOM)
    await world.take(guild_message("before"))
    await world.rooms.set_silent(ADA.user_id, is_silent=True, now=world.clock.now())
    await world.take(guild_message("after"))  # this process does not know yet; the database does
    assert await lines(world) == []


async def test_a_silent_bot_is_left_as_well(world):
    await world.let(ROOM)
    await world.silences.set(BEN.user_id, is_silent=True)
    await world.take(guild_message("beep", author=BEN, speaker=Speaker.BOT))
    assert await world.rows("SELECT * FROM messages") == []


SOURCE = (OTHER_DM.channel_id, MessageId(77))
PICTURE = Attachment("cat.png", "image/png", 9, url="https://cdn.discordapp.com/cat.png")


async def forwards(world) -> list[tuple[list[str], list[str]]]:
    kept = await world.rows("SELECT forwards, attachments, quote FROM messages WHERE speaker = 'person'")
    return [
        (row["forwards"], [one["name"] for one in (*row["attachments"], *(row["quote"] or {}).get("attachments", ()))])
        for row in kept
    ]


async def forward(world, **more) -> None:
    line = dm_message("", author=BEN, forwards=("her words",), attachments=(PICTURE,), forwarded_from=SOURCE, **more)
    await world.hear(line)


async def test_what_others_forward_of_her_is_not_kept(silent_ada):
    silent_ada.delivery.authors[SOURCE[1]] = ADA.user_id
    await forward(silent_ada)
    await forward(silent_ada)
    assert await forwards(silent_ada) == [([], []), ([], [])]
    assert silent_ada.delivery.traced == [SOURCE[1]]  # once


async def test_nor_pictures_of_a_forward_that_is_replied_to(silent_ada):
    silent_ada.delivery.authors[SOURCE[1]] = ADA.user_id
    quote = Quote(BEN.user_id, "Ben", "", attachments=(PICTURE,), forwarded_from=SOURCE)
    await silent_ada.hear(dm_message("and this?", author=BEN, quote=quote))
    assert await forwards(silent_ada) == [([], [])]


async def test_what_is_forwarded_of_others_or_cannot_be_traced_is_kept(silent_ada):
    await forward(silent_ada)
    silent_ada.delivery.authors[SOURCE[1]] = BEN.user_id
    await forward(silent_ada)
    assert await forwards(silent_ada) == [(["her words"], ["cat.png"])] * 2


async def test_where_everybody_may_be_heard_nobody_is_asked_whose_words_are_forwarded(world):
    await forward(world)
    assert world.delivery.traced == []
    assert await forwards(world) == [(["her words"], ["cat.png"])]
