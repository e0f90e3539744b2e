"""Look at what came with the lines of a turn: fetch its pictures and text files, ready for the prompt.

What was fetched lives in the turn alone. Whatever cannot be had in time is left out: nobody waits for a picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bot.domain.pictures import (
    FILE_BYTES_MOST,
    LOOKING_MOST,
    PICTURE_BYTES_MOST,
    Picture,
    QuotedFile,
    Shown,
    files_among,
    files_sent,
    pictures_among,
    pictures_sent,
    read_text,
    with_lines_before,
)
from bot.domain.turn import Claim
from bot.errors import DeliveryError
from bot.room_ports import FileSource, PicturePreparer

PICTURE_NOT_OPENED = "picture not opened"
FILE_NOT_OPENED = "file not opened"
Opened = TypeVar("Opened")


@dataclass(frozen=True, slots=True)
class Seen:
    """What she sees of it, oldest first; *notes* say in short stable words what could not be opened.

    *unseen* counts pictures and text files that came as well: too many, too large, or not to be opened.
    """

    pictures: tuple[Picture, ...] = ()
    files: tuple[QuotedFile, ...] = ()
    notes: tuple[str, ...] = ()
    unseen: int = 0


class LookAt:
    """Looks at what came with a turn's lines.

    *sees_pictures* says whether the model takes any: for one that does not, none is fetched. *within* is how long the
    whole may take.
    """

    def __init__(
        self,
        source: FileSource,
        prepare: PicturePreparer,
        *,
        sees_pictures: Callable[[], bool],
        within: timedelta = LOOKING_MOST,
    ) -> None:
        self._source = source
        self._prepare = prepare
        self._sees_pictures = sees_pictures
        self._within = within

    async def __call__(self, claim: Claim) -> Seen:
        """Fetch what the limits of `bot.domain.pictures` allow, all at once; a failure is a note."""
        lines = with_lines_before(claim.messages, claim.overheard)
        sees = self._sees_pictures()
        pictures, files = pictures_among(lines) if sees else (), files_among(lines)
        sent = (pictures_sent(lines) if sees else 0) + files_sent(lines)
        if not pictures and not files:
            return Seen(unseen=sent)
        until = asyncio.get_running_loop().time() + self._within.total_seconds()
        async with asyncio.TaskGroup() as group:
            opening = [group.create_task(_or_none(self._picture(one), until)) for one in pictures]
            reading = [group.create_task(_or_none(self._file(one), until)) for one in files]
        opened, read = [one.result() for one in opening], [one.result() for one in reading]
        seen = tuple(one for one in opened if one is not None)
        quoted = tuple(one for one in read if one is not None)
        notes = (*_missing(opened, PICTURE_NOT_OPENED), *_missing(read, FILE_NOT_OPENED))
        return Seen(seen, quoted, notes, unseen=sent - len(seen) - len(quoted))

    async def _picture(self, shown: Shown) -> Picture:
        content = await self._source.fetch(shown.url, most_bytes=PICTURE_BYTES_MOST)
        return await self._prepare.prepare(Picture("", content, shown.name, shown.of))

    async def _file(self, shown: Shown) -> QuotedFile | None:
        text = read_text(await self._source.fetch(shown.url, most_bytes=FILE_BYTES_MOST))
        return None if text is None else QuotedFile(shown.name, text, shown.of)


async def _or_none(opening: Awaitable[Opened | None], until: float) -> Opened | None:
    try:
        async with asyncio.timeout_at(until):
            return await opening
    except (TimeoutError, DeliveryError):
        return None


def _missing(opened: Sequence[object | None], note: str) -> tuple[str, ...]:
    return (note,) if None in opened else ()
