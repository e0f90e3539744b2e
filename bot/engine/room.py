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
    is_asked: bool = False  # whether somebody waits for an answer among what came in
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

    def hear(self, now: datetime, *, is_asked: bool) -> None:
        """Note that something to answer came in."""
        self.last_heard = now
        self.waiting_since = self.waiting_since or now
        self.is_asked = self.is_asked or is_asked

    def overhear(self, user_id: UserId, now: datetime) -> None:
        """Note that somebody spoke to somebody else."""
        self.others = {who: at for who, at in self.others.items() if now - at < BUSY_WINDOW}
        self.others[user_id] = now
        self.go_on()

    def go_on(self) -> None:
        """Note that the talk goes on while she makes an answer: what she says then no longer stands right below."""
        if self.draft is not None:
            self.draft.is_busy = True
            self.draft.passed_by += 1

    @property
    def answers_somebody(self) -> bool:
        """Say whether the turn under way is for somebody who asked her."""
        return self.draft is not None and self.draft.claim.reach.is_expecting

    def is_busy(self, author: UserId, now: datetime) -> bool:
        """Say whether others than *author* spoke in the last minute."""
        return any(who != author and now - at < BUSY_WINDOW for who, at in self.others.items())
