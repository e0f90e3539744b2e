"""A person of whom very much is kept: what is asked for is still found, and soon."""

from __future__ import annotations

from tests.adapters.postgres.test_recall import memory as memory
from tests.fakes import ADA, START

FILL = """
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience, confidence,
    said_at, created_at, lexemes)
SELECT $1, 'fact', 'Ada saw bird ' || n, n::text, 'person', $1, 'current', 'talk', 5, 0.7, $2, $2,
    to_tsvector('english', 'Ada saw bird number' || n)
FROM generate_series(1, 21000) n
"""


async def test_an_old_memory_among_very_many_is_found(memory):
    asked = await memory.memory("Ada keeps a viola under her bed.")
    await memory.pool.run(FILL, ADA.user_id, START)
    found = (await memory.ask("where do I keep my viola?")).memories
    assert [one.memory.memory_id for one in found] == [asked]
