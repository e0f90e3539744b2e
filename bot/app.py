"""The composition root: the one place where concrete classes meet."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

from bot.adapters.charts import MoodChart
from bot.adapters.discord.client import CompanionClient, gateway_of, point_at
from bot.adapters.discord.delivery import DiscordDelivery
from bot.adapters.discord.presence import DiscordPresence
from bot.adapters.llm.presets import ModelChoice
from bot.adapters.personas import read_pictures
from bot.adapters.postgres.lease import LeaseKeeper
from bot.adapters.postgres.queue import WakeQueue
from bot.adapters.schedule import Schedule
from bot.adapters.status_server import StatusServer
from bot.adapters.system import SystemClock
from bot.domain.ids import UserId
from bot.domain.message import Person
from bot.engine.decay import ShowMood
from bot.engine.status import Status
from bot.errors import CompanionError, ConfigError
from bot.foundation import Database, choose_model, gone_quietly, open_database
from bot.panel import panel_of
from bot.ports import Clock
from bot.roles import Role
from bot.settings import Settings
from bot.wiring import DRAIN_GRACE, Engine, open_engine
from cogs.about import About
from cogs.errors import report_command_error
from cogs.listener import Listener
from cogs.mood import Mood
from cogs.soul import Soul

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=2)
LEFT_OVER_EVERY = timedelta(seconds=10)
PRESENCE_EVERY = timedelta(seconds=30)
QUIET_FOR = timedelta(seconds=5)  # younger messages are in hand where they were heard


class App:
    """Mira on Discord: gateway, engine and safety nets, in one process or shared out by role."""

    def __init__(
        self,
        settings: Settings,
        *,
        role: Role = Role.ALL,
        choice: ModelChoice | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Take the settings; *choice* is a model chosen already, else the settings choose."""
        self._settings = settings
        self._role = role
        self._choice = choice
        self._clock = clock or SystemClock()
        self._stop = asyncio.Event()
        self.client: CompanionClient | None = None
        self._failure: CompanionError | None = None

    def stop(self) -> None:
        """Ask the running app to end cleanly; may be called again."""
        self._stop.set()

    async def run(self, *, on_ready: Callable[[], None] | None = None) -> None:
        """Run until `stop`, SIGTERM or SIGINT.

        Raises:
            ConfigError: she cannot start, or may not go on (token, intents, a second gateway).
        """
        settings = self._settings
        if settings.discord_token is None:
            raise ConfigError("DISCORD_TOKEN is not set; put it into .env, or try `make playground` without any")
        await self._find_discord()
        self._catch_signals()
        async with AsyncExitStack() as stack:
            choice = self._choice
            if choice is None:
                choosing = choose_model(settings, may_stand_in=settings.allow_understudy)
                choice = await stack.enter_async_context(choosing)
            database = await stack.enter_async_context(open_database(settings))
            client = self.client = CompanionClient(message_content=settings.message_content)
            stack.push_async_callback(client.close)
            user = await client.sign_in(settings.discord_token.get_secret_value())
            await self._lease_gateway(stack, database, user.id)
            own = Person(UserId(user.id), user.display_name, is_bot=True)
            engine = await stack.enter_async_context(
                open_engine(
                    settings,
                    database,
                    choice,
                    own=own,
                    delivery=DiscordDelivery(client),
                    clock=self._clock,
                    role=self._role,
                )
            )
            await self._open_status(stack, engine.status, client)
            await self._add_cogs(client, engine)
            await self._serve(client, engine, database, on_ready)
        if self._failure is not None:
            raise self._failure

    async def _find_discord(self) -> None:
        api_url, gateway_url = self._settings.discord_api_url, self._settings.discord_gateway_url
        if api_url is not None and gateway_url is None and self._role is not Role.WORKER:
            gateway_url = await gateway_of(api_url)
        point_at(api_url, gateway_url)

    async def _lease_gateway(self, stack: AsyncExitStack, database: Database, application_id: int) -> None:
        if self._role is Role.WORKER:
            return  # any number of workers attach
        keeper = LeaseKeeper(database.engine, application_id, give_up=self._fail, clock=self._clock)
        await keeper.open()
        stack.push_async_callback(keeper.close)

    async def _add_cogs(self, client: CompanionClient, engine: Engine) -> None:
        has_content = self._settings.message_content
        await client.add_cog(Listener(client, engine.hear, has_content=has_content))
        await client.add_cog(About(client, engine.status))
        pictures = read_pictures(self._settings.companion, engine.look.companion)
        await client.add_cog(Mood(engine.look, MoodChart().draw, pictures))
        await client.add_cog(Soul(client, engine.look, engine.tend))
        client.tree.error(report_command_error)

    async def _open_status(self, stack: AsyncExitStack, status: Status, client: CompanionClient) -> None:
        if self._settings.status_port is None:
            return
        is_ready = client.is_ready if self._role is not Role.WORKER else lambda: True
        server = StatusServer(panel=lambda: panel_of(status), is_ready=is_ready)
        await server.open(self._settings.status_port)
        stack.push_async_callback(server.close)

    async def _serve(
        self,
        client: CompanionClient,
        engine: Engine,
        database: Database,
        on_ready: Callable[[], None] | None,
    ) -> None:
        tasks = [*self._background(engine, database)]
        schedule = self._schedule(engine, client)
        tasks.append(asyncio.create_task(self._greet(client, on_ready), name="greet"))
        gateway = asyncio.create_task(self._stay(client), name="gateway")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait((gateway, stopping), return_when=asyncio.FIRST_COMPLETED)
            if gateway.done() and not self._stop.is_set():
                gateway.result()
        finally:
            log.info("stopping")
            schedule.close()
            await asyncio.gather(engine.hear.drain(DRAIN_GRACE), engine.conversations.drain(DRAIN_GRACE))
            await client.close()
            for task in (*tasks, stopping, gateway):
                await gone_quietly(task)

    def _background(self, engine: Engine, database: Database) -> list[asyncio.Task[None]]:
        """Start what keeps turns going whoever heard their messages; a bare gateway only hears."""
        if self._role is Role.GATEWAY:
            return []
        conversations = engine.conversations
        heard = conversations.heard_elsewhere if self._role is Role.WORKER else conversations.look_after
        queue = WakeQueue(database.address, heard)
        return [
            asyncio.create_task(engine.sweeper.run(SWEEP_EVERY, quiet_for=QUIET_FOR), name="sweeper"),
            asyncio.create_task(queue.run(), name="queue"),
        ]

    def _schedule(self, engine: Engine, client: CompanionClient) -> Schedule:
        """Start what happens by the clock: decay once across processes, presence where the gateway is."""
        schedule = Schedule()
        every = timedelta(seconds=self._settings.decay_every_s)
        if self._role is not Role.GATEWAY:
            schedule.every(every, engine.decay.tick, name="decay")
            schedule.every(LEFT_OVER_EVERY, engine.feel.live_left_over, name="left over")
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

    async def _greet(self, client: CompanionClient, on_ready: Callable[[], None] | None) -> None:
        if self._role is not Role.WORKER:
            await client.wait_until_ready()
        log.info("ready", extra={"user_id": client.user.id if client.user else None})
        if on_ready is not None:
            on_ready()
        if self._role is not Role.WORKER:
            await client.publish_commands()

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGINT"):
            try:
                loop.add_signal_handler(getattr(signal, name), self.stop)
            except (NotImplementedError, RuntimeError):
                pass  # Windows, or not the main thread: Ctrl-C still raises

    def _fail(self, failure: CompanionError) -> None:
        self._failure = failure
        self.stop()
