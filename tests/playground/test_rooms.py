"""Rooms with many in them: webhooks, forwards, voice messages, other bots, and two applications at once."""

import asyncio
import contextlib

import discord
import pytest

from playground.client import Refused
from playground.core import Options
from playground.server import Playground
from tests.playground.harness import Bot, connected, soon


async def test_a_webhook_speaks_under_any_name(bot, juno, theo, room):
    webhook = await juno.webhook(room, "News")
    spoken = await theo.speak_by(webhook, "hello", name="Theo")
    message = await soon(bot.heard)
    assert (message.webhook_id, message.author.id) == (int(webhook["id"]), int(webhook["id"]))
    assert (message.author.name, message.author.bot, message.author.discriminator) == ("Theo", True, "0000")
    assert spoken["webhook_id"] == webhook["id"]
    shown = await juno.wait_for("MESSAGE_CREATE", lambda m: m["id"] == spoken["id"])
    assert shown["author"]["username"] == "Theo"


async def test_the_real_library_speaks_by_a_webhook_changes_and_takes_back(bot, juno, room):
    made = await juno.webhook(room, "News")
    webhook = discord.Webhook.partial(int(made["id"]), made["token"], client=bot)
    sent = await webhook.send("one", wait=True, username="Somebody")
    assert (await webhook.fetch_message(sent.id)).content == "one"
    assert (await sent.edit(content="two")).content == "two"
    await sent.delete()
    assert (await soon(bot.deletes)).message_id == sent.id
    thread = await juno.thread(await juno.say(room, "a talk"), "talk")
    there = await webhook.send("in here", wait=True, thread=discord.Object(int(thread)))
    assert there.channel.id == int(thread)


async def test_a_webhook_is_for_who_may_manage_it_and_holds_its_token(juno, theo, room):
    with pytest.raises(Refused) as refused:
        await theo.webhook(room, "News")
    assert refused.value.code == 50013
    webhook = await juno.webhook(room, "News")
    with pytest.raises(Refused) as refused:
        await theo.speak_by({**webhook, "token": "guessed"}, "hello")
    assert refused.value.code == 50027
    assert [one["id"] for one in await juno.rest("GET", f"/channels/{room}/webhooks")] == [webhook["id"]]
    await juno.rest("DELETE", f"/webhooks/{webhook['id']}")
    with pytest.raises(Refused) as refused:
        await theo.speak_by(webhook, "hello")
    assert refused.value.status in (401, 404)


async def test_a_forward_keeps_what_was_said_and_not_who_said_it(juno, theo, room, playground):
    kitchen = str(playground.channel("kitchen").channel_id)
    said = await theo.say(kitchen, "the tea is ready")
    passed_on = await juno.forward(said, room)
    assert passed_on["message_reference"]["type"] == 1
    assert passed_on["message_reference"]["message_id"] == said["id"]
    assert passed_on["flags"] & 1 << 14
    (snapshot,) = passed_on["message_snapshots"]
    assert snapshot["message"]["content"] == "the tea is ready"
    assert "author" not in snapshot["message"]
    assert "referenced_message" not in passed_on
    await theo.edit(said, "there is no tea")
    again = await juno.rest("GET", f"/channels/{room}/messages/{passed_on['id']}")
    assert again["message_snapshots"] == passed_on["message_snapshots"]


async def test_a_forward_of_a_forward_is_the_same_words(juno, theo, room):
    first = await juno.forward(await theo.say(room, "the tea is ready"), room)
    second = await juno.forward(first, room)
    assert second["message_snapshots"] == first["message_snapshots"]


async def test_what_one_cannot_see_cannot_be_forwarded(juno, theo, room):
    hidden = await juno.dm(str(juno.app_id))
    said = await juno.say(hidden, "secret")
    with pytest.raises(Refused) as refused:
        await theo.forward(said, room)
    assert refused.value.code == 50001


async def test_a_voice_message_carries_its_length_and_its_flag(bot, juno, room):
    await juno.say_aloud(await juno.dm(), 3.25)
    message = await soon(bot.heard)
    assert message.flags.voice
    assert message.attachments[0].is_voice_message()
    assert message.attachments[0].duration == 3.25
    await juno.say_aloud(room, 3.25)
    assert (await soon(bot.heard)).attachments == []  # the bot lacks the intent
    shown = await juno.wait_for("MESSAGE_CREATE", lambda m: m["attachments"])
    assert shown["flags"] & 1 << 13
    assert shown["attachments"][0]["duration_secs"] == 3.25
    assert shown["attachments"][0]["waveform"]


async def test_more_than_eight_people_and_another_bot_talk_at_once(bot, juno, room, playground):
    async with contextlib.AsyncExitStack() as stack:
        guests = [await juno.invite(f"guest{number}", f"Guest {number}") for number in range(5)]
        others = [await juno.invite("dice", "Dice", is_bot=True), *(playground.person(n) for n in ("theo", "amara"))]
        everybody = [juno, *[await stack.enter_async_context(one) for one in [*guests, *others]]]
        await asyncio.gather(*[one.say(room, f"line {number}") for one in everybody for number in range(5)])
        heard = [await soon(bot.heard) for _ in range(5 * len(everybody))]
        assert len({message.author.id for message in heard}) == len(everybody) == 9
        assert len({message.id for message in heard}) == len(heard)
        assert [m.author.bot for m in heard].count(True) == 5


async def test_a_nickname_is_told_to_who_may_know_of_members(juno, theo, playground):
    guild_id = str(next(iter(playground.world.guilds)))
    await theo.nickname(guild_id, "Mira")
    told = await juno.wait_for("GUILD_MEMBER_UPDATE", lambda d: d["user"]["id"] == theo.user_id)
    assert told["nick"] == "Mira"
    state = await juno.state()
    members = {one["user"]["id"]: one["nick"] for one in state["guilds"][0]["members"]}
    assert members[theo.user_id] == "Mira"


# two applications


@contextlib.asynccontextmanager
async def online(playground, token):
    """Run one more bot beside the one of the harness."""
    other = Bot()
    await other.login(token)
    running = asyncio.create_task(other.connect())
    ready = asyncio.create_task(other.wait_until_ready())
    try:
        await asyncio.wait({running, ready}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        assert ready.done()
        yield other
    finally:
        ready.cancel()
        await other.close()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def pair():
    options = Options(rate_limits=False)
    async with Playground(port=0, options=options, extra_applications=["jasmine"]) as running:
        yield running


async def test_two_applications_meet_in_one_room(pair):
    room = pair.channel("living-room").channel_id
    async with connected(pair) as mira, online(pair, pair.application("jasmine").token) as jasmine:
        assert (mira.user.name, jasmine.user.name) == ("mira", "jasmine")
        await mira.get_channel(room).send(f"<@{jasmine.user.id}> hello")
        heard = await soon(jasmine.heard)
        assert (heard.author.id, heard.author.bot) == (mira.user.id, True)
        await heard.reply(f"<@{mira.user.id}> hello yourself")
        assert (await soon(mira.heard)).reference.message_id == heard.id


async def test_each_sees_the_words_that_are_meant_for_it(pair):
    room = str(pair.channel("living-room").channel_id)
    other = pair.application("jasmine")
    async with (
        connected(pair) as mira,
        online(pair, other.token) as jasmine,
        pair.person("juno") as juno,
    ):
        await juno.say(room, f"<@{jasmine.user.id}> to you alone")
        assert (await soon(jasmine.heard)).content.endswith("to you alone")
        assert (await soon(mira.heard)).content == ""
        rest = [one async for one in mira.get_channel(int(room)).history(limit=1)]
        assert rest[0].content == ""
        await juno.say(room, f"<@{mira.user.id}> and to you")
        assert (await soon(mira.heard)).content.endswith("and to you")
        assert (await soon(jasmine.heard)).content == ""


async def test_each_answers_its_own_commands(pair):
    room = str(pair.channel("living-room").channel_id)

    def says(words):
        def prepare(bot):
            @bot.tree.command(name=words, description="Say who it is")
            async def say(interaction):
                await interaction.response.send_message(words)

        return prepare

    async with connected(pair, prepare=says("first")), online(pair, pair.application("jasmine").token) as jasmine:
        says("second")(jasmine)
        await jasmine.tree.sync()
        async with pair.person("juno") as juno:
            assert {command["name"] for command in await juno.commands(room)} == {"first", "second"}
            for words, author in (("second", jasmine.user.id), ("first", pair.app_user.user_id)):
                assert (await juno.slash(words, room))["ok"]
                said = await juno.wait_for("MESSAGE_CREATE", lambda m, w=words: m["content"] == w)
                assert said["author"]["id"] == said["application_id"] == str(author)


async def test_what_strikes_one_leaves_the_other_alone(pair):
    room = pair.channel("living-room").channel_id
    async with connected(pair) as mira, online(pair, pair.application("jasmine").token) as jasmine:
        await soon(mira.connects)
        await soon(jasmine.connects)
        pair.fault("drop_socket")
        await soon(mira.resumes)
        assert jasmine.resumes.empty()
        pair.fault("rest_status", route="POST /channels", status=403)
        await jasmine.get_channel(room).send("still here")


async def test_buttons_and_forms_go_to_whose_they_are(pair):
    room = pair.channel("living-room").channel_id
    async with (
        connected(pair) as mira,
        online(pair, pair.application("jasmine").token) as jasmine,
        pair.person("juno") as juno,
    ):
        for client in (mira, jasmine):
            await client.get_channel(room).send("press", view=_view(client.user.name))
        for name in ("jasmine", "mira"):
            message = await juno.wait_for("MESSAGE_CREATE", lambda m, n=name: m["author"]["username"] == n)
            assert (await juno.click(message, "press"))["ok"]
            form = await juno.next_form()
            assert form["title"] == f"{name} asks"
            assert (await juno.submit(form, str(room), {"word": "crow"}))["ok"]
            said = await juno.wait_for("MESSAGE_CREATE", lambda m: "crow" in m["content"])
            assert (said["content"], said["author"]["username"]) == (f"{name}: crow", name)


def _view(name):
    class Form(discord.ui.Modal, title=f"{name} asks"):
        word = discord.ui.TextInput(label="Word", custom_id="word")

        async def on_submit(self, interaction):
            await interaction.response.send_message(f"{name}: {self.word.value}")

    class Press(discord.ui.View):
        @discord.ui.button(label="Press", custom_id="press")
        async def press(self, interaction, button):
            await interaction.response.send_modal(Form(custom_id="same for both"))

    return Press(timeout=None)


async def test_neither_is_a_person_and_nobody_else_has_a_token(pair):
    other = pair.application("jasmine")
    assert other.app_user not in pair.people
    with pytest.raises(KeyError):
        pair.application("nobody")
    assert other.token != pair.token
