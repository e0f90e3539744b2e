"""A burst of messages applied to a soul and to the people who wrote them, in any order with the same result.

Each person moves only their own row; the shared soul is moved by all of them together, each within a cap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from bot.domain.affect.appraisal import FIELD_NAMES, Appraisal, sound
from bot.domain.affect.bateman import clip
from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.habituation import REPETITION_ALIKE, hurt_left, kindness_left, repetition_added
from bot.domain.affect.impulses import Effect, Standing, Stir, effect_of, standing_of
from bot.domain.affect.potentials import Meaning, meaning_of
from bot.domain.affect.relationship import (
    KINDNESS_HELD_BY_TENSION,
    NEED_LEFT,
    closeness_of,
    stage_of,
    tension_added,
    tension_left,
)
from bot.domain.affect.sentiments import AFFECTION, FAMILIARITY, RESPECT, TRUST, Sentiment, SentimentRule, moved
from bot.domain.affect.state import PersonState, SoulState, new_person

# How much of the shared mood anyone moves, and how much more someone close; chosen by ear.
SALIENCE = 0.3
SALIENCE_BY_CLOSENESS = 0.7
# The most that one person moves the shared mood before it has recovered; chosen by ear.
SHARE_CAP = 1.0
SHARE_CAP_BY_CLOSENESS = 2.0
# What of praise and blame, beside its own field, moves each sentiment; chosen by ear.
TRUST_BY_MERIT, TRUST_BY_BLAME = 0.5, 0.6
AFFECTION_BY_MERIT, AFFECTION_BY_BLAME = 0.7, 0.7
RESPECT_BY_MERIT, RESPECT_BY_BLAME = 0.5, 0.5

K = TypeVar("K", bound=int | str)
_appraised = attrgetter(*FIELD_NAMES)


@dataclass(frozen=True, slots=True)
class Heard(Generic[K]):
    """One message of a burst: who said it, what it means, and how far it repeats what they said, in [0, 1]."""

    person: K
    appraisal: Appraisal
    similarity: float = 0.0


class Line(NamedTuple):
    """A message of a burst as it arrives: what it does, how she stands when it does, and how far it repeats."""

    effect: Effect
    standing: Standing
    similarity: float


def apply_burst(
    soul: SoulState, persons: Mapping[K, PersonState], burst: Iterable[Heard[K]], *, leak: float = DEFAULT_LEAK
) -> tuple[SoulState, dict[K, PersonState]]:
    """Apply messages that were heard together to *soul* and *persons*, all brought up to that moment.

    Someone missing from *persons* is new. Gives the new soul and every person; those who said nothing are
    the very same objects.
    """
    dynamics = dynamics_of(soul.tier, soul.ocean)
    stir = Stir(len(soul.emotions))
    after = dict(persons)
    heard = sorted((_sound(one) for one in burst), key=_canonical)
    for person_key, group in groupby(heard, key=attrgetter("person")):
        person = persons.get(person_key) or new_person(soul.tier)
        lines = _lines_of(person, standing_of(soul, person, dynamics, leak), tuple(group))
        effects = tuple(line.effect for line in lines)
        share, used = _shared_part(person, effects)
        stir.add(effects, share)
        after[person_key] = _person_after(person, lines, used)
    return replace(soul, emotions=stir.applied(soul.emotions, dynamics.baselines)), after


def _sound(heard: Heard[K]) -> Heard[K]:
    appraisal = sound(heard.appraisal)
    alike = clip(heard.similarity, 0.0, 1.0) if heard.similarity == heard.similarity else 0.0
    if appraisal is heard.appraisal and alike == heard.similarity:
        return heard
    return Heard(heard.person, appraisal, alike)


def _canonical(heard: Heard[K]) -> tuple[object, ...]:
    """Sort by the person, then by all that a message can differ in, so that float products come out the same.

    What is fresh comes first: only what repeats is dulled by what repeats.
    """
    return (type(heard.person).__name__, str(heard.person), heard.similarity, _appraised(heard.appraisal))


def _lines_of(person: PersonState, standing: Standing, said: tuple[Heard[K], ...]) -> tuple[Line, ...]:
    """Work out what each message does, dulled by as much as those before it in the canonical order repeat.

    A message by itself and fresh ones, however many, find just what there was before the burst.
    """
    meanings = [meaning_of(one.appraisal) for one in said]
    is_plain = not any(meaning.kindness or meaning.severity for meaning in meanings)
    kind, hurt = person.kind_repetition, person.hurt_repetition
    lines = []
    for one, meaning in zip(said, meanings, strict=True):
        lines.append(Line(effect_of(meaning, one.appraisal.confidence, standing), standing, one.similarity))
        if not one.similarity:
            continue
        if is_plain:
            kind += one.similarity
        if meaning.kindness:
            kind += REPETITION_ALIKE * one.similarity
        if meaning.severity:
            hurt += REPETITION_ALIKE * one.similarity
        standing = replace(standing, kindness_left=kindness_left(kind), hurt_left=hurt_left(hurt))
    return tuple(lines)


def _shared_part(person: PersonState, effects: tuple[Effect, ...]) -> tuple[float, float]:
    """Give which part of what this person does reaches the shared soul, and what they used up then."""
    closeness = person.closeness
    salience = SALIENCE + SALIENCE_BY_CLOSENESS * closeness
    raw = salience * sum(effect.force for effect in effects)
    if raw <= 0.0:
        return 0.0, person.share_used
    cap = SHARE_CAP + SHARE_CAP_BY_CLOSENESS * closeness
    taken = max(cap - person.share_used, 0.0) * -math.expm1(-raw / cap)
    return salience * taken / raw, person.share_used + taken


def _person_after(person: PersonState, lines: tuple[Line, ...], share_used: float) -> PersonState:
    own = Stir(len(person.directed))
    own.add([line.effect for line in lines], 1.0)
    trust, affection, respect, familiarity = _sentiments_after(person, lines)
    tension = _tension_after(person.tension, lines)
    kind, hurt = _repetitions_after(person, lines)
    closeness = closeness_of(familiarity.value, affection.value)
    return PersonState(
        directed=own.applied(person.directed, (0.0,) * len(person.directed)),
        trust=trust,
        affection=affection,
        respect=respect,
        familiarity=familiarity,
        tension=tension,
        need=person.need * NEED_LEFT ** len(lines),
        share_used=share_used,
        kind_repetition=kind,
        hurt_repetition=hurt,
        stage=stage_of(closeness, trust.value, affection.value, tension, before=person.stage),
        bond=person.bond,
    )


def _sentiments_after(
    person: PersonState, lines: tuple[Line, ...]
) -> tuple[Sentiment, Sentiment, Sentiment, Sentiment]:
    """Move all four by what the burst says about the person."""
    dynamics = lines[0].standing.dynamics
    gain = (1.0 - KINDNESS_HELD_BY_TENSION * person.tension) * dynamics.sentiment_gain
    loss = dynamics.sentiment_loss
    reasons = [
        (
            _reasons(effect.meaning),
            effect.confidence * standing.kindness_left,
            effect.confidence * effect.betrayal * standing.hurt_left,
        )
        for effect, standing, _ in lines
    ]

    def after(sentiment: Sentiment, rule: SentimentRule, column: int) -> Sentiment:
        won = gain * rule.gain * sum([good[column] * weight for (good, _), weight, _ in reasons])
        lost = loss * rule.loss * sum([bad[column] * weight for (_, bad), _, weight in reasons])
        return moved(sentiment, rule, won, lost)

    return (
        after(person.trust, TRUST, 0),
        after(person.affection, AFFECTION, 1),
        after(person.respect, RESPECT, 2),
        after(person.familiarity, FAMILIARITY, 3),
    )


Reasons = tuple[float, float, float, float]


def _reasons(m: Meaning) -> tuple[Reasons, Reasons]:
    """Give the reasons for and against trust, affection, respect and familiarity, each in [0, 1]."""
    good = (
        max(m.reliable, TRUST_BY_MERIT * m.merit),
        max(m.warm, AFFECTION_BY_MERIT * m.merit),
        max(m.esteem, RESPECT_BY_MERIT * m.merit),
        1.0,
    )
    bad = (
        max(m.unreliable, TRUST_BY_BLAME * m.blame),
        max(m.cold, AFFECTION_BY_BLAME * m.blame),
        max(m.contempt, RESPECT_BY_BLAME * m.blame),
        0.0,
    )
    return good, bad


def _tension_after(tension: float, lines: tuple[Line, ...]) -> float:
    """First what apologies take, then what severe messages add."""
    calm = 1.0
    for effect, standing, _ in lines:
        tension *= tension_left(
            effect.meaning.apology, effect.confidence, standing.kindness_left, standing.dynamics.apology_gain
        )
        calm *= 1.0 - tension_added(effect.meaning.severity, effect.confidence, effect.betrayal)
    return 1.0 - (1.0 - tension) * calm


def _repetitions_after(person: PersonState, lines: tuple[Line, ...]) -> tuple[float, float]:
    """Add up habituation to kindness and to hurt; a repeated message that is neither counts as kindness."""
    kind = sum([repetition_added(alike) for effect, _, alike in lines if effect.meaning.kindness > 0.0])
    hurt = sum([repetition_added(alike) for effect, _, alike in lines if effect.meaning.severity > 0.0])
    if not kind and not hurt:
        kind = sum([line.similarity for line in lines])
    return person.kind_repetition + kind, person.hurt_repetition + hurt
