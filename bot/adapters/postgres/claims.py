"""Read a claimed turn: its messages, the talk before them, and what was said to others meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.adapters.postgres.rows import CACHED_MESSAGES, MessageCache, Row, channel_of, time_zones_of
from bot.domain.handoff import ContextStep
from bot.domain.ids import ChannelId, MessageId, TurnId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Speaker
from bot.domain.turn import PUT_OFF, Claim, Said

OVERHEARD_LETTERS = 8_000  # of what was said to others; the newest lines are kept

Known = Mapping[int, Said]
NOTHING: Known = {}


class KnownTalk:
    """Talk that was read before, by channel: of a history only the end is new at each turn, so only that is read.

    Lines are known as long as nobody edits them. What comes with them, such as files, is put away after a turn, so
    lines with anything beside their words are read each time.
    """

    def __init__(self, size: int = CACHED_MESSAGES) -> None:
        self._size = size
        self._count = 0
        self._talks: dict[ChannelId, Known] = {}

    def of(self, channel_id: ChannelId) -> Known:
        """Give the known lines of a channel by their ids."""
        return self._talks.get(channel_id, NOTHING)

    def keep(self, channel_id: ChannelId, talk: Known) -> None:
        """Know these lines of a channel from now on, and no others of it; channels used long ago are let go."""
        self._drop(channel_id)
        self._talks[channel_id] = talk
        self._count += len(talk)
        while self._count > self._size and len(self._talks) > 1:
            self._drop(next(iter(self._talks)))

    def forget(self, message_ids: Iterable[int]) -> None:
        """Drop lines, such as deleted ones."""
        gone = set(message_ids)
        for channel_id, talk in list(self._talks.items()):
            if not gone.isdisjoint(talk):
                self._drop(channel_id)

    def _drop(self, channel_id: ChannelId) -> None:
        self._count -= len(self._talks.pop(channel_id, {}))


def claim_of(found: Sequence[Row], now: datetime, messages: MessageCache, known: Known) -> tuple[Claim, Known]:
    """Read the rows of `claim_statements.CLAIM`; there is at least the one message that was claimed.

    *known* are lines of which the rows may tell the ids alone; gives those of which they may next time.
    """
    opened = TurnId(found[0]["opened"])
    claimed = [row for row in found if row["told_in"] == opened]
    first = claimed[0]
    channel = channel_of(first)
    overheard = [_read(row, channel, messages) for row in found if row["told_in"] is None]
    told = [row for row in found if row["told_in"] not in (None, opened)]
    read = [Said(TurnId(row["told_in"]), _read(row, _place_of(row, channel), messages)) for row in told]
    still = {one: known[one] for one in first["known"]}
    claim = Claim(
        turn_id=opened,
        channel=channel,
        messages=tuple(_read(row, channel, messages) for row in claimed),
        started_at=now,
        history=tuple(sorted((*still.values(), *read), key=_order)),
        retry_count=first["retry_count"],
        declined_count=first["declined_count"],
        seen_ids=tuple(MessageId(one) for one in first["seen_ids"]),
        time_zones=time_zones_of(first),
        put_off=tuple(MessageId(row["message_id"]) for row in claimed if PUT_OFF in row["reasons"]),
        overheard=_newest(overheard),
        met=frozenset(UserId(row["author_id"]) for row in found if row["is_met"]),
        chain=_chain_of(first),
    )
    lasting = {row["message_id"]: said for row, said in zip(told, read, strict=True) if _is_lasting(row)}
    return claim, still | lasting


def _order(said: Said) -> tuple[int, bool, int]:
    return said.turn_id, said.message.speaker is Speaker.SELF, said.message.message_id


def _is_lasting(row: Row) -> bool:
    """Say whether a line stays as it is unless it is edited; one without a turn is not of the channel's own talk."""
    is_bare = row["quote"] is None and row["attachments"] == "[]" and row["mentioned_names"] == "{}"
    return is_bare and bool(row["told_in"])


def _chain_of(row: Row) -> ContextStep | None:
    if row["has_earlier"]:
        return None
    counted = (row["turns_since"], row["low_cache_turns"], row["prompt_tokens"])
    return ContextStep(*counted, is_summary_due=row["is_summary_due"])


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
