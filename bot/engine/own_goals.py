"""A person's goals with their steps: set, looked at, taken further, reached or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.ids import MemoryId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Milestone
from bot.domain.memory_text import text_key
from bot.domain.message import Person
from bot.engine.own_words import OwnWords
from bot.errors import UserError
from bot.memory_ports import OwnMemoryStore, Page
from bot.ports import Clock

STEPS_MOST = 10  # of one goal
STEP_LIMIT = 200  # characters
GOAL_LIMIT = 500  # characters
LISTED_MOST = 5  # goals on one card
OPEN = (MemoryState.CURRENT, MemoryState.CANDIDATE)
AIMS = (MemoryKind.GOAL, MemoryKind.PROMISE)  # what can be done with


class OwnGoals:
    """What a person does with their own goals; each is a memory of theirs."""

    def __init__(self, *, store: OwnMemoryStore, words: OwnWords, clock: Clock) -> None:
        self._store = store
        self._words = words
        self._clock = clock

    async def page(self, owner: UserId, *, number: int) -> tuple[Page, int]:
        """Give a page of their goals and its number from 0; beyond the last it is the last.

        Raises:
            StoreError: the database failed; so for every method here.
        """
        number = max(0, number)
        goals = (MemoryKind.GOAL,)
        page = await self._store.page(owner, kinds=goals, states=OPEN, offset=number * LISTED_MOST, limit=LISTED_MOST)
        last = max(0, (page.total - 1) // LISTED_MOST)
        if number <= last:
            return page, number
        there = await self._store.page(owner, kinds=goals, states=OPEN, offset=last * LISTED_MOST, limit=LISTED_MOST)
        return there, last

    async def add(self, owner: Person, text: str, *, due_at: datetime | None = None, is_sure: bool = False) -> Memory:
        """Keep a goal, to be reached by *due_at* if that is given.

        Raises:
            UserError: it is refused, as in `OwnWords.given`.
        """
        given = await self._words.given(owner, text, MemoryKind.GOAL, is_sure=is_sure)
        return await self._store.add(replace(given, due_at=due_at), owner, self._clock.now())

    async def step(self, owner: Person, goal_id: MemoryId, text: str, *, is_sure: bool = False) -> Memory:
        """Tick a step off, or take the tick away; words that are no step yet become one.

        Raises:
            UserError: there is no such goal, it has too many steps, or the words are refused.
        """
        goal = await self._goal(owner.user_id, goal_id)
        number = _named(goal.milestones, text)
        if number is not None:
            return await self.tick(owner.user_id, goal_id, number)
        if len(goal.milestones) >= STEPS_MOST:
            raise UserError("goal_steps_full", most=STEPS_MOST)
        given = await self._words.given(owner, text, MemoryKind.GOAL, is_sure=is_sure)
        return await self._set(goal, (*goal.milestones, Milestone(given.text)), goal.done_at)

    async def tick(self, owner: UserId, goal_id: MemoryId, number: int) -> Memory:
        """Tick a goal's step of that number off, or take the tick away.

        Raises:
            UserError: there is no such goal or step.
        """
        goal = await self._goal(owner, goal_id)
        if not 0 <= number < len(goal.milestones):
            raise UserError("goal_step_gone")
        steps = list(goal.milestones)
        was = steps[number]
        steps[number] = Milestone(was.text, self._clock.now() if was.done_at is None else None)
        return await self._set(goal, steps, goal.done_at)

    async def done(self, owner: UserId, goal_id: MemoryId, *, is_done: bool = True) -> Memory:
        """Note that a goal was reached, or a promise kept; or that it was not, after all.

        Raises:
            UserError: there is no such goal.
        """
        goal = await self._goal(owner, goal_id)
        return await self._set(goal, goal.milestones, (goal.done_at or self._clock.now()) if is_done else None)

    async def drop(self, owner: UserId, goal_id: MemoryId) -> Memory:
        """Put a goal away: it is no longer theirs, and can be restored.

        Raises:
            UserError: there is no such goal.
        """
        goal = await self._goal(owner, goal_id)
        return _there(await self._store.archive(owner, goal.memory_id))

    async def _goal(self, owner: UserId, goal_id: MemoryId) -> Memory:
        goal = _there(await self._store.get(owner, goal_id))
        if goal.kind not in AIMS or goal.state not in OPEN:
            raise UserError("goal_gone")
        return goal

    async def _set(self, goal: Memory, steps: Sequence[Milestone], done_at: datetime | None) -> Memory:
        return _there(await self._store.set_goal(goal.owner_id, goal.memory_id, steps, done_at))


def _named(steps: Sequence[Milestone], text: str) -> int | None:
    """Give the number of the step that has these words."""
    key = text_key(text)
    return next((number for number, step in enumerate(steps) if key and text_key(step.text) == key), None)


def _there(memory: Memory | None) -> Memory:
    if memory is None:
        raise UserError("goal_gone")
    return memory
