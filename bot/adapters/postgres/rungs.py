"""What was learnt of model servers, kept across restarts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.postgres.engine import translating
from bot.adapters.postgres.tables import model_rungs
from bot.ports import Learnt


class PostgresRungStore:
    """Implements `bot.ports.RungStore`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, endpoint: str, model: str) -> Learnt | None:
        """See `bot.ports.RungStore.get`."""
        found = select(model_rungs).where(model_rungs.c.endpoint == endpoint, model_rungs.c.model == model)
        with translating():
            async with self._engine.connect() as connection:
                row = (await connection.execute(found)).mappings().first()
        return None if row is None else Learnt(row["rung"], row["learned_at"], tuple(row["dropped"]))

    async def put(self, endpoint: str, model: str, learnt: Learnt) -> None:
        """See `bot.ports.RungStore.put`."""
        values = {"rung": learnt.rung, "learned_at": learnt.learnt_at, "dropped": list(learnt.dropped)}
        keep = insert(model_rungs).values(endpoint=endpoint, model=model, **values)
        with translating():
            async with self._engine.begin() as connection:
                await connection.execute(keep.on_conflict_do_update(index_elements=["endpoint", "model"], set_=values))
