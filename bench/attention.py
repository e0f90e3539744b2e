"""How long it takes to decide whether a line is hers, and what a day of rooms without a word for her costs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from time import perf_counter_ns

from bench.report import Row, Spread
from bot.adapters.personas import read_companion
from bot.domain.attention import Decision, Outcome, decide
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Person, Speaker
from bot.domain.names import Names
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.room_window import RoomWindow, Surroundings

HER_ID = UserId(1)
BEGAN = datetime(2026, 11, 20, tzinfo=UTC)
CHANNEL = Channel(ChannelId(7), ChannelKind.GUILD, GuildId(8))
LISTENING = RoomPolicy(hearing=Hearing.LISTEN)
TARGET_MS = 1.0
LINES, LINES_QUICK = 4_000, 600
CHANNELS = 50
CALLS_A_DAY = 200
# Every part of a decision has something to do: a full window, many people, names in and out of place, long lines.
PEOPLE = tuple(
    Person(UserId(100 + number), name)
    for number, name in enumerate(("Ada", "Ben", "leni 🌸", "Дима", "鈴木", "Marie-Claire", "o'neill", "Miriam"))
)
TALK = (
    "did you see the match",
    "yes, awful, the second half most of all",
    "Ben, did you bring the drill?",
    "in the shed, the green box",
    "Ada the parcel is with the neighbour",
    "lovely, thank you!",
    "the train was late again, forty minutes this time",
    "mine as well, they said it was the signals",
    "lol",
    "see you on friday then",
)
LONG = "and so it went on, as Mirabelle would have it, from one admirable page to the next, " * 20


async def run(*, is_quick: bool) -> list[Row]:
    """Measure both."""
    lines = LINES_QUICK if is_quick else LINES
    return [
        _row("decide on a line", _times(lines, TALK)),
        _row("decide on a line of 2,000 signs", _times(lines, (LONG,))),
    ] + [
        _idle(f"{CHANNELS} listening channels for a day, {name}", talk)
        for name, talk in (("no talk", ()), ("talk between others", TALK))
    ]


def _names() -> Names:
    mira = read_companion("mira")
    return Names(mira.name, mira.nicknames, mira.spellings, mira.homographs)


def _message(number: int, author: Person, text: str, at: datetime) -> Message:
    return Message(MessageId(number), CHANNEL, author, text[:2000], at)


def _heard(window: RoomWindow, message: Message, calls_left: int) -> Decision:
    features = window.look(message, Surroundings(now=message.sent_at, calls_left=calls_left))
    decision = decide(features, LISTENING, is_quiet=False)
    window.note(message, decision)
    return decision


def _times(lines: int, talk: tuple[str, ...]) -> list[float]:
    """Give the milliseconds that each line takes: looked at, decided on, noted."""
    window = RoomWindow(_names(), HER_ID)
    found: list[float] = []
    for number in range(lines):
        message = _message(
            number, PEOPLE[number % len(PEOPLE)], talk[number % len(talk)], BEGAN + timedelta(seconds=9 * number)
        )
        began = perf_counter_ns()
        _heard(window, message, 100)
        if number >= 60:  # the window is full
            found.append((perf_counter_ns() - began) / 1e6)
        if number % 7 == 0:
            own = Message(
                MessageId(10**9 + number), CHANNEL, Person(HER_ID, "Mira"), "well?", message.sent_at, Speaker.SELF
            )
            window.note(own, None)
    return found


def _row(figure: str, times_ms: list[float]) -> Row:
    spread = Spread.of(times_ms)
    return Row(
        figure=figure,
        target=f"median ≤ {TARGET_MS:.0f} ms",
        measured=f"median {spread.p50:.3f} ms, p95 {spread.p95:.3f} ms",
        is_met=spread.p50 <= TARGET_MS,
        runs=str(len(times_ms)),
        how="in process: window of 50 lines, 8 people; looked at, decided, noted; no embedding",
        values={"median_ms": spread.p50, "p95_ms": spread.p95},
    )


def _idle(figure: str, talk: tuple[str, ...]) -> Row:
    """Let every channel have its day, a line every five to eleven minutes where there is talk."""
    outcomes: Counter[Outcome] = Counter()
    names, numbers = _names(), count(1)
    for channel in range(CHANNELS if talk else 0):
        window = RoomWindow(names, HER_ID)
        at = BEGAN + timedelta(seconds=7 * channel)
        while talk and at < BEGAN + timedelta(days=1):
            number = next(numbers)
            author = PEOPLE[number % 2 + channel % 3]
            left = CALLS_A_DAY - outcomes[Outcome.CONSIDER]
            outcomes[_heard(window, _message(number, author, talk[number % len(talk)], at), left).outcome] += 1
            at += timedelta(seconds=300 + number * 37 % 360)
    calls = outcomes[Outcome.ANSWER] + outcomes[Outcome.CONSIDER]
    return Row(
        figure=figure,
        target="0 model calls",
        measured=f"{calls} model calls",
        is_met=calls == 0,
        runs=f"{outcomes.total()} lines",
        how="in process, chattiness as shipped; answers and cheap calls both count",
        values={"calls": float(calls), "lines": float(outcomes.total())},
    )
