"""What tests of the store ask for beside the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from tests.fakes import MIRA, START


@pytest_asyncio.fixture
async def lone_store(statements: StatementPool) -> PostgresStore:
    """Give the store of a process that both hears and answers."""
    made = PostgresStore(statements, own=MIRA, is_alone=True)
    await made.introduce(START)
    return made


@pytest.fixture
def rooms(statements: StatementPool) -> PostgresRooms:
    """Give policies, silences and decisions."""
    return PostgresRooms(statements)


@pytest.fixture
def ask(database) -> Callable[[str], Awaitable[list[Mapping[str, Any]]]]:
    """Run a statement on its own and give its rows."""

    async def run(query: str) -> list[Mapping[str, Any]]:
        async with database.begin() as connection:
            found = await connection.execute(text(query))
            return list(found.mappings()) if found.returns_rows else []

    return run
