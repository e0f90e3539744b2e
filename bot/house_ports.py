"""What holds on a whole server, and where it is kept: its house rules, and whether she was introduced."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.domain.ids import GuildId, UserId


class HouseStore(Protocol):
    """What servers set, and what was done there once; every method raises `StoreError` where the database fails."""

    async def house_rules(self, guild_id: GuildId) -> str | None:
        """Give the house rules of a server as its admins put them; None where none were set."""

    async def set_house_rules(self, guild_id: GuildId, rules: str | None, *, by: UserId, now: datetime) -> None:
        """Keep the house rules of a server, and who set them; None takes them away."""

    async def take_greeting(self, guild_id: GuildId, now: datetime) -> bool:
        """Note that she is introduced on a server; False where she was before."""

    async def give_greeting_back(self, guild_id: GuildId, taken_at: datetime) -> None:
        """Note that she was not introduced after all, unless somebody took it since *taken_at*."""
