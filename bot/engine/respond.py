"""One turn: gather, prompt, ask, gate, commit, send.

The model proposes, the gate decides, and every paragraph is committed before it is sent. Whatever
goes wrong before the first commit leaves the messages waiting; nothing is said in her voice about it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from bot.domain import answer, compaction
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.habituation import burst_similarities
from bot.domain.ids import MessageId, UserId
from bot.domain.message import ChannelKind, Message
from bot.domain.text import split_message, typing_pause
from bot.domain.turn import Claim, Feeling, Gathered, Intent, MessageAppraisal, NewPart, PartKind, TurnClose
from bot.engine.ask import Ask
from bot.engine.deliver import Deliver
from bot.engine.draft import Draft
from bot.engine.feel import Feel, Looked
from bot.engine.mind import Mind
from bot.errors import DeliveryError, ProviderError, StoreError
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)

SEEN_EMOJI = "⏳"  # the app's voice, once, while the model is down
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)


class Respond:
    """Answers one claimed turn."""

    def __init__(
        self,
        *,
        store: Store,
        ask: Ask,
        delivery: Delivery,
        deliver: Deliver,
        mind: Mind,
        feel: Feel,
        clock: Clock,
        pace: float,
    ) -> None:
        self._store = store
        self._ask = ask
        self._delivery = delivery
        self._deliver = deliver
        self._mind = mind
        self._feel = feel
        self._clock = clock
        self._pace = pace

    async def __call__(self, draft: Draft) -> None:
        """Run the turn to its end.

        Raises:
            StoreError: the database failed; the sweeper takes the turn up again.
            TurnLost: another process has the channel now.
        """
        claim = draft.claim
        looked = await self._feel.look(claim.channel.guild_id, (message.author.user_id for message in claim.messages))
        gathered = Gathered(claim.history, looked.feelings)
        draft.pace = self._pace / self._mind.pace(looked.feelings)
        self._mark(draft, "gathered")
        async with self._delivery.typing(draft.claim.channel.channel_id), self._sending(draft):
            try:
                fields = await self._ask(draft, gathered, self._say)
                await self._finish(draft, fields, looked)
            except ProviderError as exc:
                await self._wait_for_model(draft, exc)
        await self._live(draft, looked)
        self._mind.remember_turn(draft)
        log.info(
            "turn over",
            extra={
                "turn_id": draft.claim.turn_id,
                "channel_id": draft.claim.channel.channel_id,
                "model_calls": len(draft.calls),
                **{f"{name.replace(' ', '_')}_ms": ms for name, ms in draft.timings_ms().items()},
            },
        )

    async def _say(self, draft: Draft, paragraph: str) -> None:
        for piece in split_message(paragraph):
            await self._commit(draft, PartKind.TEXT, piece)

    async def _commit(self, draft: Draft, kind: PartKind, content: str) -> None:
        is_first = draft.part_count == 0
        draft.is_committed = True  # before the commit is under way: from here on nothing supersedes it
        if is_first:
            self._mark(draft, "first words")
        part = NewPart(
            part_no=draft.part_count,
            kind=kind,
            content=content,
            reply_to_id=self._reply_to(draft) if is_first else None,
        )
        draft.part_count += 1
        draft.sending.put_nowait(await self._store.commit_part(draft.claim, part, self._clock.now()))
        if is_first:
            self._mark(draft, "committed")

    def _reply_to(self, draft: Draft) -> MessageId | None:
        """Name the message she answers where others talk as well; never in a direct message."""
        claim = draft.claim
        several = len({message.author.user_id for message in claim.messages}) > 1
        if claim.channel.kind is ChannelKind.DM or not (draft.is_busy or several):
            return None
        return claim.last.message_id

    @asynccontextmanager
    async def _sending(self, draft: Draft) -> AsyncIterator[None]:
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
        while (part := await draft.sending.get()) is not None:
            if not is_first and draft.pace > 0:
                async with self._delivery.typing(part.channel_id):
                    await self._clock.sleep(typing_pause(part.content, draft.pace))
            if not await self._deliver.send(part):
                return  # what is left over stays in the outbox, in order
            if is_first:
                self._mark(draft, "sent")
            is_first = False

    async def _live(self, draft: Draft, looked: Looked) -> None:
        """Live through what the turn meant, before the channel's next turn asks how she feels."""
        if draft.event is None:
            return
        try:
            await self._feel.live_turn(looked, draft.event)
        except StoreError as exc:
            # the turn is over and its event is kept: it is lived with the next one, or by the decay job
            log.warning("feelings wait", extra={"turn_id": draft.claim.turn_id, "cause": str(exc)})

    async def _finish(self, draft: Draft, fields: Mapping[str, object], looked: Looked) -> None:
        tail = answer.read_tail(fields)
        intent = Intent.REPLY if draft.is_committed else answer.read_intent(fields)
        if draft.is_held:
            intent = Intent.SILENT
            log.warning("answer held by the gate", extra={"turn_id": draft.claim.turn_id, "notes": draft.notes})
        elif intent is Intent.REACT and tail.reaction is not None:
            await self._commit(draft, PartKind.REACTION, tail.reaction)
        close = TurnClose(
            intent=intent,
            persona=self._mind.persona.slug,
            reasons=draft.reasons(),
            appraisals=_with_similarity(answer.read_appraisals(fields, draft.claim.messages), draft.claim, looked),
            calls=tuple(draft.calls),
            closed_at=self._clock.now(),
            soul=Feeling(looked.feelings.soul_id, CONSTANTS_VERSION, self._feel.temper.leak),
            context_from_turn=compaction.context_start(draft.claim.history),
            expression=self._mind.face(tail.expression, looked.feelings),
            persona_wish=tail.persona_wish,
            tail=tail.proposals,
            timings_ms=draft.timings_ms(),
        )
        draft.intent = intent
        draft.event = await self._store.finish(draft.claim, close)

    async def _wait_for_model(self, draft: Draft, exc: ProviderError) -> None:
        """Leave the messages waiting; the app's voice shows once that they were seen."""
        claim = draft.claim
        wait = _back_off(claim.retry_count, exc.retry_after_s)
        draft.notes.append(f"model: {exc.kind}")
        log.warning(
            "the model gave no answer; the messages wait",
            extra={
                "turn_id": claim.turn_id,
                "kind": exc.kind,
                "wait_s": wait.total_seconds(),
                "cause": str(exc),
            },
        )
        now = self._clock.now()
        await self._store.release(claim, f"model: {exc.kind}", now=now, retry_at=now + wait)
        if claim.retry_count > 0:
            return
        try:
            await self._delivery.react(claim.channel.channel_id, claim.last.message_id, SEEN_EMOJI)
        except DeliveryError as refused:
            log.info("no reaction", extra={"turn_id": claim.turn_id, "code": refused.code})

    def _mark(self, draft: Draft, name: str) -> None:
        draft.marks[name] = self._clock.now()


def _with_similarity(
    appraisals: Iterable[MessageAppraisal], claim: Claim, looked: Looked
) -> tuple[MessageAppraisal, ...]:
    """Add how far each message repeats what its author said before and beside it; never asked of the model."""
    lines: defaultdict[UserId, list[Message]] = defaultdict(list)
    for message in claim.messages:
        lines[message.author.user_id].append(message)
    alike: dict[MessageId, float] = {}
    for user_id, said in lines.items():
        found = burst_similarities([message.content for message in said], looked.said[user_id])
        alike |= zip((message.message_id for message in said), found, strict=True)
    return tuple(replace(one, similarity=alike[one.message_id]) for one in appraisals)


def _back_off(retry_count: int, retry_after_s: float | None) -> timedelta:
    doublings: int = 2 ** min(retry_count, 10)
    wait = min(LONGEST_RETRY, FIRST_RETRY * doublings)
    if retry_after_s is None:
        return wait
    return max(wait, timedelta(seconds=min(retry_after_s, LONGEST_RETRY.total_seconds())))
