"""A turn in a room: what nobody asked for, who is answered, reactions, threads, persona, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.personas import read_companion
from bot.domain.affect.personality import Ocean
from bot.domain.affect.state import new_soul
from bot.domain.attention import Attention, Decision, Outcome
from bot.domain.feeling import Feelings, SoulId
from bot.domain.ids import ChannelId, UserId, short_code
from bot.domain.message import Channel, ChannelKind, Message, Person, Reach, Speaker
from bot.domain.pictures import Picture
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.turn import THREAD_REFUSED
from bot.engine.being import Being
from bot.engine.blocks import Blocks
from bot.engine.consider import DEADLINE, Consider, read_decision
from bot.engine.lately import LEFT_ALONE_FOR, LINES, READ_ANEW_AFTER, Lately
from bot.engine.look_at import Seen
from bot.engine.mind import SIGN, Mind
from bot.engine.respond import AT_LEAST
from bot.errors import ProviderError, StoreError
from tests.fakes import (
    ADA,
    BEN,
    DM,
    ROOM,
    START,
    ScriptedModel,
    answering,
    finished,
    guild_message,
    not_through,
    refused,
)

from .conftest import World

CAT = Person(UserId(103), "Cat")
LISTENING = RoomPolicy(Hearing.LISTEN)
FEELINGS = Feelings(SoulId(1), START, new_soul("rich", Ocean()))
LONG = "nine hours on that train and he forgot your name"


async def hear(
    world: World, content: str, reach: Reach | None = Reach.ASKED, author: Person = ADA, **more: Any
) -> Message:
    """Let a line arrive that reached her so; None is talk between others."""
    message = guild_message(content, author=author, **more)
    outcome = {None: Outcome.LISTEN, Reach.UNSURE: Outcome.CONSIDER}.get(reach, Outcome.ANSWER)
    decision = Decision(outcome, reach or Reach.UNSURE, ("as the test says",))
    attention = Attention(reach is not None, decision.reasons, decision, LISTENING)
    await world.store.hear(message, attention, world.clock.now())
    if reach is not None:
        world.conversations.heard(message.channel.channel_id, author.user_id, message.channel.guild_id)
    return message


def considering(world: World, *steps: Any) -> ScriptedModel:
    """Give her a cheap model that says this."""
    cheap = ScriptedModel()
    cheap.script(*steps)
    world.conversations._respond._consider = Consider(model=cheap, mind=world.mind)
    return cheap


async def turn_of(world: World) -> dict:
    return (await world.rows("SELECT * FROM turns ORDER BY turn_id DESC LIMIT 1"))[0]


async def state_of(world: World, message: Message) -> str:
    return (await world.rows(f"SELECT state FROM messages WHERE message_id = {message.message_id}"))[0]["state"]


def m(message: Message) -> str:
    return short_code("m", message.message_id)


def say(speak: Any, **more: Any) -> list:
    return [finished({"speak": speak}, **more)]


async def test_where_it_is_not_plain_whose_line_it_is_a_cheap_call_decides_and_its_no_ends_the_turn(world):
    cheap = considering(world, say(False))
    heard = await hear(world, "so the train was late", None, BEN)
    message = await hear(world, "anyone?", Reach.UNSURE)
    await world.run()
    assert (cheap.purposes, world.model.requests) == (["consider"], [])
    assert (world.delivery.texts, world.delivery.reactions) == ([], [])
    turn = await turn_of(world)
    assert (turn["state"], turn["intent"], turn["reasons"]) == ("done", "silent", ["considered: no"])
    assert [await state_of(world, line) for line in (heard, message)] == ["context", "context"]
    kept = (await world.rows("SELECT is_hers FROM decisions ORDER BY message_id DESC LIMIT 1"))[0]
    assert kept["is_hers"] is False
    assert [call["purpose"] for call in await world.rows("SELECT purpose FROM model_calls")] == ["consider"]


async def test_its_yes_lets_her_answer(world):
    cheap = considering(world, say(True))
    await hear(world, "anyone?", Reach.UNSURE)
    await world.run()
    assert (cheap.purposes, world.model.purposes, world.delivery.texts) == (["consider"], ["turn"], ["Mhm."])
    assert "considered: yes" in (await turn_of(world))["reasons"]
    request = cheap.requests[0]
    assert (request.deadline, request.text_key) == (DEADLINE, "speak") and request.max_tokens < 1_000


@pytest.mark.parametrize(
    "step",
    [
        ProviderError("down", kind="timeout", retryable=True),
        [finished({})],
        [finished({"speak": "well, no"})],
        [],
    ],
)
async def test_whatever_goes_wrong_with_it_means_no_and_nobody_is_made_to_wait(world, step):
    cheap = considering(world, step)
    await hear(world, "anyone?", Reach.UNSURE)
    await world.run()
    assert len(cheap.requests) == 1 and world.model.requests == []
    assert (world.delivery.texts, world.delivery.reactions, await world.sweep()) == ([], [], 0)
    assert (await turn_of(world))["intent"] == "silent"


async def test_without_a_cheap_model_she_stays_out(world):
    await hear(world, "anyone?", Reach.UNSURE)
    await world.run()
    assert (world.model.requests, world.delivery.texts) == ([], [])


@pytest.mark.parametrize(
    ("said", "is_yes"),
    [
        *((said, True) for said in (True, "yes", '{"speak": true}', "Yes. I do")),
        *((said, False) for said in (False, None, 1, "no, not yes", '{"speak": false}', "")),
    ],
)
def test_only_a_plain_yes_is_one(said, is_yes):
    assert read_decision({"speak": said}) is is_yes


async def test_an_asked_line_in_the_turn_needs_no_cheap_call(world):
    cheap = considering(world)
    await hear(world, "anyone?", Reach.UNSURE, BEN)
    await hear(world, "Mira!", Reach.ASKED)
    await world.run()
    assert (cheap.requests, world.delivery.texts) == ([], ["Mhm."])


@pytest.mark.parametrize("reach", [Reach.JOINING, Reach.UNSURE])
async def test_what_nobody_asked_for_never_waits_for_a_model_that_is_down(world, reach):
    considering(world, say(True))
    world.model.script(ProviderError("down", kind="timeout", retryable=True))
    await hear(world, "hm", reach)
    await world.run()
    assert (world.delivery.reactions, world.delivery.cards, world.delivery.texts) == ([], [], [])
    turn = await turn_of(world)
    assert (turn["intent"], turn["state"]) == ("silent", "done") and "model: timeout" in turn["reasons"]
    assert await world.sweep() == 0


async def test_only_who_waits_for_an_answer_is_shown_that_they_do(world):
    world.model.script(ProviderError("down", kind="timeout", retryable=True))
    await hear(world, "hm", Reach.JOINING, BEN)
    asked = await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert [one for one, _ in world.delivery.reactions] == [asked.message_id]


async def test_joining_in_can_be_left_without_a_trace_for_the_room(world):
    world.model.script(answering(intent="silent", reaction="🔥"))
    await hear(world, "hm", Reach.JOINING)
    await world.run()
    assert (world.delivery.texts, world.delivery.reactions) == ([], [])
    assert (await turn_of(world))["reasons"] == ["joined in"]


async def test_who_asked_gets_a_reaction_at_least(world):
    world.model.script(answering(intent="silent"))
    first = await hear(world, "Mira?", Reach.ASKED, BEN)
    second = await hear(world, "hello?", Reach.ASKED)
    await world.run()
    assert sorted(world.delivery.reactions) == [(first.message_id, "🙂"), (second.message_id, "🙂")]
    turn = await turn_of(world)
    assert turn["intent"] == "silent" and AT_LEAST in turn["reasons"]


async def test_a_reaction_she_names_beside_her_silence_is_the_one(world):
    world.model.script(answering(intent="silent", reaction="🔥"))
    message = await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert world.delivery.reactions == [(message.message_id, "🔥")]


async def test_what_the_gate_held_gets_a_neutral_sign(world):
    world.model.script(answering("I'm a real human."), answering("I am not a bot.", reaction="🔥"))
    message = await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert (world.delivery.reactions, world.delivery.texts) == ([(message.message_id, "👀")], [])


async def test_called_and_left_is_no_offence(world):
    world.model.script(answering(intent="silent"))
    await hear(world, "Mira knows", Reach.CALLED)
    await world.run()
    assert world.delivery.reactions == []
    assert (await turn_of(world))["reasons"] == ["called"]


async def test_a_reaction_goes_under_the_line_she_means_and_to_everybody_who_asked(world):
    heard = await hear(world, "got the job!!", None, BEN)
    asked = await hear(world, "Mira, look", Reach.ASKED)
    world.model.script(answering(intent="react", reaction="🎉", to=m(heard)))
    await world.run()
    assert world.delivery.reactions == [(heard.message_id, "🎉"), (asked.message_id, "🎉")]


async def test_words_are_shown_to_answer_the_line_they_answer(world):
    first = await hear(world, "Mira, one?", Reach.ASKED, BEN)
    await hear(world, "Mira, two?", Reach.ASKED)
    fields = {"appraisals": [], "intent": "reply", "to": m(first), "thread": None, "reply": "One.\n\nAnd two."}
    world.model.script([finished(fields)])
    await world.run()
    assert [one.reply_to_id for one in world.delivery.shown] == [first.message_id, None]


async def test_a_line_from_elsewhere_is_never_answered(world):
    await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    old = (await world.rows("SELECT message_id FROM messages WHERE speaker = 'person'"))[0]["message_id"]
    await hear(world, "Mira, two?", Reach.ASKED)
    fields = {"appraisals": [], "intent": "reply", "to": short_code("m", old), "thread": None, "reply": "Yes."}
    world.model.script([finished(fields)])
    await world.run()
    assert world.delivery.shown[-1].reply_to_id is None


def threaded(reply: str, title: str | None, to: Message | None = None) -> list:
    named = None if to is None else m(to)
    return [finished({"appraisals": [], "intent": "reply", "to": named, "thread": title, "reply": reply})]


async def test_an_answer_that_would_swamp_the_room_goes_into_a_thread_of_its_own(world):
    message = await hear(world, "Mira, explain it all", Reach.ASKED)
    await hear(world, "lunch?", None, BEN)
    world.model.script(threaded("First.\n\nSecond.", "How it\nworks", message))
    await world.run()
    assert world.delivery.threads == {message.message_id: "How it works"}
    thread = ChannelId(message.message_id)
    assert [(one.channel_id, one.content, one.reply_to_id) for one in world.delivery.shown] == [
        (thread, "First.", None),
        (thread, "Second.", None),
    ]
    parts = await world.rows("SELECT kind, state FROM outbox ORDER BY part_no")
    assert [(part["kind"], part["state"]) for part in parts] == [(kind, "sent") for kind in ("thread", "text", "text")]


async def test_where_no_thread_may_be_opened_the_words_go_to_the_channel(world):
    message = await hear(world, "Mira, explain it all", Reach.ASKED)
    world.delivery.faults.append(refused())
    world.model.script(threaded("First.\n\nSecond.", "How it works"))
    await world.run()
    shown = [(one.channel_id, one.content, one.reply_to_id) for one in world.delivery.shown]
    assert shown == [(ROOM.channel_id, "First.", message.message_id), (ROOM.channel_id, "Second.", None)]
    assert {"refused by Discord: 50013", THREAD_REFUSED} <= {*(await turn_of(world))["reasons"]}
    assert await world.sweep() == 0


async def test_a_thread_that_could_not_be_opened_yet_comes_before_its_words(world):
    message = await hear(world, "Mira, explain it all", Reach.ASKED)
    world.delivery.faults.extend([not_through()] * 5)
    world.model.script(threaded("First.", "How it works"))
    await world.run()
    assert (world.delivery.threads, world.delivery.texts) == ({}, [])
    await world.sweep()
    assert world.delivery.threads == {message.message_id: "How it works"}
    assert [one.channel_id for one in world.delivery.shown] == [ChannelId(message.message_id)]


async def test_a_left_over_thread_that_is_refused_sends_its_words_to_the_channel(world):
    await hear(world, "Mira, explain it all", Reach.ASKED)
    world.delivery.faults.extend([not_through()] * 5)
    world.model.script(threaded("First.", "How it works"))
    await world.run()
    world.delivery.faults.append(refused())
    await world.sweep()
    assert [one.channel_id for one in world.delivery.shown] == [ROOM.channel_id]


@pytest.mark.parametrize("title", ["I'm a real human", "  ", None])
async def test_a_title_that_may_not_be_said_opens_no_thread(world, title):
    await hear(world, "Mira, explain", Reach.ASKED)
    world.model.script(threaded("First.", title))
    await world.run()
    assert world.delivery.threads == {} and world.delivery.texts == ["First."]


async def test_no_thread_is_opened_in_a_thread_or_a_direct_message(world):
    thread = Channel(ChannelId(777), ChannelKind.THREAD, ROOM.guild_id, ROOM.channel_id)
    await hear(world, "Mira?", Reach.ASKED, channel=thread)
    await hear(world, "Mira?", Reach.ASKED, channel=DM)
    world.model.script(threaded("One.", "Title"), threaded("Two.", "Title"))
    await world.run()
    assert world.delivery.threads == {} and sorted(world.delivery.texts) == ["One.", "Two."]


async def test_lines_of_others_are_shown_once_move_nobody_and_belong_to_the_turn(world):
    heard = await hear(world, "I hate Mondays", None, BEN)
    asked = await hear(world, "Mira?", Reach.ASKED)
    appraisals = [{"message": m(line), "warmth": -3, "confidence": 1.0} for line in (heard, asked)]
    memories = [
        {"message": m(line), "kind": "fact", "about": None, "text": "x", "salience": 3} for line in (heard, asked)
    ]
    world.model.script(answering("Mhm.", appraisals=appraisals, memories=memories))
    await world.run()
    assert world.asked() == ["I hate Mondays", "Mira?"]
    assert [row["message_id"] for row in await world.rows("SELECT message_id FROM appraisals")] == [asked.message_id]
    kept = (await turn_of(world))["tail"]["memories"]
    assert [one["owner_id"] for one in kept] == [ADA.user_id]
    rows = await world.rows("SELECT turn_id FROM messages WHERE speaker = 'person'")
    assert len({row["turn_id"] for row in rows}) == 1
    await hear(world, "and?", Reach.ASKED)
    await world.run()
    assert world.asked()[:2] == ["I hate Mondays", "Mira?"]


async def test_who_only_joined_a_talk_and_never_addressed_her_is_not_felt(world):
    joined = await hear(world, "awful, all of it", Reach.JOINING, CAT)
    appraisals = [{"message": m(joined), "warmth": -3, "confidence": 1.0}]
    world.model.script(answering("Mhm.", appraisals=appraisals))
    await world.run()
    assert world.delivery.texts == ["Mhm."]
    assert await world.rows("SELECT * FROM appraisals") == []
    assert await state_of(world, joined) == "context"


async def test_another_programs_line_is_not_felt(world):
    bot = Person(UserId(66), "Beep", is_bot=True)
    await hear(world, "Mira beep", Reach.ASKED, bot, speaker=Speaker.BOT)
    await world.run()
    assert await world.rows("SELECT * FROM appraisals") == []


async def test_the_channels_persona_is_worn_and_kept_with_the_turn(world):
    world.dress("haven")
    await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert (await turn_of(world))["persona"] == "haven"
    await world.say("hey")
    await world.run()
    assert (await turn_of(world))["persona"] == "default", "a direct message is no channel of a server"


def test_the_signs_she_gives_are_her_own_faces():
    mind = Mind(Being(read_companion("mira")), Blocks(), own_id=UserId(900))
    faces = {face.slug: face.emoji for face in mind.companion.expressions}
    assert mind.sign("smirk", FEELINGS) == faces["smirk"]
    assert mind.sign(None, FEELINGS) in faces.values() and mind.neutral_sign() == faces["plain"]
    faceless = Mind(Being(replace(mind.companion, expressions=())), Blocks(), own_id=UserId(900))
    assert faceless.sign(None, FEELINGS) == faceless.neutral_sign() == SIGN


async def test_a_policy_that_cannot_be_read_costs_nobody_the_answer(world):
    world.dress(trouble=StoreError("away"))
    await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert (world.delivery.texts, (await turn_of(world))["persona"]) == (["Mhm."], "default")


async def test_codes_in_her_words_become_names_and_nobody_is_pinged(world):
    first = await hear(world, "Mira?", Reach.ASKED, BEN)
    await hear(world, "hello?", Reach.ASKED)
    ben, ada = short_code("u", BEN.user_id), short_code("u", ADA.user_id)
    world.model.script(answering(f"@{ben}: yes. @everyone, {ada} knows, see {m(first)}. <@102>"))
    await world.run()
    assert world.delivery.texts == ["Ben: yes. everyone, Ada knows, see Ben."]


async def test_she_does_not_say_again_what_she_said_lately_elsewhere(world):
    world.conversations._respond._ask._lately = Lately(store=world.store, clock=world.clock)
    world.model.script(answering(LONG))
    await world.say("hey")
    await world.run()
    await hear(world, "Mira?", Reach.ASKED)
    world.model.script(answering(LONG.upper() + "!"), answering("Something else altogether, then."))
    await world.run()
    assert world.model.purposes == ["turn", "turn", "rewrite"]
    assert "lately" in world.asked()[-1]
    assert world.delivery.texts == [LONG, "Something else altogether, then."]


async def test_where_nothing_better_comes_the_repeat_goes_out(world):
    world.conversations._respond._ask._lately = Lately(store=world.store, clock=world.clock)
    world.model.script(*[answering(LONG)] * 3)
    for _ in range(2):
        await world.say("hey")
        await world.run()
    assert (world.delivery.texts, world.model.purposes) == ([LONG, LONG], ["turn", "turn", "rewrite"])


async def test_model_without_other_words_is_not_asked_for_them_each_time(world):
    world.conversations._respond._ask._lately = Lately(store=world.store, clock=world.clock)
    world.model.script(*[answering(LONG)] * 6)
    for _ in range(3):
        await world.say("hey")
        await world.run()
    assert world.model.purposes == ["turn", "turn", "rewrite", "turn"]
    await world.clock.advance(LEFT_ALONE_FOR)
    await world.say("hey")
    await world.run()
    assert world.model.purposes[4:] == ["turn", "rewrite"]
    assert world.delivery.texts == [LONG] * 4


async def test_answer_keeps_its_end_though_that_was_said_before(world):
    world.conversations._respond._ask._lately = Lately(store=world.store, clock=world.clock)
    world.model.script(answering(LONG), answering(f"Now this is something new.\n\n{LONG}"))
    for _ in range(2):
        await world.say("hey")
        await world.run()
    assert world.delivery.texts == [LONG, "Now this is something new.", LONG]


async def test_what_other_processes_said_is_read_anew_each_minute(world):
    read = []

    class Kept:
        async def own_lines(self, limit: int) -> list[str]:
            read.append(limit)
            if len(read) == 3:
                raise StoreError("away")
            return [f"line {len(read)}"]

    lately = Lately(store=Kept(), clock=world.clock)
    assert await lately.lines() == ("line 1",)
    lately.note("mine")
    assert await lately.lines() == ("mine", "line 1")
    await world.clock.advance(READ_ANEW_AFTER)
    assert await lately.lines() == ("mine", "line 2")
    await world.clock.advance(READ_ANEW_AFTER)
    assert await lately.lines() == ("mine", "line 2"), "without the database what is known"
    assert read == [LINES] * 3
    for number in range(2 * LINES):
        lately.note(str(number))
    assert len(await lately.lines()) == LINES + 1


async def test_what_came_with_the_lines_is_looked_at_and_trouble_is_noted(world):
    seen: list[int] = []

    async def look_at(claim: Any) -> Seen:
        seen.append(claim.turn_id)
        return Seen((Picture("image/png", b"x", "x.png", claim.last.message_id),), (), ("picture not opened",))

    world.conversations._respond._look_at = look_at
    gathered: list[int] = []
    prompt = world.mind.prompt
    world.mind.prompt = lambda claim, given, **more: (
        gathered.append(len(given.pictures)) or prompt(claim, given, **more)
    )
    await hear(world, "look", Reach.ASKED)
    await world.run()
    world.asked()
    assert (len(seen), gathered) == (1, [1])
    assert "picture not opened" in (await turn_of(world))["reasons"]


async def test_she_is_not_seen_typing_where_she_may_have_nothing_to_say(world):
    shown: list[list[ChannelId]] = []
    world.model.answers_by = lambda request: shown.append(list(world.delivery.typing_in)) or answering("Mhm.")
    await hear(world, "hm", Reach.JOINING)
    await world.run()
    await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert shown == [[], [ROOM.channel_id]]
