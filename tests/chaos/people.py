"""The people of a chaos run: say, type, edit and delete by plan; what they did is kept for the verdict."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from playground.posting import Draft, create_message, delete_message, edit_message
from playground.server import Playground
from playground.world import Channel, Message, User
from tests.chaos.model import WORDS
from tests.chaos.plan import PEOPLE, PEOPLE_IN_ROOM, ROOMS, Line, Plan

PAUSE_S = 0.01


@dataclass(slots=True)
class Said:
    """One message as Discord has it; times are seconds since the epoch."""

    line: Line
    message: Message
    at: float
    edited_at: float | None = None
    deleted_at: float | None = None

    @property
    def token(self) -> str:
        """Give its token."""
        return self.line.token


class Crowd:
    """Everybody who talks with her."""

    def __init__(self, playground: Playground, plan: Plan) -> None:
        self._core = playground.core
        self._plan = plan
        self._chance = random.Random(f"words {plan.seed}")
        self.said: dict[str, Said] = {}
        world = playground.world
        guild = next(iter(world.guilds.values()))
        self._people = [world.add_user(f"person{one}", f"Person {one}") for one in range(PEOPLE)]
        for one in self._people:
            world.add_member(guild, one)
        self._rooms = [world.add_channel(guild, f"room{one}") for one in range(ROOMS)]
        self._dms = [world.dm_between(one, world.app_user)[0] for one in self._people]

    @property
    def channels(self) -> list[Channel]:
        """Give every place where somebody talks with her."""
        return [*self._rooms, *self._dms]

    def greet(self) -> None:
        """Say the first word in every place, so that she has seen them all."""
        for person in range(PEOPLE):
            self._say(Line(0.0, len(self.said) + 90_000, person, None, 1))
        for room in range(ROOMS):
            self._say(Line(0.0, len(self.said) + 90_000, room % PEOPLE_IN_ROOM, room, 1))

    async def talk(self) -> None:
        """Live through the plan."""
        started = time.monotonic()
        for at, act in sorted(self._acts(), key=lambda one: one[0]):
            await asyncio.sleep(max(0.0, started + at - time.monotonic()))
            act()

    def _acts(self) -> list[tuple[float, Callable[[], None]]]:
        acts: list[tuple[float, Callable[[], None]]] = []
        for line in self._plan.lines:
            acts.append((line.at, partial(self._say, line)))
            if line.typing_before_s is not None:
                acts.append((max(0.0, line.at - line.typing_before_s), partial(self._type, line)))
            if line.edited_after_s is not None:
                acts.append((line.at + line.edited_after_s, partial(self._edit, line)))
            if line.deleted_after_s is not None:
                acts.append((line.at + line.deleted_after_s, partial(self._delete, line)))
        return acts

    def _place(self, line: Line) -> tuple[Channel, User]:
        channel = self._dms[line.person] if line.room is None else self._rooms[line.room]
        return channel, self._people[line.person]

    def _words(self, line: Line) -> str:
        return " ".join(self._chance.choices(WORDS, k=line.words))

    def _content(self, line: Line) -> str:
        mention = "" if line.room is None else f"<@{self._core.world.app_user.user_id}> "
        return f"{mention}{line.token} {self._words(line)}"

    def _say(self, line: Line) -> None:
        channel, user = self._place(line)
        message = create_message(self._core, channel, user, Draft({"content": self._content(line)}))
        self.said[line.token] = Said(line, message, time.time())

    def _type(self, line: Line) -> None:
        channel, user = self._place(line)
        self._core.events.typing(channel, user, int(time.time()))

    def _edit(self, line: Line) -> None:
        said = self.said[line.token]
        if said.deleted_at is None:
            edit_message(self._core, said.message, {"content": f"{self._content(line)} edited"}, [])
            said.edited_at = time.time()

    def _delete(self, line: Line) -> None:
        said = self.said[line.token]
        delete_message(self._core, said.message)
        said.deleted_at = time.time()
