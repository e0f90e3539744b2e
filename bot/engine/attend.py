"""Attend: whether a line is hers, from what an admin allowed, what goes on in the room, and how she feels.

Direct messages, and channels in which she does not listen, cost a look into memory. No model decides here: where a
cheap call may, the line is only marked so.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.affect.mood import shown
from bot.domain.attention import Attention, Decision, Features, Outcome, attend, decide
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import ChannelKind, Message, Speaker
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.room_window import RoomWindow, Surroundings
from bot.engine.allowance import Allowance
from bot.engine.feel import Feel
from bot.engine.interests import Interests
from bot.engine.policies import Policies
from bot.engine.silence import Silences
from bot.engine.windows import Windows
from bot.errors import CompanionError, StoreError
from bot.ports import Clock

log = logging.getLogger(__name__)

MOOD_FOR = timedelta(seconds=30)  # her mood moves slower than that
MOODS_KEPT = 10_000  # one for each person who speaks where she listens
NEED_OF_STRANGERS = 0.5  # neither drawn to them nor full of them
OPTED_OUT = "opted out"
IGNORED = "channel is ignored"
NOT_ADDRESSED = "not addressed to her"
UNREMARKABLE = Features().as_json()  # left out of the record of a line that says nothing else of itself


@dataclass(frozen=True, slots=True)
class Mood:
    """How she feels in a server, as far as it matters for speaking up.

    Axes are in [-1, 1]; *need* for a word from the person who speaks is in [0, 1].
    """

    pleasure: float
    arousal: float
    need: float
    until: datetime


class Attend:
    """Decides of each line what is done with it."""

    def __init__(
        self,
        *,
        policies: Policies,
        silences: Silences,
        windows: Windows,
        allowance: Allowance,
        feel: Feel,
        clock: Clock,
        interests: Interests | None = None,
    ) -> None:
        """Take what deciding needs; *interests* are there where a model for embeddings is."""
        self._policies = policies
        self._silences = silences
        self._windows = windows
        self._allowance = allowance
        self._feel = feel
        self._clock = clock
        self._interests = interests
        self._moods: dict[tuple[GuildId | None, UserId], Mood] = {}

    def leaves(self, message: Message) -> bool:
        """Say whether it is known already, without a look anywhere, that nothing is done with a line."""
        if message.speaker is Speaker.SELF:
            return True
        if attend(message).is_hers:
            return False
        policy = self._policies.known(message.channel)
        return policy is not None and policy.hearing is not Hearing.LISTEN

    async def concerns(self, message: Message) -> bool:
        """Say whether a line has to be decided on: it asks for her, or she listens where it was said."""
        if attend(message).is_hers:
            return True
        if message.speaker is Speaker.SELF:
            return False
        try:
            policy = await self._policies.of(message.channel)
        except StoreError as exc:
            log.info("a line is left: what was set for its channel is not known", extra={"cause": str(exc)})
            return False
        return policy.hearing is Hearing.LISTEN

    async def __call__(self, message: Message, *, is_hurried: bool = False) -> Attention:
        """Decide on a line, and note it in what is known of the room; *is_hurried* says that others wait behind it.

        Raises:
            StoreError: what it takes cannot be read now, or a line that asks for her was said in a channel of which
                nothing is known.
        """
        certain = attend(message)
        if message.speaker is Speaker.SELF:
            self._windows.note(message)
            return certain
        policy = await self._policies.of(message.channel)
        if policy.hearing is not Hearing.LISTEN:
            self._windows.close(message.channel.channel_id)
            if policy.hearing is Hearing.IGNORE or not certain.is_hers:
                return _left(IGNORED if policy.hearing is Hearing.IGNORE else NOT_ADDRESSED, policy)
        if await self.is_opted_out(message.author.user_id):
            return _left(OPTED_OUT, policy)
        if policy.hearing is not Hearing.LISTEN:
            return self._asked(message, policy)
        return await self._decided(message, policy, is_certain=certain.is_hers, is_hurried=is_hurried)

    async def is_opted_out(self, user_id: UserId) -> bool:
        """Say whether somebody wants not to be heard."""
        return user_id in await self.opted_out()

    async def opted_out(self) -> Collection[UserId]:
        """Give everybody who wants not to be heard."""
        return await self._silences.now()

    def note(self, message: Message) -> None:
        """Note one of her own lines, as Discord shows it."""
        self._windows.note(message)

    def forget(self, channel_id: ChannelId, message_ids: Sequence[MessageId]) -> None:
        """Take deleted lines out of what is known of a room."""
        self._windows.forget(channel_id, message_ids)

    async def _decided(self, message: Message, policy: RoomPolicy, *, is_certain: bool, is_hurried: bool) -> Attention:
        window = await self._window(message, is_certain=is_certain)
        around = await self._around(message)
        features = window.look(message, around)
        interests = None if is_certain or is_hurried else self._interests
        if interests is not None and window.interest_matters(features, policy):
            interest = await interests.of(message.content)
            if interest is not None:
                features = window.look(message, replace(around, interest=interest))
        decision = decide(features, policy, is_quiet=_is_quiet(policy, around.now))
        window.note(message, decision)
        if decision.outcome is Outcome.CONSIDER:
            self._allowance.spend()
        return _attention(decision, policy)

    def _asked(self, message: Message, policy: RoomPolicy) -> Attention:
        """Decide on a line that asks for her where she does not listen: whatever else was said plays no part."""
        now = self._clock.now()
        features = Features(
            by=str(message.speaker),
            at=now.timestamp(),
            age_s=max(0.0, (now - message.sent_at).total_seconds()),
            is_dm=message.channel.kind is ChannelKind.DM,
            is_mention=message.mentions_self,
            is_reply=message.replies_to_self,
        )
        decision = decide(features, policy, is_quiet=_is_quiet(policy, now))
        told = {name: value for name, value in decision.features.items() if UNREMARKABLE.get(name, ...) != value}
        return _attention(replace(decision, features=told), policy)

    async def _window(self, message: Message, *, is_certain: bool) -> RoomWindow:
        try:
            return await self._windows.of(message.channel.channel_id)
        except StoreError:
            if not is_certain:
                raise
            return self._windows.empty()  # what asks for her is hers whatever was said before

    async def _around(self, message: Message) -> Surroundings:
        now = self._clock.now()
        mood = await self._mood(message.channel.guild_id, message.author.user_id, now)
        return Surroundings(
            now=now,
            pleasure=mood.pleasure,
            arousal=mood.arousal,
            need=mood.need,
            calls_left=await self._allowance.left(),
            is_own_thread=await self._policies.is_own(message.channel),
        )

    async def _mood(self, guild_id: GuildId | None, user_id: UserId, now: datetime) -> Mood:
        place = None if self._feel.temper.is_shared else guild_id
        known = self._moods.get((place, user_id))
        if known is not None and now < known.until:
            return known
        if len(self._moods) >= MOODS_KEPT:
            self._moods.clear()
        self._moods[place, user_id] = mood = await self._felt(place, user_id, now + MOOD_FOR)
        return mood

    async def _felt(self, place: GuildId | None, user_id: UserId, until: datetime) -> Mood:
        """Read how she feels, and how much she needs a word from somebody she knows."""
        try:
            looked = await self._feel.look(place, (user_id,))
        except CompanionError as exc:
            log.info("her mood was not read; the line is judged without", extra={"cause": str(exc)})
            return Mood(0.0, 0.0, NEED_OF_STRANGERS, until)
        pleasure, arousal, _ = shown(looked.feelings.soul.mood)
        is_known = user_id in looked.kept.persons
        return Mood(pleasure, arousal, looked.feelings.persons[user_id].need if is_known else NEED_OF_STRANGERS, until)


def _is_quiet(policy: RoomPolicy, now: datetime) -> bool:
    return policy.quiet is not None and policy.quiet.holds(now)


def _left(reason: str, policy: RoomPolicy) -> Attention:
    return Attention(is_hers=False, reasons=(reason,), policy=policy)


def _attention(decision: Decision, policy: RoomPolicy) -> Attention:
    is_hers = decision.outcome in (Outcome.ANSWER, Outcome.CONSIDER)
    is_recorded = decision.outcome is not Outcome.LEAVE
    return Attention(is_hers, decision.reasons, decision if is_recorded else None, policy)
