"""Reading the model's growing object; nothing in it is trusted."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.affect.appraisal import NEUTRAL, read_appraisal
from bot.domain.answer import (
    ANSWER_SCHEMA,
    EMOJI_LIMIT,
    PLAIN_SALIENCE,
    TAIL_LIMIT,
    TAIL_TEXT_LIMIT,
    Aim,
    Tail,
    felt_lines,
    is_usable,
    read_aim,
    read_appraisals,
    read_intent,
    read_paragraphs,
    read_reaction,
    read_tail,
)
from bot.domain.ids import TurnId, short_code
from bot.domain.memory import MemoryKind
from bot.domain.message import Channel, ChannelKind, Message, Reach, Speaker
from bot.domain.turn import Claim, Intent, Said
from tests.fakes import ADA, BEN, ROOM, START, dm_message, guild_message

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["reply", "react", "silent", "later", "😀", " ", "\u200b", "<:x:1>", math.nan]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
MISSING = read_appraisal(None)
KEYS = ("appraisals", "intent", "to", "thread", "reply", "reaction", "expression", "persona", "later", "reminders")
KEYS += ("memories", "promises")
FIELDS = st.dictionaries(st.sampled_from(KEYS), JUNK)
ALONE = dm_message("I moved to Graz")


def claim_of(*messages: Message, **more) -> Claim:
    return Claim(TurnId(1), messages[0].channel, messages, START, **more)


def code(message: Message) -> str:
    return short_code("m", message.message_id)


def who(message: Message) -> str:
    return short_code("u", message.author.user_id)


@given(FIELDS)
def test_any_junk_is_read_without_raising(fields):
    assert isinstance(read_intent(fields), Intent)
    assert isinstance(is_usable(fields), bool)
    assert isinstance(read_tail(fields, claim_of(ALONE)), Tail)
    assert isinstance(read_aim(fields, claim_of(ALONE)), Aim)
    assert all(isinstance(item, str) for item in read_paragraphs(fields, is_open=True))
    assert len(read_appraisals(fields, (dm_message("a"), dm_message("b")))) == 2


@given(FIELDS)
def test_a_tail_of_junk_is_plain_bounded_json(fields):
    tail = read_tail(fields, claim_of(ALONE))
    json.dumps(tail.proposals, allow_nan=False)
    for items in tail.proposals.values():
        assert isinstance(items, list)
        assert len(items) <= TAIL_LIMIT


@given(st.text(min_size=1, max_size=20).filter(lambda text: text.isalnum()))
def test_words_make_it_a_reply_whatever_the_intent(words):
    for intent in ("silent", "later", "react", "nonsense", None):
        assert read_intent({"intent": intent, "reply": words, "reaction": "😀"}) is Intent.REPLY


def test_an_intent_without_words_is_kept():
    assert read_intent({"intent": "silent", "reply": ""}) is Intent.SILENT
    assert read_intent({"intent": "later", "reply": "\u200b"}) is Intent.LATER
    assert read_intent({"intent": "react", "reply": "", "reaction": "🔥"}) is Intent.REACT


def test_a_reaction_that_is_none_cannot_be_the_answer():
    assert read_intent({"intent": "react", "reply": "", "reaction": "smile"}) is Intent.REPLY


@pytest.mark.parametrize(
    "emoji", ["😀", "❤️", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "<:blob:123456789012345678>", "<a:wave_1:123456789012345678>", "1️⃣"]
)
def test_an_emoji_is_a_reaction(emoji):
    assert read_reaction({"reaction": f" {emoji} "}) == emoji


@pytest.mark.parametrize(
    "junk",
    [
        "",
        " ",
        "smile",
        ":smile:",
        "ok 👍",
        "<:x:1>",
        "<:b:123456789012345678> hi",
        "?",
        "1",
        None,
        3,
        ["😀"],
        "😀" * (EMOJI_LIMIT + 1),
    ],
)
def test_words_and_oversized_text_are_no_reaction(junk):
    assert read_reaction({"reaction": junk}) is None


@given(st.one_of(st.text(max_size=100), JUNK))
def test_a_reaction_is_short_and_holds_no_words(raw):
    emoji = read_reaction({"reaction": raw})
    assert emoji is None or (len(emoji) <= EMOJI_LIMIT and " " not in emoji and not emoji.isascii()) or emoji[0] == "<"


@pytest.mark.parametrize("junk", ["你好", "привет", "здесь", "über", "\u200b", "😀 😀", "。"])
def test_letters_of_any_script_are_no_reaction(junk):
    assert read_reaction({"reaction": junk}) is None


def test_a_reply_is_read_by_paragraphs():
    assert read_paragraphs({"reply": "one\n\ntwo\n\nth"}, is_open=True) == ["one", "two"]
    assert read_paragraphs({"reply": "one\n\ntwo"}, is_open=False) == ["one", "two"]
    assert read_paragraphs({"reply": 3}, is_open=False) == []


def test_appraisals_go_to_the_messages_they_name():
    first, second = dm_message("a"), dm_message("b")
    fields = {
        "appraisals": [
            {"message": short_code("m", second.message_id), "warmth": 2},
            {"message": "mzzzz", "warmth": -3},
            {"message": short_code("m", second.message_id), "warmth": 3},
        ]
    }
    read = read_appraisals(fields, (first, second))
    assert [item.message_id for item in read] == [first.message_id, second.message_id]
    assert read[0].appraisal == MISSING
    assert read[1].appraisal.warmth == 2
    assert read[1].user_id == second.author.user_id


def test_a_single_appraisal_of_a_single_message_needs_no_name():
    one = dm_message("a")
    assert read_appraisals({"appraisals": [{"message": "?", "warmth": 1}]}, (one,))[0].appraisal.warmth == 1


def test_a_single_appraisal_that_names_another_line_is_not_taken_for_it():
    one, other = dm_message("a"), dm_message("b")
    named = {"appraisals": [{"message": code(other), "warmth": -3}]}
    assert read_appraisals(named, (one,), others=(other,))[0].appraisal == MISSING


def test_two_lines_of_one_code_get_no_appraisal(monkeypatch):
    monkeypatch.setattr("bot.domain.answer.short_code", lambda kind, number: f"{kind}aaaaa2")
    read = read_appraisals({"appraisals": [{"message": "maaaaa2", "warmth": 3}]}, (dm_message("a"), dm_message("b")))
    assert [one.appraisal for one in read] == [MISSING, MISSING]


@pytest.mark.parametrize("raw", [None, "none", 3, {}, [], ["warm"], {"warm": "very"}, [None], 10**400])
def test_an_answer_in_fields_without_an_appraisal_is_counted_and_moves_nothing(raw):
    one, other = dm_message("a"), dm_message("b")
    assert [item.appraisal for item in read_appraisals({"reply": "hey", "appraisals": raw}, (one, other))] == [
        MISSING,
        MISSING,
    ]
    assert read_appraisals({"reply": "hey", "intent": "reply"}, (one,))[0].appraisal == MISSING


def test_plain_text_where_no_appraisal_was_asked_for_is_neutral():
    assert read_appraisals({"reply": "hey"}, (dm_message("a"),))[0].appraisal == NEUTRAL


def test_appraisals_by_key_are_read_and_weakened_once():
    first, second = dm_message("a"), dm_message("b")
    raw = {short_code("m", second.message_id): {"warmth": 2}, short_code("m", first.message_id): {"warmth": 99}}
    read = [item.appraisal for item in read_appraisals({"appraisals": raw, "reply": "hey"}, (first, second))]
    assert [(one.warmth, one.malformed) for one in read] == [(3, True), (2, True)]
    assert [one.confidence for one in read] == pytest.approx([0.175, 0.175])


def test_an_appraisal_without_its_list_is_read_and_weakened():
    (read,) = read_appraisals({"appraisals": {"message": "?", "warmth": 2, "confidence": 1.0}}, (dm_message("a"),))
    assert (read.appraisal.warmth, read.appraisal.confidence, read.appraisal.malformed) == (2, 0.25, True)


@pytest.mark.parametrize("number", [10**400, -(10**400), math.inf, math.nan])
def test_a_number_beyond_all_bounds_weakens_what_it_stands_in(number):
    raw = [{"message": number, "warmth": number, "confidence": number}]
    (read,) = read_appraisals({"appraisals": raw, "reply": "hey"}, (dm_message("a"),))
    assert read.appraisal.malformed and read.appraisal.confidence <= 0.25


def test_a_tail_is_cut_to_size():
    me, ref = who(ALONE), code(ALONE)
    memory = {"message": ref, "kind": "fact", "about": me, "text": "y" * 900, "salience": 4, "extra": 1}
    fields = {
        "expression": " Smirk ",
        "persona": "x" * 41,
        "memories": [memory] * 30,
        "promises": [{"who": me, "text": None}, {"who": me, "text": "call", "due": "tomorrow"}, "no"],
    }
    tail = read_tail(fields, claim_of(ALONE))
    assert (tail.expression, tail.persona_wish) == ("smirk", None)
    assert len(tail.proposals["memories"]) == TAIL_LIMIT
    assert set(tail.proposals["memories"][0]) == {
        *("message", "kind", "about", "text", "salience", "sensitive", "message_id", "owner_id", "about_id"),
    }
    assert len(tail.proposals["memories"][0]["text"]) == TAIL_TEXT_LIMIT
    ids = {"message_id": ALONE.message_id, "owner_id": ALONE.author.user_id}
    assert tail.proposals["promises"] == [{"who": me, "text": "call", "due": "tomorrow"} | ids]


@pytest.mark.parametrize("said", ["haven (for distress)", " Haven ", "HAVEN (for distress"])
def test_a_word_may_come_with_what_the_prompt_says_of_it(said):
    tail = read_tail({"expression": "smirk (teasing)", "persona": said}, claim_of(ALONE))
    assert (tail.expression, tail.persona_wish) == ("smirk", "haven")


def memories_of(claim: Claim, *memories: dict) -> list[dict]:
    filled = [{"kind": "fact", "text": "x", "salience": 3, "about": None} | memory for memory in memories]
    return read_tail({"memories": filled}, claim).proposals["memories"]


def test_a_memory_is_of_whoever_wrote_the_line_that_says_so():
    mine, yours = guild_message("a", author=ADA), guild_message("b", author=BEN)
    absent = guild_message("earlier", author=BEN)
    claim = claim_of(mine, yours, history=(Said(TurnId(1), absent),))
    told = memories_of(claim, {"message": code(mine), "about": who(yours)}, {"message": f" {code(yours).upper()} "})
    assert [(one["owner_id"], one["message_id"]) for one in told] == [
        (ADA.user_id, mine.message_id),
        (BEN.user_id, yours.message_id),
    ], "what Ada tells of Ben is Ada's"
    assert [one["about"] for one in told] == [who(yours), None]
    assert [one["about_id"] for one in told] == [BEN.user_id, None]


def test_what_somebody_tells_of_themselves_is_about_nobody_else():
    (told,) = memories_of(claim_of(ALONE), {"message": code(ALONE), "about": who(ALONE)})
    assert (told["about"], told["about_id"]) == (who(ALONE), None)


@pytest.mark.parametrize("kind", MemoryKind)
def test_every_kind_but_a_line_of_a_portrait_may_be_proposed(kind):
    (told,) = memories_of(claim_of(ALONE), {"message": code(ALONE), "kind": f" {kind.upper()} "})
    assert told["kind"] == ("fact" if kind is MemoryKind.PORTRAIT else kind)


@pytest.mark.parametrize("kind", ["preference", "", None, 3, ["fact"], {"fact": 1}])
def test_a_kind_that_there_is_not_is_the_plainest(kind):
    assert memories_of(claim_of(ALONE), {"message": code(ALONE), "kind": kind})[0]["kind"] == "fact"


@pytest.mark.parametrize(
    ("given", "read"),
    [(7, 7), (7.4, 7), ("8", 8), (0, 1), (-(10**400), PLAIN_SALIENCE), (10**400, 10), (99, 10)]
    + [(junk, PLAIN_SALIENCE) for junk in (None, "high", "nan", "inf", math.nan, [7], {"salience": 7})],
)
def test_salience_is_a_whole_number_from_one_to_ten(given, read):
    assert memories_of(claim_of(ALONE), {"message": code(ALONE), "salience": given})[0]["salience"] == read


@pytest.mark.parametrize("given", [True, 1, "true", " Yes"])
def test_what_is_said_to_be_sensitive_is(given):
    assert memories_of(claim_of(ALONE), {"message": code(ALONE), "sensitive": given})[0]["sensitive"] is True


@pytest.mark.parametrize("given", [False, 0, "no", None, [True], 7])
def test_anything_else_is_not_said_to_be_sensitive(given):
    assert memories_of(claim_of(ALONE), {"message": code(ALONE), "sensitive": given})[0]["sensitive"] is False


def promises_of(claim: Claim, *promises: dict, **fields) -> list[dict]:
    return read_tail(fields | {"promises": [{"due": None} | one for one in promises]}, claim).proposals["promises"]


def test_a_promise_goes_with_the_newest_line_of_who_makes_it():
    first, other, last = guild_message("a"), guild_message("b", author=BEN), guild_message("c")
    told = promises_of(claim_of(first, other, last), {"who": who(first), "text": "x"}, {"who": who(other), "text": "y"})
    assert [(one["message_id"], one["owner_id"]) for one in told] == [
        (last.message_id, ADA.user_id),
        (other.message_id, BEN.user_id),
    ]


def test_a_promise_of_hers_goes_with_the_line_she_answers():
    mine, yours = guild_message("a"), guild_message("b", author=BEN)
    claim = claim_of(mine, yours)
    assert promises_of(claim, {"who": "You", "text": "x"})[0]["owner_id"] == BEN.user_id
    assert promises_of(claim, {"who": "you", "text": "x"}, to=code(mine))[0]["owner_id"] == ADA.user_id


@pytest.mark.parametrize("due", [3, True, 1.5, ["x"], {}])
def test_a_due_time_is_text_or_nothing(due):
    assert promises_of(claim_of(ALONE), {"who": "you", "text": "x", "due": due})[0]["due"] is None


@pytest.mark.parametrize("named", ["mzzzzz9", "", None, 3, "you"])
def test_a_memory_without_a_line_that_says_so_is_dropped(named):
    assert memories_of(claim_of(ALONE), {"message": named}) == []


def test_nothing_is_remembered_from_history_talk_of_others_or_people_she_has_not_met():
    before, other = guild_message("a"), guild_message("b", author=BEN)
    joined = guild_message("c", author=BEN, reach=Reach.JOINING)
    claim = claim_of(joined, history=(Said(TurnId(1), before),), overheard=(other,))
    assert memories_of(claim, *({"message": code(line)} for line in (before, other, joined))) == []
    promises = [{"who": who(joined), "text": "x", "due": None}, {"who": "you", "text": "y", "due": None}]
    assert [one["text"] for one in read_tail({"promises": promises}, claim).proposals["promises"]] == ["y"]


def test_lines_move_her_only_if_people_who_addressed_her_wrote_them():
    asked, called = guild_message("a", author=ADA), guild_message("b", author=BEN, reach=Reach.CALLED)
    joined = guild_message("c", author=BEN, reach=Reach.JOINING)
    bot = guild_message("d", speaker=Speaker.BOT)
    assert felt_lines(claim_of(asked, called, joined, bot)) == (asked, called)
    assert felt_lines(claim_of(joined, met=frozenset({BEN.user_id}))) == (joined,)


def test_an_answer_goes_to_a_new_line_or_to_none():
    old, other, mine = guild_message("a"), guild_message("b", author=BEN), guild_message("c")
    bot = guild_message("d", speaker=Speaker.BOT)
    claim = claim_of(mine, history=(Said(TurnId(1), old),), overheard=(other, bot))
    assert read_aim({"to": code(mine)}, claim).to == mine.message_id
    assert read_aim({"to": f"`{code(other)}`"}, claim).to == other.message_id
    assert [read_aim({"to": one}, claim).to for one in (code(old), code(bot), "mzzzzz9", None, 5)] == [None] * 5


def test_a_thread_is_opened_in_a_channel_only_and_has_one_clean_line_as_its_title():
    claim = claim_of(guild_message("a"))
    assert read_aim({"thread": ' "Ada\u2019s\n\u202emove" '}, claim).thread == "Ada\u2019s move"
    assert len(read_aim({"thread": "word " * 60}, claim).thread) <= 100
    assert [read_aim({"thread": one}, claim).thread for one in ("", " \u200b", None, 3)] == [None] * 4
    thread = Channel(ROOM.channel_id, ChannelKind.THREAD, ROOM.guild_id)
    assert read_aim({"thread": "x"}, claim_of(guild_message("a", channel=thread))).thread is None
    assert read_aim({"thread": "x"}, claim_of(ALONE)).thread is None


@pytest.mark.parametrize("dash", ["-", " — ", "–\n"])
def test_a_dash_is_silence_in_plain_text_alone(dash):
    assert read_intent({"reply": dash}) is Intent.SILENT and is_usable({"reply": dash})
    assert read_intent({"reply": dash, "intent": "reply"}) is Intent.REPLY


def test_usable_means_words_or_a_meant_lack_of_them():
    assert is_usable({"intent": "reply", "reply": "hey"})
    assert is_usable({"reply": "hey"})
    assert is_usable({"intent": "silent", "reply": ""})
    assert not is_usable({})
    assert not is_usable({"intent": "reply", "reply": " "})
    assert not is_usable({"intent": "react", "reply": "", "reaction": "words"})


def _objects(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from _objects(value)


def test_the_schema_keeps_to_what_strict_mode_allows():
    for schema in _objects(ANSWER_SCHEMA):
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False
    text = json.dumps(ANSWER_SCHEMA)
    assert not any(word in text for word in ("minimum", "maximum", "minLength", "maxItems", "pattern"))


def test_the_schema_asks_in_the_order_of_the_stream():
    assert list(ANSWER_SCHEMA["properties"]) == list(KEYS)
