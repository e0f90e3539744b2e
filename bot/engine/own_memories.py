"""What a person sees and does with what she knows of them: look through it, add, correct, pin, put away, forget.

Everything here is of who asks, and for their eyes alone. What they add passes the write gate as anything else does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.ids import MemoryId, MessageId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState
from bot.domain.memory_merge import corrected_with
from bot.domain.message import Message, Person, Speaker
from bot.domain.recalled import NOTHING_FOUND, Found, Place, RecallAsk, RecalledMemory, Vector
from bot.domain.text import is_blank
from bot.engine.own_words import OwnWords
from bot.errors import UserError
from bot.memory_ports import Forgotten, MemoryHealth, OwnMemoryStore, Page, RecallStore
from bot.ports import Clock

FOUND_MOST = 6  # lines, and memories, that a search brings up
SOURCES_MOST = 5  # lines that are linked
OLDER_MOST = 20  # memories that gave way to one another
LIKE_MOST = 2  # two of a text are enough to know that it names none
NEAR_MOST = 24  # memories among which the same is looked for, told elsewhere
BATCH = 500  # memories looked at in one go
HELD = (MemoryState.CURRENT, MemoryState.CANDIDATE)
PUT_AWAY = (MemoryState.ARCHIVED, MemoryState.SUPERSEDED)


class Forgetting(Protocol):
    """Takes away what a person wants gone, with all that was made of it (`bot.engine.forget.Forget`)."""

    async def messages(self, message_ids: Sequence[MessageId]) -> Forgotten:
        """Forget lines."""

    async def memories(self, owner: UserId, memory_ids: Sequence[MemoryId]) -> Forgotten:
        """Forget memories and the lines they came from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One memory with where it comes from: *lines* that can be linked, and *older* ones that gave way to it."""

    memory: Memory
    lines: tuple[Message, ...] = ()
    older: tuple[Memory, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search brought up; *places* are the lines of it that can be linked."""

    found: Found
    places: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Toll:
    """What goes with something that is to be forgotten: memories, and lines on which they stand."""

    memory_ids: tuple[MemoryId, ...]
    lines: int


class OwnMemories:
    """A person's own memories."""

    def __init__(
        self,
        *,
        store: OwnMemoryStore,
        recall: RecallStore,
        forget: Forgetting,
        words: OwnWords,
        clock: Clock,
        vector_of: Callable[[str], Awaitable[Vector | None]] | None = None,
    ) -> None:
        """Take what is needed; *vector_of* puts a query in place among the vectors (`QueryVectors.of`)."""
        self._store = store
        self._recall = recall
        self._forget = forget
        self._words = words
        self._clock = clock
        self._vector_of = vector_of

    # looking

    async def page(
        self, owner: UserId, *, number: int, size: int, kinds: Sequence[MemoryKind] = (), is_put_away: bool = False
    ) -> tuple[Page, int]:
        """Give a page of what is held, or was put away, and its number from 0; beyond the last it is the last.

        Raises:
            StoreError: the database failed; so for every method here.
        """
        states = PUT_AWAY if is_put_away else HELD
        number = max(0, number)
        page = await self._store.page(owner, kinds=kinds, states=states, offset=number * size, limit=size)
        last = max(0, (page.total - 1) // size)
        if number <= last:
            return page, number
        return await self._store.page(owner, kinds=kinds, states=states, offset=last * size, limit=size), last

    async def show(self, owner: UserId, memory_id: MemoryId) -> Shown:
        """Give one memory with where it comes from.

        Raises:
            UserError: they have none of that number.
        """
        memory = await self._get(owner, memory_id)
        newest = sorted(memory.sources)[-SOURCES_MOST:]
        lines = await self._store.lines(owner, newest) if newest else ()
        older = await self._store.replaced_by(owner, memory_id, limit=SOURCES_MOST)
        return Shown(memory, tuple(lines), tuple(older))

    async def named(self, owner: UserId, typed: str, *, kinds: Sequence[MemoryKind] = ()) -> Memory:
        """Give the memory that somebody means by its number or by its words.

        Raises:
            UserError: none fits, or several do.
        """
        number = typed.strip().removeprefix("#")
        if number.isascii() and number.isdecimal():  # words that hold it are not meant: the wrong one would be changed
            memory = await self._store.get(owner, MemoryId(int(number))) if int(number) < 2**63 else None
            if memory is None or (kinds and memory.kind not in kinds):
                raise UserError("memory_gone")
            return memory
        alike = () if is_blank(typed) else await self._store.suggest(owner, typed, limit=LIKE_MOST, kinds=kinds)
        if len(alike) > 1:
            raise UserError("memory_many")
        if not alike:
            raise UserError("memory_gone")
        return alike[0]

    async def suggest(
        self,
        owner: UserId,
        typed: str,
        *,
        limit: int,
        kinds: Sequence[MemoryKind] = (),
        states: Sequence[MemoryState] = (),
    ) -> Sequence[Memory]:
        """Give what somebody may mean who has typed so far."""
        return await self._store.suggest(owner, typed, limit=limit, kinds=kinds, states=states)

    async def search(self, owner: Person, query: str, *, her_name: str) -> Searched:
        """Give what a question brings up among what they said and what is known of them, wherever that was."""
        user_id = owner.user_id
        vector = None if self._vector_of is None else await self._vector_of(query)
        names = (owner.display_name, her_name)
        ask = RecallAsk(query, (user_id,), Place(user_id), self._clock.now(), names, vector=vector)
        found = NOTHING_FOUND
        if not is_blank(query):
            found = await self._recall.recall(ask, lines_most=FOUND_MOST, memories_most=FOUND_MOST)
            found = await self._with_spelled(user_id, query, found)
        ids = [line.message_id for line in found.lines]
        return Searched(found, tuple(await self._store.lines(user_id, ids)) if ids else ())

    async def _with_spelled(self, owner: UserId, query: str, found: Found) -> Found:
        """Add memories that hold the very letters of a query: half a word is enough for who looks for one."""
        known = {one.memory.memory_id for one in found.memories}
        spelled = await self._store.suggest(owner, query, limit=FOUND_MOST, states=HELD)
        more = [RecalledMemory(memory, 0.0) for memory in spelled if memory.memory_id not in known]
        return replace(found, memories=(*found.memories, *more)[:FOUND_MOST])

    async def health(self, owner: UserId) -> MemoryHealth:
        """Give what is kept of a person, in figures."""
        return await self._store.health(owner)

    # adding and changing

    async def remember(
        self, owner: Person, text: str, kind: MemoryKind | None = None, *, is_sure: bool = False
    ) -> Memory:
        """Keep a person's own words; *is_sure* says that they consent to keep what is sensitive, this once.

        Without a *kind* it is a fact, or a boundary where it says how they want to be treated.

        Raises:
            UserError: it is refused, for the reason that its key names (`AskFirst`: unless they say so once more).
        """
        given = await self._words.given(owner, text, kind, is_sure=is_sure)
        return await self._store.add(given, owner, self._clock.now())

    async def remember_line(self, owner: Person, message_id: MessageId, *, is_sure: bool = False) -> Memory:
        """Keep what a line of theirs says, for whom it was said to.

        Raises:
            UserError: that line was not heard, or as for `remember`.
        """
        line = await self._store.own_line(owner.user_id, message_id)
        if line is None:
            raise UserError("memory_line_unheard")
        given = await self._words.given(owner, line.content, None, is_sure=is_sure, source=line)
        return await self._store.add(given, owner, self._clock.now())

    async def holding(self, owner: UserId, memory_id: MemoryId) -> Memory:
        """Give the memory that holds in place of one that was replaced, however often; any other is given itself.

        Raises:
            UserError: they have none of that number.
        """
        memory, seen = await self._get(owner, memory_id), {memory_id}
        while memory.state is MemoryState.SUPERSEDED and (by := memory.superseded_by) is not None and by not in seen:
            seen.add(by)
            memory = await self._store.get(owner, by) or memory
        return memory

    async def correct(self, owner: Person, memory_id: MemoryId, text: str, *, is_sure: bool = False) -> Memory:
        """Let the person's words hold in place of a memory from now on; the older one is kept as what was.

        The same told elsewhere gives way as well. Who names what was replaced already means what holds in its place
        now: else both would hold.

        Raises:
            UserError: as for `remember`, or they have no such memory.
        """
        old = await self.holding(owner.user_id, memory_id)
        given = await self._words.given(owner, text, old.kind, is_sure=is_sure)
        given = replace(given, valid_from=self._clock.now(), due_at=old.due_at, milestones=old.milestones)
        near = await self._store.near(owner.user_id, old.text, most=NEAR_MOST)
        also = corrected_with(old, given, near, (owner.display_name,))
        newer = await self._store.supersede(owner.user_id, old.memory_id, given, self._clock.now(), also=also)
        return self._there(newer)

    async def edit(self, owner: Person, memory_id: MemoryId, text: str, *, is_sure: bool = False) -> Memory:
        """Put the person's words in place of a memory's, as if it had never said anything else.

        Raises:
            UserError: as for `remember`, or they have no such memory.
        """
        old = await self._get(owner.user_id, memory_id)
        given = await self._words.given(owner, text, old.kind, is_sure=is_sure)
        return self._there(await self._store.edit(owner.user_id, memory_id, given.text, self._clock.now()))

    async def pin(self, owner: UserId, memory_id: MemoryId, *, is_pinned: bool) -> Memory:
        """Pin a memory, or no longer.

        Raises:
            UserError: they have none of that number that holds.
        """
        return self._there(await self._store.pin(owner, memory_id, is_pinned=is_pinned))

    async def restore(self, owner: UserId, memory_id: MemoryId) -> Memory:
        """Bring back what was put away.

        Raises:
            UserError: they have none of that number.
        """
        return self._there(await self._store.restore(owner, memory_id, self._clock.now()))

    async def allow_sensitive(self, owner: Person) -> None:
        """Let health and sexuality be remembered from now on.

        Raises:
            UserError: they do not want to be heard.
        """
        await self._words.check_heard(owner)
        await self._store.allow_sensitive(owner, self._clock.now(), is_allowed=True)

    # forgetting

    async def toll(self, owner: UserId, memory_id: MemoryId) -> Toll:
        """Say what goes with a memory: those that gave way to it, and the lines that all of them came from.

        Raises:
            UserError: they have none of that number.
        """
        memory = await self._get(owner, memory_id)
        going, look_at = {memory_id: memory}, [memory_id]
        while look_at and len(going) <= BATCH:
            older = await self._store.replaced_by(owner, look_at.pop(), limit=OLDER_MOST)
            look_at += [one.memory_id for one in older if one.memory_id not in going]
            going |= {one.memory_id: one for one in older}
        return Toll(tuple(going), len({source for one in going.values() for source in one.sources}))

    async def forget(self, owner: UserId, memory_id: MemoryId) -> Forgotten:
        """Forget a memory with all that `toll` names.

        Raises:
            UserError: as for `toll`.
        """
        return await self._forget.memories(owner, (await self.toll(owner, memory_id)).memory_ids)

    async def own_line(self, owner: UserId, message_id: MessageId, *, speaker: Speaker) -> Message:
        """Give a line that a person may have forgotten: their own, or one of hers that answers them.

        Raises:
            UserError: it is neither, or nothing of it is kept.
        """
        if speaker is Speaker.BOT:
            raise UserError("memory_line_others")
        kept = await self._store.lines(owner, [message_id])
        if not kept:
            raise UserError("memory_line_gone" if speaker is Speaker.PERSON else "memory_line_not_to_you")
        return kept[0]

    async def forget_line(self, owner: UserId, message_id: MessageId) -> Forgotten:
        """Forget a line of a person's, or one of hers that answers them, with all that was made of it.

        Raises:
            UserError: as for `own_line`.
        """
        line = await self.own_line(owner, message_id, speaker=Speaker.PERSON)
        return await self._forget.messages([line.message_id])

    async def sensitive(self, owner: UserId) -> Sequence[MemoryId]:
        """Name the memories that are of health or sexuality."""
        found: list[MemoryId] = []
        after = MemoryId(0)
        while batch := await self._store.after(owner, after, limit=BATCH):
            found += await asyncio.to_thread(self._words.sensitive_of, batch)
            after = batch[-1].memory_id
        return found

    async def stop_sensitive(self, owner: Person) -> Forgotten:
        """Let health and sexuality no longer be remembered, and forget what of it is there."""
        await self._store.allow_sensitive(owner, self._clock.now(), is_allowed=False)
        return await self._forget.memories(owner.user_id, await self.sensitive(owner.user_id))

    # what is common to them

    async def _get(self, owner: UserId, memory_id: MemoryId) -> Memory:
        return self._there(await self._store.get(owner, memory_id))

    def _there(self, memory: Memory | None) -> Memory:
        if memory is None:
            raise UserError("memory_gone")
        return memory
