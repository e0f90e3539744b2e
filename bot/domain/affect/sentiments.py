"""Sentiments towards one person: trust, affection, respect, familiarity.

Each fades towards an earned baseline that itself fades very slowly. What one person can move in a day is capped,
and bad weighs more than good.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.domain.affect.bateman import bateman, clip, rate_of
from bot.domain.affect.constants import HOURS_A_DAY

# Share of a change that is earned for the long run; chosen by ear.
EARNED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Sentiment:
    """One sentiment: what it is now, what it fades towards, and how much of its two caps is used up."""

    value: float = 0.0
    earned: float = 0.0
    gained: float = 0.0
    lost: float = 0.0


UNFELT = Sentiment()


@dataclass(frozen=True, slots=True)
class SentimentRule:
    """How one sentiment moves: change per full message, caps, and its two half-lives."""

    name: str
    gain: float
    loss: float
    gain_cap: float
    loss_cap: float
    half_life_h: float
    earned_half_life_h: float
    least: float = -1.0

    @property
    def rate(self) -> float:
        """Rate, per hour, at which it fades towards the earned baseline."""
        return rate_of(self.half_life_h)

    @property
    def earned_rate(self) -> float:
        """Rate, per hour, at which the earned baseline fades."""
        return rate_of(self.earned_half_life_h)


def _days(days: float) -> float:
    return days * HOURS_A_DAY


# Rates, caps and half-lives are chosen by ear.
TRUST = SentimentRule("trust", 0.015, 0.06, 0.06, 0.5, _days(14), _days(540))
AFFECTION = SentimentRule("affection", 0.02, 0.04, 0.15, 0.5, _days(7), _days(365))
RESPECT = SentimentRule("respect", 0.015, 0.0375, 0.06, 0.5, _days(21), _days(540))
FAMILIARITY = SentimentRule("familiarity", 0.01, 0.0, 0.05, 0.5, _days(30), _days(365), least=0.0)
RULES = (TRUST, AFFECTION, RESPECT, FAMILIARITY)


def faded(sentiment: Sentiment, rule: SentimentRule, hours: float, cap_left: float) -> Sentiment:
    """Let *sentiment* fade for *hours*; *cap_left* is the share of used-up cap that remains after them."""
    return Sentiment(
        sentiment.value * math.exp(-rule.rate * hours) + sentiment.earned * bateman(rule.rate, rule.earned_rate, hours),
        sentiment.earned * math.exp(-rule.earned_rate * hours),
        sentiment.gained * cap_left,
        sentiment.lost * cap_left,
    )


def moved(sentiment: Sentiment, rule: SentimentRule, gain: float, loss: float) -> Sentiment:
    """Move *sentiment* by a raw *gain* and a raw *loss*, both at least 0, within its caps.

    Gains shrink towards 1, losses towards -1. Splitting a raw amount over several calls uses up the same cap.
    """
    gain_used = _room_taken(gain, sentiment.gained, rule.gain_cap)
    loss_used = _room_taken(loss, sentiment.lost, rule.loss_cap)
    change = gain_used * (1.0 - max(sentiment.value, 0.0)) - loss_used * (1.0 + min(sentiment.value, 0.0))
    return Sentiment(
        clip(sentiment.value + change, rule.least, 1.0),
        clip(sentiment.earned + EARNED_SHARE * change, rule.least, 1.0),
        sentiment.gained + gain_used,
        sentiment.lost + loss_used,
    )


def _room_taken(raw: float, used: float, cap: float) -> float:
    return max(cap - used, 0.0) * -math.expm1(-raw / cap)
