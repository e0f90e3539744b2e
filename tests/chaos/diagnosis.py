"""Says what is known of a message that something is wrong with: states, questions and strikes, never words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import asyncpg

from tests.chaos.database import ChaosDatabase
from tests.chaos.havoc import Struck
from tests.chaos.model import Call
from tests.chaos.people import Said
from tests.chaos.verdict import Verdict

NEAR_S = 6.0
MOST_EXPLAINED = 12
MESSAGE = "SELECT state, turn_id, sent_at, heard_at FROM messages WHERE message_id = $1"
TURNS = (
    "SELECT turn_id, state, reasons, started_at, closed_at FROM turns WHERE channel_id = $1 "
    "AND started_at BETWEEN to_timestamp($2) - interval '2 s' AND to_timestamp($2) + interval '60 s' ORDER BY turn_id"
)
PARTS = (
    "SELECT part_no, kind, state, message_id, refused_code, created_at, done_at "
    "FROM outbox WHERE turn_id = $1 ORDER BY part_no"
)


async def explain(
    verdict: Verdict,
    said: Mapping[str, Said],
    calls: Sequence[Call],
    struck: Sequence[Struck],
    database: ChaosDatabase,
) -> list[str]:
    """Give lines about each message in trouble."""
    lines = [*verdict.torn, *verdict.parts_twice, *(f"strange message {one}" for one in verdict.strange[:5])]
    for token in dict.fromkeys(verdict.troubled[:MOST_EXPLAINED]):
        one = said[token]
        place = "DM" if one.message.channel.is_dm else one.message.channel.name
        lines.append(f"— {token} said {one.at:.2f} by person {one.line.person} in {place}")
        near = [
            f"{strike.at - one.at:+.1f} {strike.kind}" for strike in struck if -NEAR_S < strike.at - one.at < NEAR_S
        ]
        lines.append("    strikes: " + ", ".join(near))
        lines += [
            f"    {call.started - one.at:+.2f} s asked as {call.reply} by {call.key}, {call.broken or 'whole'}, "
            f"{'open' if call.ended is None else f'{call.ended - call.started:.2f} s'}"
            for call in calls
            if token in call.tokens
        ]
        lines += await _states(one, database)
    return lines


async def _states(one: Said, database: ChaosDatabase) -> list[str]:
    """Ask the database about the message and its channel's turns of that minute."""
    try:
        async with asyncio.timeout(10), database.connect() as connection:
            return await _ask(one, connection)
    except (OSError, asyncpg.PostgresError, TimeoutError) as exc:
        return [f"    the database does not say: {type(exc).__name__}"]


async def _ask(one: Said, connection: asyncpg.Connection) -> list[str]:
    row = await connection.fetchrow(MESSAGE, one.message.message_id)
    if row is None:
        return ["    never stored"]
    heard = row["heard_at"].timestamp() - one.at
    lines = [f"    stored {heard:+.2f} s, {row['state']}, turn {row['turn_id']}"]
    for turn in await connection.fetch(TURNS, one.message.channel.channel_id, one.at):
        closed = "open" if turn["closed_at"] is None else f"{turn['closed_at'].timestamp() - one.at:+.2f}"
        began = turn["started_at"].timestamp() - one.at
        lines.append(f"    turn {turn['turn_id']} {turn['state']} {began:+.2f} … {closed} {list(turn['reasons'])}")
        for part in await connection.fetch(PARTS, turn["turn_id"]):
            done = "" if part["done_at"] is None else f" {part['done_at'].timestamp() - one.at:+.2f}"
            made = part["created_at"].timestamp() - one.at
            lines.append(f"      part {part['part_no']} {part['state']} {made:+.2f}{done} {part['message_id']}")
    return lines
