"""Every step of the store on a real Postgres."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.adapters.postgres.store import BURST_LIMIT, PostgresStore
from bot.domain.affect.appraisal import Appraisal
from bot.domain.attention import Attention, attend
from bot.domain.ids import ChannelId, MessageId, TurnId
from bot.domain.message import Attachment
from bot.domain.snowflake import first_at
from bot.domain.turn import CallTrace, Intent, MessageAppraisal, NewPart, PartKind, TurnClose
from bot.errors import StoreError, TurnLost
from tests.fakes import ADA, BEN, DM, MIRA, OTHER_DM, ROOM, START, dm_message, guild_message, next_id

HERS = Attention(is_hers=True, reasons=("mention",))


def later(seconds: float):
    return START + timedelta(seconds=seconds)


@pytest_asyncio.fixture
async def store(statements):
    made = PostgresStore(statements, own=MIRA, is_alone=False)
    await made.introduce(START)
    return made


@pytest.fixture
def rows(database):
    async def ask(query: str):
        async with database.connect() as connection:
            return list((await connection.execute(text(query))).mappings())

    return ask


async def heard(store, content="hey", **more):
    message = dm_message(content, **more)
    assert await store.hear(message, attend(message), START)
    return message


def part(number=0, content="Hm.", kind=PartKind.TEXT, reply_to=None):
    return NewPart(number, kind, content, reply_to)


def close(*appraisals, intent=Intent.REPLY, **more):
    return TurnClose(intent, "default", ("direct message",), appraisals, more.pop("calls", ()), later(9), **more)


async def answered(store, content="hey", reply="Hm.", **more):
    message = await heard(store, content, **more)
    claim = await store.claim(message.channel.channel_id, START)
    kept = await store.commit_part(claim, part(content=reply), START)
    await store.mark_sent(kept, next_id(), START)
    await store.finish(claim, close())
    return claim


async def test_a_message_comes_back_as_it_was_heard(store):
    message = replace(
        guild_message("hé 😀", mentions_self=True, reply_to_id=MessageId(5), replies_to_self=True),
        attachments=(Attachment("cat.png", "image/png", 12), Attachment("wave", "", 0, "sticker")),
    )
    assert await store.hear(message, attend(message), START)
    claim = await store.claim(ROOM.channel_id, later(1))
    assert claim.messages == (message,)
    assert (claim.channel, claim.started_at, claim.retry_count) == (ROOM, later(1), 0)


async def test_a_message_is_kept_once(store, rows):
    message = await heard(store)
    assert not await store.hear(message, HERS, START)
    assert len(await rows("SELECT 1 FROM messages")) == 1
    assert len(await rows("SELECT 1 FROM pgqueuer")) == 1


async def test_the_same_message_from_two_processes_at_once_is_kept_once(store, rows):
    message = dm_message("hey")
    kept = await asyncio.gather(*(store.hear(message, HERS, START) for _ in range(8)))
    assert sorted(kept) == [False] * 7 + [True]
    # a wake-up too many is allowed, one too few is not
    assert 1 <= len(await rows("SELECT 1 FROM pgqueuer")) <= 8
    await store.finish(await store.claim(DM.channel_id, START), close())
    assert await store.claim(DM.channel_id, START) is None


async def test_many_at_once_from_one_person_are_all_kept(store):
    messages = [dm_message(str(number)) for number in range(20)]
    assert all(await asyncio.gather(*(store.hear(message, HERS, START) for message in messages)))
    claim = await store.claim(DM.channel_id, START)
    assert [message.content for message in claim.messages] == [str(number) for number in range(20)]


@pytest.mark.parametrize(
    ("sent", "kept"), [("a\x00b", "ab"), ("\ud83d", "?"), ("x\udfffy", "x?y"), ("", ""), ("😀" * 4000, "😀" * 4000)]
)
async def test_any_text_can_be_kept(store, sent, kept):
    message = await heard(store, sent)
    claim = await store.claim(DM.channel_id, START)
    assert claim.messages[0].content == kept
    await store.edit(message.message_id, sent + "!", later(1))
    assert (await store.commit_part(claim, part(content=sent + "."), START)).content == kept + "."
    assert (await store.unsent(DM.channel_id))[0].content == kept + "."


async def test_any_name_can_be_kept(store):
    author = replace(ADA, display_name="A\x00d\ud800a")
    message = replace(dm_message("hey", author=author), attachments=(Attachment("c\x00\ud800.png", "image/\x00", 1),))
    assert await store.hear(message, HERS, START)
    assert (await store.claim(DM.channel_id, START)).messages[0].author.display_name == "Ad?a"


async def test_a_name_follows_its_person_but_not_what_was_said(store, rows):
    await heard(store)
    await heard(store, author=replace(ADA, display_name="Ada L."))
    assert (await rows("SELECT display_name FROM people WHERE user_id = 101"))[0]["display_name"] == "Ada L."
    claim = await store.claim(DM.channel_id, START)
    assert [message.author.display_name for message in claim.messages] == ["Ada", "Ada L."]


async def test_a_claim_takes_all_that_waits_oldest_first_up_to_a_burst(store):
    messages = [dm_message(str(number)) for number in range(BURST_LIMIT + 2)]
    for message in reversed(messages):
        await store.hear(message, HERS, START)
    claim = await store.claim(DM.channel_id, START)
    assert [message.content for message in claim.messages] == [str(number) for number in range(BURST_LIMIT)]
    await store.finish(claim, close())
    assert len((await store.claim(DM.channel_id, START)).messages) == 2


async def test_nothing_waiting_is_no_claim(store):
    assert await store.claim(DM.channel_id, START) is None
    await heard(store, channel=OTHER_DM)
    assert await store.claim(DM.channel_id, START) is None


async def test_a_claim_over_a_turn_left_open_recovers_it(store, rows):
    await heard(store, "one")
    lost = await store.claim(DM.channel_id, START)
    await heard(store, "two")
    claim = await store.claim(DM.channel_id, later(1))
    assert [message.content for message in claim.messages] == ["one", "two"]
    with pytest.raises(TurnLost):
        await store.commit_part(lost, part(), later(2))
    with pytest.raises(TurnLost):
        await store.finish(lost, close())
    await store.release(lost, "superseded", now=later(2), retry_at=None)
    assert [row["state"] for row in await rows("SELECT state FROM turns ORDER BY turn_id")] == ["lost", "drafting"]
    assert {row["state"] for row in await rows("SELECT state FROM messages")} == {"claimed"}


async def test_recovery_closes_a_turn_with_parts_and_keeps_them_to_send(store, rows):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.commit_part(claim, part(), START)
    await store.recover(DM.channel_id, later(1))
    turn = (await rows("SELECT * FROM turns"))[0]
    assert (turn["state"], turn["intent"]) == ("done", "reply")
    assert [row["state"] for row in await rows("SELECT state FROM messages")] == ["answered"]
    assert len(await store.unsent(DM.channel_id)) == 1
    await store.recover(DM.channel_id, later(2))


async def test_unsent_parts_come_before_the_next_claim(store):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    kept = await store.commit_part(claim, part(), START)
    await store.finish(claim, close())
    await heard(store)
    assert await store.claim(DM.channel_id, START) is None
    await store.mark_refused(kept, 50007, START, with_rest=False)
    assert await store.claim(DM.channel_id, START) is not None


async def test_parts_come_back_in_order_until_they_are_marked(store):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    kept = [await store.commit_part(claim, part(number, f"{number}"), START) for number in range(3)]
    assert list(await store.unsent(DM.channel_id)) == kept
    await store.mark_sent(kept[0], next_id(), later(1))
    await store.mark_refused(kept[1], 50007, later(1), with_rest=False)
    assert list(await store.unsent(DM.channel_id)) == [kept[2]]


async def test_a_part_number_is_used_once(store):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.commit_part(claim, part(), START)
    with pytest.raises(StoreError):
        await store.commit_part(claim, part(), START)
    assert len(await store.unsent(DM.channel_id)) == 1


async def test_marking_twice_changes_nothing(store, rows):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    kept = await store.commit_part(claim, part(), START)
    first, second = next_id(), next_id()
    await store.mark_sent(kept, first, later(1))
    await store.mark_sent(kept, second, later(2))
    await store.mark_refused(kept, 50007, later(3), with_rest=False)
    assert (await rows("SELECT state, message_id FROM outbox"))[0] == {"state": "sent", "message_id": first}
    assert len(await rows("SELECT 1 FROM messages WHERE speaker = 'self'")) == 1


async def test_a_sent_reaction_is_no_line(store, rows):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.mark_sent(
        await store.commit_part(claim, part(kind=PartKind.REACTION, content="🔥"), START), None, START
    )
    assert await rows("SELECT 1 FROM messages WHERE speaker = 'self'") == []


async def test_history_is_by_turn_people_first_and_hers_is_the_persons(store, rows):
    await answered(store, "one", "Hm.")
    await answered(store, "two", "Hmm.")
    await heard(store, "three")
    claim = await store.claim(DM.channel_id, START)
    history = claim.history
    assert [said.message.content for said in history] == ["one", "Hm.", "two", "Hmm."]
    assert [said.message.author.display_name for said in history] == ["Ada", "Mira"] * 2
    audiences = await rows("SELECT DISTINCT audience_kind, audience_id FROM messages")
    assert audiences == [{"audience_kind": "person", "audience_id": ADA.user_id}]


async def test_history_starts_where_compaction_put_it(store):
    await answered(store, "one")
    second = await answered(store, "two")
    await heard(store, "three")
    claim = await store.claim(DM.channel_id, START)
    await store.finish(claim, close(context_from_turn=second.turn_id))
    await heard(store, "four")
    history = (await store.claim(DM.channel_id, START)).history
    assert [said.message.content for said in history] == ["two", "Hm.", "three"]


async def test_history_is_of_one_channel(store):
    await answered(store, "private")
    message = guild_message("public", mentions_self=True)
    await store.hear(message, HERS, START)
    assert (await store.claim(ROOM.channel_id, START)).history == ()


async def test_finish_keeps_the_whole_record(store, rows):
    message = await heard(store)
    claim = await store.claim(DM.channel_id, START)
    felt = MessageAppraisal(
        message.message_id, ADA.user_id, Appraisal(warmth=-3, humor=3, confidence=0.25, malformed=True)
    )
    call = CallTrace("turn", "m", "strict", "0f", "1.0", 2, timedelta(seconds=1.5), "whole", 10, None, 3)
    tail = {"memories": [{"text": "a\x00b \ud800 \\u0000", "salience": 10**30}], "promises": []}
    await store.finish(claim, close(felt, calls=(call,), expression="smi\x00rk", tail=tail, timings_ms={"sent": 1.5}))
    assert (await rows("SELECT warmth, humor, confidence, malformed FROM appraisals"))[0] == {
        "warmth": -3,
        "humor": 3,
        "confidence": 0.25,
        "malformed": True,
    }
    kept = (await rows("SELECT * FROM model_calls"))[0]
    assert (kept["duration_ms"], kept["attempts"], kept["tokens_in"], kept["tokens_out"]) == (1500, 2, 10, None)
    turn = (await rows("SELECT * FROM turns"))[0]
    assert (turn["state"], turn["intent"], turn["closed_at"]) == ("done", "reply", later(9))
    assert turn["timings_ms"] == {"sent": 1.5}
    assert "\x00" not in turn["tail"]["memories"][0]["text"]
    with pytest.raises(TurnLost):
        await store.finish(claim, close())


async def test_a_trace_with_unruly_words_can_be_kept(store, rows):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    call = CallTrace("turn", "m\x00\ud800", "strict", "0f", "1", 1, timedelta(0), "whole")
    await store.finish(claim, close(calls=(call,)))
    assert len(await rows("SELECT 1 FROM model_calls")) == 1


async def test_an_appraisal_of_a_message_that_is_gone_is_dropped(store, rows):
    message = await heard(store)
    claim = await store.claim(DM.channel_id, START)
    unknown = MessageAppraisal(next_id(), ADA.user_id, Appraisal())
    await store.finish(claim, close(MessageAppraisal(message.message_id, ADA.user_id, Appraisal()), unknown))
    assert len(await rows("SELECT 1 FROM appraisals")) == 1


async def test_the_wake_up_comes_with_the_message_and_goes_with_the_answer(store, rows):
    message = await heard(store)
    job = (await rows("SELECT * FROM pgqueuer"))[0]
    assert (job["entrypoint"], bytes(job["payload"]), job["status"]) == ("wake", b"%d" % DM.channel_id, "queued")
    assert (await rows("SELECT wake_job_id FROM messages"))[0]["wake_job_id"] == job["id"]
    claim = await store.claim(message.channel.channel_id, START)
    await store.finish(claim, close())
    assert await rows("SELECT 1 FROM pgqueuer") == []


async def test_release_gives_everything_back_and_counts_only_model_failures(store, rows):
    await heard(store)
    await store.release(await store.claim(DM.channel_id, START), "superseded", now=START, retry_at=None)
    claim = await store.claim(DM.channel_id, START)
    assert (len(claim.messages), claim.retry_count) == (1, 0)
    await store.release(claim, "model: timeout", now=START, retry_at=later(5))
    assert await store.claim(DM.channel_id, later(4)) is None
    again = await store.claim(DM.channel_id, later(5))
    assert again.retry_count == 1
    await store.finish(again, close())
    assert (await rows("SELECT retry_at, retry_count FROM channels"))[0] == {"retry_at": None, "retry_count": 0}


async def test_a_release_after_the_first_part_changes_nothing(store, rows):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.commit_part(claim, part(), START)
    await store.release(claim, "stopped", now=START, retry_at=later(5))
    assert (await rows("SELECT state FROM turns"))[0]["state"] == "sending"
    assert (await rows("SELECT retry_at FROM channels"))[0]["retry_at"] is None


async def test_an_edit_tells_only_when_a_turn_is_touched(store):
    message = await heard(store, "one")
    assert await store.edit(message.message_id, "two", later(1)) is None
    claim = await store.claim(DM.channel_id, START)
    assert await store.edit(message.message_id, "three", later(2)) == DM.channel_id
    assert await store.edit(message.message_id, "three", later(3)) is None
    assert await store.edit(message.message_id, "stale", later(1)) is None
    await store.finish(claim, close())
    assert await store.edit(message.message_id, "four", later(4)) is None
    assert await store.edit(next_id(), "x", later(4)) is None


async def test_withdrawn_text_is_gone_and_stays_gone(store, rows):
    message = await heard(store, "secret")
    await store.claim(DM.channel_id, START)
    assert await store.withdraw([message.message_id], later(1)) == [DM.channel_id]
    assert await store.withdraw([message.message_id], later(1)) == []
    assert await store.edit(message.message_id, "back", later(2)) is None
    assert (await rows("SELECT state, content FROM messages"))[0] == {"state": "withdrawn", "content": ""}


async def test_a_withdrawn_message_is_not_given_back(store):
    gone, _ = await heard(store, "oops"), await heard(store, "hey")
    claim = await store.claim(DM.channel_id, START)
    await store.withdraw([gone.message_id], later(1))
    await store.release(claim, "superseded", now=later(1), retry_at=None)
    assert [message.content for message in (await store.claim(DM.channel_id, later(1))).messages] == ["hey"]


async def test_a_bulk_delete_names_each_channel_once(store):
    messages = [await heard(store), await heard(store), await heard(store, channel=OTHER_DM, author=BEN)]
    await store.claim(DM.channel_id, START)
    await store.claim(OTHER_DM.channel_id, START)
    touched = await store.withdraw([message.message_id for message in messages], later(1))
    assert sorted(touched) == [DM.channel_id, OTHER_DM.channel_id]
    assert await store.withdraw([], later(1)) == []


async def test_a_delete_that_overtakes_its_message_wins(store, rows):
    message = dm_message("oops")
    await store.withdraw([message.message_id], START)
    await store.withdraw([message.message_id], START)
    assert not await store.hear(message, HERS, START)
    assert await rows("SELECT 1 FROM pgqueuer") == []
    await store.forget_early_deletes(later(200))
    assert await rows("SELECT 1 FROM early_deletes") == []


async def test_an_old_delete_leaves_no_note(store, rows):
    await store.withdraw([MessageId(first_at(START - timedelta(days=1)))], START)
    assert await rows("SELECT 1 FROM early_deletes") == []


async def test_unknown_keeps_the_order(store):
    known = await heard(store)
    first, second = next_id(), next_id()
    assert list(await store.unknown([second, known.message_id, first])) == [second, first]
    assert list(await store.unknown([])) == []


async def waiting(store, seconds, quiet=0.0, limit=10):
    return list(await store.waiting_channels(later(seconds), quiet_for=timedelta(seconds=quiet), limit=limit))


async def test_waiting_channels_are_the_longest_waiting_first(store):
    for number, seconds in enumerate((5, 1, 3)):
        message = dm_message("hey", channel=replace(DM, channel_id=ChannelId(10 + number)))
        await store.hear(message, HERS, later(seconds))
    assert await waiting(store, 9) == [11, 12, 10]
    assert await waiting(store, 9, limit=2) == [11, 12]
    assert await waiting(store, 9, quiet=5) == [11, 12]


async def test_a_channel_that_waits_for_the_model_is_not_listed_before_its_time(store):
    await heard(store)
    await store.release(await store.claim(DM.channel_id, START), "model", now=START, retry_at=later(5))
    assert await waiting(store, 4) == []
    assert await waiting(store, 5) == [DM.channel_id]


async def test_turns_under_way_and_unsent_parts_are_listed(store):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    assert await waiting(store, 1, quiet=60) == [DM.channel_id]
    kept = await store.commit_part(claim, part(), START)
    await store.finish(claim, close())
    assert await waiting(store, 1, quiet=60) == [DM.channel_id]
    await store.mark_sent(kept, next_id(), START)
    assert await waiting(store, 100) == []


BAD_ROWS = {
    "channel kind": "UPDATE channels SET kind = 'cave'",
    "guild in a dm": "UPDATE channels SET guild_id = 5",
    "retry count": "UPDATE channels SET retry_count = -1",
    "message state": "UPDATE messages SET state = 'odd'",
    "speaker": "UPDATE messages SET speaker = 'ghost'",
    "audience": "UPDATE messages SET audience_kind = 'world'",
    "withdrawn text": "UPDATE messages SET state = 'withdrawn', content = 'x'",
    "turn state": "UPDATE turns SET state = 'odd'",
    "intent": "UPDATE turns SET intent = 'sing'",
    "closed but open": "UPDATE turns SET closed_at = now() WHERE state = 'drafting'",
    "over but not closed": "UPDATE turns SET state = 'done', closed_at = NULL",
    "part kind": "UPDATE outbox SET kind = 'song'",
    "part state": "UPDATE outbox SET state = 'odd', done_at = now()",
    "part number": "UPDATE outbox SET part_no = -1",
    "ready but done": "UPDATE outbox SET state = 'ready', done_at = now()",
    "warmth": "UPDATE appraisals SET warmth = 4",
    "trust": "UPDATE appraisals SET trust_signal = -4",
    "humor": "UPDATE appraisals SET humor = -1",
    "confidence": "UPDATE appraisals SET confidence = 1.01",
    "confidence nan": "UPDATE appraisals SET confidence = 'NaN'",
    "two turns": "INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (201, 'sending', 1, now())",
    "shard": "INSERT INTO gateway_holders VALUES (1, 2, 2, 'x', now())",
    "unknown author": "UPDATE messages SET author_id = 1",
}


@pytest_asyncio.fixture
async def full(store):
    """Give a database with a row in every table that a CHECK guards."""
    message = await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.mark_sent(await store.commit_part(claim, part(), START), next_id(), START)
    await store.finish(claim, close(MessageAppraisal(message.message_id, ADA.user_id, Appraisal())))
    await heard(store)
    await store.claim(DM.channel_id, START)


async def test_ranges_and_states_are_held_by_the_database(full, database):
    for name, statement in BAD_ROWS.items():
        with pytest.raises(IntegrityError):
            async with database.begin() as connection:
                await connection.execute(text(statement))
            pytest.fail(f"taken: {name}")


async def test_a_turn_that_never_was_is_lost(store):
    await heard(store)
    claim = replace(await store.claim(DM.channel_id, START), turn_id=TurnId(10**9))
    with pytest.raises(TurnLost):
        await store.finish(claim, close())
