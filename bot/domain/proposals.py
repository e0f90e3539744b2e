"""Read what an answer proposed to remember; nothing of it is trusted, and what is misshapen is dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.ids import MessageId, UserId, short_code
from bot.domain.memory import SALIENCE_LEAST, SALIENCE_MOST, MemoryKind
from bot.domain.when import read_when

PLAIN_SALIENCE = 3
PROMISE_SALIENCE = 6
HERS = "you"  # who promises, where it is she
DUE_WITHIN = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may become a memory of *owner_id*, by the line *message_id* where one is named.

    *about_id* is whom it tells of, where that is not the owner. *is_promised* marks what came as a promise, *is_hers*
    one of her own.
    """

    kind: MemoryKind
    text: str
    salience: int
    message_id: MessageId | None
    owner_id: UserId | None
    about_id: UserId | None = None
    is_sensitive: bool = False
    is_promised: bool = False
    is_hers: bool = False
    due_at: datetime | None = None


def read_proposals(tail: Mapping[str, object], people: Sequence[UserId], now: datetime) -> Iterator[Proposal]:
    """Give the memories, then the promises in *tail*; *people* are whose lines the turn answered."""
    codes = {short_code("u", one): one for one in people}
    for item in _items(tail.get("memories")):
        yield _memory(item, codes)
    for item in _items(tail.get("promises")):
        who = item.get("who")
        if who == HERS or who in codes:
            yield _promise(item, codes, now)


def _memory(item: Mapping[str, object], codes: Mapping[str, UserId]) -> Proposal:
    owner, about = _number(item.get("owner_id")), _number(item.get("about_id"))
    if about is None and isinstance(item.get("about"), str):
        about = codes.get(str(item["about"]))
    return Proposal(
        kind=_kind(item.get("kind")),
        text=str(item["text"]),
        salience=_salience(item.get("salience")),
        message_id=None if (line := _number(item.get("message_id"))) is None else MessageId(line),
        owner_id=None if owner is None else UserId(owner),
        about_id=None if about is None or about == owner else UserId(about),
        is_sensitive=item.get("sensitive") is True,
    )


def _promise(item: Mapping[str, object], codes: Mapping[str, UserId], now: datetime) -> Proposal:
    is_hers = item.get("who") == HERS
    owner = _number(item.get("owner_id")) if is_hers else codes.get(str(item.get("who")))
    line = _number(item.get("message_id"))
    return Proposal(
        kind=MemoryKind.PROMISE,
        text=str(item["text"]),
        salience=PROMISE_SALIENCE,
        message_id=None if line is None else MessageId(line),
        owner_id=None if owner is None else UserId(owner),
        is_promised=True,
        is_hers=is_hers,
        due_at=_due(item.get("due"), now),
    )


def _items(raw: object) -> Iterator[Mapping[str, object]]:
    for item in raw if isinstance(raw, (list, tuple)) else ():
        if isinstance(item, Mapping) and isinstance(item.get("text"), str):
            yield item


def _number(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _kind(raw: object) -> MemoryKind:
    try:
        kind = MemoryKind(str(raw).casefold())
    except ValueError:
        return MemoryKind.FACT
    return MemoryKind.FACT if kind is MemoryKind.PORTRAIT else kind


def _salience(raw: object) -> int:
    number = _number(raw)
    return PLAIN_SALIENCE if number is None else max(SALIENCE_LEAST, min(SALIENCE_MOST, number))


def _due(raw: object, now: datetime) -> datetime | None:
    """Read when a promise is due; a time that is over, or that nobody means, is none."""
    due = read_when(raw, now, UTC) if isinstance(raw, str) else None
    return due if due is not None and now <= due <= now + DUE_WITHIN else None
