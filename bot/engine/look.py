"""Look: what may be shown of her feelings, and to whom; changes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.affect.bateman import bateman
from bot.domain.affect.dynamics import Dynamics, dynamics_of
from bot.domain.affect.emotions import INDEX, Tier
from bot.domain.affect.impulses import IMPULSE_SCALE
from bot.domain.affect.inner_events import DRIVEN, InnerEvent
from bot.domain.affect.mood import octant, shown, strength
from bot.domain.affect.personality import Ocean
from bot.domain.affect.state import PersonState, SoulState
from bot.domain.affect.timeline import hours_between
from bot.domain.affect.traits import read_traits
from bot.domain.expressions import fitting_expression, neutral_expression
from bot.domain.feeling import (
    Cause,
    CauseKind,
    CauseTrace,
    EventKind,
    MoodPoint,
    MoodView,
    PersonalityView,
    RelationshipView,
    Standing,
)
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.manner import risen, risen_in_all
from bot.domain.message import AudienceKind
from bot.domain.persona import Companion, Expression, Persona
from bot.engine.feel import Feel
from bot.engine.mind import Mind
from bot.errors import StoreError
from bot.feeling_ports import FeelingStore

CAUSES_MOST = 3
CAUSES_SINCE = timedelta(days=3)  # what moved her longer ago has faded from emotion and mood alike
LEFT_LEAST = 0.005  # of an emotion, below which a cause is over
SHOWN_LEAST = 0.02  # above rest, below which an emotion is not named
STRONGEST_MOST = 5
DAYS_BACK = timedelta(days=31)


class Look:
    """Answers what people ask about her feelings."""

    def __init__(self, *, feel: Feel, store: FeelingStore, mind: Mind, traits: Tier) -> None:
        self._feel = feel
        self._store = store
        self._mind = mind
        self._traits = traits

    @property
    def companion(self) -> Companion:
        """Give who is looked at."""
        return self._mind.companion

    @property
    def persona(self) -> Persona:
        """Give the persona she wears."""
        return self._mind.persona

    async def mood(self, guild_id: GuildId | None, *, span: timedelta) -> MoodView:
        """Give how she feels now, and the mood's history over *span*.

        Raises:
            StoreError: the database failed.
        """
        looked = (await self._feel.look(guild_id, ())).feelings
        points = await self._store.mood_history(looked.soul_id, looked.at - span, looked.at)
        now = mood_point(looked.soul, looked.at)
        return mood_view(looked.soul, now, (*points, now))

    async def causes(self, user_id: UserId, *, guild_id: GuildId | None, channel_id: ChannelId) -> tuple[Cause, ...]:
        """Give the strongest causes of how she feels, told only as far as the asker may know.

        Raises:
            StoreError: the database failed.
        """
        looked = (await self._feel.look(guild_id, ())).feelings
        traces = await self._store.causes(looked.soul_id, looked.at - CAUSES_SINCE, looked.at)
        dynamics = dynamics_of(looked.soul.tier, looked.soul.ocean)
        moved = [
            (remnant, trace) for trace in traces if (remnant := _strongest(trace, dynamics, looked.at)) is not None
        ]
        moved.sort(key=lambda one: (-one[0].amount, one[1].at))
        return _told(_cause(trace, remnant, user_id, channel_id) for remnant, trace in moved)

    async def relationship(self, user_id: UserId, *, guild_id: GuildId | None) -> RelationshipView:
        """Give what she feels about one person, and how it moved.

        Raises:
            StoreError: the database failed.
        """
        looked = await self._feel.look(guild_id, (user_id,))
        feelings, known = looked.feelings, looked.kept.persons.get(user_id)
        person, now = feelings.persons[user_id], feelings.at
        days = await self._store.standing_days(feelings.soul_id, user_id, now - DAYS_BACK)
        return RelationshipView(
            at=now,
            met_at=None if known is None else known.met_at,
            state=person,
            strongest=_named(risen(feelings.soul, person, leak=0.0)),  # what is about them, not what is in the air
            days=(*(day for day in days if day.day.date() < now.date()), _standing(person, now)),
        )

    async def personality(self, guild_id: GuildId | None) -> PersonalityView:
        """Give who she is and was born as.

        Raises:
            StoreError: the database failed.
        """
        soul = await self._feel.record(guild_id)
        ocean, home, own = soul.state.ocean, soul.state.home, self.companion.traits
        return PersonalityView(
            born_at=soul.born_at,
            preset=soul.preset,
            factors=ocean._asdict(),
            drift=Ocean(*(now - then for now, then in zip(ocean, home, strict=True)))._asdict(),
            traits=tuple((one.name, one.band, one.value) for one in read_traits(ocean, self._traits, own)),
            is_drift_frozen=soul.state.is_drift_frozen,
        )

    def expression(self, view: MoodView) -> Expression:
        """Give the face that fits a mood.

        Raises:
            StoreError: the companion has no face at all.
        """
        face = fitting_expression(self.companion, dict(view.strongest)) or neutral_expression(self.companion)
        if face is None:
            raise StoreError("the companion has no expressions")
        return face


def mood_point(soul: SoulState, at: datetime) -> MoodPoint:
    """Give the shown mood of a soul at *at*."""
    return MoodPoint(at, *shown(soul.mood))


def mood_view(soul: SoulState, now: MoodPoint, history: Iterable[MoodPoint]) -> MoodView:
    """Name a soul's mood and its strongest shared feelings."""
    mood = (now.pleasure, now.arousal, now.dominance)
    strongest = _named(risen_in_all(soul, leak=1.0))
    return MoodView(now.at, now, octant(mood), strength(mood), strongest, tuple(history))


def _named(levels: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    named = sorted(((name, level) for name, level in levels.items() if level >= SHOWN_LEAST), key=lambda one: -one[1])
    return tuple(named[:STRONGEST_MOST])


def _standing(person: PersonState, at: datetime) -> Standing:
    return Standing(
        day=at,
        trust=person.trust.value,
        affection=person.affection.value,
        respect=person.respect.value,
        familiarity=person.familiarity.value,
        tension=person.tension,
        stage=person.stage.value,
    )


def _stirred(trace: CauseTrace) -> Mapping[str, float]:
    if trace.kind is EventKind.INNER and trace.inner is not None:
        return {DRIVEN[InnerEvent(trace.inner)]: IMPULSE_SCALE * trace.strength}
    return trace.stirred


@dataclass(frozen=True, slots=True)
class _Remnant:
    """What is left of something that moved her: of which emotion, how much, and which share of what it stirred."""

    emotion: str
    amount: float
    share: float


def _strongest(trace: CauseTrace, dynamics: Dynamics, now: datetime) -> _Remnant | None:
    """Name the emotion of which most is left, as emotion and as the mood it drained into."""
    hours = max(hours_between(trace.at, now), 0.0)
    found: _Remnant | None = None
    for name, stirred in _stirred(trace).items():
        if name not in INDEX or INDEX[name] >= len(dynamics.rates):
            continue  # of another set of emotions
        share = _share_left(dynamics, INDEX[name], hours)
        if stirred * share >= max(LEFT_LEAST, found.amount if found else 0.0):
            found = _Remnant(name, stirred * share, share)
    return found


def _share_left(dynamics: Dynamics, index: int, hours: float) -> float:
    rate, mood_rate = dynamics.rates[index], dynamics.mood_rates[0]
    return math.exp(-rate * hours) + bateman(rate, mood_rate, hours)


def _cause(trace: CauseTrace, remnant: _Remnant, asker: UserId, channel_id: ChannelId) -> Cause:
    kind = _kind(trace, asker, channel_id)
    if kind not in (CauseKind.YOURS, CauseKind.HERE):
        return Cause(kind, remnant.emotion, remnant.share, trace.at)
    return Cause(kind, remnant.emotion, remnant.share, trace.at, trace.guild_id, trace.channel_id, trace.message_id)


def _kind(trace: CauseTrace, asker: UserId, channel_id: ChannelId) -> CauseKind:
    """Say whose doing it is, as far as the asker may know: their own lines, and what this channel heard."""
    if trace.kind is EventKind.INNER:
        return CauseKind.INNER
    if trace.user_id == asker:
        return CauseKind.YOURS
    audience = trace.audience
    if audience is not None and audience.kind is AudienceKind.CHANNEL and audience.audience_id == channel_id:
        return CauseKind.HERE
    return CauseKind.PRIVATE


def _told(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Keep the strongest; what may not be told is told once, or it would say how much there is."""
    told: list[Cause] = []
    for cause in causes:
        if cause.kind is CauseKind.PRIVATE and any(one.kind is CauseKind.PRIVATE for one in told):
            continue
        told.append(cause)
    return tuple(told[:CAUSES_MOST])
