"""What she may say of her own state: for cards, for the loopback page, for the health check."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.affect.state import SoulState
from bot.engine.conversations import Conversations
from bot.engine.feel import Feel
from bot.engine.mind import Mind, TurnSummary
from bot.ports import ChatModel, ModelHealth


@dataclass(frozen=True, slots=True)
class StatusView:
    """Her state at this moment; holds nobody's words.

    *soul* is None until one was read here. *trouble* names files of the companion that do not read, with the key: she
    is what they said before.
    """

    name: str
    persona: str
    colour: int
    version: str
    has_content: bool
    model: ModelHealth
    turns_under_way: int
    last_turn: TurnSummary | None
    soul: SoulState | None
    trouble: tuple[str, ...] = ()


class Status:
    """Reads the state of this process."""

    def __init__(
        self,
        *,
        mind: Mind,
        model: ChatModel,
        conversations: Conversations,
        feel: Feel,
        version: str,
        has_content: bool,
    ) -> None:
        self._mind = mind
        self._model = model
        self._conversations = conversations
        self._feel = feel
        self._version = version
        self._has_content = has_content

    def read(self) -> StatusView:
        """Give the state now; makes no call."""
        return StatusView(
            name=self._mind.companion.name,
            persona=self._mind.persona.title,
            colour=self._mind.persona.colour,
            version=self._version,
            has_content=self._has_content,
            model=self._model.health(),
            turns_under_way=self._conversations.under_way,
            last_turn=self._mind.last_turn,
            soul=self._feel.latest(),
            trouble=self._mind.being.trouble,
        )
