"""Put into a prompt what she remembers: as quoted data, for the eyes of those who are there, within bounds.

Each thing is one JSON object on one line without a ref, so that nothing can be answered to it, and no line can end
the block it stands in. What comes to mind changes with each turn and stands near the end; summaries stand before the
talk and stay as they are until it is cut again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.handoff import (
    DECISIONS_MOST,
    GOALS_MOST,
    LINE_LETTERS_MOST,
    LINES_MOST,
    PROMISES_MOST,
    SUMMARIES_MOST,
    ContextView,
    Handoff,
)
from bot.domain.ids import MemoryId, MessageId, UserId, short_code
from bot.domain.memory import Memory, MemoryKind, MemoryState, SelfNote
from bot.domain.message import Audience, AudienceKind, ChannelKind, Message, Speaker
from bot.domain.quoting import as_line, name_mentions, names_by_code, safe_name, safe_text, shown_name
from bot.domain.recalled import Known, Past, RecalledLine, Summary
from bot.domain.turn import Claim, Gathered

MEMORY_LETTERS = 2_000  # characters of one memory; its whole length is for the person's own list
CARRIED_LETTERS = 1_000  # of one that is carried over a cut
NOTE_LETTERS = 300  # of a line of a portrait, a step towards a goal, a note of herself
LINE_LETTERS = 1_000  # of a line that came to mind
SUMMARY_LETTERS = 1_000
STEPS_MOST = 6  # the newest steps of a goal
KNOWN_LETTERS = 9_000  # of all that comes to mind, written out; the engine's budget is tighter, in tokens
HANDOFF_LETTERS = 9_000  # of the whole handoff: six lines, a summary, goals, decisions, promises, a note
OUTDATED = "no longer true"  # of a line: all of it, or in part
UNSURE_UNDER = 0.5  # confidence; what is no more than likely says so
# A promise that is due is brought up once; that it was kept nobody notes. Who was answered so long after it was due has
# heard of it, or never will.
KEPT_AFTER = timedelta(hours=12)

Row = Mapping[str, object]


def remembered_block(
    claim: Claim, gathered: Gathered, now: datetime, *, own_name: str, own_id: UserId | None = None
) -> str:
    """Give what came to mind for a turn, and the handoff if it is due; empty where there is nothing.

    What is superseded, over, or meant for other eyes than those of who is there is left out, whoever put it in.
    """
    words = _Words(claim, gathered, now, own_name, own_id)
    known, handoff = gathered.known, gathered.context.handoff
    carried = [] if handoff is None else _within(words.carried(handoff), HANDOFF_LETTERS)
    lines = [*_within(words.known(known), KNOWN_LETTERS), *carried]
    return "\n".join(("<remembered>", *lines, "</remembered>")) if lines else ""


def earlier_block(claim: Claim, context: ContextView, *, own_id: UserId | None = None) -> str:
    """Give the summaries of what is no longer shown, oldest first; empty where there are none.

    It depends on nothing that changes from turn to turn.
    """
    lines = [_line(_summary(one, own_id)) for one in _seen(claim, context.summaries)[-SUMMARIES_MOST:]]
    return "\n".join(("<earlier>", *lines, "</earlier>")) if lines else ""


def known_names(gathered: Gathered) -> dict[str, str]:
    """Give the display names behind the codes of people whom only what is remembered shows."""
    handoff = gathered.context.handoff
    names = names_by_code(handoff.lines) if handoff is not None else {}
    return names | {
        short_code("u", line.speaker_id): safe_name(line.name) for line in gathered.known.found.lines if not line.is_own
    }


def shown_ids(gathered: Gathered, claim: Claim) -> frozenset[MessageId]:
    """Name the lines that a prompt shows as talk."""
    talk = (*(said.message for said in gathered.history), *claim.overheard, *claim.messages)
    return frozenset(line.message_id for line in talk)


@dataclass(slots=True)
class _Words:
    """Writes what is remembered, each thing once; *shown* and *told* grow with it."""

    claim: Claim
    gathered: Gathered
    now: datetime
    own_name: str
    own_id: UserId | None
    shown: set[MessageId] = field(default_factory=set)
    told: set[MemoryId] = field(default_factory=set)

    def __post_init__(self) -> None:
        handoff = self.gathered.context.handoff
        self.shown |= shown_ids(self.gathered, self.claim)
        # what is carried over a cut stands there in its order, with what was said round it
        self.shown |= set() if handoff is None else {line.message_id for line in handoff.lines}

    def known(self, known: Known) -> Iterator[Row]:
        """Write what came to mind, what must not be missed first."""
        yield from self._memories(known.standing)
        yield from self._memories(known.portraits)
        yield from (_note(note) for note in known.notes if _may_stand(note.audience, self.claim))
        yield from self._memories(one.memory for one in known.found.memories)
        yield from (self._recalled(line) for line in known.found.lines if self._is_new(line))

    def carried(self, handoff: Handoff) -> Iterator[Row]:
        """Write what is carried over a cut of the talk."""
        summary = [] if handoff.summary is None else _seen(self.claim, [handoff.summary])
        shown = {one.summary_id for one in self.gathered.context.summaries}
        yield from (_summary(one, self.own_id) for one in summary if one.summary_id not in shown)
        yield from self._memories(handoff.goals[:GOALS_MOST], CARRIED_LETTERS)
        yield from self._memories(handoff.decisions[:DECISIONS_MOST], CARRIED_LETTERS)
        yield from self._memories(handoff.promises[:PROMISES_MOST], CARRIED_LETTERS)
        here = [line for line in handoff.lines if line.channel.channel_id == self.claim.channel.channel_id]
        talk = shown_ids(self.gathered, self.claim)
        yield from (self._said(line) for line in here[-LINES_MOST:] if line.message_id not in talk)
        if handoff.note:
            said = {"said": _minute(handoff.lines[-1].sent_at)} if handoff.lines else {}
            yield {"remembered": "where the talk stood", **said, "text": safe_text(handoff.note, NOTE_LETTERS)}

    def _memories(self, memories: Iterable[Memory], letters: int = MEMORY_LETTERS) -> Iterator[Row]:
        for memory in memories:
            if memory.memory_id not in self.told and self._holds(memory):
                self.told.add(memory.memory_id)
                yield self._memory(memory, letters)

    def _holds(self, memory: Memory) -> bool:
        is_over = (memory.valid_to is not None and memory.valid_to <= self.now) or self._had_its_day(memory)
        is_current = memory.state is MemoryState.CURRENT and not is_over
        return is_current and _may_stand(memory.audience, self.claim, memory.owner_id)

    def _had_its_day(self, memory: Memory) -> bool:
        """Say whether she has answered here long after a promise was due."""
        if memory.kind is not MemoryKind.PROMISE or memory.due_at is None:
            return False
        after = memory.due_at + KEPT_AFTER
        talk = (said.message for said in self.gathered.history)
        return any(line.speaker is Speaker.SELF and line.sent_at > after for line in talk)

    def _memory(self, memory: Memory, letters: int) -> Row:
        limit = NOTE_LETTERS if memory.kind is MemoryKind.PORTRAIT else letters
        row: dict[str, object] = {"remembered": str(memory.kind), "of": self._code(memory.owner_id)}
        if memory.kind is MemoryKind.PROMISE and self._is_own(memory.about_id):
            row |= {"of": "you", "to": self._code(memory.owner_id)}
        elif memory.about_id not in (None, memory.owner_id):
            row["about"] = self._code(memory.about_id)
        row |= {"said": _day(memory.said_at), "text": self._text(memory.text, limit)}
        if memory.confidence < UNSURE_UNDER:
            row["unsure"] = True
        for name, at in (("due", memory.due_at), ("until", memory.valid_to), ("done", memory.done_at)):
            row |= {} if at is None else {name: _minute(at) if name == "due" else _day(at)}
        if memory.milestones:
            row["steps"] = [
                self._text(step.text, NOTE_LETTERS) + (" (done)" if step.done_at is not None else "")
                for step in memory.milestones[-STEPS_MOST:]
            ]
        return row

    def _is_new(self, line: RecalledLine) -> bool:
        if line.message_id in self.shown:
            return False
        self.shown.add(line.message_id)
        return self.claim.channel.kind is not ChannelKind.DM or line.owner_id in _people(self.claim)

    def _recalled(self, line: RecalledLine) -> Row:
        who = {"of": "you"} if line.is_own else self._person(line.speaker_id, line.name)
        text = self._text(line.text, LINE_LETTERS)
        # as it was said, it reads as if it held
        aged = {} if line.past is Past.NO else {OUTDATED: str(line.past)}
        return {"remembered": "line", **who, "said": _minute(line.said_at), **aged, "text": text}

    def _said(self, line: Message) -> Row:
        is_own = line.speaker is Speaker.SELF
        who = {"of": "you"} if is_own else self._person(line.author.user_id, line.author.display_name)
        text = self._text(line.content, LINE_LETTERS_MOST)
        return {"remembered": "line", **who, "said": _minute(line.sent_at), "text": text}

    def _person(self, user_id: UserId, name: str) -> dict[str, object]:
        return {"of": self._code(user_id), "name": shown_name(name, self.own_name)}

    def _is_own(self, user_id: UserId | None) -> bool:
        return user_id is not None and user_id == self.own_id

    def _code(self, user_id: UserId | None) -> str:
        return "you" if user_id is None or self._is_own(user_id) else short_code("u", user_id)

    def _text(self, text: str, limit: int) -> str:
        return safe_text(name_mentions(text, self.own_name, self.own_id), limit)


def _may_stand(audience: Audience | None, claim: Claim, owner_id: UserId | None = None) -> bool:
    """Say whether something may be shown where a turn is: before one person's eyes all that is theirs.

    Storage has seen to it; that a slip there shows nothing to others is seen to here. Without an audience it names
    nothing that anybody said.
    """
    if audience is None:
        return True
    if claim.channel.kind is ChannelKind.DM:
        is_theirs = audience.kind is AudienceKind.PERSON and audience.audience_id in _people(claim)
        return owner_id in _people(claim) if owner_id is not None else is_theirs
    here = {AudienceKind.CHANNEL: claim.channel.channel_id, AudienceKind.GUILD: claim.channel.guild_id}
    return here.get(audience.kind) == audience.audience_id


def _people(claim: Claim) -> set[int]:
    return {int(line.author.user_id) for line in claim.messages if line.speaker is Speaker.PERSON}


def _seen(claim: Claim, summaries: Iterable[Summary]) -> list[Summary]:
    return [one for one in summaries if one.channel_id == claim.channel.channel_id]


def _summary(summary: Summary, own_id: UserId | None) -> Row:
    first, last = _day(summary.said_from), _day(summary.said_to)
    row: dict[str, object] = {"remembered": "summary"}
    if summary.person_id is not None and summary.person_id != own_id:
        row["of"] = short_code("u", summary.person_id)
    said = first if first == last else f"{first} to {last}"
    return row | {"said": said, "text": safe_text(summary.text, SUMMARY_LETTERS)}


def _note(note: SelfNote) -> Row:
    return {"remembered": str(note.kind), "of": "you", "text": safe_text(note.text, NOTE_LETTERS)}


def _within(rows: Iterable[Row], letters: int) -> list[str]:
    """Write rows in order while they fit; one that is too long leaves its room to those after it."""
    lines = []
    for row in rows:
        line = _line(row)
        if len(line) <= letters:
            letters -= len(line)
            lines.append(line)
    return lines


def _line(row: Row) -> str:
    # no text can look as if it ended the block, or began another
    return as_line(row).replace("<", "\\u003c")


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
