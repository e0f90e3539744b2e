"""Talk to her in a terminal: the same engine, the same database, one private conversation."""

from __future__ import annotations

import asyncio
import getpass
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import blake2b

from bot.adapters.personas import read_companion
from bot.adapters.schedule import Schedule
from bot.adapters.system import SystemClock
from bot.adapters.terminal import Snowflakes, TerminalDelivery
from bot.app import RELOAD_EVERY, SWEEP_EVERY
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Person
from bot.domain.persona import DEFAULT_PERSONA, Companion, Rating
from bot.errors import ConfigError
from bot.foundation import choose_model, gone_quietly, open_database
from bot.settings import Settings
from bot.wiring import Engine, open_engine

TERMINAL_CHANNEL = ChannelId(1)  # below every snowflake Discord can make
TERMINAL_PERSON = UserId(2)
TERMINAL_SELF = UserId(3)
FIRST_TRYOUT = 1_000  # channels from here on, some four thousand million, are of companions that are tried
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Tryout:
    """A talk with a companion who need not be the one that lives here, in a conversation of their own.

    *persona* is worn in place of the default one; *is_of_age* is what the person says of themselves.
    """

    companion: str
    persona: str = DEFAULT_PERSONA
    is_of_age: bool = False


async def chat(settings: Settings, tryout: Tryout | None = None) -> None:
    """Read lines from standard input and print her answers until the input ends.

    Raises:
        ConfigError: the companion or the persona of *tryout* is not there, or only for adults.
    """
    if tryout is not None:
        settings = settings.model_copy(update={"companion": tryout.companion})
        _see_that_worn(read_companion(settings.companion, settings.companions_folder), tryout)
    snowflakes = Snowflakes()
    async with AsyncExitStack() as stack:
        choice = await stack.enter_async_context(choose_model(settings, may_stand_in=True))
        database = await stack.enter_async_context(open_database(settings))
        companion = read_companion(settings.companion, settings.companions_folder)
        delivery = TerminalDelivery(companion.name, snowflakes)
        engine = await stack.enter_async_context(
            open_engine(
                settings,
                database,
                choice,
                own=Person(TERMINAL_SELF, companion.name, is_bot=True),
                delivery=delivery,
                clock=SystemClock(),
                usual=DEFAULT_PERSONA if tryout is None else tryout.persona,
            )
        )
        sweeper = asyncio.create_task(engine.sweeper.run(SWEEP_EVERY, quiet_for=SWEEP_EVERY))
        schedule = Schedule()
        schedule.every(RELOAD_EVERY, engine.herself.reload, name="companion")
        for job in engine.remembering.jobs:
            schedule.every(job.every, job.work, name=job.name)
        schedule.start()
        print(f"{companion.name} · {choice.quality.model} · empty line or Ctrl-D ends")
        try:
            await _talk(engine, delivery, snowflakes, _channel_of(tryout))
        finally:
            schedule.close()
            await gone_quietly(sweeper)


def _see_that_worn(companion: Companion, tryout: Tryout) -> None:
    """See that the persona that is asked for is there, and may be met."""
    slugs = [persona.slug for persona in companion.personas]
    if tryout.persona not in slugs:
        raise ConfigError(f"--persona: {companion.name} has no {tryout.persona!r}; there is {', '.join(slugs)}")
    if companion.persona(tryout.persona).rating is Rating.ADULT and not tryout.is_of_age:
        raise ConfigError(f"--persona: {tryout.persona!r} is for adults; say that you are one with --of-age")


def _channel_of(tryout: Tryout | None) -> Channel:
    """Give the conversation in the terminal; each companion that is tried has one of their own."""
    if tryout is None:
        return Channel(TERMINAL_CHANNEL, ChannelKind.DM)
    number = int.from_bytes(blake2b(tryout.companion.encode(), digest_size=4).digest())
    return Channel(ChannelId(FIRST_TRYOUT + number), ChannelKind.DM)


async def _talk(engine: Engine, delivery: TerminalDelivery, snowflakes: Snowflakes, channel: Channel) -> None:
    person = Person(TERMINAL_PERSON, getpass.getuser())
    clock = SystemClock()
    async for line in _lines():
        await engine.hear(Message(snowflakes.next(), channel, person, line, clock.now()))
        while not sys.stdin.isatty() and engine.conversations.under_way:  # noqa: ASYNC110 - one reader, no event
            await asyncio.sleep(LOOK_EVERY_S)
        if delivery.is_closed:
            return


async def _lines() -> AsyncIterator[str]:
    """Read lines until an empty one or the end; a thread that may be left behind when she ends first."""
    loop = asyncio.get_running_loop()
    read: asyncio.Queue[str] = asyncio.Queue()

    def follow() -> None:
        line = "\n"
        while line:
            line = sys.stdin.readline()
            try:
                loop.call_soon_threadsafe(read.put_nowait, line.strip())
            except RuntimeError:
                return  # the loop is gone

    threading.Thread(target=follow, daemon=True).start()
    while line := await read.get():
        yield line
