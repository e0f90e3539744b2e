"""How messages are read that really travel over the gateway: who said them, to whom, and what is whose."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.adapters.discord.delivery import DiscordDelivery
from bot.adapters.discord.history import DiscordHistory
from bot.adapters.discord.notices import is_said
from bot.adapters.discord.reading import is_withheld, read_message
from bot.domain.ids import ChannelId, MessageId, PartId, TurnId
from bot.domain.message import Channel, ChannelKind, Message, Reach, Speaker
from bot.domain.turn import OutboxPart, PartKind
from bot.errors import DeliveryError
from playground.client import Refused
from playground.core import Options
from playground.intents import KNOWN_INTENTS
from playground.server import Playground
from tests.playground.harness import WAIT_S, connected, soon

IMAGE = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de") + bytes.fromhex(
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
CARD = [{"type": 17, "components": [{"type": 10, "content": "You rolled a 6"}, {"type": 14}]}]


def with_content() -> discord.Intents:
    intents = discord.Intents.default()
    intents.message_content = True
    return intents


@pytest.fixture
async def playground(monkeypatch):
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    async with Playground(port=0, options=Options(rate_limits=False)) as running:
        running.core.approved_intents = KNOWN_INTENTS
        yield running


@pytest.fixture
async def bot(playground):
    async with connected(playground, with_content()) as client:
        yield client


@pytest.fixture
async def juno(playground):
    async with playground.person("juno") as person:
        yield person


@pytest.fixture
async def theo(playground):
    async with playground.person("theo") as person:
        yield person


@pytest.fixture
def room(playground):
    return str(playground.channel("living-room").channel_id)


@pytest.fixture
def guild_id(playground):
    return str(next(iter(playground.world.guilds)))


async def heard(bot) -> Message:
    """Read the next message as it came in, and see that history reads it in the same way."""
    message = await soon(bot.heard)
    live = read_message(message, bot.user.id)
    again = await bot.get_partial_messageable(message.channel.id, guild_id=live.channel.guild_id).fetch_message(
        message.id
    )
    stored = read_message(again, bot.user.id)
    # fetched by id alone, the place is only an id; what was said there is the same
    alike = ("content", "speaker", "reply_to_id", "reply_to_user_id", "mentions_self", "mentions_all", "forwards")
    assert {name: getattr(stored, name) for name in alike} == {name: getattr(live, name) for name in alike}
    assert stored.attachments == live.attachments
    return live


async def test_a_reply_carries_who_is_replied_to_and_a_short_quote(bot, juno, theo, room):
    said = await theo.say(room, "crows " * 100)
    await soon(bot.heard)
    await juno.reply(said, "all of them?", ping=False)
    line = await heard(bot)
    assert line.reply_to_id == int(said["id"])
    assert line.reply_to_user_id == int(theo.user_id)
    assert line.quote is not None
    assert (line.quote.name, line.quote.speaker, len(line.quote.text)) == ("Theo", Speaker.PERSON, 300)
    assert line.mentioned_ids == ()
    assert not line.replies_to_self
    assert line.reach is Reach.ASKED


async def test_a_reply_to_her_quotes_her(bot, juno, room):
    own = await bot.get_channel(int(room)).send("I like night trains.")
    await juno.reply({"id": str(own.id), "channel_id": room}, "me too")
    line = await heard(bot)
    assert line.replies_to_self
    assert line.mentions_self
    assert line.mentioned_ids == ()
    assert line.quote is not None
    assert (line.quote.author_id, line.quote.speaker) == (bot.user.id, Speaker.SELF)


async def test_a_reply_to_a_deleted_line_has_no_quote(bot, juno, theo, room):
    said = await theo.say(room, "gone soon")
    await soon(bot.heard)
    reply = await juno.reply(said, "what?")
    await soon(bot.heard)
    await theo.delete(said)
    again = await bot.get_channel(int(room)).fetch_message(int(reply["id"]))
    line = read_message(again, bot.user.id)
    assert line.reply_to_id == int(said["id"])
    assert line.reply_to_user_id is None
    assert line.quote is None


async def test_a_quote_names_its_pictures_and_no_other_files(bot, juno, theo, room):
    files = [("cat.png", IMAGE, "image/png"), ("notes.txt", b"hm", "text/plain")]
    said = await theo.attach(room, files, "look")
    first = await heard(bot)
    assert [one.name for one in first.attachments] == ["cat.png", "notes.txt"]
    assert all(one.url is not None and one.url.startswith("http") for one in first.attachments)
    await juno.reply(said, "sweet")
    line = await heard(bot)
    assert line.quote is not None
    assert [(one.name, one.url) for one in line.quote.attachments] == [("cat.png", first.attachments[0].url)]
    assert line.attachments == ()


async def test_mentions_are_told_apart(bot, juno, theo, room, guild_id, playground):
    amara = next(one for one in playground.people if one.username == "amara")
    await juno.say(room, f"<@{theo.user_id}> <@{amara.user_id}> and <@{juno.app_id}> <@{theo.user_id}>")
    line = await heard(bot)
    assert line.mentioned_ids == (int(theo.user_id), amara.user_id)
    assert line.mentioned_names == ((int(theo.user_id), "Theo"), (amara.user_id, amara.display_name))
    assert line.mentions_self
    assert not line.mentions_all
    role = await juno.role(guild_id, "crows")
    await juno.say(room, f"<@&{role}> meet at nine")
    assert (await heard(bot)).mentions_all
    await juno.say(room, "@everyone meet at nine")
    line = await heard(bot)
    assert line.mentions_all
    assert not line.mentions_self
    await theo.say(room, "@everyone I may not do this")
    assert not (await heard(bot)).mentions_all


async def test_the_role_discord_made_for_her_is_a_mention_of_her_alone(bot, juno, room, guild_id):
    made = asyncio.create_task(bot.wait_for("guild_role_create", timeout=WAIT_S))
    await asyncio.sleep(0)
    role_id = int(await juno.role(guild_id, "Mira"))
    role = await made
    role.tags = discord.role.RoleTags({"bot_id": str(bot.user.id)})
    await juno.say(room, f"<@&{role_id}> hello")
    line = await heard(bot)
    assert line.mentions_self
    assert not line.mentions_all


async def test_what_is_forwarded_is_nobodys_word(bot, juno, theo, room, playground):
    kitchen = str(playground.channel("kitchen").channel_id)
    said = await theo.attach(kitchen, [("cat.png", IMAGE, "image/png")], "I hate Mira " + "x" * 1500)
    await soon(bot.heard)
    await juno.forward(said, room)
    line = await heard(bot)
    assert line.author.user_id == int(juno.user_id)
    assert line.content == ""
    assert len(line.forwards) == 1
    assert line.forwards[0].startswith("I hate Mira xxx")
    assert len(line.forwards[0]) == 1000
    assert [(one.name, one.kind) for one in line.attachments] == [("cat.png", "attachment")]
    assert (line.reply_to_id, line.quote, line.replies_to_self) == (None, None, False)
    assert line.forwarded_from == (int(kitchen), int(said["id"]))
    (there, *_) = await juno.history(room)
    await theo.say(room, "what is that?", message_reference={"message_id": there["id"]})
    reply = await heard(bot)
    assert reply.forwarded_from is None
    assert reply.quote is not None and reply.quote.forwarded_from == line.forwarded_from
    assert [one.name for one in reply.quote.attachments] == ["cat.png"]


async def test_a_forward_of_her_own_words_is_no_reply_to_her(bot, juno, room):
    own = await bot.get_channel(int(room)).send("I like night trains.")
    await juno.forward({"id": str(own.id), "channel_id": room}, room)
    line = await heard(bot)
    assert not line.replies_to_self
    assert line.forwards == ("I like night trains.",)


async def test_nothing_can_be_added_to_a_forward(juno, room):
    said = await juno.say(room, "hello")
    reference = {"type": 1, "channel_id": room, "message_id": said["id"]}
    with pytest.raises(Refused) as refused:
        await juno.say(room, "mine", message_reference=reference)
    assert refused.value.code == 50035


async def test_a_voice_message_says_how_long_it_lasts(bot, juno, room):
    await juno.say_aloud(room, 12.5)
    line = await heard(bot)
    (voice,) = line.attachments
    assert (voice.kind, voice.duration_s, voice.content_type) == ("voice", 12.5, "audio/ogg")
    await juno.attach(room, [("song.ogg", b"OggS", "audio/ogg")])
    (song,) = (await heard(bot)).attachments
    assert (song.kind, song.duration_s) == ("attachment", None)


async def test_stickers_are_named(bot, juno, room):
    await juno.say(room, "", sticker_ids=["749054660769218631"])
    line = await heard(bot)
    assert [(one.name, one.kind) for one in line.attachments] == [("Wave", "sticker")]


async def test_a_webhook_is_no_person_whatever_its_name(bot, juno, theo, room):
    webhook = await juno.webhook(room, "News")
    spoken = await theo.speak_by(webhook, "I love her", name="Theo")
    line = await heard(bot)
    assert spoken["author"]["username"] == "Theo"
    assert line.speaker is Speaker.BOT
    assert line.author.is_bot
    assert line.author.user_id == int(webhook["id"]) != int(theo.user_id)
    await juno.reply(spoken, "really?")
    line = await heard(bot)
    assert line.quote is not None
    assert line.quote.speaker is Speaker.BOT


async def test_other_bots_are_bots_and_their_cards_have_words(bot, juno, room):
    async with await juno.invite("dice", "Dice", is_bot=True) as dice:
        await dice.say(room, "", flags=1 << 15, components=CARD)
        line = await heard(bot)
        assert (line.speaker, line.content) == (Speaker.BOT, "You rolled a 6")
        await dice.say(room, "", embeds=[{"title": "Score", "description": "Juno 3, Theo 4"}])
        assert (await heard(bot)).content == "Score\nJuno 3, Theo 4"


async def test_a_person_has_no_word_in_the_preview_of_a_link(bot, juno, room):
    await juno.say(room, "", embeds=[{"title": "Somebody else's page"}])
    line = await heard(bot)
    assert line.content == ""


async def test_a_poll_asks_something(bot, juno, room):
    await juno.say(room, "now")
    message = await soon(bot.heard)
    answers = [{"answer_id": number, "poll_media": {"text": text}} for number, text in enumerate(("tea", "wine"), 1)]
    poll = {
        "question": {"text": "What now?"},
        "answers": answers,
        "expiry": "2030-01-01T00:00:00+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
    }
    line = read_message(_made(bot, message, content="", poll=poll), bot.user.id)
    assert line.content == "poll: What now? tea / wine"
    assert not is_withheld(_made(bot, message, content="", poll=poll), line)


async def test_what_comes_from_a_server_that_is_not_known_here_is_no_direct_message(bot, juno, room):
    await juno.say(room, "now")
    like = await soon(bot.heard)
    message = _made(bot, like, place=bot.get_partial_messageable(5, guild_id=77), content="", channel_id="5")
    line = read_message(message, bot.user.id)
    assert (line.channel.kind, line.channel.guild_id) == (ChannelKind.GUILD, 77)
    assert is_withheld(message, line)


async def test_what_another_server_leaves_out_is_not_there(bot, juno, room):
    await juno.say(room, "now")
    like = await soon(bot.heard)
    message = _made(bot, like)
    for name in ("mentions", "role_mentions", "components"):
        if hasattr(message, name):
            delattr(message, name)
    line = read_message(message, bot.user.id)
    assert (line.content, line.mentions_self, line.mentions_all, line.mentioned_ids) == ("hello", False, False, ())


async def test_the_systems_own_account_is_no_person(bot, juno, room):
    await juno.say(room, "now")
    like = await soon(bot.heard)
    author = {"id": "643945264868098049", "username": "discord", "discriminator": "0", "avatar": None, "system": True}
    assert read_message(_made(bot, like, author=author), bot.user.id).speaker is Speaker.BOT


def _made(bot, like: discord.Message, place: object = None, **fields: object) -> discord.Message:
    """Make a message of another kind, as Discord would send it."""
    author = {"id": str(like.author.id), "username": "juno", "discriminator": "0", "avatar": None}
    data = {
        "id": "99",
        "type": 0,
        "channel_id": str(like.channel.id),
        "author": author,
        "content": "hello",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "mentions": [],
        "mention_roles": [],
        **fields,
    }
    return discord.Message(state=bot._connection, channel=place or like.channel, data=data)  # type: ignore[arg-type]


async def test_a_crosspost_is_no_persons_word_and_no_reply(bot, juno, room):
    await juno.say(room, "now")
    message = await soon(bot.heard)
    reference = {"message_id": "5", "channel_id": "6", "guild_id": "7"}
    line = read_message(_made(bot, message, flags=1 << 1, webhook_id="8", message_reference=reference), bot.user.id)
    assert (line.speaker, line.reply_to_id) == (Speaker.BOT, None)


async def test_what_answers_a_command_of_another_bot_is_a_bots(bot, juno, room):
    await juno.say(room, "now")
    message = await soon(bot.heard)
    user = {"id": juno.user_id, "username": "juno", "discriminator": "0", "avatar": None}
    metadata = {"id": "4", "type": 2, "user": user, "authorizing_integration_owners": {}}
    answer = _made(bot, message, type=20, interaction_metadata=metadata)
    assert is_said(answer, bot.user.id)
    assert read_message(answer, bot.user.id).speaker is Speaker.BOT
    assert not is_said(_made(bot, message, type=20, flags=1 << 7, content=""), bot.user.id)


async def test_a_thread_is_a_room_of_its_own_that_begins_with_the_line_it_is_about(bot, juno, theo, room):
    said = await theo.say(room, "which book next?")
    await soon(bot.heard)
    thread = await juno.thread(said, "books")
    starter = await soon(bot.heard)
    line = read_message(starter, bot.user.id)
    assert is_said(starter, bot.user.id)
    assert not is_withheld(starter, line)
    assert (line.content, line.replies_to_self, line.reply_to_id) == ("", False, None)
    assert line.quote is not None
    assert line.quote.text == "which book next?"
    await theo.say(thread, "the one with the crow")
    line = await heard(bot)
    assert (line.channel.kind, line.channel.parent_id) == (ChannelKind.THREAD, int(room))


async def test_a_thread_under_her_line_is_no_reply_to_her(bot, juno, room):
    own = await bot.get_channel(int(room)).send("which book next?")
    is_starter = discord.MessageType.thread_starter_message
    begun = asyncio.create_task(bot.wait_for("message", check=lambda one: one.type is is_starter, timeout=WAIT_S))
    await asyncio.sleep(0)
    await juno.thread({"id": str(own.id), "channel_id": room}, "books")
    assert not read_message(await begun, bot.user.id).replies_to_self


async def test_that_a_thread_was_opened_nobody_says(bot, juno, room):
    await juno.thread_alone(room, "books")
    notice = await soon(bot.heard)
    assert notice.type is discord.MessageType.thread_created
    assert not is_said(notice, bot.user.id)


async def test_age_restriction_is_known_in_a_channel_its_threads_and_at_once_when_it_changes(bot, juno, guild_id):
    cellar = await juno.channel(guild_id, "cellar", is_nsfw=True)
    said = await juno.say(cellar, "hello")
    assert (await heard(bot)).channel.is_age_restricted
    thread = await juno.thread(said, "deeper")
    await soon(bot.heard)
    await juno.say(thread, "hello")
    assert (await heard(bot)).channel.is_age_restricted
    await juno.change_channel(cellar, nsfw=False)
    await juno.say(cellar, "now?")
    assert not (await heard(bot)).channel.is_age_restricted


async def test_names_are_those_of_the_moment(bot, juno, room, guild_id):
    await juno.nickname(guild_id, "Crow Queen")
    await juno.say(room, "hello")
    assert (await heard(bot)).author.display_name == "Crow Queen"
    await juno.nickname(guild_id, None)
    await juno.rename("Mira")
    await juno.say(room, "hello")
    line = await heard(bot)
    assert (line.author.display_name, line.author.user_id) == ("Mira", int(juno.user_id))


async def test_without_the_intent_empty_lines_are_known_as_withheld(playground, juno, theo, room):
    playground.core.approved_intents &= ~discord.Intents(message_content=True).value
    async with connected(playground) as bot:
        said = await theo.say(room, "between us")
        message = await soon(bot.heard)
        assert is_withheld(message, read_message(message, bot.user.id))
        await juno.thread(said, "books")
        starter = await soon(bot.heard)
        assert not is_withheld(starter, read_message(starter, bot.user.id))
        await juno.forward(said, room)
        message = await soon(bot.heard)
        line = read_message(message, bot.user.id)
        assert is_withheld(message, line)
        assert line.forwards == ()
        await juno.mention(room, "to you")
        message = await soon(bot.heard)
        assert not is_withheld(message, read_message(message, bot.user.id))


async def test_history_knows_the_place_as_live_lines_do(bot, juno, guild_id):
    cellar = await juno.channel(guild_id, "cellar", is_nsfw=True)
    said = await juno.say(cellar, "hello")
    thread = await juno.thread(said, "deeper")
    await juno.say(thread, "hello")
    while (message := await soon(bot.heard)).content != "hello" or message.channel.id != int(thread):
        pass
    live = read_message(message, bot.user.id)
    places = DiscordHistory(bot, has_content=True).active(live.channel.guild_id, MessageId(int(said["id"]) - 1))
    assert live.channel in places
    assert live.channel.parent_id == int(cellar)


# sending


def part(room: str, content: str, kind: PartKind = PartKind.TEXT, **fields: object) -> OutboxPart:
    given = {"reply_to_id": None, "after_id": MessageId(1), "created_at": discord.utils.utcnow(), **fields}
    return OutboxPart(PartId(1), TurnId(7), 0, ChannelId(int(room)), kind, content, **given)  # type: ignore[arg-type]


async def test_she_opens_a_thread_once_and_goes_on_in_it(bot, juno, room):
    said = await juno.say(room, "which book next?")
    asked = MessageId(int(said["id"]))
    delivery = DiscordDelivery(bot)
    opening = part(room, "Books, at length", PartKind.THREAD, reply_to_id=asked)
    await delivery.open_thread(opening)
    await delivery.open_thread(opening)
    shape = await juno.rest("GET", f"/channels/{said['id']}")
    assert (shape["name"], shape["parent_id"], shape["owner_id"]) == ("Books, at length", room, juno.app_id)
    words = part(room, "Where to begin.", reply_to_id=asked, after_id=asked, place_id=ChannelId(asked))
    sent = await delivery.send(words)
    (there, *_) = await juno.history(said["id"])
    assert (int(there["id"]), there["content"]) == (sent, "Where to begin.")
    assert "message_reference" not in there
    assert list(await delivery.find_own(words)) == [sent]


async def test_in_the_channel_itself_she_replies(bot, juno, room):
    said = await juno.say(room, "which book next?")
    await DiscordDelivery(bot).send(part(room, "Any.", reply_to_id=MessageId(int(said["id"]))))
    (there, *_) = await juno.history(room)
    assert there["message_reference"]["message_id"] == said["id"]


async def test_whose_words_are_forwarded_is_asked_of_discord(bot, juno, theo, room, playground):
    kitchen = str(playground.channel("kitchen").channel_id)
    said = await theo.say(kitchen, "good morning")
    again = await juno.forward(said, room)
    delivery = DiscordDelivery(bot)
    for one, place in ((said, kitchen), (again, room)):
        author = await delivery.author_of(ChannelId(int(place)), MessageId(int(one["id"])))
        assert author == int(theo.user_id)
    assert await delivery.author_of(ChannelId(int(kitchen)), MessageId(12345)) is None


async def test_a_thread_that_is_gone_is_final(bot, juno, room):
    words = part(room, "Where to begin.", place_id=ChannelId(12345))
    with pytest.raises(DeliveryError) as refused:
        await DiscordDelivery(bot).send(words)
    assert (refused.value.code, refused.value.retryable) == (10003, False)


async def test_a_thread_that_may_not_be_opened_is_final(bot, juno, room):
    gone = part(room, "Books", PartKind.THREAD, reply_to_id=MessageId(12345))
    with pytest.raises(DeliveryError) as refused:
        await DiscordDelivery(bot).open_thread(gone)
    assert (refused.value.code, refused.value.retryable) == (10008, False)


async def test_whether_a_channel_is_for_adults_is_asked_of_discord_where_it_is_not_known(bot, juno, guild_id):
    cellar = Channel(ChannelId(int(await juno.channel(guild_id, "cellar", is_nsfw=True))), ChannelKind.GUILD)
    attic = Channel(ChannelId(int(await juno.channel(guild_id, "attic"))), ChannelKind.GUILD)
    thread = Channel(ChannelId(5), ChannelKind.THREAD, None, cellar.channel_id)
    places, delivery = (cellar, thread, attic), DiscordDelivery(bot)
    assert [await delivery.is_age_restricted(one) for one in places] == [True, True, False]
    bot.get_channel = lambda channel_id: None  # as in a process that only answers
    assert [await delivery.is_age_restricted(one) for one in places] == [True, True, False]
    with pytest.raises(DeliveryError):
        await delivery.is_age_restricted(Channel(ChannelId(12345), ChannelKind.GUILD))
