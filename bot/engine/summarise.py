"""Summarise talk that left the prompts of its channel, and cut talk that is to leave them: in the background.

One channel and one audience stand in a call, as quoted data. Whatever the model does, the talk goes on: over the hard
ceiling it is cut without waiting for a summary.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from bot.domain import summary_text
from bot.domain.context_chain import (
    Chain,
    Compaction,
    Limits,
    compaction_due,
    history_start,
    tokens_kept,
    turn_tokens,
)
from bot.domain.ids import ChannelId, TurnId, UserId
from bot.domain.message import MessageChange
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.domain.recalled import Summary
from bot.domain.summary_text import Told
from bot.domain.turn import Said
from bot.engine.backoff import Backoff
from bot.engine.slots import Rank, Slots, SlotsClosed
from bot.engine.undisturbed import Disturbed, undisturbed
from bot.errors import ProviderError
from bot.memory_ports import NewSummary, Stretch, SummaryStore, SummaryTask
from bot.ports import AnswerRequest, ChatModel, Clock, Finished

log = logging.getLogger(__name__)

PURPOSE = "summary"
DEADLINE = timedelta(minutes=3)
ANSWER_TOKENS = 4_000  # some models think before they write
CHANNELS_MOST = 20  # summarised in one run
MENDED_MOST = 200  # channels looked through in one run
CALLS_MOST = 4  # for one channel in a row: it is held for a quarter of an hour, and each may take three minutes
MORE_AFTER = timedelta(minutes=1)  # then others come first: an old channel may bring years of talk
LETTERS_MOST = 24_000  # of talk in one call; about 6,000 tokens of English
LETTERS_LEAST = 2_000
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)  # of a channel
LONGEST_REST = timedelta(minutes=10)  # while the server is away
DISTURBED_WAIT = timedelta(minutes=2)  # somebody waited for the model meanwhile
# Of one stretch, within an hour. Then it goes without a summary, so that it holds up nothing: recall finds its lines.
UNREADABLE_MOST = 6
JUNK_MOST = 3  # unreadable answers in a row, of whatever channels, before the server is left alone as if it were away
LETTERS_AHEAD = 6_000  # of talk that is shown still; less of it waits until it is cut
LETTERS_WORTH = 2_500  # of talk; with less, a channel that had a summary just now waits for more
MORE_WITHIN = timedelta(minutes=10)
LOOKED_AT_AFTER = timedelta(seconds=20)  # whether it has become more meanwhile
CHANNELS_REMEMBERED = 1_000  # whose last summary's time is known
OF_THE_PROMPT = frozenset(("too_long", "refused", "empty", "broken"))  # failures that tell nothing of the server


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to leave the prompt: *cut* is where it is to start as soon as there is a summary, *ahead* where it would
    start now, as it is going to be over the ceiling soon. What it shows begins at *shown_from*."""

    cut: TurnId | None = None
    ahead: TurnId | None = None
    shown_from: TurnId | None = None


@dataclass(slots=True)
class _Trouble:
    """What went wrong with a channel in a row; *unreadable* counts what the model was there for and made nothing of."""

    times: int = 0
    unreadable: int = 0
    letters: int = LETTERS_MOST


class Summarise:
    """Works off channels whose talk waits to be summarised; several processes may."""

    def __init__(
        self,
        *,
        store: SummaryStore,
        model: ChatModel,
        slots: Slots,
        clock: Clock,
        name: str,
        own_id: UserId,
        limits: Limits | None = None,
    ) -> None:
        """Take the *model* for cheap calls and the *name* she goes by; *limits* are those of `Context`."""
        self._store = store
        self._model = model
        self._slots = slots
        self._clock = clock
        self._name = name
        self._own_id = own_id
        self._limits = limits or Limits()
        self._rest = Backoff(clock, first=FIRST_WAIT, longest=LONGEST_REST)
        self._troubles: dict[ChannelId, _Trouble] = {}
        self._junk = 0  # unreadable answers in a row
        self._made: dict[ChannelId, tuple[datetime, TurnId]] = {}  # when, and up to which turn

    async def __call__(self) -> int:
        """Work off what waits; gives how many stretches of talk were summarised.

        Raises:
            StoreError: the database failed; what was in hand waits a quarter of an hour.
        """
        await self._store.mend(self._clock.now(), limit=MENDED_MOST)
        if self._rest.is_on():
            return 0
        done = 0
        for _ in range(CHANNELS_MOST):
            tasks = await self._store.due(self._clock.now(), limit=1)
            if not tasks:
                break
            try:
                done += await self._work_off(tasks[0])
            except SlotsClosed:
                await self._store.done(tasks[0], self._clock.now())
                break
            except Disturbed:
                await self._store.done(tasks[0], self._clock.now() + DISTURBED_WAIT)
                break
            except ProviderError as exc:
                if await self._put_off(tasks[0], exc):
                    break
        return done

    async def follow(self, changes: Sequence[MessageChange]) -> None:
        """See `bot.ports.Follower.follow`: what was made of an edited or deleted line is made anew without it."""
        dropped = await self._store.drop_covering([change.message_id for change in changes], self._clock.now())
        if dropped:
            log.info("summaries dropped", extra={"count": dropped})

    async def _work_off(self, task: SummaryTask) -> int:
        """Summarise what waits in a channel, then cut it where that is due; gives how many stretches."""
        channel_id, done = task.channel_id, 0
        plan = await self._plan(channel_id)
        for _ in range(CALLS_MOST):
            letters = self._trouble(channel_id).letters
            stretch = await self._store.unsummarised(channel_id, before=plan.cut or plan.ahead, letters_most=letters)
            if stretch is None or _is_early(stretch, plan):
                if plan.cut is not None:
                    await self._store.keep(task, (), self._clock.now(), cut_at=plan.cut)
                await self._condense(task)
                await self._store.done(task)
                self._troubles.pop(channel_id, None)
                return done
            if plan.cut is None and (wait := self._waits_for_more(stretch)) is not None:
                await self._store.done(task, wait)
                return done
            if not await self._summarise(task, stretch, letters):
                break
            done += 1
        await self._store.done(task, self._clock.now() + MORE_AFTER)
        return done

    def _waits_for_more(self, stretch: Stretch) -> datetime | None:
        """Say when little talk is looked at again: thresholds may be so low that some is cut with every turn.

        What is told of anew, because a line was changed, does not wait.
        """
        made_at, to_turn = self._made.get(stretch.channel_id, (None, TurnId(0)))
        if made_at is None or _letters(stretch) >= LETTERS_WORTH or stretch.lines[0].turn_id <= to_turn:
            return None
        now = self._clock.now()
        return min(made_at + MORE_WITHIN, now + LOOKED_AT_AFTER) if now - made_at < MORE_WITHIN else None

    def _was_made(self, stretch: Stretch) -> None:
        self._made.pop(stretch.channel_id, None)
        self._made[stretch.channel_id] = (self._clock.now(), stretch.lines[-1].turn_id)
        if len(self._made) > CHANNELS_REMEMBERED:
            del self._made[next(iter(self._made))]

    async def _plan(self, channel_id: ChannelId) -> _Plan:
        """Say what is to leave the prompt; nothing, if it is short enough, or was cut as it was over the ceiling."""
        stands, _, _ = await self._store.view(channel_id)
        chain = Chain(stands.turns_since, stands.low_cache_turns)
        due = compaction_due(chain, stands.prompt_tokens, self._limits)
        if due is not Compaction.SOFT and not self._limits.ahead < stands.prompt_tokens <= self._limits.hard:
            return _Plan()
        turns = turn_tokens(await self._store.history(channel_id))
        talk = sum(tokens for _, tokens in turns)
        start = history_start(turns, tokens_kept(stands.prompt_tokens, talk, self._limits))
        shown_from = turns[0][0] if turns else None
        return _Plan(start, None, shown_from) if due is Compaction.SOFT else _Plan(None, start, shown_from)

    async def _summarise(self, task: SummaryTask, stretch: Stretch, letters: int) -> bool:
        """Keep a summary of a stretch; False if it changed meanwhile."""
        lines = [said.message for said in stretch.lines]
        told = Told("")  # what the model makes nothing of, time after time, is not asked again
        if self._trouble(task.channel_id).unreadable < UNREADABLE_MOST:
            earlier = await self._before(stretch)
            prompt = summary_text.talk_prompt(
                _prose("summarise"), lines, earlier, letters_most=letters, name=self._name, own_id=self._own_id
            )
            fields = await self._asked(task, prompt, "talk", summary_text.TALK_SCHEMA)
            told = self._readable(summary_text.read_told(fields, summary_text.speakers_of(lines), name=self._name))
        kept = await self._store.keep(task, _summaries(stretch, told), self._clock.now(), of=lines)
        facts = {"channel_id": task.channel_id, "lines": len(lines), "kept": kept, "without": not told.summary}
        log.info("talk summarised", extra=facts)
        if kept:
            self._troubles.pop(task.channel_id, None)
            if told.summary:
                self._was_made(stretch)
        return kept

    async def _before(self, stretch: Stretch) -> Summary | None:
        """Give the newest summary of what came before a stretch and of the same audience."""
        _, summaries, _ = await self._store.view(stretch.channel_id)
        begins = stretch.lines[0].turn_id
        fitting = [
            one
            for one in summaries
            if one.person_id is None and one.to_turn < begins and one.audience == stretch.audience
        ]
        return fitting[-1] if fitting else None

    async def _condense(self, task: SummaryTask) -> None:
        """Make one summary of several as long as a level has too many of them; where that fails they stay as they are,
        until the channel has its next summary."""
        for _ in range(CALLS_MOST):
            parts = await self._store.to_condense(task.channel_id)
            if not parts:
                return
            try:
                prompt = summary_text.whole_prompt(_prose("summarise_again"), parts, name=self._name)
                fields = await self._asked(task, prompt, "whole", summary_text.WHOLE_SCHEMA)
                told = self._readable(summary_text.read_told(fields, (), name=self._name))
            except ProviderError as exc:
                log.warning("summaries not condensed", extra={"channel_id": task.channel_id, "kind": exc.kind})
                return
            if not told.summary:
                return  # nothing of it may be kept
            whole = _whole(parts, told.summary)
            if not await self._store.condense(task, [one.summary_id for one in parts], whole, self._clock.now()):
                return

    async def _asked(
        self, task: SummaryTask, prompt: tuple[ChatMessage, ...], name: str, schema: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Ask the model once there is a place: people come first."""

        def messages_for(form: AnswerForm) -> tuple[ChatMessage, ...]:
            return prompt

        request = AnswerRequest(
            purpose=PURPOSE,
            messages_for=messages_for,
            schema_name=name,
            schema=schema,
            deadline=DEADLINE,
            text_key="summary",
            max_tokens=ANSWER_TOKENS,
        )
        slot = await self._slots.take(int(task.channel_id), Rank.UPKEEP)
        try:
            return await undisturbed(self._slots, self._fields(request))
        finally:
            slot.free()

    async def _fields(self, request: AnswerRequest) -> Mapping[str, object]:
        async with aclosing(self._model.answer(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finished) and piece.whole:
                    return piece.fields
        raise ProviderError("the summary had no end", kind="broken", retryable=True)

    async def _put_off(self, task: SummaryTask, exc: ProviderError) -> bool:
        """Let a channel wait, each time in a row for longer; says whether the others need not be tried either."""
        trouble = self._trouble(task.channel_id)
        is_of_prompt = exc.kind in OF_THE_PROMPT
        self._junk += 1 if is_of_prompt else 0
        is_away = not is_of_prompt or self._junk >= JUNK_MOST
        if is_away:
            self._rest.begin(exc)
        if exc.kind == "too_long":
            trouble.letters = max(LETTERS_LEAST, trouble.letters // 2)
        trouble.unreadable += 1 if is_of_prompt else 0
        wait = min(LONGEST_WAIT, FIRST_WAIT * float(2 ** min(trouble.times, 16)))
        wait = max(wait, min(LONGEST_WAIT, timedelta(seconds=exc.retry_after_s or 0.0)))
        trouble.times += 1
        await self._store.done(task, self._clock.now() + wait)
        facts = {"channel_id": task.channel_id, "kind": exc.kind, "wait_s": round(wait.total_seconds())}
        log.warning("summary put off", extra=facts)
        return is_away

    def _readable(self, told: Told | None) -> Told:
        if told is None:
            raise ProviderError("no summary in the answer", kind="broken", retryable=True)
        self._rest.end()
        self._junk = 0
        return told

    def _trouble(self, channel_id: ChannelId) -> _Trouble:
        return self._troubles.setdefault(channel_id, _Trouble())


@cache
def _prose(name: str) -> str:
    path = resources.files("bot.engine").joinpath("prompts", f"{name}.md")
    return path.read_text(encoding="utf-8").strip()


def _is_early(stretch: Stretch, plan: _Plan) -> bool:
    """Say whether a stretch is all shown still and not worth a call yet: it is not to be cut now."""
    is_shown = plan.shown_from is not None and stretch.lines[0].turn_id >= plan.shown_from
    return plan.cut is None and is_shown and _letters(stretch) < LETTERS_AHEAD


def _letters(stretch: Stretch) -> int:
    return sum(len(said.message.content) for said in stretch.lines)


def _summaries(stretch: Stretch, told: Told) -> list[NewSummary]:
    """Give the summary of a stretch, and one for each person in it, be it empty: that tells whose words are in it."""
    lines: Sequence[Said] = stretch.lines
    whole = NewSummary(
        channel_id=stretch.channel_id,
        person_id=None,
        level=0,
        audience=stretch.audience,
        text=told.summary,
        note=told.note,
        from_turn=lines[0].turn_id,
        to_turn=lines[-1].turn_id,
        said_from=min(said.message.sent_at for said in lines),
        said_to=max(said.message.sent_at for said in lines),
    )
    people = summary_text.speakers_of([said.message for said in lines])
    return [whole, *(replace(whole, person_id=one, text=told.people.get(one, ""), note="") for one in people)]


def _whole(parts: Sequence[Summary], text: str) -> NewSummary:
    """Give the summary that takes the place of *parts*, oldest first."""
    first, last = parts[0], parts[-1]
    return NewSummary(
        channel_id=first.channel_id,
        person_id=first.person_id,
        level=first.level + 1,
        audience=first.audience,
        text=text,
        note=last.note,
        from_turn=first.from_turn,
        to_turn=last.to_turn,
        said_from=first.said_from,
        said_to=last.said_to,
    )
