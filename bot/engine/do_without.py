"""What becomes of a turn for which the model had no answer; none of it is said in her voice.

Who asked waits and is shown so once; what nobody asked for ends in silence, which is `bot.engine.respond`'s.
"""

from __future__ import annotations

import logging
import math
from datetime import timedelta

from bot.domain.card import Card
from bot.domain.ids import MessageId
from bot.domain.turn import Claim, Intent
from bot.engine.draft import Draft
from bot.engine.speak import addressed_line
from bot.errors import DeliveryError, ProviderError
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)

SEEN_EMOJI = "⏳"  # the app's voice, once, while the model is down
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=1)
LONGEST_ASKED_WAIT = timedelta(hours=1)  # the server's own word; its recovery wakes what waits in any case
# What the model makes of this one prompt: after so many tries and so long a wait, asking on helps nobody. An answer
# that is empty or cannot be read may as well be a server in trouble, which is given time to recover.
PROMPT_TRIES = {"refused": 3, "too_long": 3, "empty": 12, "broken": 12}
PROMPT_WAIT = {"empty": timedelta(minutes=10), "broken": timedelta(minutes=10)}


class DoWithout:
    """Lets messages wait for the model, or gives up what it will not answer."""

    def __init__(self, *, store: Store, delivery: Delivery, clock: Clock) -> None:
        self._store = store
        self._delivery = delivery
        self._clock = clock

    async def __call__(self, draft: Draft, exc: ProviderError, *, persona: str) -> None:
        """See to the messages of a turn that failed with *exc* before anything was said."""
        if self._is_hopeless(draft.claim, exc.kind):
            await self._give_up(draft, exc, persona)
        else:
            await self._wait(draft, exc)

    def _is_hopeless(self, claim: Claim, kind: str) -> bool:
        waited = self._clock.now() - claim.messages[0].sent_at
        is_often = claim.declined_count + 1 >= PROMPT_TRIES.get(kind, math.inf)
        return is_often and waited >= PROMPT_WAIT.get(kind, timedelta(0))

    async def _give_up(self, draft: Draft, exc: ProviderError, persona: str) -> None:
        """End a turn that the model will not answer; the app's voice says so, never hers."""
        claim = draft.claim
        log.warning("given up: the model does not answer it", extra={"turn_id": claim.turn_id, "kind": exc.kind})
        draft.intent = Intent.SILENT
        await self._store.give_up(claim, persona, (*draft.reasons(), "given up"), self._clock.now())
        try:
            answered = addressed_line(claim).message_id  # another's line may have come after it
            await self._delivery.say(claim.channel.channel_id, Card("unanswerable"), answered)
        except DeliveryError as refused:
            log.info("app line not sent", extra={"turn_id": claim.turn_id, "code": refused.code})

    async def _wait(self, draft: Draft, exc: ProviderError) -> None:
        """Leave the messages waiting; the app's voice shows each person once that they were seen."""
        claim = draft.claim
        wait = _back_off(claim.retry_count, exc.retry_after_s)
        log.warning(
            "the model gave no answer; the messages wait",
            extra={
                "turn_id": claim.turn_id,
                "kind": exc.kind,
                "wait_s": wait.total_seconds(),
                "cause": str(exc),
            },
        )
        now = self._clock.now()
        to_show = _not_shown_yet(claim)
        is_released = await self._store.release(
            claim,
            f"model: {exc.kind}",
            now=now,
            retry_at=now + wait,
            seen_ids=to_show,
            is_declined=exc.kind in PROMPT_TRIES,
            sets_apart=exc.kind in PROMPT_TRIES and exc.kind not in PROMPT_WAIT,
        )
        if not is_released:
            return
        for message_id in to_show:
            try:
                await self._delivery.react(claim.channel.channel_id, message_id, SEEN_EMOJI)
            except DeliveryError as refused:
                log.info("no reaction", extra={"turn_id": claim.turn_id, "code": refused.code})

    async def take_seen_back(self, draft: Draft) -> None:
        """Take the app's reactions away from what is answered now."""
        claim = draft.claim
        if draft.intent is None or not claim.seen_ids:
            return
        for message_id in claim.seen_ids:
            try:
                await self._delivery.unreact(claim.channel.channel_id, message_id, SEEN_EMOJI)
            except DeliveryError as refused:
                log.info("reaction not taken back", extra={"turn_id": claim.turn_id, "code": refused.code})
        await self._store.seen_gone(claim.channel.channel_id, claim.seen_ids)


def _not_shown_yet(claim: Claim) -> tuple[MessageId, ...]:
    """Give the newest message of each person who waits for an answer and was not shown yet that they do."""
    shown = set(claim.seen_ids)
    told = {message.author.user_id for message in claim.messages if message.message_id in shown}
    waiting = [message for message in claim.messages if message.reach.is_expecting]
    newest = {message.author.user_id: message.message_id for message in waiting}
    return tuple(message_id for user_id, message_id in newest.items() if user_id not in told)


def _back_off(retry_count: int, retry_after_s: float | None) -> timedelta:
    """Say how long to wait: as the server asks, else longer each time."""
    if retry_after_s is not None:
        return min(LONGEST_ASKED_WAIT, timedelta(seconds=retry_after_s))
    doublings: int = 2 ** min(retry_count, 10)
    return min(LONGEST_RETRY, FIRST_RETRY * doublings)
