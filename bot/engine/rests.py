"""Channels that are left alone for a while: our own code broke on them, or others took nothing of what was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId
from bot.ports import Clock

FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rest:
    """How often in a row a channel had to be left alone, and until when it is."""

    times: int
    until: datetime


class Rests:
    """Which channels rest; each time in a row for longer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rests: dict[ChannelId, Rest] = {}

    def begin(self, channel_id: ChannelId, longest: timedelta = LONGEST_REST, *, is_often_over: bool = False) -> None:
        """Leave a channel alone; what *is_often_over* at once is tried again by the next sweep the first time."""
        times = self._rests[channel_id].times + 1 if channel_id in self._rests else 1
        wait = min(longest, FIRST_REST * float(2 ** min(times - 1, 16)))
        if times == 1 and is_often_over:
            wait = timedelta(0)
        self._rests[channel_id] = Rest(times, self._clock.now() + wait)

    def end(self, channel_id: ChannelId) -> None:
        """Note that all went well: the next rest is a short one again."""
        self._rests.pop(channel_id, None)

    def now(self) -> Iterator[ChannelId]:
        """List the channels that rest."""
        now = self._clock.now()
        return (channel_id for channel_id, rest in self._rests.items() if rest.until > now)

    def has(self, channel_id: ChannelId) -> bool:
        """Say whether a channel rests."""
        return channel_id in self._rests and self._rests[channel_id].until > self._clock.now()
