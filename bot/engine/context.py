"""A channel's context chain at a turn: what stands for the talk no longer shown, and what the turn leaves of it.

The rules are `bot.domain.context_chain`. What is kept goes with the turn's last commit; cutting softly is left to
`bot.engine.summarise`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.domain.context_chain import (
    COMPACTED,
    Chain,
    Compaction,
    Limits,
    Prompted,
    advance,
    compaction_due,
    history_start,
    line_tokens,
    prompted_of,
    tokens_kept,
    turn_tokens,
)
from bot.domain.handoff import ContextStep, ContextView, Handoff
from bot.domain.ids import TurnId
from bot.domain.prompt import new_lines
from bot.domain.turn import NO_CONTEXT, CallTrace, Claim, Gathered
from bot.errors import StoreError
from bot.memory_ports import SummaryStore
from bot.ports import Clock

log = logging.getLogger(__name__)

ANSWERS = ("turn", "repair", "rewrite")  # purposes of calls whose prompt is the whole talk
REPLY_TOKENS = 150  # what an answer of hers adds to the talk, where the server does not count; two paragraphs
TOKENS_MOST = 2**31 - 1  # of Postgres' integer: servers count anything


class Context:
    """Looks at a channel's chain before a turn, and steps it on after."""

    def __init__(self, store: SummaryStore, clock: Clock, limits: Limits | None = None) -> None:
        """Take where chains are kept; *limits* are in tokens of the model in use."""
        self._store = store
        self._clock = clock
        self._limits = limits or Limits()

    async def view(self, claim: Claim) -> ContextView:
        """Give what the turn is shown; nothing where that cannot be had.

        A cut that was made after the turn's history was read is for the next turn to show.
        """
        if claim.chain is not None:
            return ContextView(stands=claim.chain)
        try:
            stands, summaries, handoff = await self._store.view(claim.channel.channel_id)
        except StoreError as exc:
            log.warning("context not read", extra={"channel_id": claim.channel.channel_id, "cause": str(exc)})
            return NO_CONTEXT
        if handoff is not None and not _is_cut_at(claim, handoff):
            handoff = None
        begins = next((said.turn_id for said in claim.history if said.turn_id), claim.turn_id)
        return ContextView(tuple(one for one in summaries if one.to_turn < begins), handoff, stands)

    def step(
        self,
        claim: Claim,
        gathered: Gathered | None,
        calls: Sequence[CallTrace],
        *,
        cut_at: TurnId | None = None,
    ) -> ContextStep:
        """Say what a turn that showed *gathered* leaves of its channel's chain.

        A turn whose prompt nobody read has used no handoff and counts for nothing but the length of its talk. *cut_at*
        is where the history had to start so that the model could read it: it is cut there at least.
        """
        view = NO_CONTEXT if gathered is None else gathered.context
        answer = next((call for call in calls if call.purpose in ANSWERS), None)
        turns = [*turn_tokens(claim.history), (claim.turn_id, _tokens_of_turn(claim, answer))]
        talk = sum(tokens for _, tokens in turns)
        prompted = _prompted(talk, answer)
        chain = _advanced(view, prompted, self._limits, is_read=answer is not None)
        due = compaction_due(chain, prompted.tokens, self._limits)
        if len(claim.history) > self._limits.lines:
            due = Compaction.HARD
        start = history_start(turns, tokens_kept(prompted.tokens, talk, self._limits))
        if cut_at is not None:
            due, start = Compaction.HARD, max(cut_at, start or cut_at)
        is_due = due is not Compaction.NONE and start is not None
        is_cut = is_due and due is Compaction.HARD
        was_due = view.stands is not None and view.stands.is_summary_due
        if is_cut or (is_due and not was_due):  # it may wait for its summary for many turns
            facts = {"turn_id": claim.turn_id, "compaction": str(due), "tokens": prompted.tokens}
            log.info("the talk is long", extra=facts)
        shown = view.handoff if answer is not None else None
        chain = COMPACTED if is_cut else chain
        return ContextStep(
            turns_since=chain.turns_since,
            low_cache_turns=chain.low_cache_turns,
            prompt_tokens=min(prompted.tokens, TOKENS_MOST),
            context_from=start if is_cut else None,
            is_summary_due=is_due or (prompted.tokens > self._limits.ahead and start is not None),
            shown_cut=None if shown is None else shown.cut,
        )


def _is_cut_at(claim: Claim, handoff: Handoff) -> bool:
    """Say whether the turn's history begins where the handoff's cut is."""
    return all(said.turn_id >= handoff.cut for said in claim.history if said.turn_id)


def _tokens_of_turn(claim: Claim, answer: CallTrace | None) -> int:
    """Estimate what the turn itself adds to the history."""
    said = sum(line_tokens(line) for line in new_lines(claim))
    return said if answer is None else said + REPLY_TOKENS


def _prompted(talk: int, answer: CallTrace | None) -> Prompted:
    if answer is None:
        return prompted_of(talk, None, None)
    return prompted_of(talk, answer.tokens_in, answer.tokens_cached)


def _advanced(view: ContextView, prompted: Prompted, limits: Limits, *, is_read: bool) -> Chain:
    """Step the chain on; where it could not be read it counts from here."""
    stands = view.stands or ContextStep()
    chain = Chain(stands.turns_since, stands.low_cache_turns)
    return advance(chain, prompted, limits) if is_read else chain
