"""Secrets stay where they were told, over weeks and through all that is made of them; forgotten, they are gone."""

from __future__ import annotations

import random
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from bot.adapters.postgres.address import parse_database_url
from bot.domain.ids import UserId
from bot.domain.message import ChannelKind
from bot.domain.recalled import Place
from tests.flows.canary_world import (
    HOMES,
    PEOPLE,
    QUESTIONS,
    SECRETS,
    CanaryWorld,
    as_json,
    canaries,
    canary,
    remembered,
    shown,
)
from tests.kept import everything

WEEKS = 3
LINES_A_DAY = 4
SEED = 20_261_121  # any number: a leak is the same on every run


@pytest_asyncio.fixture
async def weeks(database, statements):
    world = CanaryWorld(database, statements)
    await world.real_store.introduce(world.clock.now())
    yield world
    await world.conversations.drain(timedelta(0))


async def live(world: CanaryWorld, days: int) -> None:
    """Let days pass; after each line every prompt is looked at, and after each job what it asked."""
    chance = random.Random(f"{SEED} {len(world.heard.lines)}")
    number = len(world.heard.lines)
    for _ in range(days):
        for _ in range(LINES_A_DAY):
            place = chance.choice(list(PEOPLE))
            person = chance.choice(PEOPLE[place])
            if chance.random() < 0.5:
                said = chance.choice(SECRETS).format(word=canary(number))
                number += 1
            else:
                said = chance.choice(QUESTIONS)
            before = len(world.model.requests)
            await world.tell(place, person, said)
            for request in world.model.requests[before:]:
                leaked = canaries(shown(request)) - world.heard.may_stand(place)
                assert not leaked, f"{request.purpose} in {place.channel_id} shows {sorted(leaked)}"
            await world.clock.advance(timedelta(minutes=chance.choice((1, 20, 200))))
            before = len(world.model.requests)
            await world.work()
            for request in world.model.requests[before:]:
                assert world.places_of(canaries(shown(request))), f"{request.purpose} mixes what was told apart"
        await world.clock.advance(timedelta(hours=10))


async def test_no_secret_leaves_its_audience_in_weeks(weeks):
    await live(weeks, 7 * WEEKS)
    heard = weeks.heard
    await _nothing_kept_is_for_other_eyes(weeks)
    for person_id, home in HOMES.items():
        page = await weeks.remembering.own_memories.page(UserId(person_id), number=0, size=200)
        assert canaries(str(page)) <= heard.may_stand(home)
    # or the weeks show nothing
    asked = dict(weeks.parrot.by_purpose)
    assert min(asked.get(purpose, 0) for purpose in ("turn", "reflection", "summary")) > 5, asked
    reminded = [one for one in weeks.model.requests if one.purpose == "turn" and canaries(remembered(one))]
    assert len(reminded) > asked["turn"] / 4, "hardly anything was recalled"
    kept = {name: (await weeks.rows(f"SELECT count(*) AS n FROM {name}"))[0]["n"] for name in ("memories", "summaries")}
    assert min(kept.values()) > 5, kept
    assert len({word for _, word in heard.lines}) > 30


@pytest.mark.parametrize("place", [place for place in PEOPLE if place.kind is not ChannelKind.DM])
async def test_a_hole_in_the_fence_is_seen(weeks, monkeypatch, place):
    """Were a room taken for somebody's direct conversation, the weeks would tell: the check above can fail."""
    monkeypatch.setattr(Place, "of", classmethod(lambda cls, channel, user_id: cls(user_id)))
    person = PEOPLE[place][0]
    await weeks.tell(HOMES[person.user_id], person, SECRETS[0].format(word=canary(0)))
    await weeks.work()
    before = len(weeks.model.requests)
    await weeks.tell(place, person, "What is my secret that I have kept since I was a child?")
    seen = frozenset().union(*(canaries(shown(one)) for one in weeks.model.requests[before:]))
    assert seen - weeks.heard.may_stand(place) == {canary(0)}


async def _nothing_kept_is_for_other_eyes(world: CanaryWorld) -> None:
    """Look at every text that is kept with an audience."""
    by_channel = {place.channel_id: place for place in PEOPLE}
    of_person = dict(HOMES)
    for table in ("memories", "summaries", "self_notes", "timers"):
        for row in await world.rows(f"SELECT * FROM {table}"):
            if row["audience_kind"] is None:
                assert not canaries(as_json([row])), f"{table} shows a secret everywhere"
                continue
            eyes = of_person if row["audience_kind"] == "person" else by_channel
            leaked = canaries(as_json([row])) - world.heard.may_stand(eyes[row["audience_id"]])
            assert not leaked, f"{table} of {row['audience_kind']} {row['audience_id']} holds {sorted(leaked)}"


async def test_a_secret_from_elsewhere_comes_back_before_its_owners_eyes_alone(weeks):
    """The fence is no wall: what somebody told in a room is known in their own direct conversation."""
    rooms = [place for place in PEOPLE if place.kind is not ChannelKind.DM]
    for number, place in enumerate(rooms):
        await weeks.tell(place, PEOPLE[place][0], SECRETS[0].format(word=canary(number)))
        await weeks.work()
    for person_id, home in HOMES.items():
        own = {word for line, word in weeks.heard.lines if line.author.user_id == person_id}
        before = len(weeks.model.requests)
        await weeks.tell(home, PEOPLE[home][0], "What is my secret that I have kept since I was a child?")
        seen = frozenset().union(*(canaries(shown(one)) for one in weeks.model.requests[before:]))
        assert seen <= weeks.heard.may_stand(home)
        assert own & seen or not own


async def test_forgotten_secrets_are_gone_to_the_last_byte(weeks, database_url):
    await live(weeks, 6)
    chance = random.Random(SEED)
    gone = []
    for place in PEOPLE:
        told = [(line, word) for line, word in weeks.heard.lines if line.channel == place]
        if told:
            line, word = chance.choice(told)
            await weeks.remembering.forget.messages([line.message_id])
            gone.append(word)
    assert len(gone) >= 5
    await weeks.clock.advance(timedelta(minutes=5))
    await weeks.work()
    plain = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    try:
        kept = await everything(plain)
    finally:
        await plain.close()
    for word in gone:
        assert [name for name, found in kept.items() if any(word in one.casefold() for one in found)] == [], word
    before = len(weeks.model.requests)
    await live(weeks, 2)
    later = frozenset().union(*(canaries(shown(one)) for one in weeks.model.requests[before:]))
    assert not later & set(gone)


async def test_an_erased_person_is_gone_and_nobody_elses_secrets(weeks, database_url):
    await live(weeks, 5)
    person_id = next(iter(HOMES))
    own = {word for line, word in weeks.heard.lines if line.author.user_id == person_id}
    others = {word for line, word in weeks.heard.lines if line.author.user_id != person_id}
    await weeks.remembering.forget.erase(person_id)
    await weeks.clock.advance(timedelta(minutes=5))
    await weeks.work()
    plain = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    try:
        text = "\n".join(one.casefold() for found in (await everything(plain)).values() for one in found)
    finally:
        await plain.close()
    assert own and not canaries(text) & own
    said = {row["content"] for row in await weeks.rows("SELECT content FROM messages WHERE speaker = 'person'")}
    assert {word for word in others if any(word in one.casefold() for one in said)} == others


async def test_recall_itself_keeps_to_the_place(weeks):
    """Asked directly for the very word, from everywhere."""
    from bot.adapters.postgres.recall import PostgresRecall
    from bot.domain.recalled import RecallAsk

    for number, place in enumerate(PEOPLE):
        await weeks.tell(place, PEOPLE[place][0], SECRETS[0].format(word=canary(number)))
    await weeks.work()
    recall = PostgresRecall(weeks.pool)
    owners = tuple(HOMES)
    for place in PEOPLE:
        for word in (word for _, word in weeks.heard.lines):
            eyes = Place.of(place, PEOPLE[place][0].user_id)
            ask = RecallAsk(f"what of {word}, my secret", owners, eyes, weeks.clock.now())
            found = await recall.recall(ask, lines_most=50, memories_most=50)
            assert canaries(str(found)) <= weeks.heard.may_stand(place)
