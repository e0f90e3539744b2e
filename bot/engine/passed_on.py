"""Leave out what a line passes on of people who want not to be heard: a forward does not name whose words it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Message
from bot.ports import Delivery

AUTHORS_MOST = 1_000  # sources whose author is remembered: what is passed on once is often passed on again

Source = tuple[ChannelId, MessageId]


class PassedOn:
    """Asks whose words a forward passes on, as long as anybody at all wants not to be heard."""

    def __init__(self, *, delivery: Delivery, silent: Callable[[], Awaitable[Collection[UserId]]]) -> None:
        self._delivery = delivery
        self._silent = silent
        self._authors: dict[Source, UserId] = {}

    async def __call__(self, message: Message) -> Message:
        """Give a line as it may be kept; what cannot be traced stays in it."""
        if (message.forwards or message.attachments) and await self._is_silent(message.forwarded_from):
            message = replace(message, forwards=(), attachments=())  # a forward has no files of its own
        quote = message.quote
        if quote is not None and quote.attachments and await self._is_silent(quote.forwarded_from):
            message = replace(message, quote=replace(quote, attachments=()))
        return message

    async def _is_silent(self, source: Source | None) -> bool:
        if source is None:
            return False
        silent = await self._silent()
        return bool(silent) and await self._author(source) in silent

    async def _author(self, source: Source) -> UserId | None:
        author = self._authors.get(source) or await self._delivery.author_of(*source)
        if author is not None:
            self._authors[source] = author
            if len(self._authors) > AUTHORS_MOST:
                del self._authors[next(iter(self._authors))]
        return author
