"""All tables in one place: what migrations are compared with and backups go through."""

from __future__ import annotations

from bot.adapters.postgres import (
    feeling_tables,
    memory_tables,
    persona_tables,
    room_tables,
    service_tables,
    timer_tables,
)
from bot.adapters.postgres.tables import metadata

__all__ = [
    "feeling_tables",
    "memory_tables",
    "metadata",
    "persona_tables",
    "room_tables",
    "service_tables",
    "timer_tables",
]
