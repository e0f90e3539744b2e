"""`mira replay` and /why on a record in a real Postgres: what was heard is decided again just as it was."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import Attention, Features, Outcome, decide
from bot.domain.ids import UserId
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from bot.engine.explain import Explain, Nothing, Question
from bot.engine.policies import Policies
from bot.engine.silence import Silences
from bot.redeciding import Wishes, redecide_now
from bot.settings import Settings
from tests.fakes import ADA, MIRA, ROOM, START, FakeClock, guild_message

LINES = 60
POLICY = RoomPolicy(Hearing.LISTEN, 4, QuietHours(60, 120, "Europe/Berlin"))
SPAN = {"since": "2026-02-27T00:00", "until": "2026-03-04T00:00"}


async def record(statements: StatementPool) -> list[tuple[int, Outcome]]:
    """Hear a room of chance talk; gives what was decided of each line that was kept."""
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    await store.introduce(START)
    dice, kept = random.Random(7), []
    for number in range(LINES):
        message = guild_message(f"line {number}")
        now = START + timedelta(seconds=number)
        found = Features(
            at=now.timestamp(),
            is_question=dice.random() < 0.5,
            is_mention=dice.random() < 0.1,
            letters=dice.randrange(60),
            calls_left=dice.randrange(3),
            pace=dice.random() * 7,
            her_ago_s=dice.choice([None, dice.random() * 500]),
            her_to_author=dice.random() < 0.5,
            pleasure=dice.uniform(-1, 1),
        )
        decision = decide(found, POLICY, is_quiet=POLICY.quiet is not None and POLICY.quiet.holds(now))
        is_hers = decision.outcome in (Outcome.ANSWER, Outcome.CONSIDER)
        assert await store.hear(message, Attention(is_hers, decision.reasons, decision, POLICY), now)
        kept.append((message.message_id, decision.outcome))
    return kept


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings().model_copy(update={"database_url": SecretStr(database_url)})


async def test_the_record_is_decided_again_just_as_it_was(
    statements: StatementPool, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    kept = await record(statements)
    assert {outcome for _, outcome in kept} >= {Outcome.ANSWER, Outcome.LISTEN}, "the talk is varied enough"
    assert await redecide_now(settings, Wishes(**SPAN)) == 0
    assert capsys.readouterr().out == f"{LINES} decisions, 0 would have flipped\n"
    assert await redecide_now(settings, Wishes(**SPAN, prints_all=True)) == 0
    assert len(capsys.readouterr().out.splitlines()) == LINES + 1


async def test_what_is_tried_is_told_line_by_line_and_changes_nothing(
    statements: StatementPool, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    kept = await record(statements)
    assert await redecide_now(settings, Wishes(**SPAN, changes=("hearing=ignore",))) == 0
    said = capsys.readouterr().out.splitlines()
    flips = [one for one in said if "  message " in one]
    assert [int(one.split("message ")[1].split()[0]) for one in flips] == [message_id for message_id, _ in kept]
    assert all("-> leave" in one for one in flips)
    assert f"{LINES} decisions, {LINES} would have flipped:" in said
    assert await redecide_now(settings, Wishes(**SPAN, channel_id=5, changes=("hearing=ignore",))) == 0
    assert capsys.readouterr().out.startswith("0 decisions")
    assert await redecide_now(settings, Wishes(**SPAN)) == 0, "nothing was written"


async def test_a_record_that_disagrees_is_an_error(
    statements: StatementPool, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    await record(statements)
    await statements.run("UPDATE decisions SET outcome = 'leave', version = 1 WHERE outcome = 'listen'")
    assert await redecide_now(settings, Wishes(**SPAN)) == 1
    assert "The record and the rules disagree: it was decided by version 1" in capsys.readouterr().out


async def test_why_tells_what_is_on_record(statements: StatementPool):
    kept = await record(statements)
    rooms, clock = PostgresRooms(statements), FakeClock(START)
    explain = Explain(
        store=rooms,
        policies=Policies(store=rooms, clock=clock),
        silences=Silences(store=rooms, clock=clock),
        clock=clock,
    )
    for message_id, outcome in kept[:: LINES // 6]:
        told = await explain(Question(ADA.user_id, ROOM, message_id))
        assert told.decision is not None and told.decision.decision.outcome is outcome
        assert told.decision.policy == POLICY and not told.is_hers
    newest = await explain(Question(ADA.user_id, ROOM))
    assert newest.message_id == kept[-1][0]
    elsewhere = replace(ROOM, channel_id=type(ROOM.channel_id)(12345))
    assert (await explain(Question(UserId(1), elsewhere, kept[0][0]))).nothing is not None
    assert (await explain(Question(UserId(1), elsewhere))).nothing is Nothing.NOT_ADDRESSED
