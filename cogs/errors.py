"""The edge of commands: whatever goes wrong gets a private line with a reference, and a log line."""

from __future__ import annotations

import logging

import discord
from discord import app_commands

from bot.adapters.discord.locales import text_of
from bot.adapters.discord.trouble import NO_ANSWER
from bot.domain.card import Card
from bot.errors import UserError, new_reference

log = logging.getLogger(__name__)


async def report_command_error(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
    """Answer privately with what to do, or with the reference that the log carries."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, app_commands.CommandOnCooldown):
        again = interaction.created_at.timestamp() + cause.retry_after
        await _tell(interaction, Card("cooldown", {"seconds": int(again) + 1}))
        return
    if isinstance(cause, UserError):
        await _tell(interaction, Card(cause.key, cause.arguments))
        return
    reference = new_reference()
    log.error("command failed", exc_info=cause, extra={"ref": reference})
    await _tell(interaction, Card("crash", {"reference": reference}))


async def _tell(interaction: discord.Interaction, card: Card) -> None:
    send = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
    try:
        await send(text_of(card), ephemeral=True)
    except (discord.DiscordException, *NO_ANSWER) as exc:
        log.info("error line not shown", extra={"code": getattr(exc, "code", 0), "cause": type(exc).__name__})
