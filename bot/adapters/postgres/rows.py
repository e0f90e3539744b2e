"""Map rows to domain values and back, by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.domain.attention import Attention
from bot.domain.chronicle import AffectEvent, FeltMessage
from bot.domain.feeling import EventKind
from bot.domain.handoff import ContextStep
from bot.domain.ids import ChannelId, GuildId, MessageId, PartId, TurnId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Quote, Reach, Speaker
from bot.domain.timer import NewTimer
from bot.domain.turn import CallTrace, MessageAppraisal, OutboxPart, PartKind, TurnClose

Row = Any  # asyncpg's records carry no types
LARGEST_INTEGER = 2**31 - 1  # of Postgres' integer
MENTION, REPLY = "mention", "reply to her"  # among a message's reasons
CACHED_MESSAGES = 4_000  # about 4 MB: the talk of some forty conversations


def message_of(row: Row, channel: Channel) -> Message:
    """Read a row of ``messages``."""
    speaker = Speaker(row["speaker"])
    reply_to = row["reply_to_id"]
    return Message(
        message_id=MessageId(row["message_id"]),
        channel=channel,
        author=Person(UserId(row["author_id"]), row["author_name"], is_bot=speaker is not Speaker.PERSON),
        content=row["content"],
        sent_at=row["sent_at"],
        speaker=speaker,
        reply_to_id=None if reply_to is None else MessageId(reply_to),
        mentions_self=MENTION in row["reasons"],
        replies_to_self=REPLY in row["reasons"],
        attachments=_attachments(row["attachments"]),
        reply_to_user_id=None if row["reply_to_user_id"] is None else UserId(row["reply_to_user_id"]),
        mentioned_ids=tuple(UserId(one) for one in row["mentioned_ids"]),
        mentioned_names=_mentioned_names(row),
        mentions_all=row["mentions_all"],
        forwards=() if row["forwards"] == "[]" else tuple(json.loads(row["forwards"])),
        quote=_quote(row["quote"]),
        reach=Reach(row["reach"]),
    )


def channel_of(row: Row) -> Channel:
    """Read a row of ``channels``."""
    guild, parent = row["guild_id"], row["parent_id"]
    return Channel(
        ChannelId(row["channel_id"]),
        ChannelKind(row["kind"]),
        None if guild is None else GuildId(guild),
        None if parent is None else ChannelId(parent),
    )


def time_zones_of(row: Row) -> dict[UserId, str]:
    """Read the time zones of people that come with a claim."""
    text = row["time_zones"]
    return {} if text is None else {UserId(int(user_id)): zone for user_id, zone in json.loads(text).items()}


def part_of(row: Row) -> OutboxPart:
    """Read a row of ``outbox``."""
    reply_to = row["reply_to_id"]
    return OutboxPart(
        part_id=PartId(row["part_id"]),
        turn_id=TurnId(row["turn_id"]),
        part_no=row["part_no"],
        channel_id=ChannelId(row["channel_id"]),
        kind=PartKind(row["kind"]),
        content=row["content"],
        reply_to_id=None if reply_to is None else MessageId(reply_to),
        after_id=MessageId(row["after_id"]),
        created_at=row["created_at"],
        pings=row["pings"],
        place_id=None if row["place_id"] is None else ChannelId(row["place_id"]),
    )


def storable(text: str) -> str:
    """Give *text* without what PostgreSQL (NUL) or its driver (lone surrogates) refuses."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def json_text(value: object) -> str:
    """Write *value* as JSON that jsonb takes: no NUL, no lone surrogates, no NaN."""
    return json.dumps(_clean(value), default=str)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {storable(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def attachments_json(attachments: Sequence[Attachment]) -> str:
    """Write attachments as the JSON kept beside a message, with where they lie.

    A line between others may be what somebody asks about a moment later.
    """
    return json_text([asdict(item) for item in attachments])


def quote_json(quote: Quote | None, *, with_urls: bool) -> str | None:
    """Write what a message replies to as JSON; where its files lie stands in it only if somebody will look at them."""
    if quote is None:
        return None
    fields = asdict(quote)
    del fields["forwarded_from"]  # only for the question whether it may be kept
    return json_text(fields | {"attachments": _without_urls(fields["attachments"], with_urls=with_urls)})


def _without_urls(items: Iterable[dict[str, object]], *, with_urls: bool) -> list[dict[str, object]]:
    return [{name: value for name, value in item.items() if with_urls or name != "url"} for item in items]


def reasons_of(message: Message, attention: Attention) -> list[str]:
    """Give why a message is answered or not; that it mentions her or replies to her is read from there again."""
    says = {MENTION: message.mentions_self, REPLY: message.replies_to_self}
    return [*attention.reasons, *(word for word, is_so in says.items() if is_so and word not in attention.reasons)]


def appraisals_json(appraisals: Sequence[MessageAppraisal]) -> str:
    """Write appraisals as one JSON array of flat rows."""
    return json_text(
        [
            {
                "message_id": item.message_id,
                "user_id": item.user_id,
                "similarity": item.similarity,
                **asdict(item.appraisal),
            }
            for item in appraisals
        ]
    )


def calls_json(calls: Sequence[CallTrace]) -> str:
    """Write call traces as one JSON array of flat rows."""
    rows = []
    for call in calls:
        row = asdict(call)
        row["duration_ms"] = row.pop("duration").total_seconds() * 1000
        for name in ("tokens_in", "tokens_out", "tokens_cached"):  # what a server says may be anything
            row[name] = None if row[name] is None else max(0, min(row[name], LARGEST_INTEGER))
        rows.append(row)
    return json_text(rows)


def timers_json(timers: Sequence[NewTimer]) -> str:
    """Write timers as one JSON array of flat rows."""
    return json_text([asdict(timer) | {"due_at": timer.due_at.isoformat()} for timer in timers])


def context_values(step: ContextStep | None) -> tuple[object, ...]:
    """Give what a turn leaves of the context chain, as the end of a turn takes it; the cut itself stands apart."""
    if step is None:
        return (None, None, None, None, None)
    tokens = max(0, min(step.prompt_tokens, LARGEST_INTEGER))
    return (step.turns_since, step.low_cache_turns, tokens, step.is_summary_due, step.shown_cut)


def event_of(row: Row, close: TurnClose) -> AffectEvent | None:
    """Give the event that the end of a turn left, as it is kept; a message erased meanwhile is not in it."""
    if row["event_id"] is None or close.soul is None:
        return None
    kept = set(row["felt"])
    return AffectEvent(
        event_id=row["event_id"],
        kind=EventKind.BURST,
        happened_at=close.closed_at,
        model_version=close.soul.model_version,
        detail={"leak": close.soul.leak},
        messages=tuple(
            FeltMessage(one.message_id, one.user_id, one.appraisal, one.similarity)
            for one in close.appraisals
            if one.message_id in kept
        ),
    )


def _attachments(text: str) -> tuple[Attachment, ...]:
    return () if text == "[]" else tuple(Attachment(**item) for item in json.loads(text))


def _mentioned_names(row: Row) -> tuple[tuple[UserId, str], ...]:
    """Give the names in the order of the ids: JSON of the database has none."""
    if row["mentioned_names"] == "{}":
        return ()
    names = json.loads(row["mentioned_names"])
    return tuple((UserId(one), names[str(one)]) for one in row["mentioned_ids"] if str(one) in names)


def _quote(text: str | None) -> Quote | None:
    if text is None:
        return None
    fields = json.loads(text)
    return Quote(
        author_id=UserId(fields["author_id"]),
        name=fields["name"],
        text=fields["text"],
        speaker=Speaker(fields["speaker"]),
        attachments=tuple(Attachment(**item) for item in fields["attachments"]),
    )


class MessageCache:
    """Messages read before: a history is read every turn and changes at its end only."""

    def __init__(self, size: int = CACHED_MESSAGES) -> None:
        self._size = size
        self._kept: dict[int, tuple[tuple[object, ...], Message]] = {}

    def read(self, row: Row, channel: Channel) -> Message:
        """Read a row of ``messages``, anew only if it was edited since, or what came with it was put away."""
        message_id = row["message_id"]
        state = (row["edited_at"], row["quote"], row["attachments"], row["mentioned_names"])
        kept = self._kept.get(message_id)
        if kept is not None and kept[0] == state:
            return kept[1]
        message = message_of(row, channel)
        self._kept[message_id] = (state, message)
        if len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]
        return message

    def forget(self, message_ids: Iterable[int]) -> None:
        """Drop messages, such as deleted ones."""
        for message_id in message_ids:
            self._kept.pop(message_id, None)
