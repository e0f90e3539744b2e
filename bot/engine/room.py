"""What one process knows of a channel at the moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId, UserId
from bot.engine.draft import Draft
from bot.engine.slots import Slot

BUSY_WINDOW = timedelta(seconds=60)


@dataclass(slots=True)
class Room:
    """What this process knows of a channel at the moment; nothing here has to survive."""

    channel_id: ChannelId
    last_heard: datetime | None = None
    waiting_since: datetime | None = None
    typing_until: dict[UserId, datetime] = field(default_factory=dict)
    others: dict[UserId, datetime] = field(default_factory=dict)
    look_again: bool = False
    needs_recovery: bool = False
    task: asyncio.Task[None] | None = None
    turn: asyncio.Task[None] | None = None
    draft: Draft | None = None
    slot: Slot | None = None
    superseded: int = 0
    stirs: int = 0  # how often something came in or changed; tells what happened while we waited for an answer
    held_since: datetime | None = None
    has_ready: bool = False
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    sender: asyncio.Task[None] | None = None

    def is_busy(self, author: UserId, now: datetime) -> bool:
        """Say whether others than *author* spoke in the last minute."""
        return any(who != author and now - at < BUSY_WINDOW for who, at in self.others.items())
