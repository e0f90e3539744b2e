"""What comes to mind by words alone, measured: what answers, what must stay away, and what holds no longer.

Talk and questions are those of ``tests/data/comes_to_mind.toml``, in twelve languages. Each language has a person who
said its lines, and one person said all of them: a small memory and a large one. Lines were said three in a sitting.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.postgres.line_index import INDEX_LINES, line_rows
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.rows import json_text
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Audience, AudienceKind, Channel, ChannelKind, Message, Person
from bot.domain.recalled import Found, Past, Place, RecallAsk
from bot.domain.searchable import searchable
from bot.memory_ports import IndexedLine

DATA = Path(__file__).parent / "data" / "comes_to_mind.toml"
HALVES = ("tune", "held")
MOST = 5  # lines and memories that a question brings up
BEGAN = datetime(2026, 1, 5, 18, tzinfo=UTC)
ASKED_AT = BEGAN + timedelta(days=300)
NAMES = ("Ada", "Mira")
FIRST_ID = 10_000

_PERSON = """
WITH person AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($1, 'Ada', $2, $2)
)
INSERT INTO channels (channel_id, kind) VALUES ($1, 'dm')
"""
_LINES = """
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
    state, sent_at, heard_at)
SELECT id, $1, $1, 'person', 'Ada', content, 'person', $1, 'answered', at, at
FROM unnest($2::bigint[], $3::text[], $4::timestamptz[]) AS said(id, content, at)
"""
_MEMORY = """
WITH kept AS (
    INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience,
        confidence, said_at, created_at, lexemes)
    VALUES ($1, 'fact', $2, $2, 'person', $1, 'current', 'talk', 5, 0.7, $3, $3, to_tsvector($4::regconfig, $5))
    RETURNING memory_id
), sourced AS (
    INSERT INTO memory_sources (memory_id, message_id) SELECT memory_id, $6 FROM kept
)
UPDATE memories SET state = 'superseded', superseded_by = kept.memory_id FROM kept WHERE text = $7 AND owner_id = $1
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was so, of how many times it was asked for."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """Give it as a share of one."""
        return self.count / self.of


@dataclass(frozen=True, slots=True)
class Figures:
    """What one half of the data gives; *stray* is talk that brings something up, *hits* are answers among the first.

    *held* counts questions to which what holds now comes first, *unmarked* those to which what was before comes up as
    if it held. *misses* name what went wrong.
    """

    stray: Mapping[str, Tally]
    hits: Mapping[str, Tally]
    held: Tally
    unmarked: Tally
    misses: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Case:
    language: str
    told: str
    asked: str


@dataclass(frozen=True, slots=True)
class _Half:
    """One half of the data of some languages."""

    talk: Sequence[tuple[str, str]]
    told: Sequence[_Case]
    changed: Sequence[tuple[str, str, str, str, str, str]]
    everyday: Sequence[str]

    def lines(self) -> list[str]:
        """Give all that was said, what told something between what did not."""
        said = [one.told for one in self.told] + [one[1] for one in self.changed] + [one[3] for one in self.changed]
        filling = [self.everyday[number % len(self.everyday)] for number in range(len(said) // 2 + 1)]
        return [line for number, pair in enumerate(_pairs(said)) for line in (pair[0], filling[number], *pair[1:])]


def _pairs(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[at : at + 2] for at in range(0, len(items), 2))


def read(half: str) -> dict[str, _Half]:
    """Give one *half* of the data by language, and under "all" that of all languages."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    halves = {language: _half([language], data, half) for language in data}
    return halves | {"all": _half(data, data, half)}


def _half(languages: Iterable[str], data: Mapping[str, Mapping[str, object]], half: str) -> _Half:
    some = [(language, data[language][half], data[language]["everyday"]) for language in languages]
    return _Half(
        talk=[(language, text) for language, given, _ in some for text in given["talk"]],
        told=[_Case(language, *pair) for language, given, _ in some for pair in given["told"]],
        changed=[(language, *one) for language, given, _ in some for one in given["changed"]],
        everyday=[text for _, _, everyday in some for text in everyday],
    )


async def measure(pool: StatementPool, half: str) -> Figures:
    """Let people say one half of the data, and ask them."""
    halves = read(half)
    owners = {name: UserId(FIRST_ID * (1 + number)) for number, name in enumerate(halves)}
    for name, given in halves.items():
        await _live(pool, owners[name], given)
    asking = _Asking(PostgresRecall(pool), owners)
    stray = {size: await asking.stray(halves["all"], size) for size in ("small", "large")}
    hits = {size: await asking.hits(halves["all"], size) for size in ("small", "large")}
    held, unmarked = await asking.changes(halves["all"])
    return Figures(stray, hits, held, unmarked, asking.misses)


async def _live(pool: StatementPool, owner: UserId, given: _Half) -> None:
    """Put lines and what was kept of changes where *owner* said them: three in a sitting, a sitting a day."""
    await pool.run(_PERSON, int(owner), BEGAN)
    channel = Channel(ChannelId(int(owner)), ChannelKind.DM)
    said = [
        Message(
            MessageId(int(owner) + 1 + number),
            channel,
            Person(owner, "Ada"),
            text,
            BEGAN + timedelta(days=number // 3, minutes=number % 3),
        )
        for number, text in enumerate(given.lines())
    ]
    columns = zip(*((int(one.message_id), one.content, one.sent_at) for one in said), strict=True)
    await pool.run(_LINES, int(owner), *map(list, columns))
    audience = Audience(AudienceKind.PERSON, owner)
    await pool.run(INDEX_LINES, json_text(line_rows([IndexedLine(one, owner, audience) for one in said], NAMES)))
    by_text = {one.content: one for one in said}
    for _, before, kept_before, after, kept_after, _ in given.changed:
        for line, kept, replaced in ((before, kept_before, ""), (after, kept_after, kept_before)):
            found, source = searchable(kept, NAMES), by_text[line]
            at = (source.sent_at, found.language, found.text, int(source.message_id), replaced)
            await pool.run(_MEMORY, int(owner), kept, *at)


class _Asking:
    """Asks as a turn in a direct talk does, and notes what went wrong."""

    def __init__(self, recall: PostgresRecall, owners: Mapping[str, UserId]) -> None:
        self.misses: list[str] = []
        self._recall = recall
        self._owners = owners

    async def stray(self, given: _Half, size: str) -> Tally:
        """Say what asks for nothing."""
        count = 0
        for language, text in given.talk:
            found = await self._ask(text, language if size == "small" else "all")
            came = [*(one.text for one in found.lines), *(one.memory.text for one in found.memories)]
            count += bool(came)
            if came:
                self.misses.append(f"{size}: {text!r} brought up {came}")
        return Tally(count, len(given.talk))

    async def hits(self, given: _Half, size: str) -> Tally:
        """Ask what was told once."""
        count = 0
        for one in given.told:
            found = await self._ask(one.asked, one.language if size == "small" else "all")
            is_hit = one.told in [line.text for line in found.lines]
            count += is_hit
            if not is_hit:
                self.misses.append(f"{size}: {one.asked!r} missed {one.told!r}")
        return Tally(count, len(given.told))

    async def changes(self, given: _Half) -> tuple[Tally, Tally]:
        """Ask what has changed."""
        held = unmarked = 0
        for language, before, _, _, holds, asked in given.changed:
            found = await self._ask(asked, language)
            is_held = [one.memory.text for one in found.memories][:1] == [holds]
            as_if_held = any(line.text == before and line.past is Past.NO for line in found.lines)
            held += is_held
            unmarked += as_if_held
            if not is_held or as_if_held:
                self.misses.append(f"{asked!r}: {holds!r} first is {is_held}, {before!r} unmarked is {as_if_held}")
        return Tally(held, len(given.changed)), Tally(unmarked, len(given.changed))

    async def _ask(self, text: str, whose: str) -> Found:
        owner = self._owners[whose]
        ask = RecallAsk(text, (owner,), Place(owner), ASKED_AT, NAMES, said_by=owner)
        return await self._recall.recall(ask, lines_most=MOST, memories_most=MOST)
