"""Tend: what an admin may set of a soul; each is an event of its history."""

from __future__ import annotations

from bot.domain.affect.presets import PRESETS
from bot.domain.feeling import EventKind
from bot.domain.ids import GuildId, UserId
from bot.domain.text import visible_line
from bot.engine.feel import Feel
from bot.errors import UserError

BOND_LIMIT = 40  # characters


class Tend:
    """Looks after one companion's souls."""

    def __init__(self, feel: Feel) -> None:
        self._feel = feel

    @property
    def is_shared(self) -> bool:
        """Say whether one soul serves every server, so that only who runs the app may tend it."""
        return self._feel.temper.is_shared

    async def set_preset(self, preset: str, *, guild_id: GuildId | None) -> None:
        """Give the soul another temperament to live around; feelings and people stay.

        Raises:
            UserError: there is no such preset.
            StoreError: the database failed.
        """
        home = PRESETS.get(preset.upper())
        if home is None:
            raise UserError("preset_unknown", preset=preset)
        await self._tell(guild_id, EventKind.PRESET, {"preset": preset.upper(), "home": list(home)})

    async def set_bond(self, user_id: UserId, bond: str, *, guild_id: GuildId | None) -> str:
        """Fix what somebody is to her (creator, sister …), and give the word that is kept; an empty one takes it away.

        Raises:
            UserError: the word is too long.
            StoreError: the database failed.
        """
        word = visible_line(bond)
        if len(word) > BOND_LIMIT:
            raise UserError("bond_too_long", limit=BOND_LIMIT)
        await self._feel.know(user_id)
        await self._tell(guild_id, EventKind.BOND, {"bond": word}, user_id)
        return word

    async def reset(self, *, guild_id: GuildId | None) -> None:
        """Begin anew: a soul at rest that knows nobody; its history stays in the events.

        Raises:
            StoreError: the database failed.
        """
        await self._tell(guild_id, EventKind.RESET, {})

    async def freeze(self, is_frozen: bool, *, guild_id: GuildId | None) -> None:
        """Keep her days from changing her nature, or let them.

        Raises:
            StoreError: the database failed.
        """
        await self._tell(guild_id, EventKind.FREEZE, {"is_frozen": is_frozen})

    async def _tell(
        self, guild_id: GuildId | None, kind: EventKind, detail: dict[str, object], user_id: UserId | None = None
    ) -> None:
        await self._feel.tell(await self._feel.soul_of(guild_id), kind, detail, user_id)
