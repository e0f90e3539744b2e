"""Tell people who want not to be heard that they were not: the app's voice, as quietly as can be."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.ids import UserId
from bot.domain.message import ChannelKind, Message
from bot.errors import DeliveryError
from bot.ports import Clock, Delivery

log = logging.getLogger(__name__)

NOT_HEARD_EMOJI = "🔇"
TOLD_FOR = timedelta(days=1)
TOLD_MOST = 1_000  # people; whoever is forgotten is told again


class NotHeard:
    """Says that a message was not heard, because its author wants it so; nothing of it is kept."""

    def __init__(self, *, delivery: Delivery, clock: Clock, name: str) -> None:
        self._delivery = delivery
        self._clock = clock
        self._name = name
        self._told_at: dict[UserId, datetime] = {}

    async def __call__(self, message: Message) -> None:
        """Say it once a day in a direct conversation; on a server, where she was asked, by a reaction."""
        channel_id = message.channel.channel_id
        try:
            if message.channel.kind is not ChannelKind.DM:
                if message.mentions_self or message.replies_to_self:
                    await self._delivery.react(channel_id, message.message_id, NOT_HEARD_EMOJI)
            elif self._is_due(message.author.user_id):
                await self._delivery.say(channel_id, Card("not_heard", {"name": self._name}), message.message_id)
        except DeliveryError as exc:
            log.info("not told that they are not heard", extra={"code": exc.code})

    def _is_due(self, user_id: UserId) -> bool:
        now, told_at = self._clock.now(), self._told_at.pop(user_id, None)
        is_due = told_at is None or now - told_at >= TOLD_FOR
        self._told_at[user_id] = now if told_at is None or is_due else told_at
        if len(self._told_at) > TOLD_MOST:
            del self._told_at[next(iter(self._told_at))]
        return is_due
