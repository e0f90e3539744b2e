"""Bring to mind what a turn is shown beside its talk, and say what it leaves of the talk's context.

Nothing of it may cost anybody a reply: whatever goes wrong or takes too long, the turn goes on without.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from bot.domain.handoff import ContextStep, ContextView
from bot.domain.ids import TurnId
from bot.domain.recalled import Known
from bot.domain.turn import NO_CONTEXT, NOTHING_KNOWN, CallTrace, Claim, Gathered
from bot.engine.draft import Draft
from bot.errors import CompanionError

log = logging.getLogger(__name__)

DEADLINE_S = 2.0  # for what takes some milliseconds; longer is trouble, and she answers without

T = TypeVar("T")
RecallFor = Callable[[Claim], Awaitable[Known]]


class Chain(Protocol):
    """How a channel's talk fits its prompts (`bot.engine.context.Context`)."""

    async def view(self, claim: Claim) -> ContextView:
        """Give what stands for the talk that is no longer shown."""

    def step(
        self, claim: Claim, gathered: Gathered | None, calls: Sequence[CallTrace], *, cut_at: TurnId | None
    ) -> ContextStep | None:
        """Say how the chain stands after a turn that showed *gathered*; *cut_at* is where the model could read from."""


class BearInMind:
    """Recalls for a turn, and follows the context of its channel; either may be missing."""

    def __init__(self, recall: RecallFor | None, chain: Chain | None) -> None:
        self._recall = recall
        self._chain = chain

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to ask."""
        return self._recall is None and self._chain is None

    @property
    def keeps_context(self) -> bool:
        """Say whether the chain decides where a history starts."""
        return self._chain is not None

    async def known(self, claim: Claim) -> Known:
        """Give what comes to mind; nothing if that cannot be had now."""
        return NOTHING_KNOWN if self._recall is None else await _or_else(NOTHING_KNOWN, self._recall(claim), claim)

    async def context(self, claim: Claim) -> ContextView:
        """Give what stands for the talk that is no longer shown; nothing if that cannot be had now."""
        return NO_CONTEXT if self._chain is None else await _or_else(NO_CONTEXT, self._chain.view(claim), claim)

    def step(self, draft: Draft) -> ContextStep | None:
        """Say what a turn leaves of its channel's context; None if there is nothing to keep."""
        if self._chain is None:
            return None
        try:
            return self._chain.step(draft.claim, draft.shown, draft.calls, cut_at=draft.context_from)
        except Exception:  # as below
            log.exception("context not followed", extra={"turn_id": draft.claim.turn_id})
            return None


async def _or_else(nothing: T, asked: Awaitable[T], claim: Claim) -> T:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await asked
    except (CompanionError, TimeoutError) as exc:
        log.warning("nothing comes to mind", extra={"turn_id": claim.turn_id, "cause": type(exc).__name__})
    except Exception:  # memory stands beside the talk: not even a mistake in it may take somebody's answer
        log.exception("nothing comes to mind", extra={"turn_id": claim.turn_id})
    return nothing
