"""Cards of memory hold whatever people write: within Discord's limits, harmless, and still readable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.discord.locales import words_of
from bot.domain.card import Card, Text
from bot.domain.ids import ChannelId, GuildId, MemoryId, MessageId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Milestone, Origin, Refusal
from bot.domain.message import Audience, AudienceKind, Channel, ChannelKind, Message, Person
from bot.domain.recalled import Found, Past, RecalledLine, RecalledMemory
from bot.engine.own_goals import LISTED_MOST, STEP_LIMIT, STEPS_MOST
from bot.engine.own_memories import FOUND_MOST, SOURCES_MOST, Searched, Shown, Toll
from bot.memory_ports import Forgotten, MemoryHealth, Page
from cogs.presenters import goals, memory
from cogs.presenters.memory_words import plain_line, shown_line, shown_within
from playground.components import walk
from tests.cogs.views import components_of, words_of_card

NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
TEXT_LIMIT = 4_000  # characters of all texts of a message; Discord's own limit
COMPONENT_LIMIT = 40
LABEL_LIMIT = 100
BUTTONS_MOST = 8  # rows included
NAME = "M" * 32
WHO = {"name": NAME, "colour": 1}
MARKS = "*_~`|>#-[](😀"

ids = st.integers(1, 2**63 - 1)
times = st.just(NOW)
texts = st.one_of(
    st.text(min_size=1, max_size=4_000),
    st.sampled_from(MARKS).map(lambda mark: (mark * 4_000)[:4_000]),
    st.text(st.sampled_from(MARKS + "a \n@<:"), min_size=1, max_size=4_000),
    st.just("\n" * 4_000),
    st.just("a\n" * 2_000),
    st.just("@everyone <@123> <#5> <t:1:R> [a](https://example.org) [b](https://example.org)"),
)
memories = st.builds(
    Memory,
    memory_id=ids.map(MemoryId),
    owner_id=st.just(UserId(7)),
    kind=st.sampled_from(MemoryKind),
    text=texts,
    audience=st.builds(Audience, st.sampled_from(AudienceKind), ids),
    sources=st.just(()),
    salience=st.integers(1, 10),
    confidence=st.floats(0, 1),
    said_at=times,
    origin=st.sampled_from(Origin),
    state=st.sampled_from(MemoryState),
    created_at=times,
    about_id=st.none() | ids.map(UserId),
    due_at=st.none() | times,
    done_at=st.none() | times,
    valid_to=st.none() | times,
    milestones=st.lists(
        st.builds(
            Milestone, st.text(st.sampled_from(MARKS + "ab"), min_size=1, max_size=STEP_LIMIT), st.none() | times
        ),
        max_size=STEPS_MOST,
    ).map(tuple),
    is_pinned=st.booleans(),
    is_edited=st.booleans(),
    seen_count=st.integers(1, 2**31 - 1),
    used_count=st.integers(0, 2**31 - 1),
)
channels = st.builds(Channel, ids.map(ChannelId), st.just(ChannelKind.GUILD), ids.map(GuildId))
lines = st.builds(Message, ids.map(MessageId), channels, st.just(Person(UserId(7), "Juno")), texts, st.just(NOW))
recalled = st.builds(
    RecalledLine,
    ids.map(MessageId),
    st.just(UserId(7)),
    st.just(UserId(7)),
    st.just("Juno"),
    texts,
    times,
    st.booleans(),
    st.floats(0, 1),
    st.sampled_from(Past),
)


def fits(card: Card) -> bool:
    """Say whether Discord takes a card, with a row of buttons and a menu below it."""
    words = words_of_card(card)
    parts = [*walk(components_of(card))]
    assert len(words.encode("utf-16-le")) // 2 <= TEXT_LIMIT, len(words)
    assert len(parts) + BUTTONS_MOST <= COMPONENT_LIMIT, len(parts)
    assert all(part["content"].strip() for part in parts if part["type"] == 10)
    return True


@settings(max_examples=25)
@given(st.lists(memories, max_size=memory.PAGE_SIZE), st.booleans(), st.none() | st.sampled_from(MemoryKind))
def test_a_page_fits(found: list[Memory], is_put_away: bool, kind: MemoryKind | None):
    page = Page(tuple(found), 2**31)
    card = memory.list_card(page, 2**30, kind=kind, is_put_away=is_put_away, here=ChannelId(1), **WHO)
    assert fits(card)
    assert all(0 < len(memory.label_of(one)) <= LABEL_LIMIT for one in found)


@settings(max_examples=25)
@given(
    memories,
    st.lists(lines, max_size=SOURCES_MOST).map(tuple),
    st.lists(memories, max_size=SOURCES_MOST).map(tuple),
    st.none() | st.sampled_from([*memory.NOTES]),
)
def test_one_memory_fits(one: Memory, said: tuple[Message, ...], older: tuple[Memory, ...], note: str | None):
    assert fits(memory.memory_card(Shown(one, said, older), here=None, note=note, **WHO))
    assert fits(memory.forget_card(one, Toll((one.memory_id,) * 9, 2**31), colour=1))
    assert fits(memory.ask_first_card(one.text, **WHO))
    assert fits(goals.dropped_card(one))


@settings(max_examples=25)
@given(lines, st.booleans())
def test_a_line_fits(line: Message, is_hers: bool):
    assert fits(memory.forget_line_card(line, is_hers=is_hers, **WHO))


@settings(max_examples=25)
@given(
    st.lists(memories, max_size=FOUND_MOST),
    st.lists(recalled, max_size=FOUND_MOST).map(tuple),
    st.lists(lines, max_size=FOUND_MOST).map(tuple),
    st.text(min_size=1, max_size=400) | st.just("*" * 400),
)
def test_what_was_found_fits(known: list[Memory], said: tuple[RecalledLine, ...], at: tuple[Message, ...], query: str):
    found = Found(said, tuple(RecalledMemory(one, 0.5) for one in known))
    assert fits(memory.search_card(Searched(found, at), query, here=None, **WHO))


@settings(max_examples=25)
@given(st.lists(memories, max_size=LISTED_MOST).map(tuple))
def test_goals_fit(found: tuple[Memory, ...]):
    page = Page(found, 2**31)
    assert fits(goals.list_card(page, 2**20, colour=1))
    for value, label in goals.open_things(page):
        assert 0 < len(label) <= LABEL_LIMIT and len(value) <= LABEL_LIMIT


@settings(max_examples=25)
@given(
    st.dictionaries(st.sampled_from(MemoryKind), st.integers(1, 2**31)),
    st.dictionaries(st.sampled_from(MemoryState), st.integers(1, 2**31)),
    st.dictionaries(st.sampled_from(Refusal), st.integers(1, 2**31)),
    st.booleans(),
)
def test_figures_fit(kinds, states, refused, keeps):
    health = MemoryHealth(kinds, states, 2**31, 2**31, refused, NOW, keeps)
    assert fits(memory.health_card(health, **WHO))
    assert fits(memory.forgotten_card(Forgotten(1, 2, 3, 4, 5)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u200fc", "abc"),
        ("tabs\tand\nlines", "tabs and lines"),
        ("نمی‌خواهم", "نمی‌خواهم"),
        ("👩‍👩‍👧 ❤️", "👩‍👩‍👧 ❤️"),
        ("<@123> @everyone", "<\u2060@123> @\u2060everyone"),
        (
            "ask <@157300000000000001> or <@&157300000000000001>",
            "ask <@157300000000000001> or <\u2060@&157300000000000001>",
        ),
        ("[x](https://example.org)", "[x]\u2060(https://example.org)"),
        ("1 < 2, and <b>", "1 < 2, and <b>"),
        ("\x00\x07", ""),
    ],
)
def test_text_is_shown_harmless_and_otherwise_as_it_is(text: str, shown: str):
    assert shown_line(text) == shown


def test_a_mention_is_readable_where_none_is_drawn():
    assert plain_line("ask <@157300000000000001> about @everyone") == "ask @… about @\u2060everyone"


@settings(max_examples=25)
@given(texts, st.integers(2, 400))
def test_what_is_cut_takes_no_more_than_it_may(text: str, most: int):
    cut = shown_within(shown_line(text), most)
    drawn = words_of(Text("memory_words", {"line": cut})).removeprefix("> ")
    assert len(drawn.encode("utf-16-le")) // 2 <= most


def test_words_in_another_direction_stay_whole():
    assert "أحب الشاي" in shown_line("أحب الشاي")
