"""What an admin allows her in a channel: what she hears there, how much she says unasked, and when not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.zones import zone_named

CHATTINESS_MOST = 10
CHATTINESS_USUAL = 4  # a considerate friend; chosen by ear, see docs/attention.md
MINUTES_A_DAY = 24 * 60


class Hearing(StrEnum):
    """What she hears in a channel."""

    LISTEN = "listen"  # everything; she may speak unasked
    MENTION_ONLY = "mention-only"  # mentions and replies to her
    IGNORE = "ignore"  # nothing at all


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Every day from *begins* to *ends*, in minutes after midnight in [0, 1440), by the clock of *zone*.

    Where *ends* is not later than *begins* they last past midnight.
    """

    begins: int
    ends: int
    zone: str

    def holds(self, now: datetime) -> bool:
        """Say whether it is quiet at *now*."""
        there = now.astimezone(zone_named(self.zone))
        minute = there.hour * 60 + there.minute
        if self.begins < self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends


@dataclass(frozen=True, slots=True)
class RoomPolicy:
    """What holds in one channel; *chattiness* is in [0, 10], *persona* the one she wears there, None her usual one."""

    hearing: Hearing = Hearing.MENTION_ONLY
    chattiness: int = CHATTINESS_USUAL
    quiet: QuietHours | None = None
    persona: str | None = None


USUAL = RoomPolicy()
