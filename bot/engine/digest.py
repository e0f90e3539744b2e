"""What a turn left is taken into memory, after it: its lines into the index, what was proposed through the gate.

No model is asked. It runs off the turn's path, and in several processes at once if need be: a turn is taken in once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.ids import TurnId
from bot.domain.memory import NewMemory
from bot.domain.memory_merge import settle
from bot.domain.memory_text import says_the_same, text_key
from bot.domain.message import ChangeKind, MessageChange
from bot.engine.sift import Sift
from bot.errors import StoreError
from bot.memory_ports import ClosedTurn, DigestStore, Merge
from bot.ports import Clock

log = logging.getLogger(__name__)

BATCH = 25  # turns read at once
TURNS_MOST = 500  # in one run
# What ended longer ago is of an old database, or of an outage: one batch a run, so that answers are as quick meanwhile.
LEFT_OVER_AFTER = timedelta(hours=1)
NEAR_MOST = 24  # memories that a candidate is held against
PLAIN_AFTER = 3  # times that a turn failed alone, before it is taken in without what was proposed
LEFT_AFTER = 6  # times, before it is left alone until the next start


class Digest:
    """Takes in turns that are over and out, oldest first; a `bot.ports.Follower` of edits."""

    def __init__(
        self, store: DigestStore, clock: Clock, own_texts: Sequence[str], *, own_names: Sequence[str] = ()
    ) -> None:
        """Take *own_texts*, which are persona, identity and rules, and her *own_names*."""
        self._store = store
        self._clock = clock
        self._sift = Sift(tuple(own_texts), tuple(own_names))
        self._failed: Counter[TurnId] = Counter()

    async def __call__(self) -> int:
        """Take in what waits; gives how many turns.

        Raises:
            StoreError: the database failed; nothing is lost.
        """
        done = 0
        tried: set[TurnId] = {turn_id for turn_id, count in self._failed.items() if count >= LEFT_AFTER}
        while done < TURNS_MOST:
            turns = await self._store.undigested(self._clock.now(), limit=BATCH, without=sorted(tried))
            done += await self._take_in_all(turns, tried)
            if len(turns) < BATCH or turns[0].closed_at < self._clock.now() - LEFT_OVER_AFTER:
                break
        return done

    async def _take_in_all(self, turns: Sequence[ClosedTurn], tried: set[TurnId]) -> int:
        """Take in turn by turn; one that fails while the database is there is passed over and tried again later."""
        done = 0
        for turn in turns:
            tried.add(turn.turn_id)
            try:
                done += await self._take_in(turn)
                self._failed.pop(turn.turn_id, None)
            except StoreError as exc:
                await self._store.undigested(self._clock.now(), limit=1)  # fails as well where it is the database
                self._failed[turn.turn_id] += 1
                log.warning("turn not taken into memory", extra={"turn_id": turn.turn_id, "cause": str(exc)})
        return done

    async def _take_in(self, turn: ClosedTurn) -> bool:
        if self._failed[turn.turn_id] >= PLAIN_AFTER:
            return await self._store.digest(turn, (), {}, self._clock.now())
        kept, refused = self._sift(turn)
        merges = await self._settle(kept)
        is_done = await self._store.digest(turn, merges, refused, self._clock.now())
        if is_done and (merges or refused):
            facts = {"turn_id": turn.turn_id, "kept": len(merges), "refused": sum(refused.values())}
            log.info("turn taken into memory", extra=facts)
        return is_done

    async def _settle(self, candidates: Sequence[NewMemory]) -> list[Merge]:
        """Put each beside what is known; what one answer says twice is said once."""
        merges: list[Merge] = []
        for candidate in candidates:
            if any(_is_again(candidate, merge.memory) for merge in merges):
                continue
            settled = settle(candidate, await self._store.near(candidate, most=NEAR_MOST))
            if settled is None or (settled.same_as and any(settled.same_as == one.same_as for one in merges)):
                continue
            merges.append(Merge(settled.memory, settled.same_as, settled.supersedes, settled.doubts))
        return _told_once(merges)

    async def follow(self, changes: Sequence[MessageChange]) -> None:
        """Read edited lines again.

        Raises:
            StoreError: the database failed; the changes are told again.
        """
        edited = [change.message_id for change in changes if change.kind is ChangeKind.EDITED]
        if edited:
            await self._store.reindex(edited, self._clock.now())


def _is_again(one: NewMemory, other: NewMemory) -> bool:
    """Say whether two candidates of one answer are one, of whatever kind."""
    if (one.owner_id, one.audience, one.about_id) != (other.owner_id, other.audience, other.about_id):
        return False
    return text_key(one.text) == text_key(other.text) or (
        one.kind is other.kind and says_the_same(one.text, other.text)
    )


def _told_once(merges: Sequence[Merge]) -> list[Merge]:
    """Let no memory change twice at once: what an answer corrects is not told again by the same answer."""
    taken = {old for merge in merges for old in merge.supersedes}
    left = [merge for merge in merges if merge.same_as not in taken]
    taken.update(merge.same_as for merge in left if merge.same_as is not None)
    settled = []
    for merge in left:
        doubts = tuple(one for one in merge.doubts if one not in taken)
        taken.update(doubts)
        settled.append(replace(merge, doubts=doubts))
    return settled
