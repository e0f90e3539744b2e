"""Who she is is asked for in one place: what was made of her before a change is made anew after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from bot.adapters.personas import read_companion
from bot.domain.room_window import RoomWindow
from bot.engine.being import Being, Live
from bot.engine.interests import Interests
from bot.engine.windows import Windows
from bot.persona_ports import CompanionRead
from bot.remembering import MemoryGround
from tests.engine.conftest import NAMES
from tests.fakes import MIRA, ROOM, FakeClock

NORA = read_companion("mira")
OTHER = replace(NORA, name="Nora", nicknames=("nori",), identity="You are Nora, and you keep bees.", version="2")


class Told:
    """An embedder that notes what it is asked for."""

    name = "told"

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.asked.append(tuple(texts))
        return [[1.0, 0.0] for _ in texts]


async def test_memory_goes_by_her_texts_and_names_as_they_are():
    being = Being(NORA)
    ground = MemoryGround(cast(Any, None), FakeClock(), being, MIRA, cast(Any, None), None)
    texts, names = ground.own_texts, ground.names
    assert NORA.identity in texts and "Nora" not in names
    being.become(CompanionRead(OTHER))
    assert OTHER.identity in texts and NORA.identity not in texts
    assert list(names) == ["Nora", "Mira", "nori"] and names[0] == "Nora" and len(names) == 3


async def test_only_a_change_is_told():
    being, told = Being(NORA), []
    being.follow(lambda: told.append(being.companion.name))
    being.become(CompanionRead(NORA))
    being.become(CompanionRead(OTHER))
    assert told == ["Nora"]


async def test_topics_are_put_into_vectors_anew():
    being, embedder = Being(NORA), Told()
    topics = Live(lambda: [being.companion.identity])
    interests = Interests(embedder=cast(Any, embedder), topics=topics, clock=FakeClock())
    being.follow(interests.renew)
    for _ in range(2):
        await interests.of("bees")
        await cast(Any, interests)._reading
    being.become(CompanionRead(OTHER))
    assert await interests.of("bees") is None
    await cast(Any, interests)._reading
    assert (OTHER.identity,) in embedder.asked
    await interests.close()


async def test_rooms_are_read_anew_under_her_new_name():
    made: list[RoomWindow] = []

    class Store:
        async def recent(self, *_: object, **__: object) -> Sequence[object]:
            return []

    def make() -> RoomWindow:
        made.append(RoomWindow(NAMES, MIRA.user_id))
        return made[-1]

    windows = Windows(store=cast(Any, Store()), clock=FakeClock(), make=make)
    first = await windows.of(ROOM.channel_id)
    assert await windows.of(ROOM.channel_id) is first
    windows.renew()
    assert await windows.of(ROOM.channel_id) is not first
    assert len(made) == 2
