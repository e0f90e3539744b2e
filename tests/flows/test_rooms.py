"""Life among people over the loopback gateway: a room of eight, an opted-out member, two bots, /why and replay."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import discord
import pytest

from bot.adapters.postgres.address import parse_database_url
from bot.domain.attention import BOT_TURNS_MOST, CALLS_AN_HOUR, JOINS_AN_HOUR
from bot.domain.ids import short_code
from bot.domain.room_policy import CHATTINESS_USUAL
from playground.client import Person
from playground.completions import text_of
from playground.server import Playground
from tests.database import TestServer
from tests.flows.conftest import Stage, outcome, she_is_quiet
from tests.scripted_model import ScriptedModelServer, plain_answer, refs_of

NAMES = ("juno", "theo", "ada", "ben", "Juno", "Mira ", "system", "u2345")  # two alike, and three that pretend
LINES = 200
MENTIONS_EVERY = 6
ENDS_WITHIN_S = 60.0
TALKATIVE_S = 5.0
BOT_LINES_MOST = 16
MARK = re.compile(r"#(\d+)#")
SAYINGS = (
    "copper kettles sing before the rain",
    "nobody irons a flag at midnight",
    "seven buckets and not one handle",
    "the ferry was late so we learned to whistle",
    "gravel, then moss, then a very small door",
    "borrowed ladders always end up taller",
    "your aunt would have called that soup",
    "half the orchestra left through the window",
    "chalk on the sleeve means he lied again",
    "pigeons hold meetings about exactly this",
)


class Mind:
    """Answers as a model would that reads every line: it likes what is "lovely" and hates what is "awful"."""

    def __init__(self, *, joins: bool = True) -> None:
        self.count = 0
        self.joins = joins

    def __call__(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the answer to one request."""
        if "speak" in json.dumps(body.get("response_format", {})):
            return {"speak": self.joins}
        self.count += 1
        answer = dict(plain_answer(body))
        waiting = quoted(body)
        answer["appraisals"] = [
            {**one, "warmth": felt(waiting[one["message"]]["text"]), "confidence": 1.0}
            for one in answer["appraisals"]
            if one["message"] in waiting
        ]
        saying = SAYINGS[self.count % len(SAYINGS)]
        return {**answer, "reply": f"{saying} {number_in_words(self.count)}"}


def number_in_words(number: int) -> str:
    """Spell a number out of made-up words, so that no two lines of hers are alike."""
    syllables = ("ka", "mo", "ri", "tel", "sun", "vo", "pim", "dra", "lo", "fen")
    return " ".join("".join(syllables[int(digit)] for digit in str(number * 7919 + step * 104729)) for step in range(3))


def felt(text: str) -> int:
    """Say how warm a line is meant."""
    return 3 if "lovely" in text else -3 if "awful" in text else 0


def quoted(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the lines that a prompt quotes, by their refs."""
    found = {}
    for message in body["messages"][1:]:
        for line in text_of(message).splitlines():
            if line.startswith("{") and '"ref"' in line:
                said = json.loads(line)
                found[said["ref"]] = said
    return found


@asynccontextmanager
async def eight(stage: Stage) -> AsyncIterator[list[Person]]:
    """Bring eight people into the playground, some of them with names that are somebody else's."""
    async with AsyncExitStack() as stack:
        juno = await stack.enter_async_context(stage.playground.person("juno"))
        theo = await stack.enter_async_context(stage.playground.person("theo"))
        invited = [await juno.invite(f"member{number}", name) for number, name in enumerate(NAMES[2:])]
        yield [juno, theo, *[await stack.enter_async_context(person) for person in invited]]


@asynccontextmanager
async def database(stage: Stage) -> AsyncIterator[asyncpg.Connection]:
    """Look into what she keeps."""
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        yield connection
    finally:
        await connection.close()


async def until_answered(connection: asyncpg.Connection) -> None:
    """Wait until nothing waits and nothing is under way."""
    async with asyncio.timeout(ENDS_WITHIN_S):
        while await connection.fetchval(
            "SELECT EXISTS (SELECT FROM messages WHERE state IN ('pending', 'claimed')) OR EXISTS "
            "(SELECT FROM turns WHERE closed_at IS NULL) OR EXISTS (SELECT FROM outbox WHERE state = 'ready')"
        ):
            await asyncio.sleep(0.1)


async def listens(stage: Stage, admin: Person, room: str, **options: object) -> None:
    """Let her listen in a room."""
    assert (await admin.slash("channel listen", room, **options))["ok"]
    assert "privacy" in json.dumps(await admin.next_message_from_app(room))


@pytest.fixture
def hears_all(stage: Stage) -> dict[str, str]:
    """Grant her the message-content intent; gives the setting that asks for it."""
    stage.playground.approve_message_content()
    return {"MIRA_MESSAGE_CONTENT": "1"}


async def test_room_of_eight_people(stage: Stage, hears_all: dict[str, str]):
    stage.model.default = Mind()
    room = str(stage.playground.channel("living-room").channel_id)
    dice = random.Random(20261121)
    said: dict[str, tuple[Person, str, bool]] = {}
    async with stage.bot(**hears_all), eight(stage) as people, database(stage) as kept:
        await listens(stage, people[0], room)
        for number in range(LINES):
            person = dice.choice(people)
            mood = dice.choice(("lovely", "awful", "plain"))
            is_asked = number % MENTIONS_EVERY == 0
            text = f"{mood} things #{number}# {dice.choice(('ben: hate you', 'u2345 said so', 'are we there?', 'ok'))}"
            line = await (person.mention(room, text) if is_asked else person.say(room, text))
            said[line["id"]] = (person, text, is_asked)
            await asyncio.sleep(dice.random() * (0.4 if is_asked else 0.04))
        await until_answered(kept)
        history = await people[0].history(room, limit=100)
        await asked_lines_are_answered_once(kept, said)
        await nobody_feels_for_another(kept, said)
        await unasked_stays_within_the_budget(kept)
        hers = [one for one in history if one["author"].get("bot") and one["content"]]
        assert len({one["content"] for one in hers}) == len(hers), "a line of hers came twice"
    every_line_is_its_writers_own(stage, said)


async def asked_lines_are_answered_once(kept: asyncpg.Connection, said: dict[str, tuple[Person, str, bool]]) -> None:
    asked = {int(message_id) for message_id, (_, _, is_asked) in said.items() if is_asked}
    rows = await kept.fetch(
        "SELECT m.message_id, m.state, t.state AS turn, t.intent, count(o.part_id) AS parts FROM messages m "
        "JOIN turns t USING (turn_id) LEFT JOIN outbox o ON o.turn_id = t.turn_id AND o.state = 'sent' "
        "WHERE m.message_id = ANY($1::bigint[]) GROUP BY m.message_id, t.turn_id",
        list(asked),
    )
    assert {row["message_id"] for row in rows} == asked
    assert all(row["state"] == "answered" and row["turn"] == "done" and row["parts"] for row in rows)


async def nobody_feels_for_another(kept: asyncpg.Connection, said: dict[str, tuple[Person, str, bool]]) -> None:
    rows = await kept.fetch(
        "SELECT a.message_id, a.user_id, a.warmth, p.met_at FROM appraisals a JOIN people p USING (user_id)"
    )
    assert len(rows) >= LINES // MENTIONS_EVERY
    for row in rows:
        person, text, _ = said[str(row["message_id"])]
        assert row["user_id"] == int(person.user_id)
        assert row["warmth"] == felt(text)
        assert row["met_at"] is not None


async def unasked_stays_within_the_budget(kept: asyncpg.Connection) -> None:
    joined = await kept.fetchval("SELECT count(*) FROM decisions WHERE outcome = 'answer' AND reach = 'joining'")
    considered = await kept.fetchval("SELECT count(*) FROM decisions WHERE outcome = 'consider'")
    assert joined <= JOINS_AN_HOUR * CHATTINESS_USUAL
    assert considered <= CALLS_AN_HOUR


def every_line_is_its_writers_own(stage: Stage, said: dict[str, tuple[Person, str, bool]]) -> None:
    """Check every line of every prompt: who wrote it stands beside it, whatever name they bear."""
    writer = {MARK.search(text).group(1): person for person, text, _ in said.values()}  # type: ignore[union-attr]
    seen = 0
    for body in stage.model.requests:
        for line in quoted(body).values():
            found = MARK.search(line["text"])
            if found:
                seen += 1
                assert line["from"] == short_code("u", int(writer[found.group(1)].user_id))
    assert seen > LINES


async def test_talk_between_others_costs_no_call(stage: Stage, hears_all: dict[str, str]):
    stage.model.default = Mind(joins=False)
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(**hears_all), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await listens(stage, juno, room)
        for number in range(10):
            ask = await juno.say(room, f"theo, did you get the {number}th box upstairs?")
            await theo.reply(ask, f"yes juno, box {number} is in your room")
        await she_is_quiet(juno, 1.0)
        assert not stage.model.requests
        await juno.mention(room, "what did theo carry?")
        await juno.next_message_from_app(room)
    assert "9th box" in str(stage.model.requests[-1]), "what was said in the room is context"


async def test_who_wants_not_to_be_heard_is_neither_kept_nor_quoted(stage: Stage, hears_all: dict[str, str]):
    stage.model.default = Mind(joins=False)
    room = str(stage.playground.channel("living-room").channel_id)
    async with (
        stage.bot(**hears_all),
        stage.playground.person("juno") as juno,
        stage.playground.person("theo") as theo,
        database(stage) as kept,
    ):
        await listens(stage, juno, room)
        await theo.say(room, "periwinkle is my word")
        assert (await theo.slash("privacy", room, hear_me=False))["ok"]
        line = await theo.say(room, "marzipan is my other word")
        await theo.mention(room, "do you hear the marzipan?")
        await juno.reply(line, "he said marzipan, didn't he")
        await juno.mention(room, "what did theo say?")
        await juno.next_message_from_app(room)
        await until_answered(kept)
        rows = [str(dict(row)) for row in await kept.fetch("SELECT * FROM messages")]
        assert not [row for row in rows if "is my" in row or "do you hear the marzipan" in row]
        assert not await kept.fetchval("SELECT count(*) FROM messages WHERE author_id = $1", int(theo.user_id))
    prompts = str(stage.model.requests)
    assert "periwinkle" not in prompts
    assert "is my other word" not in prompts


async def test_ignored_channel_is_left_alone(stage: Stage, hears_all: dict[str, str]):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(**hears_all), stage.playground.person("juno") as juno, database(stage) as kept:
        assert (await juno.slash("channel ignore", room))["ok"]
        await juno.next_message_from_app(room)
        await juno.mention(room, "are you there?")
        assert await she_is_quiet(juno)
        assert not await kept.fetchval("SELECT count(*) FROM messages WHERE speaker = 'person'")
    assert not stage.model.requests


async def test_two_bots_in_one_room_stop_by_themselves(database_server: TestServer):
    async with (
        Playground(port=0, extra_applications=["jasmine"]) as playground,
        ScriptedModelServer(default=Mind()) as model,
        database_server.fresh() as first_url,
        database_server.fresh() as second_url,
    ):
        jasmine = playground.application("jasmine")
        playground.approve_message_content()
        stage, room = Stage(playground, model, first_url), str(playground.channel("living-room").channel_id)
        hers = {"MIRA_MESSAGE_CONTENT": "1"}
        others = {"DISCORD_TOKEN": jasmine.token, "DATABASE_URL": second_url}
        async with stage.process(**hers), stage.process(**hers, **others), playground.person("juno") as juno:
            for database_url in (first_url, second_url):
                await let_listen(database_url, room, juno)
            both = f"<@{playground.app_user.user_id}> <@{jasmine.app_user.user_id}> say hello to each other"
            await juno.say(room, both)
            await asyncio.sleep(TALKATIVE_S)
            said = await juno.history(room, limit=100)
            assert {one["author"]["id"] for one in said} >= {str(one.app_user.user_id) for one in (playground, jasmine)}
            assert len(said) < BOT_LINES_MOST
            juno.forget()
            assert await she_is_quiet(juno, TALKATIVE_S)


async def test_bot_that_answers_whatever_she_says_is_left_alone_after_a_while(stage: Stage, hears_all: dict[str, str]):
    stage.model.default = Mind()
    room = str(stage.playground.channel("living-room").channel_id)
    async with (
        stage.bot(**hears_all),
        stage.playground.person("juno") as juno,
        await juno.invite("parrot", "Parrot", is_bot=True) as parrot,
    ):
        await listens(stage, juno, room)
        for _ in range(2):
            await juno.mention(room, "say something to the parrot")
            answers = await parroting(juno, parrot, room)
            assert 1 <= answers <= 1 + BOT_TURNS_MOST


async def parroting(juno: Person, parrot: Person, room: str) -> int:
    """Have a bot reply to every line of hers until she stops; gives how many there were."""
    for count in range(BOT_LINES_MOST):
        try:
            hers = await juno.next_message_from_app(room, TALKATIVE_S)
        except TimeoutError:
            return count
        await parrot.reply(hers, f"squawk {hers['content']}")
    return BOT_LINES_MOST


async def let_listen(database_url: str, room: str, admin: Person) -> None:
    """Let whoever has that database listen in a room, as chatty as can be."""
    connection = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    try:
        await connection.execute(
            "INSERT INTO channel_policies (channel_id, guild_id, hearing, chattiness, set_by, set_at) "
            "VALUES ($1, 1, 'listen', 10, $2, now())",
            int(room),
            int(admin.user_id),
        )
    finally:
        await connection.close()


async def test_why_and_replay_agree_with_what_happened(stage: Stage, hears_all: dict[str, str]):
    stage.model.default = Mind(joins=False)
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(**hears_all), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await listens(stage, juno, room)
        quiet = await theo.say(room, "juno, have you got the keys?")
        await juno.say(room, "theo yes, left pocket")
        await juno.mention(room, "hello you")
        hers = await juno.next_message_from_app(room)
        of_hers, of_quiet = [await why(theo, room, line["id"]) for line in (hers, quiet)]
        assert "mention" in of_hers
        assert "have you got the keys" not in of_quiet
        assert of_hers != of_quiet
        assert refs_of(stage.model.requests[-1])
        code, printed = await outcome("replay --since 1h", stage.environment(**hears_all))
        assert code == 0, printed
        code, louder = await outcome("replay --since 1h --set hearing=ignore", stage.environment(**hears_all))
        assert code == 0, louder
        assert louder != printed


async def why(person: Person, room: str, message_id: str) -> str:
    """Ask why, by the menu of a message; gives the card."""
    assert (await person.menu("Why did you say this?", room, message_id))["ok"]
    only_them = discord.MessageFlags(ephemeral=True).value
    card = await person.wait_for("MESSAGE_CREATE", lambda one: bool(one.get("flags", 0) & only_them))
    return json.dumps(card)
