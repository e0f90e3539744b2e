"""A room of people for tests of the store: who is there, what was decided of their lines, and her turns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import Attention, Decision, Outcome
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Reach
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from bot.domain.turn import Claim, Intent, MessageAppraisal, TurnClose
from tests.fakes import ADA, ROOM, START, guild_message

CLEO = Person(UserId(103), "Cleo")
ROBOT = Person(UserId(950), "Dice", is_bot=True)
THREAD = Channel(ChannelId(302), ChannelKind.THREAD, GuildId(401), ROOM.channel_id)
LISTENING = RoomPolicy(Hearing.LISTEN, 7, QuietHours(60, 30, "Europe/Berlin"), "gentle")
PICTURE = Attachment("cat.png", "image/png", 12, url="https://cdn.discordapp.com/cat.png")


def later(seconds: float) -> datetime:
    """Give a moment after the start."""
    return START + timedelta(seconds=seconds)


def decided(outcome: Outcome, reach: Reach, **more: Any) -> Attention:
    """Give a decision with some of everything in it."""
    decision = Decision(outcome, reach, ("why",), 0.25, 0.5, {"name": 0.25}, {"speed": 3, "is_quiet": False}, **more)
    return Attention(outcome in (Outcome.ANSWER, Outcome.CONSIDER), ("why",), decision, LISTENING)


ASKED = decided(Outcome.ANSWER, Reach.ASKED)
CALLED = decided(Outcome.ANSWER, Reach.CALLED)
JOINING = decided(Outcome.ANSWER, Reach.JOINING)
UNSURE = decided(Outcome.CONSIDER, Reach.UNSURE)
LISTEN = decided(Outcome.LISTEN, Reach.JOINING)


async def hear(
    store: PostgresStore,
    content: str = "hm",
    attention: Attention = LISTEN,
    author: Person = ADA,
    *,
    now: datetime = START,
    **more: Any,
) -> Message:
    """Let a line be kept; it is not addressed to her unless *attention* says so."""
    message = guild_message(content, author=author, **more)
    assert await store.hear(message, attention, now)
    return message


def close(*appraisals: MessageAppraisal, **more: Any) -> TurnClose:
    """End a turn."""
    reasons, calls = ("so",), more.pop("calls", ())
    return TurnClose(
        more.pop("intent", Intent.REPLY), "default", reasons, appraisals, calls, more.pop("at", later(9)), **more
    )


async def claimed(store: PostgresStore, channel: Channel = ROOM, now: datetime = START) -> Claim:
    """Open a turn over what waits."""
    claim = await store.claim(channel.channel_id, now)
    assert claim is not None
    return claim


async def turn(store: PostgresStore, content: str = "Mira?", author: Person = ADA) -> Claim:
    """Let her answer one line and be done with it."""
    await hear(store, content, ASKED, author)
    claim = await claimed(store)
    await store.finish(claim, close(overheard_ids=tuple(message.message_id for message in claim.overheard)))
    return claim
