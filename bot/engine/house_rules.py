"""The house rules of a server: what who runs it asks of everybody there, herself among them.

They are people's words: a prompt quotes them as data, after her own rules, which they cannot change. What is set is
checked here; each turn asks, so they are held in memory for a little while.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from datetime import datetime, timedelta

from bot.domain.ids import GuildId, UserId
from bot.domain.quoting import safe_text
from bot.domain.text import is_blank
from bot.errors import StoreError, UserError
from bot.house_ports import HouseStore
from bot.ports import Clock

log = logging.getLogger(__name__)

RULES_MOST = 600  # characters: a card's worth, and few enough to be in every prompt of that server
FRESH_FOR = timedelta(seconds=10)  # by then, other processes go by what was set
SERVERS_KEPT = 5_000  # some 10 MB at most
MASS_MENTION = re.compile(r"@(?:everyone|here)\b|<@&\d+>")


class HouseRules:
    """Knows what is asked of everybody on a server, and takes what is to be asked from now on."""

    def __init__(self, store: HouseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[GuildId, tuple[str | None, datetime]] = OrderedDict()

    async def of(self, guild_id: GuildId | None) -> str | None:
        """Give the rules for a turn, None where there are none; where they cannot be read, those known last."""
        if guild_id is None:
            return None
        rules, until = self._known.get(guild_id, (None, self._clock.now()))
        if until > self._clock.now():
            return rules
        try:
            rules = await self._store.house_rules(guild_id)
        except StoreError as exc:
            log.warning("house rules not read", extra={"guild_id": guild_id, "cause": str(exc)})
        self._keep(guild_id, rules)
        return rules

    async def read(self, guild_id: GuildId) -> str | None:
        """Give the rules as they are kept, for who looks after them.

        Raises:
            StoreError: the database failed.
        """
        return await self._store.house_rules(guild_id)

    async def set(self, guild_id: GuildId, typed: str, *, by: UserId) -> str | None:
        """Keep what was typed, and give it as it is kept; nothing but space takes the rules away.

        Raises:
            UserError: it is too long, or would notify many people wherever it is shown.
            StoreError: the database failed.
        """
        rules = None if is_blank(typed) else safe_text(typed.strip())
        if rules is not None and len(rules) > RULES_MOST:
            raise UserError("rules_long", most=RULES_MOST)
        if rules is not None and MASS_MENTION.search(rules):
            raise UserError("rules_mention")
        await self._store.set_house_rules(guild_id, rules, by=by, now=self._clock.now())
        self._keep(guild_id, rules)
        return rules

    def _keep(self, guild_id: GuildId, rules: str | None) -> None:
        self._known[guild_id] = (rules, self._clock.now() + FRESH_FOR)
        self._known.move_to_end(guild_id)
        if len(self._known) > SERVERS_KEPT:
            self._known.popitem(last=False)
