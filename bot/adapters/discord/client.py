"""The Discord client: small caches, unprivileged intents, addresses from settings."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import ConfigError

log = logging.getLogger(__name__)

TOKEN_HELP = (
    "DISCORD_TOKEN: Discord does not know this token; copy it anew from the developer portal "
    "(Bot → Reset Token) into .env"
)
GATEWAY_RETRY_S = 5.0
INTENT_HELP = (
    "MIRA_MESSAGE_CONTENT asks for the message-content intent, which Discord has not granted this "
    "application; turn it on in the developer portal (Bot → Privileged Gateway Intents), or unset the setting"
)

ASK_TIMEOUT_S = 10.0

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


# she does not speak aloud: the warnings about voice libraries would only puzzle people
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class CompanionClient(commands.Bot):
    """The gateway client; what it does with events is up to the cogs."""

    def __init__(self, *, message_content: bool) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=intents_for(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            enable_debug_events=False,
        )
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
        except (TypeError, ValueError, KeyError) as exc:
            raise ConfigError("what answers at DISCORD_API_URL is not Discord's API; check the address") from exc
        except (OSError, TimeoutError) as exc:
            raise ConfigError(f"Discord cannot be reached: {exc}; check the network and DISCORD_API_URL") from exc
        if self.user is None:
            raise ConfigError(TOKEN_HELP)
        return self.user

    async def stay(self) -> None:
        """Hold the gateway connection until closed; an unreachable or broken gateway is tried again.

        Raises:
            ConfigError: a privileged intent is asked for and not granted, or the token was withdrawn.
        """
        while not self.is_closed():
            try:
                await self.connect(reconnect=True)
            except discord.PrivilegedIntentsRequired as exc:
                raise ConfigError(INTENT_HELP) from exc
            except discord.ConnectionClosed as exc:
                raise ConfigError(f"Discord closed the gateway for good (code {exc.code})") from exc
            except discord.LoginFailure as exc:
                raise ConfigError(TOKEN_HELP) from exc
            except (AttributeError, ValueError) as exc:
                # the library trips over a first connection that fails, and over a frame that is no JSON
                if isinstance(exc, AttributeError) and self.ws is not None:
                    raise
                log.warning("the gateway cannot be used; trying again", extra={"cause": type(exc).__name__})
                await asyncio.sleep(GATEWAY_RETRY_S)

    def _parse_on_known_ground(self, data: dict[str, Any]) -> None:
        """Make sure a message of a guild not seen yet is not taken for a direct message.

        The library drops the guild of a message it cannot find in its cache.
        """
        guild_id = data.get("guild_id")
        if guild_id is not None and self._connection._get_guild(int(guild_id)) is None:
            self._connection._add_guild_from_data({"id": guild_id, "unavailable": True})  # type: ignore[typeddict-item]
        self._parse_message(data)

    async def publish_commands(self) -> None:
        """Tell Discord the slash commands; trouble with it keeps nobody from talking to her."""
        try:
            async with asyncio.timeout(60):
                await self.tree.sync()
        except (discord.DiscordException, OSError, TimeoutError) as exc:
            log.warning("slash commands not published", extra={"cause": type(exc).__name__})

    async def process_commands(self, message: discord.Message, /) -> None:
        """Do nothing: there are no text commands, and messages are the listener's."""
