"""A real discord.py client against a playground, with what it heard kept in queues."""

import asyncio
import contextlib
import logging

import discord
import yarl
from discord import app_commands

from playground.server import Playground

UNPRIVILEGED = discord.Intents.default()
WAIT_S = 5.0


class Bot(discord.Client):
    """Keeps messages and raw gateway events; has a command tree."""

    def __init__(self, intents=UNPRIVILEGED):
        super().__init__(intents=intents, enable_debug_events=True, max_messages=None, guild_ready_timeout=0)
        self.heard = asyncio.Queue()
        self.edits = asyncio.Queue()
        self.deletes = asyncio.Queue()
        self.reactions = asyncio.Queue()
        self.typings = asyncio.Queue()
        self.threads = asyncio.Queue()
        self.resumes = asyncio.Queue()
        self.connects = asyncio.Queue()
        self.tree = app_commands.CommandTree(self)

    async def on_message(self, message):
        if message.author.id != self.user.id:
            self.heard.put_nowait(message)

    async def on_raw_message_edit(self, payload):
        self.edits.put_nowait(payload)

    async def on_raw_message_delete(self, payload):
        self.deletes.put_nowait(payload)

    async def on_raw_reaction_add(self, payload):
        self.reactions.put_nowait(payload)

    async def on_typing(self, channel, user, when):
        self.typings.put_nowait((channel, user))

    async def on_thread_create(self, thread):
        self.threads.put_nowait(thread)

    async def on_resumed(self):
        self.resumes.put_nowait(self.ws.session_id)

    async def on_connect(self):
        self.connects.put_nowait(self.ws.session_id)


def point_at(playground: Playground) -> None:
    """Let discord.py talk to *playground* instead of Discord."""
    discord.http.Route.BASE = playground.rest_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(playground.gateway_url)


async def soon(queue: asyncio.Queue):
    """Return the queue's next item."""
    return await asyncio.wait_for(queue.get(), WAIT_S)


@contextlib.asynccontextmanager
async def connected(playground: Playground, intents=UNPRIVILEGED, prepare=None):
    """Run a bot until READY, and close it afterwards."""
    point_at(playground)
    logging.getLogger("discord").setLevel(logging.CRITICAL)
    bot = Bot(intents)
    if prepare is not None:
        prepare(bot)
    await bot.login(playground.token)
    if prepare is not None:
        await bot.tree.sync()
    running = asyncio.create_task(bot.connect())
    ready = asyncio.create_task(bot.wait_until_ready())
    try:
        await asyncio.wait({running, ready}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        assert ready.done(), "the bot did not become ready"
        yield bot
    finally:
        ready.cancel()
        await bot.close()
        await asyncio.gather(running, return_exceptions=True)
