"""What became of every message, judged by what Discord holds in the end and by nothing else."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from playground.world import Channel, User
from tests.chaos.havoc import Struck
from tests.chaos.model import PART, TOKEN, Call
from tests.chaos.people import Said
from tests.chaos.plan import Kind

CUT_SHORT_NEAR_S = 30.0  # a reply may stay without its tail only if something broke this close to it


@dataclass(frozen=True, slots=True)
class Part:
    """One message of hers, as its own words say."""

    reply: str
    number: int
    total: int
    tokens: tuple[str, ...]
    channel_id: int
    message_id: int
    at: float


def parts_of(channels: Iterable[Channel], her: User) -> tuple[list[Part], list[int]]:
    """Read all she said, in the order of each channel; also give the ids of what is no part of a reply."""
    parts: list[Part] = []
    strange: list[int] = []
    for channel in channels:
        for message_id in channel.message_ids:
            message = channel.messages[message_id]
            if message.author is not her:
                continue
            read = PART.match(message.content)
            if read is None:
                strange.append(message_id)
                continue
            tokens = tuple(TOKEN.findall(read["rest"])) if read["number"] == "1" else ()
            at = message.created_at.timestamp()
            number, total = int(read["number"]), int(read["total"])
            parts.append(Part(read["reply"], number, total, tokens, channel.channel_id, message_id, at))
    return parts, strange


def unanswered(said: Mapping[str, Said], parts: Iterable[Part]) -> list[Said]:
    """List what stands and has no reply."""
    answered = {token for part in parts for token in part.tokens}
    return [one for one in said.values() if one.deleted_at is None and one.token not in answered]


@dataclass(slots=True)
class Verdict:
    """What was found; it is good when all lists are empty."""

    messages: int
    replies: int
    parts: int
    lost: list[Said] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    parts_twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    strange: list[int] = field(default_factory=list)
    cut_short: int = 0
    deleted: int = 0
    deleted_answered: int = 0
    edited: int = 0

    @property
    def is_good(self) -> bool:
        """Say whether nothing was lost, doubled, or out of order."""
        return not (self.lost or self.twice or self.parts_twice or self.out_of_order or self.torn or self.strange)

    @property
    def troubled(self) -> list[str]:
        """List the tokens that something is wrong with."""
        return [*(one.token for one in self.lost), *self.twice, *self.out_of_order]

    def lines(self) -> list[str]:
        """Say it in a few lines."""
        return [
            f"{self.messages} messages ({self.edited} edited, {self.deleted} deleted, of these "
            f"{self.deleted_answered} answered before), {self.replies} replies in {self.parts} parts",
            f"lost {len(self.lost)}, answered twice {len(self.twice)}, parts twice {len(self.parts_twice)}, "
            f"out of order {len(self.out_of_order)}, torn {len(self.torn)}, not hers to say {len(self.strange)}; "
            f"{self.cut_short} replies cut short near a strike",
        ]


def judge(said: Mapping[str, Said], parts: Sequence[Part], strange: list[int], calls: Sequence[Call],
          struck: Sequence[Struck]) -> Verdict:  # fmt: skip
    """Judge a run that has settled."""
    replies_to: defaultdict[str, set[str]] = defaultdict(set)
    for part in parts:
        for token in part.tokens:
            replies_to[token].add(part.reply)
    gone = [one for one in said.values() if one.deleted_at is not None]
    counts = Counter((part.reply, part.number) for part in parts)
    verdict = Verdict(
        messages=len(said),
        replies=len({part.reply for part in parts}),
        parts=len(parts),
        lost=unanswered(said, parts),
        twice=sorted(token for token, replies in replies_to.items() if len(replies) > 1),
        parts_twice=sorted(f"{reply} part {number}" for (reply, number), times in counts.items() if times > 1),
        out_of_order=_out_of_order(said, parts),
        strange=strange,
        deleted=len(gone),
        deleted_answered=sum(one.token in replies_to for one in gone),
        edited=sum(one.edited_at is not None for one in said.values()),
    )
    _judge_tails(verdict, parts, calls, struck)
    return verdict


def _out_of_order(said: Mapping[str, Said], parts: Sequence[Part]) -> list[str]:
    """List messages that were answered after a later one of the same person in the same channel."""
    newest: dict[tuple[int, int], int] = {}
    found = []
    for part in parts:
        for token in part.tokens:
            message = said[token].message
            who = (part.channel_id, message.author.user_id)
            if message.message_id < newest.get(who, 0):
                found.append(token)
            newest[who] = max(newest.get(who, 0), message.message_id)
    return found


def _judge_tails(verdict: Verdict, parts: Sequence[Part], calls: Sequence[Call], struck: Sequence[Struck]) -> None:
    """See that each reply's parts are in order and without a gap; a tail may be missing only where something broke."""
    asked = {call.reply: call for call in calls}
    by_reply: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        by_reply[part.reply].append(part)
    for reply, mine in by_reply.items():
        numbers = [part.number for part in mine]
        if numbers != sorted(numbers) or set(numbers) != set(range(1, max(numbers) + 1)):
            verdict.torn.append(f"{reply}: parts {numbers}")
        elif max(numbers) < mine[0].total:
            call = asked[reply]
            near = any(abs(one.at - call.started) < CUT_SHORT_NEAR_S for one in struck)
            if call.broken or near:
                verdict.cut_short += 1
            else:
                verdict.torn.append(f"{reply}: {max(numbers)} of {mine[0].total}")


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from a kill to the next progress of the turns that were under way in its victims."""

    kind: Kind
    seconds: float
    others_alive: bool


def recoveries(struck: Sequence[Struck], calls: Sequence[Call], parts: Sequence[Part]) -> list[Recovery]:
    """Measure how soon a turn went on after the process that had it was killed.

    Progress is the next question about one of its messages, or her next words about one.
    """
    found = []
    for one in struck:
        for call in one.under_way:
            wanted = set(call.tokens)
            asked = [later.started for later in calls if later.started > one.at and wanted & set(later.tokens)]
            said = [part.at for part in parts if part.at > one.at and wanted & set(part.tokens)]
            progress = min([*asked, *said], default=None)
            if progress is not None:
                found.append(Recovery(one.kind, progress - one.at, one.others_alive))
    return found


def recovery_lines(found: Sequence[Recovery]) -> list[str]:
    """Say how long turns stood still, apart for victims that had a living colleague and those that had none."""
    lines = []
    for label, is_alive in (("another worker alive", True), ("nobody else alive, with the restart", False)):
        times = [one.seconds for one in found if one.others_alive is is_alive]
        if times:
            p50 = statistics.median(times)
            lines.append(f"turns taken up again ({label}): p50 {p50:.1f} s, max {max(times):.1f} s, {len(times)} turns")
    return lines
