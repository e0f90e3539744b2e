"""What she will do at a time: say a line somebody asked to be reminded with, or give an answer she put off.

The model proposes both in fields of its answer; nothing here trusts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NewType

from bot.domain.ids import MESSAGE_CODE, ChannelId, MessageId, UserId, short_code
from bot.domain.message import Message, Speaker
from bot.domain.safety import judge
from bot.domain.text import is_blank
from bot.domain.when import read_when

TimerId = NewType("TimerId", int)

REMINDERS_MOST = 5  # that one answer may set
LINE_LIMIT = 500  # characters of what will be said
SOONEST = timedelta(seconds=1)
FURTHEST = timedelta(days=366)
JUST_OVER = timedelta(minutes=1)  # what is over by less was meant for now: an answer takes a while
LATER_UNSAID = timedelta(hours=1)  # how long an answer is put off where no time was named; chosen by ear
LATER_AGAIN = timedelta(minutes=10)  # the least that an answer is put off a second time
REF = re.compile(rf"\b{MESSAGE_CODE}\b")
WORDLESS = "⏰"  # what is said where nothing that was proposed may be: it replies to the line that asked


class TimerKind(StrEnum):
    """What happens when a timer is due."""

    REMINDER = "reminder"
    LATER = "later"


class Unset(StrEnum):
    """Why a reminder that was proposed is not set, as a turn's reasons name it."""

    UNCLEAR = "reminder not understood"
    OVER = "reminder for a time that is over"
    FAR = "reminder too far away"


@dataclass(frozen=True, slots=True)
class NewTimer:
    """A timer that is not kept yet; *text* is what will be said, empty where an answer is put off.

    *user_id* is whose it is, *source_id* the message that led to it.
    """

    kind: TimerKind
    user_id: UserId
    due_at: datetime
    text: str = ""
    source_id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class WaitingTimer:
    """A timer that is kept and not over, as its owner sees it."""

    timer_id: TimerId
    kind: TimerKind
    channel_id: ChannelId
    due_at: datetime
    text: str


def read_timers(
    fields: Mapping[str, object],
    messages: Sequence[Message],
    now: datetime,
    zone_of: Callable[[UserId], tzinfo],
    *,
    others: Iterable[Message] = (),
    was_put_off: bool = False,
) -> tuple[NewTimer, ...]:
    """Give the timers an answer sets; what has no time that can be read, or one that is over or too far, is dropped.

    *messages* are those it answers: only people among them can set a timer, and only their own. What one of the
    *others* that the prompt showed asks for is set for nobody, unless its writer waits as well. *was_put_off* says that
    some of them were put off before.
    """
    asking = [message for message in messages if message.speaker is Speaker.PERSON]
    if not asking:
        return ()
    later = _later(fields, asking, now, zone_of, was_put_off=was_put_off)
    return (*later, *_reminders(fields.get("reminders"), asking, others, now, zone_of))


def unset_reminders(
    fields: Mapping[str, object],
    messages: Sequence[Message],
    now: datetime,
    zone_of: Callable[[UserId], tzinfo],
    *,
    others: Iterable[Message] = (),
) -> tuple[str, ...]:
    """Say in short stable words why reminders that an answer proposed are not set; each reason once."""
    asking = [message for message in messages if message.speaker is Speaker.PERSON]
    proposed = _proposed(fields.get("reminders"), asking, others, now, zone_of) if asking else ()
    return tuple(dict.fromkeys(str(due_at) for _, _, due_at in proposed if isinstance(due_at, Unset)))


def _later(
    fields: Mapping[str, object],
    asking: Sequence[Message],
    now: datetime,
    zone_of: Callable[[UserId], tzinfo],
    *,
    was_put_off: bool,
) -> tuple[NewTimer, ...]:
    """Give the timer of an answer that she wants to give later; the intent says so, with or without words beside it."""
    if fields.get("intent") != TimerKind.LATER:
        return ()
    raw = fields.get("later")
    source, when = _source_and_time(raw if isinstance(raw, str) else "", asking)
    user_id = source.author.user_id
    due_at = read_when(when, now, zone_of(user_id))
    soonest = LATER_AGAIN if was_put_off else SOONEST
    due_at = max(now + soonest, min(now + FURTHEST, due_at or now + LATER_UNSAID))
    return (NewTimer(TimerKind.LATER, user_id, due_at, source_id=source.message_id),)


def _source_and_time(phrase: str, asking: Sequence[Message]) -> tuple[Message, str]:
    """Part "m3x9k in 2 hours" into the line that is put off and when; where none is named it is the newest."""
    by_code = {short_code("m", message.message_id): message for message in asking}
    named = [code for code in REF.findall(phrase) if code in by_code]
    for code in named:
        phrase = re.sub(rf"[\s(\[,;]*\b{code}\b[\s)\],;:]*(?:[-–—]\s+)?", " ", phrase)
    return by_code[named[0]] if named else asking[-1], phrase.strip()


def _reminders(
    raw: object,
    asking: Sequence[Message],
    others: Iterable[Message],
    now: datetime,
    zone_of: Callable[[UserId], tzinfo],
) -> list[NewTimer]:
    found: dict[tuple[MessageId, datetime], NewTimer] = {}
    for item, source, due_at in _proposed(raw, asking, others, now, zone_of):
        if isinstance(due_at, Unset):
            continue  # at another time than was asked for it helps nobody
        new = NewTimer(TimerKind.REMINDER, source.author.user_id, due_at, _line(item), source.message_id)
        found.setdefault((source.message_id, due_at), new)  # some models say the same thing twice
    return list(found.values())[:REMINDERS_MOST]


def _proposed(
    raw: object,
    asking: Sequence[Message],
    others: Iterable[Message],
    now: datetime,
    zone_of: Callable[[UserId], tzinfo],
) -> Iterator[tuple[Mapping[str, object], Message, datetime | Unset]]:
    """Give each reminder that was proposed, the line that asked for it, and its time or why it has none."""
    if not isinstance(raw, (list, tuple)) or not raw:
        return
    by_code = {short_code("m", message.message_id): message for message in asking}
    elsewhere = {short_code("m", message.message_id): message.author.user_id for message in others}
    newest = {message.author.user_id: message for message in asking}
    for item in raw:
        fields = item if isinstance(item, Mapping) else {}
        named, when = str(fields.get("message")), fields.get("when")
        source = by_code.get(named, asking[-1])
        is_theirs = True
        if named not in by_code and named in elsewhere:
            # an earlier line of somebody who waits, who may have been asked for the time; others are not reminded
            source, is_theirs = newest.get(elsewhere[named], source), elsewhere[named] in newest
        due_at = read_when(when, now, zone_of(source.author.user_id)) if is_theirs and isinstance(when, str) else None
        if due_at is None:
            yield fields, source, Unset.UNCLEAR
        elif due_at < now - JUST_OVER:
            yield fields, source, Unset.OVER
        elif due_at > now + FURTHEST:
            yield fields, source, Unset.FAR
        else:
            yield fields, source, max(due_at, now + SOONEST)


def _line(item: Mapping[str, object]) -> str:
    """Give what will be said: her line, what it is about where the gate holds the line, a sign where it holds both."""
    for raw in (item.get("line"), item.get("what")):
        if isinstance(raw, str) and not is_blank(raw):
            text = raw.strip()[:LINE_LIMIT]
            if not judge(text).is_held:
                return text
    return WORDLESS
