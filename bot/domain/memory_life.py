"""How memories fade: how strong one still is, what use does to it, and when it goes into the archive.

Strength halves over a time that depends on what the memory is, on how much it matters and on how often it was told or
of use; nothing here deletes. The database works the same rule out in one statement (a test holds the two together).
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.memory import Memory, MemoryKind, MemoryState, Origin

# Half-lives are chosen by ear: what people are told again after a year and are glad of, and what would be odd to hear.
HALF_LIVES = {
    MemoryKind.CORRECTION: timedelta(days=365),
    MemoryKind.FACT: timedelta(days=180),
    MemoryKind.GOAL: timedelta(days=120),
    MemoryKind.DECISION: timedelta(days=120),
    MemoryKind.PROMISE: timedelta(days=90),
    MemoryKind.EVENT: timedelta(days=60),
    MemoryKind.JOKE: timedelta(days=21),
    MemoryKind.FEELING: timedelta(days=14),
}
LASTING = frozenset({MemoryKind.BOUNDARY, MemoryKind.PORTRAIT})  # these never fade by themselves
DUE_KINDS = frozenset({MemoryKind.PROMISE, MemoryKind.GOAL})  # in full until they are due or done,
OVER_HALF_LIFE = timedelta(days=21)  # and for this long once they are
SALIENCE_BASE, SALIENCE_SHARE = (
    0.5,
    0.1,
)  # a salience of 5 leaves the half-life as it is, 10 makes it half as long again
EACH_TIME = 0.5  # of the half-life is added each time it is told again or was of use,
TIMES_MOST = 12  # up to so many times
ASKED_FOR = 3.0  # how much longer lasts what the person asked her to remember
ONCE_WITHIN = timedelta(days=1)  # uses so close together are one
FADED = 0.05  # the strength below which a memory goes into the archive: a little over four half-lives
UNCONFIRMED_FOR = timedelta(days=60)  # a candidate that nothing confirmed goes after that long


def strength(memory: Memory, now: datetime) -> float:
    """Give how much of a memory is left, in [0, 1]."""
    since = _fades_from(memory, now)
    if since is None:
        return 1.0
    halves = max(now - since, timedelta(0)) / half_life(memory)
    return 0.5**halves if halves < 1_000 else 0.0


def half_life(memory: Memory) -> timedelta:
    """Give the time over which a memory that fades loses half its strength."""
    is_over = memory.kind in DUE_KINDS and (memory.done_at is not None or memory.due_at is not None)
    base = OVER_HALF_LIFE if is_over else HALF_LIVES.get(memory.kind, HALF_LIVES[MemoryKind.FACT])
    matter = SALIENCE_BASE + SALIENCE_SHARE * memory.salience
    times = min(max(memory.seen_count - 1, 0) + memory.used_count, TIMES_MOST)
    return base * (matter * (1 + EACH_TIME * times) * (ASKED_FOR if memory.origin is Origin.PERSON else 1.0))


def is_faded(memory: Memory, now: datetime) -> bool:
    """Say whether a memory is to go into the archive: too weak by now, or a candidate that nothing confirmed."""
    since = _fades_from(memory, now)
    if since is None or memory.state not in (MemoryState.CANDIDATE, MemoryState.CURRENT):
        return False
    if memory.state is MemoryState.CANDIDATE and now - since >= UNCONFIRMED_FOR:
        return True
    return now - since >= half_life(memory) * math.log2(1 / FADED)


def used(memory: Memory, now: datetime) -> Memory:
    """Give a memory as it is after it was shown in a prompt; many uses within a day count once."""
    if memory.used_at is not None and now - memory.used_at < ONCE_WITHIN:
        return memory
    return replace(memory, used_count=memory.used_count + 1, used_at=now)


def restored(memory: Memory, now: datetime) -> Memory:
    """Give an archived or superseded memory as it is once it is brought back: as fresh as when just told."""
    return replace(memory, state=MemoryState.CURRENT, superseded_by=None, used_at=now)


def _last_met(memory: Memory) -> datetime:
    """Give when it was last told or of use."""
    return memory.said_at if memory.used_at is None else max(memory.said_at, memory.used_at)


def _fades_from(memory: Memory, now: datetime) -> datetime | None:
    """Give since when a memory fades; None as long as it does not."""
    if memory.is_pinned or memory.kind in LASTING:
        return None
    last = _last_met(memory)
    if memory.kind not in DUE_KINDS:
        return last
    if memory.done_at is not None:
        return max(last, memory.done_at)
    if memory.due_at is None:
        return last
    return None if now < memory.due_at else max(last, memory.due_at)
