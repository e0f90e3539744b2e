"""Names and texts of people: made harmless, kept whole, described where there are no words."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import ChannelId, MessageId, UserId, short_code
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Quote
from bot.domain.quoting import (
    CUT_MARK,
    MENTIONS_MOST,
    NAME_LIMIT,
    TEXT_LIMIT,
    describe_attachments,
    names_by_code,
    quote_line,
    safe_name,
    safe_text,
)

ANA = Person(UserId(1), "Ana")
DM = Channel(ChannelId(7), ChannelKind.DM)


def said(content: str, **more) -> Message:
    return Message(MessageId(5), DM, ANA, content, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), **more)


def text_of(message: Message, own_id: UserId | None = None) -> str:
    return json.loads(quote_line(message, "Mira", own_id))["text"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana", "Ana"),
        ("  two\nlines\t\u2028here ", "two lines here"),
        ("\u202eanA\u2066\u200b", "anA"),
        ("𝓐𝓷𝓪", "Ana"),
        ("q\u0301\u0302\u0303\u0304\u0305", "q\u0301\u0302\u0303"),
        ("نور", "نور"),
        ("日本", "日本"),
        ("🦊", "🦊"),
        ("\u200b\u3164", "someone"),
        ("", "someone"),
        ("x" * 99, "x" * NAME_LIMIT),
        ("Ana\U000e0041", "Ana"),
    ],
)
def test_names_become_one_short_visible_line(name, shown):
    assert safe_name(name) == unicodedata.normalize("NFKC", shown)


@given(st.text(max_size=80))
def test_no_name_keeps_anything_hidden(name):
    shown = safe_name(name)
    assert 0 < len(shown) <= NAME_LIMIT
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for char in shown)


def test_long_texts_are_whole_up_to_the_limit():
    assert safe_text("a" * TEXT_LIMIT) == "a" * TEXT_LIMIT
    assert safe_text("a" * (TEXT_LIMIT + 1)) == "a" * TEXT_LIMIT + CUT_MARK


def test_texts_keep_what_writing_needs():
    for text in (
        "👩‍👩‍👧",
        "می\u200cخواهم",
        "שלום\u200f!",
        "a\nb",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ):
        assert text_of(said(text)) == text


def test_text_hidden_in_tag_characters_is_dropped():
    assert safe_text("hi\U000e0069\U000e0067\U000e006e\U000e006f") == "hi"


def test_line_breaks_of_every_kind_are_escaped():
    written = quote_line(said("a\u2028b\u2029c\x85d\ne\x0bf\x1cg"), "Mira")
    assert len(written.splitlines()) == 1


def test_mentions_read_as_codes_and_hers_as_her_name():
    message = said("<@900> ask <@!1> or <@2>", mentions_self=True)
    assert text_of(message, UserId(900)) == f"@Mira ask @{short_code('u', 1)} or @{short_code('u', 2)}"


def test_lone_mention_in_a_line_that_mentions_her_is_hers():
    assert text_of(said("hey <@900>", mentions_self=True)) == "hey @Mira"
    assert text_of(said("hey <@900>")) == f"hey @{short_code('u', 900)}"


def test_who_is_mentioned_is_named_beside_the_text():
    names = {1: "Ana", 2: "Juno", 3: "M\u0456ra\n", 4: "system", 5: "not in the text", 900: "Mira"}
    mentioned = tuple((UserId(number), name) for number, name in names.items())
    message = said("<@1> <@2> <@900>", mentions_self=True, forwards=("<@4>",), mentioned_names=mentioned)
    message = replace(message, quote=Quote(UserId(7), "Ben", "<@!3>"))
    line = json.loads(quote_line(message, "Mira", UserId(900)))
    codes = [short_code("u", number) for number in (2, 3, 4)]
    assert line["mentions"] == dict(zip(codes, ("Juno", "M\u0456ra (not you)", "system (only a name)"), strict=True))
    known = names_by_code([message])
    assert (known[codes[0]], known[codes[1]], known[short_code("u", 5)]) == ("Juno", "M\u0456ra", "not in the text")
    assert "mentions" not in json.loads(quote_line(said("<@2> <@1>"), "Mira"))


def test_of_a_roll_call_the_first_are_named_and_all_are_known():
    mentioned = tuple((UserId(number), f"P{number}") for number in range(10, 30))
    message = said(" ".join(f"<@{one}>" for one, _ in mentioned), mentioned_names=mentioned)
    line = json.loads(quote_line(message, "Mira", UserId(900)))
    assert list(line["mentions"].values()) == [f"P{number}" for number in range(10, 10 + MENTIONS_MOST)]
    known = names_by_code([message])
    assert {known[short_code("u", one)] for one, _ in mentioned} == {name for _, name in mentioned}


def test_a_code_shown_without_a_name_is_known_as_nobodys():
    known = names_by_code([said("<@77>", reply_to_id=MessageId(78), quote=Quote(UserId(7), "Ben", "<@79>"))])
    nobodys = {short_code("u", 77), short_code("u", 79), short_code("m", 78)}
    assert {code for code, name in known.items() if not name} == nobodys


def test_attachments_and_stickers_are_described():
    things = (
        Attachment("Wave", "", 0, kind="sticker"),
        Attachment("a\nb.png", "image/png; charset=x", 3 * 1024 * 1024),
        Attachment("notes", "", 12),
    )
    assert describe_attachments(things) == ["sticker: Wave", "image/png: a b.png (3 MB)", "file: notes (12 bytes)"]


def test_more_attachments_than_discord_sends_are_counted():
    assert describe_attachments((Attachment("a", "", 1),) * 12)[-1] == "2 more"


def test_sticker_only_message_is_a_line_without_words():
    line = json.loads(quote_line(said("", attachments=(Attachment("Wave", "", 0, kind="sticker"),)), "Mira"))
    assert line["text"] == "" and line["attachments"] == ["sticker: Wave"]


def test_voice_messages_are_named_with_their_length():
    voice = Attachment("voice-message.ogg", "audio/ogg", 9_000, kind="voice", duration_s=12.4)
    unknown = Attachment("voice-message.ogg", "audio/ogg", 9_000, kind="voice")
    assert describe_attachments((voice, unknown)) == ["voice message (12 s), not heard", "voice message, not heard"]
