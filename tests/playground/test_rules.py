import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.command_rules import check_command, is_command_name
from playground.components import check_components, numbered, walk
from playground.errors import ApiError, FormErrors
from playground.permissions import ALL_PERMISSIONS, Overwrite, Permission, channel_permissions, may_see
from playground.validation import check_message
from playground.wire_types import KINDS, check_types
from playground.world import ChannelType, default_world


@pytest.fixture
def world():
    return default_world()


def errors_of(body, flags=0):
    try:
        check_message(body, flags=flags)
    except ApiError as error:
        return error.errors or {}
    return {}


def test_owner_may_do_everything_and_strangers_nothing(world):
    guild = next(iter(world.guilds.values()))
    channel = next(iter(guild.channels.values()))
    assert channel_permissions(channel, world.users[guild.owner_id]) == ALL_PERMISSIONS
    stranger = world.add_user("stranger")
    assert channel_permissions(channel, stranger) == 0


def test_members_own_overwrite_wins_over_everyones(world):
    guild = next(iter(world.guilds.values()))
    channel, theo = next(iter(guild.channels.values())), world.people[1]
    see = int(Permission.VIEW_CHANNEL)
    channel.overwrites[guild.guild_id] = Overwrite(guild.guild_id, is_member=False, deny=see)
    assert not may_see(channel, theo)
    channel.overwrites[theo.user_id] = Overwrite(theo.user_id, is_member=True, allow=see)
    assert may_see(channel, theo)


def test_private_threads_are_for_their_members(world):
    guild = next(iter(world.guilds.values()))
    parent, theo, kai = next(iter(guild.channels.values())), world.people[1], world.people[3]
    thread = world.add_thread(parent, "secret", theo, ChannelType.PRIVATE_THREAD, world.new_id())
    assert may_see(thread, theo) and not may_see(thread, kai)


@given(st.integers(min_value=1, max_value=300))
def test_ids_always_grow(count):
    world = default_world()
    ids = [world.new_id() for _ in range(count)]
    assert ids == sorted(set(ids))


@given(st.text(max_size=2100))
def test_content_is_taken_up_to_two_thousand_characters(content):
    assert bool(errors_of({"content": content})) == (len(content) > 2000)


@pytest.mark.parametrize(
    ("embed", "place"),
    [
        ({"title": "x" * 257}, ("title",)),
        ({"description": "x" * 4097}, ("description",)),
        ({"fields": [{"name": "", "value": "v"}]}, ("fields", "0", "name")),
        ({"fields": [{"name": "n", "value": "x" * 1025}]}, ("fields", "0", "value")),
        ({"footer": {"text": "x" * 2049}}, ("footer", "text")),
        ({"url": "javascript:alert(1)"}, ("url",)),
        ({"color": 1 << 24}, ("color",)),
        ({"fields": [{"name": "n", "value": "v"}] * 26}, ("fields",)),
    ],
)
def test_embed_limits(embed, place):
    node = errors_of({"embeds": [embed]})["embeds"]["0"]
    for step in place:
        node = node[step]
    assert node["_errors"]


def test_embeds_together_hold_six_thousand_characters():
    body = {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}
    assert errors_of(body)["embeds"]["_errors"][0]["code"] == "MAX_EMBED_SIZE_EXCEEDED"


def button(custom_id="a", **fields):
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id, **fields}


def row(*children):
    return {"type": 1, "components": list(children)}


@pytest.mark.parametrize(
    "components",
    [
        [row()],
        [row(*(button(str(i)) for i in range(6)))],
        [row(button("a"), button("a"))],
        [row(button())] * 6,
        [row({"type": 3, "custom_id": "s", "options": []})],
        [row(button("x" * 101))],
        [row({"type": 2, "style": 5, "label": "x"})],
        [{"type": 10, "content": "text"}],
        [button()],
    ],
)
def test_bad_components_are_refused(components):
    assert errors_of({"components": components})


@pytest.mark.parametrize(
    "components",
    [
        [{"type": 10, "content": "x" * 2500}, {"type": 10, "content": "x" * 2000}],
        [{"type": 10, "content": "x"}] * 41,
        [{"type": 9, "components": [{"type": 10, "content": "x"}]}],
        [{"type": 17, "components": [{"type": 17, "components": []}]}],
    ],
)
def test_bad_cards_are_refused(components):
    assert errors_of({"components": components}, flags=1 << 15)


def test_components_get_ids_that_do_not_clash():
    card = [{"type": 17, "id": 2, "components": [{"type": 10, "content": "a"}, row(button())]}]
    errors = FormErrors()
    check_components(errors, card, is_v2=True)
    errors.raise_if_any()
    ids = [component["id"] for component in walk(numbered(card))]
    assert len(set(ids)) == len(ids) == 4


@pytest.mark.parametrize(("name", "fits"), [("mood", True), ("настрой", True), ("Mood", False), ("a b", False)])
def test_command_names(name, fits):
    assert is_command_name(name) is fits


def test_sub_commands_nest_twice_at_most():
    def group(kind, *options):
        return {"type": kind, "name": "g", "description": "d", "options": list(options)}

    fine = {"name": "c", "description": "d", "options": [group(2, group(1))]}
    deep = {"name": "c", "description": "d", "options": [group(2, group(2, group(1)))]}
    errors = FormErrors()
    check_command(errors, fine)
    errors.raise_if_any()
    check_command(errors, deep)
    with pytest.raises(ApiError):
        errors.raise_if_any()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(KINDS)), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_body_is_taken_or_refused_but_never_crashed_on(body):
    try:
        check_types(body)
        if isinstance(body, dict):
            check_message(body, flags=1 << 15)
            check_command(FormErrors(), body)
    except ApiError as refused:
        assert refused.refusal.code == 50035


def test_translations_may_use_any_locale_as_key():
    check_types({"name_localizations": {"id": "sebuah nama yang agak panjang sekali"}})
