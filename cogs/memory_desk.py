"""What happens at a person's own cards of memory, whether a command, a button or a form asks for it.

A command is answered with a card of its own; a click changes the card that was clicked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypedDict, cast

import discord
from discord import app_commands

from bot.adapters.discord.cards import card_view
from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import words_of
from bot.domain.card import Card
from bot.domain.ids import ChannelId, MemoryId, MessageId, UserId
from bot.domain.memory import TEXT_MOST, Memory, MemoryKind
from bot.domain.message import Person, Speaker
from bot.engine.look import Look
from bot.engine.own_goals import AIMS, OwnGoals
from bot.engine.own_memories import PUT_AWAY, OwnMemories
from bot.engine.own_words import AskFirst
from bot.errors import UserError
from cogs.clicks import OwnButton, OwnMenu
from cogs.errors import report_command_error
from cogs.presenters import memory as presenters
from cogs.wishes import Wishes

PREFIX = "memory"
FORM_OPEN_S = 1_800.0
HELD_PAGE, AWAY_PAGE = "held", "away"  # the two lists, in the custom ids of what turns pages
ANY_KIND = "-"
DANGEROUS = ("gone", "lineGone", "stopped", "stop")

Asked = discord.Interaction
View = discord.ui.LayoutView
Row = discord.ui.ActionRow[View]


class LooksOf(TypedDict):
    """Name and colour of who speaks on a card."""

    name: str
    colour: int


class MemoryDesk:
    """Does what is asked and answers with the card that follows."""

    def __init__(self, memories: OwnMemories, goals: OwnGoals, look: Look) -> None:
        self._memories = memories
        self._goals = goals
        self._look = look
        self._wishes = Wishes()

    # looking

    async def pages(self, asked: Asked, number: int, kind: MemoryKind | None, *, is_put_away: bool) -> None:
        """Show a page of what is held, or was put away."""
        await begin(asked)
        kinds = () if kind is None else (kind,)
        page, number = await self._memories.page(
            owner_of(asked), number=number, size=presenters.PAGE_SIZE, kinds=kinds, is_put_away=is_put_away
        )
        card = presenters.list_card(
            page, number, kind=kind, is_put_away=is_put_away, here=here_of(asked), **self._look_of
        )
        view = card_view(card)
        if page.memories:
            view.add_item(self._menu(asked, page.memories))
        last = max(0, (page.total - 1) // presenters.PAGE_SIZE)
        of_kind = ANY_KIND if kind is None else kind.value
        rest = f"{of_kind}.{AWAY_PAGE if is_put_away else HELD_PAGE}"
        other = f"0.{of_kind}.{HELD_PAGE if is_put_away else AWAY_PAGE}"
        buttons = [
            self._button(asked, "before", "list", f"{number - 1}.{rest}", is_off=number == 0),
            self._button(asked, "after", "list", f"{number + 1}.{rest}", is_off=number >= last),
            self._button(asked, HELD_PAGE if is_put_away else AWAY_PAGE, "list", other),
        ]
        view.add_item(_row(buttons))
        await answer(asked, view)

    async def show(self, asked: Asked, memory_id: MemoryId, *, note: str | None = None) -> None:
        """Show one memory and what can be done with it; *note* names what just happened to it."""
        await begin(asked)
        shown = await self._memories.show(owner_of(asked), memory_id)
        view = card_view(presenters.memory_card(shown, note=note, here=here_of(asked), **self._look_of))
        buttons = [self._button(asked, do, do, memory_id) for do in _can_do(shown.memory)]
        view.add_item(_row([*buttons, self._button(asked, "back", "list", f"0.{ANY_KIND}.{HELD_PAGE}")]))
        await answer(asked, view)

    async def search(self, asked: Asked, query: str) -> None:
        """Show what a question brings up."""
        await begin(asked)
        found = await self._memories.search(person_of(asked), query, her_name=self._look.companion.name)
        await answer(asked, card_view(presenters.search_card(found, query, here=here_of(asked), **self._look_of)))

    async def health(self, asked: Asked) -> None:
        """Show figures, and whether she may keep what is sensitive."""
        await begin(asked)
        health = await self._memories.health(owner_of(asked))
        card = presenters.health_card(health, **self._look_of)
        await self._with_buttons(asked, card, {"stop" if health.keeps_sensitive else "allow": ""})

    # adding and changing

    async def keep(self, asked: Asked, text: str, do: Callable[[bool], Awaitable[Memory]], note: str) -> None:
        """Keep what a person gave, or ask first; *do* is told whether they are sure."""
        await begin(asked)
        try:
            memory = await do(False)
        except AskFirst:
            await self._ask_first(asked, text, do, note)
            return
        await self.show(asked, memory.memory_id, note=note)

    async def edit(self, asked: Asked, memory_id: MemoryId, text: str) -> None:
        """Put a person's words in place of a memory's."""
        owner = person_of(asked)
        await self.keep(asked, text, lambda sure: self._memories.edit(owner, memory_id, text, is_sure=sure), "edited")

    async def open_form(self, asked: Asked, memory_id: MemoryId) -> None:
        """Open a form with a memory's words."""
        shown = await self._memories.show(owner_of(asked), memory_id)
        await asked.response.send_modal(MemoryForm(shown.memory, partial(self.edit, memory_id=memory_id)))

    async def pin(self, asked: Asked, memory_id: MemoryId, *, is_pinned: bool) -> None:
        """Pin a memory, or no longer."""
        await begin(asked)
        await self._memories.pin(owner_of(asked), memory_id, is_pinned=is_pinned)
        await self.show(asked, memory_id, note="pinned" if is_pinned else "unpinned")

    async def restore(self, asked: Asked, memory_id: MemoryId) -> None:
        """Bring back what was put away."""
        await begin(asked)
        memory = await self._memories.restore(owner_of(asked), memory_id)
        await self.show(asked, memory.memory_id, note="restored")

    async def done(self, asked: Asked, memory_id: MemoryId, *, is_done: bool) -> None:
        """Note that a goal was reached or a promise kept, or not after all."""
        await begin(asked)
        await self._goals.done(owner_of(asked), memory_id, is_done=is_done)
        await self.show(asked, memory_id, note="done" if is_done else "undone")

    async def _ask_first(self, asked: Asked, text: str, do: Callable[[bool], Awaitable[Memory]], note: str) -> None:
        async def granted(clicked: Asked) -> None:
            memory = await do(True)
            await self.show(clicked, memory.memory_id, note=note)

        token = self._wishes.hold(granted)
        card = presenters.ask_first_card(text, **self._look_of)
        await self._with_buttons(asked, card, {"wish": token, "noWish": token})

    async def wished(self, asked: Asked, token: str, *, is_granted: bool) -> None:
        """Do what was asked about first, or let it be."""
        await begin(asked)
        wish = self._wishes.take(token)
        if not is_granted:
            await answer(asked, card_view(presenters.left_card()))
        elif wish is None:
            raise UserError("memory_wish_over")
        else:
            await wish(asked)

    # forgetting

    async def ask_to_forget(self, asked: Asked, memory_id: MemoryId) -> None:
        """Ask whether a memory is to go, and say what goes with it."""
        await begin(asked)
        owner = owner_of(asked)
        shown, toll = await self._memories.show(owner, memory_id), await self._memories.toll(owner, memory_id)
        card = presenters.forget_card(shown.memory, toll, colour=self._look.persona.colour)
        await self._with_buttons(asked, card, {"gone": memory_id, "keep": memory_id})

    async def forget(self, asked: Asked, memory_id: MemoryId) -> None:
        """Forget a memory for good."""
        await begin(asked)
        gone = await self._memories.forget(owner_of(asked), memory_id)
        await answer(asked, card_view(presenters.forgotten_card(gone)))

    async def ask_to_forget_line(self, asked: Asked, message_id: MessageId, speaker: Speaker) -> None:
        """Ask whether a line is to go."""
        await begin(asked)
        line = await self._memories.own_line(owner_of(asked), message_id, speaker=speaker)
        card = presenters.forget_line_card(line, is_hers=line.speaker is Speaker.SELF, **self._look_of)
        await self._with_buttons(asked, card, {"lineGone": message_id, "lineKeep": ""})

    async def forget_line(self, asked: Asked, message_id: MessageId) -> None:
        """Forget a line for good."""
        await begin(asked)
        gone = await self._memories.forget_line(owner_of(asked), message_id)
        await answer(asked, card_view(presenters.forgotten_card(gone)))

    async def leave_line(self, asked: Asked) -> None:
        """Say that a line stays."""
        await begin(asked)
        await answer(asked, card_view(presenters.stays_card()))

    async def allow(self, asked: Asked) -> None:
        """Let health and sexuality be remembered."""
        await begin(asked)
        await self._memories.allow_sensitive(person_of(asked))
        await self.health(asked)

    async def ask_to_stop(self, asked: Asked) -> None:
        """Ask whether what is there of health and sexuality is to go."""
        await begin(asked)
        count = len(await self._memories.sensitive(owner_of(asked)))
        await self._with_buttons(asked, presenters.stop_card(count, **self._look_of), {"stopped": "", "health": ""})

    async def stop(self, asked: Asked) -> None:
        """Keep health and sexuality no more, and forget what is there."""
        await begin(asked)
        await self._memories.stop_sensitive(person_of(asked))
        await self.health(asked)

    # drawing

    @property
    def colour(self) -> int:
        """Give the colour of her cards."""
        return self._look.persona.colour

    @property
    def _look_of(self) -> LooksOf:
        return {"name": self._look.companion.name, "colour": self._look.persona.colour}

    async def _with_buttons(self, asked: Asked, card: Card, buttons: Mapping[str, object]) -> None:
        view = card_view(card)
        view.add_item(_row([self._button(asked, do, do, rest) for do, rest in buttons.items()]))
        await answer(asked, view)

    def _button(self, asked: Asked, label: str, do: str, rest: object, *, is_off: bool = False) -> OwnButton:
        return OwnButton.made(
            PREFIX,
            do,
            owner_of(asked),
            rest,
            label=presenters.button_label(label),
            is_dangerous=label in DANGEROUS,
            is_off=is_off,
        )

    def _menu(self, asked: Asked, memories: tuple[Memory, ...]) -> Row:
        options = [
            discord.SelectOption(label=presenters.label_of(memory), value=str(memory.memory_id)) for memory in memories
        ]
        row: Row = discord.ui.ActionRow()
        row.add_item(OwnMenu.made(PREFIX, "open", owner_of(asked), hint=presenters.menu_hint(), options=options))
        return row


class MemoryForm(discord.ui.Modal):
    """Asks for the words that a memory is to have."""

    def __init__(self, memory: Memory, submitted: Callable[..., Awaitable[None]]) -> None:
        title, label = (words_of(text, is_plain=True) for text in presenters.form_texts())
        super().__init__(title=title, timeout=FORM_OPEN_S)
        self._typed: discord.ui.TextInput[MemoryForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=memory.text[:TEXT_MOST], max_length=TEXT_MOST
        )
        self.add_item(discord.ui.Label(text=label, component=self._typed))
        self._submitted = submitted

    async def on_submit(self, interaction: Asked, /) -> None:
        """Hand on what was typed."""
        speak_to(interaction)
        await self._submitted(interaction, text=self._typed.value)

    async def on_error(self, interaction: Asked, error: Exception, /) -> None:  # type: ignore[override]
        """Answer trouble as commands do."""
        await report_command_error(interaction, cast(app_commands.AppCommandError, error))


async def begin(asked: Asked) -> None:
    """Acknowledge once: a command gets an answer of its own, a click changes the card it was on."""
    if asked.response.is_done():
        return
    if _is_on_card(asked):
        await asked.response.defer()
    else:
        await asked.response.defer(ephemeral=True, thinking=True)


async def answer(asked: Asked, view: View) -> None:
    """Show a card as the answer."""
    if _is_on_card(asked):
        await asked.edit_original_response(view=view)
    else:
        await asked.followup.send(view=view, ephemeral=True)


def _is_on_card(asked: Asked) -> bool:
    return asked.type is not discord.InteractionType.application_command and asked.message is not None


def _can_do(memory: Memory) -> tuple[str, ...]:
    """Name the buttons below a memory."""
    if memory.state in PUT_AWAY:
        return ("restore", "forget")
    done = () if memory.kind not in AIMS else ("undone",) if memory.done_at is not None else ("done",)
    return ("unpin" if memory.is_pinned else "pin", "edit", *done, "forget")


def _row(buttons: list[OwnButton]) -> Row:
    row: Row = discord.ui.ActionRow()
    for button in buttons:
        row.add_item(button)
    return row


def owner_of(asked: Asked) -> UserId:
    """Give whose memories are looked at: those of who asks, always."""
    return UserId(asked.user.id)


def person_of(asked: Asked) -> Person:
    """Give who asks."""
    return Person(UserId(asked.user.id), asked.user.display_name, is_bot=asked.user.bot)


def here_of(asked: Asked) -> ChannelId | None:
    """Give where it is asked."""
    return None if asked.channel_id is None else ChannelId(asked.channel_id)
