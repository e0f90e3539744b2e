import asyncio

import discord
import pytest
from discord import app_commands

from playground.client import Refused
from playground.core import Options
from playground.server import Playground
from tests.playground.harness import connected, soon


class Panel(discord.ui.View):
    """A button, a select of words and a select of people."""

    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="Press", custom_id="press")
    async def press(self, interaction, button):
        await interaction.response.edit_message(content="pressed", view=None)

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction, button):
        await interaction.response.send_modal(Form())

    @discord.ui.select(custom_id="tea", options=[discord.SelectOption(label=t) for t in ("green", "black")])
    async def tea(self, interaction, select):
        await interaction.response.send_message(f"tea: {select.values[0]}", ephemeral=True)

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
    async def who(self, interaction, select):
        await interaction.response.defer()
        await interaction.followup.send(f"who: {select.values[0].name}", ephemeral=True)


class Form(discord.ui.Modal, title="About you"):
    """One line of text."""

    nick = discord.ui.TextInput(label="Name", custom_id="nick")

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"hello {self.nick.value}", ephemeral=True)


def with_commands(bot):
    """Give *bot* the commands the tests use."""

    @bot.tree.command(description="Answers later")
    @app_commands.describe(person="who", depth="how deep", topic="about what")
    async def feel(
        interaction: discord.Interaction,
        person: discord.User,
        depth: app_commands.Range[int, 1, 5] = 1,
        topic: str = "life",
    ):
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"{person.name} {depth} {topic}")
        await interaction.followup.send("and more", ephemeral=True)

    @feel.autocomplete("topic")
    async def topics(interaction: discord.Interaction, current: str):
        return [app_commands.Choice(name=t, value=t) for t in ("rain", "rivers", "fire") if t.startswith(current)]

    @bot.tree.command(description="Shows a panel")
    async def panel(interaction: discord.Interaction):
        await interaction.response.send_message("panel", view=Panel())

    @bot.tree.command(description="Never answers")
    async def silent(interaction: discord.Interaction):
        bot.heard.put_nowait(interaction)

    group = app_commands.Group(name="memory", description="What I remember")

    @group.command(name="show", description="Show it")
    async def show(interaction: discord.Interaction, count: int):
        await interaction.response.send_message(f"{count} memories", ephemeral=True)

    bot.tree.add_command(group)

    @bot.tree.context_menu(name="Remember this")
    async def remember(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.send_message(f"kept: {message.content}", ephemeral=True)


@pytest.fixture
async def bot(playground):
    async with connected(playground, prepare=with_commands) as client:
        yield client


async def test_commands_are_synced_and_keep_their_ids(bot, juno, room):
    listed = {c["name"]: c for c in await juno.commands(room)}
    assert set(listed) == {"feel", "panel", "silent", "memory", "Remember this"}
    assert [o["name"] for o in listed["feel"]["options"]] == ["person", "depth", "topic"]
    again = {c.name: str(c.id) for c in await bot.tree.sync()}
    assert again == {name: c["id"] for name, c in listed.items()}


async def test_deferred_ephemeral_answer_reaches_only_its_reader(bot, juno, theo, room):
    outcome = await juno.slash("feel", room, person=theo.user_id, depth=3, topic="tea")
    assert outcome["ok"], outcome
    waiting = await juno.next_message_from_app(room)
    assert waiting["flags"] & (64 | 128) == 64 | 128
    filled = await juno.wait_for("MESSAGE_UPDATE", lambda m: m["id"] == waiting["id"])
    assert (filled["content"], filled["flags"] & (64 | 128)) == ("theo 3 tea", 64)
    assert (await juno.next_message_from_app(room))["content"] == "and more"
    assert await theo.hears_nothing("MESSAGE_CREATE", within=0.1)
    assert all(m["content"] != "theo 3 tea" for m in await juno.history(room))


async def test_commands_work_in_direct_messages(bot, juno, theo):
    assert (await juno.slash("feel", await juno.dm(), person=theo.user_id))["ok"]
    await juno.wait_for("MESSAGE_UPDATE", lambda m: m["content"] == "theo 1 life")


async def test_sub_commands_and_wrong_options(bot, juno, room):
    assert (await juno.slash("memory show", room, count=4))["ok"]
    assert (await juno.next_message_from_app(room))["content"] == "4 memories"
    for options in ({"person": juno.user_id, "depth": 9}, {"depth": 1}):
        with pytest.raises(Refused) as refused:
            await juno.slash("feel", room, **options)
        assert refused.value.code == 50035


async def test_autocomplete_offers_choices(bot, juno, room):
    choices = await juno.complete("feel", room, "topic", person=juno.user_id, topic="r")
    assert [choice["value"] for choice in choices] == ["rain", "rivers"]


async def test_button_changes_its_message(bot, juno, theo, room):
    await juno.slash("panel", room)
    panel = await theo.next_message_from_app(room)
    assert (await theo.click(panel, "press"))["ok"]
    changed = await juno.wait_for("MESSAGE_UPDATE", lambda m: m["id"] == panel["id"])
    assert (changed["content"], changed["components"]) == ("pressed", [])
    assert panel["interaction_metadata"]["name"] == "panel"


async def test_selects_answer_with_values_and_people(bot, juno, theo, room):
    await juno.slash("panel", room)
    panel = await juno.next_message_from_app(room)
    assert (await juno.choose(panel, "tea", "black"))["ok"]
    assert (await juno.next_message_from_app(room))["content"] == "tea: black"
    assert (await juno.choose(panel, "who", theo.user_id))["ok"]
    assert (await juno.next_message_from_app(room))["content"] == "who: theo"
    with pytest.raises(Refused):
        await juno.choose(panel, "tea", "coffee")
    with pytest.raises(Refused):
        await juno.click(panel, "no such button")


async def test_form_is_shown_filled_and_answered(bot, juno, room):
    await juno.slash("panel", room)
    panel = await juno.next_message_from_app(room)
    await juno.click(panel, "ask")
    form = await juno.next_form()
    assert form["title"] == "About you"
    assert (await juno.submit(form, room, {"nick": "June"}))["ok"]
    assert (await juno.next_message_from_app(room))["content"] == "hello June"
    with pytest.raises(Refused):
        await juno.submit(form, room, {"nick": "twice"})


async def test_context_menu_sees_the_messages_text(bot, juno, room):
    sent = await juno.say(room, "worth keeping")
    assert (await juno.menu("Remember this", room, sent["id"]))["ok"]
    assert (await juno.next_message_from_app(room))["content"] == "kept: worth keeping"


async def test_silence_fails_after_the_deadline_and_late_answers_are_refused():
    options = Options(interaction_timeout_s=0.3)
    async with (
        Playground(port=0, options=options) as playground,
        connected(playground, prepare=with_commands) as bot,
        playground.person("kai") as kai,
    ):
        outcome = await kai.slash("silent", await kai.dm())
        assert (outcome["ok"], outcome["error"]) == (False, "The application did not respond")
        interaction = await soon(bot.heard)
        with pytest.raises(discord.NotFound) as late:
            await interaction.response.send_message("late")
        assert late.value.code == 10062


async def test_second_answer_is_refused_and_original_can_be_read_edited_deleted(bot, juno, room):
    using = asyncio.create_task(juno.slash("silent", room))
    interaction = await soon(bot.heard)
    created = await interaction.response.send_message("first")
    assert (await using)["ok"]
    assert created.message_id == (await interaction.original_response()).id
    twin = discord.InteractionResponse(interaction)
    with pytest.raises(discord.HTTPException) as refused:
        await twin.send_message("second")
    assert refused.value.code == 40060
    edited = await interaction.edit_original_response(content="changed")
    assert edited.content == "changed"
    await interaction.delete_original_response()
    with pytest.raises(discord.NotFound):
        await interaction.followup.fetch_message(created.message_id)


async def test_public_follow_up_does_not_quote_an_ephemeral_answer(bot, juno, theo, room):
    using = asyncio.create_task(juno.slash("silent", room))
    interaction = await soon(bot.heard)
    await interaction.response.send_message("only for you", ephemeral=True)
    await using
    await interaction.followup.send("for all")
    shown = await theo.next_message_from_app(room)
    assert (shown["content"], shown["referenced_message"]) == ("for all", None)
    with pytest.raises(Refused):
        await theo.click(shown | {"id": str((await interaction.original_response()).id)}, "press")


async def test_bad_definitions_are_refused_at_their_place(bot):
    route = discord.http.Route("PUT", f"/applications/{bot.application_id}/commands")
    options = [
        {"type": 3, "name": "a", "description": "d"},
        {"type": 3, "name": "b", "description": "d", "required": True},
    ]
    body = [{"name": "Upper", "description": "d"}, {"name": "ok", "description": "d", "options": options}]
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(route, json=body)
    assert refused.value.code == 50035
    assert "0.name" in refused.value.text and "1.options.1" in refused.value.text


async def test_guild_commands_stand_before_global_ones(bot, juno, room):
    guild = bot.guilds[0]
    for name, context in (("panel", guild), ("here", guild)):
        bot.tree.add_command(
            app_commands.Command(name=name, description="d", callback=_nothing), guild=context, override=True
        )
    await bot.tree.sync(guild=guild)
    listed = [c for c in await juno.commands(room) if c["name"] in ("panel", "here")]
    assert {c.get("guild_id") for c in listed} == {str(guild.id)}
    assert "here" not in {c["name"] for c in await juno.commands(await juno.dm())}


async def _nothing(interaction: discord.Interaction) -> None:
    """Do nothing."""
