"""What is carried over a compaction: the block that is shown once, in the first turn after it.

It is kept as ids and put into words when it is shown, so that what was forgotten meanwhile is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import TurnId
from bot.domain.memory import Memory
from bot.domain.message import Message
from bot.domain.recalled import Summary

SUMMARIES_MOST = 12  # that a prompt shows; as many levels as years of talk make, see `bot.domain.summary_text`
LINES_MOST = 6
LINE_LETTERS_MOST = 500
GOALS_MOST = 3
DECISIONS_MOST = 5
PROMISES_MOST = 5


@dataclass(frozen=True, slots=True)
class Handoff:
    """The block; *lines* are the newest before turn *cut*, oldest first. *note* says where the talk stood."""

    cut: TurnId
    lines: tuple[Message, ...] = ()
    summary: Summary | None = None
    goals: tuple[Memory, ...] = ()
    decisions: tuple[Memory, ...] = ()
    promises: tuple[Memory, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ContextStep:
    """How a channel's context chain stands after a turn, kept with its last commit.

    The counters are those of `bot.domain.context_chain`. *context_from* is where the next prompt's history starts, None
    where that stays; such a cut makes a handoff due. *is_summary_due* says that talk waits to be summarised, because it
    has left the prompt or is to leave it soon. *shown_cut* names the handoff that this turn showed: it is over, unless
    another cut was made meanwhile.
    """

    turns_since: int = 0
    low_cache_turns: int = 0
    prompt_tokens: int = 0
    context_from: TurnId | None = None
    is_summary_due: bool = False
    shown_cut: TurnId | None = None


@dataclass(frozen=True, slots=True)
class ContextView:
    """What a turn is shown of the talk before its history: *summaries* oldest first, and the handoff if it is due.

    *stands* is how the chain stood then; None where that could not be read.
    """

    summaries: tuple[Summary, ...] = ()
    handoff: Handoff | None = None
    stands: ContextStep | None = None
