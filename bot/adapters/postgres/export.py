"""Export: every row of one person as JSON, table by table, without another person's words and without hers.

`EXPORTED` names for each table which columns go out; `LEFT_OUT` says why a column or a table does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.adapters.postgres.pool import StatementPool
from bot.domain.ids import UserId

FORMAT, FORMAT_VERSION = "mira-export", 1


@dataclass(frozen=True, slots=True)
class Exported:
    """What of a table goes out: all columns but *but*, of rows for which *where* holds ($1 is the person)."""

    where: str
    but: tuple[str, ...] = ()


_OWN_LINE = "message_id IN (SELECT message_id FROM messages WHERE author_id = $1)"
_HOME = """channel_id IN (
    SELECT m.channel_id FROM messages m JOIN channels c USING (channel_id) WHERE m.author_id = $1 AND c.kind = 'dm'
    UNION SELECT t.channel_id FROM timers t JOIN channels c USING (channel_id) WHERE t.user_id = $1 AND c.kind = 'dm'
)"""
_SEARCH_FORM = ("lexemes", "vector", "embedder_id")

EXPORTED: Mapping[str, Exported] = {
    "people": Exported("user_id = $1"),
    "silences": Exported("user_id = $1"),
    "channels": Exported(_HOME),
    "contexts": Exported(_HOME),
    "messages": Exported("author_id = $1", ("quote", "forwards", "mentioned_names", "wake_job_id")),
    "message_changes": Exported(_OWN_LINE),
    "decisions": Exported(_OWN_LINE),
    "recall_lines": Exported("owner_id = $1", _SEARCH_FORM),
    "memories": Exported("owner_id = $1", _SEARCH_FORM),
    "memory_sources": Exported("memory_id IN (SELECT memory_id FROM memories WHERE owner_id = $1)"),
    "memory_refusals": Exported("owner_id = $1"),
    "reflections": Exported("owner_id = $1"),
    "summaries": Exported("person_id = $1 OR audience_kind = 'person' AND audience_id = $1"),
    "timers": Exported("user_id = $1"),
    "appraisals": Exported("user_id = $1"),
    "affect_events": Exported("user_id = $1 OR turn_id IN (SELECT turn_id FROM appraisals WHERE user_id = $1)"),
    "sentiments": Exported("user_id = $1"),
    "sentiment_days": Exported("user_id = $1"),
    "channel_policies": Exported("set_by = $1"),
    "person_manners": Exported("user_id = $1"),
    "channel_manners": Exported(_HOME),
    "guild_settings": Exported("set_by = $1"),
}

LEFT_OUT: Mapping[str, str] = {
    "messages.quote": "the words of another person, or hers",
    "messages.forwards": "the words of another person",
    "messages.mentioned_names": "the names of other people",
    "messages.wake_job_id": "a number of the queue",
    "recall_lines.lexemes": "the line again, as search terms",
    "recall_lines.vector": "the line again, as figures",
    "recall_lines.embedder_id": "which model made the figures",
    "memories.lexemes": "the text again, as search terms",
    "memories.vector": "the text again, as figures",
    "memories.embedder_id": "which model made the figures",
    "outbox": "her words",
    "turns": "how she answered, which may be several people at once; what came of it for the person is in their rows",
    "self_notes": "what she thinks of herself",
    "self_note_sources": "what she thinks of herself",
    "early_deletes": "ids of lines that never came, without their author",
    "model_calls": "figures of calls",
    "voice_counts": "how models sounded",
    "model_rungs": "what model servers can do",
    "gateway_holders": "which process runs",
    "gateway_marks": "how far the gateway was heard",
    "identify_slots": "when a process may identify",
    "processes": "which processes run",
    "failures": "faults, without anybody's words",
    "embedders": "names of models",
    "souls": "her own state, made of everybody's doing",
    "natures": "her own temperament",
    "mood_history": "her own mood",
    "job_slots": "which scheduled work was done",
}


class PostgresExport:
    """Reads one person's rows."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def __call__(self, user_id: UserId, now: datetime) -> dict[str, object]:
        """Give everything that is kept of a person as JSON values, by table; tables without a row of theirs are empty.

        Raises:
            StoreError: the database failed.
        """
        tables: dict[str, object] = {}
        for name, exported in EXPORTED.items():
            found = await self._pool.run(_statement(name, exported), user_id)
            tables[name] = [json.loads(row["fields"]) for row in found]
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "user_id": str(user_id),
            "made_at": now.isoformat(),
            "tables": tables,
        }


def count_rows(export: Mapping[str, object]) -> dict[str, int]:
    """Give how many rows an export holds, by table; none but those with rows."""
    tables = export["tables"]
    assert isinstance(tables, dict)
    return {name: len(found) for name, found in tables.items() if found}


def _statement(table: str, exported: Exported) -> str:
    without = "".join(f" - '{column}'" for column in exported.but)
    return f"SELECT (to_jsonb(t){without})::text AS fields FROM {table} t WHERE {exported.where} ORDER BY t"
