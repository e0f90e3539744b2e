"""What she came to think by somebody's words is not shown while they want not to be heard."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.adapters.postgres.recall import PostgresRecall
from bot.domain.ids import ChannelId, GuildId
from bot.domain.recalled import Place
from tests.adapters.postgres.test_forget_elsewhere import ADA, scene

__all__ = ["scene"]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_note_rests_while_its_reason_does_not_want_to_be_heard(scene, statements):
    await scene.line(1040, "I sold my boat and miss the sea", channel_id=301, turn_id=4)
    await scene.run("""
    INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at, revised_at)
    VALUES ('mira', 'narrative', 'I learned how one misses a boat.', 'channel', 301, 1, $1, $1);
    INSERT INTO self_note_sources VALUES (1, 1040);
    """)
    recall, room = PostgresRecall(statements), Place(None, ChannelId(301), GuildId(401))

    async def notes():
        return (await recall.held((), room, companion="mira", now=NOW, most=5, notes_most=5)).notes

    assert len(await notes()) == 1
    await scene.run(f"INSERT INTO silences (user_id, since) VALUES ({ADA}, $1)")
    assert await notes() == ()
    await scene.run(f"DELETE FROM silences WHERE user_id = {ADA}")
    assert len(await notes()) == 1
