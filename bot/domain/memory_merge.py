"""What becomes of a candidate beside what is known already; pure.

A model is asked for none of it: with the model away, what is told twice still holds. Two texts are one only where
nothing that could matter sets them apart; whatever needs understanding is left to reflection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.correcting import corrects, shares_subject
from bot.domain.grounding import anchors
from bot.domain.ids import MemoryId
from bot.domain.memory import Memory, MemoryKind, MemoryState, NewMemory
from bot.domain.memory_text import likeness, says_the_same, text_key

AGAIN_AFTER = timedelta(minutes=10)  # between two tellings that confirm each other; chosen by ear
AGAIN_DOUBT = 0.6  # what is left of the doubt when something is told again
DOUBTED = 0.7  # of its confidence is left to what is spoken against
WAITING_MOST = 6  # candidates of one person and audience that wait to be thought over
LOOKED_AT_AFTER = timedelta(hours=6)  # or as soon as so many wait
ASKED_AFTER = timedelta(minutes=10)  # where what holds may speak against something that holds as well

SALIENT = 7  # from here on once is enough
SURE_LEAST = 0.5  # what is less sure than this is never made to hold by a rule
AT_ONCE = frozenset({MemoryKind.BOUNDARY, MemoryKind.CORRECTION, MemoryKind.PROMISE})
CORRECTED = frozenset(set(MemoryKind) - {MemoryKind.JOKE, MemoryKind.PORTRAIT})
CORRECTS_CLEARLY = 0.1  # more than anything else of the same audience
TOLD_LEAST = 0.15  # what its line bears out less than that confirms nothing by being told again: a name nobody said
# What ends nothing of another kind, and is never ended by what a model says.
NEVER_ASKED = frozenset({MemoryKind.BOUNDARY, MemoryKind.PROMISE, MemoryKind.JOKE, MemoryKind.PORTRAIT})
OUTDATED_FROM = 0.6  # likeness to what was replaced, from which on something new is looked at before it holds,
NAMED_FROM = 0.4  # and where both name the same


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a candidate, as in `bot.digest_ports.Merge`."""

    memory: NewMemory
    same_as: MemoryId | None = None
    supersedes: tuple[MemoryId, ...] = ()
    doubts: tuple[MemoryId, ...] = ()
    asks: bool = False


def settle(candidate: NewMemory, near: Sequence[Memory], names: Sequence[str] = ()) -> Settled | None:
    """Say what becomes of *candidate* beside memories *near* to it, of the same owner; *names* are the owner's.

    Of another audience only a correction takes something away: no text crosses over. None where it was taken in
    already: the same words of the same line. The confidence of the memory that comes back is what the kept one has
    from then on.
    """
    owned = [one for one in near if one.owner_id == candidate.owner_id]
    here = [one for one in owned if one.audience == candidate.audience]
    live = [one for one in here if _is_live(one)]
    same, (is_against, doubts) = told_before(candidate, live), _spoken_against(candidate, here, owned)
    is_contested = is_against or _is_replaced(candidate, here, owned)  # then reflection decides
    is_new = same is None or same.state is MemoryState.CANDIDATE
    if same is not None:
        settled = _told_again(candidate, same, is_contested=is_contested)
        if settled is None:
            return None
        settled = replace(settled, doubts=doubts)
    elif is_contested:
        least = min(candidate.confidence, SURE_LEAST / 2)
        settled = Settled(replace(candidate, state=MemoryState.CANDIDATE, confidence=least), doubts=doubts)
    else:
        settled = Settled(_begun(candidate))
    if candidate.kind is MemoryKind.CORRECTION and candidate.confidence >= SURE_LEAST:
        others = [one for one in owned if _is_live(one) and one.memory_id != settled.same_as]
        settled = replace(settled, supersedes=corrected_by(candidate, others, names))
    return replace(settled, asks=is_new and _asks(settled, live, names))


def _is_live(memory: Memory) -> bool:
    return memory.state in (MemoryState.CANDIDATE, MemoryState.CURRENT)


def _asks(settled: Settled, live: Sequence[Memory], names: Sequence[str]) -> bool:
    """Say whether reflection is to look at what holds from now on: it may speak against something that holds."""
    memory = settled.memory
    if memory.state is not MemoryState.CURRENT or memory.kind in NEVER_ASKED:
        return False
    if memory.kind is MemoryKind.CORRECTION and not settled.supersedes:
        return True
    gone = {settled.same_as, *settled.supersedes}
    held = (one for one in live if one.state is MemoryState.CURRENT and one.kind not in NEVER_ASKED)
    return any(one.memory_id not in gone and shares_subject(memory.text, one.text, names) for one in held)


def told_before(candidate: NewMemory, live: Sequence[Memory]) -> Memory | None:
    """Give the memory that *candidate* says again: the same words, of whatever kind, or as good as the same."""
    key = text_key(candidate.text)
    alike = [one for one in live if one.about_id == candidate.about_id and one.kind is not MemoryKind.PORTRAIT]
    exact = [one for one in alike if text_key(one.text) == key]
    exact.sort(key=lambda one: (one.kind is not candidate.kind, one.state is not MemoryState.CURRENT))
    return next(iter([*exact, *(one for one in alike if _is_one(candidate, one))]), None)


def corrected_by(correction: NewMemory, live: Sequence[Memory], names: Sequence[str] = ()) -> tuple[MemoryId, ...]:
    """Name the memory that a correction clearly corrects, in each audience; of two that fit as well, neither."""
    told = [one for one in live if _may_be_corrected(correction, one)]
    found: list[MemoryId] = []
    for audience in dict.fromkeys(one.audience for one in told):
        fits = ((corrects(correction.text, one.text, names), one) for one in told if one.audience == audience)
        ranked = sorted(((fit, one) for fit, one in fits if fit), key=lambda pair: pair[0], reverse=True)
        if not ranked:
            continue
        (most, best), others = ranked[0], ranked[1:]
        rivals = [one for fit, one in others if most - fit < CORRECTS_CLEARLY]
        if all(text_key(one.text) == text_key(best.text) for one in rivals):
            found += [one.memory_id for one in (best, *rivals)]
    return tuple(found)


def corrected_with(
    old: Memory, newer: NewMemory, near: Sequence[Memory], names: Sequence[str] = ()
) -> tuple[MemoryId, ...]:
    """Name what goes with *old* where its owner corrects it: the same, told elsewhere, and what else is corrected."""
    live = [one for one in near if _is_live(one) and one.owner_id == old.owner_id and one.memory_id != old.memory_id]
    same = [
        one for one in live if one.about_id == old.about_id and says_the_same(old.text, one.text) and not one.is_edited
    ]
    others = [one for one in live if one not in same]
    return (*(one.memory_id for one in same), *corrected_by(newer, others, names))


def _may_be_corrected(correction: NewMemory, told: Memory) -> bool:
    is_older = told.said_at <= correction.said_at and not set(told.sources) & set(correction.sources)
    is_other = text_key(told.text) != text_key(correction.text)
    is_theirs = told.is_edited or told.about_id != correction.about_id
    return told.kind in CORRECTED and is_older and is_other and not is_theirs


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
    confidence = kept.confidence
    if candidate.confidence >= TOLD_LEAST:
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


def _spoken_against(
    candidate: NewMemory, here: Sequence[Memory], owned: Sequence[Memory]
) -> tuple[bool, tuple[MemoryId, ...]]:
    """Say whether something holds in place of the memory that *candidate* says again, and name what of it is *here*."""
    if candidate.kind is MemoryKind.CORRECTION:
        return False, ()
    key = text_key(candidate.text)
    replaced = (one for one in here if one.state is MemoryState.SUPERSEDED)
    newer = {one.superseded_by for one in replaced if text_key(one.text) == key or _is_one(candidate, one)}
    holding = [one for one in owned if one.memory_id in newer and one.state is MemoryState.CURRENT]
    return bool(holding), tuple(one.memory_id for one in holding if one.audience == candidate.audience)


def _is_replaced(candidate: NewMemory, here: Sequence[Memory], owned: Sequence[Memory]) -> bool:
    """Say whether a candidate is rather what was replaced than what holds in its place."""
    if candidate.kind is MemoryKind.CORRECTION:
        return False
    current = {one.memory_id: one.text for one in owned if one.state is MemoryState.CURRENT}
    for old in here:
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
