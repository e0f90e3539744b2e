"""A correction reaches what it corrects wherever that was told, and what may contradict is thought over."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio

from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.reflections import PostgresReflections
from bot.adapters.postgres.store import PostgresStore
from bot.domain.memory import MemoryKind, MemoryState
from bot.domain.reflection import Reflected
from bot.engine.digest import Digest
from tests.closed_turns import Talk
from tests.fakes import ADA, BEN, MIRA, START, FakeClock, dm_message, guild_message

in_the_room = partial(guild_message, mentions_self=True)

HOME = "Ada lives in Porto, near the river."
MOVED = "Ada lives in Bergen now, no longer in Porto."
SAID_MOVED = "I live in Bergen now, no longer in Porto"


class Life:
    """People who talk, and what is taken in of it an hour later."""

    def __init__(self, statements, ask) -> None:
        self.clock = FakeClock()
        self.ask = ask
        self.store = PostgresStore(statements, own=MIRA, is_alone=True)
        self.talk = Talk(self.store, self.clock)
        self.memory = PostgresReflections(statements)
        self.digest = Digest(PostgresDigest(statements, MIRA), self.clock, (), own_names=("Mira",))

    async def tell(self, said: str, text: str, *, author=ADA, make=dm_message, **more) -> None:
        await self.talk.turn(said, author=author, make=make, memories=[(0, text, {"salience": 8} | more)])
        assert await self.digest() == 1
        await self.clock.advance(3600)

    async def states(self, *texts: str) -> list[tuple[str, str]]:
        rows = await self.ask("SELECT text, audience_kind, state FROM memories ORDER BY memory_id")
        return [(row["audience_kind"], row["state"]) for row in rows if row["text"] in texts]

    async def group(self):
        return await self.memory.claim_group(self.clock.now(), companion="mira")


@pytest_asyncio.fixture
async def life(statements, ask):
    life = Life(statements, ask)
    await life.store.introduce(START)
    return life


@pytest.mark.parametrize("then", [dm_message, in_the_room])
async def test_what_was_told_in_two_places_is_corrected_in_both(life, then):
    for make in (dm_message, in_the_room):
        await life.tell("I live in Porto, near the river", HOME, make=make)
    await life.tell(SAID_MOVED, MOVED, make=then, kind="correction")
    assert {state for _, state in await life.states(HOME)} == {"superseded"}
    rows = await life.ask("SELECT DISTINCT superseded_by FROM memories WHERE state = 'superseded'")
    (newer,) = await life.ask("SELECT memory_id, audience_kind FROM memories WHERE kind = 'correction'")
    assert [row["superseded_by"] for row in rows] == [newer["memory_id"]]
    assert newer["audience_kind"] == ("person" if then is dm_message else "channel"), "and it stays where it was said"
    # told again where it was corrected elsewhere, it does not simply hold again, and the correction is as sure
    before = await life.ask("SELECT confidence FROM memories WHERE kind = 'correction'")
    other = in_the_room if then is dm_message else dm_message
    await life.tell("I live in Porto, near the river", HOME, make=other)
    assert sorted(state for _, state in await life.states(HOME)) == ["candidate", "superseded", "superseded"]
    assert await life.ask("SELECT confidence FROM memories WHERE kind = 'correction'") == before


async def test_of_somebody_else_or_unsure_nothing_gives_way(life):
    await life.tell("I live in Porto, near the river", "Ben lives in Porto, near the river.", author=BEN)
    await life.tell("I live in Porto, near the river", HOME, make=in_the_room)
    await life.tell(SAID_MOVED, "Ben lives in Bergen now, no longer in Porto.", author=BEN, kind="correction")
    assert await life.states(HOME) == [("channel", "current")]
    await life.tell("mhm", MOVED, kind="correction")  # no line of theirs says so
    assert await life.states(HOME) == [("channel", "current")]


async def test_a_weighty_contradiction_is_thought_over_soon_and_holds_meanwhile(life):
    await life.tell("my landlord is Mr Okafor", "Ada's landlord is Mr Okafor.")
    assert await life.ask("SELECT 1 FROM reflections") == []
    await life.tell("I play chess on Sundays", "Ada plays chess on Sundays.")
    assert await life.ask("SELECT 1 FROM reflections") == [], "nothing that it could speak against"
    await life.tell("my landlord is Mrs Petrov", "Ada's landlord is Mrs Petrov.")
    (asked,) = await life.ask("SELECT due_at - waits_since AS waits FROM reflections")
    assert asked["waits"] == timedelta(minutes=10)
    group = await life.group()
    assert [(one.text, one.state) for one in group.candidates] == [
        ("Ada's landlord is Mrs Petrov.", MemoryState.CURRENT)
    ]
    assert "Ada's landlord is Mr Okafor." in {one.text for one in group.current}
    assert group.candidates[0].memory_id not in {one.memory_id for one in group.current}
    assert await life.memory.reflected(group, Reflected(), life.clock.now(), companion="mira")
    assert await life.ask("SELECT 1 FROM reflections") == [], "once"
    assert await life.group() is None


async def test_a_correction_that_met_nothing_is_thought_over_and_one_that_did_is_not(life):
    await life.tell("I live in Porto, near the river", HOME)
    await life.tell(SAID_MOVED, MOVED, kind="correction")
    assert await life.ask("SELECT 1 FROM reflections") == []
    await life.tell("I am no longer afraid of dogs", "Ada is no longer afraid of dogs.", kind="correction")
    assert [one.kind for one in (await life.group()).candidates] == [MemoryKind.CORRECTION]


async def test_what_comes_to_hold_by_being_told_again_is_thought_over_too(life):
    await life.tell("my landlord is Mr Okafor", "Ada's landlord is Mr Okafor.")
    await life.tell("my landlord is Mrs Petrov", "Ada's landlord is Mrs Petrov.", salience=4)
    await life.clock.advance(6 * 3600)
    group = await life.group()
    assert await life.memory.reflected(group, Reflected(), life.clock.now(), companion="mira")
    await life.tell("and my landlord is Mrs Petrov, as I said", "Ada's landlord is Mrs Petrov.", salience=4)
    group = await life.group()
    assert [(one.text, one.state) for one in group.candidates] == [
        ("Ada's landlord is Mrs Petrov.", MemoryState.CURRENT)
    ]


async def test_a_name_nobody_said_holds_by_no_repetition(life):
    text = "Ada lives in Vologda."
    for _ in range(8):
        await life.tell("mhm", text)
    ((_, state),) = await life.states(text)
    (kept,) = await life.ask("SELECT confidence, seen_count FROM memories")
    assert (state, kept["confidence"], kept["seen_count"]) == ("candidate", pytest.approx(0.1), 8)
    for _ in range(2):
        await life.tell("I live in Vologda", text, salience=3)
    (kept,) = await life.ask("SELECT confidence FROM memories")
    assert kept["confidence"] > 0.5


async def test_a_run_of_one_letter_is_no_memory(life):
    await life.tell("look: " + "x" * 1500, "x" * 10_000)
    assert await life.ask("SELECT 1 FROM memories") == []
    (refused,) = await life.ask("SELECT reason FROM memory_refusals")
    assert refused["reason"] == "empty"
