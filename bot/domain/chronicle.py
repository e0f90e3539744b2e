"""How a soul's history is lived: events in order, time between them, and what changed on the way.

The same code applies events as they come and replays them from the first one, so a snapshot is the replay of its
events. Time is given from outside; nothing here reads a clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.affect.appraisal import Appraisal
from bot.domain.affect.burst import Heard
from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.affect.drift import Drifted
from bot.domain.affect.emotions import NAMES, Tier
from bot.domain.affect.inner_events import InnerEvent
from bot.domain.affect.mood import Vector
from bot.domain.affect.personality import read_ocean
from bot.domain.affect.state import PersonState, SoulState
from bot.domain.affect.timeline import HOUR, Nature, hour_of_day, hours_between
from bot.domain.affect.versions import Model, model_of
from bot.domain.feeling import EventKind, SoulId
from bot.domain.ids import MessageId, UserId

# An event that comes later than this after time went on without it means that a clock was wrong and was set back.
LATE_MOST = timedelta(hours=1)
STIRRED_LEAST = 0.005  # a change of a shared emotion that is worth naming as a cause
STIRRED_DIGITS = 6
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SoulRecord:
    """A soul as it is kept: its state at *lived_until*; *version* counts the events it has lived."""

    soul_id: SoulId
    state: SoulState
    lived_until: datetime
    born_at: datetime
    version: int
    model_version: int
    preset: str | None = None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as they are kept: what they mean to her at *lived_until*."""

    state: PersonState
    lived_until: datetime
    met_at: datetime


@dataclass(frozen=True, slots=True)
class FeltMessage:
    """A message of a burst, as it was understood; *similarity* to what that person said before is in [0, 1]."""

    message_id: MessageId
    user_id: UserId
    appraisal: Appraisal
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class AffectEvent:
    """One entry of a soul's history; *applied_at* and *seq*, its place there, are None until it has been lived."""

    event_id: int
    kind: EventKind
    happened_at: datetime
    model_version: int
    user_id: UserId | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    messages: tuple[FeltMessage, ...] = ()
    applied_at: datetime | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Turning:
    """A nature that begins, and the displaced mood that brought it; None where an admin did."""

    nature: Nature
    displacement: Vector | None


class Chronicle:
    """One soul and its people, brought forward through events; remembers what changed.

    *natures* are oldest first and reach back to the least recent *lived_until* given. People nobody spoke with
    are left exactly as they are. *given* are the people as they were at first, *forgotten* those to be kept no more.
    """

    def __init__(self, soul: SoulRecord, natures: Sequence[Nature], persons: Mapping[UserId, PersonRecord]) -> None:
        self.soul = soul
        self.given: Mapping[UserId, PersonRecord] = persons
        self.persons = dict(persons)
        self.changed: dict[UserId, PersonRecord] = {}
        self.turnings: list[Turning] = []
        self.applied: list[tuple[int, datetime, int]] = []
        self.stirred: dict[MessageId, dict[str, float]] = {}
        self.is_reset = False
        self.forgotten: set[UserId] = set()
        self._natures = list(natures) or [Nature(soul.born_at, soul.state.ocean)]

    @property
    def at(self) -> datetime:
        """Give the moment up to which the soul has lived."""
        return self.soul.lived_until

    @property
    def natures(self) -> tuple[Nature, ...]:
        """Give every nature known here, oldest first."""
        return tuple(self._natures)

    def live_until(self, at: datetime) -> None:
        """Let time pass; time that went backwards changes nothing."""
        hours = hours_between(self.at, at)
        if hours <= 0.0:
            return
        midnight = _midnight_after(self.at, self.soul.state.day_h)
        state, _, drifts = self._model.live(self.soul.state, _NOBODY, hours)
        for number, drift in enumerate(drifts):
            self._turn(midnight + number * DAY, drift)
        self.soul = replace(self.soul, state=state, lived_until=at)

    def person(self, user_id: UserId) -> PersonRecord:
        """Give what somebody means to her now; someone she never met is new."""
        known = self.persons.get(user_id)
        if known is None:
            return PersonRecord(self._model.new_person(self.soul.state.tier), self.at, self.at)
        first = max(0, bisect_right(self._natures, known.lived_until, key=_since) - 1)
        state = known.state
        if len(state.directed) != len(self.soul.state.emotions):
            # each emotion fades by itself: whether they are brought over before or after makes no difference
            state = self._model.person_in_tier(state, self.soul.state.tier)
        state = self._model.person_until(
            state, self.soul.state, self._natures[first:], start=known.lived_until, end=self.at
        )
        return PersonRecord(state, self.at, known.met_at)

    def live(self, event: AffectEvent) -> None:
        """Live through one event: at its own time, or now where time went on without it."""
        self._move_to(event.applied_at or self._effective(event.happened_at))
        if event.model_version != self.soul.model_version:
            self.soul = replace(self.soul, model_version=model_of(event.model_version).version)
        self._apply(event)
        self.soul = replace(self.soul, version=self.soul.version + 1)
        self.applied.append((event.event_id, self.at, self.soul.version))

    @property
    def _model(self) -> Model:
        return model_of(self.soul.model_version)

    def _effective(self, happened_at: datetime) -> datetime:
        return happened_at if happened_at < self.at - LATE_MOST else max(happened_at, self.at)

    def _move_to(self, at: datetime) -> None:
        self.live_until(at)
        if at < self.at:
            self.soul = _set_back(self.soul, at)
            self._begin(Nature(at, self.soul.state.ocean), None)

    def _apply(self, event: AffectEvent) -> None:
        state, detail = self.soul.state, event.detail
        if event.kind is EventKind.BURST:
            self._hear(event.messages, _number(detail.get("leak", DEFAULT_LEAK)))
        elif event.kind is EventKind.INNER:
            inner, strength = InnerEvent(str(detail["event"])), _number(detail["strength"])
            self._become(self._model.apply_inner_event(state, inner, strength))
        elif event.kind is EventKind.PRESET:
            home = read_ocean(_numbers(detail["home"]))
            self._become(replace(state, home=home, ocean=home))
            self.soul = replace(self.soul, preset=str(detail["preset"]))
            self._begin(Nature(self.at, home), None)
        elif event.kind is EventKind.FREEZE:
            self._become(replace(state, is_drift_frozen=bool(detail["is_frozen"])))
        elif event.kind is EventKind.TIER:
            self._become(self._model.soul_in_tier(state, _tier(detail["tier"])))
        elif event.kind is EventKind.BOND and event.user_id is not None:
            known = self.person(event.user_id)
            self._know(event.user_id, replace(known, state=replace(known.state, bond=str(detail["bond"]))))
        elif event.kind in (EventKind.BIRTH, EventKind.RESET):
            self._begin_anew()

    def _hear(self, messages: Sequence[FeltMessage], leak: float) -> None:
        """Apply a burst; only those who spoke change, and only by their own lines."""
        before = self.soul.state
        records = {message.user_id: self.person(message.user_id) for message in messages}
        people = {user_id: record.state for user_id, record in records.items()}
        burst = [(one, Heard(one.user_id, one.appraisal, one.similarity)) for one in messages]
        after, states = self._model.apply_burst(before, people, [heard for _, heard in burst], leak=leak)
        for one, heard in burst:
            alone = after
            if len(burst) > 1:
                alone, _ = self._model.apply_burst(before, people, [heard], leak=leak)
            self.stirred[one.message_id] = _difference(before, alone)
        self._become(after)
        for user_id, record in records.items():
            self._know(user_id, replace(record, state=states[user_id]))

    def _begin_anew(self) -> None:
        state = self.soul.state
        fresh = self._model.new_soul(
            state.tier, state.home, day_h=hour_of_day(self.at), is_drift_frozen=state.is_drift_frozen
        )
        self._become(fresh)
        self.persons.clear()
        self.changed.clear()
        self.is_reset = True
        self._begin(Nature(self.at, fresh.ocean), None)

    def _become(self, state: SoulState) -> None:
        self.soul = replace(self.soul, state=state)

    def _know(self, user_id: UserId, record: PersonRecord) -> None:
        self.persons[user_id] = self.changed[user_id] = record

    def _turn(self, midnight: datetime, drift: Drifted) -> None:
        self._begin(Nature(midnight, drift.after), drift.displacement)

    def _begin(self, nature: Nature, displacement: Vector | None) -> None:
        while self._natures and self._natures[-1].since >= nature.since:
            self._natures.pop()  # the same moment, or a clock that was set back
        self._natures.append(nature)
        self.turnings.append(Turning(nature, displacement))


_NOBODY: Mapping[int, PersonState] = {}


def _since(nature: Nature) -> datetime:
    return nature.since


def _midnight_after(at: datetime, day_h: float) -> datetime:
    """Give the midnight that ends the day of which *day_h* hours are lived at *at*, exactly."""
    noon_after = at.astimezone(UTC) + (DAY - day_h * HOUR) + DAY / 2
    return noon_after.replace(hour=0, minute=0, second=0, microsecond=0)


def _set_back(soul: SoulRecord, at: datetime) -> SoulRecord:
    """Give *soul* unchanged at an earlier moment; the mean mood of its day is kept."""
    day_h = hour_of_day(at)
    share = day_h / soul.state.day_h if soul.state.day_h > 0.0 else 0.0
    pleasure, arousal, dominance = soul.state.mood_area
    area = (pleasure * share, arousal * share, dominance * share)
    return replace(soul, state=replace(soul.state, day_h=day_h, mood_area=area), lived_until=at)


def _difference(before: SoulState, after: SoulState) -> dict[str, float]:
    """Name the shared emotions that rose, and by how much."""
    rises = zip(NAMES[after.tier], before.emotions, after.emotions, strict=True)
    return {name: round(now - then, STIRRED_DIGITS) for name, then, now in rises if now - then >= STIRRED_LEAST}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _numbers(value: object) -> list[float]:
    return [_number(one) for one in value] if isinstance(value, Sequence) else []


def _tier(value: object) -> Tier:
    return "lite" if value == "lite" else "rich"
