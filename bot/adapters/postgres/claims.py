"""Read a claimed turn: its messages, the talk before them, and what was said to others meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.adapters.postgres.rows import MessageCache, Row, channel_of, time_zones_of
from bot.domain.ids import ChannelId, MessageId, TurnId, UserId
from bot.domain.message import Channel, ChannelKind, Message
from bot.domain.turn import PUT_OFF, Claim, Said

OVERHEARD_LETTERS = 8_000  # of what was said to others; the newest lines are kept


def claim_of(found: Sequence[Row], now: datetime, messages: MessageCache) -> Claim:
    """Read the rows of `claim_statements.CLAIM`; there is at least the one message that was claimed."""
    opened = TurnId(found[0]["opened"])
    claimed = [row for row in found if row["told_in"] == opened]
    channel = channel_of(claimed[0])
    overheard = [_read(row, channel, messages) for row in found if row["told_in"] is None]
    return Claim(
        turn_id=opened,
        channel=channel,
        messages=tuple(_read(row, channel, messages) for row in claimed),
        started_at=now,
        history=tuple(
            Said(TurnId(row["told_in"]), _read(row, _place_of(row, channel), messages))
            for row in found
            if row["told_in"] not in (None, opened)
        ),
        retry_count=claimed[0]["retry_count"],
        declined_count=claimed[0]["declined_count"],
        seen_ids=tuple(MessageId(one) for one in claimed[0]["seen_ids"]),
        time_zones=time_zones_of(claimed[0]),
        put_off=tuple(MessageId(row["message_id"]) for row in claimed if PUT_OFF in row["reasons"]),
        overheard=_newest(overheard),
        met=frozenset(UserId(row["author_id"]) for row in found if row["is_met"]),
    )


def _read(row: Row, channel: Channel, messages: MessageCache) -> Message:
    """Read a line, without what it quotes of who wants not to be heard: that may have come just as they said so."""
    message = messages.read(row, channel)
    return replace(message, quote=None) if row["quotes_silent"] else message


def _place_of(row: Row, channel: Channel) -> Channel:
    """Give where a line of the history was said: the one that a thread was opened under stands outside it."""
    if row["channel_id"] == channel.channel_id:
        return channel
    return Channel(ChannelId(row["channel_id"]), ChannelKind.GUILD, channel.guild_id)


def _newest(lines: Sequence[Message]) -> tuple[Message, ...]:
    """Keep as many of the newest lines as there is room for; they come oldest first."""
    letters, begins = 0, len(lines)
    while begins > 0 and letters + len(lines[begins - 1].content) <= OVERHEARD_LETTERS:
        begins -= 1
        letters += len(lines[begins].content)
    return tuple(lines[begins:])
