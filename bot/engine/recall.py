"""Recall: what comes to mind for one turn, before the eyes of who is there, within a few hundred tokens.

It adds no model call to a turn and is never in its way: where the database fails, she answers without.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.embeddable import embeddable
from bot.domain.giving_way import is_theirs
from bot.domain.ids import MemoryId, MessageId, UserId
from bot.domain.known_prompt import LINE_LETTERS, MEMORY_LETTERS, NOTE_LETTERS
from bot.domain.memory import Memory, MemoryKind, SelfNote
from bot.domain.memory_text import text_key
from bot.domain.message import Message, Speaker
from bot.domain.recalled import (
    NOTHING_FOUND,
    NOTHING_HELD,
    Found,
    Known,
    Place,
    RecallAsk,
    RecalledLine,
    Vector,
)
from bot.domain.searchable import names_in
from bot.domain.turn import NOTHING_KNOWN, Claim
from bot.domain.zones import zone_named
from bot.engine.query_vectors import QueryVectors
from bot.errors import StoreError
from bot.memory_ports import RecallStore
from bot.ports import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

ASKED_LINES = 4  # the newest ones of people that are asked with
ASKED_LETTERS = 1_000  # of them together, the newest first
OWNERS_MOST = 8  # people whose memories are looked through in a room
LINES_MOST, MEMORIES_MOST = 8, 8
STANDING_MOST = 6  # of each kind and person
NOTES_MOST = 4

# What a prompt is given to remember by, in tokens: about 900, as a page of talk. What is not used up by what holds
# always is left to what comes to mind.
TOKENS_MOST = 900
STANDING_TOKENS, PORTRAIT_TOKENS, NOTE_TOKENS, MEMORY_TOKENS = 260, 160, 80, 240
PINNED_TOKENS = 200  # of those for what holds always
# A memory that is longer than that is cut at first, so that others find room, and shown longer where some is left.
LONG_TOKENS, PIECE_TOKENS = 120, 33  # no piece is smaller than the latter
TOKENS_OVERHEAD = 14  # of the frame of one line or memory
LETTERS_A_TOKEN = 4  # of ASCII; anything else is about one token a letter
PART_WITHIN_S = 1.5  # less than a turn waits for all of it (`bot.engine.bear_in_mind`)
CUT = "…"


class Recall:
    """Brings to mind what a turn concerns; *companion* names whose notes of herself are shown."""

    def __init__(
        self,
        store: RecallStore,
        clock: Clock,
        companion: str,
        vectors: QueryVectors | None,
        names: Sequence[str] = (),
        own_id: UserId | None = None,
        mood_of: Callable[[], tuple[float, float, float] | None] = lambda: None,
    ) -> None:
        """Take where memories are kept; *names*, *own_id* and what *mood_of* gives are hers."""
        self._store = store
        self._clock = clock
        self._companion = companion
        self._vectors = vectors
        self._names = names
        self._own_id = own_id
        self._mood_of = mood_of

    async def __call__(self, claim: Claim) -> Known:
        """Give what comes to mind for a turn; of what the database does not give, nothing."""
        lines = _asked_lines(claim)
        if not lines:
            return NOTHING_KNOWN
        called, shown, text = _names_of(claim), _shown(claim), _asked_text(lines)
        owners, place = _owners(lines, called, text), Place.of(claim.channel, lines[-1].author.user_id)
        now = self._clock.now()
        held = self._store.held(
            owners, place, companion=self._companion, now=now, most=STANDING_MOST, notes_most=NOTES_MOST
        )
        found, always = await asyncio.gather(
            _or_nothing(self._found(self._ask(claim, text, owners, place, called, shown)), NOTHING_FOUND, claim),
            _or_nothing(held, NOTHING_HELD, claim),
        )
        return _within_budget(found, always.standing, always.notes, shown)

    def _ask(
        self,
        claim: Claim,
        text: str,
        owners: tuple[UserId, ...],
        place: Place,
        called: Mapping[UserId, str],
        shown: frozenset[MessageId],
    ) -> RecallAsk:
        zone = zone_named(claim.time_zones.get(owners[0]))
        return RecallAsk(
            text=text,
            owners=owners,
            place=place,
            now=self._clock.now().astimezone(zone),
            names=tuple(dict.fromkeys((*self._names, *called.values()))),
            shown=shown,
            said_by=self._asked_about(called, text, owners),
            mood=self._mood_of(),
        )

    async def _found(self, ask: RecallAsk) -> Found:
        if not any(map(str.isalnum, ask.text)):
            return NOTHING_FOUND
        ask = replace(ask, vector=await self._vector(ask.text, ask.names))
        return await self._store.recall(ask, lines_most=LINES_MOST, memories_most=MEMORIES_MOST)

    async def _vector(self, text: str, names: Sequence[str]) -> Vector | None:
        return None if self._vectors is None else await self._vectors.of(embeddable(text, names))

    def _asked_about(self, called: Mapping[UserId, str], text: str, owners: Sequence[UserId]) -> UserId | None:
        """Give whose words are likelier meant: of the one person who is named, else of who asks, if it is one only."""
        named = set(_named(called, text))
        if self._own_id is not None and names_in(text, tuple(self._names)) and not named:
            return None  # whoever speaks to her by name speaks of anybody
        if len(named) == 1:
            return named.pop()
        return owners[0] if len(owners) == 1 and not named else None


async def _or_nothing(asked: Awaitable[T], nothing: T, claim: Claim) -> T:
    """Wait for one part; what holds whatever is asked does not fall with what is looked for, or is late with it."""
    try:
        async with asyncio.timeout(PART_WITHIN_S):
            return await asked
    except (StoreError, TimeoutError) as exc:
        log.warning("something does not come to mind", extra={"turn_id": claim.turn_id, "cause": type(exc).__name__})
        return nothing


def _asked_lines(claim: Claim) -> list[Message]:
    """Give the newest lines of people that the turn answers, oldest first."""
    own = [line for line in claim.messages if line.speaker is Speaker.PERSON]
    return own[-ASKED_LINES:]


def _asked_text(lines: Sequence[Message]) -> str:
    """Put lines together, the newest whole before older ones."""
    taken: list[str] = []
    left = ASKED_LETTERS
    for line in reversed(lines):
        if left <= 0:
            break
        taken.append(line.content[:left])
        left -= len(line.content)
    return "\n".join(reversed(taken))


def _owners(lines: Sequence[Message], called: Mapping[UserId, str], text: str) -> tuple[UserId, ...]:
    """Give whose memories are looked through: of who asks, the newest first, then of whom they mention or name."""
    asking = [line.author.user_id for line in reversed(lines)]
    mentioned = [one for line in lines for one in line.mentioned_ids]
    replied = [line.reply_to_user_id for line in lines if line.reply_to_user_id is not None]
    return tuple(dict.fromkeys((*asking, *mentioned, *replied, *_named(called, text))))[:OWNERS_MOST]


def _named(called: Mapping[UserId, str], text: str) -> list[UserId]:
    return [user_id for user_id, name in called.items() if names_in(text, [name])]


def _names_of(claim: Claim) -> dict[UserId, str]:
    """Give who takes part and how they are called now."""
    talk = (*(said.message for said in claim.history), *claim.overheard, *claim.messages)
    called = {line.author.user_id: line.author.display_name for line in talk if line.speaker is not Speaker.SELF}
    return {user_id: name for line in talk for user_id, name in line.mentioned_names} | called


def _shown(claim: Claim) -> frozenset[MessageId]:
    talk = (*(said.message for said in claim.history), *claim.overheard, *claim.messages)
    return frozenset(line.message_id for line in talk)


def _within_budget(
    found: Found, standing: Sequence[Memory], notes: Sequence[SelfNote], shown: frozenset[MessageId]
) -> Known:
    """Take what fits, what must not be missed first; no text twice, and nothing that stands in the talk anyway."""
    told = _Told(shown, frozenset(one.memory.memory_id for one in found.memories if one.is_newer))
    always = [one for one in standing if one.kind is not MemoryKind.PORTRAIT]
    pinned = [one for one in always if one.is_pinned]
    piece = min(LONG_TOKENS, max(PIECE_TOKENS, PINNED_TOKENS // max(1, len(pinned))))
    first = told.memories(pinned, PINNED_TOKENS, piece=piece)
    others = told.memories((one for one in always if not one.is_pinned), STANDING_TOKENS - told.spent)
    pictures = (one for one in standing if one.kind is MemoryKind.PORTRAIT)
    portraits = told.memories(pictures, PORTRAIT_TOKENS, letters=NOTE_LETTERS)
    kept_notes = told.notes(notes, NOTE_TOKENS)
    memories = told.memories((one.memory for one in found.memories), MEMORY_TOKENS)
    lines = told.lines(found.lines, TOKENS_MOST - told.spent)
    by_id = {one.memory.memory_id: one for one in found.memories}
    # what concerns the question first, and what must not be missed before what is pinned
    by_weight = sorted((*others, *memories, *first), key=lambda memory: memory.memory_id not in by_id)
    longer = {memory.memory_id: memory for memory in told.longer(by_weight, TOKENS_MOST - told.spent)}
    kept = tuple(replace(by_id[one.memory_id], memory=longer[one.memory_id]) for one in memories)
    return Known(Found(lines, kept), portraits, tuple(longer[one.memory_id] for one in (*first, *others)), kept_notes)


class _Told:
    """What stands in the prompt already, and how many tokens of it; *newer* are told whatever stands in the talk."""

    def __init__(self, shown: frozenset[MessageId], newer: frozenset[MemoryId]) -> None:
        self.spent = 0
        self._shown = shown
        self._newer = newer
        self._ids: set[MemoryId] = set()
        self._texts: set[str] = set()
        self._whole: dict[MemoryId, str] = {}

    def memories(
        self, memories: Iterable[Memory], most: int, *, letters: int = MEMORY_LETTERS, piece: int = LONG_TOKENS
    ) -> tuple[Memory, ...]:
        """Take memories worth *most* tokens, of a longer one than *piece* so much; no more is shown than *letters*.

        One that says what the talk shows already is left out.
        """
        kept, left = [], most
        for memory in self._new_memories(memories):
            whole = _cut(memory.text, letters)
            text = whole if tokens_of(whole) <= piece else _worth(whole, min(piece, left))
            cost = tokens_of(text)
            if cost <= left and (text is whole or cost <= piece <= left or left >= PIECE_TOKENS):
                left -= cost
                self._whole[memory.memory_id] = whole
                kept.append(memory if text == memory.text else replace(memory, text=text))
        self.spent += most - left
        return self.longer(kept, left)

    def longer(self, memories: Sequence[Memory], most: int) -> tuple[Memory, ...]:
        """Show more of those that were cut, the first one first, for *most* tokens together."""
        told, left = [], most
        for memory in memories:
            cost = tokens_of(memory.text)
            text = _worth(self._whole[memory.memory_id], cost + left)
            left -= tokens_of(text) - cost
            told.append(memory if text == memory.text else replace(memory, text=text))
        self.spent += most - left
        return tuple(told)

    def lines(self, lines: Iterable[RecalledLine], most: int) -> tuple[RecalledLine, ...]:
        """Take lines worth *most* tokens."""
        new = (line for line in lines if self._is_new(line.text))
        return tuple(self._take(new, most, lambda line: line.text[:LINE_LETTERS]))

    def notes(self, notes: Iterable[SelfNote], most: int) -> tuple[SelfNote, ...]:
        """Take notes worth *most* tokens."""
        new = (note for note in notes if self._is_new(note.text))
        return tuple(self._take(new, most, lambda note: note.text[:NOTE_LETTERS]))

    def _new_memories(self, memories: Iterable[Memory]) -> Iterator[Memory]:
        for memory in memories:
            says_something = self._is_worded_apart(memory) or not self._shown.issuperset(memory.sources)
            if memory.memory_id not in self._ids and says_something and self._is_new(memory.text):
                self._ids.add(memory.memory_id)
                yield memory

    def _is_worded_apart(self, memory: Memory) -> bool:
        """Say whether a memory is to be told even where the talk shows all its lines: they may say otherwise."""
        return not memory.sources or memory.memory_id in self._newer or is_theirs(memory)

    def _is_new(self, text: str) -> bool:
        key = text_key(text)
        if key in self._texts:
            return False
        self._texts.add(key)
        return True

    def _take(self, items: Iterable[T], most: int, text_of: Callable[[T], str]) -> Iterator[T]:
        """Take what fits, in order; what is too long for what is left does not keep shorter ones out."""
        left = most
        for item in items:
            cost = tokens_of(text_of(item))
            if cost <= left:
                left -= cost
                self.spent += cost
                yield item


def tokens_of(text: str) -> int:
    """Estimate the tokens of a text with its frame, rather too many than too few."""
    plain = sum(char.isascii() for char in text)
    return TOKENS_OVERHEAD + plain // LETTERS_A_TOKEN + (len(text) - plain)


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - len(CUT)].rstrip() + CUT


def _worth(text: str, tokens: int) -> str:
    """Cut a text to what is worth so many tokens."""
    if tokens_of(text) <= tokens:
        return text
    left = (tokens - TOKENS_OVERHEAD - len(CUT)) * LETTERS_A_TOKEN
    for nth, char in enumerate(text):
        left -= 1 if char.isascii() else LETTERS_A_TOKEN
        if left < 0:
            return text[:nth].rstrip() + CUT
    return text
