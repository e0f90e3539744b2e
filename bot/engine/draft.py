"""An answer in the making: what one turn has done so far in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.answer import Aim
from bot.domain.chronicle import AffectEvent
from bot.domain.ids import ChannelId, TurnId
from bot.domain.known_prompt import known_names
from bot.domain.message import ChannelKind, Reach
from bot.domain.persona import Persona
from bot.domain.quoting import names_by_code
from bot.domain.turn import CallTrace, Claim, Gathered, Intent, OutboxPart
from bot.domain.wardrobe import Bridge
from bot.engine.slots import Slot
from bot.engine.wear import Worn


@dataclass(slots=True)
class Draft:
    """One turn under way; *is_committed* is set before its first commit, and taken back only if that kept nothing.

    *pace* stretches the pauses between paragraphs; 0 sends at once. *event* is what the finished turn left to live.
    *sending* is the way to the task that sends what was committed; None ends it. *slot* is her place at the model,
    freed when nothing more is asked. *is_refused* says that Discord will take nothing more of it. *context_from* is
    where the history starts that the model could read, if it could not read all of it. *yields_to_more* says that it
    starts anew if somebody wrote meanwhile where another process hears. *worn* is what she wears in it, None
    her usual persona. *aim* is where the answer goes, as the model said last; *place_id* is the thread she opened for
    it. *is_hers* is what the cheap call said, where one was made. *passed_by* counts the lines said since it began.
    *gathered* is what its prompt is made of, as it was asked last; *is_answered* says that the model read it.
    *house_rules* are those of the server it is on.
    """

    claim: Claim
    is_busy: bool
    slot: Slot | None = None
    pace: float = 0.0
    is_committed: bool = False
    is_superseded: bool = False
    is_held: bool = False
    is_refused: bool = False
    yields_to_more: bool = False
    context_from: TurnId | None = None
    worn: Worn | None = None
    house_rules: str | None = None
    aim: Aim = field(default_factory=Aim)
    place_id: ChannelId | None = None
    is_hers: bool | None = None
    is_answered: bool = False
    has_words: bool = False
    is_thread_refused: bool = False
    part_count: int = 0
    passed_by: int = 0
    intent: Intent | None = None
    event: AffectEvent | None = None
    gathered: Gathered | None = None
    calls: list[CallTrace] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    marks: dict[str, datetime] = field(default_factory=dict)
    sending: asyncio.Queue[OutboxPart | None] = field(default_factory=asyncio.Queue)

    @property
    def persona(self) -> Persona | None:
        """Give the persona she wears in it; None is her usual one."""
        return None if self.worn is None else self.worn.persona

    @property
    def bridge(self) -> Bridge | None:
        """Give the change of manner that the answer bridges, if there is one."""
        return None if self.worn is None else self.worn.bridge

    @property
    def shown(self) -> Gathered | None:
        """Give what a model was shown that answered; None as long as none did."""
        return self.gathered if self.is_answered or self.is_committed else None

    @property
    def outcome(self) -> str:
        """Say in a word how the turn ended, for who counts."""
        if self.is_refused:
            return "refused"
        if self.is_held:
            return "held"
        return "waits for the model" if self.intent is None else str(self.intent)

    def reasons(self) -> tuple[str, ...]:
        """Say why she answered and what happened on the way, in short stable words."""
        claim = self.claim
        why = ["direct message"] if claim.channel.kind is ChannelKind.DM else []
        why += ["mention"] if any(message.mentions_self for message in claim.messages) else []
        why += ["reply to her"] if any(message.replies_to_self for message in claim.messages) else []
        reaches = {message.reach for message in claim.messages}
        why += ["called"] if Reach.CALLED in reaches else []
        why += ["joined in"] if Reach.JOINING in reaches else []
        why += ["put off"] if claim.put_off else []
        return (*why, *self.notes)

    def names(self) -> dict[str, str]:
        """Give the display names behind the codes of everybody, and of every line, that the prompt shows."""
        claim = self.claim
        known = {} if self.gathered is None else known_names(self.gathered)
        return known | names_by_code((*(said.message for said in claim.history), *claim.overheard, *claim.messages))

    def free_slot(self) -> None:
        """Let somebody else ask the model."""
        if self.slot is not None:
            self.slot.free()

    def timings_ms(self) -> dict[str, float]:
        """Give each mark in milliseconds since the turn was claimed."""
        start = self.claim.started_at
        return {name: round((at - start) / timedelta(milliseconds=1), 1) for name, at in self.marks.items()}
