"""Which pictures and files of a turn are looked at, and what a text file says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Quote
from bot.domain.pictures import (
    FILE_BYTES_MOST,
    FILE_CHARS_MOST,
    PICTURE_BYTES_MOST,
    files_among,
    is_picture,
    is_text,
    pictures_among,
    pictures_sent,
    read_text,
    with_lines_before,
)

ADA = Person(UserId(1), "Ada")
BY_ONE = st.sampled_from(["cat.png", "notes.md", "song.mp3"])


def attached(
    name: str, content_type: str = "", size: int = 100, kind: str = "attachment", url: str | None = ""
) -> Attachment:
    return Attachment(name, content_type, size, kind, f"https://cdn.discordapp.com/{name}?ex=1" if url == "" else url)


def line(number: int, *attachments: Attachment, quote: tuple[Attachment, ...] = (), to: int | None = None) -> Message:
    return Message(
        MessageId(number),
        Channel(ChannelId(3), ChannelKind.DM),
        ADA,
        "",
        datetime(2026, 11, 21, tzinfo=UTC),
        attachments=attachments,
        reply_to_id=None if to is None else MessageId(to),
        quote=Quote(UserId(2), "Ben", "look", attachments=quote) if quote else None,
    )


@pytest.mark.parametrize(
    ("attachment", "picture", "text"),
    [
        (attached("cat.png", "image/png"), True, False),
        (attached("cat.JPG"), True, False),
        (attached("cat.webp", "application/octet-stream"), True, False),
        (attached("cat", "image/gif; charset=x"), True, False),
        (attached("cat.svg", "image/svg+xml"), False, False),
        (attached("cat.heic", "image/heic"), False, False),
        (attached("cat.png", "application/pdf"), False, False),
        (attached("cat.png", "image/png", kind="sticker"), False, False),
        (attached("voice.ogg", "audio/ogg", kind="voice"), False, False),
        (attached("notes.txt", "text/plain; charset=utf-8"), False, True),
        (attached("data.json", "application/json"), False, True),
        (attached("data.csv"), False, True),
        (attached("main.rs", "application/octet-stream"), False, True),
        (attached("video.ts", "video/mp2t"), False, True),
        (attached("song.py", "audio/mpeg"), False, False),
        (attached("book.pdf", "application/pdf"), False, False),
        (attached("Makefile"), False, False),
    ],
)
def test_kinds(attachment, picture, text):
    assert (is_picture(attachment), is_text(attachment)) == (picture, text)


def test_newest_pictures_are_kept_and_shown_oldest_first():
    lines = tuple(line(number, attached(f"{number}.png")) for number in range(1, 8))
    assert [shown.of for shown in pictures_among(lines)] == [4, 5, 6, 7]
    crowd = line(9, *(attached(f"{number}.png") for number in range(6)))
    assert [shown.name for shown in pictures_among((*lines, crowd))] == ["0.png", "1.png", "2.png", "3.png"]


def test_pictures_of_the_line_replied_to_count_once():
    cat, dog = attached("cat.png"), attached("dog.png")
    again = attached("cat.png", url="https://cdn.discordapp.com/cat.png?ex=2")
    assert [(one.name, one.of) for one in pictures_among((line(5, dog, quote=(cat,), to=4),))] == [
        ("cat.png", 4),
        ("dog.png", 5),
    ]
    both = (line(4, cat), line(5, quote=(again,), to=4), line(6, quote=(cat,), to=4))
    assert [(one.name, one.of) for one in pictures_among(both)] == [("cat.png", 4)]


def test_what_its_author_sent_right_before_a_line_belongs_to_it():
    def at(number: int, seconds: int, author: Person = ADA) -> Message:
        when = datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(seconds=seconds)
        return replace(line(number, attached(f"{number}.png")), sent_at=when, author=author)

    ben = Person(UserId(2), "Ben")
    early, just, bens, later = at(1, 0), at(2, 1), at(3, 100, ben), at(9, 130)
    asked = replace(at(5, 121), attachments=())
    assert with_lines_before((asked,), (early, just, bens, later)) == (just, asked)
    assert [one.of for one in pictures_among(with_lines_before((asked,), (early, just, bens)))] == [2]
    of_both = with_lines_before((replace(asked, author=ben), replace(at(7, 130), attachments=())), (just, bens))
    assert [one.message_id for one in of_both] == [3, 5, 7]
    assert with_lines_before((asked,), (early,)) == (asked,)


def test_what_was_sent_is_counted_whatever_its_size():
    crowd = line(9, *(attached(f"{number}.png", size=PICTURE_BYTES_MOST + number) for number in range(6)))
    assert (pictures_sent((crowd,)), len(pictures_among((crowd,)))) == (6, 1)


def test_what_is_too_large_or_gone_is_only_named():
    large = (attached("a.png", size=PICTURE_BYTES_MOST + 1), attached("a.txt", size=FILE_BYTES_MOST + 1))
    gone = (attached("b.png", url=None), attached("b.txt", url=None))
    assert not pictures_among((line(1, *large, *gone),)) and not files_among((line(1, *large, *gone),))
    fits = line(2, attached("c.png", size=PICTURE_BYTES_MOST), *(attached(f"{name}.txt") for name in "abc"))
    assert len(pictures_among((fits,))) == 1 and [one.name for one in files_among((fits,))] == ["a.txt", "b.txt"]


@given(st.lists(st.lists(BY_ONE, max_size=4), max_size=6))
def test_choice_is_bounded_in_order_and_of_its_kind(names):
    lines = tuple(
        line(number, *(attached(f"{number}{at}{name}") for at, name in enumerate(of)))
        for number, of in enumerate(names)
    )
    for chosen, most, ending in ((pictures_among(lines), 4, ".png"), (files_among(lines), 2, ".md")):
        had = sum(name.endswith(ending) for of in names for name in of)
        assert len(chosen) == min(most, had)
        assert [one.of for one in chosen] == sorted(one.of for one in chosen)
        assert all(one.name.endswith(ending) for one in chosen)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("Grüße\r\n\tda".encode(), "Grüße\n\tda"),
        ("\ufeffGrüße".encode(), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        ("Grüße".encode("cp1252"), "Grüße"),
        (b"a\x1b[31mb\x00", None),
        (b"a\x1b[31mb", "a[31mb"),
        (bytes(range(256)), None),
        (b"\x89PNG\r\n\x1a\n\x00\x00", None),
    ],
)
def test_text_is_read_in_any_usual_encoding(content, text):
    assert read_text(content) == text


def test_long_text_is_cut_and_says_so():
    said = read_text("wörd ".encode() * 5000)
    assert said is not None and said.endswith("[the rest of the file is not shown]")
    assert len(said) < FILE_CHARS_MOST + 60


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_none(content):
    said = read_text(content)
    assert said is None or ("\0" not in said and "\x1b" not in said)
