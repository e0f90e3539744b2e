"""Commands about reminders: set one, see what waits, cancel, and say by whose clock."""

from __future__ import annotations

from collections.abc import Sequence
from re import Match
from typing import Any, Self, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import card_view, show
from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import words_of
from bot.adapters.discord.trouble import NO_ANSWER, is_passing
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Person
from bot.domain.timer import LINE_LIMIT, TimerId, WaitingTimer
from bot.domain.when import PHRASE_LIMIT
from bot.domain.zones import zones_like
from bot.engine.look import Look
from bot.engine.timers import Remind, what_of
from bot.errors import CompanionError, UserError
from cogs.about import EVERYWHERE, PERSONAL
from cogs.errors import report_command_error
from cogs.presenters import remind as presenters

MENU_ID = "remind:cancel"
CHOICES_MOST = 25  # Discord's own limit, for choices while typing and for a menu
ZONE_LIMIT = 64  # characters; more than any name has
NUMBER_LIMIT = 19  # digits of a timer's number

Asked = discord.Interaction
Menu = discord.ui.Select[discord.ui.LayoutView]


class Reminders(commands.Cog):
    """Sets, lists and cancels a person's own reminders; all of it privately."""

    remind = app_commands.Group(
        name="remind",
        description="Have me remind you of something, at its time",
        allowed_installs=PERSONAL,
        allowed_contexts=EVERYWHERE,
    )

    def __init__(self, client: commands.Bot, remind: Remind, look: Look) -> None:
        self._client = client
        self._remind = remind
        self._look = look

    async def cog_load(self) -> None:
        """Take clicks on menus of any age, also those of an earlier run."""
        self._client.add_dynamic_items(CancelMenu)

    @remind.command(name="me", description="I write to you directly when it is time")
    @app_commands.describe(when="in 20 minutes, tomorrow at 9, 24 Dec 18:00 …", what="What to remind you of")
    async def me(
        self,
        interaction: Asked,
        when: app_commands.Range[str, 1, PHRASE_LIMIT],
        what: app_commands.Range[str, 1, LINE_LIMIT],
    ) -> None:
        """Keep a reminder; it comes as a direct message, wherever it was asked for."""
        await interaction.response.defer(ephemeral=True)
        owner, shown = _person(interaction), what_of(what)
        due_at = await self._remind.plan(owner.user_id, when)
        place = await _private_place(interaction)
        await self._remind.set(owner, place, due_at, words_of(presenters.line_due(shown), is_plain=True))
        chosen = await self._remind.zone(owner.user_id)
        zone = chosen or await self._remind.zone_in_use(owner.user_id)
        await show(interaction, presenters.set_card(due_at, shown, zone=zone, is_own_zone=chosen is not None))

    @me.autocomplete("when")
    async def _complete_when(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Show how a time is read while it is typed."""
        try:
            user_id = UserId(interaction.user.id)
            due_at = await self._remind.plan(user_id, typed)
            there = due_at.astimezone(self._remind.time_in(await self._remind.zone_in_use(user_id)).tzinfo)
        except CompanionError:
            return []
        # what was typed stays what is meant: a span counts from when the command is sent
        return [app_commands.Choice(name=presenters.time_label(there), value=typed.strip())]

    @remind.command(name="list", description="What I will remind you of")
    async def show_list(self, interaction: Asked) -> None:
        """Answer privately with what waits, and a menu to cancel some of it."""
        await interaction.response.defer(ephemeral=True)
        view = await self._list(interaction)
        await interaction.followup.send(view=view, ephemeral=True)

    @remind.command(name="cancel", description="Take a reminder back")
    @app_commands.describe(which="Which one")
    async def cancel(self, interaction: Asked, which: app_commands.Range[str, 1, 100]) -> None:
        """Cancel one of a person's own."""
        await interaction.response.defer(ephemeral=True)
        user_id = UserId(interaction.user.id)
        timers = await self._remind.waiting(user_id)
        timer = next((one for one in timers if str(one.timer_id) == which.strip()), None)
        if timer is None or not await self._remind.cancel(user_id, [timer.timer_id]):
            raise UserError("remind_gone")
        await show(interaction, presenters.cancelled_card(timer))

    @cancel.autocomplete("which")
    async def _complete_which(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer a person's own reminders."""
        try:
            labels = await self._labels(UserId(interaction.user.id))
        except CompanionError:
            return []
        wanted = typed.strip().casefold()
        return [
            app_commands.Choice(name=label, value=str(timer_id))
            for timer_id, label in labels.items()
            if wanted in label.casefold() or wanted == str(timer_id)
        ][:CHOICES_MOST]

    @remind.command(name="zone", description="Say where you are, so that I read your times by your clock")
    @app_commands.describe(zone="Your time zone, such as Europe/Berlin")
    async def zone(self, interaction: Asked, zone: app_commands.Range[str, 1, ZONE_LIMIT]) -> None:
        """Keep the person's time zone."""
        await interaction.response.defer(ephemeral=True)
        name, there = await self._remind.choose_zone(_person(interaction), zone)
        await show(interaction, presenters.zone_card(name, there))

    @zone.autocomplete("zone")
    async def _complete_zone(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer time zones with what the clock says there."""
        return [
            app_commands.Choice(name=f"{name} ({self._remind.time_in(name):%H:%M})", value=name)
            for name in zones_like(typed, CHOICES_MOST)
        ]

    async def cancelled(self, interaction: Asked, numbers: Sequence[str]) -> None:
        """Cancel what was chosen on a menu, and show what is left in its place."""
        await interaction.response.defer()
        chosen = [TimerId(int(one)) for one in numbers if one.isdecimal() and len(one) <= NUMBER_LIMIT]
        count = await self._remind.cancel(UserId(interaction.user.id), chosen)
        await interaction.edit_original_response(view=await self._list(interaction, cancelled=count))

    async def _list(self, interaction: Asked, *, cancelled: int = 0) -> discord.ui.LayoutView:
        user_id = UserId(interaction.user.id)
        timers = await self._remind.waiting(user_id)
        name, colour = self._look.companion.name, self._look.persona.colour
        view = card_view(presenters.list_card(timers, cancelled=cancelled, name=name, colour=colour))
        if timers:
            row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
            row.add_item(CancelMenu.over(await self._labels(user_id, timers)))
            view.add_item(row)
        return view

    async def _labels(self, user_id: UserId, timers: Sequence[WaitingTimer] | None = None) -> dict[TimerId, str]:
        waiting = await self._remind.waiting(user_id) if timers is None else timers
        zone = self._remind.time_in(await self._remind.zone_in_use(user_id)).tzinfo
        return {one.timer_id: presenters.label_of(one, one.due_at.astimezone(zone)) for one in waiting}


class CancelMenu(discord.ui.DynamicItem[Menu], template=MENU_ID):
    """A menu of somebody's reminders: what is chosen is cancelled. It works after a restart as well."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        hint = words_of(presenters.menu_hint(), is_plain=True)
        super().__init__(
            discord.ui.Select(custom_id=MENU_ID, placeholder=hint, options=options, max_values=len(options))
        )

    @classmethod
    def over(cls, labels: dict[TimerId, str]) -> Self:
        """Make the menu of these timers."""
        return cls([discord.SelectOption(label=label, value=str(timer_id)) for timer_id, label in labels.items()])

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the menu that was clicked anew."""
        return cls(cast(Menu, item).options)

    async def callback(self, interaction: Asked) -> None:
        """Cancel what was chosen; trouble is answered as commands do."""
        speak_to(interaction)
        cog = cast(commands.Bot, interaction.client).get_cog(Reminders.__name__)
        try:
            if isinstance(cog, Reminders):
                await cog.cancelled(interaction, self.item.values)
        except Exception as error:  # noqa: BLE001 - the edge of a click
            await report_command_error(interaction, app_commands.CommandInvokeError(Reminders.show_list, error))


def _person(interaction: Asked) -> Person:
    user = interaction.user
    return Person(UserId(user.id), user.display_name, is_bot=user.bot)


async def _private_place(interaction: Asked) -> ChannelId:
    """Give the direct conversation with who asks.

    Raises:
        UserError: Discord allows none, or does not answer.
    """
    if interaction.context.dm_channel and interaction.channel_id is not None:
        return ChannelId(interaction.channel_id)
    try:
        channel = await interaction.user.create_dm()
    except (discord.HTTPException, *NO_ANSWER) as exc:
        raise UserError("discord_away" if is_passing(exc) else "remind_no_dm") from exc
    return ChannelId(channel.id)
