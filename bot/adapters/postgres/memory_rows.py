"""Memories between rows and values: the columns everybody reads, and how new ones are written.

A statement that keeps memories takes them as JSON (`new_memories_json`), names them `new` (`NEW_MEMORIES`) and puts
`KEEP_MEMORIES` among its CTEs; `kept` then holds the rows, `sourced` wrote where they came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.adapters.postgres.rows import json_text, storable
from bot.domain.ids import MemoryId, MessageId, UserId
from bot.domain.memory import TEXT_MOST, Memory, MemoryKind, MemoryState, Milestone, NewMemory, Origin
from bot.domain.memory_merge import AGAIN_AFTER, AGAIN_DOUBT, SURE_LEAST
from bot.domain.memory_text import text_key
from bot.domain.message import Audience, AudienceKind
from bot.domain.searchable import searchable

Row = Any  # asyncpg's records carry no types

_READ = (
    *("memory_id", "owner_id", "kind", "text", "audience_kind", "audience_id", "state", "origin", "about_id"),
    *("salience", "confidence", "tags", "mood", "said_at", "created_at", "valid_from", "valid_to", "due_at", "done_at"),
    *("milestones", "is_pinned", "is_edited", "seen_count", "used_count", "used_at", "superseded_by"),
)


def memory_columns(alias: str = "memories") -> str:
    """Give what `memory_of` reads, as a select list over rows of ``memories`` that are called *alias*."""
    columns = ", ".join(f"{alias}.{name}" for name in _READ)
    sources = f"SELECT s.message_id FROM memory_sources s WHERE s.memory_id = {alias}.memory_id ORDER BY s.message_id"
    return f"{columns}, array({sources}) AS sources"


def memory_of(row: Row) -> Memory:
    """Read a row of `memory_columns`."""
    about, replaced_by, mood = row["about_id"], row["superseded_by"], row["mood"]
    return Memory(
        memory_id=MemoryId(row["memory_id"]),
        owner_id=UserId(row["owner_id"]),
        kind=MemoryKind(row["kind"]),
        text=row["text"],
        audience=Audience(AudienceKind(row["audience_kind"]), row["audience_id"]),
        sources=tuple(MessageId(one) for one in row["sources"]),
        salience=row["salience"],
        confidence=row["confidence"],
        said_at=row["said_at"],
        origin=Origin(row["origin"]),
        state=MemoryState(row["state"]),
        created_at=row["created_at"],
        about_id=None if about is None else UserId(about),
        tags=tuple(row["tags"]),
        mood=None if mood is None else (mood[0], mood[1], mood[2]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        due_at=row["due_at"],
        done_at=row["done_at"],
        milestones=milestones_of(row["milestones"]),
        is_pinned=row["is_pinned"],
        is_edited=row["is_edited"],
        seen_count=row["seen_count"],
        used_count=row["used_count"],
        used_at=row["used_at"],
        superseded_by=None if replaced_by is None else MemoryId(replaced_by),
    )


def milestones_of(text: str) -> tuple[Milestone, ...]:
    """Read the steps of a goal from their JSON."""
    if text == "[]":
        return ()
    return tuple(Milestone(one["text"], _moment(one["done_at"])) for one in json.loads(text))


def milestones_json(milestones: Iterable[Milestone]) -> str:
    """Write the steps of a goal as JSON for a jsonb column."""
    return json_text(_milestones(milestones))


def new_memory_json(memory: NewMemory) -> dict[str, object]:
    """Give the fields of a new memory as one object of the JSON that `NEW_MEMORIES` reads."""
    text = storable(memory.text)[:TEXT_MOST]
    looked_up = searchable(text)
    return {
        "owner_id": memory.owner_id,
        "kind": memory.kind,
        "text": text,
        "text_key": text_key(text),
        "audience_kind": memory.audience.kind,
        "audience_id": memory.audience.audience_id,
        "state": memory.state,
        "origin": memory.origin,
        "about_id": memory.about_id,
        "salience": memory.salience,
        "confidence": memory.confidence,
        "tags": list(memory.tags),
        "mood": None if memory.mood is None else list(memory.mood),
        "said_at": memory.said_at.isoformat(),
        "valid_from": _iso(memory.valid_from),
        "valid_to": _iso(memory.valid_to),
        "due_at": _iso(memory.due_at),
        "milestones": _milestones(memory.milestones),
        "is_pinned": memory.is_pinned,
        "language": looked_up.language,
        "lookup": looked_up.text,
        "sources": list(memory.sources),
    }


def new_memories_json(memories: Sequence[NewMemory]) -> str:
    """Give new memories as the JSON that `NEW_MEMORIES` reads."""
    return json_text([new_memory_json(memory) for memory in memories])


def _milestones(milestones: Iterable[Milestone]) -> list[dict[str, object]]:
    return [{"text": one.text, "done_at": _iso(one.done_at)} for one in milestones]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


ASKED = "timestamptz 'epoch'"  # `reflected_at` of what holds and is to be thought over, though it does not wait
KEY = ("owner_id", "audience_kind", "audience_id", "kind", "text_key")
_WRITTEN = {
    "owner_id": "bigint",
    "kind": "text",
    "text": "text",
    "text_key": "text",
    "audience_kind": "text",
    "audience_id": "bigint",
    "state": "text",
    "origin": "text",
    "about_id": "bigint",
    "salience": "smallint",
    "confidence": "float8",
    "tags": "text[]",
    "mood": "float8[]",
    "said_at": "timestamptz",
    "valid_from": "timestamptz",
    "valid_to": "timestamptz",
    "due_at": "timestamptz",
    "milestones": "jsonb",
    "is_pinned": "boolean",
}
NEW_MEMORY_FIELDS = ", ".join(f"{name} {kind}" for name, kind in _WRITTEN.items()) + (
    ", language text, lookup text, sources bigint[]"
)


def new_memories(parameter: str, condition: str = "true") -> str:
    """Give the CTE `new`: memories to keep, from the JSON in *parameter*; of one text only the first.

    *condition* is what has to hold of a row, which is called `n`.
    """
    key = ", ".join(f"n.{name}" for name in KEY)
    return f"""new AS MATERIALIZED (
    SELECT DISTINCT ON ({key}) n.*
    FROM ROWS FROM (jsonb_to_recordset({parameter}::text::jsonb) AS ({NEW_MEMORY_FIELDS})) WITH ORDINALITY AS n
    WHERE {condition}
    ORDER BY {key}, n.ordinality
)"""


def keep_memories(now: str, reflected: str = "NULL") -> str:
    """Give the CTEs `kept` and `sourced`: keep what `new` names, *now* and *reflected* being SQL expressions.

    A text that its owner has already in that audience, of that kind, is told again: it is seen once more and surer,
    and it holds from then on if it was told some time apart; a line that it comes from already tells nothing again.
    `kept` gives the key's columns, memory_id, state and is_new.
    """
    columns = ", ".join(_WRITTEN)
    returned = ", ".join(f"memories.{name}" for name in KEY)
    joined = " AND ".join(f"kept.{name} = new.{name}" for name in KEY)
    apart = f"memories.said_at <= excluded.said_at - interval '{int(AGAIN_AFTER.total_seconds())} seconds'"
    same = " AND ".join(f"new.{name} = excluded.{name}" for name in KEY)
    sources = "SELECT message_id FROM memory_sources WHERE memory_id = memories.memory_id"
    known = f"SELECT FROM new WHERE {same} AND new.sources <> '{{}}' AND new.sources <@ ARRAY({sources})"
    again = f"least(memories.confidence, excluded.confidence) >= {SURE_LEAST} AND {apart}"
    return f"""kept AS (
    INSERT INTO memories ({columns}, created_at, reflected_at, lexemes)
    SELECT {", ".join("new." + name for name in _WRITTEN)}, {now}::timestamptz, {reflected}::timestamptz,
        to_tsvector(new.language::regconfig, new.lookup)
    FROM new
    ON CONFLICT (owner_id, audience_kind, audience_id, kind, md5(text_key)) WHERE state IN ('candidate', 'current')
    DO UPDATE SET seen_count = memories.seen_count + CASE WHEN EXISTS ({known}) THEN 0 ELSE 1 END,
        confidence = CASE WHEN EXISTS ({known}) THEN greatest(memories.confidence, excluded.confidence)
            ELSE 1 - (1 - greatest(memories.confidence, excluded.confidence)) * {AGAIN_DOUBT} END,
        salience = greatest(memories.salience, excluded.salience),
        is_pinned = memories.is_pinned OR excluded.is_pinned,
        due_at = coalesce(excluded.due_at, memories.due_at),
        origin = CASE WHEN excluded.origin = 'person' THEN 'person' ELSE memories.origin END,
        state = CASE WHEN excluded.state = 'current' OR ({again}) THEN 'current' ELSE memories.state END,
        said_at = greatest(memories.said_at, excluded.said_at)
    RETURNING {returned}, memories.memory_id, memories.state, memories.xmax = 0 AS is_new
), sourced AS (
    INSERT INTO memory_sources (memory_id, message_id)
    SELECT DISTINCT kept.memory_id, m.message_id
    FROM kept JOIN new ON {joined}, unnest(new.sources) AS source
    JOIN messages m ON m.message_id = source AND m.state <> 'withdrawn'
    ON CONFLICT DO NOTHING
)"""
