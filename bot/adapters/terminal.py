"""A terminal as the place to talk: the same engine, no Discord."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.domain.card import Card
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Channel
from bot.domain.snowflake import first_at
from bot.domain.turn import OutboxPart
from bot.errors import DeliveryError


class Snowflakes:
    """Makes ids that rise with the clock, as Discord's do."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> MessageId:
        """Give the next id."""
        self._last = max(self._last + 1, first_at(datetime.now(UTC)))
        return MessageId(self._last)


class TerminalDelivery:
    """Implements `bot.ports.Delivery` by printing."""

    def __init__(self, name: str, snowflakes: Snowflakes) -> None:
        self._name = name
        self._snowflakes = snowflakes
        self.is_closed = False

    async def send(self, part: OutboxPart) -> MessageId:
        """Print what she says."""
        self._write(f"\r{self._name}: {part.content}\n")
        return self._snowflakes.next()

    async def open_thread(self, part: OutboxPart) -> None:
        """Open none: a terminal is one private conversation, in which there are no threads."""
        raise DeliveryError("a terminal has no threads", code=0, retryable=False)

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """Print a reaction."""
        self._write(f"\r{self._name} {emoji}\n")

    async def unreact(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """Leave what was printed."""

    async def say(self, channel_id: ChannelId, card: Card, reply_to: MessageId | None) -> None:
        """Print the app's voice by its key: the texts are Discord's."""
        self._write(f"\r· {card.key}\n")

    async def find_own(self, part: OutboxPart) -> Sequence[MessageId]:
        """Find nothing: what was printed before a crash is gone with its screen."""
        return ()

    async def is_age_restricted(self, channel: Channel) -> bool:
        """Say no: nobody says who sits at a terminal."""
        return False

    async def author_of(self, channel_id: ChannelId, message_id: MessageId) -> UserId | None:
        """Know nobody: nothing can be passed on into a terminal."""
        return None

    @asynccontextmanager
    async def typing(self, channel_id: ChannelId) -> AsyncIterator[None]:
        """Show three dots while she thinks."""
        if sys.stdout.isatty():
            self._write("…")
        yield

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            self.is_closed = True  # nobody reads any more, as after `| head`
