"""Days by chance: whatever dies and whenever, each message to her is kept."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest

from tests.engine.conftest import World
from tests.engine.street import NOT_NOW, Ears, Street, hers
from tests.fakes import ADA, BEN, DM, OTHER_DM


class Days:
    """Days of a process and its session by chance: what is said while the session is cut is not heard."""

    def __init__(self, street: Street, ears: Ears, seed: int) -> None:
        self.street = street
        self.chance = random.Random(seed)
        self.ears: Ears | None = ears
        self.is_cut = False
        self.said: list[str] = []
        self.live: list[asyncio.Task[bool]] = []

    def say(self) -> None:
        channel, author = self.chance.choice(((DM, ADA), (OTHER_DM, BEN)))
        message = self.street.missed(f"line {len(self.said)}", channel, author=author)
        self.said.append(message.content)
        if self.ears is not None and not self.is_cut:
            self.live.append(asyncio.create_task(self.ears.hear(message)))

    async def die(self) -> None:
        if self.ears is not None:
            for effort in self.ears.catch_up._efforts.values():
                self.ears.catch_up._stop(effort)
            for task in self.live:
                task.cancel()
        self.ears = None

    async def start(self) -> None:
        if self.ears is None:
            self.ears = await self.street.open()
            self.session()

    def session(self) -> None:
        if self.ears is not None:
            self.is_cut = False
            self.ears.catch_up.began(0)
            if self.chance.random() < 0.7:
                self.ears.catch_up.everything_here(0)

    async def step(self) -> None:
        what = self.chance.choice(("say", "say", "say", "cut", "die", "start", "session", "write", "fault"))
        if what == "say":
            self.say()
        elif what == "cut":
            self.is_cut = True
        elif what == "die":
            await self.die()
        elif what == "start":
            await self.start()
        elif what == "session":
            self.session()
        elif what == "write" and self.ears is not None:
            await self.ears.catch_up.write_marks()
        elif what == "fault":
            self.street.history.faults.append(NOT_NOW)
        await self.street.pass_time(timedelta(seconds=self.chance.uniform(0, 20)))


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_each_message_is_kept(world: World, seed: int):
    street = Street(world)
    ears = await street.met()
    await street.world.real_store.hear(street.missed("first", OTHER_DM), hers(), street.world.clock.now())
    days = Days(street, ears, seed)
    for _ in range(60):
        await days.step()
    await days.die()
    street.history.faults.clear()
    await days.start()
    assert days.ears is not None
    days.ears.catch_up.everything_here(0)
    await street.world.run()
    assert sorted(await street.kept()) == sorted(["hello", "first", *days.said])
