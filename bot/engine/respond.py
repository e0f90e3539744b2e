"""One turn: gather, prompt, ask, gate, commit, send.

The model proposes, the gate decides, and every paragraph is committed before it is sent. Whatever
goes wrong before the first commit leaves the messages waiting; nothing is said in her voice about it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.domain import answer, compaction
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.habituation import burst_similarities
from bot.domain.card import Card
from bot.domain.ids import MessageId, UserId
from bot.domain.message import ChannelKind, Message
from bot.domain.text import split_message, typing_pause
from bot.domain.timer import NewTimer, read_timers, unset_reminders
from bot.domain.turn import Claim, Feeling, Gathered, Intent, MessageAppraisal, NewPart, PartKind, TurnClose
from bot.engine.ask import Ask
from bot.engine.deliver import Deliver, Fate
from bot.engine.draft import Draft
from bot.engine.feel import Feel, Looked
from bot.engine.meter import UNMETERED
from bot.engine.mind import Mind
from bot.errors import DeliveryError, ProviderError, StoreError, TurnBehind
from bot.operator_ports import Meter
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)

SEEN_EMOJI = "⏳"  # the app's voice, once, while the model is down
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=1)
LONGEST_ASKED_WAIT = timedelta(hours=1)  # the server's own word; its recovery wakes what waits in any case
# What the model makes of this one prompt: after so many tries and so long a wait, asking on helps nobody. An answer
# that is empty or cannot be read may as well be a server in trouble, which is given time to recover.
PROMPT_TRIES = {"refused": 3, "too_long": 3, "empty": 12, "broken": 12}
PROMPT_WAIT = {"empty": timedelta(minutes=10), "broken": timedelta(minutes=10)}


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
        meter: Meter = UNMETERED,
    ) -> None:
        self._store = store
        self._ask = ask
        self._delivery = delivery
        self._deliver = deliver
        self._mind = mind
        self._feel = feel
        self._clock = clock
        self._pace = pace
        self._meter = meter

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
                fields = await self._asked(draft, gathered)
                draft.free_slot()
                await self._finish(draft, fields, looked)
            except ProviderError as exc:
                draft.free_slot()
                await self._without_model(draft, exc, looked)
        await self._take_seen_back(draft)
        await self._live(draft, looked)
        self._mind.remember_turn(draft)
        self._meter.turn(draft.outcome, draft.timings_ms())
        log.info(
            "turn over",
            extra={
                "turn_id": draft.claim.turn_id,
                "channel_id": draft.claim.channel.channel_id,
                "model_calls": len(draft.calls),
                **{f"{name.replace(' ', '_')}_ms": ms for name, ms in draft.timings_ms().items()},
            },
        )

    async def _asked(self, draft: Draft, gathered: Gathered) -> Mapping[str, object]:
        """Ask, with less of the talk so far each time the model cannot read all of it."""
        while True:
            try:
                return await self._ask(draft, gathered, self._say)
            except ProviderError as exc:
                if exc.kind != "too_long" or not gathered.history:
                    raise
            kept = compaction.newer_half(gathered.history)
            draft.context_from = kept[0].turn_id if kept else draft.claim.turn_id
            draft.notes.append("history halved: the prompt was too long")
            gathered = replace(gathered, history=kept)

    async def _say(self, draft: Draft, paragraph: str) -> None:
        for piece in split_message(paragraph):
            if draft.is_refused:
                return  # what it means still counts; nobody will read the words
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
        try:
            unless_behind = is_first and draft.yields_to_more
            kept = await self._store.commit_part(draft.claim, part, self._clock.now(), unless_behind=unless_behind)
        except TurnBehind:
            draft.is_committed = False
            raise
        draft.sending.put_nowait(kept)
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
            fate = await self._deliver.send(part)
            if fate is Fate.WAITS:
                return  # what is left over stays in the outbox, in order
            if fate is Fate.REFUSED and part.kind is PartKind.TEXT:
                draft.is_refused = True
                return
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
        timers = self._timers(draft, fields)
        close = TurnClose(
            intent=intent,
            persona=self._mind.persona.slug,
            reasons=draft.reasons(),
            appraisals=_with_similarity(answer.read_appraisals(fields, draft.claim.messages), draft.claim, looked),
            calls=tuple(draft.calls),
            closed_at=self._clock.now(),
            soul=Feeling(looked.feelings.soul_id, CONSTANTS_VERSION, self._feel.temper.leak),
            context_from_turn=draft.context_from or compaction.context_start(draft.claim.history),
            expression=self._mind.face(tail.expression, looked.feelings),
            persona_wish=tail.persona_wish,
            tail=tail.proposals,
            timers=timers,
            timings_ms=draft.timings_ms(),
        )
        draft.intent = intent
        draft.event = await self._store.finish(draft.claim, close)

    def _timers(self, draft: Draft, fields: Mapping[str, object]) -> tuple[NewTimer, ...]:
        """Read what is to happen at a time; "in 2 minutes" counts from when she read what was asked."""
        claim = draft.claim
        zone_of = partial(self._mind.zone_of, claim)
        draft.notes += unset_reminders(fields, claim.messages, claim.started_at, zone_of)
        return read_timers(fields, claim.messages, claim.started_at, zone_of, was_put_off=bool(claim.put_off))

    async def _without_model(self, draft: Draft, exc: ProviderError, looked: Looked) -> None:
        draft.notes.append(f"model: {exc.kind}")
        if draft.is_committed:  # nothing can be taken back: what is out is the answer
            await self._finish(draft, {}, looked)
        elif self._is_hopeless(draft.claim, exc.kind):
            await self._give_up(draft, exc)
        else:
            await self._wait_for_model(draft, exc)

    def _is_hopeless(self, claim: Claim, kind: str) -> bool:
        waited = self._clock.now() - claim.messages[0].sent_at
        is_often = claim.declined_count + 1 >= PROMPT_TRIES.get(kind, math.inf)
        return is_often and waited >= PROMPT_WAIT.get(kind, timedelta(0))

    async def _give_up(self, draft: Draft, exc: ProviderError) -> None:
        """End a turn that the model will not answer; the app's voice says so, never hers."""
        claim = draft.claim
        log.warning("given up: the model does not answer it", extra={"turn_id": claim.turn_id, "kind": exc.kind})
        draft.intent = Intent.SILENT
        reasons = (*draft.reasons(), "given up")
        await self._store.give_up(claim, self._mind.persona.slug, reasons, self._clock.now())
        try:
            await self._delivery.say(claim.channel.channel_id, Card("unanswerable"), claim.last.message_id)
        except DeliveryError as refused:
            log.info("app line not sent", extra={"turn_id": claim.turn_id, "code": refused.code})

    async def _wait_for_model(self, draft: Draft, exc: ProviderError) -> None:
        """Leave the messages waiting; the app's voice shows each person once that they were seen."""
        claim = draft.claim
        wait = _back_off(claim.retry_count, exc.retry_after_s)
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
        to_show = _not_shown_yet(claim)
        reason = f"model: {exc.kind}"
        is_released = await self._store.release(
            claim,
            reason,
            now=now,
            retry_at=now + wait,
            seen_ids=to_show,
            is_declined=exc.kind in PROMPT_TRIES,
            sets_apart=exc.kind in PROMPT_TRIES and exc.kind not in PROMPT_WAIT,
        )
        if not is_released:
            return
        for message_id in to_show:
            try:
                await self._delivery.react(claim.channel.channel_id, message_id, SEEN_EMOJI)
            except DeliveryError as refused:
                log.info("no reaction", extra={"turn_id": claim.turn_id, "code": refused.code})

    async def _take_seen_back(self, draft: Draft) -> None:
        """Take the app's reactions away from what is answered now."""
        claim = draft.claim
        if draft.intent is None or not claim.seen_ids:
            return
        for message_id in claim.seen_ids:
            try:
                await self._delivery.unreact(claim.channel.channel_id, message_id, SEEN_EMOJI)
            except DeliveryError as refused:
                log.info("reaction not taken back", extra={"turn_id": claim.turn_id, "code": refused.code})
        await self._store.seen_gone(claim.channel.channel_id, claim.seen_ids)

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


def _not_shown_yet(claim: Claim) -> tuple[MessageId, ...]:
    """Give the newest message of each person who was not shown yet that they wait."""
    shown = set(claim.seen_ids)
    told = {message.author.user_id for message in claim.messages if message.message_id in shown}
    newest = {message.author.user_id: message.message_id for message in claim.messages}
    return tuple(message_id for user_id, message_id in newest.items() if user_id not in told)


def _back_off(retry_count: int, retry_after_s: float | None) -> timedelta:
    """Say how long to wait: as the server asks, else longer each time."""
    if retry_after_s is not None:
        return min(LONGEST_ASKED_WAIT, timedelta(seconds=retry_after_s))
    doublings: int = 2 ** min(retry_count, 10)
    return min(LONGEST_RETRY, FIRST_RETRY * doublings)
