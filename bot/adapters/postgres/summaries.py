"""Context chains and summaries in PostgreSQL: one statement a step; see `bot.adapters.postgres.summary_statements`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import groupby

from bot.adapters.postgres import summary_statements as statements
from bot.adapters.postgres.memory_rows import memory_of
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import Row, channel_of, json_text, message_of
from bot.domain.extract import carried
from bot.domain.handoff import LINE_LETTERS_MOST, LINES_MOST, ContextStep, Handoff
from bot.domain.ids import ChannelId, MessageId, SummaryId, TurnId, UserId
from bot.domain.memory import Memory, MemoryKind
from bot.domain.message import Audience, AudienceKind, Message
from bot.domain.recalled import Past, Summary
from bot.domain.turn import Said
from bot.memory_ports import NewSummary, Stretch, SummaryTask


class PostgresSummaries:
    """Implements `bot.memory_ports.SummaryStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool
        self._mended: int = 0  # the last channel that was looked through; 0 begins anew

    async def view(self, channel_id: ChannelId) -> tuple[ContextStep, Sequence[Summary], Handoff | None]:
        """See `bot.memory_ports.SummaryStore.view`."""
        found = await self._pool.run(statements.VIEW, channel_id)
        first = found[0]
        summaries = [summary_of(row) for row in found if row["summary_id"] is not None]
        counted = (first["turns_since"], first["low_cache_turns"], first["prompt_tokens"])
        stands = ContextStep(*counted, is_summary_due=first["is_summary_due"])
        if first["handoff_before"] is None:
            return stands, summaries, None
        return stands, summaries, await self._handoff(channel_id, TurnId(first["handoff_before"]), summaries)

    async def _handoff(self, channel_id: ChannelId, cut: TurnId, summaries: Sequence[Summary]) -> Handoff:
        """Put into words what is carried over a cut; that it is due is seldom."""
        rows = (await self._pool.run(statements.HANDOFF_LINES, channel_id, cut))[::-1]
        memories = [memory_of(row) for row in await self._pool.run(statements.HANDOFF_MEMORIES, channel_id)]
        before = [one for one in summaries if one.person_id is None and one.to_turn < cut]
        made = before[-1] if before else None
        lines = [_said(row) for row in rows[-LINES_MOST:]]
        lasting = [_said(row) for row in rows if row["state"] == "answered" and row["past"] != Past.ALL]
        summary, note = carried(lines, lasting, made)
        return Handoff(
            cut=cut,
            lines=tuple(_shortened(said.message) for said in lines),
            summary=summary,
            goals=_of_kind(memories, MemoryKind.GOAL),
            decisions=_of_kind(memories, MemoryKind.DECISION),
            promises=_of_kind(memories, MemoryKind.PROMISE),
            note=note,
        )

    async def due(self, now: datetime, *, limit: int) -> Sequence[SummaryTask]:
        """See `bot.memory_ports.SummaryStore.due`."""
        found = await self._pool.run(statements.DUE, now, limit)
        return [SummaryTask(ChannelId(row["channel_id"]), row["summary_due_at"]) for row in found]

    async def mend(self, now: datetime, *, limit: int) -> int:
        """See `bot.memory_ports.SummaryStore.mend`."""
        await self._pool.run(statements.DROP_SILENCED, now)
        found = (await self._pool.run(statements.MEND, now, self._mended, limit))[0]
        self._mended = found["last"] or 0
        return int(found["due"])

    async def drop_covering(self, message_ids: Sequence[MessageId], now: datetime) -> int:
        """See `bot.memory_ports.SummaryStore.drop_covering`."""
        return len(await self._pool.run(statements.DROP_COVERING, now, list(message_ids)))

    async def history(self, channel_id: ChannelId) -> Sequence[Said]:
        """See `bot.memory_ports.SummaryStore.history`."""
        return [_said(row) for row in await self._pool.run(statements.HISTORY, channel_id)]

    async def unsummarised(self, channel_id: ChannelId, *, before: TurnId | None, letters_most: int) -> Stretch | None:
        """See `bot.memory_ports.SummaryStore.unsummarised`."""
        found = await self._pool.run(statements.UNSUMMARISED, channel_id, before)
        if not found:
            return None
        audience = Audience(AudienceKind(found[0]["audience_kind"]), found[0]["audience_id"])
        own = [
            row for row in found if (row["audience_kind"], row["audience_id"]) == (audience.kind, audience.audience_id)
        ]
        is_cut_short = len(found) == statements.LINES_READ_MOST
        return Stretch(channel_id, audience, _whole_turns(map(_said, own), letters_most, is_cut_short=is_cut_short))

    async def keep(
        self,
        task: SummaryTask,
        summaries: Sequence[NewSummary],
        now: datetime,
        *,
        of: Sequence[Message] = (),
        cut_at: TurnId | None = None,
    ) -> bool:
        """See `bot.memory_ports.SummaryStore.keep`."""
        read = json_text([{"message_id": line.message_id, "content": line.content} for line in of])
        new = json_text([_summary_json(one) for one in summaries])
        values = (task.channel_id, task.held_until, now, read, new, cut_at)
        return bool(await self._pool.run(statements.KEEP, *values))

    async def to_condense(self, channel_id: ChannelId) -> Sequence[Summary]:
        """See `bot.memory_ports.SummaryStore.to_condense`."""
        return [summary_of(row) for row in await self._pool.run(statements.TO_CONDENSE, channel_id)]

    async def condense(self, task: SummaryTask, parts: Sequence[SummaryId], whole: NewSummary, now: datetime) -> bool:
        """See `bot.memory_ports.SummaryStore.condense`."""
        new = json_text([_summary_json(whole)])
        values = (task.channel_id, task.held_until, now, list(parts), new)
        return bool(await self._pool.run(statements.CONDENSE, *values))

    async def done(self, task: SummaryTask, until: datetime | None = None) -> None:
        """See `bot.memory_ports.SummaryStore.done`."""
        await self._pool.run(statements.DONE, task.channel_id, task.held_until, until)


def summary_of(row: Row) -> Summary:
    """Read a row of ``summaries``."""
    return Summary(
        summary_id=SummaryId(row["summary_id"]),
        channel_id=ChannelId(row["channel_id"]),
        person_id=None if row["person_id"] is None else UserId(row["person_id"]),
        level=row["level"],
        audience=Audience(AudienceKind(row["audience_kind"]), row["audience_id"]),
        text=row["text"],
        note=row["note"],
        from_turn=row["from_turn"],
        to_turn=row["to_turn"],
        said_from=row["said_from"],
        said_to=row["said_to"],
    )


def _summary_json(summary: NewSummary) -> dict[str, object]:
    fields = asdict(summary)
    del fields["audience"]
    return fields | {"audience_kind": summary.audience.kind, "audience_id": summary.audience.audience_id}


def _said(row: Row) -> Said:
    return Said(TurnId(row["turn_id"]), message_of(row, channel_of(row)))


def _shortened(line: Message) -> Message:
    """Give a line's own words alone, and not too many of them."""
    return replace(line, content=line.content[:LINE_LETTERS_MOST], quote=None, forwards=(), attachments=())


def _of_kind(memories: Iterable[Memory], kind: MemoryKind) -> tuple[Memory, ...]:
    return tuple(memory for memory in memories if memory.kind is kind)


def _whole_turns(lines: Iterable[Said], letters_most: int, *, is_cut_short: bool) -> tuple[Said, ...]:
    """Take whole turns from the oldest on while they fit, at least one; the last of many may not be all there."""
    turns = [tuple(said) for _, said in groupby(lines, key=lambda said: said.turn_id)]
    if is_cut_short and len(turns) > 1:
        turns.pop()
    taken, letters = list(turns[0]), _letters(turns[0])
    for turn in turns[1:]:
        letters += _letters(turn)
        if letters > letters_most:
            break
        taken += turn
    return tuple(taken)


def _letters(lines: Iterable[Said]) -> int:
    return sum(len(said.message.content) + sum(map(len, said.message.forwards)) for said in lines)
