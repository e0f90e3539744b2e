"""Commands that show how she feels, why, towards whom, and who she is; they change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import show
from bot.domain.card import Card, Face, Picture
from bot.domain.feeling import MoodPoint, MoodView
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.mood_history import Span
from bot.domain.mood_words import describe
from bot.engine.look import Look
from bot.errors import UserError
from cogs.about import EVERYWHERE, PERSONAL
from cogs.cooldowns import costly
from cogs.presenters import mood as presenters
from cogs.presenters.personality import personality_card
from cogs.presenters.relationship import relationship_card

CHART_NAME = "mood.png"
VIBE_WITHIN_S = 2.0  # of the three seconds that Discord waits
POINTS_LEAST = 2  # one moment makes no line


class Draw(Protocol):
    """Draws a mood history as a PNG, away from the event loop."""

    async def __call__(self, history: Sequence[MoodPoint], *, span: Span) -> bytes:
        """Give the picture's bytes."""


class Mood(commands.Cog):
    """Shows her feelings to who asks; only `/vibe` is for everyone in the channel."""

    def __init__(self, look: Look, draw: Draw, pictures: Mapping[str, bytes] | None = None) -> None:
        """Take what is shown: views, charts, and the *pictures* of her faces by slug, where there are some."""
        self._look = look
        self._draw = draw
        self._pictures = {} if pictures is None else pictures

    @app_commands.command(description="How I feel, and how my day or week went")
    @costly()
    @app_commands.describe(why="Say what moved me instead", span="How far back the chart goes")
    async def mood(
        self, interaction: discord.Interaction, why: bool = False, span: Literal["day", "week"] = "day"
    ) -> None:
        """Answer privately with the mood card, or with what moved her."""
        await interaction.response.defer(ephemeral=True)
        card = await self._why(interaction) if why else await self._mood(interaction, Span(span))
        await show(interaction, card)

    @app_commands.command(description="What I feel about you, and how it moved")
    async def relationship(self, interaction: discord.Interaction) -> None:
        """Answer privately with how things stand towards the person who asks."""
        await interaction.response.defer(ephemeral=True)
        view = await self._look.relationship(UserId(interaction.user.id), guild_id=guild_of(interaction))
        await show(interaction, relationship_card(view, name=self._name, colour=self._colour))

    @app_commands.command(description="Who I am, and how my days changed me")
    async def personality(self, interaction: discord.Interaction) -> None:
        """Answer privately with factors, traits and drift."""
        await interaction.response.defer(ephemeral=True)
        view = await self._look.personality(guild_of(interaction))
        await show(interaction, personality_card(view, name=self._name, colour=self._colour))

    @app_commands.command(description="How I feel, in a line that everyone here can see")
    async def vibe(self, interaction: discord.Interaction) -> None:
        """Answer in the channel with her mood, without causes or anybody's name.

        It is not acknowledged beforehand: the answer to that would be public, whatever goes wrong.
        """
        try:
            async with asyncio.timeout(VIBE_WITHIN_S):
                view = await self._look.mood(guild_of(interaction), span=Span.DAY.length)
        except TimeoutError as exc:
            raise UserError("vibe_slow") from exc
        emoji = self._look.expression(view).emoji
        card = presenters.vibe_card(view, name=self._name, colour=self._colour, emoji=emoji)
        await show(interaction, card, is_private=False)

    async def _mood(self, interaction: discord.Interaction, span: Span) -> Card:
        view = await self._look.mood(guild_of(interaction), span=span.length)
        chart, face = await self._chart(view, span), self._face(view)
        return presenters.mood_card(view, name=self._name, colour=self._colour, face=face, chart=chart, span=span)

    async def _why(self, interaction: discord.Interaction) -> Card:
        causes = await self._look.causes(
            UserId(interaction.user.id),
            guild_id=guild_of(interaction),
            channel_id=ChannelId(interaction.channel_id or 0),
        )
        return presenters.why_card(causes, name=self._name, colour=self._colour)

    async def _chart(self, view: MoodView, span: Span) -> Picture | None:
        if len(view.history) < POINTS_LEAST:
            return None
        drawn = await self._draw(view.history, span=span)
        return Picture(drawn, CHART_NAME, describe(view.history, span=span, now=view.at))

    def _face(self, view: MoodView) -> Face:
        """Give the face that fits; one without a picture is its emoji."""
        expression = self._look.expression(view)
        content = self._pictures.get(expression.slug)
        if content is None or expression.picture is None:
            return Face(expression.emoji)
        name = f"{expression.slug}{PurePath(expression.picture).suffix}"
        return Face(expression.emoji, Picture(content, name, expression.when))

    @property
    def _name(self) -> str:
        return self._look.companion.name

    @property
    def _colour(self) -> int:
        return self._look.persona.colour


def guild_of(interaction: discord.Interaction) -> GuildId | None:
    """Give the server whose soul is asked for; none where the app is only a person's own."""
    is_personal = interaction.is_user_integration() and not interaction.is_guild_integration()
    return None if interaction.guild_id is None or is_personal else GuildId(interaction.guild_id)


for _command in (Mood.mood, Mood.relationship, Mood.personality, Mood.vibe):
    _command.allowed_installs = PERSONAL
    _command.allowed_contexts = EVERYWHERE
