"""The card that says why she said a line, or why she was silent: reasons, figures and links, nobody's words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.domain.attention import Outcome
from bot.domain.card import Card, Text
from bot.domain.ids import MessageId
from bot.domain.message import Channel, Reach
from bot.domain.room_policy import Hearing
from bot.domain.turn import Intent
from bot.engine.explain import Contribution, Explanation, Nothing
from bot.room_ports import RecordedDecision, RecordedTurn
from cogs.presenters.channel import policy_line
from cogs.presenters.why_words import WITH_DETAIL, WORDS

DIRECTLY = "@me"  # what stands for a server in the address of a direct conversation
LINES_MOST = 5  # lines of one answer that are linked
NOTES_MOST = 8
NOTE_MOST = 80  # characters
MINUS = "−"  # not a hyphen, which would begin a list
MILLISECONDS = 1_000

REACH = {
    Reach.ASKED: "explain_reach.asked",
    Reach.CALLED: "explain_reach.called",
    Reach.JOINING: "explain_reach.joining",
    Reach.UNSURE: "explain_reach.unsure",
}
DID = {
    Intent.REPLY: "explain_did.reply",
    Intent.REACT: "explain_did.react",
    Intent.LATER: "explain_did.later",
    Intent.SILENT: "explain_did.silent",
}
OUTCOME = {
    Outcome.ANSWER: "explain_outcome.answer",
    Outcome.CONSIDER: "explain_outcome.consider",
    Outcome.LISTEN: "explain_outcome.listen",
    Outcome.LEAVE: "explain_outcome.leave",
}
CONSIDERED = {True: "explain_considered_yes", False: "explain_considered_no"}
NOTHING = {
    Nothing.EMPTY: "explain_nothing.empty",
    Nothing.IGNORED: "explain_nothing.ignored",
    Nothing.NOT_ADDRESSED: "explain_nothing.not_addressed",
    Nothing.OPTED_OUT: "explain_nothing.opted_out",
    Nothing.OLD: "explain_nothing.old",
    Nothing.APP: "explain_nothing.app",
    Nothing.UNKNOWN: "explain_nothing.unknown",
}


def explanation_card(told: Explanation, *, name: str, colour: int) -> Card:
    """Say why she spoke, or did not."""
    who = {"name": name}
    if told.nothing is not None:
        return Card(NOTHING[told.nothing], who, title_key="explain_title", colour=colour)
    groups = (_reached(told), _allowed(told.decision), _made(told.turn, told.decision))
    return Card(
        "explain_head",
        {"name": name, "what": _what_happened(told, name)},
        title_key="explain_title_hers" if told.is_hers else "explain_title",
        colour=colour,
        sections=tuple(group for group in groups if group),
        footnote=_footnote(told),
    )


def _what_happened(told: Explanation, name: str) -> Text:
    turn, decision = told.turn, told.decision
    if turn is not None and turn.intent is not None:
        did = DID.get(Intent(turn.intent)) if turn.intent in {*Intent} else None
        lines = _answered(turn, told.message_id)
        if did is not None:
            return Text(did, {"name": name, "lines": lines or Text("explain_unasked")})
    if turn is not None:
        return Text("explain_under_way", {"name": name})
    assert decision is not None  # else there is nothing to tell
    verdict = None if decision.decision.outcome is not Outcome.CONSIDER else CONSIDERED.get(decision.is_hers is True)
    if decision.is_hers is None or verdict is None:
        return Text(OUTCOME[decision.decision.outcome], {"name": name})
    return Text(verdict, {"name": name})


def _answered(turn: RecordedTurn, about: MessageId | None) -> tuple[Text, ...]:
    """Link the lines that a turn answered: the newest of many, and in any case the one that is asked about."""
    others = sorted(one for one in turn.asked_ids if one != about)
    shown = sorted(others[-LINES_MOST:] if about not in turn.asked_ids else [about, *others[1 - LINES_MOST :]])
    more = len(turn.asked_ids) - len(shown)
    links = tuple(_link(turn.channel, one) for one in shown)
    return (*links, Text("explain_more_lines", {"count": more})) if more else links


def _link(channel: Channel, message_id: MessageId) -> Text:
    place = DIRECTLY if channel.guild_id is None else channel.guild_id
    return Text("explain_line", {"place": place, "channel_id": channel.channel_id, "message_id": message_id})


def _reached(told: Explanation) -> tuple[Text, ...]:
    """Say how the line reached her, with the score and what it is made of."""
    if told.decision is None:
        reasons = () if told.turn is None else told.turn.reasons
        return (Text("explain_why", {"reasons": _worded(reasons)}),) if reasons else ()
    decision = told.decision.decision
    may_answer = decision.outcome in (Outcome.ANSWER, Outcome.CONSIDER)
    lines = [Text(REACH[decision.reach])] if may_answer else []
    beside = [one for one in decision.reasons if one not in decision.weights or decision.reach is Reach.ASKED]
    if beside:
        lines.append(Text("explain_why", {"reasons": _worded(beside)}))
    if decision.reach is Reach.ASKED or not (decision.weights or decision.score != decision.bar):
        return tuple(lines)  # nothing was weighed
    lines.append(Text("explain_score", {"score": _figure(decision.score), "bar": _figure(decision.bar)}))
    return (*lines, *(_contribution(one) for one in told.strongest))


def _contribution(one: Contribution) -> Text:
    sign = MINUS if one.amount < 0 else "+"
    amount = f"{sign}{abs(one.amount):.2f}"
    return Text("explain_contribution", {"amount": amount, "feature": _word(one.feature)})


def _figure(number: float) -> str:
    return f"{MINUS if number < 0 else ''}{abs(number):.2f}"


def _allowed(recorded: RecordedDecision | None) -> tuple[Text, ...]:
    """Say what an admin allowed her at the time; in a direct conversation nobody has to."""
    if recorded is None or recorded.policy.hearing is not Hearing.LISTEN:
        return ()
    return (Text("explain_policy", {"policy": policy_line(recorded.policy)}),)


def _made(turn: RecordedTurn | None, recorded: RecordedDecision | None) -> tuple[Text, ...]:
    """Say what the answer took, and what happened on the way, as far as that was not said above."""
    if turn is None:
        return ()
    lines = []
    if turn.calls:
        facts = {"calls": turn.calls, "model": turn.model or "", "tokens": _tokens(turn)}
        lines.append(Text("explain_calls", facts))
    times = tuple(
        Text("explain_time", {"what": _word(name), "seconds": f"{ms / MILLISECONDS:.2f}"})
        for name, ms in sorted(turn.timings_ms.items(), key=lambda one: one[1])
    )
    if times:
        lines.append(Text("explain_times", {"times": times}))
    said = turn.reasons[:NOTES_MOST] if recorded is None else recorded.decision.reasons
    notes = [one for one in turn.reasons if one not in said]
    if notes:
        lines.append(Text("explain_notes", {"notes": _worded(notes)}))
    return tuple(lines)


def _tokens(turn: RecordedTurn) -> Text | str:
    if turn.tokens_in is None or turn.tokens_out is None:
        return ""
    return Text("explain_tokens", {"read": f"{turn.tokens_in:,}", "written": f"{turn.tokens_out:,}"})


def _worded(reasons: Iterable[str]) -> tuple[Text, ...]:
    return tuple(_word(reason) for reason in list(reasons)[:NOTES_MOST])


def _word(reason: str) -> Text:
    if reason in WORDS:
        return Text(WORDS[reason])
    what, _, detail = reason.partition(": ")
    if detail and what in WITH_DETAIL:
        return Text(WITH_DETAIL[what], {"what": detail[:NOTE_MOST]})
    return Text("explain_as_recorded", {"word": reason[:NOTE_MOST]})


def _footnote(told: Explanation) -> Text | None:
    at = _when(told)
    version = None if told.decision is None else told.decision.decision.version
    if at is None:
        return None
    seconds = int(at.timestamp())
    if version is None:
        return Text("explain_footnote_turn", {"seconds": seconds})
    return Text("explain_footnote", {"seconds": seconds, "version": version})


def _when(told: Explanation) -> datetime | None:
    if told.decision is not None:
        return told.decision.decided_at
    return None if told.turn is None else told.turn.started_at
