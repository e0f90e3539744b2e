"""The model by itself, for evaluation: a soul, people, appraisals at given times; no database, no model, no clock.

Source: docs/affect.md, "Evaluate it yourself". The engine keeps states in its own store and does not come by here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.affect.appraisal import Appraisal, read_appraisal
from bot.domain.affect.bateman import is_elapsed
from bot.domain.affect.burst import Heard, apply_burst
from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.affect.days import live
from bot.domain.affect.drift import Drifted
from bot.domain.affect.emotions import NAMES, Tier
from bot.domain.affect.habituation import COMPARED_HOURS, COMPARED_MESSAGES, burst_similarities
from bot.domain.affect.inner_events import InnerEvent, apply_inner_event
from bot.domain.affect.mood import octant, shown, strength
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean
from bot.domain.affect.soul import felt
from bot.domain.affect.state import PersonState, SoulState, new_person, new_soul


@dataclass(frozen=True, slots=True)
class Said:
    """One message: who, what the model made of it (any object), and its text, if repetition is to count."""

    person: str
    appraisal: object
    text: str = ""


@dataclass(frozen=True, slots=True)
class MoodReading:
    """The shown mood, each axis in [-1, 1], with its name and strength."""

    pleasure: float
    arousal: float
    dominance: float
    octant: str
    strength: str


class Trial:
    """One soul and everyone it meets, moved along a time line given in hours.

    Events are given in order of time; a late one counts as happening now. *soul* and *persons* are the
    states of the model itself and may be read or replaced, with *now_h* as their time.
    """

    def __init__(
        self,
        tier: Tier = "rich",
        ocean: Ocean = NEUTRAL_OCEAN,
        *,
        start_h: float = 0.0,
        hour_of_day: float = 0.0,
        leak: float = DEFAULT_LEAK,
        is_drift_frozen: bool = False,
    ) -> None:
        self.now_h = start_h
        self.leak = leak
        self.soul: SoulState = new_soul(tier, ocean, day_h=hour_of_day, is_drift_frozen=is_drift_frozen)
        self.persons: dict[str, PersonState] = {}
        self.drifts: list[Drifted] = []
        self._texts: dict[str, list[tuple[float, str]]] = {}

    def wait_until(self, at_h: float) -> None:
        """Let time pass up to *at_h*; an earlier or unreadable time changes nothing."""
        hours = at_h - self.now_h
        if not is_elapsed(hours):
            return
        self.soul, self.persons, drifts = live(self.soul, self.persons, hours)
        self.drifts.extend(drifts)
        self.now_h = at_h

    def hear(self, person: str, appraisal: object, *, at_h: float, text: str = "") -> None:
        """Apply one message."""
        self.hear_together([Said(person, appraisal, text)], at_h=at_h)

    def hear_together(self, burst: Iterable[Said], *, at_h: float) -> None:
        """Apply messages that are answered together; their order does not matter."""
        self.wait_until(at_h)
        said: dict[str, list[Said]] = {}
        for one in burst:
            said.setdefault(one.person, []).append(one)
        heard = [
            Heard(person, _appraisal(line.appraisal), alike)
            for person, lines in said.items()
            for line, alike in zip(lines, self._alike(person, lines), strict=True)
        ]
        self.soul, self.persons = apply_burst(self.soul, self.persons, heard, leak=self.leak)
        for person, lines in said.items():
            latest = sorted((self.now_h, line.text) for line in lines)
            self._texts[person] = [*self._texts.get(person, ()), *latest][-COMPARED_MESSAGES:]

    def feel_inside(self, event: InnerEvent, strength: float = 1.0, *, at_h: float) -> None:
        """Apply something that moved her without a message."""
        self.wait_until(at_h)
        self.soul = apply_inner_event(self.soul, event, strength)

    def emotions(self) -> dict[str, float]:
        """Give the shared emotions by name, each in [0, 1]."""
        return dict(zip(NAMES[self.soul.tier], self.soul.emotions, strict=True))

    def felt(self, person: str) -> dict[str, float]:
        """Give what she feels towards *person*, by emotion, each in [0, 1]."""
        levels = felt(self.soul, self.person(person), leak=self.leak)
        return dict(zip(NAMES[self.soul.tier], levels, strict=True))

    def mood(self) -> MoodReading:
        """Give the mood as it is shown."""
        mood = shown(self.soul.mood)
        return MoodReading(*mood, octant(mood), strength(mood))

    def sentiments(self, person: str) -> dict[str, float]:
        """Give trust, affection and respect in [-1, 1], familiarity, tension, need and closeness in [0, 1]."""
        state = self.person(person)
        return {
            "trust": state.trust.value,
            "affection": state.affection.value,
            "respect": state.respect.value,
            "familiarity": state.familiarity.value,
            "tension": state.tension,
            "need": state.need,
            "closeness": state.closeness,
        }

    def stage(self, person: str) -> str:
        """Name where the relationship with *person* stands."""
        return self.person(person).stage.value

    def person(self, person: str) -> PersonState:
        """Give the state of *person*; someone never heard is new."""
        return self.persons.get(person) or new_person(self.soul.tier)

    def personality(self) -> Mapping[str, float]:
        """Give the five factors as they have drifted."""
        return self.soul.ocean._asdict()

    def _alike(self, person: str, lines: Sequence[Said]) -> list[float]:
        recent = [text for at_h, text in self._texts.get(person, ()) if self.now_h - at_h <= COMPARED_HOURS]
        return burst_similarities([line.text for line in lines], recent)


def _appraisal(raw: object) -> Appraisal:
    return raw if isinstance(raw, Appraisal) else read_appraisal(raw)
