"""The labelled group talk: read it, feed it to what decides, count what came of it.

``python -m tests.data.group_talk`` prints the figures of the talk that was learnt from; ``--held-out FILE`` those of
talk that was not, as totals alone, so that nobody tunes on it by accident.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.personas import read_companion
from bot.domain.attention import Decision, Features, Outcome, decide
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Person, Reach, Speaker
from bot.domain.names import Names
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.room_window import RoomWindow, Surroundings

FILE = Path(__file__).with_suffix(".jsonl")  # what was learnt from
HELD_OUT = FILE.with_name("group_talk_2.jsonl")  # what was not
SHA256 = "dfb900def400549097cffa6e1112b40d616a09ba09e6ed42963c3d7050bd5aa3"
HER_ID = UserId(1)
BEGAN = datetime(2026, 11, 20, 18, tzinfo=UTC)
CHANNEL = Channel(ChannelId(7), ChannelKind.GUILD, GuildId(8))
LISTENING = RoomPolicy(hearing=Hearing.LISTEN)


@dataclass(frozen=True)
class Judged:
    """A labelled line and what was decided of it."""

    transcript: str
    language: str
    index: int
    label: str
    features: Features
    decision: Decision


@dataclass
class Figures:
    """How often she spoke where she should, and where she should not."""

    hits: int = 0
    misses: int = 0
    false_alarms: int = 0
    rests: int = 0
    considered_hits: int = 0
    considered_rests: int = 0
    musts: int = 0
    musts_met: int = 0

    def count(self, judged: Judged) -> None:
        """Count one line; a cheap call counts as silence."""
        speaks = judged.decision.outcome is Outcome.ANSWER
        considers = judged.decision.outcome is Outcome.CONSIDER
        if judged.label == "must":
            self.musts += 1
            self.musts_met += speaks and judged.decision.reach is Reach.ASKED
        elif judged.label == "speak":
            self.hits += speaks
            self.misses += not speaks
            self.considered_hits += considers
        else:
            self.false_alarms += speaks
            self.rests += not speaks
            self.considered_rests += considers

    def precision(self, *, with_must: bool) -> float:
        """Give how many of the lines she spoke at were hers."""
        right = self.hits + (self.musts_met if with_must else 0)
        return right / max(1, right + self.false_alarms)

    def recall(self, *, with_must: bool, with_calls: bool = False) -> float:
        """Give how many of her lines she spoke at; *with_calls* takes every cheap call to be right."""
        right = self.hits + (self.musts_met if with_must else 0) + (self.considered_hits if with_calls else 0)
        return right / max(1, self.hits + self.misses + (self.musts if with_must else 0))


def transcripts(file: Path = FILE) -> list[dict]:
    """Read them all."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def her_names() -> Names:
    """Give her names as they ship."""
    mira = read_companion("mira")
    return Names(mira.name, mira.nicknames, mira.spellings, mira.homographs)


def messages_of(transcript: dict) -> Iterator[tuple[Message, str | None]]:
    """Give the lines as Discord would, each with its label."""
    people = {
        one["id"]: (Person(UserId(100 + number), one["name"], bool(one.get("bot"))), one)
        for number, one in enumerate(transcript["people"])
    }
    her = Person(HER_ID, "Mira", is_bot=True)
    lines = transcript["lines"]

    def author(code: str) -> Person:
        return her if code == "mira" else people[code][0]

    for number, line in enumerate(lines):
        mentioned = [author(code).user_id for code in line.get("mentions", ())]
        reply_to = line.get("reply_to")
        replied = None if reply_to is None else author(lines[reply_to]["by"]).user_id
        text = line["text"]
        for code in line.get("mentions", ()):
            text = text.replace(f"<@{code}>", f"<@{author(code).user_id}>")
        who = author(line["by"])
        speaker = Speaker.SELF if who is her else Speaker.BOT if who.is_bot else Speaker.PERSON
        yield (
            Message(
                message_id=MessageId(1000 + number),
                channel=CHANNEL,
                author=who,
                content=text,
                sent_at=BEGAN + timedelta(seconds=line["at"]),
                speaker=speaker,
                reply_to_id=None if reply_to is None else MessageId(1000 + reply_to),
                replies_to_self=replied == HER_ID and who is not her,
                mentions_self=HER_ID in mentioned,
                reply_to_user_id=replied,
                mentioned_ids=tuple(one for one in mentioned if one != HER_ID),
                mentions_all="@everyone" in text or "@here" in text,
            ),
            line.get("label"),
        )


def judge(transcript: dict, names: Names) -> Iterator[Judged]:
    """Let a transcript be heard line by line, as she hears a channel; her own lines are as they stand there."""
    window = RoomWindow(names, HER_ID)
    for index, (message, label) in enumerate(messages_of(transcript)):
        if message.speaker is Speaker.SELF:
            window.note(message, None)
            continue
        # calls are on hand so that the grey zone shows; what they cost is not counted, and none is made
        features = window.look(message, Surroundings(now=message.sent_at, calls_left=100))
        decision = decide(features, LISTENING, is_quiet=False)
        window.note(message, decision)
        if label is not None:
            yield Judged(transcript["id"], transcript["language"], index, label, features, decision)


def figures(judged: Iterable[Judged]) -> Figures:
    """Count them."""
    counted = Figures()
    for one in judged:
        counted.count(one)
    return counted


@dataclass
class Measured:
    """Figures of a set of transcripts, in all and by language."""

    all: Figures = field(default_factory=Figures)
    by_language: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))


def measure(file: Path = FILE) -> Measured:
    """Measure one set."""
    found = Measured()
    names = her_names()
    for transcript in transcripts(file):
        for one in judge(transcript, names):
            found.all.count(one)
            found.by_language[one.language].count(one)
    return found


def _row(name: str, one: Figures) -> str:
    return (
        f"{name:8} precision {one.precision(with_must=True):.3f} recall {one.recall(with_must=True):.3f}; without must "
        f"{one.precision(with_must=False):.3f} {one.recall(with_must=False):.3f}; must {one.musts_met}/{one.musts}; "
        f"hit {one.hits} missed {one.misses} false {one.false_alarms} rest {one.rests}; "
        f"calls {one.considered_hits}+{one.considered_rests}, recall with right calls "
        f"{one.recall(with_must=True, with_calls=True):.3f} / {one.recall(with_must=False, with_calls=True):.3f}\n"
    )


def main() -> None:
    """Print the figures of one set."""
    parser = argparse.ArgumentParser(description="Measure attention on labelled group talk; totals alone.")
    parser.add_argument("--held-out", metavar="FILE", type=Path, help="talk that was not learnt from")
    found = measure(parser.parse_args().held_out or FILE)
    sys.stdout.write(_row("all", found.all))
    for language, one in sorted(found.by_language.items()):
        sys.stdout.write(_row(language, one))


if __name__ == "__main__":
    main()
