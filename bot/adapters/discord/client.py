"""The Discord client: small caches, unprivileged intents, addresses from settings."""

from __future__ import annotations

import asyncio
import logging

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
INTENT_HELP = (
    "MIRA_MESSAGE_CONTENT asks for the message-content intent, which Discord has not granted this "
    "application; turn it on in the developer portal (Bot → Privileged Gateway Intents), or unset the setting"
)

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

    async def sign_in(self, token: str) -> discord.ClientUser:
        """Check the token over REST; gives her own user.

        Raises:
            ConfigError: Discord does not know the token, or cannot be reached at all.
        """
        try:
            await self.login(token)
        except discord.LoginFailure as exc:
            raise ConfigError(TOKEN_HELP) from exc
        except discord.HTTPException as exc:
            raise ConfigError(f"Discord refused the sign-in with status {exc.status}; try again later") from exc
        except (OSError, TimeoutError) as exc:
            raise ConfigError(f"Discord cannot be reached: {exc}; check the network and DISCORD_API_URL") from exc
        if self.user is None:
            raise ConfigError(TOKEN_HELP)
        return self.user

    async def stay(self) -> None:
        """Hold the gateway connection until closed.

        Raises:
            ConfigError: a privileged intent is asked for and not granted, or the token was withdrawn.
        """
        try:
            await self.connect(reconnect=True)
        except discord.PrivilegedIntentsRequired as exc:
            raise ConfigError(INTENT_HELP) from exc
        except discord.ConnectionClosed as exc:
            raise ConfigError(f"Discord closed the gateway for good (code {exc.code})") from exc
        except discord.LoginFailure as exc:
            raise ConfigError(TOKEN_HELP) from exc

    async def publish_commands(self) -> None:
        """Tell Discord the slash commands; trouble with it keeps nobody from talking to her."""
        try:
            async with asyncio.timeout(60):
                await self.tree.sync()
        except (discord.DiscordException, OSError, TimeoutError) as exc:
            log.warning("slash commands not published", extra={"cause": type(exc).__name__})

    async def process_commands(self, message: discord.Message, /) -> None:
        """Do nothing: there are no text commands, and messages are the listener's."""
