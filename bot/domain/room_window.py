"""The last lines of one room, as facts: what it takes to tell whether the next one is hers.

Fed with every line heard, in whatever order and however often it comes. Nobody's words are kept.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.attention import Decision, Features, Outcome, decide, interest_matters
from bot.domain.attention_features import Value
from bot.domain.ids import MessageId, UserId
from bot.domain.message import ChannelKind, Message, Reach, Speaker
from bot.domain.names import Found, Names, Taken
from bot.domain.room_lines import Line, Told, common_form, overlap, told_by
from bot.domain.room_people import People, name_facts
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.room_talk import (
    burst_of,
    is_pair,
    people_of,
    since_author,
    since_her,
    talked_ago,
    untaken_of,
    usual_gap,
    was_to_her,
)
from bot.domain.tongues import Likeness

LINES_MOST = 50
SPENDINGS_MOST = 64
NEAR = timedelta(minutes=20)  # who spoke since is around
SAME_BREATH = timedelta(minutes=3)  # between two lines of one person that belong together
POINTED_FOR = timedelta(minutes=5)  # so long one is expected to answer who spoke to one
PACE_OVER = timedelta(minutes=2)
UNHEARD = timedelta(minutes=2)  # a question without an answer
SHARE_LINES = 12
ASKED_LINES = 3  # one of these was for her where she was asked
STRAY_LETTERS = 6  # less is a laugh or a nod
POINTED_LINES = 4  # and so many lines long
ANSWERED_LINES = 3  # so far back her line may answer one that does not call her
EXCHANGE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
CALL_OPEN_FOR = timedelta(minutes=2)  # what she says within it after a cheap call is what came of it
LISTENING = RoomPolicy(hearing=Hearing.LISTEN)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What matters beside the room: the time, how she feels, what may be spent.

    *pleasure* and *arousal* are in [-1, 1], *need* (for company) in [0, 1], *interest* (in the topic) in [0, 1], None
    where it was not asked for. *calls_left* are cheap calls that may still be made today. *is_own_thread* says that the
    room is a thread that she opened.
    """

    now: datetime
    calls_left: int
    pleasure: float = 0.0
    arousal: float = 0.0
    need: float = 0.5
    interest: float | None = None
    is_own_thread: bool = False


class Reading(NamedTuple):
    """What one line shows by itself, and by the names of those around."""

    told: Told
    found: Found
    called: frozenset[UserId]
    others_found: Found
    spoken_of: frozenset[UserId]
    likeness: Likeness


class RoomWindow:
    """What was said in a room of late, by whom and to whom."""

    def __init__(self, names: Names, own_id: UserId) -> None:
        """Begin empty; *names* are hers, *own_id* is her user id."""
        self._names = names
        self._own_id = own_id
        self._lines: list[Line] = []
        self._people = People()
        self._joined: deque[datetime] = deque(maxlen=SPENDINGS_MOST)
        self._considered: deque[datetime] = deque(maxlen=SPENDINGS_MOST)
        self._open_call: datetime | None = None  # a cheap call whose outcome is not seen yet
        self._bot_turns = 0
        self._reading: tuple[tuple[MessageId, int], Reading] | None = None

    def look(self, message: Message, around: Surroundings) -> Features:
        """Give what is known of a line among those before it; changes nothing."""
        before = self._before(message)
        told, found, others, others_found, _, _ = self._read(message)
        to = self._addressed(message, others)
        at = message.sent_at
        facts: dict[str, Value] = {
            "by": str(self._speaker(message)),
            "at": around.now.timestamp(),
            "age_s": max(0.0, (around.now - at).total_seconds()),
            "is_dm": message.channel.kind is ChannelKind.DM,
            "is_own_thread": around.is_own_thread,
            "is_mention": message.mentions_self,
            "is_reply": message.replies_to_self,
            **name_facts(found, others_found, before),
            **self._people.with_her_name(message.author.user_id, found, before),
            "name_is_word": self._is_word(message, found, before),
            "replies_other": message.reply_to_id is not None
            and not message.replies_to_self
            and message.reply_to_user_id != message.author.user_id,
            "mentions_other": any(one not in (self._own_id, message.author.user_id) for one in message.mentioned_ids),
            "mentions_all": message.mentions_all,
            "others_place": int(others_found.place),
            "is_other_called": bool(others),
            "is_question": told.is_question,
            "is_set_off": told.is_set_off,
            "letters": told.letters,
            "is_wordless": not told.has_words,
            "is_pointing": told.is_pointing,
            **self._exchange(message, told, before, to),
            **self._room(message, told, before),
            **self._spent(at),
            "calls_left": around.calls_left,
            "pleasure": around.pleasure,
            "arousal": around.arousal,
            "need": around.need,
            "interest": around.interest,
        }
        return Features(**facts)  # type: ignore[arg-type]

    def note(self, message: Message, decision: Decision | None) -> None:
        """Remember a line and what was decided of it; a line known already counts once.

        Without a *decision*, as after a start, whether it was for her is told from the lines before it.
        """
        if any(line.message_id == message.message_id for line in self._lines):
            return
        speaker = self._speaker(message)
        told, found, others, _, _, _ = self._read(message)
        line = Line(
            message.message_id,
            message.author.user_id,
            speaker,
            message.sent_at,
            self._addressed(message, others),
            told.is_question,
            told.tokens,
            ordinary=common_form(found),
            letters=told.letters,
            spoken_of=self._read(message).spoken_of,
            names_her=found.place > 0,
            likeness=self._read(message).likeness,
        )
        if speaker is Speaker.SELF:
            line.asker, line.is_sure = self._answered(message, line)
            self._count_own(message)
        else:
            line.to_her = self._is_to_her(message, decision)
            self._count(message, speaker, decision)
            self._people.meet(message.author)
            self._reading = None
        insort(self._lines, line, key=_order)
        del self._lines[:-LINES_MOST]

    def forget(self, message_ids: Collection[MessageId]) -> None:
        """Drop what is known of deleted lines."""
        gone = frozenset(message_ids)
        self._lines = [line for line in self._lines if line.message_id not in gone]

    @staticmethod
    def interest_matters(features: Features, policy: RoomPolicy) -> bool:
        """Say whether knowing how much the topic interests her could change what is decided."""
        return interest_matters(features, policy)

    def _speaker(self, message: Message) -> Speaker:
        return Speaker.SELF if message.author.user_id == self._own_id else message.speaker

    def _before(self, message: Message) -> Sequence[Line]:
        key = (message.sent_at, message.message_id)
        return [line for line in self._lines if _order(line) < key and line.message_id != message.message_id]

    def _read(self, message: Message) -> Reading:
        """Read a line, once: it is looked at and noted with the same people around."""
        key = (message.message_id, hash(message.content))
        if self._reading is None or self._reading[0] != key:
            taken = Taken(message.content)
            named = self._people.named(message.author.user_id, taken, self._names)
            likeness = self._names.tongues.hear(message.content)
            reading = Reading(told_by(message), self._names.find(taken), *named, likeness)
            self._reading = key, reading
        return self._reading[1]

    def _addressed(self, message: Message, called: frozenset[UserId]) -> frozenset[UserId]:
        """Give whom a line is openly addressed to, her included; itself never."""
        to = set(called) | set(message.mentioned_ids)
        if message.reply_to_user_id is not None:
            to.add(message.reply_to_user_id)
        if message.replies_to_self or message.mentions_self:
            to.add(self._own_id)
        to.discard(message.author.user_id)
        return frozenset(to)

    def _answered(self, message: Message, line: Line) -> tuple[UserId | None, bool]:
        """Tell whom a line of hers is to, and whether that is sure.

        Whom it names, else who spoke to her last, else who asked, else who spoke last.
        """
        if message.reply_to_user_id is not None and message.reply_to_user_id != self._own_id:
            return message.reply_to_user_id, True
        before = self._before(message)
        since = since_her(before)
        near = since[-ANSWERED_LINES:]
        for sign in (
            [one for one in before if one.author in line.to],
            [one for one in since if one.to_her],
            [one for one in near if one.names_her],
            [one for one in before if one.author in line.spoken_of],
            [one for one in near if one.is_question and not one.to],
        ):
            if sign:
                return sign[-1].author, True
        if since:
            return since[-1].author, False
        last = before[-1] if before and before[-1].speaker is Speaker.SELF else None
        return (None, False) if last is None else (last.asker, last.is_sure)

    def _is_to_her(self, message: Message, decision: Decision | None) -> bool:
        if decision is None:
            around = Surroundings(now=message.sent_at, calls_left=0)
            decision = decide(self.look(message, around), LISTENING, is_quiet=False)
        return decision.outcome is Outcome.ANSWER and decision.reach is not Reach.JOINING

    def _count(self, message: Message, speaker: Speaker, decision: Decision | None) -> None:
        """Count what was spent on a line: something unasked, a cheap call, an answer to a bot."""
        is_answer = decision is not None and decision.outcome is Outcome.ANSWER
        reach = decision.reach if decision is not None else message.reach
        if speaker is Speaker.PERSON:
            self._bot_turns = 0
        elif is_answer:
            self._bot_turns += 1
        if reach is Reach.JOINING and (is_answer or decision is None):
            self._joined.append(message.sent_at)
        if decision is not None and decision.outcome is Outcome.CONSIDER:
            self._considered.append(message.sent_at)
            self._open_call = message.sent_at
        elif is_answer:
            self._open_call = None  # her next line is the answer to this one

    def _count_own(self, message: Message) -> None:
        """Count a line of hers as unasked where the cheap call must have said yes to what came before it."""
        if self._open_call is not None and message.sent_at - self._open_call <= CALL_OPEN_FOR:
            self._joined.append(message.sent_at)
        self._open_call = None

    def _exchange(
        self, message: Message, told: Told, before: Sequence[Line], to: frozenset[UserId]
    ) -> dict[str, Value]:
        """Tell how the line stands to what she said last."""
        author = message.author.user_id
        facts: dict[str, Value] = {"run_to": self._run(message, before)}
        hers = next((line for line in reversed(before) if line.speaker is Speaker.SELF), None)
        if hers is None:
            return facts
        since = since_her(before)
        own = [line for line in since if line.author == author]
        burst = burst_of(before, hers)
        at = message.sent_at
        facts.update(
            her_ago_s=max(0.0, (at - hers.at).total_seconds()),
            lines_since_her=len(since),
            strays_since_her=sum(
                line.author != author and not line.to_her and line.letters >= STRAY_LETTERS for line in since
            ),
            own_since_her=len(own),
            her_to_author=any(line.asker == author for line in burst),
            her_to_other=all(line.asker not in (author, None) for line in burst),
            her_asked=any(line.is_question for line in burst),
            her_unasked=not any(line.to_her for line in before[: before.index(burst[0])][-ASKED_LINES:]),
            her_sure=any(line.is_sure for line in burst),
            her_names_author=any(author in line.to | line.spoken_of for line in burst),
            her_names_other=any((line.to | line.spoken_of) - {author} for line in burst),
            her_letters=sum(line.letters for line in burst),
            her_between=is_pair(people_of(before[: before.index(burst[0])]), author),
            was_to_her=was_to_her(before, hers, author),
            talked_ago_s=talked_ago(before, burst, author, at),
            rounds=sum(line.asker == author and at - line.at <= EXCHANGE for line in before),
            is_turned=any((line.to and self._own_id not in line.to) for line in own),
            echo_her=max(overlap(told.tokens, line.tokens) for line in burst),
            echo_others=max((overlap(told.tokens, line.tokens) for line in since if line not in own), default=0.0),
        )
        return facts

    def _run(self, message: Message, before: Sequence[Line]) -> str:
        """Tell to whom the author's own line right before was."""
        if not before:
            return ""
        last = before[-1]
        if last.author != message.author.user_id or message.sent_at - last.at > SAME_BREATH:
            return ""
        if last.to_her:
            return "her"
        return "other" if last.to else "room"

    def _is_word(self, message: Message, found: Found, before: Sequence[Line]) -> float:
        """Say how surely the form of her name that was found is a word where they talk."""
        tongues = self._names.tongues
        if not found.place or not tongues.knows(found.form):
            return 0.0
        return tongues.is_word(found.form, self._read(message).likeness, [line.likeness for line in before])

    def _room(self, message: Message, told: Told, before: Sequence[Line]) -> dict[str, Value]:
        """Tell what goes on in the room."""
        author, at = message.author.user_id, message.sent_at
        people = [line for line in before if line.speaker is Speaker.PERSON]
        last = before[-1] if before else None
        recent = [line for line in before[-SHARE_LINES:] if at - line.at <= HOUR]
        near = {line.author for line in people if at - line.at <= NEAR} - {author}
        others = since_author(people, author)
        pointed = any(author in line.to for line in others[-POINTED_LINES:] if at - line.at <= POINTED_FOR) or (
            bool(others) and author in others[-1].to and others[-1] is last
        )
        asks_again = (
            last is not None
            and last.author == author
            and at - last.at > UNHEARD
            and (last.is_question or told.is_question)
            and not last.to
        )
        return {
            "others_near": len(near),
            "pace": sum(at - line.at <= PACE_OVER for line in people) / (PACE_OVER.total_seconds() / 60.0),
            "pause_s": None if last is None else max(0.0, (at - last.at).total_seconds()),
            "is_pointed": pointed,
            "is_pair": is_pair(before, author),
            "usual_gap_s": usual_gap(before),
            "asks_again": asks_again,
            "waits": last is not None and last.author == author and at - last.at > UNHEARD and not last.to,
            "is_first": all(line.author != author for line in people),
            "share": sum(line.speaker is Speaker.SELF for line in recent) / len(recent) if recent else 0.0,
            "untaken": untaken_of(before),
        }

    def _spent(self, at: datetime) -> dict[str, Value]:
        joined = [one for one in self._joined if at - one <= HOUR]
        considered = [one for one in self._considered if at - one <= HOUR]
        return {
            "joined_hour": len(joined),
            "joined_ago_s": _ago(self._joined, at),
            "considered_hour": len(considered),
            "considered_ago_s": _ago(self._considered, at),
            "bot_turns": self._bot_turns,
        }


def _order(line: Line) -> tuple[datetime, MessageId]:
    return line.at, line.message_id


def _ago(times: Collection[datetime], at: datetime) -> float | None:
    return max(0.0, (at - max(times)).total_seconds()) if times else None
