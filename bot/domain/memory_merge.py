"""What becomes of a candidate beside what is known already; pure.

A model is asked for none of it: with the model away, what is told twice still holds. Two texts are one only where
nothing that could matter sets them apart; whatever needs understanding is left to reflection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.grounding import anchors
from bot.domain.ids import MemoryId
from bot.domain.memory import Memory, MemoryKind, MemoryState, NewMemory
from bot.domain.memory_text import likeness, says_the_same, text_key

AGAIN_AFTER = timedelta(minutes=10)  # between two tellings that confirm each other; chosen by ear
AGAIN_DOUBT = 0.6  # what is left of the doubt when something is told again
DOUBTED = 0.7  # of its confidence is left to what is spoken against
WAITING_MOST = 6  # candidates of one person and audience that wait to be thought over
LOOKED_AT_AFTER = timedelta(hours=6)  # or as soon as so many wait

SALIENT = 7  # from here on once is enough
SURE_LEAST = 0.5  # what is less sure than this is never made to hold by a rule
AT_ONCE = frozenset({MemoryKind.BOUNDARY, MemoryKind.CORRECTION, MemoryKind.PROMISE})
CORRECTED = frozenset(set(MemoryKind) - {MemoryKind.JOKE, MemoryKind.PORTRAIT})
CORRECTS_FROM = 0.5  # likeness of a correction to what it corrects
CORRECTS_CLEARLY = 0.1  # more alike than to anything else
OUTDATED_FROM = 0.6  # likeness to what was replaced, from which on something new is looked at before it holds,
NAMED_FROM = 0.4  # and where both name the same


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a candidate, as in `bot.memory_ports.Merge`."""

    memory: NewMemory
    same_as: MemoryId | None = None
    supersedes: tuple[MemoryId, ...] = ()
    doubts: tuple[MemoryId, ...] = ()


def settle(candidate: NewMemory, near: Sequence[Memory]) -> Settled | None:
    """Say what becomes of *candidate* beside memories *near* to it, of the same owner and audience.

    None where it was taken in already: the same words of the same line. The confidence of the memory that comes back
    is what the kept one has from then on.
    """
    near = [one for one in near if one.owner_id == candidate.owner_id and one.audience == candidate.audience]
    live = [one for one in near if one.state in (MemoryState.CANDIDATE, MemoryState.CURRENT)]
    same, doubts = told_before(candidate, live), _spoken_against(candidate, near)
    is_contested = bool(doubts) or _is_replaced(candidate, near)  # then reflection decides
    if same is not None:
        settled = _told_again(candidate, same, is_contested=is_contested)
        return None if settled is None else replace(settled, doubts=doubts)
    if is_contested:
        least = min(candidate.confidence, SURE_LEAST / 2)
        return Settled(replace(candidate, state=MemoryState.CANDIDATE, confidence=least), doubts=doubts)
    if candidate.kind is MemoryKind.CORRECTION and candidate.confidence >= SURE_LEAST:
        return Settled(_begun(candidate), supersedes=corrected_by(candidate, live))
    return Settled(_begun(candidate))


def told_before(candidate: NewMemory, live: Sequence[Memory]) -> Memory | None:
    """Give the memory that *candidate* says again: the same words, of whatever kind, or as good as the same."""
    key = text_key(candidate.text)
    alike = [one for one in live if one.about_id == candidate.about_id and one.kind is not MemoryKind.PORTRAIT]
    exact = [one for one in alike if text_key(one.text) == key]
    exact.sort(key=lambda one: (one.kind is not candidate.kind, one.state is not MemoryState.CURRENT))
    return next(iter([*exact, *(one for one in alike if _is_one(candidate, one))]), None)


def corrected_by(correction: NewMemory, live: Sequence[Memory]) -> tuple[MemoryId, ...]:
    """Name the memory that a correction clearly corrects; of two that are as much alike, neither."""
    told = [one for one in live if _may_be_corrected(correction, one)]
    ranked = sorted(((likeness(correction.text, one.text), one.memory_id) for one in told), reverse=True)
    if not ranked or ranked[0][0] < CORRECTS_FROM:
        return ()
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CORRECTS_CLEARLY:
        return ()
    return (ranked[0][1],)


def _may_be_corrected(correction: NewMemory, told: Memory) -> bool:
    is_older = told.said_at <= correction.said_at and not set(told.sources) & set(correction.sources)
    return told.kind in CORRECTED and is_older and not told.is_edited and told.about_id == correction.about_id


def _is_one(candidate: NewMemory, kept: Memory) -> bool:
    return candidate.kind is kept.kind and says_the_same(candidate.text, kept.text)


def _begun(candidate: NewMemory) -> NewMemory:
    """Let a candidate hold at once where that is due; of somebody else it has to be told again."""
    is_sure = candidate.confidence >= SURE_LEAST
    is_weighty = candidate.salience >= SALIENT or candidate.kind in AT_ONCE
    state = MemoryState.CURRENT if is_sure and is_weighty else MemoryState.CANDIDATE
    return replace(candidate, state=state)


def _told_again(candidate: NewMemory, kept: Memory, *, is_contested: bool) -> Settled | None:
    """Make a memory surer; it holds from now on if another line said so, some time apart."""
    if not set(candidate.sources) - set(kept.sources):
        return None
    confidence = told_again_confidence(kept.confidence, candidate.confidence)
    is_apart = abs(candidate.said_at - kept.said_at) >= AGAIN_AFTER
    is_sure = min(candidate.confidence, kept.confidence) >= SURE_LEAST
    is_confirmed = (is_sure and is_apart) or _begun(candidate).state is MemoryState.CURRENT
    holds = kept.state is MemoryState.CURRENT or (is_confirmed and not is_contested)
    state = MemoryState.CURRENT if holds else MemoryState.CANDIDATE
    return Settled(replace(candidate, state=state, confidence=confidence), same_as=kept.memory_id)


def told_again_confidence(kept: float, told: float) -> float:
    """Give the confidence of a memory that is told again, in [0, 1]: what adds to it is how sure the telling is."""
    return 1 - (1 - kept) * (1 - (1 - AGAIN_DOUBT) * told)


def _spoken_against(candidate: NewMemory, near: Sequence[Memory]) -> tuple[MemoryId, ...]:
    """Name what holds in place of the memory that *candidate* says again, if that was replaced."""
    if candidate.kind is MemoryKind.CORRECTION:
        return ()
    key = text_key(candidate.text)
    replaced = (one for one in near if one.state is MemoryState.SUPERSEDED)
    newer = {one.superseded_by for one in replaced if text_key(one.text) == key or _is_one(candidate, one)}
    return tuple(one.memory_id for one in near if one.memory_id in newer and one.state is MemoryState.CURRENT)


def _is_replaced(candidate: NewMemory, near: Sequence[Memory]) -> bool:
    """Say whether a candidate is rather what was replaced than what holds in its place."""
    if candidate.kind is MemoryKind.CORRECTION:
        return False
    current = {one.memory_id: one.text for one in near if one.state is MemoryState.CURRENT}
    for old in near:
        newer = None if old.superseded_by is None else current.get(old.superseded_by)
        if old.state is MemoryState.SUPERSEDED and newer is not None and _says_the_old(candidate.text, old.text, newer):
            return True
    return False


def _says_the_old(text: str, old: str, newer: str) -> bool:
    """Say whether a text is rather *old* than *newer*: by what it names where they name anything, else by its words.

    What names something else than both ("lives in Rome") is neither.
    """
    as_old = likeness(text, old)
    if as_old < likeness(text, newer):
        return False
    named, left = anchors(text), anchors(old)
    if not left:
        return as_old >= OUTDATED_FROM
    came = anchors(newer) - left
    return as_old >= NAMED_FROM and not named.isdisjoint(left) and named.isdisjoint(came)
