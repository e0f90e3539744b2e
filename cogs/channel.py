"""Commands by which who runs a server says what she hears in a channel, how much she says there, and when not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from re import Match
from typing import Any, Self, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import card_view
from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import words_of
from bot.adapters.discord.reading import channel_of
from bot.domain.clock_time import clock_time, read_clock_time
from bot.domain.ids import GuildId, UserId
from bot.domain.message import Channel, ChannelKind
from bot.domain.persona import Companion, Persona, Rating
from bot.domain.room_policy import CHATTINESS_MOST, Hearing, QuietHours, RoomPolicy
from bot.domain.zones import find_zone, zones_like
from bot.engine.look import Look
from bot.engine.policies import Policies
from bot.engine.timers import Remind
from bot.engine.wear import Wear
from bot.errors import CompanionError, UserError
from cogs.errors import report_command_error
from cogs.presenters import channel as presenters
from cogs.remind import CHOICES_MOST, ZONE_LIMIT

WITHIN_S = 2.0  # of the three seconds that Discord waits: acknowledged first, trouble could not be told privately
CLOCK_LIMIT = 20  # characters of a time of day
PERSONA_LIMIT = 40
OFF = "off"
STEPS = {"quieter": -1, "chattier": 1}

Asked = discord.Interaction
Button = discord.ui.Button[discord.ui.LayoutView]
Threaded = discord.TextChannel | discord.ForumChannel


class Channels(commands.Cog):
    """Sets what holds in a channel or a thread, and says so there."""

    channel = app_commands.Group(
        name="channel",
        description="What I hear and say in this channel: for who runs this server",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    def __init__(
        self,
        client: commands.Bot,
        policies: Policies,
        remind: Remind,
        look: Look,
        *,
        has_content: bool,
        wear: Wear | None = None,
    ) -> None:
        """Take what is needed; *has_content* says that Discord gives her what is not addressed to her.

        Without *wear* her next answers bridge no change of persona.
        """
        self._client = client
        self._policies = policies
        self._remind = remind
        self._look = look
        self._has_content = has_content
        self._wear = wear

    async def cog_load(self) -> None:
        """Take clicks on buttons of any age, also those of an earlier run."""
        self._client.add_dynamic_items(StepButton)

    @channel.command(description="Let me hear everything here, and join in; what is left out stays as it was")
    @app_commands.describe(
        chattiness="How much I say unasked, from 0 (nothing) to 10",
        quiet_from="When I begin to be quiet, such as 23:00; off takes quiet hours away",
        quiet_until="When I am no longer quiet, such as 7:00",
        time_zone="By which clock, such as Europe/Berlin",
        persona="How I speak here",
    )
    async def listen(
        self,
        interaction: Asked,
        chattiness: app_commands.Range[int, 0, CHATTINESS_MOST] | None = None,
        quiet_from: app_commands.Range[str, 1, CLOCK_LIMIT] | None = None,
        quiet_until: app_commands.Range[str, 1, CLOCK_LIMIT] | None = None,
        time_zone: app_commands.Range[str, 1, ZONE_LIMIT] | None = None,
        persona: app_commands.Range[str, 1, PERSONA_LIMIT] | None = None,
    ) -> None:
        """Hear everything in this channel from now on, and tell everybody there."""
        place = allowed_place(interaction)
        async with _in_time():
            was = await self._policies.of(place)
            home = await self._remind.zone_in_use(UserId(interaction.user.id))
            policy = replace(
                was,
                hearing=Hearing.LISTEN,
                chattiness=was.chattiness if chattiness is None else chattiness,
                quiet=quiet_hours(was.quiet, quiet_from, quiet_until, time_zone, home),
                persona=was.persona if persona is None else persona_of(self._look.companion, persona, place),
            )
            await self._keep(interaction, place, policy)
            if self._wear is not None and policy.persona != was.persona:
                await self._wear.changed_in(place, was.persona, policy.persona)
        await self._show(interaction, place, policy, is_private=False)

    @channel.command(name="mention-only", description="Let me hear only what mentions me or replies to me here")
    async def mention_only(self, interaction: Asked) -> None:
        """Hear only what is said to her, and tell everybody there."""
        await self._hear(interaction, Hearing.MENTION_ONLY)

    @channel.command(description="Let me hear nothing here, not even my name")
    async def ignore(self, interaction: Asked) -> None:
        """Hear nothing, and tell everybody there."""
        await self._hear(interaction, Hearing.IGNORE)

    @channel.command(name="show", description="What I hear in this channel, and what I can do here")
    async def show_settings(self, interaction: Asked) -> None:
        """Answer privately with what holds."""
        place = allowed_place(interaction)
        await interaction.response.defer(ephemeral=True)
        await self._show(interaction, place, await self._policies.of(place), is_private=True)

    @listen.autocomplete("quiet_from")
    @listen.autocomplete("quiet_until")
    async def _complete_clock(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Show how a time is read while it is typed."""
        minutes = read_clock_time(typed)
        if minutes is not None:
            return [app_commands.Choice(name=clock_time(minutes), value=clock_time(minutes))]
        if typed.strip().casefold() not in ("", OFF[: len(typed.strip())]):
            return []
        return [app_commands.Choice(name=words_of(presenters.no_quiet_hours(), is_plain=True), value=OFF)]

    @listen.autocomplete("time_zone")
    async def _complete_zone(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer time zones with what the clock says there."""
        return [
            app_commands.Choice(name=f"{name} ({self._remind.time_in(name):%H:%M})", value=name)
            for name in zones_like(typed, CHOICES_MOST)
        ]

    @listen.autocomplete("persona")
    async def _complete_persona(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the personas that may be worn here."""
        try:
            place = allowed_place(interaction)
        except CompanionError:
            return []
        companion, wanted = self._look.companion, typed.strip().casefold()
        labels = {one.slug: presenters.persona_label(companion, one.slug) for one in personas_at(companion, place)}
        return [
            app_commands.Choice(name=label, value=slug)
            for slug, label in labels.items()
            if wanted in label.casefold() or wanted in slug
        ][:CHOICES_MOST]

    async def stepped(self, interaction: Asked, way: str) -> None:
        """Let her say a little more or less unasked, and draw the card anew."""
        place = allowed_place(interaction)
        await interaction.response.defer()
        policy = await self._policies.of(place)
        if policy.hearing is Hearing.LISTEN:
            chattiness = min(max(policy.chattiness + STEPS[way], 0), CHATTINESS_MOST)
            if chattiness != policy.chattiness:
                policy = replace(policy, chattiness=chattiness)
                await self._keep(interaction, place, policy)
        await interaction.edit_original_response(view=self._view(interaction, place, policy))

    async def _hear(self, interaction: Asked, hearing: Hearing) -> None:
        place = allowed_place(interaction)
        async with _in_time():
            policy = replace(await self._policies.of(place), hearing=hearing)
            await self._keep(interaction, place, policy)
        await self._show(interaction, place, policy, is_private=False)

    async def _keep(self, interaction: Asked, place: Channel, policy: RoomPolicy) -> None:
        guild_id = place.guild_id or GuildId(0)
        await self._policies.set(place.channel_id, guild_id, policy, by=UserId(interaction.user.id))

    async def _show(self, interaction: Asked, place: Channel, policy: RoomPolicy, *, is_private: bool) -> None:
        speak_to(interaction, is_private=is_private)
        view = self._view(interaction, place, policy)
        if interaction.response.is_done():
            await interaction.followup.send(view=view, ephemeral=is_private)
        else:
            await interaction.response.send_message(view=view, ephemeral=is_private)

    def _view(self, interaction: Asked, place: Channel, policy: RoomPolicy) -> discord.ui.LayoutView:
        abilities = abilities_at(interaction, place, has_content=self._has_content)
        card = presenters.channel_card(policy, abilities, self._look.companion, colour=self._look.persona.colour)
        view = card_view(card)
        if policy.hearing is Hearing.LISTEN:
            row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
            row.add_item(StepButton("quieter", is_disabled=policy.chattiness <= 0))
            row.add_item(StepButton("chattier", is_disabled=policy.chattiness >= CHATTINESS_MOST))
            view.add_item(row)
        return view


class StepButton(discord.ui.DynamicItem[Button], template=r"channel:(?P<way>quieter|chattier)"):
    """A button that lets her say more or less unasked. It works after a restart as well, for who may use it."""

    def __init__(self, way: str, *, is_disabled: bool = False) -> None:
        self._way = way
        label = dict(zip(STEPS, presenters.step_labels(), strict=True))[way]
        super().__init__(
            discord.ui.Button(custom_id=f"channel:{way}", label=words_of(label, is_plain=True), disabled=is_disabled)
        )

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the button that was clicked anew."""
        return cls(match["way"])

    async def callback(self, interaction: Asked) -> None:
        """Change how much she says; trouble is answered as commands do."""
        speak_to(interaction)
        cog = cast(commands.Bot, interaction.client).get_cog(Channels.__name__)
        try:
            if isinstance(cog, Channels):
                await cog.stepped(interaction, self._way)
        except Exception as error:  # noqa: BLE001 - the edge of a click
            await report_command_error(interaction, app_commands.CommandInvokeError(Channels.show_settings, error))


def allowed_place(interaction: Asked) -> Channel:
    """Give the channel or thread that is spoken of, for who may set something there.

    Discord shows these commands by permission, but a server may grant them to anybody: this is what holds, for a click
    as for a command.

    Raises:
        UserError: this person may not, or not here.
    """
    if interaction.guild_id is None or interaction.channel is None:
        raise UserError("channel_only_server")
    if not (interaction.permissions.manage_guild or interaction.permissions.administrator):
        raise UserError("channel_only_manager")
    return channel_of(interaction.channel, interaction.guild_id)


def quiet_hours(
    was: QuietHours | None, begins: str | None, ends: str | None, zone: str | None, home: str
) -> QuietHours | None:
    """Give the quiet hours that are meant; what is left out stays as it *was*, *home* is the zone of who says none.

    Raises:
        UserError: a time or a zone cannot be read, or something is missing.
    """
    if begins is None and ends is None and zone is None:
        return was
    if OFF in (_plain(begins), _plain(ends)):
        return None
    first = _minutes(begins) if begins is not None else None if was is None else was.begins
    last = _minutes(ends) if ends is not None else None if was is None else was.ends
    if first is None or last is None:
        raise UserError("channel_quiet_half")
    named = find_zone(zone) if zone is not None else home if was is None else was.zone
    if named is None:
        raise UserError("zone_unknown")
    return QuietHours(first, last, named)


def personas_at(companion: Companion, place: Channel) -> list[Persona]:
    """List the personas that may be worn in a channel: adult ones only where Discord restricts by age."""
    return [one for one in companion.personas if place.is_age_restricted or one.rating is not Rating.ADULT]


def persona_of(companion: Companion, typed: str, place: Channel) -> str | None:
    """Give the persona that is meant, by slug or title; None is her usual one.

    Raises:
        UserError: there is none of that name, or it may not be worn here.
    """
    wanted = typed.strip().casefold()
    found = next((one for one in companion.personas if wanted in (one.slug, one.title.casefold())), None)
    if found is None:
        raise UserError("room_persona_unknown", persona=typed)
    if found not in personas_at(companion, place):
        raise UserError("channel_persona_adult", persona=found.title)
    return None if found == companion.default_persona else found.slug


def abilities_at(interaction: Asked, place: Channel, *, has_content: bool) -> presenters.Abilities:
    """Say what she can do in a channel, as Discord tells with each use of a command."""
    may = interaction.app_permissions
    is_thread = place.kind is ChannelKind.THREAD
    return presenters.Abilities(
        sees=may.view_channel,
        reads_all=has_content,
        reads_history=may.read_message_history,
        sends=may.send_messages_in_threads if is_thread else may.send_messages,
        reacts=may.add_reactions,
        opens_threads=may.create_public_threads if isinstance(interaction.channel, Threaded) else None,
        is_thread=is_thread,
    )


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    """Give up while trouble can still be told privately."""
    try:
        async with asyncio.timeout(WITHIN_S):
            yield
    except TimeoutError as exc:
        raise UserError("channel_slow") from exc


def _minutes(typed: str) -> int:
    minutes = read_clock_time(typed)
    if minutes is None:
        raise UserError("channel_clock_unclear")
    return minutes


def _plain(typed: str | None) -> str | None:
    return None if typed is None else typed.strip().casefold()
