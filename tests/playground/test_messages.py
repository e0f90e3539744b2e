import asyncio
import io

import discord
import pytest

from playground.client import Refused
from tests.playground.harness import connected, soon

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x07\x00\x00\x00\x05" + b"\x08\x02\x00\x00\x00"


async def test_direct_message_is_heard_and_answered(bot, juno):
    sent = await juno.tell("  hello  ")
    heard = await soon(bot.heard)
    assert (heard.content, str(heard.id), heard.guild) == ("hello", sent["id"], None)
    await heard.channel.send("hi")
    assert (await juno.next_message_from_app())["content"] == "hi"


async def test_guild_message_without_content_intent_arrives_empty(bot, juno, room):
    await juno.attach(room, [("a.png", PNG, "image/png")], "secret words")
    heard = await soon(bot.heard)
    assert (heard.content, heard.attachments, heard.author.name) == ("", [], "juno")
    fetched = await heard.channel.fetch_message(heard.id)
    listed = [m async for m in heard.channel.history(limit=5)]
    assert (fetched.content, listed[0].content) == ("", "")


async def test_mention_carries_its_text(bot, juno, room):
    await juno.mention(room, "are you there?")
    heard = await soon(bot.heard)
    assert heard.content.endswith("are you there?")
    assert bot.user in heard.mentions
    assert (await heard.channel.fetch_message(heard.id)).content == heard.content


async def test_reply_carries_text_only_with_the_ping_on(bot, juno, room):
    said = await bot.get_channel(int(room)).send("first")
    target = await juno.next_message_from_app(room)
    await juno.reply(target, "with ping")
    await juno.reply(target, "without ping", ping=False)
    pinging, quiet = await soon(bot.heard), await soon(bot.heard)
    assert (pinging.content, quiet.content) == ("with ping", "")
    assert bot.user in pinging.mentions
    assert quiet.reference.message_id == said.id
    assert quiet.reference.resolved.content == "first"


async def test_message_content_reaches_an_approved_bot(playground, juno, room):
    await juno.play("PATCH", "/app", {"approved_intents": discord.Intents.all().value})
    async with connected(playground, discord.Intents.all()) as bot:
        assert bot.application_flags.gateway_message_content_limited
        await juno.say(room, "plain talk")
        assert (await soon(bot.heard)).content == "plain talk"


async def test_edit_delete_and_reaction_reach_the_bot(bot, juno):
    sent = await juno.tell("one")
    await juno.edit(sent, "two")
    await juno.react(sent, "🌿")
    await juno.delete(sent)
    assert (await soon(bot.edits)).data["content"] == "two"
    reaction = await soon(bot.reactions)
    assert (str(reaction.emoji), reaction.user_id) == ("🌿", int(juno.user_id))
    assert (await soon(bot.deletes)).message_id == int(sent["id"])


async def test_bot_edits_reacts_and_deletes(bot, juno):
    await juno.tell("hi")
    heard = await soon(bot.heard)
    await heard.add_reaction("👀")
    answer = await heard.channel.send("a")
    await answer.edit(content="b")
    await answer.delete()
    assert (await juno.wait_for("MESSAGE_REACTION_ADD"))["emoji"]["name"] == "👀"
    assert (await juno.wait_for("MESSAGE_UPDATE", lambda m: m["content"] == "b"))["edited_timestamp"]
    assert (await juno.wait_for("MESSAGE_DELETE"))["id"] == str(answer.id)
    shown = (await juno.history(str(heard.channel.id)))[0]["reactions"]
    assert [(r["emoji"]["name"], r["count"], r["me"]) for r in shown] == [("👀", 1, False)]


async def test_same_nonce_sends_once(bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    first = await channel.send("once", nonce="turn-1")
    second = await channel.send("once", nonce="turn-1")
    assert first.id == second.id
    assert (await juno.next_message_from_app())["nonce"] == "turn-1"
    assert await juno.hears_nothing("MESSAGE_CREATE", lambda m: m["author"]["id"] == juno.app_id, 0.1)


async def test_same_nonce_without_enforcement_sends_twice(juno):
    first = await juno.tell("again", nonce="n")
    assert first["id"] != (await juno.tell("again", nonce="n"))["id"]


async def test_too_long_content_is_refused_with_its_path(bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send("x" * 2001)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert "content: Must be 2000 or fewer in length." in refused.value.text
    assert await channel.send("😀" * 2000)


async def test_empty_message_is_refused(juno):
    for content in ("", "   \n"):
        with pytest.raises(Refused) as refused:
            await juno.tell(content)
        assert refused.value.code == 50006


async def test_sticker_alone_is_a_message(bot, juno):
    await juno.tell("", sticker_ids=["749054660769218631"])
    heard = await soon(bot.heard)
    assert (heard.content, heard.stickers[0].name) == ("", "Wave")


async def test_reactions_take_emojis_only(juno):
    sent = await juno.tell("hi")
    for emoji in ("❤️", "👩‍👩‍👧", "🇫🇷", "1️⃣", "ℹ️"):
        await juno.react(sent, emoji)
    for word in ("no", "é", "mira:123"):
        with pytest.raises(Refused) as refused:
            await juno.react(sent, word)
        assert refused.value.code == 10014


async def test_blocked_direct_messages_are_refused(bot, juno):
    await juno.tell("hi")
    channel = (await soon(bot.heard)).channel
    await juno.blocks_dms(blocked=True)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("still there?")
    assert refused.value.code == 50007
    await juno.blocks_dms(blocked=False)
    await channel.send("back")


async def test_closed_and_hidden_channels_are_refused(playground, bot, juno):
    guild_id = next(iter(playground.world.guilds))
    hidden = await juno.play("POST", f"/guilds/{guild_id}/channels", {"name": "hidden", "deny": str(1 << 10)})
    with pytest.raises(discord.Forbidden) as silenced:
        await bot.get_channel(playground.channel("notices").channel_id).send("no")
    with pytest.raises(discord.Forbidden) as unseen:
        await bot.get_partial_messageable(int(hidden["id"])).send("no")
    with pytest.raises(discord.NotFound) as unknown:
        await bot.get_partial_messageable(123).send("no")
    assert (silenced.value.code, unseen.value.code, unknown.value.code) == (50013, 50001, 10003)


async def test_files_are_uploaded_and_served_back(bot, juno):
    sent = await juno.attach(await juno.dm(), [("picture.png", PNG, "image/png")], "look")
    heard = await soon(bot.heard)
    assert (heard.attachments[0].width, heard.attachments[0].height) == (7, 5)
    assert await heard.attachments[0].read() == PNG
    answer = await heard.channel.send(file=discord.File(io.BytesIO(b"<script>"), "page.html"))
    assert sent["attachments"][0]["content_type"] == "image/png"
    assert await answer.attachments[0].read() == b"<script>"


async def test_picture_of_an_embed_takes_the_uploaded_address(bot, juno):
    await juno.tell("chart?")
    heard = await soon(bot.heard)
    embed = discord.Embed(title="Mood").set_image(url="attachment://mood.png")
    await heard.channel.send(embed=embed, file=discord.File(io.BytesIO(PNG), "mood.png"))
    shown = await juno.next_message_from_app()
    assert shown["embeds"][0]["image"]["url"].startswith(juno.origin + "/attachments/")
    assert shown["attachments"] == []


async def test_allowed_mentions_decide_who_is_pinged(bot, juno, theo, room):
    channel = bot.get_channel(int(room))
    nobody = discord.AllowedMentions.none()
    await channel.send(f"<@{theo.user_id}>", allowed_mentions=nobody)
    await channel.send(f"<@{theo.user_id}> `<@{juno.user_id}>`")
    quiet, loud = [await theo.next_message_from_app(room) for _ in range(2)]
    assert quiet["mentions"] == []
    assert [user["id"] for user in loud["mentions"]] == [theo.user_id]


async def test_reply_to_a_deleted_message(bot, juno):
    sent = await juno.tell("gone soon")
    heard = await soon(bot.heard)
    await juno.delete(sent)
    with pytest.raises(discord.HTTPException) as refused:
        await heard.reply("to nothing", mention_author=False)
    lenient = discord.MessageReference.from_message(heard, fail_if_not_exists=False)
    await heard.channel.send("anyway", reference=lenient)
    assert refused.value.code == 50035
    assert "message_reference" not in await juno.next_message_from_app()


async def test_typing_is_told_to_the_other_side(bot, juno):
    await juno.type(await juno.dm())
    await juno.tell("hi")
    heard = await soon(bot.heard)
    async with heard.channel.typing():
        typing = await juno.wait_for("TYPING_START")
    assert typing["user_id"] == juno.app_id


async def test_history_pages_in_order(bot, juno):
    channel_id = await juno.dm()
    sent = [await juno.say(channel_id, str(number)) for number in range(7)]
    channel = (await soon(bot.heard)).channel
    oldest_first = [m.content async for m in channel.history(limit=3, oldest_first=True)]
    before = [m.content async for m in channel.history(limit=2, before=discord.Object(int(sent[4]["id"])))]
    after = [m.content async for m in channel.history(after=discord.Object(int(sent[4]["id"])))]
    around = await juno.rest("GET", f"/channels/{channel_id}/messages", around=sent[3]["id"], limit="3")
    assert (oldest_first, before, after) == (["0", "1", "2"], ["3", "2"], ["5", "6"])
    assert [m["content"] for m in around] == ["4", "3", "2"]


async def test_threads_open_on_a_message_and_alone(bot, juno, room):
    sent = await juno.mention(room, "a topic")
    heard = await soon(bot.heard)
    thread = await heard.create_thread(name="topic")
    starter = await soon(bot.heard)
    assert starter.type is discord.MessageType.thread_starter_message
    await juno.say(str(thread.id), f"<@{juno.app_id}> inside")
    inside = await soon(bot.heard)
    assert (inside.channel.id, inside.channel.parent.id) == (int(sent["id"]), int(room))
    await thread.send("answer")
    assert (await juno.next_message_from_app(str(thread.id)))["content"] == "answer"
    alone = await heard.channel.create_thread(name="alone", type=discord.ChannelType.public_thread)
    announced = await juno.wait_for("MESSAGE_CREATE", lambda m: m["type"] == 18)
    assert announced["message_reference"]["channel_id"] == str(alone.id)
    assert (await juno.wait_for("THREAD_CREATE", lambda t: t["name"] == "alone"))["id"] == str(alone.id)
    state = await juno.state()
    places = {c["id"]: c for c in state["guilds"][0]["channels"]}
    assert places[str(alone.id)]["parent_id"] == room


async def test_components_v2_refuse_content(bot, juno):
    await juno.tell("card?")
    channel = (await soon(bot.heard)).channel
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("# A card"), accent_colour=0xFF8800))
    await channel.send(view=view)
    shown = await juno.next_message_from_app()
    assert (shown["components"][0]["type"], shown["flags"] & 1 << 15) == (17, 1 << 15)
    assert shown["components"][0]["components"][0]["content"] == "# A card"
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
    body = {"content": "x", "flags": 1 << 15, "components": view.to_components()}
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(route, json=body)
    assert "The 'content' field cannot be used" in refused.value.text


async def test_pins_and_members_are_listed(bot, juno, room):
    await juno.mention(room, "keep this")
    heard = await soon(bot.heard)
    await juno.rest("PUT", f"/channels/{room}/messages/pins/{heard.id}")
    assert [m.id async for m in heard.channel.pins()] == [heard.id]
    member = await heard.guild.fetch_member(int(juno.user_id))
    found = await heard.guild.query_members("the")
    assert (member.name, [m.name for m in found]) == ("juno", ["theo"])


async def test_many_messages_stay_ordered_and_bounded(playground, juno, room, monkeypatch):
    monkeypatch.setattr("playground.world.MESSAGES_KEPT", 50)
    await asyncio.gather(*(juno.say(room, str(number)) for number in range(80)))
    channel = playground.channel("living-room")
    assert len(channel.messages) == len(channel.message_ids) == 50
    assert channel.message_ids == sorted(channel.message_ids)
