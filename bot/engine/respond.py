"""One turn: gather, prompt, ask, gate, commit, send.

The model proposes, the gate decides, and every paragraph is committed before it is sent. Whatever
goes wrong before the first commit leaves the messages waiting; nothing is said in her voice about it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial

from bot.domain import answer, compaction
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.habituation import burst_similarities
from bot.domain.answer import Tail
from bot.domain.handoff import ContextView
from bot.domain.ids import MessageId, UserId
from bot.domain.message import Message, Reach
from bot.domain.recalled import Known
from bot.domain.timer import NewTimer, read_timers, unset_reminders
from bot.domain.turn import (
    NO_CONTEXT,
    NOTHING_KNOWN,
    TALK_WENT_ON,
    Claim,
    Feeling,
    Gathered,
    Intent,
    MessageAppraisal,
    TurnClose,
)
from bot.engine.ask import Ask
from bot.engine.bear_in_mind import BearInMind, Chain, RecallFor
from bot.engine.consider import Consider
from bot.engine.deliver import Deliver
from bot.engine.do_without import DoWithout
from bot.engine.draft import Draft
from bot.engine.feel import Feel, Looked
from bot.engine.house_rules import HouseRules
from bot.engine.look_at import LookAt
from bot.engine.meter import UNMETERED
from bot.engine.mind import Mind
from bot.engine.speak import Speak, owed_lines, reacted_lines
from bot.engine.wear import Wear
from bot.errors import ProviderError, StoreError, TalkWentOn
from bot.operator_ports import Meter
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)

AT_LEAST = "a reaction at least"  # among the reasons of a turn that was asked for and had no words


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
        consider: Consider | None = None,
        look_at: LookAt | None = None,
        wear: Wear | None = None,
        house_rules: HouseRules | None = None,
        recall: RecallFor | None = None,
        context: Chain | None = None,
    ) -> None:
        """Take what a turn needs.

        Without *consider* she stays out of talk that may not be hers, without *look_at* she sees no pictures, without
        *wear* she wears her usual persona everywhere, without *house_rules* no server has any. Without *recall* she
        knows only the talk, which without *context* is cut by its length alone.
        """
        self._store = store
        self._ask = ask
        self._delivery = delivery
        self._mind = mind
        self._feel = feel
        self._clock = clock
        self._pace = pace
        self._meter = meter
        self._consider = consider
        self._look_at = look_at
        self._wear = wear
        self._house_rules = house_rules
        self._in_mind = BearInMind(recall, context)
        self._speak = Speak(store=store, delivery=delivery, deliver=deliver, clock=clock)
        self._do_without = DoWithout(store=store, delivery=delivery, clock=clock)

    async def __call__(self, draft: Draft) -> None:
        """Run the turn to its end.

        Raises:
            StoreError: the database failed; the sweeper takes the turn up again.
            TurnLost: another process has the channel now.
        """
        claim = draft.claim
        if await self._is_hers(draft):
            await self._answer(draft)
        else:
            draft.free_slot()
            await self._dress(draft)
            await self._stay_silent(draft)
        await self._do_without.take_seen_back(draft)
        self._mind.remember_turn(draft)
        self._meter.turn(draft.outcome, draft.timings_ms())
        log.info(
            "turn over",
            extra={
                "turn_id": claim.turn_id,
                "channel_id": claim.channel.channel_id,
                "model_calls": len(draft.calls),
                **{f"{name.replace(' ', '_')}_ms": ms for name, ms in draft.timings_ms().items()},
            },
        )

    async def _dress(self, draft: Draft) -> None:
        """Put on what holds there; her usual persona where nothing else does."""
        if self._wear is not None:
            draft.worn = await self._wear.dress(draft.claim)

    async def _heed(self, draft: Draft) -> None:
        """Take in what is asked of everybody on the server."""
        if self._house_rules is not None:
            draft.house_rules = await self._house_rules.of(draft.claim.channel.guild_id)

    async def _undress(self, draft: Draft, close: TurnClose) -> None:
        """Keep what follows from the turn for what she wears next."""
        if self._wear is not None and draft.worn is not None:
            meant = (one.appraisal for one in close.appraisals)
            await self._wear.after(draft.claim, draft.worn, meant, close.persona_wish, has_spoken=draft.has_words)

    async def _is_hers(self, draft: Draft) -> bool:
        """Say whether the turn is taken; where attention left it open, a cheap call decides."""
        if draft.claim.reach is not Reach.UNSURE:
            return True
        draft.is_hers = self._consider is not None and await self._consider(draft)
        self._speak.mark(draft, "considered")
        return draft.is_hers

    async def _answer(self, draft: Draft) -> None:
        claim = draft.claim
        looked, known, context = await self._looked(draft)
        draft.pace = self._pace / self._mind.pace(looked.feelings)
        async with self._typing(claim), self._speak.sending(draft):
            gathered = await self._gathered(
                draft,
                Gathered(claim.history, looked.feelings, known=known, context=context, house_rules=draft.house_rules),
            )
            self._speak.mark(draft, "gathered")
            try:
                fields = await self._asked(draft, gathered)
                draft.free_slot()
                await self._finish(draft, fields, looked)
            except ProviderError as exc:
                draft.free_slot()
                await self._without_model(draft, exc, looked)
            except TalkWentOn:
                draft.free_slot()
                draft.notes.append(TALK_WENT_ON)
                await self._stay_silent(draft)
        await self._live(draft, looked)

    def _typing(self, claim: Claim) -> AbstractAsyncContextManager[None]:
        """Show that she types, but not where she may well have nothing to say."""
        return self._delivery.typing(claim.channel.channel_id) if claim.reach.is_expecting else nullcontext()

    async def _looked(self, draft: Draft) -> tuple[Looked, Known, ContextView]:
        """Read at once what she feels, wears and has in mind; only what she feels must be had."""
        claim = draft.claim
        feels = self._feel.look(claim.channel.guild_id, (line.author.user_id for line in answer.felt_lines(claim)))
        if self._in_mind.is_empty:
            looked, *_ = await asyncio.gather(feels, self._dress(draft), self._heed(draft))
            return looked, NOTHING_KNOWN, NO_CONTEXT
        in_mind = self._in_mind
        ready = asyncio.gather(self._dress(draft), self._heed(draft))
        looked, known, context, _ = await asyncio.gather(feels, in_mind.known(claim), in_mind.context(claim), ready)
        return looked, known, context

    async def _gathered(self, draft: Draft, gathered: Gathered) -> Gathered:
        """Add the pictures and files she looks at."""
        if self._look_at is None:
            return gathered
        seen = await self._look_at(draft.claim)
        draft.notes += seen.notes
        return replace(gathered, pictures=seen.pictures, files=seen.files, unseen=seen.unseen)

    async def _asked(self, draft: Draft, gathered: Gathered) -> Mapping[str, object]:
        """Ask, with less of the talk so far each time the model cannot read all of it; last without what she knows."""
        while True:
            draft.gathered = gathered
            try:
                fields = await self._ask(draft, gathered, self._speak.say)
            except ProviderError as exc:
                if exc.kind != "too_long" or _is_least(gathered):
                    raise
                gathered = _less(draft, gathered)
            else:
                draft.is_answered = True
                return fields

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
        claim = draft.claim
        tail = answer.read_tail(fields, claim)
        intent = Intent.REPLY if draft.is_committed else answer.read_intent(fields)
        if draft.is_held or (intent is Intent.REPLY and not draft.is_committed):
            intent = Intent.SILENT  # the gate let nothing through
            log.warning("answer held by the gate", extra={"turn_id": claim.turn_id, "notes": draft.notes})
        if not draft.is_committed:
            draft.aim = answer.read_aim(fields, claim)
            await self._react(draft, intent, tail, looked)
        felt, others = answer.felt_lines(claim), answer.other_lines(claim)
        timers = self._timers(draft, fields)  # whose trouble is among the reasons
        close = replace(
            self._record(draft, intent),
            appraisals=_with_similarity(answer.read_appraisals(fields, felt, others=others), felt, looked),
            soul=Feeling(looked.feelings.soul_id, CONSTANTS_VERSION, self._feel.temper.leak),
            expression=self._mind.face(tail.expression, looked.feelings),
            persona_wish=tail.persona_wish,
            tail=tail.proposals,
            timers=timers,
        )
        await self._close(draft, close)
        await self._undress(draft, close)

    async def _react(self, draft: Draft, intent: Intent, tail: Tail, looked: Looked) -> None:
        """React where she chose to, and where somebody who asked for her would else see nothing at all."""
        claim = draft.claim
        if intent is Intent.REACT and tail.reaction is not None:
            await self._speak.react(draft, tail.reaction, reacted_lines(draft))
        elif intent in (Intent.SILENT, Intent.LATER) and (owed := owed_lines(claim, intent)):
            sign = tail.reaction or self._mind.sign(tail.expression, looked.feelings)
            await self._speak.react(draft, self._mind.neutral_sign() if draft.is_held else sign, owed)
            draft.notes.append(AT_LEAST)

    def _record(self, draft: Draft, intent: Intent) -> TurnClose:
        """Give what is kept of every turn, whatever became of it."""
        claim, shown, step = draft.claim, draft.shown, self._in_mind.step(draft)
        known = NOTHING_KNOWN if shown is None else shown.known
        by_length = None if self._in_mind.keeps_context else compaction.context_start(claim.history)
        return TurnClose(
            intent=intent,
            persona=self._persona(draft),
            reasons=draft.reasons(),
            appraisals=(),
            calls=tuple(draft.calls),
            closed_at=self._clock.now(),
            context_from_turn=draft.context_from or by_length,
            timings_ms=draft.timings_ms(),
            overheard_ids=tuple(line.message_id for line in claim.overheard),
            is_hers=draft.is_hers,
            recalled_lines=known.line_ids,
            recalled_memories=known.memory_ids,
            context=step,
        )

    async def _stay_silent(self, draft: Draft) -> None:
        """End a turn that nobody asked for."""
        await self._close(draft, self._record(draft, Intent.SILENT))

    async def _close(self, draft: Draft, close: TurnClose) -> None:
        draft.intent = close.intent
        draft.event = await self._store.finish(draft.claim, close)

    def _persona(self, draft: Draft) -> str:
        return (draft.persona or self._mind.persona).slug

    def _timers(self, draft: Draft, fields: Mapping[str, object]) -> tuple[NewTimer, ...]:
        """Read what is to happen at a time; "in 2 minutes" counts from when she read what was asked."""
        claim = draft.claim
        zone_of, felt, others = partial(self._mind.zone_of, claim), answer.felt_lines(claim), answer.other_lines(claim)
        draft.notes += unset_reminders(fields, felt, claim.started_at, zone_of, others=others)
        return read_timers(fields, felt, claim.started_at, zone_of, others=others, was_put_off=bool(claim.put_off))

    async def _without_model(self, draft: Draft, exc: ProviderError, looked: Looked) -> None:
        draft.notes.append(f"model: {exc.kind}")
        if draft.is_committed:  # nothing can be taken back: what is out is the answer
            await self._finish(draft, {}, looked)
        elif not draft.claim.reach.is_expecting:
            await self._stay_silent(draft)  # by the time the model is back the talk has gone on
        else:
            await self._do_without(draft, exc, persona=self._persona(draft))


def _is_least(gathered: Gathered) -> bool:
    return not gathered.history and gathered == gathered.without_memory()


def _less(draft: Draft, gathered: Gathered) -> Gathered:
    """Give less to read: half of the talk so far, and nothing that she knows beside it once there is none."""
    if not gathered.history:
        draft.notes.append("nothing recalled: the prompt was too long")
        return gathered.without_memory()
    kept = compaction.newer_half(gathered.history)
    draft.context_from = kept[0].turn_id if kept else draft.claim.turn_id
    draft.notes.append("history halved: the prompt was too long")
    return replace(gathered, history=kept)


def _with_similarity(
    appraisals: Iterable[MessageAppraisal], messages: Iterable[Message], looked: Looked
) -> tuple[MessageAppraisal, ...]:
    """Add how far each message repeats what its author said before and beside it; never asked of the model."""
    lines: defaultdict[UserId, list[Message]] = defaultdict(list)
    for message in messages:
        lines[message.author.user_id].append(message)
    alike: dict[MessageId, float] = {}
    for user_id, said in lines.items():
        found = burst_similarities([message.content for message in said], looked.said[user_id])
        alike |= zip((message.message_id for message in said), found, strict=True)
    return tuple(replace(one, similarity=alike[one.message_id]) for one in appraisals)
