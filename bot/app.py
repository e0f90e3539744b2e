"""The composition root: the one place where concrete classes meet."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.adapters.charts import MoodChart
from bot.adapters.discord.client import CompanionClient, client_for, gateway_of, point_at
from bot.adapters.discord.delivery import DiscordDelivery
from bot.adapters.discord.history import DiscordHistory
from bot.adapters.discord.presence import DiscordPresence
from bot.adapters.llm.presets import Endpoint, ModelChoice
from bot.adapters.postgres.identify import IdentifySlots
from bot.adapters.postgres.lease import LeaseKeeper
from bot.adapters.postgres.queue import WakeQueue
from bot.adapters.schedule import Schedule
from bot.adapters.system import SystemClock
from bot.domain.ids import UserId
from bot.domain.message import Person
from bot.domain.service import ProcessState
from bot.domain.shards import WHOLE, Shards
from bot.engine.catch_up import CatchUp
from bot.engine.decay import ShowMood
from bot.engine.meter import UNMETERED
from bot.errors import CompanionError, ConfigError
from bot.foundation import Database, choose_model, gone_quietly, open_database
from bot.ports import Clock
from bot.roles import Role
from bot.service import Service, meter_for, name_process, open_service
from bot.settings import Settings
from bot.standing import keep_going, tell_if_broken
from bot.wiring import DRAIN_GRACE, Engine, open_engine
from cogs.about import About
from cogs.channel import Channels
from cogs.closed import ClosedByGateway
from cogs.companion import Companions
from cogs.errors import report_command_error
from cogs.gateway import GatewaySessions
from cogs.goals import Goals
from cogs.introduce import Introduction
from cogs.listener import Listener
from cogs.memory import Memories
from cogs.memory_desk import MemoryDesk
from cogs.mood import Mood
from cogs.persona import Personas
from cogs.privacy import Privacy
from cogs.remind import Reminders
from cogs.session import Session
from cogs.setup import Setup
from cogs.soul import Soul
from cogs.status import Running
from cogs.why import Why

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=2)
LEFT_OVER_EVERY = timedelta(seconds=10)
TIDY_EVERY = timedelta(minutes=1)
FOLLOW_EVERY = timedelta(seconds=10)
FORGET_EVERY = timedelta(hours=1)
RELOAD_EVERY = timedelta(seconds=2)
VOICES_EVERY = timedelta(seconds=30)
PRESENCE_EVERY = timedelta(seconds=30)
QUIET_FOR = timedelta(seconds=5)  # younger messages are in hand where they were heard
STOP_WITHIN_S = 18.5  # of the 20 s between SIGTERM and SIGKILL; what hangs, such as a database, hangs for longer
SAY_AFTER_S = 18.0
UNCLEAN_EXIT = 1
ELSEWHERE = Endpoint(kind="elsewhere", base_url="http://127.0.0.1/v1", model="the workers'")  # a gateway asks none


class App:
    """Mira on Discord: gateway, engine and safety nets, in one process or shared out by role."""

    def __init__(
        self,
        settings: Settings,
        *,
        role: Role = Role.ALL,
        shards: Shards = WHOLE,
        choice: ModelChoice | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Take the settings; *choice* is a model chosen already, else the settings choose."""
        self._settings = settings
        self._role = role
        self._shards = shards
        self._choice = choice
        self._clock = clock or SystemClock()
        self._stop = asyncio.Event()
        self.client: CompanionClient | None = None
        self._failure: CompanionError | None = None
        self._is_serving = False

    def stop(self) -> None:
        """Ask the running app to end cleanly; may be called again."""
        self._stop.set()

    async def run(self, *, on_ready: Callable[[], None] | None = None) -> None:
        """Run until `stop`, SIGTERM or SIGINT.

        Raises:
            ConfigError: she cannot start, or may not go on (token, intents, a second gateway).
            BrokenWork: something she cannot do without keeps breaking.
        """
        self._catch_signals()
        life = asyncio.create_task(self._live(on_ready), name="life")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait((life, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            was_cut_short = await self._end(life)
            await gone_quietly(stopping)
        if self._failure is not None:
            raise self._failure
        if not was_cut_short:
            life.result()
        elif not life.cancelled() and (failure := life.exception()) is not None:
            # a library's answer to being cancelled; whoever told her to stop does not care why she would not start
            log.warning("the start ended in an error", extra={"cause": type(failure).__name__})

    async def _end(self, life: asyncio.Task[None]) -> bool:
        """See to the end of *life*: what serves ends by itself when told, what still starts is cancelled (True)."""
        self.stop()
        is_starting = not life.done() and not self._is_serving
        if is_starting:
            log.info("stopping while starting")
            life.cancel()  # once: what was opened already is being closed, and must not be cut short
        await asyncio.wait((life,))
        return is_starting

    async def _live(self, on_ready: Callable[[], None] | None) -> None:
        """Open everything, serve, and close it in reverse."""
        settings = self._settings
        if settings.discord_token is None:
            raise ConfigError("DISCORD_TOKEN is not set; put it into .env, or try `make playground` without any")
        await self._find_discord()
        async with AsyncExitStack() as stack:
            choice = await self._choose_model(stack)
            database = await stack.enter_async_context(open_database(settings))
            client = self.client = client_for(self._shards, message_content=settings.message_content)
            stack.push_async_callback(client.close)
            user = await client.sign_in(settings.discord_token.get_secret_value())
            await self._lease_gateway(stack, database, client, user.id)
            own = Person(UserId(user.id), user.display_name, is_bot=True)
            name = name_process(self._role)
            meter = meter_for(settings, name)
            engine = await stack.enter_async_context(
                open_engine(
                    settings,
                    database,
                    choice,
                    own=own,
                    delivery=DiscordDelivery(client),
                    clock=self._clock,
                    role=self._role,
                    meter=meter or UNMETERED,
                    history=self._history(client),
                    shards=self._shards,
                )
            )
            service = await stack.enter_async_context(
                open_service(settings, database, engine, client, name=name, meter=meter, clock=self._clock)
            )
            await self._add_cogs(client, engine, service)
            await self._serve(client, engine, database, service, on_ready)

    def _history(self, client: CompanionClient) -> DiscordHistory | None:
        if self._role is Role.WORKER:
            return None  # what the gateway missed is its own to look for
        return DiscordHistory(client, has_content=self._settings.message_content)

    async def _choose_model(self, stack: AsyncExitStack) -> ModelChoice:
        if self._choice is not None:
            return self._choice
        if self._role is Role.GATEWAY:
            named = replace(ELSEWHERE, model=self._settings.model or ELSEWHERE.model)
            return ModelChoice(named, named)
        choosing = choose_model(self._settings, may_stand_in=self._settings.allow_understudy)
        return await stack.enter_async_context(choosing)

    async def _find_discord(self) -> None:
        api_url, gateway_url = self._settings.discord_api_url, self._settings.discord_gateway_url
        if api_url is not None and gateway_url is None and self._role is not Role.WORKER:
            gateway_url = await gateway_of(api_url)
        point_at(api_url, gateway_url)

    async def _lease_gateway(
        self, stack: AsyncExitStack, database: Database, client: CompanionClient, application_id: int
    ) -> None:
        if self._role is Role.WORKER:
            return  # any number of workers attach
        client.turns.look_ahead()
        if not self._shards.is_whole:
            client.turns.share(IdentifySlots(database.pool, application_id).reserve)
        keeper = LeaseKeeper(
            database.engine, application_id, give_up=self._fail, clock=self._clock, shards=self._shards
        )
        await keeper.open()
        stack.push_async_callback(keeper.close)

    async def _add_cogs(self, client: CompanionClient, engine: Engine, service: Service) -> None:
        has_content = self._settings.message_content
        if engine.catch_up is not None and engine.closed_places is not None:
            await engine.catch_up.open()
            await client.add_cog(GatewaySessions(client, engine.catch_up))
            await client.add_cog(ClosedByGateway(engine.closed_places))
        await client.add_cog(Listener(client, engine.hear, has_content=has_content))
        await client.add_cog(About(client, engine.status))
        channels = (engine.policies, engine.remind, engine.look)
        await client.add_cog(Channels(client, *channels, has_content=has_content, wear=engine.herself.wear))
        await client.add_cog(Privacy(client, engine.status, engine.silences))
        await client.add_cog(Why(client, engine.status, engine.explain))
        await client.add_cog(Mood(engine.look, MoodChart().draw, engine.herself.being.pictures))
        await client.add_cog(Personas(client, engine.herself.wear, engine.look))
        await client.add_cog(Companions(engine.herself.being, engine.herself.wear))
        await client.add_cog(Session(engine.house.spend, engine.remind, engine.look))
        await self._add_setup(client, engine)
        await client.add_cog(Soul(client, engine.look, engine.tend))
        remembering = engine.remembering
        desk = MemoryDesk(remembering.own_memories, remembering.own_goals, engine.look)
        await client.add_cog(Memories(client, remembering.own_memories, desk))
        await client.add_cog(Goals(client, remembering.own_memories, remembering.own_goals, engine.remind, desk))
        await client.add_cog(Reminders(client, engine.remind, engine.look))
        await client.add_cog(Running(client, engine.status, service.oversee))
        client.tree.error(report_command_error)

    async def _add_setup(self, client: CompanionClient, engine: Engine) -> None:
        setup = Setup(
            client,
            engine.policies,
            engine.house.rules,
            engine.herself.wear,
            engine.look,
            has_content=self._settings.message_content,
        )
        await client.add_cog(setup)
        if self._role is not Role.WORKER:
            await client.add_cog(Introduction(client, engine.house.greet, setup))

    async def _serve(
        self,
        client: CompanionClient,
        engine: Engine,
        database: Database,
        service: Service,
        on_ready: Callable[[], None] | None,
    ) -> None:
        self._is_serving = True
        tasks = [*self._background(engine, database)]
        if engine.catch_up is not None:
            tasks.append(self._keep("catch-up", engine.catch_up.run))
        if engine.closed_places is not None:
            tasks.append(self._keep("closed places", engine.closed_places.run))
        schedule = self._schedule(engine, client)
        greeting = asyncio.create_task(self._greet(client, service, on_ready), name="greet")
        greeting.add_done_callback(tell_if_broken)
        tasks.append(greeting)
        gateway = asyncio.create_task(self._stay(client), name="gateway")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait((gateway, stopping), return_when=asyncio.FIRST_COMPLETED)
            if gateway.done() and not self._stop.is_set():
                gateway.result()
        finally:
            log.info("stopping")
            schedule.close()
            engine.alarm.close()
            await asyncio.gather(
                _closed(engine.catch_up),
                service.turn_to(ProcessState.DRAINING),
                engine.hear.drain(DRAIN_GRACE),
                engine.conversations.drain(DRAIN_GRACE),
            )
            await client.close()
            for task in (*tasks, stopping, gateway):
                await gone_quietly(task)

    def _background(self, engine: Engine, database: Database) -> list[asyncio.Task[None]]:
        """Start what keeps turns going whoever heard their messages; a bare gateway only hears."""
        if self._role is Role.GATEWAY:
            return []
        conversations = engine.conversations
        heard = conversations.heard_elsewhere if self._role is Role.WORKER else conversations.look_after
        queue = WakeQueue(database.address, heard, engine.alarm.fire)
        return [
            self._keep("sweeper", partial(_sweep, engine)),
            self._keep("queue", queue.run),
            self._keep("alarm", engine.alarm.run),
        ]

    def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Start what has to go on as long as she runs."""
        return asyncio.create_task(keep_going(name, work, give_up=self._fail), name=name)

    def _schedule(self, engine: Engine, client: CompanionClient) -> Schedule:
        """Start what happens by the clock: decay once across processes, presence where the gateway is."""
        schedule = Schedule()
        schedule.every(RELOAD_EVERY, engine.herself.reload, name="companion")
        every = timedelta(seconds=self._settings.decay_every_s)
        if self._role is not Role.GATEWAY:
            schedule.every(every, engine.decay.tick, name="decay")
            schedule.every(LEFT_OVER_EVERY, engine.feel.live_left_over, name="left over")
            schedule.every(FOLLOW_EVERY, engine.follow, name="changes")
            schedule.every(VOICES_EVERY, engine.voices.keep, name="voices")
            schedule.every(FORGET_EVERY, engine.forget_overheard, name="overheard", starts_now=True)
            for job in engine.remembering.jobs:
                schedule.every(job.every, job.work, name=job.name, starts_now=job.starts_now)
        else:
            schedule.every(TIDY_EVERY, engine.sweeper.tidy, name="quiet rooms")
        # a soul for each server has no mood that all servers may see
        if self._role is not Role.WORKER and engine.feel.temper.is_shared:
            presence = ShowMood(engine.feel, DiscordPresence(client))
            schedule.every(min(every, PRESENCE_EVERY), presence, name="presence")
        schedule.start()
        return schedule

    async def _stay(self, client: CompanionClient) -> None:
        if self._role is Role.WORKER:
            await asyncio.Event().wait()  # REST only, until stopped
        await client.stay()

    async def _greet(self, client: CompanionClient, service: Service, on_ready: Callable[[], None] | None) -> None:
        if self._role is not Role.WORKER:
            await client.wait_until_ready()
        log.info("ready", extra={"user_id": client.user.id if client.user else None})
        await service.turn_to(ProcessState.RUNNING)
        if on_ready is not None:
            on_ready()
        if self._role is not Role.WORKER and self._shards.has_first:  # one process for all of them
            await client.publish_commands()

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGINT"):
            try:
                loop.add_signal_handler(getattr(signal, name), self._told_to_stop)
            except (NotImplementedError, RuntimeError):
                pass  # Windows, or not the main thread: Ctrl-C still raises

    def _told_to_stop(self) -> None:
        """Stop, in time whatever hangs: what is kept outlives even a process that ends in the middle."""
        if not self._stop.is_set():
            loop = asyncio.get_running_loop()
            loop.call_later(SAY_AFTER_S, log.error, "something does not end in time; it is left as a crash leaves it")
            latest = threading.Timer(STOP_WITHIN_S, os._exit, (UNCLEAN_EXIT,))  # also where the loop itself hangs
            latest.daemon = True
            latest.start()
        self.stop()

    def _fail(self, failure: CompanionError) -> None:
        self._failure = failure
        self.stop()


async def _sweep(engine: Engine) -> None:
    if engine.catch_up is not None:
        await engine.catch_up.looked()
    await engine.sweeper.run(SWEEP_EVERY, quiet_for=QUIET_FOR)


async def _closed(catch_up: CatchUp | None) -> None:
    if catch_up is not None:
        await catch_up.close()
