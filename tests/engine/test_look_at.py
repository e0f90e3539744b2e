"""Looking at what came with a turn: all at once, in time, and without keeping anything."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.ids import ChannelId, MessageId, TurnId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Reach
from bot.domain.pictures import FILE_BYTES_MOST, PICTURE_BYTES_MOST, Picture, QuotedFile
from bot.domain.turn import Claim
from bot.engine.look_at import LookAt, Seen
from bot.errors import DeliveryError

DM = Channel(ChannelId(3), ChannelKind.DM)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
GONE = DeliveryError("gone", code=0, retryable=False)


class Shelf:
    """A source and preparer in one: files by name; those named slow never come, broken ones are no pictures."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.at_once = self.most_at_once = 0
        self.made: list[weakref.ref[Picture]] = []

    async def fetch(self, url: str, *, most_bytes: int) -> bytes:
        self.asked.append((url, most_bytes))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(60 if "slow" in url else 0.01)
        finally:
            self.at_once -= 1
        if "gone" in url:
            raise GONE
        return b"\x00\x01" if "binary" in url else f"bytes of {url}".encode()

    async def prepare(self, picture: Picture) -> Picture:
        if "broken" in picture.name:
            raise GONE
        made = replace(picture, mime="image/png", content=picture.content.upper())
        self.made.append(weakref.ref(made))
        return made


def claim(*names: str, overheard: tuple[str, ...] = (), by: int = 2) -> Claim:
    def said(number: int, name: str, author: int = 1) -> Message:
        attachment = Attachment(name, "", 10, url=f"x:{name}")
        return Message(MessageId(number), DM, Person(UserId(author), "Ada"), "", NOW, attachments=(attachment,))

    lines = tuple(said(number, name) for number, name in enumerate(names, start=1))
    heard = tuple(replace(said(0, name, by), reach=Reach.JOINING) for name in overheard)
    return Claim(TurnId(1), DM, lines, NOW, overheard=heard)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def look_at(shelf: Shelf, sees: Callable[[], bool] = lambda: True) -> LookAt:
    return LookAt(shelf, shelf, sees_pictures=sees, within=timedelta(seconds=0.3))


async def test_pictures_and_files_come_at_once_and_in_order(shelf):
    seen = await look_at(shelf)(claim("a.png", "b.txt", "c.jpg"))
    assert seen.pictures == (
        Picture("image/png", b"BYTES OF X:A.PNG", "a.png", MessageId(1)),
        Picture("image/png", b"BYTES OF X:C.JPG", "c.jpg", MessageId(3)),
    )
    assert seen.files == (QuotedFile("b.txt", "bytes of x:b.txt", MessageId(2)),)
    assert seen.notes == () and shelf.most_at_once == 3
    assert dict(shelf.asked) == {
        "x:a.png": PICTURE_BYTES_MOST,
        "x:b.txt": FILE_BYTES_MOST,
        "x:c.jpg": PICTURE_BYTES_MOST,
    }


async def test_what_fails_or_takes_too_long_is_a_note(shelf):
    begun = asyncio.get_running_loop().time()
    seen = await look_at(shelf)(claim("gone.png", "slow.png", "broken.png", "good.png", "slow.txt", "binary.txt"))
    assert [one.name for one in seen.pictures] == ["good.png"] and seen.files == ()
    assert seen.notes == ("picture not opened", "file not opened")
    assert asyncio.get_running_loop().time() - begun < 1.0 and shelf.at_once == 0


async def test_a_model_without_eyes_is_fetched_no_pictures(shelf):
    seen = await look_at(shelf, lambda: False)(claim("a.png", "b.txt"))
    assert seen.pictures == () and len(seen.files) == 1
    assert [url for url, _ in shelf.asked] == ["x:b.txt"]


async def test_what_who_asks_sent_right_before_is_looked_at_as_well(shelf):
    seen = await look_at(shelf)(claim("song.mp3", overheard=("a.png", "b.txt"), by=1))
    assert [one.name for one in (*seen.pictures, *seen.files)] == ["a.png", "b.txt"]


async def test_what_was_sent_and_is_not_shown_is_counted(shelf):
    names = [f"{number}.png" for number in range(6)]
    assert (await look_at(shelf)(claim(*names, "gone.txt", "b.txt"))).unseen == 3
    assert (await look_at(shelf, lambda: False)(claim(*names, "gone.txt"))).unseen == 1


async def test_nothing_is_fetched_for_talk_alone_or_of_what_others_were_overheard_to_send(shelf):
    assert await look_at(shelf)(claim("song.mp3", overheard=("a.png", "b.txt"))) == Seen()
    assert shelf.asked == []


async def test_giving_up_the_turn_gives_up_the_fetching(shelf):
    looking = asyncio.create_task(look_at(shelf)(claim("slow.png", "slow.txt")))
    await asyncio.sleep(0.05)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert shelf.at_once == 0


async def test_nothing_keeps_a_picture_once_it_was_seen(shelf):
    looks = look_at(shelf)
    seen = await looks(claim("a.png", "gone.png", "b.png"))
    assert len(seen.pictures) == 2 and all(made() is not None for made in shelf.made)
    del seen
    gc.collect()
    assert all(made() is None for made in shelf.made)
