"""What operators see of this process, wired: its signs of life, its health, its figures."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import __version__
from bot.adapters.discord.client import CompanionClient
from bot.adapters.discord.line import DiscordLine
from bot.adapters.postgres.service import PostgresService
from bot.adapters.postgres.voices import PostgresVoices
from bot.adapters.status_server import StatusServer
from bot.adapters.system import memory_in_use
from bot.domain.service import ProcessName, ProcessState, ServiceView
from bot.engine.meter import UNMETERED
from bot.engine.oversee import Oversee
from bot.engine.watch import Health, Vital, Watch
from bot.errors import StoreError
from bot.failure_log import FailureLogHandler
from bot.foundation import Database, gone_quietly
from bot.panel import panel_of
from bot.ports import Clock
from bot.roles import Role
from bot.settings import Settings
from bot.wiring import Engine

if TYPE_CHECKING:
    from bot.adapters.metrics import PrometheusMeter

ID_BYTES = 3  # beside host and pid: two containers may share both


@dataclass(frozen=True, slots=True)
class Service:
    """What looks after this process; *oversee* is for who asks about all of them."""

    watch: Watch
    oversee: Oversee

    async def turn_to(self, state: ProcessState) -> None:
        """Go on to another state, for all to see."""
        await self.watch.turn_to(state)


def name_process(role: Role) -> ProcessName:
    """Name this process so that no other has the same name, now or later."""
    host, pid = socket.gethostname(), os.getpid()
    return ProcessName(f"{host}-{pid}-{secrets.token_hex(ID_BYTES)}", str(role), host, pid, __version__)


def meter_for(settings: Settings, name: ProcessName) -> PrometheusMeter | None:
    """Give what counts, None where nobody can ask for the figures."""
    if settings.status_port is None:
        return None
    from bot.adapters.metrics import PrometheusMeter  # memory that most need not spend

    return PrometheusMeter(name)


@asynccontextmanager
async def open_service(
    settings: Settings,
    database: Database,
    engine: Engine,
    client: CompanionClient,
    *,
    name: ProcessName,
    meter: PrometheusMeter | None,
    clock: Clock,
) -> AsyncIterator[Service]:
    """Begin to give signs of life and to answer on the status port; ends with a clean goodbye."""
    store = PostgresService(database.pool)
    role = Role(name.role)
    vital = Vital(
        turns=lambda: engine.conversations.under_way,
        memory=memory_in_use,
        clock=clock,
        sweeps=None if role is Role.GATEWAY else lambda: engine.sweeper.sweeps,
        model=None if role is Role.GATEWAY else lambda: engine.status.read().model,
        line=None if role is Role.WORKER else DiscordLine(client),
    )
    async with AsyncExitStack() as stack:
        failures = FailureLogHandler()
        failures.open()
        stack.callback(failures.close)
        watch = Watch(store=store, name=name, vital=vital, failures=failures, meter=meter or UNMETERED, clock=clock)
        stack.push_async_callback(watch.leave)
        stack.push_async_callback(gone_quietly, asyncio.create_task(watch.run(), name="watch"))
        oversee = Oversee(store, clock, voices=PostgresVoices(database.pool))
        if settings.status_port is not None and meter is not None:
            server = StatusServer(
                panel=lambda: panel_of(engine.status),
                health=Health(store=store, watch=watch, vital=vital, clock=clock),
                figures=_figures(meter, vital, oversee, clock),
            )
            await server.open(settings.status_port)
            stack.push_async_callback(server.close)
        yield Service(watch, oversee)


def _figures(
    meter: PrometheusMeter, vital: Vital, oversee: Oversee, clock: Clock
) -> Callable[[], Awaitable[tuple[bytes, str]]]:
    """Give what answers Prometheus: without what only the database knows while that does not answer."""

    async def figures() -> tuple[bytes, str]:
        view: ServiceView | None = None
        with suppress(StoreError):
            view = await oversee()
        return meter.exposition(vital.read(), view, now=clock.now())

    return figures
