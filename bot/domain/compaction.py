"""Where the history of a prompt begins: it grows append-only and is cut in steps, pure.

Cutting costs the provider's prompt cache once, so it happens rarely and takes half away.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.domain.ids import TurnId
from bot.domain.turn import Said

SOFT_CHARACTERS = 12_000  # about 3,000 tokens are kept after a cut; chosen by ear
HARD_CHARACTERS = 24_000  # about 6,000 tokens start one; chosen by ear
LINE_OVERHEAD = 90  # characters a line's frame takes in the prompt


def context_start(
    history: Sequence[Said], *, hard: int = HARD_CHARACTERS, soft: int = SOFT_CHARACTERS
) -> TurnId | None:
    """Give the turn from which the next prompt's history starts, or None to leave it as it is.

    Whole turns are kept: the newest ones that fit into *soft* characters, at least one.
    """
    if sum(_cost(said) for said in history) <= hard:
        return None
    kept = 0
    start: TurnId | None = None
    for turn_id, lines in groupby(reversed(history), key=lambda said: said.turn_id):
        kept += sum(_cost(said) for said in lines)
        if kept > soft and start is not None:
            break
        start = turn_id
    return start


def newer_half(history: Sequence[Said]) -> tuple[Said, ...]:
    """Give about the newer half of the lines, in whole turns; of a single turn nothing."""
    middle = (len(history) + 1) // 2
    while 0 < middle < len(history) and history[middle].turn_id == history[middle - 1].turn_id:
        middle += 1
    return tuple(history[middle:])


def _cost(said: Said) -> int:
    message = said.message
    quoted = 0 if message.quote is None else len(message.quote.text) + LINE_OVERHEAD
    return len(message.content) + sum(map(len, message.forwards)) + quoted + LINE_OVERHEAD
