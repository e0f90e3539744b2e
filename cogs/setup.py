"""The command and the clicks by which who runs a server sets her up there.

A card of this kind may stand in a channel for all to see, so whoever clicks gets a card of their own, and each click is
checked anew: by whom it is, on which server, and whether the channel is one of that server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
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
from bot.adapters.discord.trouble import NO_ANSWER
from bot.domain.card import Card
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.persona import Persona
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.engine.house_rules import RULES_MOST, HouseRules
from bot.engine.look import Look
from bot.engine.policies import Policies
from bot.engine.wear import Wear
from bot.errors import UserError
from cogs.channel import personas_at
from cogs.errors import report_command_error
from cogs.presenters import persona as persona_presenters
from cogs.presenters import setup as presenters
from cogs.presenters.channel import Abilities

FORM_OPEN_S = 1_800.0
REST = r"[\w.-]{0,60}"
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]

Asked = discord.Interaction
View = discord.ui.LayoutView
Row = discord.ui.ActionRow[View]
Button = discord.ui.Button[View]
Menu = discord.ui.Select[View]
ChannelMenu = discord.ui.ChannelSelect[View]
Place = discord.TextChannel | discord.VoiceChannel | discord.Thread
Typed = Callable[[Asked, str], Awaitable[None]]


class Setup(commands.Cog):
    """Shows how she stands on a server, and sets what she hears where, how she speaks there, and the house rules."""

    def __init__(
        self,
        client: commands.Bot,
        policies: Policies,
        rules: HouseRules,
        wear: Wear,
        look: Look,
        *,
        has_content: bool,
    ) -> None:
        """Take what is needed; *has_content* says that Discord gives her what is not addressed to her."""
        self._client = client
        self._policies = policies
        self._rules = rules
        self._wear = wear
        self._look = look
        self._has_content = has_content

    async def cog_load(self) -> None:
        """Take clicks of any age, also those of an earlier run."""
        self._client.add_dynamic_items(SetupButton, SetupMenu, SetupChannels)

    @app_commands.command(description="Set me up on this server: what I hear where, how I speak, the house rules")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def setup(self, interaction: Asked) -> None:
        """Answer privately with the card."""
        await self._home(interaction)

    async def clicked(self, interaction: Asked, do: str, rest: str, values: Sequence[str]) -> None:
        """Do what was clicked on a card, whoever's it is.

        Raises:
            UserError: this person may not, or the channel is gone.
        """
        guild = allowed_server(interaction)
        match do:
            case "home":
                await self._home(interaction)
            case "rules":
                await self._ask_for_rules(interaction, guild)
            case "channel" if values:
                await self._show_place(interaction, place_on(guild, values[0]), was_told=False)
            case "hear":
                channel_id, _, hearing = rest.partition(".")
                await self._hear(interaction, place_on(guild, channel_id), Hearing(hearing))
            case "wear" if values:
                await self._dress(interaction, place_on(guild, rest), values[0])

    async def card_for(self, guild: discord.Guild, *, is_there: bool = True) -> Card:
        """Give the card of how she stands on a server."""
        places = {ChannelId(place.id): place for place in (*guild.channels, *guild.threads)}
        policies = await self._policies.among(places)
        server = server_of(guild, policies, await self._rules.read(GuildId(guild.id)), has_content=self._has_content)
        return presenters.setup_card(server, self._look.companion, colour=self._colour, is_there=is_there)

    async def view_for(self, guild: discord.Guild) -> View:
        """Draw that card with what changes it."""
        view = card_view(await self.card_for(guild))
        view.add_item(_row([SetupChannels.made()]))
        view.add_item(_row([SetupButton.made("rules"), SetupButton.made("home", label="again")]))
        return view

    async def _home(self, asked: Asked) -> None:
        guild = allowed_server(asked)
        await begin(asked)
        await answer(asked, await self.view_for(guild))

    async def _ask_for_rules(self, asked: Asked, guild: discord.Guild) -> None:
        rules = await self._rules.read(GuildId(guild.id))
        await asked.response.send_modal(RulesForm(rules or "", self._set_rules))

    async def _set_rules(self, asked: Asked, typed: str) -> None:
        guild = allowed_server(asked)
        await begin(asked)
        await self._rules.set(GuildId(guild.id), typed, by=UserId(asked.user.id))
        await answer(asked, await self.view_for(guild))

    async def _hear(self, asked: Asked, place: Place, hearing: Hearing) -> None:
        """Set what she hears somewhere, and tell everybody there; what cannot be told is not set."""
        if not abilities_in(place, has_content=self._has_content).sends:
            raise UserError("setup_cannot_tell")
        await begin(asked)
        before = await self._policies.of(channel_of(place, place.guild.id))
        await self._keep(asked, place, replace(before, hearing=hearing))
        try:
            await self._tell(asked, place)
        except (discord.DiscordException, *NO_ANSWER) as exc:
            await self._keep(asked, place, before)
            raise UserError("setup_cannot_tell") from exc
        await self._show_place(asked, place, was_told=True)

    async def _tell(self, asked: Asked, place: Place) -> None:
        card = await self._place_card(place, was_told=False)
        speak_to(asked, is_private=False)
        try:
            await place.send(view=card_view(card))
        finally:
            speak_to(asked)

    async def _dress(self, asked: Asked, place: Place, slug: str) -> None:
        await begin(asked)
        await self._wear.set_for(channel_of(place, place.guild.id), slug, by=UserId(asked.user.id))
        await self._show_place(asked, place, was_told=False)

    async def _keep(self, asked: Asked, place: Place, policy: RoomPolicy) -> None:
        await self._policies.set(ChannelId(place.id), GuildId(place.guild.id), policy, by=UserId(asked.user.id))

    async def _show_place(self, asked: Asked, place: Place, *, was_told: bool) -> None:
        await begin(asked)
        view = card_view(await self._place_card(place, was_told=was_told))
        here = channel_of(place, place.guild.id)
        hearing = (await self._policies.of(here)).hearing
        view.add_item(_row(SetupButton.made("hear", f"{place.id}.{one}", is_off=one is hearing) for one in Hearing))
        personas = personas_at(self._look.companion, here)
        if hearing is not Hearing.IGNORE and personas:
            view.add_item(_row([SetupMenu.made("wear", place.id, [_option_of(one) for one in personas])]))
        view.add_item(_row([SetupButton.made("home")]))
        await answer(asked, view)

    async def _place_card(self, place: Place, *, was_told: bool) -> Card:
        policy = await self._policies.of(channel_of(place, place.guild.id))
        able = abilities_in(place, has_content=self._has_content)
        return presenters.place_card(
            policy, able, self._look.companion, place.id, colour=self._colour, was_told=was_told
        )

    @property
    def _colour(self) -> int:
        return self._look.persona.colour


class SetupButton(discord.ui.DynamicItem[Button], template=rf"setup:(?P<do>home|rules|hear):(?P<rest>{REST})"):
    """A button on a card that sets her up; whoever clicks is asked for their right."""

    def __init__(self, item: Button, *, do: str, rest: str) -> None:
        super().__init__(item)
        self._do = do
        self._rest = rest

    @classmethod
    def made(cls, do: str, rest: str = "", *, label: str | None = None, is_off: bool = False) -> Self:
        """Make a button."""
        named = presenters.button_label(label or (rest.partition(".")[2] if do == "hear" else do))
        shown = words_of(named, is_plain=True)
        return cls(discord.ui.Button(custom_id=f"setup:{do}:{rest}", label=shown, disabled=is_off), do=do, rest=rest)

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the button that was clicked anew."""
        return cls(cast(Button, item), do=match["do"], rest=match["rest"])

    async def callback(self, interaction: Asked) -> None:
        """Hand the click on."""
        await _hand_on(interaction, self._do, self._rest, ())


class SetupMenu(discord.ui.DynamicItem[Menu], template=rf"setup:(?P<do>wear):(?P<rest>{REST})"):
    """A menu of personas for one channel."""

    def __init__(self, item: Menu, *, do: str, rest: str) -> None:
        super().__init__(item)
        self._do = do
        self._rest = rest

    @classmethod
    def made(cls, do: str, channel_id: int, options: list[discord.SelectOption]) -> Self:
        """Make a menu."""
        hint = words_of(presenters.menu_hints()[1], is_plain=True)
        menu: Menu = discord.ui.Select(custom_id=f"setup:{do}:{channel_id}", placeholder=hint, options=options)
        return cls(menu, do=do, rest=str(channel_id))

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the menu that was used anew."""
        return cls(cast(Menu, item), do=match["do"], rest=match["rest"])

    async def callback(self, interaction: Asked) -> None:
        """Hand on what was chosen."""
        await _hand_on(interaction, self._do, self._rest, self.item.values)


class SetupChannels(discord.ui.DynamicItem[ChannelMenu], template=r"setup:channel:"):
    """A menu of the server's channels."""

    @classmethod
    def made(cls) -> Self:
        """Make the menu."""
        hint = words_of(presenters.menu_hints()[0], is_plain=True)
        return cls(discord.ui.ChannelSelect(custom_id="setup:channel:", channel_types=PLACES, placeholder=hint))

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the menu that was used anew."""
        return cls(cast(ChannelMenu, item))

    async def callback(self, interaction: Asked) -> None:
        """Hand on which channel was chosen."""
        await _hand_on(interaction, "channel", "", [str(one.id) for one in self.item.values])


class RulesForm(discord.ui.Modal):
    """Asks for the house rules."""

    def __init__(self, rules: str, submitted: Typed) -> None:
        title, label, hint = (words_of(text, is_plain=True) for text in presenters.form_texts())
        super().__init__(title=title, timeout=FORM_OPEN_S)
        self._typed: discord.ui.TextInput[RulesForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=rules[:RULES_MOST], max_length=RULES_MOST, required=False
        )
        self.add_item(discord.ui.Label(text=label, description=hint, component=self._typed))
        self._submitted = submitted

    async def on_submit(self, interaction: Asked, /) -> None:
        """Hand on what was typed."""
        speak_to(interaction)
        await self._submitted(interaction, self._typed.value)

    async def on_error(self, interaction: Asked, error: Exception, /) -> None:  # type: ignore[override]
        """Answer trouble as commands do."""
        await report_command_error(interaction, cast(app_commands.AppCommandError, error))


def allowed_server(asked: Asked) -> discord.Guild:
    """Give the server that is spoken of, for who may set something there.

    Discord shows the command by permission, but a server may grant it to anybody: this is what holds, for a click as
    for a command.

    Raises:
        UserError: this person may not, or not here.
    """
    if asked.guild is None or not asked.is_guild_integration():
        raise UserError("setup_only_server")
    if not (asked.permissions.manage_guild or asked.permissions.administrator):
        raise UserError("channel_only_manager")
    return asked.guild


def place_on(guild: discord.Guild, channel_id: str) -> Place:
    """Find a channel or a thread of a server.

    Raises:
        UserError: there is none, or none that she sees.
    """
    place = guild.get_channel_or_thread(int(channel_id)) if channel_id.isdecimal() else None
    if not isinstance(place, Place) or not place.permissions_for(guild.me).view_channel:
        raise UserError("setup_place_gone")
    return place


def server_of(
    guild: discord.Guild, policies: Mapping[ChannelId, RoomPolicy], rules: str | None, *, has_content: bool
) -> presenters.Server:
    """Say how she stands on a server, by what was set and what Discord lets her do there."""
    may = guild.me.guild_permissions
    able = {place.id: place.permissions_for(guild.me) for place in guild.text_channels}
    heard = {hearing: sorted(id for id, one in policies.items() if one.hearing is hearing) for hearing in Hearing}
    return presenters.Server(
        title=guild.name,
        listening=heard[Hearing.LISTEN],
        ignoring=heard[Hearing.IGNORE],
        missing=[name for name in presenters.RIGHTS if not getattr(may, name)],
        mute=[id for id, here in able.items() if here.view_channel and not here.send_messages],
        unseen=sum(not here.view_channel for here in able.values()),
        rules=rules,
        has_content=has_content,
    )


def abilities_in(place: Place, *, has_content: bool) -> Abilities:
    """Say what she can do in a channel of a server."""
    may, is_thread = place.permissions_for(place.guild.me), isinstance(place, discord.Thread)
    return Abilities(
        sees=may.view_channel,
        reads_all=has_content,
        reads_history=may.read_message_history,
        sends=may.send_messages_in_threads if is_thread else may.send_messages,
        reacts=may.add_reactions,
        opens_threads=may.create_public_threads if isinstance(place, discord.TextChannel) else None,
        is_thread=is_thread,
    )


async def begin(asked: Asked) -> None:
    """Acknowledge once: what is asked on a card of the asker's own changes it, anything else gets one of its own."""
    if asked.response.is_done():
        return
    if _is_on_own_card(asked):
        await asked.response.defer()
    else:
        await asked.response.defer(ephemeral=True, thinking=True)


async def answer(asked: Asked, view: View) -> None:
    """Show a card as the answer, to the asker alone."""
    if _is_on_own_card(asked):
        await asked.edit_original_response(view=view)
    else:
        await asked.followup.send(view=view, ephemeral=True)


def _is_on_own_card(asked: Asked) -> bool:
    return asked.message is not None and asked.message.flags.ephemeral


async def _hand_on(asked: Asked, do: str, rest: str, values: Sequence[str]) -> None:
    """Let the cog do what was clicked; trouble is answered as commands do."""
    speak_to(asked)
    cog = cast(commands.Bot, asked.client).get_cog(Setup.__name__)
    try:
        if isinstance(cog, Setup):
            await cog.clicked(asked, do, rest, values)
    except Exception as error:  # noqa: BLE001 - the edge of a click
        await report_command_error(asked, cast(app_commands.AppCommandError, error))


def _option_of(persona: Persona) -> discord.SelectOption:
    return discord.SelectOption(
        label=persona_presenters.label_of(persona),
        value=persona.slug,
        description=persona_presenters.line_of(persona),
    )


def _row(items: Iterable[discord.ui.DynamicItem[Any]]) -> Row:
    row: Row = discord.ui.ActionRow()
    for item in items:
        row.add_item(item)
    return row


Setup.setup.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
Setup.setup.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
