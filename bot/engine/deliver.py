"""Send what was committed, once: the way from outbox part to Discord message."""

from __future__ import annotations

import logging

from bot.domain.ids import ChannelId, MessageId
from bot.domain.turn import OutboxPart, PartKind
from bot.errors import DeliveryError
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)


class Deliver:
    """Sends parts and notes what became of them."""

    def __init__(self, *, store: Store, delivery: Delivery, clock: Clock) -> None:
        self._store = store
        self._delivery = delivery
        self._clock = clock

    async def send(self, part: OutboxPart) -> bool:
        """Send one part; False if it has to wait for the next sweep. A refused part is done with.

        A part that did not get through stays in the outbox. It is in doubt then: the next try looks
        for it in the channel first.
        """
        try:
            message_id = await self._out(part)
        except DeliveryError as exc:
            return await self._is_refused(part, exc)
        await self._store.mark_sent(part, message_id, self._clock.now())
        return True

    async def send_left_over(self, channel_id: ChannelId) -> bool:
        """Send what a crash or a failed send left in a channel, in order, none of it twice.

        True if there was something and nothing of it is left.
        """
        parts = await self._store.unsent(channel_id)
        for part in parts:
            try:
                message_id = await self._find(part)
            except DeliveryError as exc:
                log.warning("not looked for yet", extra={"channel_id": channel_id, "code": exc.code})
                return False  # order matters: what comes after it waits as well
            if message_id is not None:
                await self._store.mark_sent(part, message_id, self._clock.now())
            elif not await self.send(part):
                return False
        return bool(parts)

    async def _find(self, part: OutboxPart) -> MessageId | None:
        if part.kind is PartKind.REACTION:
            return None  # reacting twice changes nothing
        try:
            found = await self._delivery.find_own(part)
        except DeliveryError as exc:
            if exc.retryable:
                raise
            return None  # she may not read here: the nonce alone has to keep a double out
        # a line of hers that is kept already belongs to another part, however alike the two are
        return next(iter(await self._store.unknown(found)), None) if found else None

    async def _out(self, part: OutboxPart) -> MessageId | None:
        if part.kind is PartKind.TEXT:
            return await self._delivery.send(part)
        await self._delivery.react(part.channel_id, part.after_id, part.content)
        return None

    async def _is_refused(self, part: OutboxPart, exc: DeliveryError) -> bool:
        facts = {"channel_id": part.channel_id, "turn_id": part.turn_id, "code": exc.code}
        if exc.retryable:
            log.warning("not sent yet", extra=facts)
            return False
        log.warning("refused by Discord", extra=facts)
        await self._store.mark_refused(part, exc.code, self._clock.now())
        return True
