"""Commands by which a person sees, adds to, corrects and forgets what she knows of them; all of it privately."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import MemoryId, MessageId
from bot.domain.memory import TEXT_MOST, MemoryKind, MemoryState
from bot.domain.message import Speaker
from bot.engine.own_memories import HELD, OwnMemories
from bot.errors import CompanionError, UserError
from cogs.about import EVERYWHERE, PERSONAL
from cogs.clicks import OwnButton, OwnMenu
from cogs.cooldowns import costly
from cogs.memory_desk import ANY_KIND, AWAY_PAGE, PREFIX, MemoryDesk, owner_of, person_of
from cogs.presenters import memory as presenters
from cogs.why import HERE

CHOICES_MOST = 25  # Discord's own limit, for choices while typing
QUERY_LIMIT = 400  # characters
ID_MOST = 2**63 - 1
NAMED_MOST = 100  # characters by which a memory is named
REMEMBER_MENU = "Remember this"
FORGET_MENU = "Forget this"
KIND_CHOICES = [app_commands.Choice(name=kind.value, value=kind.value) for kind in MemoryKind]

Asked = discord.Interaction
Typed = app_commands.Range[str, 1, TEXT_MOST]
Which = app_commands.Range[str, 1, NAMED_MOST]
Click = Callable[[Asked, str], Awaitable[None]]


class Memories(commands.Cog):
    """What she knows of a person, for themselves."""

    clicks = PREFIX

    memory = app_commands.Group(
        name="memory",
        description="What I know of you: look at it, change it, forget it",
        allowed_installs=PERSONAL,
        allowed_contexts=EVERYWHERE,
    )

    def __init__(self, client: commands.Bot, memories: OwnMemories, desk: MemoryDesk) -> None:
        self._client = client
        self._memories = memories
        self._desk = desk
        self._clicks = _clicks_of(desk)
        self._menus = [
            app_commands.ContextMenu(name=name, callback=callback, allowed_contexts=HERE, allowed_installs=PERSONAL)
            for name, callback in ((REMEMBER_MENU, self.remember_line), (FORGET_MENU, self.forget_line))
        ]

    async def cog_load(self) -> None:
        """Put the entries into the menus of messages, and take clicks of any age, also those of an earlier run."""
        self._client.add_dynamic_items(OwnButton, OwnMenu)
        for menu in self._menus:
            self._client.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take the entries away again."""
        for menu in self._menus:
            self._client.tree.remove_command(menu.name, type=menu.type)

    @memory.command(name="list", description="What I know of you, page by page")
    @app_commands.describe(kind="Only of this kind", archived="True: what is put away or was replaced")
    @app_commands.choices(kind=KIND_CHOICES)
    async def show_list(self, interaction: Asked, kind: str | None = None, archived: bool = False) -> None:
        """Answer privately with the first page."""
        await self._desk.pages(interaction, 0, None if kind is None else MemoryKind(kind), is_put_away=archived)

    @memory.command(description="Find something that was said, or that I know of you")
    @costly()
    @app_commands.describe(query="What it is about")
    async def search(self, interaction: Asked, query: app_commands.Range[str, 1, QUERY_LIMIT]) -> None:
        """Answer privately with memories and lines that fit."""
        await self._desk.search(interaction, query)

    @memory.command(name="show", description="One thing I know of you: where it comes from, how it stands")
    @app_commands.describe(id="Which one: choose from the list, or type some of its words")
    async def show_one(self, interaction: Asked, id: Which) -> None:
        """Answer privately with one memory and what can be done with it."""
        await interaction.response.defer(ephemeral=True)
        await self._desk.show(interaction, await self._named(interaction, id))

    @memory.command(description="Word something that I know of you in your own way")
    @app_commands.describe(id="Which one: choose from the list", text="Your words; without them a form opens")
    async def edit(self, interaction: Asked, id: Which, text: Typed | None = None) -> None:
        """Change it at once, or open a form with its words."""
        if text is None:  # a form is an answer itself, so nothing may be said before
            await self._desk.open_form(interaction, await self._named(interaction, id))
            return
        await interaction.response.defer(ephemeral=True)
        await self._desk.edit(interaction, await self._named(interaction, id), text)

    @memory.command(description="Forget something for good, with all it came from")
    @app_commands.describe(id="Which one: choose from the list, or type some of its words")
    async def forget(self, interaction: Asked, id: Which) -> None:
        """Ask first, and say what goes with it."""
        await interaction.response.defer(ephemeral=True)
        await self._desk.ask_to_forget(interaction, await self._named(interaction, id))

    @memory.command(description="Pin something, so that it never fades; or no longer")
    @app_commands.describe(id="Which one: choose from the list")
    async def pin(self, interaction: Asked, id: Which) -> None:
        """Pin it, or take the pin out."""
        await interaction.response.defer(ephemeral=True)
        memory = await self._memories.named(owner_of(interaction), id)
        await self._desk.pin(interaction, memory.memory_id, is_pinned=not memory.is_pinned)

    @memory.command(description="How my memory of you stands, in figures; and what I may keep")
    async def health(self, interaction: Asked) -> None:
        """Answer privately with the figures."""
        await self._desk.health(interaction)

    @app_commands.command(description="Tell me something to remember, in your own words")
    @app_commands.describe(text="What it is", kind="What kind of thing it is")
    @app_commands.choices(kind=KIND_CHOICES)
    async def remember(self, interaction: Asked, text: Typed, kind: str | None = None) -> None:
        """Keep it and answer privately, or ask back."""
        owner, of_kind = person_of(interaction), None if kind is None else MemoryKind(kind)
        await self._desk.keep(
            interaction, text, lambda sure: self._memories.remember(owner, text, of_kind, is_sure=sure), "kept"
        )

    @app_commands.command(description="Put something right that I know of you: what holds now")
    @app_commands.describe(memory="What is no longer so: choose from the list", now="What holds instead")
    async def correct(self, interaction: Asked, memory: Which, now: Typed) -> None:
        """Let the newer hold in place of the older."""
        await interaction.response.defer(ephemeral=True)
        owner, old = person_of(interaction), await self._named(interaction, memory)
        is_replaced = (await self._memories.holding(owner.user_id, old)).memory_id != old
        await self._desk.keep(
            interaction,
            now,
            lambda sure: self._memories.correct(owner, old, now, is_sure=sure),
            "corrected_newer" if is_replaced else "corrected",
        )

    @show_one.autocomplete("id")
    @edit.autocomplete("id")
    @forget.autocomplete("id")
    async def _complete_any(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer a person's own memories by their words."""
        return await self._choices(interaction, typed, ())

    @correct.autocomplete("memory")
    @pin.autocomplete("id")
    async def _complete_held(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer those that she goes by."""
        return await self._choices(interaction, typed, HELD)

    async def remember_line(self, interaction: Asked, message: discord.Message) -> None:
        """Keep what a person's own line says."""
        if message.author.id != interaction.user.id:
            raise UserError("memory_line_not_yours")
        owner, line_id = person_of(interaction), MessageId(message.id)
        await self._desk.keep(
            interaction,
            message.content,
            lambda sure: self._memories.remember_line(owner, line_id, is_sure=sure),
            "kept_line",
        )

    async def forget_line(self, interaction: Asked, message: discord.Message) -> None:
        """Ask whether a line is to go: a person's own, or one of hers that answers them."""
        own = self._client.user
        if own is not None and message.author.id == own.id:
            speaker = Speaker.SELF
        elif message.author.id == interaction.user.id:
            speaker = Speaker.PERSON
        else:
            raise UserError("memory_line_others")
        await self._desk.ask_to_forget_line(interaction, MessageId(message.id), speaker)

    async def clicked(self, interaction: Asked, do: str, rest: str, values: Sequence[str]) -> None:
        """Do what was clicked on one of the cards, of whatever age.

        Raises:
            UserError: it cannot be done any more.
        """
        todo = self._clicks.get(do)
        if todo is None:
            raise UserError("memory_gone")
        await todo(interaction, values[0] if values else rest)

    async def _named(self, interaction: Asked, typed: str) -> MemoryId:
        return (await self._memories.named(owner_of(interaction), typed)).memory_id

    async def _choices(
        self, interaction: Asked, typed: str, states: Sequence[MemoryState]
    ) -> list[app_commands.Choice[str]]:
        try:
            found = await self._memories.suggest(owner_of(interaction), typed, limit=CHOICES_MOST, states=states)
        except CompanionError:
            return []
        return [app_commands.Choice(name=presenters.label_of(one), value=f"#{one.memory_id}") for one in found]


def _clicks_of(desk: MemoryDesk) -> dict[str, Click]:
    """Give what each button does, by the word in its custom id."""

    async def turn(asked: Asked, rest: str) -> None:
        number, kind, which = [*rest.split("."), "", ""][:3]
        known = None if kind == ANY_KIND or kind not in {*MemoryKind} else MemoryKind(kind)
        await desk.pages(asked, number_of(number), known, is_put_away=which == AWAY_PAGE)

    return {
        "list": turn,
        "open": lambda asked, rest: desk.show(asked, memory_id_of(rest)),
        "keep": lambda asked, rest: desk.show(asked, memory_id_of(rest), note="stays"),
        "pin": lambda asked, rest: desk.pin(asked, memory_id_of(rest), is_pinned=True),
        "unpin": lambda asked, rest: desk.pin(asked, memory_id_of(rest), is_pinned=False),
        "edit": lambda asked, rest: desk.open_form(asked, memory_id_of(rest)),
        "restore": lambda asked, rest: desk.restore(asked, memory_id_of(rest)),
        "done": lambda asked, rest: desk.done(asked, memory_id_of(rest), is_done=True),
        "undone": lambda asked, rest: desk.done(asked, memory_id_of(rest), is_done=False),
        "forget": lambda asked, rest: desk.ask_to_forget(asked, memory_id_of(rest)),
        "gone": lambda asked, rest: desk.forget(asked, memory_id_of(rest)),
        "lineGone": lambda asked, rest: desk.forget_line(asked, MessageId(number_of(rest))),
        "lineKeep": lambda asked, _: desk.leave_line(asked),
        "wish": lambda asked, rest: desk.wished(asked, rest, is_granted=True),
        "noWish": lambda asked, rest: desk.wished(asked, rest, is_granted=False),
        "allow": lambda asked, _: desk.allow(asked),
        "stop": lambda asked, _: desk.ask_to_stop(asked),
        "stopped": lambda asked, _: desk.stop(asked),
        "health": lambda asked, _: desk.health(asked),
    }


def memory_id_of(text: str) -> MemoryId:
    """Give the number of a memory; of what is none, one that no memory has."""
    return MemoryId(number_of(text))


def number_of(text: str) -> int:
    """Give a whole number from a custom id; 0 for what is none, or too large."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return number if number <= ID_MOST else 0


for _command in (Memories.remember, Memories.correct):
    _command.allowed_installs = PERSONAL
    _command.allowed_contexts = EVERYWHERE
