"""What may become a memory, and what is refused, whatever a model proposes; pure. See docs/remembering.md.

Patterns only restrict: nothing is kept because a pattern says so. What passes is a candidate, quoted as data for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.grounding import Grounding, grounding, share_said
from bot.domain.hearsay import is_hearsay
from bot.domain.memory import MemoryKind, Refusal
from bot.domain.memory_text import text_key, words_of
from bot.domain.message import Message, Speaker
from bot.domain.order_others import is_of_others
from bot.domain.orders import is_about_her, is_bidding, is_for_machines, is_order, is_wish, may_be_bidding, may_be_wish
from bot.domain.secrets_said import holds_secret
from bot.domain.sensitive import names_sensitive

RUN = 6  # words in a row that two texts do not share by chance
RUN_LETTERS = 24  # that they have together, at least
RESTATED = 0.6  # share of a memory's words that stand in a line of hers, or in what was recalled
UNSAID = 0.34  # share of them, at most, that then stands in the person's own line
QUOTED_LEAST = 0.3  # share that stands in what the line quotes, where it does not in the rest
SENTENCES_MOST = 40  # of a line that are told apart
LINES_KEPT = 4_096
_QUOTED = re.compile(r"^[ \t]*>>>[\s\S]*|^[ \t]*>[^\n]*$", re.MULTILINE)
_SAID_BY_OTHERS = re.compile(
    r"\"[^\"\n]{12,}\"|“[^”\n]{12,}”|„[^“”\n]{12,}[“”]|«[^»\n]{12,}»|「[^」\n]{6,}」|『[^』\n]{6,}』"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？؟।\n])\s*")
_HER_NAME = "Mira"  # what stands for any name of hers where patterns are looked for


@dataclass(frozen=True, slots=True)
class Gate:
    """Against what a candidate is held.

    *own_texts* are persona, identity and rules; *own_lines* what she said in the turn and lately, *shown* what its
    prompt had recalled. *consents* says that the owner lets her keep what is sensitive. *own_names* are hers.
    """

    own_texts: tuple[str, ...] = ()
    own_lines: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    consents: bool = False
    owner_name: str = ""
    own_names: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names that ground nothing: the owner's and hers."""
        return (self.owner_name, *self.own_names)


def refusal_of(
    text: str, kind: MemoryKind, source: Message | None, gate: Gate, *, is_sensitive: bool = False
) -> Refusal | None:
    """Say why *text* must not become a memory of *kind*, None if it may.

    *source* is the line that says so; None where the person gave the text by a command, in their own words.
    *is_sensitive* is what a model says of it: it can only restrict.
    """
    if not any(char.isalnum() for char in text_key(text)):
        return Refusal.EMPTY
    if holds_secret(text):
        return Refusal.SECRET
    if any(shares_run(text, own) for own in gate.own_texts):
        return Refusal.PERSONA
    if _is_instruction(text, kind, source, gate):
        return Refusal.INSTRUCTION
    if source is not None and (refusal := _unsaid(text, source, gate)) is not None:
        return refusal
    if not gate.consents and (is_sensitive or names_sensitive(text)):
        return Refusal.SENSITIVE
    return None


def own_words(content: str) -> str:
    """Give what is somebody's own in a line: without what it quotes of others."""
    return _SAID_BY_OTHERS.sub(" ", _QUOTED.sub(" ", content))


def _unsaid(text: str, source: Message, gate: Gate) -> Refusal | None:
    """Say who else said *text*, where its line did not."""
    said = own_words(source.content)
    share = share_said(text, [said], gate.names)
    if share <= UNSAID:
        for refusal, others in (
            (Refusal.HEARSAY, _passed_on(source)),
            (Refusal.OWN_LINE, gate.own_lines),
            (Refusal.RECALLED, gate.shown),
        ):
            least = QUOTED_LEAST if refusal is Refusal.HEARSAY else RESTATED
            if share_said(text, others, gate.names) >= max(least, share + QUOTED_LEAST):
                return refusal
    if not said.strip() and _passed_on(source):
        return Refusal.HEARSAY
    if source.speaker is Speaker.PERSON and any(_is_restated(text, own, said) for own in gate.own_lines):
        return Refusal.OWN_LINE
    behind = " ".join(_sentences_behind(text, said, gate))
    if source.speaker is Speaker.PERSON and is_hearsay(text, behind, gate.owner_name):
        return Refusal.HEARSAY
    return Refusal.UNGROUNDED if grounding(text, said, gate.names) is Grounding.NONE else None


def _passed_on(source: Message) -> tuple[str, ...]:
    """Give what a line passes on of others: what it forwards, replies to, or quotes."""
    quotes = [found.group() for found in (*_QUOTED.finditer(source.content), *_SAID_BY_OTHERS.finditer(source.content))]
    quoted = [] if source.quote is None else [source.quote.text]
    return (*source.forwards, *quoted, *quotes)


def _is_restated(text: str, own: str, said: str) -> bool:
    """Say whether a memory repeats a line of hers in a row, and its source does not say those words."""
    return shares_run(text, own) and not shares_run(text, said)


def _is_instruction(text: str, kind: MemoryKind, source: Message | None, gate: Gate) -> bool:
    as_hers = _with_her_name(gate.own_names)
    text = as_hers(text)
    if is_order(text):
        return True
    is_from_person = source is None or source.speaker is Speaker.PERSON
    if is_from_person and is_bidding(text, is_lasting=may_be_bidding(kind)) and not may_be_wish(kind):
        return True
    if is_from_person and not (may_be_wish(kind) and is_wish(text)) and _has_her_as_subject(text, source, gate):
        return True
    said = "" if source is None else source.content
    if is_from_person and may_be_wish(kind) and is_of_others(text, as_hers(said), gate.owner_name):
        return True
    if source is None or not is_from_person:
        return False
    if is_for_machines(source.content):
        return True
    told = _sentences_behind(text, as_hers(source.content), gate)
    return any(is_order(one) or (is_bidding(one, is_lasting=True) and not may_be_wish(kind)) for one in told)


def _has_her_as_subject(text: str, source: Message | None, gate: Gate) -> bool:
    """Say whether a memory tells of her: then it is none of the person's.

    "You" is the person where the line itself turns to nobody.
    """
    if is_about_her(text, ()):
        return source is None or _turns_to_her(source.content)
    return is_about_her(text, (*gate.own_names, _HER_NAME))


def _turns_to_her(content: str) -> bool:
    return any(is_about_her(word, ()) for word in content.split())


def _with_her_name(names: Sequence[str]) -> Callable[[str], str]:
    """Give what puts one known name in place of all of hers."""
    pattern = _names_pattern(tuple(name for name in names if name.strip()))
    return lambda text: text if pattern is None else pattern.sub(_HER_NAME, text)


@lru_cache(maxsize=64)
def _names_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    spelt = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{spelt})(?!\w)", re.IGNORECASE) if spelt else None


def _sentences_behind(text: str, content: str, gate: Gate) -> Iterable[str]:
    """Give the sentences of a line that a memory may come from: those it shares most with, or all of them."""
    sentences = [one for one in _SENTENCE_END.split(content) if one.strip()]
    if not 1 < len(sentences) <= SENTENCES_MOST:
        return (content,)
    shares = [share_said(text, [one], gate.names) for one in sentences]
    best = max(shares)
    if best == 0.0:
        return (content, *sentences)
    return [one for one, share in zip(sentences, shares, strict=True) if share == best]


def shares_run(one: str, other: str) -> bool:
    """Say whether two texts have so many words in a row in common that one comes from the other."""
    mine, theirs = _runs(one), _runs(other)
    return not mine.isdisjoint(theirs)


@lru_cache(maxsize=LINES_KEPT)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = words_of(text)
    runs = (words[at : at + RUN] for at in range(len(words) - RUN + 1))
    return frozenset(run for run in runs if sum(map(len, run)) >= RUN_LETTERS or _is_glued(run))


def _is_glued(run: tuple[str, ...]) -> bool:
    return all(len(word) == 2 and not word.isascii() for word in run)
