"""What will be said and what will break, when: made from a seed alone, so that a run can be had again."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

PEOPLE = 14  # each with a direct message of their own
ROOMS = 3  # server channels, each with several people in it
PEOPLE_IN_ROOM = 5
ALONE_SHARE = 0.4  # of the time, at the end, one process does everything on its embedded database
LIGHT_EVERY_S, HEAVY_EVERY_S = 1.5, 4.0
BURST_SIZES = (1, 1, 1, 2, 2, 3, 5)
EDITED, DELETED, TYPING = 0.04, 0.03, 0.15  # shares of what is said


class Kind(StrEnum):
    """Everything that can break, and how."""

    KILL_GATEWAY = "kill -9 of the gateway"
    KILL_WORKER = "kill -9 of a worker"
    KILL_BUSY = "kill -9 in the middle of a turn"
    KILL_BOTS = "kill -9 of every process of the bot"
    KILL_ALL_IN_ONE = "kill -9 of the one process"
    FREEZE = "a worker frozen, its connections cut, thawed"
    END_WORKER = "SIGTERM of a worker"
    KILL_POSTGRES = "kill -9 of Postgres, all of it"
    KILL_POSTMASTER = "kill -9 of Postgres' first process"
    KILL_BACKEND = "kill -9 of one backend"
    RESTART_POSTGRES = "Postgres restarted"
    KILL_EVERYTHING = "kill -9 of Postgres and of every process of the bot"
    END_SESSIONS = "every database session terminated"
    CUT_DATABASE = "every database socket reset"
    STALL_DATABASE = "the database silent for a while"
    DROP_GATEWAY = "gateway socket reset"
    LOSE_SESSION = "gateway socket reset, session gone"
    INVALID_SESSION = "gateway session declared invalid"
    RECONNECT = "gateway asks to reconnect"
    CUT_DISCORD = "every socket to Discord reset"
    DUPLICATES = "gateway events twice"
    REORDER = "gateway events out of order"
    SEND_429 = "429 of a route"
    SEND_429_GLOBAL = "429 of everything"
    SEND_5XX = "5xx while sending"
    SEND_CUT_BEFORE = "cut before Discord took the message"
    SEND_CUT_AFTER = "cut after Discord took the message"
    SEND_SLOW = "Discord slow to take messages"
    MODEL_429 = "429 of the model"
    MODEL_5XX = "5xx of the model"
    MODEL_RESET = "model resets the connection"
    MODEL_CUT = "model cut in the middle of its answer"
    MODEL_ENDS_EARLY = "model ends in the middle of its answer"
    MODEL_ERROR_EVENT = "model sends an error in the middle of its answer"
    MODEL_STALL = "model slow to begin"
    MODEL_EMPTY = "model answers nothing"
    MODEL_OUTAGE = "model down for seconds"
    CUT_MODEL = "every socket to the model reset"


_LIGHT = ("SEND", "MODEL", "CUT_MODEL", "CUT_DISCORD")  # whoever sends and asks
LIGHT = (
    *(kind for kind in Kind if kind.name.startswith(_LIGHT)),
    Kind.DROP_GATEWAY,
    Kind.LOSE_SESSION,
    Kind.INVALID_SESSION,
    Kind.RECONNECT,
    Kind.DUPLICATES,
    Kind.REORDER,
    Kind.END_SESSIONS,
)
LIGHT_SPREAD = (*LIGHT, Kind.CUT_DATABASE, Kind.STALL_DATABASE)
HEAVY = (Kind.KILL_POSTGRES, Kind.KILL_POSTMASTER, Kind.KILL_BACKEND, Kind.KILL_EVERYTHING)
HEAVY_SPREAD = (
    *HEAVY,
    Kind.KILL_GATEWAY,
    Kind.KILL_WORKER,
    Kind.KILL_BUSY,
    Kind.KILL_BUSY,
    Kind.KILL_BOTS,
    Kind.FREEZE,
    Kind.END_WORKER,
    Kind.RESTART_POSTGRES,
)
HEAVY_ALONE = (*HEAVY, Kind.KILL_ALL_IN_ONE, Kind.KILL_ALL_IN_ONE, Kind.KILL_ALL_IN_ONE)


@dataclass(frozen=True, slots=True)
class Strike:
    """One thing that breaks, *after_s* seconds after the one before it; *size* from 0 to 1 says how badly."""

    after_s: float
    kind: Kind
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """One message: who says it, where (the person's own direct message, or a room), and what becomes of it."""

    at: float
    number: int
    person: int
    room: int | None
    words: int
    typing_before_s: float | None = None
    edited_after_s: float | None = None
    deleted_after_s: float | None = None

    @property
    def token(self) -> str:
        """Give the word that stands in this message and in no other."""
        return f"t{self.number:05d}"


@dataclass(frozen=True, slots=True)
class Strikes:
    """What breaks while the processes are arranged in one way: light things beside heavy ones.

    There is more of both than a run has time for. Heavy strikes mostly wait until everybody is up again.
    """

    light: tuple[Strike, ...]
    heavy: tuple[Strike, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run; the processes are spread over roles first, and one does everything from *alone_from_s* on."""

    seed: int
    duration_s: float
    alone_from_s: float
    lines: tuple[Line, ...]
    spread: Strikes
    alone: Strikes

    @classmethod
    def made(cls, *, seed: int, duration_s: float, messages: int) -> Plan:
        """Make the plan of *seed*."""
        chance = random.Random(seed)
        lines = tuple(_talk(chance, duration_s, messages))
        spread, alone = (
            Strikes(
                tuple(_strikes(chance, duration_s, LIGHT_EVERY_S, light)),
                tuple(_strikes(chance, duration_s, HEAVY_EVERY_S, heavy)),
            )
            for light, heavy in ((LIGHT_SPREAD, HEAVY_SPREAD), (LIGHT, HEAVY_ALONE))
        )
        return cls(seed, duration_s, duration_s * (1 - ALONE_SHARE), lines, spread, alone)


def _talk(chance: random.Random, duration_s: float, messages: int) -> Iterable[Line]:
    """Spread bursts evenly over the time; each is one person's, in one place."""
    bursts = []
    left = messages
    while left > 0:
        bursts.append(min(left, chance.choice(BURST_SIZES)))
        left -= bursts[-1]
    found = []
    for size in bursts:
        at = chance.uniform(0, duration_s)
        person = chance.randrange(PEOPLE)
        room = chance.randrange(ROOMS) if person < PEOPLE_IN_ROOM and chance.random() < 0.5 else None
        for step in range(size):
            at += chance.uniform(0.02, 0.5) if step else 0
            found.append((at, person, room))
    for number, (at, person, room) in enumerate(sorted(found), start=1):
        yield Line(
            at=at,
            number=number,
            person=person,
            room=room,
            words=chance.randrange(1, 12),
            typing_before_s=chance.uniform(0.1, 1.0) if chance.random() < TYPING else None,
            edited_after_s=chance.uniform(0.01, 3.0) if chance.random() < EDITED else None,
            deleted_after_s=chance.uniform(0.01, 3.0) if chance.random() < DELETED else None,
        )


def _strikes(chance: random.Random, duration_s: float, every_s: float, deck: tuple[Kind, ...]) -> Iterator[Strike]:
    """Deal strikes for at least *duration_s*."""
    dealt = _dealt(chance, deck)
    for _ in range(int(duration_s / every_s * 2)):
        yield Strike(chance.uniform(0.5, 1.5) * every_s, next(dealt), chance.random())


def _dealt(chance: random.Random, kinds: tuple[Kind, ...]) -> Iterator[Kind]:
    """Deal shuffled decks: each kind comes before any comes again."""
    while True:
        deck = list(kinds)
        chance.shuffle(deck)
        yield from deck
