"""Forgetting, in PostgreSQL: what was made of lines is found by its sources, and what repeats them by their words."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from asyncpg import DeadlockDetectedError

from bot.adapters.postgres import erase, rows
from bot.adapters.postgres import forget_statements as statements
from bot.adapters.postgres.pool import StatementPool
from bot.domain.feeling import SoulId
from bot.domain.forgetting import Origins, lexeme_words, pattern_of, telling_words, words_in
from bot.domain.ids import ChannelId, MemoryId, MessageId, UserId
from bot.errors import StoreError
from bot.memory_ports import Forgotten

P = ParamSpec("P")
T = TypeVar("T")

ASIDE_FROM = 100  # texts: some ten milliseconds
AT_ONCE = 2_000  # lines read in one step
OWN_LINES_BEFORE = 20_000  # of hers that are looked at for a word that she knew already
LINES_ELSEWHERE = 20_000
CLOCKS_APART = timedelta(minutes=1)  # at most, between Discord's and ours
# A job that had read a line before it was forgotten is over by then; what it made of it is found by a second look.
SECOND_LOOK_AFTER = timedelta(minutes=2)
LOOKED_FOR = timedelta(minutes=30)  # at a turn that never ends
TRIES = 5  # where turns and jobs hold the same rows
LEFT_AFTER = timedelta(seconds=150)  # longer than a process takes that is there to look itself


@dataclass(frozen=True, slots=True)
class _Trace:
    """What is forgotten and where it may have come up again; *words* can only come from it."""

    message_ids: tuple[int, ...]
    memory_ids: tuple[int, ...]
    words: frozenset[str]
    channels: tuple[int, ...]
    near: tuple[int, ...]  # those in which a prompt can show it
    guilds: tuple[int, ...]
    people: tuple[int, ...]
    since: datetime
    first_id: int
    told: tuple[int, ...] = ()  # memories by command that go
    turns: tuple[int, ...] = ()  # those that went on meanwhile
    looked_at: datetime | None = None
    again: _Trace | None = None  # where who was in the room may have been told again


class PostgresForget:
    """Implements `bot.engine.forget.ForgettingStore`.

    *vocabulary* are texts of her own, persona and rules: a word in them never tells that somebody said it.
    """

    def __init__(self, pool: StatementPool, vocabulary: Sequence[str] = ()) -> None:
        self._pool = pool
        self._vocabulary = vocabulary
        self._traces: list[_Trace] = []
        self._touched: list[ChannelId] = []
        self._gone: list[MessageId] = []

    async def forget_messages(self, message_ids: Sequence[MessageId], now: datetime) -> Forgotten:
        """See `bot.memory_ports.ForgetStore.forget_messages`."""
        lines = await self._pool.run(statements.LINES, list(message_ids))
        if not lines:
            return Forgotten()
        return await self._forget(await self._trace(lines, {}, now), now)

    async def forget_memories(self, owner: UserId, memory_ids: Sequence[MemoryId], now: datetime) -> Forgotten:
        """See `bot.memory_ports.ForgetStore.forget_memories`."""
        found = await self._pool.run(statements.OWNED, owner, list(memory_ids))
        if not found:
            return Forgotten()
        sources = await self.sources_of(owner, memory_ids)
        lines = await self._pool.run(statements.LINES, list(sources))
        trace = await self._trace(lines, {row["memory_id"]: row for row in found}, now, owner=owner)
        return await self._forget(trace, now)

    async def sources_of(self, owner: UserId, memory_ids: Sequence[MemoryId]) -> Sequence[MessageId]:
        """See `bot.memory_ports.ForgetStore.sources_of`."""
        found = await self._pool.run(statements.SOURCES, owner, list(memory_ids))
        return [MessageId(row["message_id"]) for row in found]

    async def erase(self, user_id: UserId, now: datetime) -> Forgotten:
        """See `bot.memory_ports.ForgetStore.erase`."""
        kept = (await self._pool.run(erase.KEPT_OF, user_id))[0]
        ids, first = list(kept["message_ids"]), Forgotten()
        if kept["is_known"]:
            lines = await self._pool.run(statements.LINES, ids)
            first = await self._forget(await self._trace(lines, {}, now, owner=user_id, names=kept["names"]), now)
        done = (await self._insist(erase.ERASE, user_id, str(user_id), ids, now))[0]
        self._gone += [MessageId(one) for one in done["her_lines"]]
        return Forgotten(
            messages=len(ids),
            memories=kept["memories"],
            summaries=first.summaries + done["summaries"],
            own_lines=len({*done["her_lines"]}) or first.own_lines,
            notes=first.notes,
            souls=tuple(sorted({*first.souls, *done["souls"]})),
        )

    async def souls_to_mend(self) -> Sequence[tuple[SoulId, datetime]]:
        """See `bot.engine.forget.ForgettingStore.souls_to_mend`."""
        found = await self._pool.run(statements.TO_MEND)
        return [(SoulId(int(row["job"].removeprefix(statements.MEND))), row["taken_at"]) for row in found]

    async def mended(self, soul_id: SoulId, forgotten_at: datetime) -> None:
        """See `bot.engine.forget.ForgettingStore.mended`."""
        await self._pool.run(statements.MENDED, f"{statements.MEND}{soul_id}", forgotten_at)

    async def settle(self, now: datetime) -> Forgotten:
        """See `bot.engine.forget.ForgettingStore.settle`."""
        done = await self._look_for_others(now)
        waiting, self._traces = self._traces, []
        while waiting:
            trace = waiting.pop()
            try:
                if await self._goes_on(trace, now):
                    self._traces.append(trace)
                    continue
                done = _sum(done, await self._take_away(trace, now))
                await self._pool.run(statements.LOOKED, list(trace.turns), trace.looked_at)
            except BaseException:
                self._traces += [trace, *waiting]
                raise
        return done

    def aftermath(self) -> tuple[Sequence[ChannelId], Sequence[MessageId]]:
        """See `bot.engine.forget.ForgettingStore.aftermath`."""
        channels, lines = tuple(dict.fromkeys(self._touched)), tuple(self._gone)
        self._touched, self._gone = [], []
        return channels, lines

    async def _trace(
        self,
        lines: Sequence[rows.Row],
        memories: dict[int, rows.Row],
        now: datetime,
        *,
        owner: int | None = None,
        names: Sequence[str] = (),
    ) -> _Trace:
        """Find out where lines and memories may have come up again, and by which words that can be told."""
        ids = [row["message_id"] for row in lines]
        people = {row["author_id"] for row in lines if row["speaker"] != "self"} | ({owner} if owner else set())
        guilds = {row["guild_id"] for row in lines if row["guild_id"] is not None}
        homes = {row["channel_id"] for row in lines}
        places = await self._pool.run(statements.PLACES, list(homes), list(guilds), list(people))
        moments = [row["sent_at"] for row in lines] + [row["said_at"] for row in memories.values()]
        trace = _Trace(
            message_ids=tuple(ids),
            memory_ids=tuple(memories),
            words=frozenset(),
            channels=tuple(sorted({row["channel_id"] for row in places} | homes)),
            near=tuple(sorted({row["channel_id"] for row in places if row["is_near"]} | homes)),
            guilds=tuple(sorted(guilds)),
            people=tuple(sorted(people)),
            since=min(moments, default=now) - CLOCKS_APART,
            first_id=min((row["message_id"] for row in lines if row["speaker"] != "self"), default=0),
            told=tuple(one for one, row in memories.items() if row["origin"] == "person"),
            looked_at=now,
        )
        words = await _aside(len(lines), _words_of, lines, memories)
        words |= await self._answered(lines) | telling_words(names)
        trace = replace(trace, words=await self._only_from(trace, words))
        rooms = sorted({row["channel_id"] for row in lines if row["guild_id"] is not None})
        return replace(trace, again=await self._told_again(trace, rooms)) if trace.words and rooms else trace

    async def _told_again(self, trace: _Trace, rooms: Sequence[int]) -> _Trace | None:
        """Find the direct conversations of others who were there, and words that nobody in these says themselves."""
        found = await self._pool.run(statements.HEARERS, rooms, trace.first_id)
        homes = {row["channel_id"]: row["author_id"] for row in found if row["channel_id"] not in trace.channels}
        if not homes:
            return None
        again = replace(trace, channels=tuple(sorted(homes)), people=tuple(sorted(homes.values())), guilds=())
        return replace(again, words=await self._only_from(again, set(trace.words)))

    async def _answered(self, lines: Sequence[rows.Row]) -> frozenset[str]:
        """Give the words with which she answered lines of which nothing is left."""
        empty = [row["message_id"] for row in lines if row["speaker"] != "self" and _is_empty(row)]
        said = await self._pool.run(statements.ANSWERS, empty) if empty else ()
        return telling_words(row["said"] for row in said)

    async def _only_from(self, trace: _Trace, words: Collection[str]) -> frozenset[str]:
        """Leave out every word that may come from somewhere else just as well."""
        origins = Origins(words)
        origins.words -= {row["word"] for row in await self._pool.run(statements.COMMON, sorted(words))}
        for text in self._vocabulary:
            origins.explain(text)
        after = 0
        while origins.words:
            found = await self._pool.run(
                statements.REMAINING,
                pattern_of(origins.words),
                list(trace.channels),
                list(trace.people),
                list(trace.message_ids),
                after,
                AT_ONCE,
            )
            await _aside(len(found), _explain, origins, found)
            if len(found) < AT_ONCE:
                break
            after = found[-1]["message_id"]
        return await self._not_known_before(trace, origins)

    async def _not_known_before(self, trace: _Trace, origins: Origins) -> frozenset[str]:
        if origins.words:
            pattern, gone = pattern_of(origins.words), [*trace.memory_ids]
            told = await self._pool.run(statements.TOLD, pattern, list(trace.people), gone)
            await _aside(len(told), _explain, origins, told)
        if origins.words and trace.first_id:
            pattern = pattern_of(origins.words)
            before = await self._pool.run(statements.SAID_BEFORE, pattern, trace.first_id, OWN_LINES_BEFORE)
            await _aside(len(before), _explain, origins, before)
        if origins.words:
            pattern = pattern_of(origins.words)
            for row in await self._pool.run(statements.ELSEWHERE, pattern, list(trace.channels), LINES_ELSEWHERE):
                origins.hear_elsewhere(row["author_id"], row["said"])
        return frozenset(origins.words)

    async def _forget(self, trace: _Trace, now: datetime) -> Forgotten:
        done = await self._take_away(trace, now)
        turns = await self._pool.run(statements.INTERRUPT, list(trace.near), now)
        self._touched += [ChannelId(row["channel_id"]) for row in turns]
        self._traces.append(replace(trace, turns=tuple(row["turn_id"] for row in turns)))
        return done

    async def _goes_on(self, trace: _Trace, now: datetime) -> bool:
        age = now - (trace.looked_at or now)
        if age < SECOND_LOOK_AFTER:
            return True
        turns = list(trace.turns)
        return age < LOOKED_FOR and bool(turns) and bool(await self._pool.run(statements.STILL_UNDER_WAY, turns))

    async def _take_away(self, trace: _Trace, now: datetime) -> Forgotten:
        """Take away what rests on the lines and what repeats them, in one step."""
        ids = list(trace.message_ids)
        derived = await self._pool.run(statements.DERIVED, ids)
        repeats = await self._repeats(trace)
        memories = {*trace.memory_ids, *(row["memory_id"] for row in derived), *repeats["memory"]}
        return await self._remove(ids, sorted(memories), repeats, trace.near, now)

    async def _remove(
        self,
        message_ids: Sequence[int],
        memory_ids: Sequence[int],
        made: Mapping[str, Sequence[int]],
        channels: Sequence[int],
        now: datetime,
    ) -> Forgotten:
        """Take away lines, memories, and what else was *made*: by what it is, its ids."""
        found = await self._insist(
            statements.FORGET,
            list(message_ids),
            now,
            made.get("line", []),
            list(memory_ids),
            *(made.get(what, []) for what in ("summary", "note", "timer", "part", "tail", "quote", "forward")),
            list(channels),
        )
        done = found[0]
        self._gone += [MessageId(one) for one in (*message_ids, *done["her_lines"])]
        return Forgotten(
            messages=done["messages"],
            memories=done["memories"],
            summaries=done["summaries"],
            own_lines=done["own_lines"],
            notes=done["notes"],
            souls=tuple(done["souls"]),
        )

    async def _insist(self, statement: str, *values: object) -> Sequence[rows.Row]:
        """Run a statement, and again where a turn or a job that held what it needs waited for what it held."""
        for _ in range(TRIES - 1):
            try:
                return await self._pool.run_long(statement, *values)
            except StoreError as exc:
                if not isinstance(exc.__cause__, DeadlockDetectedError):
                    raise
        return await self._pool.run_long(statement, *values)

    async def _look_for_others(self, now: datetime) -> Forgotten:
        """Take away all that turns made which went on while something was forgotten, where who knew its words died."""
        own = {turn_id for trace in self._traces for turn_id in trace.turns}
        found = await self._pool.run(statements.LEFT_TO_LOOK_AT, now - LEFT_AFTER, now - LOOKED_FOR)
        left = {row["turn_id"]: row["taken_at"] for row in found if row["turn_id"] not in own}
        if not left:
            return Forgotten()
        made: defaultdict[str, list[int]] = defaultdict(list)
        for row in await self._pool.run(statements.MADE, list(left)):
            made[row["what"]].append(row["id"])
        done = await self._remove(made["gone"], made["memory"], made, (), now)
        await self._pool.run(statements.LOOKED, list(left), max(left.values()))
        return done

    async def _repeats(self, trace: _Trace) -> defaultdict[str, list[int]]:
        """Find texts that repeat what is forgotten: by what they are, their ids."""
        found = defaultdict(list) if trace.again is None else await self._repeats(trace.again)
        if not trace.words:
            return found
        asked = (list(trace.channels), list(trace.guilds), list(trace.people), trace.since, trace.first_id)
        texts = await self._pool.run(statements.REPEATS, pattern_of(trace.words), *asked)
        for row in await _aside(len(texts), _holding, texts, trace.words):
            found[row["what"]].append(row["id"])
        return found


async def _aside(texts: int, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Do *work* on so many texts, beside the loop where it takes a while: answers go on meanwhile."""
    return await asyncio.to_thread(work, *args, **named) if texts >= ASIDE_FROM else work(*args, **named)


def _explain(origins: Origins, found: Sequence[rows.Row]) -> None:
    for row in found:
        origins.explain(row["said"])


def _holding(found: Sequence[rows.Row], words: Collection[str]) -> list[rows.Row]:
    return [row for row in found if words_in(row["said"], words)]


def _words_of(lines: Sequence[rows.Row], memories: Mapping[int, rows.Row]) -> frozenset[str]:
    """Give the words of what is forgotten; of a line that was emptied, from the search terms that are left of it."""
    told = (row["text"] for row in memories.values() if row["origin"] == "person" or not lines)
    words = telling_words(told)
    for row in lines:
        if row["speaker"] != "self":
            words |= lexeme_words(row["lexemes"]) if not _has_text(row) else telling_words(_texts_of(row))
    return words


def _has_text(row: rows.Row) -> bool:
    return bool(row["content"]) or row["forwards"] != "[]" or row["attachments"] != "[]"


def _is_empty(row: rows.Row) -> bool:
    return not _has_text(row) and not row["lexemes"]


def _texts_of(row: rows.Row) -> list[str]:
    """Give every text of a line: its own, what it passes on, names of files."""
    names = [one["name"] for one in json.loads(row["attachments"])]
    return [row["content"], *json.loads(row["forwards"]), *names]


def _sum(one: Forgotten, other: Forgotten) -> Forgotten:
    return Forgotten(
        messages=one.messages + other.messages,
        memories=one.memories + other.memories,
        summaries=one.summaries + other.summaries,
        own_lines=one.own_lines + other.own_lines,
        notes=one.notes + other.notes,
        souls=tuple(sorted({*one.souls, *other.souls})),
    )
