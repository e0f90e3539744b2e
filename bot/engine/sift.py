"""Sift what an answer proposed: what passes the gate becomes candidates, what does not is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.digest_ports import ClosedTurn
from bot.domain.grounding import Grounding, grounding, is_said, names_the_unsaid, only_asks, says_just, share_said
from bot.domain.ids import UserId
from bot.domain.memory import TEXT_MOST, MemoryKind, NewMemory, Refusal
from bot.domain.memory_gate import Gate, own_words, refusal_of
from bot.domain.memory_text import has_words
from bot.domain.message import Speaker
from bot.domain.proposals import Proposal, read_proposals
from bot.domain.secrets_said import names_phone
from bot.domain.sensitive import SENSITIVE_TAG, names_sensitive
from bot.memory_ports import IndexedLine

# what a question alone does not tell of who asks; "could you never mention him?" is a boundary all the same
TOLD_KINDS = frozenset({MemoryKind.FACT, MemoryKind.FEELING, MemoryKind.EVENT, MemoryKind.DECISION, MemoryKind.JOKE})
CONFIDENCE = {Grounding.SAID: 0.8, Grounding.UNSURE: 0.3, Grounding.NONE: 0.1}
HEARSAY_SHARE = 0.6  # of the confidence is left to what somebody tells of somebody else

Sifted = tuple[Sequence[NewMemory], Mapping[tuple[UserId, Refusal], int]]


@dataclass(frozen=True, slots=True)
class Sift:
    """Holds proposals against what they must not come from.

    *own_texts* are persona, identity and rules, *own_names* hers.
    """

    own_texts: Sequence[str]
    own_names: Sequence[str] = ()

    def __call__(self, turn: ClosedTurn) -> Sifted:
        """Give the candidates that a turn left, and how many were refused, by owner and reason."""
        kept: list[NewMemory] = []
        refused: Counter[tuple[UserId, Refusal]] = Counter()
        people = [line.owner_id for line in turn.lines if line.message.speaker is Speaker.PERSON]
        for proposal in read_proposals(turn.proposals, people, turn.closed_at):
            line = _line_of(proposal, turn.lines)
            if line is None or not _is_said_still(proposal, line, turn):
                continue  # deleted meanwhile, or edited and to be read again, or its writer wants not to be heard
            refusal = self._refusal(proposal, line, turn)
            if refusal is None:
                kept.append(self._memory(proposal, line, turn))
            else:
                refused[line.owner_id, refusal] += 1
        return kept, refused

    def _refusal(self, proposal: Proposal, line: IndexedLine, turn: ClosedTurn) -> Refusal | None:
        own_lines = () if proposal.is_hers else (*_own_lines(turn), *turn.own_lines)
        gate = Gate(
            own_texts=tuple(self.own_texts),
            own_lines=own_lines,
            shown=turn.shown,
            consents=line.owner_id in turn.consenting,
            owner_name=_owner_name(line, turn),
            own_names=self._names(turn),
        )
        source = line.message
        if not has_words(proposal.text):
            return Refusal.EMPTY
        refusal = refusal_of(proposal.text, proposal.kind, source, gate, is_sensitive=proposal.is_sensitive)
        if refusal is None and names_phone(proposal.text):
            return Refusal.SECRET  # kept only where the person gives it by a command
        if refusal is None and proposal.is_hers and not is_said(proposal.text, source.content, gate.names):
            return Refusal.UNGROUNDED  # she has made no such promise
        return refusal

    def _memory(self, proposal: Proposal, line: IndexedLine, turn: ClosedTurn) -> NewMemory:
        names = (_owner_name(line, turn), *self._names(turn))
        said = own_words(line.message.content)
        confidence = CONFIDENCE[grounding(proposal.text, said, names)]
        if names_the_unsaid(proposal.text, said, names):
            confidence = min(confidence, CONFIDENCE[Grounding.NONE])
        if proposal.kind in TOLD_KINDS and only_asks(said):
            confidence = min(confidence, CONFIDENCE[Grounding.UNSURE])
        about = line.message.author.user_id if proposal.is_hers else proposal.about_id
        if proposal.about_id is not None:
            confidence *= HEARSAY_SHARE
        sources = [line.message.message_id]
        if proposal.is_hers:  # forgotten with the line that asked for it as well
            sources += [
                one.message.message_id
                for one in turn.lines
                if one.message.message_id == proposal.message_id and one.audience == line.audience
            ]
        return NewMemory(
            owner_id=line.owner_id,
            kind=proposal.kind,
            text=proposal.text.strip()[:TEXT_MOST],
            audience=line.audience,
            sources=tuple(sorted(sources)),
            salience=proposal.salience,
            confidence=confidence,
            said_at=line.message.sent_at,
            about_id=about,
            tags=(SENSITIVE_TAG,) if proposal.is_sensitive or names_sensitive(proposal.text) else (),
            mood=turn.mood,
            due_at=proposal.due_at,
        )

    def _names(self, turn: ClosedTurn) -> tuple[str, ...]:
        hers = (line.message.author.display_name for line in turn.lines if line.message.speaker is Speaker.SELF)
        return tuple(dict.fromkeys((*self.own_names, *hers)))


def _is_said_still(proposal: Proposal, line: IndexedLine, turn: ClosedTurn) -> bool:
    """Say whether a line reads as it did when the answer was made, as far as a proposal of it goes."""
    if line.edited_at is None or line.edited_at <= turn.closed_at:
        return True
    return says_just(proposal.text, own_words(line.message.content), (_owner_name(line, turn),))


def _own_lines(turn: ClosedTurn) -> tuple[str, ...]:
    return tuple(line.message.content for line in turn.lines if line.message.speaker is Speaker.SELF)


def _owner_name(line: IndexedLine, turn: ClosedTurn) -> str:
    """Give the name of whose line it is, or of whom a line of hers answers."""
    if line.message.speaker is Speaker.PERSON:
        return line.message.author.display_name
    theirs = (one.message.author for one in turn.lines if one.message.speaker is Speaker.PERSON)
    return next((author.display_name for author in theirs if author.user_id == line.owner_id), "")


def _line_of(proposal: Proposal, lines: Sequence[IndexedLine]) -> IndexedLine | None:
    """Give the line that a proposal came from: the one it names, if its owner wrote it; of promises the nearest.

    A promise of hers stands in a line of hers to that person, or was never made.
    """
    speaker = Speaker.SELF if proposal.is_hers else Speaker.PERSON
    theirs = [line for line in lines if line.message.speaker is speaker and line.owner_id == proposal.owner_id]
    if not proposal.is_promised:
        return next((line for line in theirs if line.message.message_id == proposal.message_id), None)
    return max(reversed(theirs), key=lambda line: share_said(proposal.text, [line.message.content]), default=None)
