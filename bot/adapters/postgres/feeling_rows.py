"""Map rows of her feelings to domain values and back, by hand; numbers pass unrounded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.adapters.postgres.feeling_tables import AMOUNTS, LEVELS, SENTIMENTS
from bot.domain.affect.appraisal import FIELD_NAMES, Appraisal
from bot.domain.affect.personality import Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.state import PersonState, SoulState
from bot.domain.affect.timeline import Nature
from bot.domain.chronicle import AffectEvent, FeltMessage, PersonRecord, SoulRecord, Turning
from bot.domain.feeling import EventKind, SoulId
from bot.domain.ids import MessageId, UserId

Row = Any  # asyncpg's records carry no types
PARTS = {"": "value", "_earned": "earned", "_gained": "gained", "_lost": "lost"}  # column suffix: field
# Below this nothing moves quickly any more: nobody can tell it, and the row need not be looked at.
COOL = 1e-4


def soul_of(row: Row) -> SoulRecord:
    """Read a row of ``souls``."""
    state = SoulState(
        tier=row["tier"],
        home=Ocean(*row["home"]),
        ocean=Ocean(*row["ocean"]),
        emotions=tuple(row["emotions"]),
        mood=tuple(row["mood"]),
        mood_area=tuple(row["mood_area"]),
        day_h=row["day_h"],
        is_drift_frozen=row["is_drift_frozen"],
    )
    return SoulRecord(
        soul_id=SoulId(row["soul_id"]),
        state=state,
        lived_until=row["lived_until"],
        born_at=row["born_at"],
        version=row["version"],
        model_version=row["model_version"],
        preset=row["preset"],
    )


def person_of(row: Row) -> PersonRecord:
    """Read a row of ``sentiments``."""
    values: dict[str, Any] = {name: row[name] for name in (*LEVELS, *AMOUNTS)}
    for name in SENTIMENTS:
        values[name] = Sentiment(**{part: row[name + suffix] for suffix, part in PARTS.items()})
    state = PersonState(tuple(row["directed"]), **values, stage=Stage(row["stage"]), bond=row["bond"])
    return PersonRecord(state, row["person_lived_until"], row["met_at"])


def natures_of(row: Row) -> tuple[Nature, ...]:
    """Read the two arrays that natures are fetched as."""
    if not row["nature_since"]:
        return ()
    return tuple(
        Nature(since, Ocean(*ocean)) for since, ocean in zip(row["nature_since"], row["nature_ocean"], strict=True)
    )


def events_of(rows: Iterable[Row]) -> tuple[AffectEvent, ...]:
    """Read events joined with their appraisals, one row a message; events stay in order."""
    events: dict[int, AffectEvent] = {}
    messages: dict[int, list[FeltMessage]] = {}
    for row in rows:
        event_id = row["event_id"]
        if event_id not in events:
            events[event_id] = _event_of(row)
            messages[event_id] = []
        if row["message_id"] is not None:
            messages[event_id].append(_felt_of(row))
    return tuple(_with_messages(event, tuple(messages[event_id])) for event_id, event in events.items())


def _event_of(row: Row) -> AffectEvent:
    user_id = row["event_user_id"]
    return AffectEvent(
        event_id=row["event_id"],
        kind=EventKind(row["kind"]),
        happened_at=row["happened_at"],
        model_version=row["model_version"],
        user_id=None if user_id is None else UserId(user_id),
        detail=json.loads(row["detail"]),
        applied_at=row["applied_at"],
        seq=row["seq"],
    )


def _felt_of(row: Row) -> FeltMessage:
    appraisal = Appraisal(**{name: row[name] for name in FIELD_NAMES})
    return FeltMessage(MessageId(row["message_id"]), UserId(row["user_id"]), appraisal, row["similarity"])


def _with_messages(event: AffectEvent, messages: tuple[FeltMessage, ...]) -> AffectEvent:
    return event if not messages else AffectEvent(**{**_fields(event), "messages": messages})


def _fields(event: AffectEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in AffectEvent.__slots__}


def soul_values(soul: SoulRecord) -> tuple[object, ...]:
    """Give what a soul's row is updated to, in the order of the statement."""
    state = soul.state
    return (
        state.tier,
        list(state.home),
        list(state.ocean),
        list(state.emotions),
        list(state.mood),
        list(state.mood_area),
        state.day_h,
        state.is_drift_frozen,
        soul.preset,
        soul.version,
        soul.model_version,
        soul.lived_until,
    )


def persons_json(changed: Mapping[UserId, PersonRecord], given: Mapping[UserId, PersonRecord]) -> str:
    """Write people as one JSON array of flat rows, in the order in which their rows are locked.

    Each says as of when it was *given*; None for somebody new.
    """
    return json.dumps([_person_row(user_id, changed[user_id], given.get(user_id)) for user_id in sorted(changed)])


def _person_row(user_id: UserId, record: PersonRecord, before: PersonRecord | None) -> dict[str, object]:
    state = record.state
    row: dict[str, object] = {
        "user_id": user_id,
        "was": None if before is None else before.lived_until.isoformat(),
        "directed": state.directed,
        "stage": state.stage,
        "bond": state.bond,
        "is_hot": is_hot(state),
        "met_at": record.met_at.isoformat(),
        "lived_until": record.lived_until.isoformat(),
    }
    for name in SENTIMENTS:
        parts = asdict(getattr(state, name))
        row |= {name + suffix: parts[part] for suffix, part in PARTS.items()}
    return row | {name: getattr(state, name) for name in (*LEVELS, *AMOUNTS)}


def is_hot(state: PersonState) -> bool:
    """Say whether something towards this person still moves within hours."""
    return any(state.directed) or state.tension > COOL or state.share_used > COOL


def applied_json(applied: Sequence[tuple[int, Any, int]]) -> str:
    """Write which events were lived, when and as which of the soul's."""
    return json.dumps([{"event_id": one, "applied_at": at.isoformat(), "seq": seq} for one, at, seq in applied])


def stirred_json(stirred: Mapping[MessageId, Mapping[str, float]]) -> str:
    """Write what each message stirred."""
    return json.dumps([{"message_id": one, "stirred": emotions} for one, emotions in stirred.items() if emotions])


def turnings_json(turnings: Sequence[Turning]) -> str:
    """Write the natures that began; of two at the same moment the later counts."""
    latest = {turning.nature.since: turning for turning in turnings}
    return json.dumps(
        [
            {"since": since.isoformat(), "ocean": turning.nature.ocean, "displacement": turning.displacement}
            for since, turning in latest.items()
        ]
    )
