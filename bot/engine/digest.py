"""What a turn left is taken into memory, after it: its lines into the index, what was proposed through the gate.

No model is asked. It runs off the turn's path, and in several processes at once if need be: a turn is taken in once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.digest_ports import ClosedTurn, DigestStore, Merge
from bot.domain.ids import TurnId, UserId
from bot.domain.memory import Memory, MemoryKind, NewMemory
from bot.domain.memory_merge import settle
from bot.domain.memory_text import says_the_same, text_key
from bot.domain.message import ChangeKind, MessageChange, Speaker
from bot.domain.reread import is_still_said
from bot.engine.sift import Sift
from bot.errors import StoreError
from bot.ports import Clock

log = logging.getLogger(__name__)

BATCH = 25  # turns read at once
TURNS_MOST = 500  # in one run
# What ended longer ago is of an old database, or of an outage: one batch a run, so that answers are as quick meanwhile.
LEFT_OVER_AFTER = timedelta(hours=1)
NEAR_MOST = 24  # memories that a candidate is held against
PLAIN_AFTER = 3  # times that a turn failed alone, before it is taken in without what was proposed
LEFT_AFTER = 6  # times, before it is left alone until the next start
AT_ONCE = 5  # turns without proposals in one step: a step is work that answers would wait for
PATIENCE_S = 2.0  # in one run; where she always answers somebody, turns are taken in beside that


class Digest:
    """Takes in turns that are over and out, oldest first; a `bot.ports.Follower` of edits."""

    def __init__(
        self,
        store: DigestStore,
        clock: Clock,
        own_texts: Sequence[str],
        *,
        own_names: Sequence[str] = (),
        lull: Callable[[float], Awaitable[float]] | None = None,
    ) -> None:
        """Take *own_texts*, which are persona, identity and rules, and her *own_names*.

        *lull* waits while answers are in the making, for so many seconds at most, and gives how many are left.
        """
        self._lull = lull
        self._patience_s = PATIENCE_S
        self._store = store
        self._clock = clock
        self._sift = Sift(own_texts, own_names)
        self._failed: Counter[TurnId] = Counter()

    async def __call__(self) -> int:
        """Take in what waits; gives how many turns.

        Raises:
            StoreError: the database failed; nothing is lost.
        """
        done, self._patience_s = 0, PATIENCE_S
        tried: set[TurnId] = {turn_id for turn_id, count in self._failed.items() if count >= LEFT_AFTER}
        while done < TURNS_MOST:
            turns = await self._store.undigested(self._clock.now(), limit=BATCH, without=sorted(tried))
            done += await self._take_in_all(turns, tried)
            if len(turns) < BATCH or turns[0].closed_at < self._clock.now() - LEFT_OVER_AFTER:
                break
        return done

    async def _take_in_all(self, turns: Sequence[ClosedTurn], tried: set[TurnId]) -> int:
        """Take in what proposes nothing a few turns at a time, then the others turn by turn, oldest first."""
        tried.update(turn.turn_id for turn in turns)
        plain = [turn for turn in turns if _is_plain(turn) and turn.turn_id not in self._failed]
        done = 0
        for begin in range(0, len(plain), AT_ONCE):
            done += await self._take_in_plain(plain[begin : begin + AT_ONCE])
        taken = {turn.turn_id for turn in plain}
        for turn in turns:
            if turn.turn_id not in taken:
                done += await self._take_in_or_later(turn)
        return done

    async def _take_in_plain(self, turns: Sequence[ClosedTurn]) -> int:
        """Take in turns that leave nothing but their lines, together; if that fails, each by itself."""
        await self._wait()
        try:
            return await self._store.digest_plain(turns, self._clock.now())
        except StoreError:
            return sum([await self._take_in_or_later(turn) for turn in turns])

    async def _take_in_or_later(self, turn: ClosedTurn) -> int:
        """Take in one turn; if it fails while the database is there it is passed over and tried again later."""
        await self._wait()
        try:
            is_done = await self._take_in(turn)
            self._failed.pop(turn.turn_id, None)
            return int(is_done)
        except StoreError as exc:
            await self._store.undigested(self._clock.now(), limit=1)  # fails as well where it is the database
            self._failed[turn.turn_id] += 1
            log.warning("turn not taken into memory", extra={"turn_id": turn.turn_id, "cause": str(exc)})
            return 0

    async def _wait(self) -> None:
        if self._lull is not None:
            self._patience_s = await self._lull(self._patience_s)

    async def _take_in(self, turn: ClosedTurn) -> bool:
        if self._failed[turn.turn_id] >= PLAIN_AFTER:
            return await self._store.digest(turn, (), {}, self._clock.now())
        kept, refused = self._sift(turn)
        merges = await self._settle(kept, turn)
        is_done = await self._store.digest(turn, merges, refused, self._clock.now())
        if is_done and (merges or refused):
            facts = {"turn_id": turn.turn_id, "kept": len(merges), "refused": sum(refused.values())}
            log.info("turn taken into memory", extra=facts)
        return is_done

    async def _settle(self, candidates: Sequence[NewMemory], turn: ClosedTurn) -> list[Merge]:
        """Put each beside what is known; what one answer says twice is said once."""
        merges: list[Merge] = []
        for candidate in candidates:
            if any(_is_again(candidate, merge.memory) for merge in merges):
                continue
            settled = settle(candidate, await self._near(candidate), _names_of(candidate.owner_id, turn))
            if settled is None or (settled.same_as and any(settled.same_as == one.same_as for one in merges)):
                continue
            merges.append(Merge(settled.memory, settled.same_as, settled.supersedes, settled.doubts, asks=settled.asks))
        return _told_once(merges)

    async def _near(self, candidate: NewMemory) -> list[Memory]:
        """Give what a candidate is held against; a correction takes away what it corrects wherever that was said."""
        near = list(await self._store.near(candidate, most=NEAR_MOST))
        if candidate.kind is not MemoryKind.CORRECTION:
            return near
        known = {one.memory_id for one in near}
        elsewhere = await self._store.near_elsewhere(candidate, most=NEAR_MOST)
        return near + [one for one in elsewhere if one.memory_id not in known]

    async def follow(self, changes: Sequence[MessageChange]) -> None:
        """Read edited lines again.

        Raises:
            StoreError: the database failed; the changes are told again.
        """
        edited = [change.message_id for change in changes if change.kind is ChangeKind.EDITED]
        if edited:
            resting = await self._store.resting_on(edited)
            doubtful = [memory.memory_id for memory, lines in resting if not is_still_said(memory, lines, edited)]
            await self._store.reindex(edited, self._clock.now(), doubtful=doubtful)


def _names_of(owner: UserId, turn: ClosedTurn) -> tuple[str, ...]:
    theirs = (line.message.author for line in turn.lines if line.message.speaker is Speaker.PERSON)
    return tuple({author.display_name: None for author in theirs if author.user_id == owner})


def _is_plain(turn: ClosedTurn) -> bool:
    """Say whether a turn leaves nothing but its lines: it proposes nothing, and no memory was shown in it."""
    return not (turn.used or turn.proposals.get("memories") or turn.proposals.get("promises"))


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
