"""What Mira keeps, in PostgreSQL: one statement a step, so that no step can be half done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta

from asyncpg import UniqueViolationError

from bot.adapters.postgres import heard_statements, rows, statements
from bot.adapters.postgres.claim_statements import CLAIM
from bot.adapters.postgres.claims import KnownTalk, claim_of
from bot.adapters.postgres.decision_rows import decision_values
from bot.adapters.postgres.pool import StatementPool
from bot.domain.attention import Attention
from bot.domain.chronicle import AffectEvent
from bot.domain.ids import ChannelId, MessageId, TurnId
from bot.domain.message import ChangeKind, Message, MessageChange, Person, Speaker
from bot.domain.snowflake import made_at
from bot.domain.turn import Claim, NewPart, OutboxPart, PartKind, TurnClose
from bot.errors import StoreError, TurnBehind, TurnLost
from bot.ports import Stir

BURST_LIMIT = 50  # messages one turn can claim; the rest opens the next turn
EARLY_DELETE_WINDOW = timedelta(minutes=2)  # how late a message may come after its own delete


class PostgresStore:
    """Implements `bot.ports.Store`.

    *own* is she herself, as author of her lines. *is_alone* says that this process both hears and answers, so
    that messages need no wake-up jobs: the sweeper is the safety net.
    """

    def __init__(self, pool: StatementPool, *, own: Person, is_alone: bool) -> None:
        self._pool = pool
        self._own = own
        self._is_alone = is_alone
        self._hear = heard_statements.HEAR if is_alone else heard_statements.HEAR_AND_WAKE
        self._hear_decided = heard_statements.HEAR_DECIDED if is_alone else heard_statements.HEAR_DECIDED_AND_WAKE
        self._finish = statements.FINISH if is_alone else statements.FINISH_AND_UNWAKE
        self._finish_and_set = statements.FINISH_AND_SET if is_alone else statements.FINISH_UNWAKE_AND_SET
        self._messages = rows.MessageCache()
        self._talk = KnownTalk()

    async def _run(self, statement: str, *values: object) -> Sequence[rows.Row]:
        clean = (rows.storable(value) if isinstance(value, str) else value for value in values)
        return await self._pool.run(statement, *clean)

    async def introduce(self, now: datetime) -> None:
        """Keep herself as a person, so that her lines have an author."""
        await self._run(statements.MEET, self._own.user_id, self._own.display_name, now)

    async def hear(self, message: Message, attention: Attention, now: datetime) -> bool:
        """See `bot.ports.Store.hear`."""
        audience, decision = message.audience(), attention.decision
        quote = rows.quote_json(message.quote, with_urls=attention.is_hers)
        kept = await self._run(
            self._hear if decision is None else self._hear_decided,
            message.message_id,
            message.channel.channel_id,
            message.channel.guild_id,
            message.channel.kind,
            message.author.user_id,
            message.author.display_name,
            message.author.is_bot,
            message.speaker,
            message.content,
            rows.attachments_json(message.attachments),
            message.reply_to_id,
            audience.kind,
            audience.audience_id,
            rows.reasons_of(message, attention),
            attention.is_hers,
            message.sent_at,
            now,
            attention.reach,
            quote,
            rows.json_text(message.forwards),
            list(message.mentioned_ids),
            message.reply_to_user_id,
            message.mentions_all,
            message.channel.parent_id,
            now if _meets(message, attention) else None,
            rows.json_text(dict(message.mentioned_names)),
            *(() if decision is None else decision_values(decision, attention.policy)),
        )
        return bool(kept)

    async def edit(self, message_id: MessageId, content: str, edited_at: datetime) -> ChannelId | None:
        """See `bot.ports.Store.edit`."""
        changed = await self._run(heard_statements.EDIT, message_id, content, edited_at)
        return ChannelId(changed[0]["channel_id"]) if changed and changed[0]["is_touched"] else None

    async def withdraw(self, message_ids: Sequence[MessageId], at: datetime) -> Sequence[ChannelId]:
        """See `bot.ports.Store.withdraw`."""
        young = [one for one in message_ids if made_at(one) > at - EARLY_DELETE_WINDOW]
        self.let_go(message_ids)
        touched = await self._run(heard_statements.WITHDRAW, list(message_ids), at, young)
        return [ChannelId(row["channel_id"]) for row in touched]

    def let_go(self, message_ids: Sequence[MessageId]) -> None:
        """Drop what is remembered of messages in memory: they are forgotten."""
        self._messages.forget(message_ids)
        self._talk.forget(message_ids)

    async def forget_early_deletes(self, now: datetime) -> None:
        """Drop notes of deletes whose message can no longer come."""
        await self._run(heard_statements.FORGET_EARLY_DELETES, now - EARLY_DELETE_WINDOW)

    async def claim(self, channel_id: ChannelId, now: datetime, *, is_fresh: bool = False) -> Claim | None:
        """See `bot.ports.Store.claim`."""
        known = self._talk.of(channel_id)
        values = (channel_id, now, BURST_LIMIT, is_fresh, list(known))
        try:
            claimed = await self._run(CLAIM, *values)
        except StoreError as exc:
            if not isinstance(exc.__cause__, UniqueViolationError):
                raise
            # a turn is still open though we hold the channel: whoever had it is gone
            await self.recover(channel_id, now)
            claimed = await self._run(CLAIM, *values)
        if not claimed:
            return None
        claim, talk = claim_of(claimed, now, self._messages, known)
        self._talk.keep(channel_id, talk)
        return claim

    async def recover(self, channel_id: ChannelId, now: datetime) -> None:
        """Close what a crash left open in a channel that the caller holds."""
        await self._run(statements.RECOVER, channel_id, now)

    async def commit_part(
        self, claim: Claim, part: NewPart, now: datetime, *, unless_behind: bool = False
    ) -> OutboxPart:
        """See `bot.ports.Store.commit_part`."""
        content = rows.storable(part.content)  # what is sent is what is kept
        kept = await self._run(
            statements.COMMIT_PART,
            claim.turn_id,
            part.part_no,
            part.kind,
            content,
            part.reply_to_id,
            now,
            unless_behind,
            part.place_id,
        )
        if kept and kept[0]["is_behind"]:
            raise TurnBehind(f"more was written before turn {claim.turn_id} said anything")
        if not kept or kept[0]["part_id"] is None:
            raise TurnLost(f"turn {claim.turn_id} is no longer ours")
        return OutboxPart(
            part_id=kept[0]["part_id"],
            turn_id=claim.turn_id,
            part_no=part.part_no,
            channel_id=ChannelId(kept[0]["channel_id"]),
            kind=part.kind,
            content=content,
            reply_to_id=part.reply_to_id,
            after_id=MessageId(kept[0]["after_id"]),
            created_at=now,
            place_id=part.place_id,
        )

    async def mark_sent(self, part: OutboxPart, message_id: MessageId | None, at: datetime) -> None:
        """See `bot.ports.Store.mark_sent`."""
        values = (part.part_id, message_id, at, self._own.user_id, self._own.display_name)
        if part.kind is PartKind.THREAD or part.place_id is not None:
            await self._run(statements.MARK_SENT_ELSEWHERE, *values, part.place_id)
        else:
            await self._run(statements.MARK_SENT, *values)

    async def mark_refused(self, part: OutboxPart, code: int, at: datetime, *, with_rest: bool) -> None:
        """See `bot.ports.Store.mark_refused`."""
        await self._run(statements.REFUSE, part.turn_id, part.part_no, code, at, with_rest)

    async def finish(self, claim: Claim, close: TurnClose) -> AffectEvent | None:
        """See `bot.ports.Store.finish`."""
        over = await self._run(
            self._finish_and_set if close.timers else self._finish,
            claim.turn_id,
            close.closed_at,
            close.intent,
            close.persona,
            list(close.reasons),
            _cut_at(close),
            close.expression,
            close.persona_wish,
            rows.json_text(close.tail),
            rows.json_text(close.timings_ms),
            rows.appraisals_json(close.appraisals),
            rows.calls_json(close.calls),
            *((None, 0, 0.0) if close.soul is None else astuple(close.soul)),
            list(close.overheard_ids),
            close.is_hers,
            list(close.recalled_lines),
            list(close.recalled_memories),
            *rows.context_values(close.context),
            *((rows.timers_json(close.timers),) if close.timers else ()),
        )
        if not over:
            raise TurnLost(f"turn {claim.turn_id} is no longer ours")
        return rows.event_of(over[0], close)

    async def give_up(self, claim: Claim, persona: str, reasons: Sequence[str], now: datetime) -> None:
        """See `bot.ports.Store.give_up`."""
        if not await self._run(statements.GIVE_UP, claim.turn_id, now, persona, list(reasons)):
            raise TurnLost(f"turn {claim.turn_id} is no longer ours")

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
        """See `bot.ports.Store.release`."""
        declined_until = claim.last.message_id if sets_apart else None
        values = (claim.turn_id, now, reason, retry_at, list(seen_ids), is_declined, declined_until)
        return bool(await self._run(statements.RELEASE, *values))

    async def seen_gone(self, channel_id: ChannelId, message_ids: Sequence[MessageId]) -> None:
        """See `bot.ports.Store.seen_gone`."""
        await self._run(statements.SEEN_GONE, channel_id, list(message_ids))

    async def note_typing(self, channel_id: ChannelId, until: datetime) -> None:
        """See `bot.ports.Store.note_typing`."""
        await self._run(statements.NOTE_TYPING, channel_id, until)

    async def stir(self, channel_id: ChannelId) -> Stir:
        """See `bot.ports.Store.stir`."""
        found = await self._run(statements.TYPING, channel_id)
        return Stir(found[0]["typing_until"], found[0]["last_heard"]) if found else Stir(None, None)

    async def retry_now(self, now: datetime) -> None:
        """See `bot.ports.Store.retry_now`."""
        await self._run(statements.RETRY_NOW, now)

    async def changes(self, limit: int) -> Sequence[MessageChange]:
        """See `bot.ports.Store.changes`."""
        found = await self._run(heard_statements.CHANGES, limit)
        return [MessageChange(row["change_id"], MessageId(row["message_id"]), ChangeKind(row["kind"])) for row in found]

    async def followed(self, changes: Sequence[MessageChange]) -> None:
        """See `bot.ports.Store.followed`."""
        await self._run(heard_statements.FOLLOWED, [change.change_id for change in changes])

    async def unknown(self, message_ids: Sequence[MessageId]) -> Sequence[MessageId]:
        """See `bot.ports.Store.unknown`."""
        found = await self._run(heard_statements.KNOWN, list(message_ids))
        known = {row["message_id"] for row in found}
        return [one for one in message_ids if one not in known]

    async def own_lines(self, limit: int) -> Sequence[str]:
        """See `bot.ports.Store.own_lines`."""
        return [row["content"] for row in await self._run(heard_statements.OWN_LINES, limit)]

    async def unsent(self, channel_id: ChannelId) -> Sequence[OutboxPart]:
        """See `bot.ports.Store.unsent`."""
        return [rows.part_of(row) for row in await self._run(statements.UNSENT, channel_id)]

    async def waiting_channels(
        self, now: datetime, *, quiet_for: timedelta, limit: int, besides: Collection[ChannelId] = ()
    ) -> Sequence[ChannelId]:
        """See `bot.ports.Store.waiting_channels`."""
        found = await self._run(statements.WAITING, now, limit, quiet_for, list(besides), not self._is_alone)
        return [ChannelId(row["channel_id"]) for row in found]


def _cut_at(close: TurnClose) -> TurnId | None:
    """Give the turn from which the next prompt's history starts; None leaves it where it is."""
    return (close.context.context_from if close.context is not None else None) or close.context_from_turn


def _meets(message: Message, attention: Attention) -> bool:
    """Say whether the author addresses her by this message: from then on they are no stranger."""
    is_addressed = attention.is_hers and attention.reach.is_expecting
    return is_addressed and message.speaker is Speaker.PERSON
