"""What she will do at a time: say a line somebody asked to be reminded with, or give an answer she put off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import MessageId, UserId


class TimerKind(StrEnum):
    """What happens when a timer is due."""

    REMINDER = "reminder"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class NewTimer:
    """A timer that is not kept yet; *text* is what will be said, empty where an answer is put off.

    *user_id* is whose it is, *source_id* the message that led to it.
    """

    kind: TimerKind
    user_id: UserId
    due_at: datetime
    text: str = ""
    source_id: MessageId | None = None
