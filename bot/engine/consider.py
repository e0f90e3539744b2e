"""Ask, with one cheap call, whether talk that may or may not be hers is: for lines in the grey zone of attention.

Whatever goes wrong means no: she is one of several in the room, and nobody waits for her.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import aclosing
from datetime import timedelta

from bot.domain.prompt import AnswerForm, ChatMessage
from bot.engine.ask import trace
from bot.engine.draft import Draft
from bot.engine.mind import Mind
from bot.errors import ProviderError
from bot.ports import AnswerRequest, ChatModel, Finished

log = logging.getLogger(__name__)

PURPOSE = "consider"
DEADLINE = timedelta(seconds=8)  # later than that the talk has gone on
ANSWER_TOKENS = 400  # a word is asked for; some models think before it
YES = re.compile(r"\b(?:true|yes)\b", re.IGNORECASE)
NO = re.compile(r"\b(?:false|no|not)\b", re.IGNORECASE)
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"speak": {"type": "boolean"}},
    "required": ["speak"],
    "additionalProperties": False,
}


class Consider:
    """Decides whether a turn that nobody asked for is taken."""

    def __init__(self, *, model: ChatModel, mind: Mind) -> None:
        """Take the *model* for cheap calls."""
        self._model = model
        self._mind = mind

    async def __call__(self, draft: Draft) -> bool:
        """Ask about the lines of a turn; what came of it is noted in *draft*."""
        try:
            finished = await self._asked(draft)
        except ProviderError as exc:
            log.info("not considered", extra={"turn_id": draft.claim.turn_id, "kind": exc.kind})
            draft.notes.append(f"considered: {exc.kind}")
            return False
        draft.calls.append(trace(finished, PURPOSE, self._mind.version))
        is_hers = read_decision(finished.fields)
        draft.notes.append(f"considered: {'yes' if is_hers else 'no'}")
        return is_hers

    async def _asked(self, draft: Draft) -> Finished:
        def messages_for(form: AnswerForm) -> tuple[ChatMessage, ...]:
            return self._mind.question(draft.claim)

        request = AnswerRequest(
            purpose=PURPOSE,
            messages_for=messages_for,
            schema_name="decision",
            schema=SCHEMA,
            deadline=DEADLINE,
            text_key="speak",
            max_tokens=ANSWER_TOKENS,
            is_hasty=True,
        )
        async with aclosing(self._model.answer(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finished):
                    return piece
        raise ProviderError("the answer had no end", kind="broken", retryable=False)


def read_decision(fields: Mapping[str, object]) -> bool:
    """Read whether she speaks; anything but a plain yes is a no."""
    said = fields.get("speak")
    if isinstance(said, str):
        return bool(YES.search(said)) and not NO.search(said)
    return said is True
