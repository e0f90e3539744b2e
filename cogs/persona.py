"""The command about what she wears: previews, a menu, and choosing; for oneself, or for a channel by who may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import card_view
from bot.adapters.discord.reading import channel_of
from bot.domain.card import Card
from bot.domain.message import Channel, ChannelKind
from bot.domain.persona import Companion, Persona, Rating
from bot.engine.look import Look
from bot.engine.wear import Bar, Wardrobe, Wear
from bot.errors import UserError
from cogs.about import PERSONAL
from cogs.clicks import OwnButton, OwnMenu
from cogs.cooldowns import costly
from cogs.memory_desk import answer, begin, owner_of
from cogs.presenters import persona as presenters
from cogs.remind import CHOICES_MOST

PREFIX = "persona"
NAME_LIMIT = 40
HERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
NEEDS_A_WORD = (Bar.AGE, Bar.CONSENT)

Asked = discord.Interaction
View = discord.ui.LayoutView


class Personas(commands.Cog):
    """Shows what she can wear, and lets people choose."""

    clicks = PREFIX

    persona = app_commands.Group(
        name="persona",
        description="How I speak here: the manners I have, and which I wear",
        allowed_installs=PERSONAL,
        allowed_contexts=HERE,
    )

    def __init__(self, client: commands.Bot, wear: Wear, look: Look) -> None:
        self._client = client
        self._wear = wear
        self._look = look

    async def cog_load(self) -> None:
        """Take clicks of any age, also those of an earlier run."""
        self._client.add_dynamic_items(OwnButton, OwnMenu)

    @persona.command(name="list", description="What manners I have, how each sounds, and which I wear here")
    @costly()
    async def show_list(self, interaction: Asked) -> None:
        """Answer privately with a preview of each, and a menu for who may choose."""
        await self._page(interaction, 0)

    @persona.command(description="Let me wear another manner: in direct messages for you, in a channel for all there")
    @app_commands.describe(persona="Which manner")
    @costly()
    async def wear(self, interaction: Asked, persona: app_commands.Range[str, 1, NAME_LIMIT]) -> None:
        """Wear a persona from the next answer on."""
        await self._choose(interaction, slug_of(self._look.companion, persona))

    @wear.autocomplete("persona")
    async def _complete(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer her personas; none for adults in a channel that Discord does not restrict by age."""
        wanted, companion = typed.strip().casefold(), self._look.companion
        found = [
            app_commands.Choice(name=presenters.label_of(one), value=one.slug)
            for one in offered_at(companion, interaction)
            if wanted in one.title.casefold() or wanted in one.slug
        ]
        return found[:CHOICES_MOST]

    async def clicked(self, interaction: Asked, do: str, rest: str, values: Sequence[str]) -> None:
        """Do what was clicked on a card of the asker's own."""
        match do:
            case "list":
                await self._page(interaction, int(rest) if rest.isdecimal() else 0)
            case "wear" if values:
                await self._choose(interaction, values[0])
            case "agree":
                await self._agree(interaction, rest)
            case "back":
                await self._take_back(interaction)
            case "no":
                await begin(interaction)
                await answer(interaction, card_view(presenters.left_card()))

    async def _page(self, asked: Asked, number: int, *, note: str | None = None) -> None:
        place = place_of(asked)
        await begin(asked)
        wardrobe = await self._wear.look(place, owner_of(asked))
        number = min(max(number, 0), presenters.page_count(wardrobe) - 1)
        may_choose = wardrobe.is_direct or may_set(asked)
        cards = presenters.list_cards(wardrobe, self._look.companion, number, may_choose=may_choose, note=note)
        view = in_one(cards)
        if may_choose:
            view.add_item(self._menu(asked))
        buttons = self._buttons(asked, wardrobe, number)
        if buttons:
            view.add_item(_row(buttons))
        await answer(asked, view)

    async def _choose(self, asked: Asked, slug: str) -> None:
        place, owner = place_of(asked), owner_of(asked)
        if place.kind is not ChannelKind.DM:
            if not may_set(asked):
                raise UserError("persona_not_yours")
            await begin(asked)
            await self._say_set(asked, await self._wear.set_for(place, slug, by=owner), is_direct=False)
            return
        await begin(asked)
        wanted = next((one for one in (await self._wear.look(place, owner)).offers if one.persona.slug == slug), None)
        if wanted is not None and wanted.bar in NEEDS_A_WORD:
            await self._ask(asked, wanted.persona)
        else:
            await self._say_set(asked, await self._wear.choose(place, owner, slug), is_direct=True)

    async def _ask(self, asked: Asked, persona: Persona) -> None:
        view = card_view(presenters.ask_card(persona, name=self._look.companion.name))
        word = "adult" if persona.rating is Rating.ADULT else "consent"
        view.add_item(_row([self._button(asked, word, "agree", persona.slug), self._button(asked, "no", "no")]))
        await answer(asked, view)

    async def _agree(self, asked: Asked, slug: str) -> None:
        place = place_of(asked)
        if place.kind is not ChannelKind.DM:
            raise UserError("persona_not_yours")
        await begin(asked)
        await self._say_set(asked, await self._wear.opt_in(place, owner_of(asked), slug), is_direct=True)

    async def _take_back(self, asked: Asked) -> None:
        place = place_of(asked)
        if place.kind is not ChannelKind.DM:
            raise UserError("persona_not_yours")
        await begin(asked)
        await self._wear.take_back(place, owner_of(asked))
        await self._page(asked, 0, note="persona_taken_back")

    async def _say_set(self, asked: Asked, persona: Persona, *, is_direct: bool) -> None:
        name = self._look.companion.name
        await answer(asked, card_view(presenters.set_card(persona, name=name, is_direct=is_direct)))

    def _menu(self, asked: Asked) -> discord.ui.ActionRow[View]:
        options = [
            discord.SelectOption(label=presenters.label_of(one), value=one.slug, description=presenters.line_of(one))
            for one in offered_at(self._look.companion, asked)
        ]
        row: discord.ui.ActionRow[View] = discord.ui.ActionRow()
        row.add_item(OwnMenu.made(PREFIX, "wear", owner_of(asked), hint=presenters.menu_hint(), options=options))
        return row

    def _buttons(self, asked: Asked, wardrobe: Wardrobe, number: int) -> list[OwnButton]:
        buttons = []
        if (pages := presenters.page_count(wardrobe)) > 1:
            buttons.append(self._button(asked, "before", "list", number - 1, is_off=number == 0))
            buttons.append(self._button(asked, "after", "list", number + 1, is_off=number >= pages - 1))
        if wardrobe.is_direct and (wardrobe.leave.is_adult or wardrobe.leave.opted_into):
            buttons.append(self._button(asked, "back", "back"))
        return buttons

    def _button(self, asked: Asked, label: str, do: str, rest: object = "", *, is_off: bool = False) -> OwnButton:
        return OwnButton.made(PREFIX, do, owner_of(asked), rest, label=presenters.button_label(label), is_off=is_off)


def place_of(asked: Asked) -> Channel:
    """Give the channel or direct conversation that is spoken of.

    Raises:
        UserError: she is not there herself.
    """
    is_there = asked.context.dm_channel if asked.guild_id is None else asked.is_guild_integration()
    if not is_there:
        raise UserError("persona_not_here")
    return channel_of(asked.channel or discord.Object(asked.channel_id or 0), asked.guild_id)


def may_set(asked: Asked) -> bool:
    """Say whether who asks may choose for a channel of a server, as `/channel` has it."""
    return asked.permissions.manage_guild or asked.permissions.administrator


def offered_at(companion: Companion, asked: Asked) -> list[Persona]:
    """List the personas that may be chosen where somebody asks; some take a word of theirs first."""
    if asked.guild_id is None or asked.channel is None:
        return list(companion.personas)
    is_restricted = channel_of(asked.channel, asked.guild_id).is_age_restricted
    return [one for one in companion.personas if is_restricted or one.rating is not Rating.ADULT]


def slug_of(companion: Companion, typed: str) -> str:
    """Give the slug of the persona that is meant, by slug or title; what is neither stays as it was typed."""
    wanted = typed.strip().casefold()
    return next((one.slug for one in companion.personas if wanted in (one.slug, one.title.casefold())), typed)


def in_one(cards: Iterable[Card]) -> View:
    """Draw several cards, one below the other, as one answer."""
    view = discord.ui.LayoutView(timeout=None)
    for card in cards:
        drawn = card_view(card)
        for item in list(drawn.children):
            drawn.remove_item(item)
            view.add_item(item)
    return view


def _row(buttons: Iterable[OwnButton]) -> discord.ui.ActionRow[View]:
    row: discord.ui.ActionRow[View] = discord.ui.ActionRow()
    for button in buttons:
        row.add_item(button)
    return row
