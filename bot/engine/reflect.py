"""Think over what people told: in the background, one person and one audience at a time, when nobody waits.

The model proposes; `bot.domain.settling`, `bot.domain.portrait` and `bot.domain.note_reading` decide. Whatever it
answers, a group costs a bounded number of calls, and nobody's words meet those of another audience.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.ids import UserId
from bot.domain.memory import MemoryKind, Refusal
from bot.domain.memory_gate import Gate, refusal_of
from bot.domain.message import Audience, Message
from bot.domain.note_reading import read_notes
from bot.domain.persona import Companion
from bot.domain.portrait import read_portrait
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.domain.reflection import Gatekeeper, Reflected, is_readable
from bot.domain.reflection_prompt import REFLECTION_SCHEMA, Codes, Material, Self, build_reflection, codes_of, fit
from bot.domain.secrets_said import names_phone
from bot.domain.self_notes import open_topics, settled_tastes
from bot.domain.settling import read_memories
from bot.engine.being import Being
from bot.engine.reflect_words import read_reflect_words
from bot.engine.slots import Ledger, Rank, Ration, Slots, SlotsClosed
from bot.engine.undisturbed import Disturbed, undisturbed
from bot.errors import ProviderError, StoreError
from bot.memory_ports import ReflectionGroup, ReflectStore
from bot.ports import AnswerRequest, ChatModel, Clock, Finished

log = logging.getLogger(__name__)

PURPOSE = "reflection"
TENANT = 0  # no server and no person: upkeep
DEADLINE = timedelta(minutes=3)  # a local model on a small machine may need that long
ANSWER_TOKENS = 4_000
GROUPS_AT_ONCE = 4  # in one run; the next run goes on
CALLS_AN_HOUR = 30  # by the clock, of all processes together
REST_FIRST, REST_MOST = timedelta(minutes=1), timedelta(hours=1)  # while the model is away
JUNK_MOST = 3  # unreadable answers before a group is put off for a day
JUNK_WAIT, JUNK_DAY = timedelta(minutes=30), timedelta(days=1)
DISTURBED_WAIT = timedelta(minutes=2)  # somebody spoke to her meanwhile
TASTES_EVERY = timedelta(hours=1)
GROUPS_REMEMBERED = 1_000  # whose unreadable answers are counted

_GroupKey = tuple[UserId, Audience]


class RationedStore(ReflectStore, Ledger, Protocol):
    """A `ReflectStore` that also keeps how many calls were made."""


class Reflect:
    """Promotes, merges and supersedes memories, and forms portraits and her own notes."""

    def __init__(
        self,
        *,
        store: RationedStore,
        model: ChatModel,
        slots: Slots,
        clock: Clock,
        being: Being,
        own_texts: Sequence[str] = (),
    ) -> None:
        """Take the *model* for cheap calls and the places that it shares with talk.

        *own_texts* are hers beside identity and personas, such as rules: none of it becomes anybody's memory.
        """
        words = read_reflect_words()
        self._store = store
        self._model = model
        self._slots = slots
        self._clock = clock
        self._being = being
        self._rules = words.rules
        self._topics = words.topics
        self._own_texts = own_texts
        self._calls = Ration(store, PURPOSE, CALLS_AN_HOUR)
        self._junk: dict[_GroupKey, int] = {}
        self._rest = REST_FIRST
        self._rests: tuple[datetime, datetime] | None = None  # since when, and until when
        self._tastes_at: datetime | None = None

    @property
    def _companion(self) -> Companion:
        return self._being.companion

    @property
    def _who(self) -> Self:
        companion = self._companion
        return Self(companion.name, companion.identity, open_topics(self._topics, companion.identity))

    async def __call__(self) -> int:
        """Think over what is due, a few groups at most; gives how many groups were.

        Trouble with the model or the database ends the run: what is left waits for a later one.
        """
        count = 0
        try:
            await self._settle_tastes()
            while count < GROUPS_AT_ONCE and self._may_begin():
                if not await self._next():
                    break
                count += 1
        except StoreError as exc:
            log.warning("not thought over", extra={"cause": str(exc)})
        except SlotsClosed:
            pass
        return count

    def _may_begin(self) -> bool:
        """Say whether a call may be made now: nobody waits, the model is there, the hour's calls are not spent."""
        now = self._clock.now()
        is_resting = self._rests is not None and self._rests[0] <= now < self._rests[1]  # clocks are set back
        is_busy = self._slots.waiting > 0 or self._slots.taken >= self._slots.limit
        return not is_resting and not is_busy and not self._calls.is_spent(now)

    async def _next(self) -> bool:
        """Think the next group over; False if there is none, or the run is to end."""
        now = self._clock.now()
        group = await self._store.claim_group(now, companion=self._companion.slug)
        if group is None:
            return False
        if not group.candidates and not group.reread:
            await self._store.reflected(group, Reflected(), now, companion=self._companion.slug)
            return await self._next()
        if not await self._calls.take(now):
            await self._store.put_off(group, self._calls.next_at(now))
            return False
        try:
            fields = await self._asked(group)
        except Disturbed:
            await self._store.put_off(group, self._clock.now() + DISTURBED_WAIT)
            return False
        except ProviderError as exc:
            await self._failed(group, exc)
            return False
        self._rest, self._rests = REST_FIRST, None
        return await self._take(group, fields)

    async def _take(self, group: ReflectionGroup, fields: Mapping[str, object]) -> bool:
        codes = codes_of(_material(group))
        if not is_readable(fields, codes):
            await self._was_junk(group)
            return True
        self._junk.pop(_key(group), None)
        result = self._read(group, codes, fields)
        is_kept = await self._store.reflected(group, result, self._clock.now(), companion=self._companion.slug)
        facts = {
            "candidates": len(group.candidates),
            "kept": len(result.kept),
            "dropped": len(result.dropped),
            "notes": len(result.notes),
            "refused": sum((result.refused or {}).values()),
        }
        # where something was forgotten meanwhile the group stays claimed for a while, and is then read anew
        log.info("thought over" if is_kept else "thought over in vain", extra=facts)
        return True

    def _read(self, group: ReflectionGroup, codes: Codes, fields: Mapping[str, object]) -> Reflected:
        """Let the rules decide on an answer; all that is kept is of the group's own audience."""
        gate = self._gate(group)
        memories = read_memories(fields, codes, group.reread, gate)
        decided = {*memories.dropped, *(one for kept in memories.kept for one in (kept.same_as, *kept.supersedes))}
        open_codes = replace(
            codes, current={code: one for code, one in codes.current.items() if one.memory_id not in decided}
        )
        lines, gone = read_portrait(fields.get("portrait"), open_codes, group.owner_id, group.audience, gate)
        notes = read_notes(fields, codes, group.owner_id, self._who, gate)
        kept = (replace(one, memory=replace(one.memory, audience=group.audience)) for one in (*memories.kept, *lines))
        return replace(
            memories,
            kept=tuple(one for one in kept if one.memory.owner_id == group.owner_id),
            dropped=(*memories.dropped, *gone),
            notes=tuple(notes),
            refused=dict(gate.refused),
        )

    def _gate(self, group: ReflectionGroup) -> Gatekeeper:
        gate = Gate(
            own_texts=(*self._being.texts(), *self._own_texts),
            consents=group.keeps_sensitive,
            owner_name=group.name,
            own_names=(self._companion.name, *self._companion.nicknames),
        )

        def refuse(text: str, kind: MemoryKind, source: Message | None) -> Refusal | None:
            refusal = refusal_of(text, kind, source, gate)
            return Refusal.SECRET if refusal is None and names_phone(text) else refusal

        return Gatekeeper(refuse)

    async def _asked(self, group: ReflectionGroup) -> Mapping[str, object]:
        """Ask the model about a group, while nobody else waits for it."""
        prompt = build_reflection(self._rules, self._who, _material(group), self._clock.now())

        def messages_for(form: AnswerForm) -> tuple[ChatMessage, ...]:
            return prompt

        request = AnswerRequest(
            purpose=PURPOSE,
            messages_for=messages_for,
            schema_name=PURPOSE,
            schema=REFLECTION_SCHEMA,
            deadline=DEADLINE,
            max_tokens=ANSWER_TOKENS,
        )
        slot = await self._slots.take(TENANT, Rank.UPKEEP)
        try:
            return await undisturbed(self._slots, self._fields(request))
        finally:
            slot.free()

    async def _fields(self, request: AnswerRequest) -> Mapping[str, object]:
        async with aclosing(self._model.answer(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finished):
                    # of half an answer nothing is taken: what is missing in it might have said otherwise
                    return piece.fields if piece.whole and not piece.degraded else {}
        raise ProviderError("the answer had no end", kind="broken", retryable=True)

    async def _failed(self, group: ReflectionGroup, exc: ProviderError) -> None:
        """Leave the model alone for a while; a group that it will not take counts as unreadable."""
        now = self._clock.now()
        if not exc.retryable:
            await self._was_junk(group)
        wait = max(self._rest, timedelta(seconds=min(exc.retry_after_s or 0, REST_MOST.total_seconds())))
        self._rests, self._rest = (now, now + wait), min(self._rest * 2, REST_MOST)
        if exc.retryable:
            await self._store.put_off(group, now + wait)
        log.info("not thought over: the model was not there", extra={"kind": exc.kind})

    async def _was_junk(self, group: ReflectionGroup) -> None:
        key = _key(group)
        count = self._junk.pop(key, 0) + 1
        if count < JUNK_MOST:
            self._junk[key] = count
            if len(self._junk) > GROUPS_REMEMBERED:
                del self._junk[next(iter(self._junk))]
        wait = JUNK_WAIT if count < JUNK_MOST else JUNK_DAY
        await self._store.put_off(group, self._clock.now() + wait)
        log.info("an unreadable reflection", extra={"count": count})

    async def _settle_tastes(self) -> None:
        """Work out the tastes that may be shown everywhere from who gave reason for them; no model is asked."""
        now = self._clock.now()
        if self._tastes_at is not None and timedelta(0) <= now - self._tastes_at < TASTES_EVERY:
            return
        slug = self._companion.slug
        before = await self._store.tastes(slug)
        reasons = await self._store.taste_reasons(slug)
        if before or reasons:
            await self._store.settle_tastes(slug, settled_tastes(reasons, before, self._who.topics, now), now)
        self._tastes_at = now


def _material(group: ReflectionGroup) -> Material:
    return fit(Material(group.name, group.candidates, group.current, group.lines, group.reread, group.notes))


def _key(group: ReflectionGroup) -> _GroupKey:
    return group.owner_id, group.audience
