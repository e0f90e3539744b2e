"""The way out to Discord: messages with nonces, reactions, threads, typing, and looking for own messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import discord

from bot.adapters.discord.locales import text_of
from bot.adapters.discord.trouble import NO_ANSWER, PASSING, wait_of
from bot.domain.card import Card
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Channel
from bot.domain.turn import OutboxPart
from bot.errors import DeliveryError

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 60.0  # discord.py waits out rate limits inside; longer than that is trouble
LOOK_TIMEOUT_S = 3.0  # somebody waits for an answer, and it can be given without
FORWARDS_FOLLOWED = 4  # of one to the next, where forwards were forwarded
TYPING_DELAY_S = 0.3  # an answer that is there at once needs no typing
TYPING_EVERY_S = 8.0  # Discord shows one typing event for ten seconds
# what Discord says of a reply it cannot make: no permission to read the history, or a message it does not know
NO_REPLY_CODES = frozenset({160002, 50035})
THREAD_IS_THERE = 160004  # what Discord says of a line that has its thread already
THREAD_NAME_MOST = 100  # characters
THREAD_RESTS_AFTER_MIN: Final = 1440  # without a word in it; a day
LOOK_BACK = 500  # messages searched for a part that may have been sent


class DiscordDelivery:
    """Implements `bot.ports.Delivery`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._typing: dict[ChannelId, asyncio.Task[None]] = {}

    async def send(self, part: OutboxPart) -> MessageId:
        """See `bot.ports.Delivery.send`."""
        await self._end_typing(part.channel_id)
        # what it replies to is in the turn's own channel: from a thread it cannot be replied to
        reply_to = part.reply_to_id if part.goes_to == part.channel_id else None
        with _translated():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                try:
                    sent = await self._send(part, reply_to)
                except discord.HTTPException as exc:
                    if reply_to is None or exc.code not in NO_REPLY_CODES:
                        raise
                    sent = await self._send(part, None)
        return MessageId(sent.id)

    async def _send(self, part: OutboxPart, reply_to: MessageId | None) -> discord.Message:
        options = _reply_options(part.goes_to, reply_to, pings=part.pings)
        return await self._place(part.goes_to).send(part.content, nonce=part.nonce, **options)

    async def open_thread(self, part: OutboxPart) -> None:
        """See `bot.ports.Delivery.open_thread`."""
        with _translated():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                try:
                    await self._client.http.start_thread_with_message(
                        part.channel_id,
                        part.reply_to_id or part.after_id,
                        name=part.content[:THREAD_NAME_MOST],
                        auto_archive_duration=THREAD_RESTS_AFTER_MIN,
                    )
                except discord.HTTPException as exc:
                    if exc.code != THREAD_IS_THERE:
                        raise

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """See `bot.ports.Delivery.react`."""
        with _translated():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._place(channel_id).get_partial_message(message_id).add_reaction(emoji)

    async def unreact(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """See `bot.ports.Delivery.unreact`."""
        with _translated():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                try:
                    await self._client.http.remove_own_reaction(channel_id, message_id, emoji)
                except discord.NotFound:
                    return  # the message or the reaction is gone already

    async def say(self, channel_id: ChannelId, card: Card, reply_to: MessageId | None) -> None:
        """See `bot.ports.Delivery.say`."""
        with _translated():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._place(channel_id).send(text_of(card), **_reply_options(channel_id, reply_to))

    async def find_own(self, part: OutboxPart) -> Sequence[MessageId]:
        """See `bot.ports.Delivery.find_own`."""
        own = self._client.user
        found = []
        with _translated():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                history = self._place(part.goes_to).history(
                    after=discord.Object(part.after_id), limit=LOOK_BACK, oldest_first=True
                )
                async for message in history:
                    is_hers = own is not None and message.author.id == own.id
                    if is_hers and _is_same(message, part):
                        found.append(MessageId(message.id))
        return found

    async def is_age_restricted(self, channel: Channel) -> bool:
        """See `bot.ports.Delivery.is_age_restricted`."""
        home = channel.parent_id or channel.channel_id
        known = self._client.get_channel(home)
        if known is not None:
            return bool(getattr(known, "nsfw", False))
        with _translated():  # where only answers are made nothing is known of channels
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                return bool((await self._client.http.get_channel(home)).get("nsfw"))

    async def author_of(self, channel_id: ChannelId, message_id: MessageId) -> UserId | None:
        """See `bot.ports.Delivery.author_of`."""
        try:
            with _translated():
                async with asyncio.timeout(LOOK_TIMEOUT_S):
                    return await self._first_author(channel_id, message_id)
        except DeliveryError as exc:
            log.info("who wrote what is forwarded is not known", extra={"code": exc.code})
            return None

    async def _first_author(self, channel_id: ChannelId, message_id: MessageId) -> UserId | None:
        """Follow forwards of forwards to the message that is none."""
        for _ in range(FORWARDS_FOLLOWED):
            found = await self._client.http.get_message(channel_id, message_id)
            source = found.get("message_reference") if found.get("message_snapshots") else None
            if source is None:
                return UserId(int(found["author"]["id"]))
            try:
                channel_id, message_id = ChannelId(int(source["channel_id"])), MessageId(int(source["message_id"]))
            except (KeyError, TypeError, ValueError):
                return None
        return None

    @asynccontextmanager
    async def typing(self, channel_id: ChannelId) -> AsyncIterator[None]:
        """See `bot.ports.Delivery.typing`."""
        task = asyncio.create_task(self._show_typing(channel_id))
        self._typing[channel_id] = task
        try:
            yield
        finally:
            task.cancel()
            if self._typing.get(channel_id) is task:
                del self._typing[channel_id]

    async def _end_typing(self, channel_id: ChannelId) -> None:
        """See that no typing follows a message: Discord would show it for ten seconds more."""
        task = self._typing.pop(channel_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _show_typing(self, channel_id: ChannelId) -> None:
        await asyncio.sleep(TYPING_DELAY_S)
        while True:
            try:
                await self._client.http.send_typing(channel_id)
            except (discord.DiscordException, *NO_ANSWER) as exc:
                log.debug("typing not shown", extra={"cause": type(exc).__name__})
            await asyncio.sleep(TYPING_EVERY_S)

    def _place(self, channel_id: ChannelId) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id)


def _reply_options(channel_id: ChannelId, message_id: MessageId | None, *, pings: bool = False) -> dict[str, Any]:
    if message_id is None:
        return {}
    replied = discord.MessageReference(message_id=message_id, channel_id=channel_id, fail_if_not_exists=False)
    return {"reference": replied, "mention_author": pings}


def _is_same(message: discord.Message, part: OutboxPart) -> bool:
    if message.nonce is not None:
        return str(message.nonce) == part.nonce
    return message.content.strip() == part.content.strip()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except discord.HTTPException as exc:
        # a refusal without Discord's own code is some proxy's on the way, and passes
        is_unsigned = exc.code == 0 and exc.status in (403, 404)
        is_final = exc.status < 500 and exc.status not in PASSING and not is_unsigned
        raise DeliveryError(
            f"Discord answered {exc.status}",
            code=exc.code or exc.status,
            retryable=not is_final,
            retry_after_s=wait_of(exc),
        ) from exc
    except (*NO_ANSWER, discord.RateLimited) as exc:
        raise DeliveryError(f"no answer from Discord: {type(exc).__name__}", code=0, retryable=True) from exc
