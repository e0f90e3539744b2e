"""Commands about what a person is after: goals with their steps, privately."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import card_view
from bot.domain.ids import MemoryId, UserId
from bot.domain.memory import MemoryKind
from bot.domain.when import PHRASE_LIMIT
from bot.engine.own_goals import GOAL_LIMIT, LISTED_MOST, OPEN, STEP_LIMIT, OwnGoals
from bot.engine.own_memories import OwnMemories
from bot.engine.timers import Remind
from bot.errors import CompanionError, UserError
from cogs.about import EVERYWHERE, PERSONAL
from cogs.clicks import OwnButton, OwnMenu
from cogs.memory import CHOICES_MOST, Which, memory_id_of, number_of
from cogs.memory_desk import MemoryDesk, answer, begin, owner_of, person_of
from cogs.presenters import goals as presenters
from cogs.presenters.memory import LABEL_LIMIT, label_of
from cogs.presenters.memory_words import plain_line
from cogs.presenters.remind import clipped, time_label

PREFIX = "goals"
OPTIONS_MOST = 25  # Discord's own limit, for a menu

Asked = discord.Interaction


class Goals(commands.Cog):
    """Sets, lists, ticks off and drops a person's own goals."""

    clicks = PREFIX

    goals = app_commands.Group(
        name="goals",
        description="What you are after: goals I keep in mind with you",
        allowed_installs=PERSONAL,
        allowed_contexts=EVERYWHERE,
    )

    def __init__(
        self, client: commands.Bot, memories: OwnMemories, goals: OwnGoals, remind: Remind, desk: MemoryDesk
    ) -> None:
        self._client = client
        self._memories = memories
        self._goals = goals
        self._remind = remind
        self._desk = desk

    async def cog_load(self) -> None:
        """Take clicks of any age, also those of an earlier run."""
        self._client.add_dynamic_items(OwnButton, OwnMenu)

    @goals.command(name="list", description="Your goals and how far they are")
    async def show_list(self, interaction: Asked) -> None:
        """Answer privately with the first page, and a menu that ticks off."""
        await self._page(interaction, 0)

    @goals.command(description="Set a goal")
    @app_commands.describe(text="What you are after", by="Until when: in two weeks, 24 Dec, friday 18:00 …")
    async def add(
        self,
        interaction: Asked,
        text: app_commands.Range[str, 1, GOAL_LIMIT],
        by: app_commands.Range[str, 1, PHRASE_LIMIT] | None = None,
    ) -> None:
        """Keep a goal."""
        await begin(interaction)
        owner = person_of(interaction)
        due_at = None if by is None else await self._remind.plan(owner.user_id, by)
        await self._desk.keep(
            interaction, text, lambda sure: self._goals.add(owner, text, due_at=due_at, is_sure=sure), "goal_added"
        )

    @goals.command(description="Add a step to a goal, or tick one off")
    @app_commands.describe(goal="Which goal", step="A new step, or one from the list to tick it off")
    async def step(self, interaction: Asked, goal: Which, step: app_commands.Range[str, 1, STEP_LIMIT]) -> None:
        """Add a step, tick it off, or take the tick away."""
        await begin(interaction)
        owner, goal_id = person_of(interaction), await self._named(interaction, goal)
        words = await self._step_named(owner.user_id, goal_id, step)
        await self._desk.keep(
            interaction, words, lambda sure: self._goals.step(owner, goal_id, words, is_sure=sure), "goal_changed"
        )

    @goals.command(description="You have reached a goal")
    @app_commands.describe(goal="Which goal")
    async def done(self, interaction: Asked, goal: Which) -> None:
        """Note that a goal was reached."""
        await begin(interaction)
        await self._desk.done(interaction, await self._named(interaction, goal), is_done=True)

    @goals.command(description="You are no longer after something")
    @app_commands.describe(goal="Which goal")
    async def drop(self, interaction: Asked, goal: Which) -> None:
        """Put a goal away."""
        await begin(interaction)
        dropped = await self._goals.drop(owner_of(interaction), await self._named(interaction, goal))
        await answer(interaction, card_view(presenters.dropped_card(dropped)))

    @step.autocomplete("goal")
    @done.autocomplete("goal")
    @drop.autocomplete("goal")
    async def _complete_goal(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer a person's own goals."""
        kinds = (MemoryKind.GOAL,)
        try:
            found = await self._memories.suggest(
                owner_of(interaction), typed, limit=CHOICES_MOST, kinds=kinds, states=OPEN
            )
        except CompanionError:
            return []
        ahead = [one for one in found if one.done_at is None]
        return [app_commands.Choice(name=label_of(one), value=f"#{one.memory_id}") for one in ahead]

    @step.autocomplete("step")
    async def _complete_step(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the steps of the goal that was chosen, and what is typed as a new one."""
        try:
            shown = await self._memories.show(
                owner_of(interaction), await self._named(interaction, str(interaction.namespace.goal or ""))
            )
        except CompanionError:
            return []
        wanted = typed.strip().casefold()
        return [
            app_commands.Choice(
                name=clipped(f"{'○' if step.done_at is None else '●'} {plain_line(step.text)}", LABEL_LIMIT),
                value=f"#{number}",
            )
            for number, step in enumerate(shown.memory.milestones)
            if wanted in step.text.casefold()
        ]

    @add.autocomplete("by")
    async def _complete_by(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        """Show how a time is read while it is typed."""
        try:
            user_id = owner_of(interaction)
            due_at = await self._remind.plan(user_id, typed)
            there = due_at.astimezone(self._remind.time_in(await self._remind.zone_in_use(user_id)).tzinfo)
        except CompanionError:
            return []
        return [app_commands.Choice(name=time_label(there), value=typed.strip())]

    async def clicked(self, interaction: Asked, do: str, rest: str, values: Sequence[str]) -> None:
        """Turn the page, or tick off what was chosen.

        Raises:
            UserError: what was chosen is there no more.
        """
        if do == "list":
            await self._page(interaction, number_of(rest))
        elif do == "tick" and values:
            await begin(interaction)
            goal_id, _, what = values[0].partition(".")
            if what == presenters.WHOLE:
                await self._goals.done(owner_of(interaction), memory_id_of(goal_id))
            else:
                await self._goals.tick(owner_of(interaction), memory_id_of(goal_id), number_of(what))
            await self._page(interaction, number_of(rest))
        else:
            raise UserError("goal_gone")

    async def _page(self, interaction: Asked, number: int) -> None:
        await begin(interaction)
        owner = owner_of(interaction)
        page, number = await self._goals.page(owner, number=number)
        view = card_view(presenters.list_card(page, number, colour=self._desk.colour))
        options = [discord.SelectOption(label=label, value=value) for value, label in presenters.open_things(page)][
            :OPTIONS_MOST
        ]
        if options:
            row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
            menu = OwnMenu.made(PREFIX, "tick", owner, number, hint=presenters.menu_hint(), options=options)
            view.add_item(row.add_item(menu))
        last = max(0, (page.total - 1) // LISTED_MOST)
        if last:
            view.add_item(_pages(owner, number, last))
        await answer(interaction, view)

    async def _named(self, interaction: Asked, typed: str) -> MemoryId:
        goals = (MemoryKind.GOAL,)
        return (await self._memories.named(owner_of(interaction), typed, kinds=goals)).memory_id

    async def _step_named(self, owner: UserId, goal_id: MemoryId, typed: str) -> str:
        """Give the words of the step that was chosen from the list, else what was typed."""
        number = typed.strip().removeprefix("#")
        if not typed.strip().startswith("#") or not number.isdecimal():
            return typed
        steps = (await self._memories.show(owner, goal_id)).memory.milestones
        return steps[int(number)].text if number_of(number) < len(steps) else typed


def _pages(owner: UserId, number: int, last: int) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    for to, is_off in ((number - 1, number == 0), (number + 1, number >= last)):
        label = presenters.page_label(is_next=to > number)
        row.add_item(OwnButton.made(PREFIX, "list", owner, to, label=label, is_off=is_off))
    return row
