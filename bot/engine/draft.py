"""An answer in the making: what one turn has done so far in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.chronicle import AffectEvent
from bot.domain.message import ChannelKind
from bot.domain.turn import CallTrace, Claim, Intent, OutboxPart


@dataclass(slots=True)
class Draft:
    """One turn under way; *is_committed* is set before its first commit and never taken back.

    *pace* stretches the pauses between paragraphs; 0 sends at once. *event* is what the finished turn left to live.
    *sending* is the way to the task that sends what was committed; None ends it.
    """

    claim: Claim
    is_busy: bool
    pace: float = 0.0
    is_committed: bool = False
    is_superseded: bool = False
    is_held: bool = False
    part_count: int = 0
    intent: Intent | None = None
    event: AffectEvent | None = None
    calls: list[CallTrace] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    marks: dict[str, datetime] = field(default_factory=dict)
    sending: asyncio.Queue[OutboxPart | None] = field(default_factory=asyncio.Queue)

    def reasons(self) -> tuple[str, ...]:
        """Say why she answered and what happened on the way, in short stable words."""
        claim = self.claim
        why = ["direct message"] if claim.channel.kind is ChannelKind.DM else []
        why += ["mention"] if any(message.mentions_self for message in claim.messages) else []
        why += ["reply to her"] if any(message.replies_to_self for message in claim.messages) else []
        return (*why, *self.notes)

    def timings_ms(self) -> dict[str, float]:
        """Give each mark in milliseconds since the turn was claimed."""
        start = self.claim.started_at
        return {name: round((at - start) / timedelta(milliseconds=1), 1) for name, at in self.marks.items()}
