"""What is known of each room in which she listens: a window a channel, filled from what is kept after a start."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.ids import ChannelId, MessageId
from bot.domain.message import Message
from bot.domain.room_window import RoomWindow
from bot.ports import Clock
from bot.room_ports import DecisionStore

ROOMS_KEPT = 2_000  # some 20 KB each
REMEMBERED = timedelta(hours=2)  # of what was said before a start
LINES_REMEMBERED = 50


@dataclass(slots=True, eq=False)
class View:
    """A window, and whether what was said before this process listened is in it."""

    window: RoomWindow
    is_filled: bool = False


class Windows:
    """Keeps the windows of the rooms that were heard last."""

    def __init__(self, *, store: DecisionStore, clock: Clock, make: Callable[[], RoomWindow]) -> None:
        self._store = store
        self._clock = clock
        self._make = make
        self._views: OrderedDict[ChannelId, View] = OrderedDict()

    async def of(self, channel_id: ChannelId) -> RoomWindow:
        """Give the window of a room; it knows what was said there lately, also before this process began.

        Raises:
            StoreError: that cannot be read now.
        """
        view = self._view(channel_id)
        if not view.is_filled:
            since = self._clock.now() - REMEMBERED
            for message in await self._store.recent(channel_id, since=since, limit=LINES_REMEMBERED):
                view.window.note(message, None)
            view.is_filled = True
        return view.window

    def empty(self) -> RoomWindow:
        """Give a window that knows of nothing said before, for a line that needs none."""
        return self._make()

    def note(self, message: Message) -> None:
        """Note a line of a room that is watched; elsewhere nothing is noted."""
        view = self._views.get(message.channel.channel_id)
        if view is not None:
            view.window.note(message, None)

    def forget(self, channel_id: ChannelId, message_ids: Sequence[MessageId]) -> None:
        """Take deleted lines out of what is known of a room."""
        view = self._views.get(channel_id)
        if view is not None:
            view.window.forget(message_ids)

    def close(self, channel_id: ChannelId) -> None:
        """Drop what is known of a room in which she listens no more."""
        self._views.pop(channel_id, None)

    def renew(self) -> None:
        """Drop all that is known of rooms, to be read anew: what she is called has changed."""
        self._views.clear()

    def _view(self, channel_id: ChannelId) -> View:
        view = self._views.get(channel_id)
        if view is None:
            view = self._views[channel_id] = View(self._make())
            if len(self._views) > ROOMS_KEPT:
                self._views.popitem(last=False)
        else:
            self._views.move_to_end(channel_id)
        return view
