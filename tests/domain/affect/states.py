"""Hypothesis strategies for states and appraisals, and states taken apart into numbers."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from hypothesis import settings
from hypothesis import strategies as st

from bot.domain.affect.appraisal import SIGNED_FIELDS, UNSIGNED_FIELDS, Appraisal
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.personality import Ocean, read_ocean
from bot.domain.affect.sentiments import AFFECTION, FAMILIARITY, RESPECT, TRUST, Sentiment
from bot.domain.affect.state import PersonState, SoulState

FEW = settings(max_examples=50, deadline=None)
SOME = settings(max_examples=80, deadline=None)

TIERS = st.sampled_from(("lite", "rich"))
FACTORS = st.floats(-1, 1) | st.sampled_from((-1.0, 0.0, 1.0))
OCEANS = st.builds(Ocean, FACTORS, FACTORS, FACTORS, FACTORS, FACTORS)
LEVELS = st.floats(0, 1) | st.sampled_from((0.0, 1.0))
HOURS = st.floats(0, 2000) | st.floats(0, 3)
LATENT = st.floats(-3, 3)


@st.composite
def souls(draw, tier=None, drift=True):
    tier = tier or draw(TIERS)
    home = draw(OCEANS)
    shift = [draw(st.floats(-0.24, 0.24)) if drift else 0.0 for _ in home]
    ocean = read_ocean(a + b for a, b in zip(home, shift, strict=True))
    emotions = tuple(draw(st.lists(LEVELS, min_size=len(NAMES[tier]), max_size=len(NAMES[tier]))))
    return SoulState(tier, home, ocean, emotions, (draw(LATENT), draw(LATENT), draw(LATENT)))


@st.composite
def sentiments(draw, rule, low=None):
    low = rule.least if low is None else low
    used = st.floats(0, 1)
    return Sentiment(
        draw(st.floats(low, 1)), draw(st.floats(low, 1)), draw(used) * rule.gain_cap, draw(used) * rule.loss_cap
    )


@st.composite
def persons(draw, tier):
    count = len(NAMES[tier])
    return PersonState(
        directed=tuple(draw(st.lists(LEVELS, min_size=count, max_size=count))),
        trust=draw(sentiments(TRUST)),
        affection=draw(sentiments(AFFECTION)),
        respect=draw(sentiments(RESPECT)),
        familiarity=draw(sentiments(FAMILIARITY)),
        tension=draw(LEVELS),
        need=draw(LEVELS),
        share_used=draw(LEVELS),
        kind_repetition=draw(st.floats(0, 30)),
        hurt_repetition=draw(st.floats(0, 30)),
    )


@st.composite
def meetings(draw, people=1, tier=None):
    """Draw a soul and that many persons of its tier, under the keys "p0", "p1" …"""
    soul = draw(souls(tier=tier))
    return soul, {f"p{number}": draw(persons(soul.tier)) for number in range(people)}


def appraisals(signed=(-3, 3), confidence=(0, 1), **fixed):
    values = {name: st.integers(*signed) for name in SIGNED_FIELDS}
    values |= {name: st.integers(0, 3) for name in UNSIGNED_FIELDS}
    values |= {name: st.just(value) for name, value in fixed.items()}
    return st.builds(Appraisal, **values, confidence=st.floats(*confidence))


PRAISES = appraisals(signed=(0, 3), own_fault=0)
# Their pain stirs compassion, which counts as positive, and interest, humor and apologies are kind: no pure insult.
INSULTS = appraisals(signed=(-3, 0), user_valence=0, interest=0, humor=0, apology=0)

# The most that can be read into a message, and what is neither kind nor hurtful.
ALL_KIND = Appraisal(desirability=3, praiseworthiness=3, warmth=3, respect=3, trust_signal=3, confidence=1.0)
ALL_CRUEL = Appraisal(desirability=-3, praiseworthiness=-3, warmth=-3, respect=-3, trust_signal=-3, confidence=1.0)
JOKE = Appraisal(humor=3, interest=3, unexpectedness=3, confidence=1.0)
REPEATED = st.sampled_from(("I love you", "I love you!", "I love you so", "you are lovely", "good night", "ok", ""))


def numbers(state):
    """Give every number in a state, in a fixed order."""
    if is_dataclass(state):
        return [value for field in fields(state) for value in numbers(getattr(state, field.name))]
    if isinstance(state, tuple):
        return [value for part in state for value in numbers(part)]
    if isinstance(state, float | int) and not isinstance(state, bool):
        return [float(state)]
    return []


def furthest(one, other):
    """Give the largest difference between two states."""
    return max((abs(a - b) for a, b in zip(numbers(one), numbers(other), strict=True)), default=0.0)


def at_rest(soul):
    """Give *soul* with its emotions at rest."""
    return SoulState(soul.tier, soul.home, soul.ocean, dynamics_of(soul.tier, soul.ocean).baselines, soul.mood)
