"""Send what is ready for a channel: reminders beside the turn under way, and what was left over before the next one."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.engine.deliver import Deliver, Fate
from bot.engine.rests import Rests
from bot.engine.room import Room
from bot.errors import StoreError

log = logging.getLogger(__name__)

LONGEST_SEND_REST = timedelta(minutes=1)  # while Discord takes nothing in a channel
SENDING_ENDS_WITHIN = timedelta(seconds=5)


class SendReady:
    """Sends in channels that are held here; *rests* learns of those where Discord takes nothing."""

    def __init__(self, deliver: Deliver, rests: Rests) -> None:
        self._deliver = deliver
        self._rests = rests

    def begin(self, room: Room) -> None:
        """Send what is ready beside the turn under way, if anything is and nobody does so already."""
        if room.has_ready and (room.sender is None or room.sender.done()):
            room.sender = asyncio.create_task(self._sending(room), name=f"ready in {room.channel_id}")

    async def end(self, room: Room) -> None:
        """Let what is being sent get through; what does not in a while is in doubt, and looked for later."""
        room.held_since = None
        sender, room.sender = room.sender, None
        if sender is not None:
            await asyncio.wait((sender,), timeout=SENDING_ENDS_WITHIN.total_seconds())
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def clear_up(self, room: Room) -> Fate | None:
        """Send what was left over, and say what became of it; what waited behind it is next."""
        async with room.sending:
            fate = await self._deliver.send_left_over(room.channel_id)
        if fate is Fate.WAITS:
            self._rests.begin(room.channel_id, LONGEST_SEND_REST)
        elif fate is not None:
            self._rests.end(room.channel_id)
            room.look_again = True
        return fate

    async def _sending(self, room: Room) -> None:
        """Send reminders; the turn sends its own parts."""
        try:
            while room.has_ready:
                room.has_ready = False
                async with room.sending:
                    if await self._deliver.send_left_over(room.channel_id, reminders_only=True) is not None:
                        room.look_again = True  # nothing was claimed meanwhile
        except StoreError as exc:
            log.error("not sent yet", extra={"channel_id": room.channel_id, "cause": str(exc)})
