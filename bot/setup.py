"""What a host has to do before Mira can run: step by step, with what is done already and the links for the rest.

Owns the list of permissions she asks for, each with what it is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import discord
import typer

from bot.adapters.discord.client import CompanionClient, point_at
from bot.adapters.llm.presets import choose
from bot.adapters.llm.probe import find_ollama
from bot.errors import ConfigError
from bot.foundation import wishes_of
from bot.settings import Settings

AUTHORIZE_URL = "https://discord.com/oauth2/authorize"
PORTAL_URL = "https://discord.com/developers/applications"
SERVER_SCOPES = ("bot", "applications.commands")
PERSON_SCOPES = ("applications.commands",)
SERVER_INSTALL, PERSON_INSTALL = 0, 1  # Discord's integration types

# What is used and no more. Cards and charts answer slash commands, which needs no permission in the channel.
PERMISSIONS: Mapping[str, tuple[str, str]] = {
    "view_channel": (
        "View Channels",
        "to be told of messages that mention her, to hear where she is let listen, and to be found in the channel",
    ),
    "send_messages": ("Send Messages", "to answer"),
    "send_messages_in_threads": ("Send Messages in Threads", "to answer where a talk is held in a thread"),
    "create_public_threads": ("Create Public Threads", "to open a thread for what would crowd a channel"),
    "read_message_history": (
        "Read Message History",
        "to reply to a message, to look for her own one after a crash, and to read what she missed while away",
    ),
    "add_reactions": ("Add Reactions", "to react, and to show that she saw a message she cannot answer yet"),
}

WITHOUT_TOKEN = f"""\
1. A bot account
   · Open {PORTAL_URL} and choose New Application. Its name is the one people see.
   · Under Bot choose Reset Token, and copy what it shows: it is shown once. Whoever has it is her.
   · Put it into the file .env, as the line DISCORD_TOKEN=…, and keep that file to yourself.
   · Run `mira setup` again: it then gives the link that invites her, and checks the rest."""
INTENTS_PLACE = f"{PORTAL_URL}/{{id}}/bot, under Privileged Gateway Intents"


async def set_up(settings: Settings) -> None:
    """Print the steps.

    Raises:
        ConfigError: there is a token, and Discord does not know it or cannot be asked.
    """
    if settings.discord_token is None:
        typer.echo(WITHOUT_TOKEN)
        typer.echo(_said("2. Which intents", [_wanted_intents(settings)]))
        typer.echo(_said("3. What the link will ask for", permission_lines()))
    else:
        application = await _application(settings, settings.discord_token.get_secret_value())
        typer.echo(f"1. A bot account\n   ✓ Discord knows the token: {application.name} ({application.id})")
        typer.echo(_said("2. Which intents", intent_lines(settings, application)))
        typer.echo(_said("3. Invite her", invitation_lines(application)))
    typer.echo(_said("4. A model", [await _model_line(settings)]))
    typer.echo(_said("5. A place to keep things", [_database_line(settings)]))
    typer.echo(
        _said("6. Start her", ["`mira doctor` tries all of this and says what is missing; `mira run` starts her."])
    )


async def _application(settings: Settings, token: str) -> discord.AppInfo:
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    client = CompanionClient(message_content=settings.message_content)
    try:
        await client.sign_in(token)
        if client.application is None:
            raise RuntimeError("the library signed in without asking for the application")
        return client.application
    finally:
        await client.close()


def permissions() -> discord.Permissions:
    """Give what she asks for on a server."""
    return discord.Permissions(**dict.fromkeys(PERMISSIONS, True))


def server_link(application_id: int) -> str:
    """Give the link that invites her to a server."""
    return _link(
        client_id=application_id,
        integration_type=SERVER_INSTALL,
        permissions=permissions().value,
        scope=" ".join(SERVER_SCOPES),
    )


def person_link(application_id: int) -> str:
    """Give the link by which a person installs her commands for themselves, wherever they write."""
    return _link(client_id=application_id, integration_type=PERSON_INSTALL, scope=" ".join(PERSON_SCOPES))


def _link(**parts: object) -> str:
    return f"{AUTHORIZE_URL}?{urlencode(parts)}"


def permission_lines() -> Iterator[str]:
    """Say of each permission what it is for."""
    for name, purpose in PERMISSIONS.values():
        yield f"{name}: {purpose}."


def intent_lines(settings: Settings, application: discord.AppInfo) -> Iterator[str]:
    """Say which privileged intents these settings need, and whether Discord has them on."""
    flags = application.flags
    place = INTENTS_PLACE.format(id=application.id)
    has_content = flags.gateway_message_content or flags.gateway_message_content_limited
    if settings.message_content and has_content:
        yield "✓ Message Content: MIRA_MESSAGE_CONTENT asks for it, and it is on."
    elif settings.message_content:
        yield f"✗ Message Content: MIRA_MESSAGE_CONTENT asks for it, and it is off. Turn it on at {place}."
    else:
        yield f"✓ {_wanted_intents(settings)}"
    if has_content and not settings.message_content:
        yield f"· Message Content is on and not used; you may turn it off at {place}."
    for name, is_on in _unused(flags).items():
        if is_on:
            yield f"· {name} is on and never used; you may turn it off at {place}."


def _unused(flags: discord.ApplicationFlags) -> dict[str, bool]:
    return {
        "Server Members": flags.gateway_guild_members or flags.gateway_guild_members_limited,
        "Presence": flags.gateway_presence or flags.gateway_presence_limited,
    }


def _wanted_intents(settings: Settings) -> str:
    if settings.message_content:
        return "Message Content must be turned on in the developer portal, because MIRA_MESSAGE_CONTENT asks for it."
    return (
        "None of the privileged ones: what is written to her directly, mentions her or replies to her, she can read. "
        "To hear everything where `/channel listen` lets her, she needs Message Content: set MIRA_MESSAGE_CONTENT=1 "
        "and turn it on in the developer portal. From 100 servers on, Discord wants to be asked for it."
    )


def invitation_lines(application: discord.AppInfo) -> Iterator[str]:
    """Give the links, what they ask for, and what in the portal would keep them from working."""
    yield "To a server, by somebody who may manage it:"
    yield f"  {server_link(application.id)}"
    for line in permission_lines():
        yield f"  · {line}"
    yield "For yourself alone: to write to her directly without a server in common, and to use her commands anywhere:"
    yield f"  {person_link(application.id)}"
    place = f"{PORTAL_URL}/{application.id}"
    if application.user_integration_config is None:
        yield f"  ✗ User Install is off: turn it on at {place}/installation, under Installation Contexts."
    if application.bot_require_code_grant:
        yield f"✗ Requires OAuth2 Code Grant is on, and no invitation works with it: turn it off at {place}/bot."
    if not application.bot_public:
        yield "· Public Bot is off: only the application's owner can invite her. Right for a bot of your own."


async def _model_line(settings: Settings) -> str:
    wishes = wishes_of(settings)
    try:
        choice = choose(wishes, (await find_ollama() or ()) if wishes.is_empty() else ())
    except ConfigError as exc:
        return f"✗ {exc}."
    if choice is not None:
        return f"✓ {choice.quality.model} is configured; `mira doctor` asks it something."
    return (
        "✗ None is configured, and no Ollama answers on this machine: put OPENAI_API_KEY into .env, or MIRA_PROVIDER "
        "and what it needs (docs/settings.md), or start Ollama."
    )


def _database_line(settings: Settings) -> str:
    if settings.database_url is not None:
        return "✓ DATABASE_URL names one; `mira doctor` looks whether it answers and has pgvector."
    return f"✓ Nothing to do: a Postgres of her own runs in {settings.data_dir} (docs/hosting.md tells of backups)."


def _said(title: str, lines: Iterator[str] | list[str]) -> str:
    return "\n".join(["", title, *(f"   {line}" for line in lines)])
