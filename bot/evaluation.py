"""Memory without Discord and without a model, for evaluation: see docs/memory.md.

    from bot.evaluation import close, recall, remember

    source = remember("ada", "Ada", "My cat is called Lovelace.", "2026-03-01T12:00")
    assert recall("ada", "What is the cat called?", k=5) == [source]
    close()

The functions of this module block, and share one database that is made when it is first needed: the one of
``DATABASE_URL``, else an embedded one in a folder that is removed at the end. With ``MIRA_EMBEDDER=local`` lines are
found by their meaning too. `Evaluation` is the same for asyncio.
What is kept and what is asked goes through the statements that Mira herself uses.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, TypeVar

import structlog

from bot.adapters.embedding.local import LocalEmbedder
from bot.adapters.postgres.address import DatabaseAddress, parse_database_url
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.engine import check_server, open_engine
from bot.adapters.postgres.line_index import INDEX_LINES, line_rows
from bot.adapters.postgres.migrate import migrate
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.rows import json_text, storable
from bot.adapters.postgres.vectors import PostgresVectors
from bot.domain.embeddable import embeddable
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Audience, AudienceKind, Channel, ChannelKind, Message, Person
from bot.domain.moments import moment_of
from bot.domain.recalled import Place, RecallAsk, Vector
from bot.domain.searchable import names_in
from bot.memory_ports import IndexedLine, NamedEmbedder, Unembedded

T = TypeVar("T")

CONNECTIONS = 4
EMBED_AT_ONCE = 64
SECONDS_FROM = datetime(1900, 1, 1, tzinfo=UTC)  # ids grow with time from here on
ORDER_BITS = 24  # lines of one second
LINES_MOST = 1_000_000  # that one question gives

_KEEP = """
WITH owner AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at, met_at) VALUES ($1, $2, $9, $9, $9)
    ON CONFLICT (user_id) DO NOTHING
), speaker AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) SELECT $3, $4, $9, $9 WHERE $3 <> $1
    ON CONFLICT (user_id) DO NOTHING
), place AS (
    INSERT INTO channels (channel_id, kind) VALUES ($1, 'dm') ON CONFLICT (channel_id) DO NOTHING
)
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, reasons, audience_kind,
    audience_id, state, sent_at, heard_at)
VALUES ($5, $1, $3, 'person', $4, $6, ARRAY[$7::text], 'person', $1, 'answered', $8, $9)
ON CONFLICT (message_id) DO UPDATE SET content = excluded.content WHERE messages.channel_id = excluded.channel_id
"""
_TAKEN = f"""
SELECT message_id >> {ORDER_BITS} AS second, max(message_id & {(1 << ORDER_BITS) - 1}) + 1 AS count
FROM messages GROUP BY 1
"""
# what an earlier process kept; $1 the owner, whose channel has the same number
_KEPT = """
SELECT message_id, author_id, author_name, content, reasons[1] AS source, l.embedder_id IS NULL AS is_bare
FROM messages m JOIN recall_lines l USING (message_id)
WHERE m.channel_id = $1 AND l.owner_id = $1 ORDER BY message_id
"""


@dataclass
class _Owner:
    """Whose memory it is: who speaks in it, its lines by source, and what has no vector yet."""

    user_id: int
    speakers: dict[int, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    unembedded: list[Unembedded] = field(default_factory=list)


class Evaluation:
    """Her memory of lines, by itself; an asynchronous context manager, or `open` and `aclose`."""

    def __init__(self, *, database_url: str | None = None, embedder: NamedEmbedder | None = None) -> None:
        """Take where lines are kept: *database_url*, else an embedded database that is removed at the end.

        With an *embedder* lines are found by their meaning too; it is asked for all that is new before a `recall`.
        """
        self._database_url = database_url
        self._embedder = embedder
        self._open = AsyncExitStack()
        self._owners: dict[int, _Owner] = {}
        self._counts: dict[int, int] = {}
        self._pool: StatementPool | None = None

    async def __aenter__(self) -> Evaluation:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def open(self) -> None:
        """Open the database, and bring it up to date; opened already, it stays as it is.

        Raises:
            ConfigError: it cannot be used.
        """
        if self._pool is not None:
            return
        _keep_quiet()
        async with AsyncExitStack() as opening:
            address = await self._address(opening)
            engine = open_engine(address)
            try:
                await check_server(engine, address)
                await migrate(engine)
            finally:
                await engine.dispose()
            pool = await StatementPool.open(address, size=CONNECTIONS)
            opening.push_async_callback(pool.close)
            self._counts = {row["second"]: row["count"] for row in await pool.run(_TAKEN)}
            self._open = opening.pop_all()
            self._pool = pool

    async def aclose(self) -> None:
        """Close the database; an embedded one is removed."""
        self._pool = None
        self._owners.clear()
        await self._open.aclose()

    async def remember(
        self, user: object, speaker: object, text: object, when: datetime | date | str | float, source: object = None
    ) -> str:
        """Keep a line: *speaker* said *text* at *when*, and it belongs to the memory of *user*.

        *when* may be naive (then it is UTC), an ISO text, or seconds since 1970. Gives the line's id: *source* as text,
        or a new one. The same *source* again puts the new text in place of the old.

        Raises:
            ValueError: *when* is no time.
            StoreError: the database failed.
        """
        said_at, content = moment_of(when), storable(str(text))
        owner = await self._owner(user)
        speaker_id = _person_id(user, speaker)
        message_id = None if source is None else owner.ids.get(str(source))
        is_new = message_id is None
        if message_id is None:
            message_id = self._next_id(said_at)
        given = str(message_id) if source is None else storable(str(source))
        owner.ids[given] = message_id
        owner.speakers[speaker_id] = _name(speaker)
        message = Message(
            MessageId(message_id), _channel(owner), Person(UserId(speaker_id), _name(speaker)), content, said_at
        )
        line = IndexedLine(message, UserId(owner.user_id), Audience(AudienceKind.PERSON, owner.user_id))
        now, pool = datetime.now(UTC), self._ready()
        await pool.run(
            _KEEP, owner.user_id, _name(user), speaker_id, _name(speaker), message_id, content, given, said_at, now
        )
        await pool.run(INDEX_LINES, json_text(line_rows([line], tuple(owner.speakers.values()))))
        if not is_new:
            owner.unembedded = [one for one in owner.unembedded if one.item_id != message_id]
        owner.unembedded.append(Unembedded("line", owner.user_id, message_id, content))
        return given

    async def recall(self, user: object, query: object, k: int = 10) -> list[str]:
        """Give the ids of the *k* lines of *user* that concern *query* most, best first; fewer where there are fewer.

        Raises:
            ValueError: *k* is no whole number.
            StoreError: the database failed.
            ProviderError: the embedder failed.
        """
        k = _count(k)
        owner, text = await self._owner(user), storable(str(query))
        if k < 1 or not owner.ids:
            return []
        names = tuple(owner.speakers.values())
        found = await PostgresRecall(self._ready()).recall(
            RecallAsk(
                text=text,
                owners=(UserId(owner.user_id),),
                place=Place(UserId(owner.user_id)),
                now=datetime.now(UTC),
                names=names,
                said_by=_asked_about(owner, text, _name(user)),
                vector=await self._vector(owner, text),
            ),
            lines_most=k,
            memories_most=0,
            is_bounded=False,
        )
        by_id = {message_id: source for source, message_id in owner.ids.items()}
        return [by_id[line.message_id] for line in found.lines if line.message_id in by_id]

    async def _vector(self, owner: _Owner, text: str) -> Vector | None:
        if self._embedder is None:
            return None
        names, embedder = tuple(owner.speakers.values()), self._embedder
        vectors = PostgresVectors(self._ready())
        while owner.unembedded:
            some = owner.unembedded[:EMBED_AT_ONCE]
            texts = [embeddable(one.text, names) for one in some]
            found = await embedder.embed([text or " " for text in texts])
            await vectors.use(embedder.name, len(found[0]))
            of = [(one, Vector(embedder.name, values)) for one, values in zip(some, found, strict=True)]
            await vectors.put(embedder.name, of)
            del owner.unembedded[: len(some)]
        asked = embeddable(text, names)
        return Vector(embedder.name, (await embedder.embed([asked]))[0]) if asked else None

    async def _address(self, opening: AsyncExitStack) -> DatabaseAddress:
        if self._database_url is not None:
            return parse_database_url(self._database_url)
        folder = opening.enter_context(TemporaryDirectory(prefix="mira-evaluation-"))
        server = await opening.enter_async_context(await EmbeddedPostgres.start(Path(folder), durable=False))
        return server.address

    def _next_id(self, said_at: datetime) -> int:
        """Make an id that lies where the line lies in time, behind those of the same second."""
        second = max(0, int((said_at - SECONDS_FROM).total_seconds()))
        number = self._counts.get(second, 0)
        self._counts[second] = number + 1
        return (second << ORDER_BITS) + number

    def _ready(self) -> StatementPool:
        if self._pool is None:
            raise RuntimeError("the evaluation is not open")
        return self._pool

    async def _owner(self, user: object) -> _Owner:
        """Give whose memory it is; what an earlier process kept in the same database is read once."""
        await self.open()
        user_id = _person_id(user, user)
        if user_id not in self._owners:
            owner = _Owner(user_id)
            for row in await self._ready().run(_KEPT, user_id):
                owner.ids[row["source"]] = row["message_id"]
                owner.speakers[row["author_id"]] = row["author_name"]
                if row["is_bare"]:
                    owner.unembedded.append(Unembedded("line", user_id, row["message_id"], row["content"]))
            self._owners.setdefault(user_id, owner)
        return self._owners[user_id]


def _keep_quiet() -> None:
    """Leave standard output to the caller: unless they set up logs, only errors are told, on standard error."""
    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )


def _asked_about(owner: _Owner, text: str, user: str) -> UserId | None:
    """Give whom a question is about: the one speaker it names; where it names nobody, the owner if they speak."""
    named = {one for one, name in owner.speakers.items() if names_in(text, [name])}
    if not named:
        named = {one for one, name in owner.speakers.items() if name == user}
    return UserId(named.pop()) if len(named) == 1 else None


def _count(k: Any) -> int:  # noqa: ANN401
    """Read how many lines are asked for.

    Raises:
        ValueError: it is no whole number.
    """
    try:
        return min(int(k), LINES_MOST)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("k has to be a whole number: how many lines to give") from error


def _channel(owner: _Owner) -> Channel:
    return Channel(ChannelId(owner.user_id), ChannelKind.DM)


def _name(value: object) -> str:
    return storable(str(value)).strip() or "?"


def _person_id(user: object, person: object) -> int:
    """Give the number of a person in the memory of *user*; the same in every process."""
    digest = blake2b(f"{user!s}\x00{person!s}".encode("utf-8", "replace"), digest_size=7).digest()
    return int.from_bytes(digest, "big") + 1


def _local_embedder() -> NamedEmbedder | None:
    """Open the local embedder where the settings of Mira ask for it: see docs/embedders.md.

    Raises:
        ConfigError: numpy or the weights are missing.
    """
    if os.environ.get("MIRA_EMBEDDER", "").strip().lower() != "local":
        return None
    weights = os.environ.get("MIRA_EMBED_WEIGHTS")
    return LocalEmbedder.open(Path(weights) if weights else None)


class _AtOnce(ThreadPoolExecutor):
    """Does in the calling thread what others do in one of their own."""

    def submit(self, work: Callable[..., T], /, *values: Any, **named: Any) -> Future[T]:  # noqa: ANN401
        """Do *work* now."""
        done: Future[T] = Future()
        try:
            done.set_result(work(*values, **named))
        except Exception as error:  # noqa: BLE001 — it belongs to whoever waits
            done.set_exception(error)
        return done


class _Blocking:
    """One `Evaluation` on an event loop of its own, for callers that know no asyncio."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._evaluation: Evaluation | None = None

    def run(self, work: Callable[[Evaluation], Coroutine[Any, Any, T]]) -> T:
        """Do *work* with the evaluation, which is opened when it is first needed."""
        with self._starting:
            if self._loop is None:
                self._start()
        assert self._loop is not None and self._evaluation is not None
        return asyncio.run_coroutine_threadsafe(work(self._evaluation), self._loop).result()

    def stop(self, *, is_exit: bool = False) -> None:
        """Close what was opened; it may be opened anew. Where Python ends (*is_exit*) no threads start any more."""
        with self._starting:
            if self._loop is None or self._evaluation is None or self._thread is None:
                return
            if is_exit:
                self._loop.set_default_executor(_AtOnce())
            asyncio.run_coroutine_threadsafe(self._evaluation.aclose(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = self._evaluation = None

    def _start(self) -> None:
        evaluation = Evaluation(database_url=os.environ.get("DATABASE_URL") or None, embedder=_local_embedder())
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="mira-evaluation", daemon=True)
        thread.start()
        self._loop, self._thread, self._evaluation = loop, thread, evaluation


_blocking = _Blocking()


def remember(
    user: object, speaker: object, text: object, when: datetime | date | str | float, source: object = None
) -> str:
    """Keep a line; see `Evaluation.remember`."""
    return _blocking.run(lambda evaluation: evaluation.remember(user, speaker, text, when, source))


def recall(user: object, query: object, k: int = 10) -> list[str]:
    """Give the ids of the *k* lines that concern *query* most; see `Evaluation.recall`."""
    return _blocking.run(lambda evaluation: evaluation.recall(user, query, k))


def close() -> None:
    """Close the database; the next call opens a new one."""
    _blocking.stop()


atexit.register(_blocking.stop, is_exit=True)
