"""Finds what was said and what is known, in the database: `bot.memory_ports.RecallStore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.adapters.postgres.held_statements import HELD
from bot.adapters.postgres.memory_rows import memory_of
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall_statements import RECALL
from bot.adapters.postgres.rows import storable
from bot.domain.asking import asks_of_oneself, asks_to_remember, says_nothing
from bot.domain.ids import MessageId, NoteId, UserId
from bot.domain.line_traits import asks_when
from bot.domain.memory import NoteKind, SelfNote
from bot.domain.message import Audience, AudienceKind, Speaker
from bot.domain.query_dates import query_dates
from bot.domain.query_terms import QueryTerms, query_terms
from bot.domain.recalled import NOTHING_FOUND, Found, Held, Past, Place, RecallAsk, RecalledLine, RecalledMemory
from bot.domain.searchable import words_of


class PostgresRecall:
    """A `RecallStore`; each question is one statement."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def recall(self, ask: RecallAsk, *, lines_most: int, memories_most: int, is_bounded: bool = True) -> Found:
        """See `RecallStore.recall`; without *is_bounded* the best are given whether they concern the question or not.

        Raises:
            StoreError: the database failed.
        """
        terms = query_terms(storable(ask.text), ask.names)
        if is_bounded and (not terms.words or _is_talk_only(ask)):
            return NOTHING_FOUND
        rows = await self._pool.run(RECALL, *_values(ask, terms, lines_most, memories_most, is_bounded=is_bounded))
        return _found(rows)

    async def plan_ahead(self, now: datetime) -> None:
        """Have the statement planned, which takes its time, before anybody waits for it.

        Raises:
            StoreError: the database failed.
        """
        nothing = RecallAsk(text="", owners=(), place=Place(None), now=now)
        await self._pool.plan_ahead(RECALL, *_values(nothing, query_terms(""), 0, 0, is_bounded=True))

    async def held(
        self, owners: Sequence[UserId], place: Place, *, companion: str, now: datetime, most: int, notes_most: int
    ) -> Held:
        """See `RecallStore.held`; *most* of each kind of memories."""
        whose = [int(owner) for owner in owners]
        rows = await self._pool.run(HELD, whose, *_place(place), now, most, companion, notes_most)
        return Held(
            tuple(memory_of(row) for row in rows if row["memory_id"] is not None),
            tuple(_note_of(row) for row in rows if row["note_id"] is not None),
        )


def _values(
    ask: RecallAsk, terms: QueryTerms, lines_most: int, memories_most: int, *, is_bounded: bool
) -> tuple[object, ...]:
    """Give what `RECALL` asks for, in its order."""
    dates = query_dates(ask.text, ask.now)
    return (
        [int(owner) for owner in ask.owners],
        *_place(ask.place),
        list(terms.words),
        list(terms.languages),
        None if ask.vector is None else _vector_text(ask.vector.values),
        None if ask.vector is None else ask.vector.embedder,
        [int(one) for one in ask.shown],
        None if ask.said_by is None else int(ask.said_by),
        asks_when(ask.text),
        [one.start for one in dates],
        [one.end for one in dates],
        [one.weight for one in dates],
        ask.now,
        lines_most,
        memories_most,
        is_bounded,
        asks_of_oneself(ask.text),
        None if ask.mood is None else list(ask.mood),
        list(terms.near),
        list(terms.near_languages),
        list(terms.common),
    )


def _is_talk_only(ask: RecallAsk) -> bool:
    """Say whether nothing is asked for: "good morning!", "can you help me with something?"."""
    return says_nothing(words_of(ask.text, ask.names)) and not asks_to_remember(ask.text)


def _place(place: Place) -> tuple[int | None, int | None, int | None]:
    return (
        None if place.user_id is None else int(place.user_id),
        None if place.channel_id is None else int(place.channel_id),
        None if place.guild_id is None else int(place.guild_id),
    )


def _vector_text(values: Sequence[float]) -> str:
    return "[" + ",".join(f"{value:.6g}" for value in values) + "]"


def _found(rows: Sequence[Any]) -> Found:
    lines = tuple(_line_of(row) for row in rows if not row["is_memory"])
    memories = tuple(RecalledMemory(memory_of(row), row["score"], row["is_newer"]) for row in rows if row["is_memory"])
    return Found(lines, memories)


def _line_of(row: Any) -> RecalledLine:  # noqa: ANN401
    return RecalledLine(
        message_id=MessageId(row["message_id"]),
        owner_id=UserId(row["line_owner"]),
        speaker_id=UserId(row["author_id"]),
        name=row["author_name"],
        text=row["content"],
        said_at=row["sent_at"],
        is_own=row["speaker"] == Speaker.SELF,
        score=row["score"],
        past=Past(row["past"]),
    )


def _note_of(row: Any) -> SelfNote:  # noqa: ANN401
    kind = row["note_audience_kind"]
    return SelfNote(
        note_id=NoteId(row["note_id"]),
        kind=NoteKind(row["note_kind"]),
        text=row["note_text"],
        audience=None if kind is None else Audience(AudienceKind(kind), row["note_audience_id"]),
        confidence=row["note_confidence"],
        revised_at=row["note_revised_at"],
    )
