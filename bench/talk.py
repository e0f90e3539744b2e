"""People who write and wait for the whole answer before they write again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import count

from bench.stage import BenchFailed, Heard, Stage
from playground.posting import Draft, create_message

ANSWER_WITHIN_S = 60.0
LINES = (
    "hey you",
    "long day, finally home",
    "what are you thinking about?",
    "tell me something I do not know",
    "haha, fair",
    "I burnt the rice again",
    "do you ever get bored of me?",
    "ok that made me smile",
    "my sister calls on Sunday",
    "it is raining here",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange, in monotonic seconds: written, first words back, all words back."""

    written: float
    first: float
    complete: float


class Talker:
    """One person in a direct message with the bot."""

    def __init__(self, stage: Stage, name: str, *, paragraphs: int = 1) -> None:
        self._stage = stage
        world = stage.playground.world
        self._user = world.add_user(name, name.title())
        for guild in world.guilds.values():
            world.add_member(guild, self._user)
        self._channel, _ = world.dm_between(self._user, world.app_user)
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()
        stage.playground.listeners[self._channel.channel_id] = self._heard
        self._paragraphs = paragraphs
        self._numbers = count()

    @property
    def has_unread(self) -> bool:
        """Whether she said more than was waited for."""
        return not self._heard.empty()

    def say(self) -> float:
        """Write a short line; gives when.

        The time is taken before the loopback Discord makes the event, so that its own work counts against the bot.
        """
        number = next(self._numbers)
        content = f"{LINES[number % len(LINES)]} ({number})"
        written = time.monotonic()
        create_message(self._stage.playground.core, self._channel, self._user, Draft({"content": content}))
        return written

    async def exchange(self) -> Turn:
        """Write a short line and wait for the whole answer."""
        written = self.say()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                first = await self._heard.get()
                for _ in range(self._paragraphs - 1):
                    await self._heard.get()
        except TimeoutError:
            raise BenchFailed(f"no whole answer within {ANSWER_WITHIN_S:.0f} s") from None
        return Turn(written, first.arrived, time.monotonic())

    async def talk(self, turns: int, *, pause_s: float = 0.0) -> list[Turn]:
        """Have *turns* exchanges, with a pause after each."""
        had = []
        for _ in range(turns):
            had.append(await self.exchange())
            if pause_s:
                await asyncio.sleep(pause_s)
        return had


def people(stage: Stage, number: int, *, paragraphs: int = 1, name: str = "person") -> list[Talker]:
    """Let *number* new people in, each with a direct message of their own; their names begin with *name*."""
    return [Talker(stage, f"{name}{one}", paragraphs=paragraphs) for one in range(number)]
