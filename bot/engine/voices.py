"""Count how her answers sound, for each model and persona; kept in memory and written down from time to time."""

from __future__ import annotations

import asyncio
import logging

from bot.domain.service import VoiceCount
from bot.errors import StoreError
from bot.persona_ports import VoiceStore

log = logging.getLogger(__name__)


class Voices:
    """Counts the answers of this process; what was not written down when it dies is lost."""

    def __init__(self, store: VoiceStore) -> None:
        self._store = store
        self._counts: dict[tuple[str, str], VoiceCount] = {}
        self._writing = asyncio.Lock()

    def note(self, model: str, persona: str, *, is_flagged: bool, is_sent_flagged: bool) -> None:
        """Count one answer: whether a draft of it sounded like an assistant, and whether what was sent does."""
        self._add(VoiceCount(model, persona, 1, int(is_flagged), int(is_sent_flagged)))

    def _add(self, count: VoiceCount) -> None:
        key = (count.model, count.persona)
        known = self._counts.get(key)
        self._counts[key] = count if known is None else known.with_more(count)

    async def keep(self) -> None:
        """Write down what was counted; what cannot be written now is kept for the next time."""
        async with self._writing:
            counts, self._counts = self._counts, {}
            if not counts:
                return
            try:
                await self._store.add(tuple(counts.values()))
            except StoreError as exc:
                log.info("voice counts wait", extra={"cause": str(exc)})
                for count in counts.values():
                    self._add(count)
            except asyncio.CancelledError:
                for count in counts.values():
                    self._add(count)
                raise
