"""Say what a turn has to say: where it goes, each piece committed before it is sent, in order and at her pace.

A piece is a paragraph, a reaction, or a thread that is opened for what follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.domain.ids import ChannelId, MessageId
from bot.domain.message import ChannelKind, Message, Reach, Speaker
from bot.domain.prompt import new_lines
from bot.domain.safety import judge
from bot.domain.text import clean_title, split_message, typing_pause, without_codes
from bot.domain.turn import Claim, Intent, NewPart, PartKind
from bot.engine.deliver import Deliver, Fate
from bot.engine.draft import Draft
from bot.errors import TalkWentOn, TurnBehind
from bot.ports import Clock, Delivery, Store

PASSED_BY_MOST = 3  # lines others may say while she makes up what nobody asked her for; then it comes too late


class Speak:
    """Commits and sends the pieces of turns."""

    def __init__(self, *, store: Store, delivery: Delivery, deliver: Deliver, clock: Clock) -> None:
        self._store = store
        self._delivery = delivery
        self._deliver = deliver
        self._clock = clock

    async def say(self, draft: Draft, paragraph: str) -> None:
        """Say a finished paragraph; the first may open a thread, or name the line it answers."""
        if not draft.has_words:
            await self._open_thread(draft)
        for piece in split_message(paragraph):
            if draft.is_refused:
                return  # what it means still counts; nobody will read the words
            reply_to = None if draft.has_words else reply_target(draft)
            draft.has_words = True
            await self._commit(draft, PartKind.TEXT, piece, reply_to)

    async def react(self, draft: Draft, emoji: str, message_ids: Sequence[MessageId]) -> None:
        """Put a reaction under lines."""
        for message_id in message_ids:
            await self._commit(draft, PartKind.REACTION, emoji, message_id)

    async def _open_thread(self, draft: Draft) -> None:
        title = clean_title(without_codes(draft.aim.thread or "", draft.names))
        if not title or draft.claim.channel.kind is not ChannelKind.GUILD or not judge(title).is_clean:
            return
        under = draft.aim.to or addressed_line(draft.claim).message_id
        await self._commit(draft, PartKind.THREAD, title, under)
        if not draft.is_thread_refused:
            draft.place_id = ChannelId(under)  # a thread has the id of the line it was opened under

    async def _commit(self, draft: Draft, kind: PartKind, content: str, reply_to_id: MessageId | None) -> None:
        is_first = draft.part_count == 0
        if is_first and not draft.claim.reach.is_expecting and draft.passed_by >= PASSED_BY_MOST:
            raise TalkWentOn(f"{draft.passed_by} lines were said meanwhile")
        draft.is_committed = True  # before the commit is under way: from here on nothing supersedes it
        if is_first:
            self.mark(draft, "first words")
        part = NewPart(draft.part_count, kind, content, reply_to_id, draft.place_id)
        draft.part_count += 1
        try:
            unless_behind = is_first and draft.yields_to_more
            kept = await self._store.commit_part(draft.claim, part, self._clock.now(), unless_behind=unless_behind)
        except TurnBehind:
            draft.is_committed = False
            raise
        draft.sending.put_nowait(kept)
        if is_first:
            self.mark(draft, "committed")

    @asynccontextmanager
    async def sending(self, draft: Draft) -> AsyncIterator[None]:
        """Send what is committed while the turn goes on; leave when all of it is out."""
        sender = asyncio.create_task(self._send_all(draft))
        try:
            yield
        except BaseException:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            raise
        draft.sending.put_nowait(None)
        await sender

    async def _send_all(self, draft: Draft) -> None:
        is_first = True
        opened_under: MessageId | None = None
        while (part := await draft.sending.get()) is not None:
            if draft.is_thread_refused:
                part, opened_under = replace(part, place_id=None, reply_to_id=part.reply_to_id or opened_under), None
            if not is_first and draft.pace > 0 and part.kind is PartKind.TEXT:
                async with self._delivery.typing(part.goes_to):
                    await self._clock.sleep(typing_pause(part.content, draft.pace))
            fate = await self._deliver.send(part)
            if fate is Fate.WAITS:
                return  # what is left over stays in the outbox, in order
            if fate is Fate.REFUSED and part.kind is PartKind.TEXT:
                draft.is_refused = True
                return
            if fate is Fate.REFUSED and part.kind is PartKind.THREAD:
                draft.is_thread_refused, draft.place_id, opened_under = True, None, part.reply_to_id
                continue
            if is_first:
                self.mark(draft, "sent")
            is_first = False

    def mark(self, draft: Draft, name: str) -> None:
        """Note when something was first done in a turn."""
        draft.marks[name] = self._clock.now()


def addressed_line(claim: Claim) -> Message:
    """Give the line a turn is for: the newest of those that reach her most plainly."""
    reach = min((message.reach for message in claim.messages), key=list(Reach).index)
    return next(message for message in reversed(claim.messages) if message.reach is reach)


def reply_target(draft: Draft) -> MessageId | None:
    """Name the line that the first words are shown to answer; never in a direct message, nor where that is plain."""
    claim = draft.claim
    if claim.channel.kind is ChannelKind.DM or draft.place_id is not None:
        return None
    target = draft.aim.to or addressed_line(claim).message_id
    several = len({message.author.user_id for message in claim.messages}) > 1
    return target if draft.is_busy or several or target != new_lines(claim)[-1].message_id else None


def lines_of_askers(claim: Claim) -> tuple[MessageId, ...]:
    """Give the newest line of each person who asked for her, the newest person first."""
    newest: dict[int, MessageId] = {}
    for message in reversed(claim.messages):
        is_asked = message.reach is Reach.ASKED or message.message_id in claim.put_off
        if message.speaker is Speaker.PERSON and is_asked:
            newest.setdefault(message.author.user_id, message.message_id)
    return tuple(newest.values())


def reacted_lines(draft: Draft) -> tuple[MessageId, ...]:
    """Give the lines that get the reaction she answers with: the one she means, and one of everybody who asked."""
    claim, meant = draft.claim, draft.aim.to or addressed_line(draft.claim).message_id
    author = next((line.author for line in new_lines(claim) if line.message_id == meant), None)
    authors = {line.message_id: line.author for line in claim.messages}
    return (meant, *(one for one in lines_of_askers(claim) if authors[one] != author))


def owed_lines(claim: Claim, intent: Intent) -> tuple[MessageId, ...]:
    """Give the lines of who asked that see nothing at all if she now ends without a word or a reaction.

    What she put off before had her words or a sign then; it is owed another only where she never spoke since.
    """
    said = [line.message.message_id for line in claim.history if line.message.speaker is Speaker.SELF]
    spoke_last = max(said, default=0)
    return tuple(
        one
        for one in lines_of_askers(claim)
        if one not in claim.put_off or (intent is Intent.SILENT and one > spoke_last)
    )
