"""Catch up on what was said while nobody listened: each new session of the gateway, channel by channel.

Where messages wait comes first, then direct channels and those where something was said lately, then those of servers
in which something is new. How far was heard is written down every few seconds, and not before all of that is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import Channel
from bot.domain.snowflake import first_at
from bot.engine.gaps import Gap, Gaps, Outcome
from bot.engine.hear import Hear
from bot.errors import StoreError, new_reference
from bot.history_ports import Marks
from bot.ports import Clock

log = logging.getLogger(__name__)

MARK_EVERY = timedelta(seconds=5)
AT_ONCE = 4  # channels that are read at the same time
PACE = timedelta(milliseconds=50)  # between two channels: at most 20 of the 50 requests a second that Discord allows
STORM = timedelta(seconds=10)  # sessions that follow each other faster are waited out
STORM_WAIT = timedelta(seconds=2)
LATELY = timedelta(days=1)  # what was said then on a server is looked at for edits and deletes; chosen by ear
DIRECT_MOST = 2_000  # direct channels looked at unasked; the others when somebody writes there
EVERYTHING_HERE_WITHIN_S = 120.0  # until servers were told of; Discord takes a few seconds
LOOKED_WITHIN_S = 15.0
LAST_WORD_WITHIN_S = 3.0  # while stopping: an older mark only costs some requests
LIST_AGAIN = timedelta(seconds=2)  # while the database is away
# chosen by ear: together eight minutes, which outlasts most trouble of Discord's
TRY_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 30, 60, 120, 240))


@dataclass(slots=True, eq=False)
class Effort:
    """The catching up of one shard in one session."""

    shard_id: int
    is_looked: asyncio.Event = field(default_factory=asyncio.Event)
    is_everything_here: asyncio.Event = field(default_factory=asyncio.Event)
    tried: dict[ChannelId, asyncio.Event] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    count: int = 0


class CatchUp:
    """See the module's first lines; the gateway's events come in by `began`, `guild_here` and their like."""

    def __init__(self, *, gaps: Gaps, hear: Hear, marks: Marks, clock: Clock) -> None:
        self._gaps = gaps
        self._hear = hear
        self._marks = marks
        self._clock = clock
        self._efforts: dict[int, Effort] = {}
        self._began_at: dict[int, datetime] = {}
        self._written: dict[int, datetime] = {}
        self._has_begun = asyncio.Event()
        self._is_closing = False
        self._few = asyncio.Semaphore(AT_ONCE)
        self._pace = asyncio.Lock()

    async def open(self) -> None:
        """Read how far was heard before; to be called before the gateway is.

        Raises:
            StoreError: the database does not answer.
        """
        await self._gaps.open()

    async def run(self) -> None:
        """Write down how far was heard, for ever."""
        while True:
            await self._clock.sleep(MARK_EVERY)
            await self.write_marks()

    async def close(self) -> None:
        """Stop catching up; what is left is done after the next start."""
        self._is_closing = True
        for effort in list(self._efforts.values()):
            self._stop(effort)
        tasks = [task for effort in self._efforts.values() for task in effort.tasks]
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_WITHIN_S):
                await self.write_marks()

    async def write_marks(self) -> None:
        """Write down how far was heard, where that has changed; the database may be away."""
        for shard_id in self._gaps.shard_ids:
            mark = self._gaps.mark(shard_id)
            has_lost = self._gaps.has_lost(shard_id)
            if mark is None or (mark == self._written.get(shard_id) and not has_lost):
                continue
            try:
                await self._marks.write(shard_id, mark)
            except StoreError as exc:
                log.info("how far was heard is not written down", extra={"cause": str(exc)})
                return
            self._written[shard_id] = mark
            if has_lost and not self._is_closing:
                self._look_for_lost(shard_id)

    async def looked(self) -> None:
        """Wait until it was seen what became of messages that wait, for some seconds at most.

        One that was withdrawn while nobody listened is not to be answered, and one that was edited not as it was.
        """
        try:
            async with asyncio.timeout(LOOKED_WITHIN_S):
                await self._has_begun.wait()
                for effort in list(self._efforts.values()):
                    await effort.is_looked.wait()
        except TimeoutError:
            log.info("not waiting any longer for what became of waiting messages")

    def began(self, shard_id: int) -> None:
        """Note that a new session begins; to be called before any of its events is."""
        now = self._clock.now()
        is_storm = shard_id in self._began_at and now - self._began_at[shard_id] < STORM
        self._began_at[shard_id] = now
        earlier = self._efforts.pop(shard_id, None)
        if earlier is not None:
            self._stop(earlier)
        gap = self._gaps.begin(shard_id)
        self._has_begun.set()
        effort = self._efforts[shard_id] = Effort(shard_id)
        if gap is None:
            effort.is_looked.set()
            self._start(effort, self.write_marks())  # the first: what comes after it can be missed
        else:
            self._start(effort, self._see_to(effort, gap, STORM_WAIT if is_storm else timedelta(0)))

    def guild_here(self, guild_id: GuildId) -> None:
        """Note that a server's channels are known now."""
        effort = self._efforts.get(self._gaps.shard_of(guild_id))
        if effort is not None:
            self._survey(effort, guild_id)

    def guild_joined(self, guild_id: GuildId) -> None:
        """Note that she has just come to a server."""
        self._gaps.joined(guild_id)

    def everything_here(self, shard_id: int) -> None:
        """Note that all servers of a shard were told of."""
        effort = self._efforts.get(shard_id)
        if effort is not None:
            effort.is_everything_here.set()

    def _look_for_lost(self, shard_id: int) -> None:
        """Look for messages that were given up while the database was away."""
        log.warning("looking for messages that the database did not take", extra={"shard_id": shard_id})
        self.began(shard_id)
        self.everything_here(shard_id)

    async def _see_to(self, effort: Effort, gap: Gap, wait: timedelta) -> None:
        try:
            await self._clock.sleep(wait)
            await self._look_at_known(effort)
            await self._look_at_servers(effort)
        except Exception:  # the edge of a task: the gap stays open, and how far was heard stays as it is
            log.exception("catching up failed", extra={"shard_id": effort.shard_id, "ref": new_reference()})
        else:
            gap.is_over = True
            log.info("caught up", extra={"shard_id": effort.shard_id, "count": effort.count})
        finally:
            effort.is_looked.set()

    async def _look_at_known(self, effort: Effort) -> None:
        """Look at channels in the database: first where messages wait, and until it is known what became of them."""
        for channel in await self._listed(effort, self._marks.unanswered):
            self._look(effort, channel)
        waiting = list(effort.tried.values())
        if effort.shard_id == 0:
            for channel in await self._listed(effort, lambda: self._marks.direct(DIRECT_MOST)):
                self._look(effort, channel)
        since = MessageId(first_at(self._clock.now() - LATELY))
        for channel in await self._listed(effort, lambda: self._marks.lively(since)):
            self._gaps.keep_open(channel)
            self._look(effort, channel)
        for tried in waiting:
            await tried.wait()
        effort.is_looked.set()

    async def _look_at_servers(self, effort: Effort) -> None:
        """Look at what is new on servers, and wait until all of it is done."""
        try:
            async with asyncio.timeout(EVERYTHING_HERE_WITHIN_S):
                await effort.is_everything_here.wait()
        except TimeoutError:
            log.warning("servers were not told of in time", extra={"shard_id": effort.shard_id})
        for guild_id in self._gaps.guilds(effort.shard_id):
            self._survey(effort, guild_id)
        mine = asyncio.current_task()
        while others := effort.tasks - {mine}:
            await asyncio.wait(others)

    async def _listed(self, effort: Effort, ask: Callable[[], Awaitable[Sequence[Channel]]]) -> Sequence[Channel]:
        while True:
            try:
                listed = await ask()
            except StoreError as exc:
                log.info("channels not listed", extra={"cause": str(exc)})
                await self._clock.sleep(LIST_AGAIN)
            else:
                return [one for one in listed if self._gaps.shard_of(one.guild_id) == effort.shard_id]

    def _survey(self, effort: Effort, guild_id: GuildId) -> None:
        for channel in self._gaps.survey(guild_id):
            self._look(effort, channel)

    def _look(self, effort: Effort, channel: Channel) -> None:
        if channel.channel_id not in effort.tried:
            effort.count += 1
            effort.tried[channel.channel_id] = asyncio.Event()
            self._start(effort, self._close_in(effort, channel))

    async def _close_in(self, effort: Effort, channel: Channel) -> None:
        """See that nothing is missed in a channel, for as many tries as it is worth."""
        waits = iter(TRY_AGAIN)
        try:
            while (outcome := await self._try(channel)) is not Outcome.WHOLE:
                effort.tried[channel.channel_id].set()
                if outcome is Outcome.PART:
                    waits = iter(TRY_AGAIN)  # it goes on
                    continue
                wait = next(waits, None)
                if wait is None:
                    self._gaps.give_up(channel)
                    return
                await self._clock.sleep(wait)
        except StoreError as exc:
            log.error("what was missed is not kept", extra={"channel_id": channel.channel_id, "cause": str(exc)})
            self._gaps.put_off(channel)
        except Exception:  # the edge of a task: one channel must not keep the others from being done
            log.exception("catching up failed", extra={"channel_id": channel.channel_id, "ref": new_reference()})
            self._gaps.give_up(channel)
        finally:
            effort.tried[channel.channel_id].set()

    async def _try(self, channel: Channel) -> Outcome:
        if not self._gaps.lacks(channel):
            return Outcome.WHOLE  # somebody wrote there and was faster
        async with self._few:
            async with self._pace:
                await self._clock.sleep(PACE)
            return await self._hear.fill(channel)

    def _start(self, effort: Effort, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name=f"catch up shard {effort.shard_id}")
        effort.tasks.add(task)
        task.add_done_callback(effort.tasks.discard)

    def _stop(self, effort: Effort) -> None:
        for task in effort.tasks:
            task.cancel()
