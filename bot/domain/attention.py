"""Whether a message is hers to answer; pure, language-neutral, without a model.

A direct message, a mention and a reply to her always are. In a channel where she listens, everything else gets a score
from who speaks with whom (`bot.domain.attention_weights`), and the channel's policy sets the bar.
Where the score lies just below the bar, one cheap call may decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.attention_features import Features
from bot.domain.attention_weights import CALLED_BAR, UNASKED, VERSION, contributions, is_expecting
from bot.domain.message import ChannelKind, Message, Reach, Speaker
from bot.domain.room_policy import CHATTINESS_USUAL, USUAL, Hearing, QuietHours, RoomPolicy

__all__ = [
    "VERSION",
    "Attention",
    "Decision",
    "Features",
    "Outcome",
    "attend",
    "decide",
    "interest_matters",
    "redecide",
]

# How much one step of chattiness moves the bar for speaking unasked; chosen by ear, see docs/attention.md.
BAR_STEP = 0.35
GREY_WIDTH = 0.7  # so far below the bar, one cheap call may decide
LATE_S = 120.0  # what was said longer ago is not joined unasked
TOO_LATE_S = 1_800.0  # nor is a call by name answered after so long
JOINS_AN_HOUR = 1.5  # for each step of chattiness
PAUSE_S = 300.0  # after something unasked that nobody took up; doubles each time
PAUSE_MOST_S = 6 * 3600.0
CALLS_AN_HOUR = 6  # cheap calls in one channel
CALLS_APART_S = 60.0
TIE_S = 900.0  # after so long without a word of hers, a line is no longer taken for one about it
BOT_TURNS_MOST = 2  # answers to bots until a person speaks
CERTAIN = 10.0  # the weight of what is always answered


class Outcome(StrEnum):
    """What is done with a line."""

    ANSWER = "answer"  # it gets a turn
    CONSIDER = "consider"  # one cheap call decides whether it gets one
    LISTEN = "listen"  # it is context for a day
    LEAVE = "leave"  # nothing of it is kept


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of a line, with everything it took to decide it again.

    *score* is compared with *bar*; *weights* says what each feature contributed to it. *features* are plain JSON
    values. *reach* counts only where she may answer.
    """

    outcome: Outcome
    reach: Reach
    reasons: tuple[str, ...]
    score: float = 0.0
    bar: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)
    features: Mapping[str, object] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Attention:
    """Whether she answers, and why; *reasons* are short stable words for decisions and traces.

    *decision* is the whole of it, where there is one to record, made under *policy*.
    """

    is_hers: bool
    reasons: tuple[str, ...]
    decision: Decision | None = None
    policy: RoomPolicy = USUAL

    @property
    def reach(self) -> Reach:
        """Give how the line reaches her."""
        return Reach.ASKED if self.decision is None else self.decision.reach


def attend(message: Message) -> Attention:
    """Decide whether *message* asks for her.

    Her own lines never do; another bot's never do on their own, so that two bots cannot loop.
    """
    if message.speaker is not Speaker.PERSON:
        return Attention(is_hers=False, reasons=(f"said by {message.speaker}",))
    reasons = []
    if message.channel.kind is ChannelKind.DM:
        reasons.append("direct message")
    if message.mentions_self:
        reasons.append("mention")
    if message.replies_to_self:
        reasons.append("reply to her")
    if not reasons:
        return Attention(is_hers=False, reasons=("not addressed to her",))
    return Attention(is_hers=True, reasons=tuple(reasons))


def decide(features: Features, policy: RoomPolicy, *, is_quiet: bool) -> Decision:
    """Decide what is done with a line, from what is known of it and what an admin allowed.

    *is_quiet* says that the channel has its quiet hours. The more chatty she may be, the more she answers: what is
    answered at one chattiness is answered at every higher one.
    """
    kept = features.as_json() | {"is_quiet": is_quiet, "quiet": _quiet_json(policy.quiet)}
    asked = _asked(features)
    if policy.hearing is Hearing.IGNORE and not features.is_dm:
        return Decision(Outcome.LEAVE, Reach.UNSURE, ("channel is ignored",), features=kept, version=VERSION)
    if features.by == Speaker.PERSON and asked:
        weights = dict.fromkeys(asked, CERTAIN)
        return Decision(
            Outcome.ANSWER, Reach.ASKED, tuple(asked), CERTAIN * len(asked), CALLED_BAR, weights, kept, VERSION
        )
    if policy.hearing is Hearing.MENTION_ONLY:
        return Decision(Outcome.LEAVE, Reach.UNSURE, ("not addressed to her",), features=kept, version=VERSION)
    if features.by != Speaker.PERSON:
        outcome, reasons = _of_bot(features, policy, asked, is_quiet=is_quiet)
        reach = Reach.CALLED if outcome is Outcome.ANSWER else Reach.UNSURE
        return Decision(outcome, reach, reasons, features=kept, version=VERSION)
    return replace(_scored(features, policy, is_quiet=is_quiet), features=kept, version=VERSION)


def redecide(decision: Decision, policy: RoomPolicy) -> Decision:
    """Decide again what was decided once, as if *policy* had held then.

    Each line is taken by itself: what she would have said otherwise before it is not known.
    """
    kept = decision.features
    features = Features.read(kept)
    is_quiet = bool(kept.get("is_quiet", False))
    if _quiet_json(policy.quiet) != kept.get("quiet"):
        at = datetime.fromtimestamp(features.at, UTC)
        is_quiet = policy.quiet is not None and policy.quiet.holds(at)
    return decide(features, policy, is_quiet=is_quiet)


def interest_matters(features: Features, policy: RoomPolicy, *, is_quiet: bool = False) -> bool:
    """Say whether knowing how much the topic interests her could change what is decided."""
    without = decide(replace(features, interest=None), policy, is_quiet=is_quiet).outcome
    return without is not decide(replace(features, interest=1.0), policy, is_quiet=is_quiet).outcome


def bar_of(policy: RoomPolicy) -> float:
    """Give the score from which on she speaks unasked."""
    return BAR_STEP * (CHATTINESS_USUAL - policy.chattiness)


def _quiet_json(quiet: QuietHours | None) -> list[object] | None:
    return None if quiet is None else [quiet.begins, quiet.ends, quiet.zone]


def _asked(features: Features) -> list[str]:
    marks = {"direct message": features.is_dm, "mention": features.is_mention, "reply to her": features.is_reply}
    return [name for name, holds in marks.items() if holds]


def _of_bot(
    features: Features, policy: RoomPolicy, asked: list[str], *, is_quiet: bool
) -> tuple[Outcome, tuple[str, ...]]:
    """Decide on another bot's line: answered a few times until a person speaks, where it asks her something.

    A mention alone does not ask: programs that moderate, count or announce mention people as well.
    """
    said = f"said by {features.by}"
    if (
        features.by == Speaker.SELF
        or features.is_dm
        or not (features.is_reply or (features.is_mention and features.is_question))
    ):
        return Outcome.LISTEN, (said,)
    if features.bot_turns >= BOT_TURNS_MOST:
        return Outcome.LISTEN, (said, "pair guard")
    barred = _barred(features, policy, is_quiet=is_quiet)
    return (Outcome.LISTEN, (said, barred)) if barred else (Outcome.ANSWER, (said, *asked))


def _scored(features: Features, policy: RoomPolicy, *, is_quiet: bool) -> Decision:
    """Decide on a person's line that may or may not be for her."""
    weights = contributions(features)
    bar, score = bar_of(policy), sum(weights.values())
    expected = {name: weight for name, weight in weights.items() if name not in UNASKED or weight < 0}
    reasons = _reasons(weights)
    called = sum(expected.values())
    if called >= CALLED_BAR and features.age_s <= TOO_LATE_S and is_expecting(features):
        return Decision(Outcome.ANSWER, Reach.CALLED, _reasons(expected), called, CALLED_BAR, expected)
    near = bar - GREY_WIDTH
    if score < near:
        return Decision(Outcome.LISTEN, Reach.UNSURE, reasons, score, bar, weights)
    barred = _barred(features, policy, is_quiet=is_quiet)
    if not barred and score >= bar:
        return Decision(Outcome.ANSWER, Reach.JOINING, reasons, score, bar, weights)
    barred = barred or _unaffordable(features)
    if not barred and not _has_tie(features):
        return Decision(Outcome.LISTEN, Reach.UNSURE, reasons, score, bar, weights)
    if barred:
        return Decision(Outcome.LISTEN, Reach.UNSURE, (*reasons, barred), score, bar, weights)
    return Decision(Outcome.CONSIDER, Reach.UNSURE, (*reasons, "grey zone"), score, bar, weights)


def _barred(features: Features, policy: RoomPolicy, *, is_quiet: bool) -> str:
    """Say what keeps her from speaking unasked, if anything does."""
    if policy.chattiness == 0:
        return "not chatty"
    if is_quiet:
        return "quiet hours"
    if features.age_s > LATE_S:
        return "said too long ago"
    if features.joined_hour >= JOINS_AN_HOUR * policy.chattiness:
        return "budget spent"
    pause = min(PAUSE_MOST_S, PAUSE_S * 2.0 ** (min(features.untaken, 20) - 1)) if features.untaken else 0.0
    if features.joined_ago_s is not None and features.joined_ago_s < pause:
        return "back-off"
    return ""


def _has_tie(features: Features) -> bool:
    """Say whether a line has anything to do with her, so that a cheap call is not spent on talk between others."""
    is_recent = features.her_ago_s is not None and features.her_ago_s < TIE_S
    return features.place > 0 or is_recent or features.asks_again or features.waits or features.is_own_thread


def _unaffordable(features: Features) -> str:
    """Say what keeps her from spending a cheap call, if anything does."""
    if features.calls_left <= 0 or features.considered_hour >= CALLS_AN_HOUR:
        return "budget spent"
    if features.considered_ago_s is not None and features.considered_ago_s < CALLS_APART_S:
        return "considered just now"
    return ""


def _reasons(weights: Mapping[str, float]) -> tuple[str, ...]:
    """Name the strongest contributions, strongest first."""
    named = [name for name in weights if name != "to begin with"]
    strongest = sorted(named, key=lambda name: -abs(weights[name]))[:4]
    return tuple(strongest) or ("not addressed to her",)
