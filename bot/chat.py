"""Talk to her in a terminal: the same engine, the same database, one private conversation."""

from __future__ import annotations

import asyncio
import getpass
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from bot.adapters.personas import read_companion
from bot.adapters.schedule import Schedule
from bot.adapters.system import SystemClock
from bot.adapters.terminal import Snowflakes, TerminalDelivery
from bot.app import SWEEP_EVERY
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Person
from bot.foundation import choose_model, gone_quietly, open_database
from bot.settings import Settings
from bot.wiring import Engine, open_engine

TERMINAL_CHANNEL = ChannelId(1)  # below every snowflake Discord can make
TERMINAL_PERSON = UserId(2)
TERMINAL_SELF = UserId(3)
LOOK_EVERY_S = 0.02


async def chat(settings: Settings) -> None:
    """Read lines from standard input and print her answers until the input ends."""
    snowflakes = Snowflakes()
    async with AsyncExitStack() as stack:
        choice = await stack.enter_async_context(choose_model(settings, may_stand_in=True))
        database = await stack.enter_async_context(open_database(settings))
        companion = read_companion(settings.companion)
        delivery = TerminalDelivery(companion.name, snowflakes)
        engine = await stack.enter_async_context(
            open_engine(
                settings,
                database,
                choice,
                own=Person(TERMINAL_SELF, companion.name, is_bot=True),
                delivery=delivery,
                clock=SystemClock(),
            )
        )
        sweeper = asyncio.create_task(engine.sweeper.run(SWEEP_EVERY, quiet_for=SWEEP_EVERY))
        schedule = Schedule()
        for job in engine.remembering.jobs:
            schedule.every(job.every, job.work, name=job.name)
        schedule.start()
        print(f"{companion.name} · {choice.quality.model} · empty line or Ctrl-D ends")
        try:
            await _talk(engine, delivery, snowflakes)
        finally:
            schedule.close()
            await gone_quietly(sweeper)


async def _talk(engine: Engine, delivery: TerminalDelivery, snowflakes: Snowflakes) -> None:
    person = Person(TERMINAL_PERSON, getpass.getuser())
    channel = Channel(TERMINAL_CHANNEL, ChannelKind.DM)
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
