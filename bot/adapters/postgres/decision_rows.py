"""Map decisions and policies to rows and back."""

from __future__ import annotations

import json
from dataclasses import asdict

from bot.adapters.postgres.rows import Row, json_text
from bot.domain.attention import Decision, Outcome
from bot.domain.ids import ChannelId, MessageId, TurnId
from bot.domain.message import Reach
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from bot.room_ports import RecordedDecision


def decision_values(decision: Decision, policy: RoomPolicy) -> tuple[object, ...]:
    """Give what a decision adds to the values of a message that is kept."""
    return (
        decision.version,
        decision.outcome,
        list(decision.reasons),
        decision.score,
        decision.bar,
        json_text(decision.weights),
        json_text(decision.features),
        json_text(asdict(policy)),
    )


def recorded_of(row: Row) -> RecordedDecision:
    """Read a row of ``decisions`` with the turn that followed."""
    return RecordedDecision(
        message_id=MessageId(row["message_id"]),
        channel_id=ChannelId(row["channel_id"]),
        decided_at=row["decided_at"],
        decision=Decision(
            outcome=Outcome(row["outcome"]),
            reach=Reach(row["reach"]),
            reasons=tuple(row["reasons"]),
            score=row["score"],
            bar=row["bar"],
            weights=json.loads(row["weights"]),
            features=json.loads(row["features"]),
            version=row["version"],
        ),
        policy=_recorded_policy(json.loads(row["policy"])),
        is_hers=row["is_hers"],
        turn_id=None if row["turn_id"] is None else TurnId(row["turn_id"]),
    )


def _recorded_policy(fields: dict[str, object]) -> RoomPolicy:
    quiet = fields["quiet"]
    return RoomPolicy(
        hearing=Hearing(str(fields["hearing"])),
        chattiness=int(str(fields["chattiness"])),
        quiet=QuietHours(**quiet) if isinstance(quiet, dict) else None,
        persona=None if fields["persona"] is None else str(fields["persona"]),
    )


def policy_values(policy: RoomPolicy) -> tuple[object, ...]:
    """Give the columns of a policy, in the table's order."""
    quiet = (None, None, None) if policy.quiet is None else (policy.quiet.begins, policy.quiet.ends, policy.quiet.zone)
    return (policy.hearing, policy.chattiness, *quiet, policy.persona)


def policy_of(row: Row) -> RoomPolicy:
    """Read a row of ``channel_policies``."""
    begins, ends, zone = row["quiet_begins"], row["quiet_ends"], row["quiet_zone"]
    return RoomPolicy(
        hearing=Hearing(row["hearing"]),
        chattiness=row["chattiness"],
        quiet=None if zone is None else QuietHours(begins, ends, zone),
        persona=row["persona"],
    )
