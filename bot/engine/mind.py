"""Who she is in this process: companion, persona, prompt, and the last turn for people who look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import lru_cache

from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.affect.emotions import Tier
from bot.domain.expressions import choose_expression, neutral_expression
from bot.domain.feeling import Feelings
from bot.domain.feeling_words import feelings_in_words, nature_in_words
from bot.domain.ids import UserId, short_code
from bot.domain.manner import manner_of
from bot.domain.persona import Companion, Persona
from bot.domain.prompt import AnswerForm, ChatMessage, Moment, build_prompt, build_question, zone_of
from bot.domain.turn import Claim, Gathered
from bot.domain.wardrobe import Bridge
from bot.engine.being import Being
from bot.engine.blocks import Blocks
from bot.engine.draft import Draft

SIGN = "👀"  # of a companion that has no faces
STILL = "still"  # a change that was spoken of already
USUAL_SELF = "your usual self"  # what her default persona is called where she is told of a change
NATURES_KEPT = 64  # drift makes a new one per soul and day
_nature = lru_cache(maxsize=NATURES_KEPT)(nature_in_words)


@dataclass(frozen=True, slots=True)
class TurnSummary:
    """The last turn as figures and reasons; holds nobody's words."""

    channel_id: str
    turn_id: str
    state: str
    intent: str | None
    reasons: tuple[str, ...]
    model_calls: int
    timings_ms: Mapping[str, float]


class Mind:
    """Builds prompts for the companion that lives here."""

    def __init__(
        self,
        being: Being,
        blocks: Blocks,
        *,
        own_id: UserId,
        traits: Tier = "rich",
        leak: float = DEFAULT_LEAK,
        home_zone: str = "UTC",
    ) -> None:
        """Take what she is made of; *home_zone* is the time zone of people who have not named one."""
        self.being = being
        self.last_turn: TurnSummary | None = None
        self._blocks = blocks
        self._own_id = own_id
        self._traits = traits
        self._leak = leak
        self._home_zone = home_zone

    @property
    def companion(self) -> Companion:
        """Give who she is at the moment."""
        return self.being.companion

    @property
    def persona(self) -> Persona:
        """Give her usual persona."""
        return self.being.usual

    @property
    def version(self) -> str:
        """Name the version of the words she is made of."""
        return self.companion.version

    def prompt(
        self,
        claim: Claim,
        gathered: Gathered,
        *,
        now: datetime,
        form: AnswerForm,
        note: str | None,
        persona: Persona | None = None,
        bridge: Bridge | None = None,
    ) -> tuple[ChatMessage, ...]:
        """Build the prompt of a turn.

        *note* asks for a repair or a rewrite, *persona* is not her usual one, *bridge* a change that the answer
        bridges.
        """
        return build_prompt(
            self.companion,
            persona or self.persona,
            self._blocks.texts,
            claim,
            gathered,
            replace(self._moment(gathered.feelings, now, note), persona_note=self._bridging(bridge)),
            form,
        )

    def question(self, claim: Claim) -> tuple[ChatMessage, ...]:
        """Build the small prompt that asks whether a turn nobody asked for is hers."""
        return build_question(self.companion, self._blocks.consider, claim, self._own_id)

    def zone_of(self, claim: Claim, user_id: UserId) -> tzinfo:
        """Give the time zone of a person's clock in a turn's prompt, by which she names times for them."""
        return zone_of(claim, user_id, self._home_zone)

    def _bridging(self, bridge: Bridge | None) -> str | None:
        """Say from where to where she went over, and why."""
        if bridge is None:
            return None
        names = {"from": self._called(bridge.came_from), "to": self._called(bridge.to)}
        return self._blocks.bridging[bridge.because if bridge.is_first else STILL].format(**names)

    def _called(self, persona: Persona) -> str:
        return USUAL_SELF if persona.slug == self.being.usual.slug else persona.title

    def _moment(self, feelings: Feelings | None, now: datetime, note: str | None) -> Moment:
        if feelings is None:
            return Moment(now=now, note=note, own_id=self._own_id, home_zone=self._home_zone)
        names = {user_id: short_code("u", user_id) for user_id in feelings.persons}
        return Moment(
            now=now,
            note=note,
            feelings=feelings_in_words(feelings, names, leak=self._leak),
            own_id=self._own_id,
            nature=_nature(feelings.soul.ocean, self._traits, self.companion.traits) or None,
            home_zone=self._home_zone,
        )

    def pace(self, feelings: Feelings) -> float:
        """Give how much quicker than usual she types, in [0.6, 1.6]."""
        return manner_of(feelings, leak=self._leak).pace

    def face(self, given: str | None, feelings: Feelings) -> str | None:
        """Name the expression that goes with an answer: the model's, or the one that fits what she feels."""
        face = choose_expression(self.companion, given, feelings, leak=self._leak)
        return None if face is None else face.slug

    def sign(self, given: str | None, feelings: Feelings) -> str:
        """Give an emoji for where she stays silent and a sign is due: that of the face that fits."""
        face = choose_expression(self.companion, given, feelings, leak=self._leak)
        return SIGN if face is None else face.emoji

    def neutral_sign(self) -> str:
        """Give an emoji that says only that she was there."""
        face = neutral_expression(self.companion)
        return SIGN if face is None else face.emoji

    def repair_note(self) -> str:
        """Ask for an answer that can be read."""
        return self._blocks.repair

    def rewrite_note(self, faults: Iterable[str]) -> str:
        """Ask for another answer than one with *faults*, each the rule that it broke and how."""
        return self._blocks.rewrite.format(rules="; ".join(faults))

    def remember_turn(self, draft: Draft) -> None:
        """Keep the figures of a turn that is over, for people who look at the page."""
        self.last_turn = TurnSummary(
            channel_id=str(draft.claim.channel.channel_id),
            turn_id=str(draft.claim.turn_id),
            state="waits for the model" if draft.intent is None else "done",
            intent=None if draft.intent is None else str(draft.intent),
            reasons=draft.reasons(),
            model_calls=len(draft.calls),
            timings_ms=draft.timings_ms(),
        )
