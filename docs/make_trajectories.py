"""Plays two stories through the affect model, draws them, and writes their figures into docs/trajectories.md.

Run from the repository's root: `python -m docs.make_trajectories`. Nothing is measured by hand: the page's
tables are what the model computes, and a test compares them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.charts.canvas import GREEN, MUTED, ORANGE, SKY, WHITE, Anchor, Canvas, Mark
from bot.adapters.charts.plot import LABEL_SIZE, Field, Series
from bot.domain.affect.evaluation import Trial
from bot.domain.affect.personality import Ocean

DOCS = Path(__file__).parent
PAGE = DOCS / "trajectories.md"
IMAGES = DOCS / "images"
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

WIDTH, PANEL = 760.0, 196.0  # points
CROWDED = 70.0
DAY_H = 24.0
NATURE = Ocean(openness=0.6, extraversion=0.35, agreeableness=0.3)
FRIEND = "ann"
COLOURS = (ORANGE, SKY, GREEN, WHITE)
MARKS = (Mark.DISC, Mark.TRIANGLE, Mark.SQUARE, Mark.DISC)

KIND = {"warmth": 2, "desirability": 1, "praiseworthiness": 1, "trust_signal": 1, "confidence": 0.9}
INSULT = {
    "warmth": -3,
    "desirability": -2,
    "praiseworthiness": -3,
    "respect": -3,
    "trust_signal": -2,
    "confidence": 1.0,
}
APOLOGY = {"apology": 3, "warmth": 2, "praiseworthiness": 1, "respect": 1, "confidence": 0.9}
TEXTS = (
    "good morning, did you sleep well?",
    "I brought the book you told me about",
    "that was a really clever idea yesterday",
    "tell me more about your painting, please",
    "thanks for listening, it helped a lot",
    "the first snow fell here and I thought of our talk",
    "my sister laughed so hard at your joke",
    "how is everything going on your side today?",
    "soup is on the stove, wish you could smell this",
    "you were right about Marta after all",
    "we won the match, five to two!",
    "just passing by to wave",
    "what would you name a small grey cat?",
    "finished my exam, and it went fine",
    "grandma's garden is full of plums again",
    "which film shall I watch on this rainy evening?",
    "the bus broke down, so I walked along the river",
    "learning a Bach prelude, slowly",
    "hope nobody woke you last night",
    "bought tickets to the opera for both my parents",
    "there are ducks outside my window",
    "you make Mondays easier",
)  # more than the 20 that a new one is compared with

INSULT_H = 28 * DAY_H + 19.0  # after four weeks, in the evening
APOLOGY_H = INSULT_H + 48.0
STORY_END_H = 49 * DAY_H
KINDNESS_END_H = 14 * DAY_H
HOURLY = 20  # messages of one hour


@dataclass
class Story:
    """A trial and everything that was read from it on the way, by the name of the line it makes."""

    trial: Trial = field(default_factory=lambda: Trial("rich", NATURE))
    lines: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    stages: list[tuple[float, str]] = field(default_factory=list)

    def note(self, person: str) -> None:
        """Read what is felt now."""
        mood, at_h = self.trial.mood(), self.trial.now_h
        moods = {"pleasure": mood.pleasure, "arousal": mood.arousal, "dominance": mood.dominance}
        shared = {f"shared {name}": level for name, level in self.trial.emotions().items()}
        for name, value in {**moods, **shared, **self.trial.felt(person), **self.trial.sentiments(person)}.items():
            self.lines.setdefault(name, []).append((at_h, value))
        stage = self.trial.stage(person)
        if not self.stages or self.stages[-1][1] != stage:
            self.stages.append((at_h, stage))

    def tell(
        self, events: Iterable[tuple[float, object, str]], until_h: float, every_h: Callable[[float], float]
    ) -> None:
        """Let *events* (hour, appraisal, text) of the friend happen and read before, after and between them."""
        for at_h, appraisal, text in [*events, (until_h, None, "")]:
            while (next_h := self.trial.now_h + every_h(self.trial.now_h)) < at_h:
                self.trial.wait_until(next_h)
                self.note(FRIEND)
            self.trial.wait_until(at_h)
            self.note(FRIEND)
            if appraisal is not None:
                self.trial.hear(FRIEND, appraisal, at_h=at_h, text=text)
                self.note(FRIEND)

    def at(self, name: str, at_h: float) -> float:
        """Give the last value read up to *at_h*."""
        return [value for when, value in self.lines[name] if when <= at_h][-1]

    def most(self, name: str, since_h: float, until_h: float) -> tuple[float, float]:
        """Give the hour and value of the highest reading within a time."""
        return max((one for one in self.lines[name] if since_h <= one[0] <= until_h), key=lambda one: one[1])


def insult_story() -> Story:
    """Four weeks of friendship, an insult, two days of silence, an apology, and how it goes on."""
    story = Story()
    before = _daily(3, 0, 28)
    after = [event for event in _daily(3, 31, 49) if event[0] > APOLOGY_H]
    events = [*before, (INSULT_H, INSULT, "you are a stupid machine"), (APOLOGY_H, APOLOGY, "I am sorry, I was cruel")]
    is_near: Callable[[float], bool] = lambda at_h: INSULT_H - 8 <= at_h <= APOLOGY_H + 26  # noqa: E731
    story.tell([*events, *after], STORY_END_H, lambda at_h: 0.1 if is_near(at_h) else 1.0)
    return story


def kindness_story(messages: int = 3, *, is_varied: bool = True, every_h: float = 0.5) -> Story:
    """Two weeks of *messages* kind messages a day, all different or all the same."""
    story = Story()
    story.tell(_daily(messages, 0, 14, is_varied=is_varied), KINDNESS_END_H, lambda _: every_h)
    return story


def _daily(messages: int, first_day: int, end_day: int, *, is_varied: bool = True) -> list[tuple[float, object, str]]:
    """Give kind messages between 10 and 20 o'clock of each day."""
    hours = [10.0 + 10.0 * number / max(1, messages - 1) for number in range(messages)]
    said = [(day * DAY_H + hour, number) for day in range(first_day, end_day) for number, hour in enumerate(hours)]
    return [(at_h, KIND, TEXTS[count % len(TEXTS)] if is_varied else TEXTS[0]) for count, (at_h, _) in enumerate(said)]


@dataclass(frozen=True, slots=True)
class Panel:
    """One field of a picture: its lines by label, its times with their unit's ticks, and what happened when."""

    title: str
    lines: Sequence[tuple[str, Sequence[tuple[float, float]]]]
    across: tuple[float, float]
    up: tuple[float, float]
    ticks: Sequence[tuple[float, str]]
    events: Sequence[tuple[float, str]] = ()


def draw(panels: Sequence[Panel]) -> bytes:
    """Draw *panels* one below the other as a PNG."""
    canvas = Canvas(WIDTH, PANEL * len(panels) + 10)
    for number, panel in enumerate(panels):
        _draw_panel(canvas, panel, PANEL * number)
    return canvas.png()


def _draw_panel(canvas: Canvas, panel: Panel, top: float) -> None:
    area = Field(canvas, (56.0, top + 52, WIDTH - 142, top + PANEL - 30), panel.across, panel.up)
    canvas.text((20, top + 22), panel.title, size=15)
    low, high = panel.up
    heights = sorted({low, 0.0, high})
    area.heights([(height, f"{round(height * 100):+d}" if height else "0") for height in heights], strong=0.0)
    area.places(panel.ticks)
    _draw_events(area, panel.events)
    first, last = panel.across
    shown = [(name, [one for one in line if first <= one[0] <= last]) for name, line in panel.lines]
    area.lines(
        [
            Series(name, colour, [line], mark, 2.0)
            for (name, line), colour, mark in zip(shown, COLOURS, MARKS, strict=False)
        ]
    )


def _draw_events(area: Field, events: Sequence[tuple[float, str]]) -> None:
    """Mark what happened; names that would touch go to either side."""
    for number, (at, text) in enumerate(events):
        x, top = area.x(at), area.box[1]
        area.canvas.line(((x, top - 4), (x, area.box[3])), MUTED, width=1.0)
        anchor: Anchor = "mm"
        if any(abs(area.x(other) - x) < CROWDED for other, _ in (*events[:number], *events[number + 1 :])):
            anchor = "rm" if number == 0 else "lm"
        area.canvas.text((x, top - 11), text, size=LABEL_SIZE, colour=MUTED, anchor=anchor)


def insult_panels(story: Story) -> list[Panel]:
    """Lay out the story of the insult: seven weeks, then the days around it."""
    weeks = [(week * 7 * DAY_H, f"week {week + 1}") for week in range(7)]
    near = (INSULT_H - 8, APOLOGY_H + 26)
    hours = [(INSULT_H + hour, f"{hour:+d} h" if hour else "0") for hour in range(0, 74, 12)]
    events = [(INSULT_H, "insult"), (APOLOGY_H, "apology")]

    def lines(*names: str) -> list[tuple[str, Sequence[tuple[float, float]]]]:
        return [(name.removeprefix("shared "), story.lines[name]) for name in names]

    return [
        Panel(
            "Towards the friend, seven weeks",
            lines("trust", "affection", "tension", "closeness"),
            (0.0, STORY_END_H),
            (0.0, 0.75),
            weeks,
            events,
        ),
        Panel(
            "Felt towards the friend, three days",
            lines("anger", "sadness", "love", "joy"),
            near,
            (0.0, 0.5),
            hours,
            events,
        ),
        Panel(
            "Shared by all, three days",
            lines("shared anger", "shared sadness", "shared love", "shared joy"),
            near,
            (0.0, 0.3),
            hours,
            events,
        ),
        Panel("Mood, three days", lines("pleasure", "arousal", "dominance"), near, (0.0, 0.3), hours, events),
    ]


def kindness_panels(story: Story, others: Sequence[tuple[str, Story]]) -> list[Panel]:
    """Lay out two weeks of kindness: the relationship, what is felt, and how little more is earned by more."""
    days = [(day * DAY_H, f"day {day + 1}") for day in range(0, 14, 2)]
    span = (0.0, KINDNESS_END_H)
    names = ("affection", "closeness", "familiarity", "trust")
    counts = [(float(number), f"no. {number}") for number in (1, 5, 10, 15, 20)]
    rises = [
        (name, rises_of_love(is_varied=is_varied)) for name, is_varied in (("different", True), ("the same", False))
    ]
    return [
        Panel(
            "Three different kind messages a day",
            [(name, story.lines[name]) for name in names],
            span,
            (0.0, 0.35),
            days,
            story.stages[1:],
        ),
        Panel(
            "Felt towards them, the last three days",
            [(name, story.lines[name]) for name in ("love", "joy")],
            (11 * DAY_H, KINDNESS_END_H),
            (0.0, 0.35),
            [(day * DAY_H, f"day {day + 1}") for day in (11, 12, 13)],
        ),
        Panel(
            "Affection, by what is said",
            [(name, one.lines["affection"]) for name, one in others],
            span,
            (0, 0.75),
            days,
        ),
        Panel("What each message of one hour adds to love", rises, (1.0, float(HOURLY)), (0.0, 0.25), counts),
    ]


def rises_of_love(*, is_varied: bool) -> list[tuple[float, float]]:
    """Give by how much each of twenty kind messages within an hour raises the love felt."""
    trial, rises = Trial("rich", NATURE), []
    for number in range(HOURLY):
        trial.wait_until(number / HOURLY)
        before = trial.felt(FRIEND)["love"]
        trial.hear(FRIEND, KIND, at_h=trial.now_h, text=TEXTS[number if is_varied else 0])
        rises.append((number + 1.0, trial.felt(FRIEND)["love"] - before))
    return rises


def insult_figures(story: Story) -> list[str]:
    """Give the table of the story of the insult."""
    moments = (
        ("just before the insult", INSULT_H - 0.01),
        ("just after it", INSULT_H),
        ("2 hours later", INSULT_H + 2),
        ("2 days later, before the apology", APOLOGY_H - 0.01),
        ("just after the apology", APOLOGY_H),
        ("a week after the apology", APOLOGY_H + 7 * DAY_H),
        ("three weeks after the insult", STORY_END_H),
    )
    names = ("trust", "affection", "tension", "anger", "sadness", "shared anger", "pleasure")
    return _table("", names, [(moment, [story.at(name, at_h) for name in names]) for moment, at_h in moments])


def kindness_figures(others: Sequence[tuple[str, Story]]) -> list[str]:
    """Give the tables of the two weeks of kindness."""
    names = ("affection", "trust", "familiarity", "closeness")
    ends = [(name, [one.at(each, KINDNESS_END_H) for each in names]) for name, one in others]
    table = _table("after two weeks", names, ends, stages=[one.stages[-1][1] for _, one in others])
    different, same = rises_of_love(is_varied=True), rises_of_love(is_varied=False)
    picked = (1, 2, 5, 10, 20)
    rises = [
        (name, [rises[number - 1][1] for number in picked])
        for name, rises in (("different", different), ("the same", same))
    ]
    return [*table, "", *_table("love added in one hour by", [f"message {number}" for number in picked], rises)]


def _table(
    corner: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], stages: Sequence[str] = ()
) -> list[str]:
    """Write values × 100 with one decimal, the stages last."""
    head = [corner, *names, *(["stage"] if stages else [])]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for number, (name, values) in enumerate(rows):
        cells = [name, *(f"{value * 100:.1f}".replace("-0.0", "0.0") for value in values)]
        lines.append("| " + " | ".join([*cells, *stages[number : number + 1]]) + " |")
    return lines


@dataclass(frozen=True, slots=True)
class Told:
    """Both stories: their pictures by file name, and their tables by the name of their block on the page."""

    pictures: dict[str, Callable[[], bytes]]
    tables: dict[str, list[str]]


def tell() -> Told:
    """Play both stories."""
    insult, three = insult_story(), kindness_story(3)
    others = [
        ("3 a day", three),
        ("1 a day", kindness_story(1)),
        ("40 a day", kindness_story(40)),
        ("40 the same", kindness_story(40, is_varied=False)),
    ]
    pictures = {
        "trajectory-insult.png": lambda: draw(insult_panels(insult)),
        "trajectory-kindness.png": lambda: draw(kindness_panels(three, others)),
    }
    return Told(pictures, {"insult": insult_figures(insult), "kindness": kindness_figures(others)})


def page_with(tables: dict[str, list[str]], page: str) -> str:
    """Give *page* with each block of figures replaced; raises KeyError where a block has no table."""
    return BLOCK.sub(lambda found: found[1] + "\n".join(["", *tables[found[2]], "", ""]) + found[3], page)


def main() -> int:
    """Draw both pictures and renew the page's figures."""
    told = tell()
    IMAGES.mkdir(exist_ok=True)
    for name, picture in told.pictures.items():
        (IMAGES / name).write_bytes(picture())
    PAGE.write_text(page_with(told.tables, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name} and {', '.join(told.pictures)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
