"""When a channel's talk is cut out of its prompts, and how much of it stays: a state machine, pure.

The history of a prompt grows append-only, so that what the server has cached of it counts. Cutting it throws that cache
away: it happens rarely and takes much at once. docs/context.md says it with numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from bot.domain.ids import TurnId
from bot.domain.message import Message, Speaker
from bot.domain.turn import Said

COOLDOWN_TURNS = 3  # after a compaction, in which only the hard ceiling compacts
LOW_CACHE_TURNS = 2  # in a row, before a compaction over the soft threshold
LOW_CACHE_SHARE = 0.3  # of a prompt; less than that cached is little
SOFT_TOKENS = 12_000  # docs/context.md, "Thresholds"
# Reading, quoting and sending a line takes its time however short it is: of more lines than the soft threshold holds at
# so many tokens each, talk is cut as over the hard ceiling. Measured: docs/context.md, "Thresholds".
TOKENS_A_LINE = 50
HARD_OF_SOFT = 2  # where the hard ceiling is not set, it is so many times the soft threshold

AHEAD_PART = 3  # of the way from the soft threshold to the ceiling, after which summaries are made ahead

# What a server does not count is estimated. Common tokenizers take about four letters of English for one token, and
# about three bytes of everything beyond ASCII: a Chinese sign, a letter and a half of Russian. Frames were counted.
ASCII_PER_TOKEN, BYTES_PER_TOKEN = 4, 3
LINE_TOKENS = 45  # the frame of a person's line in the prompt
OWN_LINE_TOKENS = 5  # of a line of hers
FIXED_TOKENS = 4_000  # who she is, the rules, what she remembers: about 3,000 and 1,000
LINES_KEPT = 4_096  # whose tokens are remembered: each line of a talk is counted at each turn
DISBELIEVED_UNDER = 3  # a server that counts less than a third of what the talk alone must take does not count


class Compaction(StrEnum):
    """What a turn leaves to be done."""

    NONE = "none"
    SOFT = "soft"  # the talk is summarised, then cut
    HARD = "hard"  # it is cut at once, and summarised afterwards


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds, in tokens of the model in use; *soft* is not above *hard*."""

    soft: int = SOFT_TOKENS
    hard: int = HARD_OF_SOFT * SOFT_TOKENS

    @classmethod
    def of(cls, soft: int, hard: int | None) -> Limits:
        """Give the thresholds that are set; a soft one above the hard ceiling counts as that."""
        ceiling = HARD_OF_SOFT * soft if hard is None else hard
        return cls(min(soft, ceiling), ceiling)

    @property
    def ahead(self) -> int:
        """Give from how many tokens on a summary is made of talk that the hard ceiling is going to cut."""
        return self.soft + (self.hard - self.soft) // AHEAD_PART

    @property
    def lines(self) -> int:
        """Give how many lines of talk a prompt shows at most."""
        return self.soft // TOKENS_A_LINE


@dataclass(frozen=True, slots=True)
class Chain:
    """How a channel stands: turns with a prompt since the last compaction, and how many of the newest in a row were
    over the soft threshold with little of them cached."""

    turns_since: int = 0
    low_cache_turns: int = 0


@dataclass(frozen=True, slots=True)
class Prompted:
    """A prompt's size in tokens, and how much of it the server had cached; None where it does not say."""

    tokens: int
    cached: int | None = None

    @property
    def is_low_cache(self) -> bool:
        """Say whether little of it was cached; unknown is little."""
        return self.cached is None or self.cached < LOW_CACHE_SHARE * self.tokens


COMPACTED = Chain()


def advance(chain: Chain, prompted: Prompted, limits: Limits) -> Chain:
    """Count a turn whose prompt was *prompted*."""
    is_wasteful = prompted.tokens > limits.soft and prompted.is_low_cache
    return replace(
        chain,
        turns_since=chain.turns_since + 1,
        low_cache_turns=chain.low_cache_turns + 1 if is_wasteful else 0,
    )


def compaction_due(chain: Chain, tokens: int, limits: Limits) -> Compaction:
    """Say what is to be done after a turn that is counted in *chain* already and whose prompt took *tokens*.

    The hard ceiling always compacts. Over the soft threshold it takes low-cache turns in a row, none of them within
    the cooldown of the compaction before.
    """
    if tokens > limits.hard:
        return Compaction.HARD
    is_cool = chain.turns_since > COOLDOWN_TURNS
    if tokens > limits.soft and is_cool and chain.low_cache_turns >= LOW_CACHE_TURNS:
        return Compaction.SOFT
    return Compaction.NONE


def tokens_kept(prompt_tokens: int, talk_tokens: int, limits: Limits) -> int:
    """Say how much of the talk a compaction keeps: so much that the prompt is about half of the soft threshold.

    What else stands in the prompt counts towards that, down to a quarter of the threshold for the talk.
    """
    other = max(0, prompt_tokens - talk_tokens)
    return min(max(limits.soft // 2 - other, limits.soft // 4), limits.soft // 2)


def history_start(turns: Sequence[tuple[TurnId, int]], kept: int) -> TurnId | None:
    """Give the turn from which the history starts after a compaction; None if nothing would go.

    *turns* are whole turns with their tokens, oldest first. The newest that fit into *kept* tokens stay, at least one.
    """
    room, start = kept, len(turns)
    while start > 0 and (start == len(turns) or turns[start - 1][1] <= room):
        start -= 1
        room -= turns[start][1]
    return turns[start][0] if start > 0 else None


def turn_tokens(history: Iterable[Said]) -> list[tuple[TurnId, int]]:
    """Estimate how many tokens each turn of a history takes, in its order; what is part of no turn is left out."""
    return [
        (turn_id, sum(line_tokens(said.message) for said in lines))
        for turn_id, lines in groupby(history, key=lambda said: said.turn_id)
        if turn_id
    ]


@lru_cache(maxsize=LINES_KEPT)
def line_tokens(message: Message) -> int:
    """Estimate how many tokens a line takes in a prompt, with what it quotes and passes on."""
    frame = OWN_LINE_TOKENS if message.speaker is Speaker.SELF else LINE_TOKENS
    quoted = 0 if message.quote is None else text_tokens(message.quote.text) + LINE_TOKENS
    return text_tokens(message.content) + sum(map(text_tokens, message.forwards)) + quoted + frame


def text_tokens(text: str) -> int:
    """Estimate how many tokens a text takes, whatever its script; a little too many rather than too few."""
    if text.isascii():
        return -(-len(text) // ASCII_PER_TOKEN)
    size = len(text.encode("utf-8", "replace"))
    plain = sum(char.isascii() for char in text)
    return -(-plain // ASCII_PER_TOKEN) - (-(size - plain) // BYTES_PER_TOKEN)


def prompted_of(talk_tokens: int, counted: int | None, cached: int | None) -> Prompted:
    """Read what a server says of a prompt whose talk takes about *talk_tokens*; what it cannot know is estimated.

    Servers say anything: nothing, zero, less than the talk alone takes. Then the cache is unknown as well.
    """
    if counted is None or counted <= 0 or counted * DISBELIEVED_UNDER < talk_tokens:
        return Prompted(talk_tokens + FIXED_TOKENS)
    return Prompted(counted, None if cached is None else max(0, cached))
