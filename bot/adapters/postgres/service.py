"""What operators ask about: which processes there are, what waits, what failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.adapters.postgres import rows, service_statements
from bot.adapters.postgres.pool import StatementPool
from bot.domain.service import (
    Backlog,
    Failure,
    LineState,
    ModelState,
    Process,
    ProcessName,
    ProcessState,
    Vitals,
)


class PostgresService:
    """Implements `bot.operator_ports.ServiceStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def answers(self) -> None:
        """See `bot.operator_ports.ServiceStore.answers`."""
        await self._pool.run(service_statements.ANSWERS)

    async def beat(self, name: ProcessName, state: ProcessState, vitals: Vitals) -> None:
        """See `bot.operator_ports.ServiceStore.beat`."""
        await self._pool.run(
            service_statements.BEAT,
            name.process_id,
            name.role,
            rows.storable(name.host),
            name.pid,
            name.version,
            state,
            facts_json(vitals),
        )

    async def leave(self, process_id: str) -> None:
        """See `bot.operator_ports.ServiceStore.leave`."""
        await self._pool.run(service_statements.LEAVE, process_id)

    async def processes(self) -> Sequence[Process]:
        """See `bot.operator_ports.ServiceStore.processes`."""
        return tuple(_process_of(row) for row in await self._pool.run(service_statements.PROCESSES))

    async def note(self, failures: Sequence[Failure]) -> None:
        """See `bot.operator_ports.ServiceStore.note`."""
        found = [asdict(failure) | {"happened_at": failure.happened_at.isoformat()} for failure in failures]
        if found:
            await self._pool.run(service_statements.NOTE, rows.storable(rows.json_text(found)))

    async def failures(self, limit: int) -> Sequence[Failure]:
        """See `bot.operator_ports.ServiceStore.failures`."""
        return tuple(_failure_of(row) for row in await self._pool.run(service_statements.FAILURES, limit))

    async def backlog(self, now: datetime) -> Backlog:
        """See `bot.operator_ports.ServiceStore.backlog`."""
        (row,) = await self._pool.run(service_statements.BACKLOG, now)
        return Backlog(**dict(row.items()))


def facts_json(vitals: Vitals) -> str:
    """Write how a process does; what is not known is left out."""
    facts = {name: value for name, value in asdict(vitals).items() if value is not None}
    if vitals.swept_at is not None:
        facts["swept_at"] = vitals.swept_at.isoformat()
    return rows.json_text(facts)


def vitals_of(facts: Mapping[str, Any]) -> Vitals:
    """Read how a process does; one of another version may say less or more than is known here."""
    swept_at = facts.get("swept_at")
    return Vitals(
        turns=int(facts.get("turns", 0)),
        sweeps=int(facts.get("sweeps", 0)),
        swept_at=None if swept_at is None else datetime.fromisoformat(swept_at),
        memory_bytes=int(facts.get("memory_bytes", 0)),
        lag_ms=float(facts.get("lag_ms", 0.0)),
        model=_known(ModelState, facts.get("model")),
        line=_known(LineState, facts.get("line")),
    )


def _known(kind: Any, facts: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - one of two dataclasses
    if facts is None:
        return None
    try:
        return kind(**{name: value for name, value in facts.items() if name in kind.__slots__})
    except TypeError:
        return None  # another version says less than is needed here


def _process_of(row: rows.Row) -> Process:
    name = ProcessName(row["process_id"], row["role"], row["host"], row["pid"], row["version"])
    return Process(
        name=name,
        state=ProcessState(row["state"]),
        started_at=row["started_at"],
        seen_at=row["seen_at"],
        unseen_for=row["unseen_for"],
        vitals=vitals_of(json.loads(row["facts"])),
    )


def _failure_of(row: rows.Row) -> Failure:
    return Failure(
        reference=row["reference"],
        owner=row["owner"],
        said=row["said"],
        place=row["place"],
        happened_at=row["happened_at"],
        process_id=row["process_id"],
    )
