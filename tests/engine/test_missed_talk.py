"""What was said in a room while nobody listened: context of the last day, and nothing of it joined unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.attention import Decision, Outcome
from bot.domain.ids import MessageId
from bot.domain.message import Reach, Speaker
from bot.domain.room_policy import Hearing
from bot.engine import attend as module
from tests.engine.conftest import World
from tests.engine.street import HALL, Street
from tests.engine.test_policies import Counted
from tests.fakes import ADA, BEN, MIRA


@pytest.fixture
async def street(world: World) -> Street:
    await world.let(HALL)
    return Street(world)


async def states(street: Street) -> list[tuple[str, str]]:
    rows = await street.world.rows("SELECT content, state FROM messages WHERE channel_id = 302 ORDER BY message_id")
    return [(row["content"], row["state"]) for row in rows]


async def away(street: Street, *lines: str, then: timedelta = timedelta(minutes=10)) -> None:
    """Let lines be said in the hall while she is away, and let her come back."""
    ears = await street.met()
    await ears.catch_up.close()
    for number, line in enumerate(lines):
        await street.pass_time(timedelta(seconds=5))
        street.missed(line, HALL, author=BEN if number % 2 else ADA)
    await street.pass_time(then)
    ears = await street.open()
    await ears.begin()
    await street.world.run()


async def test_missed_talk_is_context(street):
    await away(street, "nice weather", "very")
    assert await states(street) == [("nice weather", "context"), ("very", "context")]
    assert len(street.world.model.requests) == 1  # the hello before


async def test_missed_talk_elsewhere_is_not_kept(street):
    await street.world.let(HALL, Hearing.MENTION_ONLY)
    await away(street, "nice weather", "very")
    assert await states(street) == []


async def test_missed_questions_to_the_room_are_not_joined_late(street):
    await street.world.let(HALL, chattiness=10)
    await away(street, "does anybody know a good book?", "what do you all think of the sea?")
    assert {state for _, state in await states(street)} == {"context"}
    reaches = await street.world.rows("SELECT outcome FROM decisions WHERE channel_id = 302")
    assert {row["outcome"] for row in reaches} == {"listen"}


async def test_a_missed_mention_is_answered_with_what_was_said_around_it(street):
    ears = await street.met()
    await ears.catch_up.close()
    street.missed("I painted the sea", HALL, author=BEN)
    street.missed("Mira, what do you say?", HALL, mentions_self=True)
    await street.pass_time(timedelta(minutes=10))
    ears = await street.open()
    await ears.begin()
    await street.world.run()
    assert street.world.asked()[-2:] == ["I painted the sea", "Mira, what do you say?"]
    assert await states(street) != []


async def test_talk_of_more_than_a_day_ago_is_not_kept(street, monkeypatch):
    monkeypatch.setattr("tests.engine.street.WITHIN", timedelta(days=3))
    await away(street, "nice weather", then=timedelta(hours=25))
    assert await states(street) == []


async def test_her_own_missed_lines_are_known(street):
    ears = await street.met()
    await ears.listen(street.message("Mira?", HALL, author=BEN, mentions_self=True))
    await street.world.run()
    own_id = street.world.delivery.shown[-1].message_id
    said = street.message("Mhm.", HALL, author=MIRA, speaker=Speaker.SELF)
    street.history.keep(replace(said, message_id=own_id))  # Discord has it, the gateway did not tell
    await street.pass_time(timedelta(seconds=5))
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    await street.world.run()
    await street.pass_time(timedelta(seconds=5))
    attention = await ears.hear._attend(street.message("oh?", HALL, author=BEN))
    assert 10.0 <= attention.decision.features["her_ago_s"] < 20.0  # some settling among it


async def test_lines_heard_before_are_not_decided_on_again(street, monkeypatch):
    asked = []

    def decide(features, policy, *, is_quiet):
        asked.extend(() if features.is_dm else (features,))
        return Decision(Outcome.LISTEN, Reach.UNSURE, ("said",))

    monkeypatch.setattr(module, "decide", decide)
    ears = await street.met()
    for number in range(4):
        await ears.listen(street.message(f"line {number}", HALL, author=BEN))
    before = len(asked)
    ears = await street.away(ears, timedelta(seconds=20))
    await ears.begin()
    assert len(asked) == before == 4


async def test_an_edit_that_was_missed_reaches_what_was_overheard(street):
    ears = await street.met()
    line = street.message("nice wether", HALL, author=BEN)
    await ears.listen(line)
    street.history.keep(replace(line, content="nice weather"), was_edited=True)
    ears = await street.away(ears, timedelta(seconds=20))
    await ears.begin()
    assert await states(street) == [("nice weather", "context")]


async def test_what_people_who_opted_out_said_meanwhile_is_not_kept(street):
    await street.world.silences.set(BEN.user_id, is_silent=True)
    await away(street, "from Ada", "from Ben")
    assert await states(street) == [("from Ada", "context")]
    assert street.world.delivery.reactions == []


async def test_what_is_forwarded_of_people_who_opted_out_is_not_kept_of_what_was_missed_either(street):
    world = street.world
    await world.silences.set(BEN.user_id, is_silent=True)
    world.delivery.authors[MessageId(77)] = BEN.user_id
    ears = await street.met()
    await ears.catch_up.close()
    street.missed("", HALL, forwards=("bens words",), forwarded_from=(HALL.channel_id, MessageId(77)))
    await street.pass_time(timedelta(minutes=10))
    await (await street.open()).begin()
    await world.run()
    assert [row["forwards"] for row in await world.rows("SELECT forwards FROM messages WHERE channel_id = 302")] == [[]]
    assert world.delivery.traced == [MessageId(77)]


async def test_a_database_that_is_away_loses_none_of_it(street):
    world = street.world
    world.rooms = counted = Counted(world.rooms)
    world.wire()
    ears = await street.met()
    await ears.listen(street.message("first", HALL, author=BEN))
    counted.is_away = True
    await street.pass_time(timedelta(minutes=1))
    await ears.listen(street.message("second", HALL, author=BEN))
    assert [content for content, _ in await states(street)] == ["first", "second"]


@pytest.mark.parametrize("is_more_said", [True, False])
async def test_lines_that_were_deleted_or_edited_while_nobody_listened_are_not_quoted_as_they_were(
    street, is_more_said
):
    ears = await street.met()
    kept, deleted, edited = (street.message(text, HALL, author=BEN) for text in ("fine", "a secret", "wether"))
    for line in (kept, deleted, edited):
        await ears.listen(line)
    await street.pass_time(timedelta(minutes=10))
    await ears.listen(street.message("a word in between"))
    await ears.catch_up.close()
    del street.history.said[deleted.message_id]
    street.history.keep(replace(edited, content="weather"), was_edited=True)
    if is_more_said:
        street.missed("and then", HALL, author=BEN)
    await street.pass_time(timedelta(minutes=30))
    ears = await street.open()
    await ears.begin()
    await ears.listen(street.message("Mira?", HALL, mentions_self=True))
    await street.world.run()
    more = ["and then"] if is_more_said else []
    assert street.world.asked() == ["fine", "weather", *more, "Mira?"]
