"""What each version of the model gives, number by number, for a fixed course of events: the memory of the model.

``python -m tests.domain.affect.golden`` writes down what a new version gives; what is written is never changed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from bot.domain.affect.appraisal import Appraisal
from bot.domain.affect.burst import Heard
from bot.domain.affect.inner_events import InnerEvent
from bot.domain.affect.personality import Ocean
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.timeline import Nature
from bot.domain.affect.versions import MODELS, Model
from tests.domain.affect.states import numbers

FOLDER = Path(__file__).parent / "golden_values"
TIERS = ("lite", "rich")
OCEANS = (
    Ocean(0.6, 0.15, 0.35, 0.3, 0.1),
    Ocean(0.9, -0.7, 0.8, 0.95, 0.9),
    Ocean(-0.8, 0.5, -0.9, -0.7, -0.6),
)
KEPT_EVERY = 3  # events between two snapshots; each one builds on all before it
MORNING = datetime(2025, 3, 1, 7, 18, tzinfo=UTC)

Step = tuple[float, object]  # hours since the step before, and what happens then


def heard(person: str, alike: float, signed: str, unsigned: str, confidence: float) -> Heard[str]:
    """Write a message by two rows of numbers, in the order of `Appraisal`."""
    return Heard(person, Appraisal(*map(int, (*signed.split(), *unsigned.split())), confidence=confidence), alike)


COURSE: tuple[Step, ...] = (
    (0.0, [heard("ann", 0.0, "2 1 2 1 1 2 1", "1 2 2 0 0", 0.9)]),
    (
        0.4,
        [
            heard("ann", 0.6, "3 3 3 3 3 3 3", "3 3 3 3 3", 1.0),
            heard("bob", 0.0, "-1 -1 -1 -1 -1 -1 -1", "1 0 0 0 1", 0.8),
        ],
    ),
    (
        1.3,
        [
            heard("bob", 0.2, "-3 -3 -2 -3 -3 -2 -3", "3 1 0 0 2", 1.0),
            heard("bob", 0.7, "1 0 0 0 0 0 0", "0 0 0 2 0", 0.5),
        ],
    ),
    (0.1, InnerEvent.OWN_SUCCESS),
    (
        2.2,
        [heard("ann", 1.0, "0 0 0 0 0 0 0", "0 0 0 0 0", 1.0), heard("cai", 0.0, "-2 0 0 0 0 1 -2", "2 3 1 0 0", 0.7)],
    ),
    (0.2, [heard("cai", 0.0, "3 2 1 -1 0 -1 2", "1 1 3 3 1", 0.95)]),
    (
        0.3,
        [
            heard("ann", 0.1, "-3 -3 -3 -3 -3 -3 -3", "3 0 0 0 0", 1.0),
            heard("ann", 0.1, "-3 -1 -2 0 -1 0 3", "0 0 0 0 3", 0.4),
        ],
    ),
    (9.0, InnerEvent.UNRESOLVED_TENSION),
    (14.5, [heard("ann", 0.0, "0 0 1 0 0 0 0", "0 0 0 3 0", 1.0)]),
    (
        0.5,
        [heard("ann", 0.3, "1 0 2 1 0 1 0", "0 1 1 1 0", 0.6), heard("bob", 0.0, "2 2 0 0 1 0 2", "0 0 0 1 0", 0.85)],
    ),
    (0.0, InnerEvent.NEED),
    (30.0, InnerEvent.QUIET_WARM_HOURS),
    (
        3.3,
        [
            heard("bob", 0.4, "-2 -3 -1 -2 0 2 1", "1 2 0 0 0", 0.9),
            heard("cai", 0.5, "1 1 1 1 1 1 1", "1 1 1 1 1", 0.3),
        ],
    ),
    (0.7, InnerEvent.ATTENTION_ELSEWHERE),
    (100.0, [heard("cai", 0.0, "-1 -2 -3 0 -2 0 -1", "0 0 0 0 0", 1.0)]),
    (
        0.25,
        [heard("ann", 0.0, "2 3 3 2 2 1 3", "2 3 1 0 0", 1.0), heard("dan", 0.9, "0 0 0 0 0 -3 0", "0 2 0 0 2", 0.9)],
    ),
    (400.0, InnerEvent.LOW_INTEREST),
    (1.0, [heard(name, 0.0, "-3 -2 -3 -1 -2 -1 -2", "2 0 0 0 1", 0.9) for name in ("ann", "bob", "cai", "dan")]),
)
# Someone whose states lie where a course from birth would take months to come.
TRUSTED = {
    "trust": Sentiment(0.8, 0.5, 0.03, 0.1),
    "affection": Sentiment(0.7, 0.6, 0.1, 0.2),
    "respect": Sentiment(-0.4, -0.3, 0.01, 0.3),
    "familiarity": Sentiment(0.6, 0.4, 0.02, 0.0),
    "tension": 0.4,
    "need": 0.7,
    "share_used": 0.9,
    "kind_repetition": 0.8,
    "hurt_repetition": 1.7,
}


def record(model: Model) -> dict[str, list[list[float | str]]]:
    """Give every snapshot of the course, by set of emotions and personality."""
    return {
        f"{tier} {place}": _played(model, tier, ocean) for tier, (place, ocean) in product(TIERS, enumerate(OCEANS))
    }


def _played(model: Model, tier: str, ocean: Ocean) -> list[list[float | str]]:
    soul = model.new_soul(tier, ocean, day_h=7.3)
    soul = replace(soul, mood=(0.7, -0.9, 0.4), emotions=tuple(0.9 - 0.03 * n for n in range(len(soul.emotions))))
    person = model.new_person(tier)
    directed = tuple(0.02 * n for n in range(len(person.directed)))
    people = {"ann": replace(person, directed=directed, **TRUSTED)}
    kept = []
    for number, (hours, event) in enumerate(COURSE, start=1):
        soul, people, _ = model.live(soul, people, hours)
        if isinstance(event, InnerEvent):
            soul = model.apply_inner_event(soul, event, 0.7)
        else:
            soul, people = model.apply_burst(soul, people, event, leak=0.4)
        if number % KEPT_EVERY == 0:
            kept.append([*numbers(soul), *(value for name in sorted(people) for value in _told(people[name]))])
    natures = [Nature(MORNING, ocean), Nature(MORNING + timedelta(days=2), soul.ocean)]
    late = model.person_until(people["bob"], soul, natures, start=MORNING, end=MORNING + timedelta(days=5))
    lite = model.soul_in_tier(soul, "lite"), model.person_in_tier(late, "lite")
    return [*kept, list(model.felt(soul, late, leak=0.4)), _told(late), [*numbers(lite[0]), *_told(lite[1])]]


def _told(person: object) -> list[float | str]:
    return [*numbers(person), person.stage.value]


def path_of(version: int) -> Path:
    """Give the file of a version's numbers."""
    return FOLDER / f"v{version}.json"


def main() -> int:
    """Write down what versions give that are not yet written down."""
    for version, model in MODELS.items():
        if path_of(version).exists():
            sys.stderr.write(f"version {version} is written down already and stays as it is\n")
            continue
        rows = {name: [json.dumps(row) for row in snapshots] for name, snapshots in record(model).items()}
        text = ",\n".join(f" {json.dumps(name)}: [\n  " + ",\n  ".join(row) + "\n ]" for name, row in rows.items())
        path_of(version).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
