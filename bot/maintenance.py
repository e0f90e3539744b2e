"""Commands that look after the database."""

from __future__ import annotations

from bot.adapters.postgres.engine import check_server, open_engine
from bot.adapters.postgres.migrate import migrate
from bot.foundation import database_address
from bot.settings import Settings


async def migrate_now(settings: Settings) -> None:
    """Bring the database up to date and say what was done."""
    async with database_address(settings) as address:
        engine = open_engine(address, command_timeout_s=None)
        try:
            await check_server(engine, address)
            found = await migrate(engine)
        finally:
            await engine.dispose()
    print(f"database was {found}, is current")
