"""A street on which things are said, and processes that listen there or do not: for what is missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.adapters.postgres.marks import PostgresMarks
from bot.domain.attention import Attention
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import Channel, ChannelKind, Message
from bot.domain.shards import WHOLE, Shards
from bot.domain.snowflake import first_at
from bot.engine.catch_up import CatchUp
from bot.engine.gaps import Gaps
from bot.engine.hear import Hear
from bot.errors import DeliveryError
from bot.history_ports import PastMessage, Stretch
from tests.engine.conftest import World
from tests.fakes import ADA, DM, MIRA

WITHIN = timedelta(hours=12)
HALL = Channel(ChannelId(302), ChannelKind.GUILD, GuildId(401))
NOT_NOW = DeliveryError("Discord answered 500", code=500, retryable=True)
NEVER = DeliveryError("Discord answered 403", code=50001, retryable=False)


class MemoryHistory:
    """What was said, as Discord has it; *faults* are raised by the next reads, after the time they may take."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: dict[MessageId, PastMessage] = {}
        self.reads: list[tuple[ChannelId, MessageId]] = []
        self.faults: list[DeliveryError] = []
        self.guild_ids: list[GuildId] = [GuildId(401)]

    def keep(self, message: Message, *, was_edited: bool = False, is_withheld: bool = False) -> Message:
        """Have *message* said, or changed."""
        self.said[message.message_id] = PastMessage(message, was_edited, is_withheld)
        return message

    def guilds(self, shard_id: int) -> Sequence[GuildId]:
        return self.guild_ids

    def active(self, guild_id: GuildId, after: MessageId) -> Sequence[Channel]:
        found = {past.message.channel for one, past in self.said.items() if one > after}
        return [one for one in found if one.guild_id == guild_id]

    async def read(self, channel: Channel, *, after: MessageId, limit: int, within: timedelta) -> Stretch:
        self.reads.append((channel.channel_id, after))
        if self.faults:
            fault = self.faults.pop(0)
            await self.world.clock.sleep(within if fault.retryable else timedelta(0))
            raise fault
        ids = sorted(one for one, past in self.said.items() if one > after and past.message.channel == channel)[:limit]
        return Stretch([self.said[one] for one in ids], ids[-1] if ids else after, len(ids) == limit)

    async def is_gone(self, channel: Channel, message_id: MessageId, *, within: timedelta) -> bool:
        return message_id not in self.said

    def read_of(self, channel: Channel) -> int:
        """Count the reads of a channel."""
        return sum(1 for one, _ in self.reads if one == channel.channel_id)


class Ears:
    """One process that listens, in a world that goes on when it dies."""

    def __init__(self, world: World, history: MemoryHistory, *, shards: Shards = WHOLE, store: Any = None) -> None:
        self.world, self.history = world, history
        self.marks = PostgresMarks(world.real_store._pool, MIRA.user_id)
        within = WITHIN
        self.gaps = Gaps(history=history, marks=self.marks, clock=world.clock, within=within, shards=shards)
        self.hear = Hear(
            store=store or world.real_store,
            attend=world.make_attend(),
            conversations=world.conversations,
            delivery=world.delivery,
            clock=world.clock,
            name="Mira",
            gaps=self.gaps,
        )
        self.catch_up = CatchUp(gaps=self.gaps, hear=self.hear, marks=self.marks, clock=world.clock)

    async def begin(self, *shard_ids: int) -> None:
        """Start a session, and let all come of it that will."""
        for shard_id in shard_ids or (0,):
            self.catch_up.began(shard_id)
            self.catch_up.everything_here(shard_id)
        await self.world.run()

    async def listen(self, message: Message) -> bool:
        """Hear *message* live."""
        return await self.hear(self.history.keep(message))


class Street:
    """The world, its history, and whoever listens at the moment."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.history = MemoryHistory(world)
        self._ids = 0
        self.first_id: int | None = None  # where ids are counted and tell no time

    def message(self, content: str, channel: Channel = DM, **more: Any) -> Message:
        """Make a message that is written now."""
        self._ids += 1
        now = self.world.clock.now()
        author = more.pop("author", ADA)
        return Message(MessageId((self.first_id or first_at(now)) + self._ids), channel, author, content, now, **more)

    def missed(self, content: str, channel: Channel = DM, **more: Any) -> Message:
        """Have something said that nobody hears."""
        return self.history.keep(self.message(content, channel, **more))

    async def open(self, **options: Any) -> Ears:
        """Start a process."""
        ears = Ears(self.world, self.history, **options)
        await ears.catch_up.open()
        return ears

    async def away(self, ears: Ears, duration: timedelta = timedelta(minutes=10)) -> Ears:
        """Let a process go after it wrote down how far it heard, and start another after *duration*."""
        await ears.catch_up.close()
        await self.pass_time(duration)
        return await self.open()

    async def pass_time(self, duration: timedelta) -> None:
        await self.world.clock.advance(duration)

    async def met(self) -> Ears:
        """Give a process that has talked with Ada already."""
        ears = await self.open()
        await ears.begin()
        await ears.listen(self.message("hello"))
        await self.world.run()
        return ears

    async def kept(self) -> list[str]:
        """List what of people is kept, oldest first."""
        rows = await self.world.rows("SELECT content FROM messages WHERE speaker = 'person' ORDER BY message_id")
        return [row["content"] for row in rows]


def hers() -> Attention:
    """Say that a direct message is hers."""
    return Attention(is_hers=True, reasons=("direct message",))
