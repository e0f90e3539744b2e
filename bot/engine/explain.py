"""Explain: why she said a line, or why she was silent; figures and reasons of this very channel, nobody's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.ids import MessageId, UserId
from bot.domain.message import Channel, ChannelKind, Reach
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.snowflake import made_at
from bot.engine.policies import Policies
from bot.engine.silence import Silences
from bot.ports import Clock
from bot.room_ports import DecisionStore, RecordedDecision, RecordedTurn

RECORD_KEPT = timedelta(days=30)  # as long as decisions are on record, see docs/data-map.md
STRONGEST_MOST = 5
SEEN_LEAST = 0.005  # a contribution below that is shown as nothing
ASKED_MOST = 10  # lines of one turn whose decisions are read; newest first


class Writer(StrEnum):
    """Who wrote the line that is asked about, as far as that is known."""

    HERSELF = "herself"
    ASKER = "asker"
    SOMEBODY = "somebody"
    UNKNOWN = "unknown"


class Nothing(StrEnum):
    """Why there is nothing to tell."""

    EMPTY = "empty"  # no decision in this channel is on record
    IGNORED = "ignored"  # an admin wants her to hear nothing here
    NOT_ADDRESSED = "not addressed"  # only what is said to her is heard here
    OPTED_OUT = "opted out"  # who asks does not want to be heard
    OLD = "old"  # it was before what is on record
    APP = "app"  # it is the app's own voice
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: about a line of a channel, or without *message_id* about the newest decision there."""

    asker_id: UserId
    channel: Channel
    message_id: MessageId | None = None
    writer: Writer = Writer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature of a line added to its score."""

    feature: str
    amount: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What may be told of a line.

    *is_hers* says that she said it herself. *decision* is the one behind it: of several lines that she answered at
    once, that of the line that reached her most surely. *strongest* are its contributions, strongest first. Where
    *nothing* says why there is neither decision nor turn, *policy* is what holds in the channel now.
    """

    channel: Channel
    message_id: MessageId | None
    is_hers: bool
    decision: RecordedDecision | None = None
    strongest: tuple[Contribution, ...] = ()
    turn: RecordedTurn | None = None
    nothing: Nothing | None = None
    policy: RoomPolicy | None = None


class Explain:
    """Answers why she spoke, or did not."""

    def __init__(self, *, store: DecisionStore, policies: Policies, silences: Silences, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._silences = silences
        self._clock = clock

    async def __call__(self, question: Question) -> Explanation:
        """Tell what is on record of a line.

        Raises:
            StoreError: the database failed.
        """
        channel_id = question.channel.channel_id
        decision, message_id = await self._decision(question)
        turn = None if message_id is None else await self._store.turn_of(channel_id, message_id)
        is_hers = question.writer is Writer.HERSELF or (turn is not None and message_id in turn.said_ids)
        if turn is not None and is_hers:
            decision = await self._behind(turn) or decision
        if decision is None and turn is None:
            return await self._nothing(question)
        strongest = () if decision is None else strongest_of(decision)
        return Explanation(question.channel, message_id, is_hers, decision, strongest, turn)

    async def _decision(self, question: Question) -> tuple[RecordedDecision | None, MessageId | None]:
        """Give the decision asked for, and the line it is about."""
        channel_id = question.channel.channel_id
        if question.message_id is not None:
            return await self._store.of_message(channel_id, question.message_id), question.message_id
        latest = await self._store.latest(channel_id)
        return latest, None if latest is None else latest.message_id

    async def _behind(self, turn: RecordedTurn) -> RecordedDecision | None:
        """Give the decision that made her speak: that of the surest line, of the newest of several."""
        asked = sorted(turn.asked_ids, reverse=True)[:ASKED_MOST]
        found = [await self._store.of_message(turn.channel.channel_id, message_id) for message_id in asked]
        return min((one for one in found if one is not None), key=_sureness, default=None)

    async def _nothing(self, question: Question) -> Explanation:
        policy = await self._policies.of(question.channel)
        why = await self._why_nothing(question, policy)
        is_hers = question.writer is Writer.HERSELF
        return Explanation(question.channel, question.message_id, is_hers, nothing=why, policy=policy)

    async def _why_nothing(self, question: Question, policy: RoomPolicy) -> Nothing:
        """Say why nothing is known; that somebody else opted out is theirs to tell, and is not told."""
        is_direct = question.channel.kind is ChannelKind.DM
        if question.writer is Writer.ASKER and await self._silences.is_silent(question.asker_id):
            return Nothing.OPTED_OUT
        if question.message_id is not None and made_at(question.message_id) < self._clock.now() - RECORD_KEPT:
            return Nothing.OLD
        if question.writer is Writer.HERSELF:
            return Nothing.APP
        if not is_direct and policy.hearing is Hearing.IGNORE:
            return Nothing.IGNORED
        if not is_direct and policy.hearing is Hearing.MENTION_ONLY:
            return Nothing.NOT_ADDRESSED
        return Nothing.EMPTY if question.message_id is None else Nothing.UNKNOWN


def strongest_of(recorded: RecordedDecision) -> tuple[Contribution, ...]:
    """Give what moved a decision most, whichever way, strongest first."""
    seen = [
        Contribution(name, amount) for name, amount in recorded.decision.weights.items() if abs(amount) >= SEEN_LEAST
    ]
    return tuple(sorted(seen, key=lambda one: (-abs(one.amount), one.feature))[:STRONGEST_MOST])


_REACHES: Sequence[Reach] = list(Reach)


def _sureness(recorded: RecordedDecision) -> tuple[int, float]:
    return _REACHES.index(recorded.decision.reach), -recorded.message_id
