"""What was allowed, who opted out and what was decided, in memory; and examples of what is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.attention import Decision, Outcome
from bot.domain.ids import ChannelId, GuildId, MessageId, TurnId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Reach
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from bot.room_ports import RecordedDecision, RecordedTurn

NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
LISTENING = RoomPolicy(Hearing.LISTEN, 4, QuietHours(23 * 60, 7 * 60, "Europe/Berlin"))
HERE = Channel(ChannelId(10), ChannelKind.GUILD, GuildId(1))


@dataclass
class MemoryRooms:
    """Implements the ports of rooms in memory."""

    kept: dict[ChannelId, RoomPolicy] = field(default_factory=dict)
    set_by: list[tuple[ChannelId, GuildId, UserId]] = field(default_factory=list)
    hushed: set[UserId] = field(default_factory=set)
    decisions: list[RecordedDecision] = field(default_factory=list)
    turns: list[RecordedTurn] = field(default_factory=list)
    trouble: Exception | None = None
    takes_s: float = 0.0

    async def policies(self, channel_ids: Collection[ChannelId]) -> Mapping[ChannelId, RoomPolicy]:
        self._check()
        await asyncio.sleep(self.takes_s)
        return {one: self.kept[one] for one in channel_ids if one in self.kept}

    async def set_policy(
        self, channel_id: ChannelId, guild_id: GuildId, policy: RoomPolicy, *, by: UserId, now: datetime
    ) -> None:
        self._check()
        self.kept[channel_id] = policy
        self.set_by.append((channel_id, guild_id, by))

    async def own_threads(self, channel_ids: Collection[ChannelId]) -> Collection[ChannelId]:
        return set()

    async def listening(self) -> Sequence[ChannelId]:
        return [one for one, policy in self.kept.items() if policy.hearing is Hearing.LISTEN]

    async def silent(self) -> Collection[UserId]:
        return self.hushed

    async def is_silent(self, user_id: UserId) -> bool:
        self._check()
        return user_id in self.hushed

    async def set_silent(self, user_id: UserId, *, is_silent: bool, now: datetime) -> None:
        self._check()
        self.hushed = self.hushed | {user_id} if is_silent else self.hushed - {user_id}

    async def recent(self, channel_id: ChannelId, *, since: datetime, limit: int) -> Sequence[Message]:
        return []

    async def of_message(self, channel_id: ChannelId, message_id: MessageId) -> RecordedDecision | None:
        self._check()
        found = [one for one in self.decisions if (one.channel_id, one.message_id) == (channel_id, message_id)]
        return found[0] if found else None

    async def latest(self, channel_id: ChannelId) -> RecordedDecision | None:
        self._check()
        found = [one for one in self.decisions if one.channel_id == channel_id]
        return max(found, key=lambda one: (one.decided_at, one.message_id), default=None)

    async def turn_of(self, channel_id: ChannelId, message_id: MessageId) -> RecordedTurn | None:
        for turn in self.turns:
            if turn.channel.channel_id == channel_id and message_id in (*turn.asked_ids, *turn.said_ids):
                return turn
        return None

    async def since(
        self, since: datetime, until: datetime, *, channel_id: ChannelId | None = None
    ) -> Sequence[RecordedDecision]:
        return [
            one
            for one in sorted(self.decisions, key=lambda one: one.decided_at)
            if since <= one.decided_at < until and channel_id in (None, one.channel_id)
        ]

    async def considered_since(self, since: datetime) -> Sequence[tuple[ChannelId, datetime]]:
        return []

    async def forget_overheard(self, now: datetime) -> int:
        return 0

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble


def recorded(
    message_id: int = 100, *, at: datetime = NOW, channel: Channel = HERE, **changes: object
) -> RecordedDecision:
    """Give a decision to join in, as it is on record."""
    weights = {
        "spoken of, asking": 0.4,
        "room is fast": -0.25,
        "open question": 0.6,
        "her share": -0.001,
        "something new": 0.1,
        "mood": 0.05,
    }
    decision = Decision(
        outcome=Outcome.ANSWER,
        reach=Reach.JOINING,
        reasons=("open question",),
        score=0.9,
        bar=0.62,
        weights=weights,
        version=3,
    )
    plain = {name: changes.pop(name) for name in ("policy", "is_hers", "turn_id") if name in changes}
    found = RecordedDecision(
        MessageId(message_id),
        channel.channel_id,
        at,
        replace(decision, **changes),
        LISTENING,  # type: ignore[arg-type]
    )
    return replace(found, **plain)  # type: ignore[arg-type]


def turn(asked: Sequence[int] = (100,), said: Sequence[int] = (200,), **changes: object) -> RecordedTurn:
    """Give a turn that answered *asked* with *said*."""
    found = RecordedTurn(
        turn_id=TurnId(7),
        channel=HERE,
        state="done",
        intent="reply",
        persona="default",
        reasons=("joined in", "rewritten: assistant talk"),
        timings_ms={"first words": 812.5, "gathered": 12.0},
        model="gpt-5.4",
        calls=2,
        tokens_in=4321,
        tokens_out=57,
        started_at=NOW,
        asked_ids=tuple(MessageId(one) for one in asked),
        said_ids=tuple(MessageId(one) for one in said),
    )
    return replace(found, **changes)  # type: ignore[arg-type]
