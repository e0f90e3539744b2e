"""What was made of a message follows it when it is edited or deleted after its answer: whoever derived something hears.

The change is kept with the message's own change, so that no crash loses it; a follower may be told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.domain.message import MessageChange
from bot.errors import CompanionError
from bot.ports import Follower, Store

log = logging.getLogger(__name__)

BATCH = 100


class Follow:
    """Tells followers of changes, oldest first, until there are none."""

    def __init__(self, *, store: Store, followers: Sequence[Follower]) -> None:
        self._store = store
        self._followers = followers

    async def __call__(self) -> int:
        """Work off what waits; gives how many changes.

        A follower that fails keeps the changes: they are told again.

        Raises:
            StoreError: the database failed; nothing is lost.
        """
        done = 0
        while changes := await self._store.changes(BATCH):
            if not await self._tell(changes):
                break
            await self._store.followed(changes)
            done += len(changes)
        return done

    async def _tell(self, changes: Sequence[MessageChange]) -> bool:
        for follower in self._followers:
            try:
                await follower.follow(changes)
            except CompanionError as exc:
                facts = {"follower": type(follower).__name__, "count": len(changes), "cause": str(exc)}
                log.error("changed messages not followed yet", extra=facts)
                return False
        return True
