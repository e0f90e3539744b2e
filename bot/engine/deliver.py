"""Send what was committed, once: the way from outbox part to Discord message.

A send that failed half-way is in doubt: Discord may have taken it. Before it is sent again she looks for it in the
channel, so that what got through is noted and not repeated.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from enum import Enum

from bot.domain.ids import ChannelId, MessageId
from bot.domain.turn import OutboxPart, PartKind
from bot.engine.meter import UNMETERED
from bot.errors import DeliveryError
from bot.operator_ports import Meter
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)

TRIES = 5  # while a turn waits for it; together with the waits about half a minute, then the sweeper has it
FIRST_WAIT = timedelta(seconds=0.5)
LONGEST_WAIT = timedelta(seconds=15)
STALE_CODE = 0  # Discord never said anything about it
UNKNOWN_EMOJI = 10014  # what Discord says of an emoji of a server she is not on, and of what is none
PLAIN_SIGN = "👀"


class Fate(Enum):
    """What became of a part."""

    SENT = "sent"
    WAITS = "waits"
    REFUSED = "refused"


class Deliver:
    """Sends parts and notes what became of them.

    A part that could not be sent for *stale_after* is given up: an answer half a day late helps nobody.
    """

    def __init__(
        self,
        *,
        store: Store,
        delivery: Delivery,
        clock: Clock,
        stale_after: timedelta,
        meter: Meter = UNMETERED,
    ) -> None:
        self._store = store
        self._delivery = delivery
        self._clock = clock
        self._stale_after = stale_after
        self._meter = meter

    async def send(self, part: OutboxPart, *, tries: int = TRIES, is_in_doubt: bool = False) -> Fate:
        """Send one part, again if it does not get through; with *is_in_doubt* it may be there already.

        A text that is refused for good takes what follows it in its turn along. One that waits stays in the outbox.
        """
        for attempt in range(tries):
            try:
                await self._pass(part, is_in_doubt=is_in_doubt)
                return Fate.SENT
            except DeliveryError as exc:
                if not exc.retryable:
                    await self._refuse(part, exc.code)
                    return Fate.REFUSED
                is_in_doubt = True
                self._meter.part("not yet")
                self._tell(part, "not sent yet", exc.code)
                if attempt + 1 < tries:
                    await self._clock.sleep(_wait(attempt, exc.retry_after_s))
        return Fate.WAITS

    async def send_left_over(self, channel_id: ChannelId, *, reminders_only: bool = False) -> Fate | None:
        """Send what a crash or a failed send left in a channel, in order, none of it twice.

        With *reminders_only* what a turn said is left: the turn under way sends its own.

        None if there was nothing; `Fate.WAITS` if something is still left; order matters, so what comes after that
        waits as well.
        """
        parts = [part for part in await self._store.unsent(channel_id) if part.pings or not reminders_only]
        refused = unopened = None
        for part in parts:
            if part.turn_id == refused:
                continue  # went with the part before it
            if part.turn_id == unopened:
                part = replace(part, place_id=None)
            if self._clock.now() - part.created_at > self._stale_after:
                await self._refuse(part, STALE_CODE)
                fate = Fate.REFUSED
            else:
                fate = await self.send(part, tries=1, is_in_doubt=True)
            if fate is Fate.WAITS:
                return fate
            if fate is Fate.REFUSED and part.kind is PartKind.TEXT:
                refused = part.turn_id
            if fate is Fate.REFUSED and part.kind is PartKind.THREAD:
                unopened = part.turn_id  # what she says goes to the channel itself
        return Fate.SENT if parts else None

    async def _pass(self, part: OutboxPart, *, is_in_doubt: bool) -> None:
        message_id = await self._find(part) if is_in_doubt else None
        outcome = "found"
        if message_id is None:
            message_id, outcome = await self._out(part), "sent"
        await self._store.mark_sent(part, message_id, self._clock.now())
        self._meter.part(outcome)

    async def _find(self, part: OutboxPart) -> MessageId | None:
        if part.kind is not PartKind.TEXT:
            return None  # reacting, or opening the same thread, twice changes nothing
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
        if part.kind is PartKind.THREAD:
            await self._delivery.open_thread(part)
        else:
            await self._react(part)
        return None

    async def _react(self, part: OutboxPart) -> None:
        """Put a reaction under a line; who waits for a sign gets a plain one where Discord does not know hers."""
        under = part.reply_to_id or part.after_id
        try:
            await self._delivery.react(part.channel_id, under, part.content)
        except DeliveryError as exc:
            if exc.code != UNKNOWN_EMOJI or part.content == PLAIN_SIGN:
                raise
            await self._delivery.react(part.channel_id, under, PLAIN_SIGN)

    async def _refuse(self, part: OutboxPart, code: int) -> None:
        self._tell(part, "refused by Discord", code)
        is_text = part.kind is PartKind.TEXT
        await self._store.mark_refused(part, code, self._clock.now(), with_rest=is_text)
        self._meter.part("refused")

    def _tell(self, part: OutboxPart, what: str, code: int) -> None:
        log.warning(what, extra={"channel_id": part.channel_id, "turn_id": part.turn_id, "code": code})


def _wait(attempt: int, asked_s: float | None) -> timedelta:
    wait = min(LONGEST_WAIT, FIRST_WAIT * float(2**attempt))
    return wait if asked_s is None else max(wait, min(LONGEST_WAIT, timedelta(seconds=asked_s)))
