"""Commands that look after the database."""

from __future__ import annotations

from bot.adapters.personas import read_companion
from bot.adapters.postgres.engine import check_server, open_engine
from bot.adapters.postgres.feelings import PostgresFeelings
from bot.adapters.postgres.migrate import migrate
from bot.adapters.system import SystemClock
from bot.engine.replay import Replay
from bot.foundation import database_address, open_database
from bot.settings import Settings

REPLAY_TOLERANCE = 1e-9  # what rounding may add up to; more means that snapshot and events disagree


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


async def replay_now(settings: Settings, *, is_writing: bool) -> int:
    """Live every soul's history again and say how far what is kept is off; gives the exit code."""
    companion = read_companion(settings.companion)
    is_exact = True
    async with open_database(settings) as database:
        store = PostgresFeelings(database.pool)
        replay = Replay(store=store, clock=SystemClock())
        souls = await store.souls(companion.slug)
        for soul_id in souls:
            found = await replay(soul_id, is_writing=is_writing)
            is_exact = is_exact and found.largest.size <= REPLAY_TOLERANCE
            done = "; written" if found.is_written else ""
            print(
                f"soul {soul_id}: {found.events} events, {found.people} people; "
                f"largest difference {found.largest.size:.2e} ({found.largest.where}){done}"
            )
    if not souls:
        print(f"{companion.name} has no soul yet: nobody talked to her")
    return 0 if is_exact or is_writing else 1
