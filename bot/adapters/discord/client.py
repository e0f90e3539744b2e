"""The Discord client: small caches, unprivileged intents, addresses from settings."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import Any

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route
from discord.shard import EventItem, Shard

from bot.adapters.discord.gateway import GatewayLine
from bot.adapters.discord.identify import IdentifyTurns, SessionStarts, read_starts
from bot.adapters.discord.language import CommandTexts, SpeakingTree
from bot.adapters.discord.limit import GlobalLimit
from bot.adapters.discord.trouble import NO_ANSWER, UNREADABLE, is_passing
from bot.domain.shards import WHOLE, Shards
from bot.errors import ConfigError

log = logging.getLogger(__name__)

TOKEN_HELP = (
    "DISCORD_TOKEN: Discord does not know this token; copy it anew from the developer portal "
    "(Bot → Reset Token) into .env"
)
INTENT_HELP = (
    "MIRA_MESSAGE_CONTENT asks for the message-content intent, which Discord has not granted this "
    "application; turn it on in the developer portal (Bot → Privileged Gateway Intents), or unset the setting"
)

SHARDS_HELP = "Discord wants this application split into more shards: start it with --shards, such as --shards 0-1/2"
CLOSED_HELP = {4004: TOKEN_HELP, 4010: SHARDS_HELP, 4011: SHARDS_HELP, 4014: INTENT_HELP}

ASK_TIMEOUT_S = 10.0
STARTS_TIMEOUT_S = 3.0  # the first connection waits for the answer, and can do without it
CLOSE_TIMEOUT_S = 3.0  # a gateway that hangs does not say goodbye
PUBLISH_TIMEOUT_S = 60.0
# chosen by ear: together an hour and a half, which outlasts most trouble of Discord's
PUBLISH_AGAIN_S = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)

# as the library has it, however often the address is set
_CONNECT = DiscordWebSocket.from_client.__func__  # type: ignore[attr-defined]


def point_at(api_url: str | None, gateway_url: str | None) -> None:
    """Send REST and gateway to other addresses than Discord's own; None leaves what is there.

    *gateway_url* also takes the place of the addresses that REST and READY hand out. discord.py has
    no public setting for either, so this changes its classes: call it before a client is made.
    """
    if api_url is not None:
        Route.BASE = api_url
    if gateway_url is None:
        return
    fixed = yarl.URL(gateway_url)
    DiscordWebSocket.DEFAULT_GATEWAY = fixed

    async def from_client(cls: type[DiscordWebSocket], *args: object, **options: object) -> DiscordWebSocket:
        options["gateway"] = fixed
        socket: DiscordWebSocket = await _CONNECT(cls, *args, **options)
        return socket

    DiscordWebSocket.from_client = classmethod(from_client)  # type: ignore[assignment,arg-type]


async def gateway_of(api_url: str) -> str:
    """Ask an API that is not Discord's own where its gateway is: the token must not go to another.

    Raises:
        ConfigError: it does not say.
    """
    timeout = aiohttp.ClientTimeout(total=ASK_TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{api_url}/gateway") as answer:
            return str((await answer.json(content_type=None))["url"])
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError) as exc:
        raise ConfigError(
            "DISCORD_API_URL: what listens there does not say where its gateway is; set DISCORD_GATEWAY_URL too"
        ) from exc


def intents_for(*, message_content: bool) -> discord.Intents:
    """Ask for what she needs and no more; message content only where the operator wants it."""
    intents = discord.Intents.none()
    intents.guilds = True
    intents.guild_messages = intents.dm_messages = True
    intents.guild_typing = intents.dm_typing = True
    intents.message_content = message_content
    return intents


class Heartbeat(KeepAliveHandler):
    """Counts a heartbeat from before it is sent: a near server answers sooner than the library notes that it was."""

    def get_payload(self) -> dict[str, Any]:
        """Give the heartbeat that is sent next."""
        self._last_send = time.perf_counter()
        return super().get_payload()


discord.gateway.KeepAliveHandler = Heartbeat  # type: ignore[misc]
# she does not speak aloud: the warnings about voice libraries would only puzzle people
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class CompanionClient(commands.Bot):
    """The gateway client of an application that is not split; what it does with events is up to the cogs."""

    def __init__(self, *, message_content: bool, shards: Shards = WHOLE, **options: Any) -> None:  # noqa: ANN401
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=SpeakingTree,
            intents=intents_for(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            enable_debug_events=False,
            **options,
        )
        self.shards_here = shards
        self.turns = IdentifyTurns(self._ask_for_starts)
        self._gateway_lines: dict[int, GatewayLine] = {}
        self._holding: list[asyncio.Task[None]] = []
        self._ending: asyncio.Task[None] | None = None
        self._limit = GlobalLimit(self.http)
        parsers = self._connection.parsers
        self._parse_message = parsers["MESSAGE_CREATE"]
        parsers["MESSAGE_CREATE"] = self._parse_on_known_ground

    async def sign_in(self, token: str) -> discord.ClientUser:
        """Check the token over REST; gives her own user.

        Raises:
            ConfigError: Discord does not know the token, or cannot be reached at all.
        """
        try:
            await self.login(token)
        except discord.LoginFailure as exc:
            raise ConfigError(TOKEN_HELP) from exc
        except discord.NotFound as exc:
            raise ConfigError("DISCORD_API_URL: there is no Discord API at this address; it ends in /api/v10") from exc
        except discord.HTTPException as exc:
            raise ConfigError(f"Discord refused the sign-in with status {exc.status}; try again later") from exc
        except NO_ANSWER as exc:
            why = str(exc) or type(exc).__name__
            raise ConfigError(f"Discord cannot be reached: {why}; check the network and DISCORD_API_URL") from exc
        except UNREADABLE as exc:
            raise ConfigError("what answers at DISCORD_API_URL is not Discord's API; check the address") from exc
        if self.user is None:
            raise ConfigError(TOKEN_HELP)
        return self.user

    async def stay(self) -> None:
        """Hold the gateway until closed; one that is unreachable or broken is tried again.

        Raises:
            ConfigError: a privileged intent is asked for and not granted, the token was withdrawn, or Discord
                wants more shards.
        """
        try:
            await self.connect(reconnect=True)
        except discord.ConnectionClosed as exc:
            raise ConfigError(
                CLOSED_HELP.get(exc.code, f"Discord closed the gateway for good (code {exc.code})")
            ) from exc

    async def connect(self, *, reconnect: bool = True) -> None:
        """See `discord.Client.connect`; each shard has a line of its own. It always reconnects."""
        shards = self.shards_here
        for shard_id in shards.ids:
            attach = partial(self._attach, shard_id)
            self._gateway_lines[shard_id] = GatewayLine(self, None if shards.is_whole else shard_id, self.turns, attach)
        lines = self._gateway_lines.values()
        holding = self._holding = [asyncio.create_task(line.hold(), name="gateway line") for line in lines]
        try:
            done, _ = await asyncio.wait(holding, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for one in holding:
                one.cancel()
            await asyncio.gather(*holding, return_exceptions=True)
        for one in done:
            if not one.cancelled():
                one.result()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the shard's turn."""
        await self._gateway_lines[shard_id or 0].may_identify()

    async def close(self) -> None:
        """Close what is open, within a few seconds whatever the other side does; may be called again."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(), name="client closing")
        # the library's own second close would end in what cut its first one short
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        await self.turns.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await super().close()
        except NO_ANSWER as exc:
            log.info("the gateway was left without a goodbye", extra={"cause": type(exc).__name__})
            await self.http.close()
        for line in self._holding:  # what still waits, for its turn or for the network
            line.cancel()

    def _attach(self, shard_id: int, socket: DiscordWebSocket) -> None:
        self.ws = socket

    async def _ask_for_starts(self) -> SessionStarts | None:
        try:
            async with asyncio.timeout(STARTS_TIMEOUT_S):
                starts = read_starts(await self.http.request(Route("GET", "/gateway/bot")))
        except (discord.DiscordException, *NO_ANSWER, *UNREADABLE) as exc:
            log.info("Discord does not say how many sessions may start", extra={"cause": type(exc).__name__})
            return None
        if starts is not None and starts.shards > self.shards_here.count:
            log.warning("Discord recommends more shards", extra={"shards": starts.shards})
        return starts

    def _parse_on_known_ground(self, data: dict[str, Any]) -> None:
        """Make sure a message of a guild not seen yet is not taken for a direct message.

        The library drops the guild of a message it cannot find in its cache.
        """
        guild_id = data.get("guild_id")
        if guild_id is not None and self._connection._get_guild(int(guild_id)) is None:
            self._connection._add_guild_from_data({"id": guild_id, "unavailable": True})  # type: ignore[typeddict-item]
        self._parse_message(data)

    async def publish_commands(self) -> None:
        """Tell Discord the slash commands, again later where that helps; nobody is kept from talking to her by it."""
        await self.tree.set_translator(CommandTexts())
        for pause_s in (*PUBLISH_AGAIN_S, None):
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await self.tree.sync()
                return
            except (discord.DiscordException, *NO_ANSWER, *UNREADABLE) as exc:
                again_s = pause_s if is_passing(exc) else None
                extra = {"cause": type(exc).__name__, "code": getattr(exc, "code", 0), "again_in_s": again_s}
                log.warning("slash commands not published", extra=extra)
            if again_s is None or self.is_closed():
                return
            await asyncio.sleep(again_s)

    async def process_commands(self, message: discord.Message, /) -> None:
        """Do nothing: there are no text commands, and messages are the listener's."""


class ShardedClient(CompanionClient, commands.AutoShardedBot):
    """The gateway client for some shards of an application."""

    def __init__(self, *, message_content: bool, shards: Shards) -> None:
        super().__init__(
            message_content=message_content, shards=shards, shard_ids=list(shards.ids), shard_count=shards.count
        )
        self._connection.shard_count = shards.count
        self._connection.shard_ids = list(shards.ids)
        # where the library keeps its sockets, and what it ends its own loop with
        self._sockets: dict[int, Shard] = {}
        self._AutoShardedClient__shards = self._sockets
        self._AutoShardedClient__queue: asyncio.PriorityQueue[EventItem] = asyncio.PriorityQueue()
        self._reconnect = True

    def _attach(self, shard_id: int, socket: DiscordWebSocket) -> None:
        self._sockets[shard_id] = Shard(socket, self, _take_no_note)


def _take_no_note(_: object) -> None:
    """Leave what a shard has to say of itself to its line."""


def client_for(shards: Shards, *, message_content: bool) -> CompanionClient:
    """Make the client that hears *shards*."""
    if shards.is_whole:
        return CompanionClient(message_content=message_content)
    return ShardedClient(message_content=message_content, shards=shards)
