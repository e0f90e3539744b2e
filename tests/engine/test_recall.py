"""What a turn asks memory, and how much of the answer a prompt is given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ids import MemoryId, TurnId
from bot.domain.known_prompt import MEMORY_LETTERS
from bot.domain.memory import Memory, MemoryKind, MemoryState, Origin
from bot.domain.message import Audience, AudienceKind, Message
from bot.domain.recalled import NOTHING_FOUND, Found, Held, Place, RecallAsk, RecalledLine, RecalledMemory
from bot.domain.turn import NOTHING_KNOWN, Claim, Said
from bot.engine.recall import TOKENS_MOST, Recall, tokens_of
from bot.errors import StoreError
from tests.fakes import ADA, BEN, DM, MIRA, ROOM, START, FakeClock, dm_message, guild_message, next_id


class Store:
    """Answers with what it was given, and keeps what it was asked."""

    def __init__(self, found: Found = NOTHING_FOUND, standing: Sequence[Memory] = (), *, fails: bool = False) -> None:
        self.found, self.kept, self.fails = found, standing, fails
        self.asked: list[RecallAsk] = []
        self.places: list[Place] = []

    async def recall(self, ask: RecallAsk, *, lines_most: int, memories_most: int) -> Found:
        self.asked.append(ask)
        if self.fails:
            raise StoreError("down")
        return self.found

    async def held(self, owners, place, *, companion, now, most, notes_most):
        self.places.append(place)
        return Held(tuple(self.kept))


def recall_on(store: Store) -> Recall:
    return Recall(store, FakeClock(), "mira", None, names=("Mira",), own_id=MIRA.user_id)


def claim_of(*messages: Message, history: Sequence[Message] = ()) -> Claim:
    said = tuple(Said(TurnId(1), message) for message in history)
    return Claim(TurnId(2), messages[0].channel, messages, START, said)


def memory(text: str, kind: MemoryKind = MemoryKind.FACT, **more: object) -> Memory:
    made = Memory(
        MemoryId(next_id()),
        ADA.user_id,
        kind,
        text,
        Audience(AudienceKind.PERSON, ADA.user_id),
        (next_id(),),
        5,
        0.7,
        START,
        Origin.TALK,
        MemoryState.CURRENT,
        START,
    )
    return replace(made, **more)


def line(text: str) -> RecalledLine:
    return RecalledLine(next_id(), ADA.user_id, ADA.user_id, "Ada", text, START - timedelta(days=3), False, 1.0)


async def test_a_direct_talk_is_asked_for_the_person_alone():
    store = Store()
    await recall_on(store)(claim_of(dm_message("What is my cat called?")))
    ask = store.asked[0]
    assert (ask.text, ask.owners, ask.place) == ("What is my cat called?", (ADA.user_id,), Place(ADA.user_id))
    assert ask.said_by == ADA.user_id
    assert set(ask.names) == {"Ada", "Mira"}


async def test_among_others_it_is_asked_for_the_room_and_whom_the_line_names():
    store = Store()
    earlier = guild_message("hello", author=BEN)
    await recall_on(store)(claim_of(guild_message("When did Ben move?"), history=[earlier]))
    ask = store.asked[0]
    assert ask.owners == (ADA.user_id, BEN.user_id)
    assert ask.place == Place(None, ROOM.channel_id, ROOM.guild_id)
    assert ask.said_by == BEN.user_id


async def test_what_stands_in_the_talk_is_left_out():
    store = Store()
    earlier, now = dm_message("I have a cat."), dm_message("Do you remember it?")
    await recall_on(store)(claim_of(now, history=[earlier]))
    assert store.asked[0].shown == {earlier.message_id, now.message_id}


async def test_a_line_without_a_letter_asks_nothing():
    store = Store()
    await recall_on(store)(claim_of(dm_message("😀🎉!!!")))
    assert store.asked == []


async def test_a_database_that_fails_costs_nothing_but_the_memory():
    assert await recall_on(Store(fails=True))(claim_of(dm_message("What is my cat called?"))) == NOTHING_KNOWN


async def test_the_budget_is_kept_whatever_comes():
    lines = tuple(line(f"{number} " + "word " * 60) for number in range(40))
    memories = tuple(RecalledMemory(memory(f"{number} " + "fact " * 30), 1.0) for number in range(40))
    standing = [memory(f"{number} never do this " * 5, MemoryKind.BOUNDARY) for number in range(40)]
    standing += [memory(f"{number} is like that " * 5, MemoryKind.PORTRAIT) for number in range(40)]
    known = await recall_on(Store(Found(lines, memories), standing))(claim_of(dm_message("What is my cat called?")))
    texts = [one.text for one in (*known.found.lines, *known.standing, *known.portraits)]
    texts += [one.memory.text for one in known.found.memories]
    assert sum(map(tokens_of, texts)) <= TOKENS_MOST
    assert known.found.lines and known.found.memories and known.standing and known.portraits


async def test_a_long_line_does_not_keep_shorter_ones_out():
    found = Found((line("long " * 2_000), line("My cat is called Lovelace.")))
    known = await recall_on(Store(found))(claim_of(dm_message("What is my cat called?")))
    assert "My cat is called Lovelace." in [one.text for one in known.found.lines]


async def test_nothing_is_told_twice():
    fact, same = memory("Ada has a cat."), memory("ada has a CAT")
    found = Found((line("Ada has a cat"),), (RecalledMemory(fact, 1.0), RecalledMemory(same, 0.9)))
    known = await recall_on(Store(found, [fact]))(claim_of(dm_message("What is my cat called?")))
    assert (known.standing, known.found) == ((fact,), Found())


async def test_a_memory_whose_lines_are_all_shown_says_nothing_new():
    earlier = dm_message("I have a cat.", channel=DM)
    one = memory("Ada has a cat.", sources=(earlier.message_id,))
    pinned = memory("Ada was born in Gent.", sources=(earlier.message_id,), is_pinned=True)
    known = await recall_on(Store(Found((), (RecalledMemory(one, 1.0),)), [pinned]))(
        claim_of(dm_message("What is my cat called?"), history=[earlier])
    )
    assert (known.found.memories, known.standing) == ((), (pinned,))


async def test_a_boundary_stays_in_mind_where_the_search_fails_or_hangs(monkeypatch):
    boundary = memory("Never joke about my mother.", MemoryKind.BOUNDARY)
    asked = claim_of(dm_message("What is my cat called?"))
    assert (await recall_on(Store(standing=[boundary], fails=True))(asked)).standing == (boundary,)

    class Slow(Store):
        async def recall(self, ask: RecallAsk, *, lines_most: int, memories_most: int) -> Found:
            await asyncio.sleep(60)
            return NOTHING_FOUND

    monkeypatch.setattr("bot.engine.recall.PART_WITHIN_S", 0.05)
    assert (await recall_on(Slow(standing=[boundary]))(asked)).standing == (boundary,)


LONG = "My grandmother kept bees and told long stories about them. " * 60


async def test_long_memories_are_shown_as_far_as_there_is_room_pinned_ones_before_all():
    for length in (900, 2_000, 3_500):
        for text in (LONG[:length], ("我奶奶养蜂。" * 700)[:length]):
            pinned = [memory(f"{number} {text}", is_pinned=True) for number in range(6)]
            boundary = memory("Never joke about my mother.", MemoryKind.BOUNDARY)
            found = Found((line("We had honey."),), (RecalledMemory(memory(text), 1.0),))
            known = await recall_on(Store(found, [*pinned, boundary]))(claim_of(dm_message("And my grandmother?")))
            assert [one.memory_id for one in known.standing] == [one.memory_id for one in (*pinned, boundary)]
            assert known.found.memories and known.found.lines == found.lines
            shown = [*known.standing, *(one.memory for one in known.found.memories)]
            assert sum(tokens_of(one.text) for one in (*shown, *known.found.lines)) <= TOKENS_MOST
            assert len(known.found.memories[0].memory.text) > len(known.standing[5].text) > 15


async def test_a_long_memory_alone_is_shown_as_long_as_a_prompt_shows_it():
    for more in ({"is_pinned": True}, {}):
        one = memory(LONG, **more)
        store = Store(standing=[one]) if more else Store(Found((), (RecalledMemory(one, 1.0),)))
        known = await recall_on(store)(claim_of(dm_message("And my grandmother?")))
        (shown,) = known.standing or [one.memory for one in known.found.memories]
        assert MEMORY_LETTERS - 10 < len(shown.text) <= MEMORY_LETTERS
        assert LONG.startswith(shown.text.removesuffix("…"))


async def test_what_is_not_too_long_is_shown_whole():
    texts = [f"{number} " + "fact " * 60 for number in range(2)]
    found = Found((), tuple(RecalledMemory(memory(text), 1.0) for text in texts))
    known = await recall_on(Store(found))(claim_of(dm_message("What is my cat called?")))
    assert [one.memory.text for one in known.found.memories] == texts


@pytest.mark.parametrize("more", [{"is_edited": True}, {"origin": Origin.PERSON}, {"is_pinned": True}])
async def test_what_the_person_worded_is_told_though_the_talk_shows_the_line(more):
    earlier = dm_message("My favourite tea is oolong.", channel=DM)
    one = RecalledMemory(memory("Ada's favourite tea is sencha.", sources=(earlier.message_id,), **more), 1.0)
    known = await recall_on(Store(Found((), (one,))))(claim_of(dm_message("Which tea?"), history=[earlier]))
    assert known.found.memories == (one,)


async def test_what_is_newer_than_a_line_of_the_talk_is_told_though_the_talk_shows_its_own():
    before, after = dm_message("I live in Porto.", channel=DM), dm_message("I live in Bergen now.", channel=DM)
    one = RecalledMemory(memory("Ada lives in Bergen.", sources=(after.message_id,)), 1.0, is_newer=True)
    known = await recall_on(Store(Found((), (one,))))(claim_of(dm_message("Where?"), history=[before, after]))
    assert known.found.memories == (one,)
