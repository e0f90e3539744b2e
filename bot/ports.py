"""What the engine needs from the world, by role. Adapters implement these; tests have fakes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.attention import Attention
from bot.domain.card import Card
from bot.domain.chronicle import AffectEvent
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Channel, Message, MessageChange, Person
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.domain.timer import NewTimer, TimerId, WaitingTimer
from bot.domain.turn import Claim, NewPart, OutboxPart, TurnClose


class Clock(Protocol):
    """The time, injected so that tests can move it."""

    def now(self) -> datetime:
        """Give the time, aware, in UTC."""

    async def sleep(self, duration: timedelta) -> None:
        """Wait *duration* of this clock's time."""


class Dice(Protocol):
    """Chance, injected so that tests can load it."""

    def random(self) -> float:
        """Give a float in [0, 1)."""


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """One question to a model.

    *messages_for* gives the prompt for the form the model can follow; the adapter may ask it for
    both while it finds out. *schema* is a strict JSON schema (every property required, no ranges).
    *purpose* is a word for traces (``turn``, ``repair``, ``rewrite`` …). What *is_hasty* is worth nothing late: it is
    asked once, and a deadline that it misses is no news of the server.
    """

    purpose: str
    messages_for: Callable[[AnswerForm], Sequence[ChatMessage]]
    schema_name: str
    schema: Mapping[str, object]
    deadline: timedelta
    text_key: str = "reply"  # the field that plain text stands for when the model gives no object
    max_tokens: int | None = None  # of the answer, thinking included; as many as a long one takes if not said
    is_hasty: bool = False


@dataclass(frozen=True, slots=True)
class Partial:
    """What is known of the answer so far.

    *fields* is the object parsed from what has arrived; the last field may be unfinished.
    *open_key* names that field, or is None when every field in *fields* is whole.
    """

    fields: Mapping[str, object]
    open_key: str | None


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of an answer, with what it cost. Token counts are None where the server gave none.

    *whole* is False when the stream broke after something had been passed on. *degraded* says that
    the model gave plain text where an object was asked.
    """

    fields: Mapping[str, object]
    model: str
    rung: str
    whole: bool
    degraded: bool
    prompt_hash: str
    attempts: int
    duration: timedelta
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None


AnswerPiece = Partial | Finished


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """How the model does, for people who run the bot; *last_error* is a kind, never content.

    *mode* is ``normal``, ``fall-back`` (the second model answers in place of this one), ``down``, or ``probing``
    (down, and one call is finding out whether it is back). *fallback* is the second model's own health, where one is
    configured.
    """

    model: str
    kind: str  # openai, deepseek, ollama, lmstudio, openrouter, compatible, understudy
    host: str
    rung: str
    is_up: bool
    last_error: str | None = None
    mode: str = "normal"
    fallback: ModelHealth | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is remembered of one model on one server; *dropped* names parameters it refused."""

    rung: str
    learnt_at: datetime
    dropped: tuple[str, ...] = ()


class RungStore(Protocol):
    """Where what was learnt of model servers is kept."""

    async def get(self, endpoint: str, model: str) -> Learnt | None:
        """Give what is remembered, or None."""

    async def put(self, endpoint: str, model: str, learnt: Learnt) -> None:
        """Remember *learnt* in place of what was there."""


class ChatModel(Protocol):
    """A language model that answers in fields, streamed."""

    def answer(self, request: AnswerRequest) -> AsyncGenerator[AnswerPiece]:
        """Stream `Partial`s and then exactly one `Finished`.

        Raises:
            ProviderError: nothing usable came within the deadline and nothing was passed on yet.
        """

    def health(self) -> ModelHealth:
        """Say how the model does, from what was seen; makes no call."""


@dataclass(frozen=True, slots=True)
class Stir:
    """What goes on in a channel as another process hears it: until when they type, when the last waiting line came."""

    typing_until: datetime | None
    last_heard: datetime | None


class Store(Protocol):
    """What Mira keeps. Every method is one atomic step; none stays open across a model call."""

    async def hear(self, message: Message, attention: Attention, now: datetime) -> bool:
        """Keep *message*, to be answered or as context, with what was decided of it; False if it is not kept.

        That is so if it was known already, if a delete overtook it, or if its author wants not to be heard. Nobody is
        quoted either who wants that.
        """

    async def edit(self, message_id: MessageId, content: str, edited_at: datetime) -> ChannelId | None:
        """Change a kept message; gives its channel when the turn under way is touched, else None.

        What others quote of it is dropped.
        """

    async def withdraw(self, message_ids: Sequence[MessageId], at: datetime) -> Sequence[ChannelId]:
        """Forget the text of deleted messages and quotes of it; gives the channels whose turn under way is touched."""

    async def forget_early_deletes(self, now: datetime) -> None:
        """Drop notes of deletes whose message can no longer come."""

    async def claim(self, channel_id: ChannelId, now: datetime, *, is_fresh: bool = False) -> Claim | None:
        """Open a turn over all waiting messages of a channel, after closing what a crash left.

        The talk before them comes along, filtered by audience, and what was said to others since; nothing of who wants
        not to be heard. What an admin has ruled out meanwhile is emptied, and what nobody asked her into and waited for
        minutes, as over a restart, is left as talk between others.
        The caller must hold the channel. None when nothing waits, it must wait for ``retry_at``, or
        unsent parts come first. *is_fresh* says that somebody has just written: then ``retry_at`` does not count.
        """

    async def commit_part(
        self, claim: Claim, part: NewPart, now: datetime, *, unless_behind: bool = False
    ) -> OutboxPart:
        """Keep a finished paragraph before it is sent; with *unless_behind* only if nothing more waits in the channel.

        Raises:
            TurnLost: the turn is no longer ours.
            TurnBehind: more waits, so nothing was kept.
        """

    async def mark_sent(self, part: OutboxPart, message_id: MessageId | None, at: datetime) -> None:
        """Note that a part is at Discord, in *part*'s place; a text becomes one of her lines there, a thread hers."""

    async def mark_refused(self, part: OutboxPart, code: int, at: datetime, *, with_rest: bool) -> None:
        """Note that Discord will never take this part, and with *with_rest* none that follows it in its turn.

        What was to be said in a thread that may not be opened is said in the channel.
        """

    async def finish(self, claim: Claim, close: TurnClose) -> AffectEvent | None:
        """End a turn with its record: appraisals, decision, tail, trace; gives the event that waits to be lived.

        Of people who never addressed her no appraisal is kept, and what they said is context again; so is talk that
        nobody asked her into, where she stayed silent and made nothing of it.

        Raises:
            TurnLost: the turn is no longer ours.
        """

    async def give_up(self, claim: Claim, persona: str, reasons: Sequence[str], now: datetime) -> None:
        """End a turn that the model will not answer; its messages are no part of the talk from now on.

        Raises:
            TurnLost: the turn is no longer ours.
        """

    async def release(
        self,
        claim: Claim,
        reason: str,
        *,
        now: datetime,
        retry_at: datetime | None,
        seen_ids: Sequence[MessageId] = (),
        is_declined: bool = False,
        sets_apart: bool = False,
    ) -> bool:
        """Give the messages back to wait: superseded, or the model is down until *retry_at*; False if not ours.

        *seen_ids* are messages under which it is now shown that they wait. *is_declined* counts that the model was
        there and did not answer them; with *sets_apart* what is written from now on is no longer asked along with them.
        """

    async def seen_gone(self, channel_id: ChannelId, message_ids: Sequence[MessageId]) -> None:
        """Note under which messages it is no longer shown that they wait."""

    async def note_typing(self, channel_id: ChannelId, until: datetime) -> None:
        """Tell the process that answers that somebody is thought to be typing; what they send ends it."""

    async def stir(self, channel_id: ChannelId) -> Stir:
        """Give what another process heard of a channel in which something waits."""

    async def retry_now(self, now: datetime) -> None:
        """Let every channel that waits for the model try again: it is back."""

    async def changes(self, limit: int) -> Sequence[MessageChange]:
        """List answered messages that were edited or deleted and were not followed up, oldest first."""

    async def followed(self, changes: Sequence[MessageChange]) -> None:
        """Note that everything made of these messages went along with the change."""

    async def unknown(self, message_ids: Sequence[MessageId]) -> Sequence[MessageId]:
        """Give those of *message_ids* that are not kept, in their order."""

    async def own_lines(self, limit: int) -> Sequence[str]:
        """Give what she said last, in whatever channel, newest first."""

    async def unsent(self, channel_id: ChannelId) -> Sequence[OutboxPart]:
        """List parts that were committed and not marked, oldest first."""

    async def recover(self, channel_id: ChannelId, now: datetime) -> None:
        """Close what a crash left open in a channel that the caller holds."""

    async def waiting_channels(
        self, now: datetime, *, quiet_for: timedelta, limit: int, besides: Collection[ChannelId] = ()
    ) -> Sequence[ChannelId]:
        """List channels with something to do, without *besides*: unsent parts first, then the longest waiting.

        That is: due messages that have waited *quiet_for*, turns under way, unsent parts.
        """


class Presence(Protocol):
    """What the world sees of her without asking."""

    async def show(self, words: str | None) -> None:
        """Show how she feels in a few words, or nothing."""


class Follower(Protocol):
    """Something made of messages, such as memories or feelings, that must not outlive their change."""

    async def follow(self, changes: Sequence[MessageChange]) -> None:
        """Take in what was edited or withdrawn; the same change may be told twice.

        Raises:
            CompanionError: it could not be; the changes are told again.
        """


class ChannelLocks(Protocol):
    """Who works on a channel, across processes."""

    async def try_hold(self, channel_id: ChannelId) -> bool:
        """Take the channel if nobody has it; held until `release` or this process dies."""

    async def release(self, channel_id: ChannelId) -> None:
        """Give the channel back."""


class Delivery(Protocol):
    """The way out: Discord, or a terminal."""

    async def send(self, part: OutboxPart) -> MessageId:
        """Send one text part, with its nonce, pinging nobody but by reply.

        Raises:
            DeliveryError: it was refused for good (``retryable=False``) or did not get through.
        """

    async def open_thread(self, part: OutboxPart) -> None:
        """Open a thread named as the part's content under the line it replies to; one that is there already is fine.

        Raises:
            DeliveryError: as for `send`.
        """

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """Put a reaction under a message; doing it twice changes nothing.

        Raises:
            DeliveryError: as for `send`.
        """

    async def unreact(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """Take a reaction of hers away; one that is not there is no error.

        Raises:
            DeliveryError: as for `send`.
        """

    async def say(self, channel_id: ChannelId, card: Card, reply_to: MessageId | None) -> None:
        """Say something in the app's voice.

        Raises:
            DeliveryError: as for `send`.
        """

    async def find_own(self, part: OutboxPart) -> Sequence[MessageId]:
        """Look in the channel for messages of hers that may be this part, oldest first.

        Raises:
            DeliveryError: as for `send`.
        """

    async def is_age_restricted(self, channel: Channel) -> bool:
        """Say whether Discord keeps a channel, or a thread's channel, for adults at the moment.

        Raises:
            DeliveryError: it does not say.
        """

    async def author_of(self, channel_id: ChannelId, message_id: MessageId) -> UserId | None:
        """Say who wrote a message, or where it is a forward, what it passes on; None where that cannot be had soon."""

    def typing(self, channel_id: ChannelId) -> AbstractAsyncContextManager[None]:
        """Show that she is typing while the context is open; trouble with it is swallowed."""


class TimerStore(Protocol):
    """What she said she would do at a time, and whose evening is when."""

    async def fire(self, timer_id: TimerId, now: datetime) -> ChannelId | None:
        """Let a timer that is due happen, once whoever else tries; gives the channel that then has something to do.

        A reminder becomes a part of the outbox, messages that were put off wait again. None where it is not due, over,
        or nothing is left to do: then it ends as cancelled.
        """

    async def upcoming(self, until: datetime, limit: int) -> Mapping[TimerId, datetime]:
        """Give waiting timers that are due up to *until*, soonest first."""

    async def set(self, timer: NewTimer, owner: Person, channel_id: ChannelId, *, now: datetime, most: int) -> bool:
        """Keep a timer for a person's own direct conversation; False if they have *most* waiting already."""

    async def waiting(self, user_id: UserId, limit: int) -> Sequence[WaitingTimer]:
        """List a person's waiting timers, soonest first."""

    async def cancel(self, user_id: UserId, timer_id: TimerId, now: datetime) -> bool:
        """Let a person's timer not happen; False if it is not theirs or does not wait any more."""

    async def zone(self, user_id: UserId) -> str | None:
        """Name the time zone a person has chosen, if any."""

    async def set_zone(self, owner: Person, zone: str, now: datetime) -> None:
        """Keep the time zone a person has chosen."""
