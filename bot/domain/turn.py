"""One answer from claim to close: what a turn holds at each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.affect.appraisal import Appraisal
from bot.domain.feeling import Feelings, SoulId
from bot.domain.handoff import ContextStep, ContextView
from bot.domain.ids import ChannelId, MemoryId, MessageId, PartId, TurnId, UserId
from bot.domain.message import Channel, Message, Reach
from bot.domain.pictures import Picture, QuotedFile
from bot.domain.recalled import Known
from bot.domain.timer import NewTimer

PUT_OFF = "put off"  # among the reasons of a message that was to be answered later
TALK_WENT_ON = "the talk went on"  # among those of a turn that nobody asked for and that came too late
NOTHING_KNOWN, NO_CONTEXT = Known(), ContextView()
THREAD_REFUSED = "thread refused"  # among those of a turn whose words went to the channel instead


class Intent(StrEnum):
    """What she decides to do with what she heard."""

    REPLY = "reply"
    REACT = "react"
    LATER = "later"
    SILENT = "silent"


class PartKind(StrEnum):
    """What is sent."""

    TEXT = "text"
    REACTION = "reaction"
    THREAD = "thread"  # opened under the line it replies to; its content is the title


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn that is ours: the waiting messages of one channel, oldest first.

    *history* is the talk before them, of the same audience. *retry_count* says how often in a row the
    channel was left waiting because of the model, *declined_count* how often the model was there and made nothing
    of it, *seen_ids* under which messages the waiting was shown.
    *time_zones* are those of the messages' authors who named one. *put_off* are messages that she wanted to answer
    later, which is now. *overheard* is what was said to others since the last turn, oldest first; it is context, and
    nobody's feelings or memories follow from it. *met* are the authors who have ever addressed her. *chain* is how the
    channel's context chain stands, if nothing stands for talk before the history; None where that has to be asked for.
    """

    turn_id: TurnId
    channel: Channel
    messages: tuple[Message, ...]
    started_at: datetime
    history: tuple[Said, ...] = ()
    retry_count: int = 0
    declined_count: int = 0
    seen_ids: tuple[MessageId, ...] = ()
    time_zones: Mapping[UserId, str] = field(default_factory=dict)
    put_off: tuple[MessageId, ...] = ()
    overheard: tuple[Message, ...] = ()
    met: frozenset[UserId] = frozenset()
    chain: ContextStep | None = None

    @property
    def reach(self) -> Reach:
        """Give the strongest way in which one of the messages reached her; what was put off is asked for."""
        if self.put_off:
            return Reach.ASKED
        return min((message.reach for message in self.messages), key=list(Reach).index)

    @property
    def last(self) -> Message:
        """Give the newest of the messages."""
        return self.messages[-1]


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the history and the turn it belongs to.

    History is ordered by turn, people's lines before hers: that order never changes afterwards, so
    one prompt begins with the bytes of the one before it.
    """

    turn_id: TurnId
    message: Message


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the prompt is made of; *history* is oldest first and ends before the claimed messages.

    *pictures* and *files* are what she looks at of what came with the claimed messages, oldest first; *unseen* counts
    those that came as well and are not shown. *known* is what she remembers beside the talk, *context* what stands for
    the talk that is no longer shown. *house_rules* is what who runs the server asks of everybody there.
    """

    history: tuple[Said, ...]
    feelings: Feelings | None = None
    pictures: tuple[Picture, ...] = ()
    files: tuple[QuotedFile, ...] = ()
    unseen: int = 0
    known: Known = NOTHING_KNOWN
    context: ContextView = NO_CONTEXT
    house_rules: str | None = None

    def without_memory(self) -> Gathered:
        """Give the same with the talk alone."""
        return replace(self, known=NOTHING_KNOWN, context=replace(self.context, summaries=(), handoff=None))


@dataclass(frozen=True, slots=True)
class NewPart:
    """A finished piece of an answer, not yet kept; *part_no* counts from 0 within the turn.

    *reply_to_id* is the line it replies to, is put under (a reaction) or opened under (a thread). *place_id* is the
    thread it goes to where that is not the turn's channel.
    """

    part_no: int
    kind: PartKind
    content: str
    reply_to_id: MessageId | None
    place_id: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class OutboxPart:
    """A kept piece of an answer; *after_id* is the newest message it answers.

    *pings* says that whom it replies to is notified, which only somebody who asked for it is. *place_id* is as in
    `NewPart`.
    """

    part_id: PartId
    turn_id: TurnId
    part_no: int
    channel_id: ChannelId
    kind: PartKind
    content: str
    reply_to_id: MessageId | None
    after_id: MessageId
    created_at: datetime
    pings: bool = False
    place_id: ChannelId | None = None

    @property
    def goes_to(self) -> ChannelId:
        """Give the channel or thread it is sent to."""
        return self.place_id or self.channel_id

    @property
    def nonce(self) -> str:
        """Give the nonce that keeps Discord from taking the part twice (25 characters at most).

        The answered message is in it: turn ids start anew with a new database, snowflakes do not.
        """
        return f"{self.after_id:x}.{self.turn_id % 4096:x}.{self.part_no % 256:x}"


@dataclass(frozen=True, slots=True)
class CallTrace:
    """What one model call was, without its content."""

    purpose: str
    model: str
    rung: str
    prompt_hash: str
    persona_version: str
    attempts: int
    duration: timedelta
    outcome: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None


@dataclass(frozen=True, slots=True)
class MessageAppraisal:
    """What one message of one person means to her; *similarity* to what they said before is in [0, 1]."""

    message_id: MessageId
    user_id: UserId
    appraisal: Appraisal
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Feeling:
    """Whose feelings a turn moves: the soul, the model's version, and how much leaks between people."""

    soul_id: SoulId
    model_version: int
    leak: float


@dataclass(frozen=True, slots=True)
class TurnClose:
    """How a turn ended, kept in its last commit; *soul* is whose feelings its appraisals move, and how.

    *overheard_ids* are lines between others that its prompt showed: they belong to this turn from now on. *is_hers* is
    what the cheap call said of lines that were `Reach.UNSURE`; None if it was not asked. *recalled_lines* and
    *recalled_memories* stood in its prompt; *context* is what it leaves of the channel's context chain.
    """

    intent: Intent
    persona: str
    reasons: tuple[str, ...]
    appraisals: tuple[MessageAppraisal, ...]
    calls: tuple[CallTrace, ...]
    closed_at: datetime
    soul: Feeling | None = None
    context_from_turn: TurnId | None = None
    expression: str | None = None
    persona_wish: str | None = None
    tail: Mapping[str, object] = field(default_factory=dict)
    timers: tuple[NewTimer, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    overheard_ids: tuple[MessageId, ...] = ()
    is_hers: bool | None = None
    recalled_lines: tuple[MessageId, ...] = ()
    recalled_memories: tuple[MemoryId, ...] = ()
    context: ContextStep | None = None
