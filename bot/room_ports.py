"""What life among people needs from the world: what was allowed where, who wants not to be heard, what was decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.attention import Decision
from bot.domain.ids import ChannelId, GuildId, MessageId, TurnId, UserId
from bot.domain.message import Channel, Message
from bot.domain.pictures import Picture
from bot.domain.room_policy import RoomPolicy


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision as it was recorded.

    *message_id* is the line it was about, *is_hers* what the cheap call said where one was made, *turn_id* the turn
    that followed, if there was one.
    """

    message_id: MessageId
    channel_id: ChannelId
    decided_at: datetime
    decision: Decision
    policy: RoomPolicy
    is_hers: bool | None = None
    turn_id: TurnId | None = None


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn as far as anybody in its channel may know of it: figures and reasons, nobody's words.

    *asked_ids* are the lines it answered, *said_ids* what she sent. *state* is as in the table, *intent* None where
    it is not over.
    """

    turn_id: TurnId
    channel: Channel
    state: str
    intent: str | None
    persona: str | None
    reasons: tuple[str, ...]
    timings_ms: Mapping[str, float]
    model: str | None
    calls: int
    tokens_in: int | None
    tokens_out: int | None
    started_at: datetime
    asked_ids: tuple[MessageId, ...]
    said_ids: tuple[MessageId, ...]


class PolicyStore(Protocol):
    """What admins allowed her, by channel."""

    async def policies(self, channel_ids: Collection[ChannelId]) -> Mapping[ChannelId, RoomPolicy]:
        """Give what was set for these channels; those without a setting are not in it."""

    async def set_policy(
        self, channel_id: ChannelId, guild_id: GuildId, policy: RoomPolicy, *, by: UserId, now: datetime
    ) -> None:
        """Keep what holds in a channel from now on; what was overheard there is dropped where she no longer listens."""

    async def own_threads(self, channel_ids: Collection[ChannelId]) -> Collection[ChannelId]:
        """Give those of *channel_ids* that are threads she opened herself."""

    async def listening(self) -> Sequence[ChannelId]:
        """List the channels in which she listens."""


class SilenceStore(Protocol):
    """Who wants not to be heard: neither stored nor quoted."""

    async def silent(self) -> Collection[UserId]:
        """List everybody who wants not to be heard."""

    async def is_silent(self, user_id: UserId) -> bool:
        """Say whether a person wants not to be heard."""

    async def set_silent(self, user_id: UserId, *, is_silent: bool, now: datetime) -> None:
        """Keep a person's wish; what was overheard of them and quotes of them are dropped at once."""


class DecisionStore(Protocol):
    """The flight recorder: what was decided of each line, and the turns that followed."""

    async def recent(self, channel_id: ChannelId, *, since: datetime, limit: int) -> Sequence[Message]:
        """Give the newest kept lines of a channel, hers included, oldest first, to know the room after a start."""

    async def of_message(self, channel_id: ChannelId, message_id: MessageId) -> RecordedDecision | None:
        """Give what was decided of a line of this channel."""

    async def latest(self, channel_id: ChannelId) -> RecordedDecision | None:
        """Give the newest decision in a channel."""

    async def turn_of(self, channel_id: ChannelId, message_id: MessageId) -> RecordedTurn | None:
        """Give the turn in which she said a line, or which answered it, if it was in this channel."""

    async def since(
        self, since: datetime, until: datetime, *, channel_id: ChannelId | None = None
    ) -> Sequence[RecordedDecision]:
        """Give every decision of a span, oldest first."""

    async def considered_since(self, since: datetime) -> Sequence[tuple[ChannelId, datetime]]:
        """Give when, and where, a cheap call was spent, oldest first."""

    async def forget_overheard(self, now: datetime) -> int:
        """Drop what is older than it may be: overheard lines and quotes (a day), decisions (30 days).

        People of whom nothing is left and who never addressed her go as well. Gives how many lines went.
        """


class FileSource(Protocol):
    """Where the bytes of attachments are."""

    async def fetch(self, url: str, *, most_bytes: int) -> bytes:
        """Give the bytes of one attachment.

        Raises:
            DeliveryError: it is not there, too large, or nowhere she may look.
        """


class PicturePreparer(Protocol):
    """Makes of a picture as it was sent one for a model's eyes: small, still, and nothing but pixels."""

    async def prepare(self, picture: Picture) -> Picture:
        """Give the same picture anew; what it says of its own type is not believed.

        Raises:
            DeliveryError: it is no picture, broken, or more than may be unpacked.
        """
