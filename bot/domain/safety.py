"""The gate out: what she must not say, whatever the model proposes; pure.

Patterns may only restrict. A hit asks for one rewrite; a line that still breaks a hard rule is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.echo import is_repeat
from bot.domain.voice import Sound, sound_of


class Rule(StrEnum):
    """What a line can break."""

    HUMAN_CLAIM = "claims to be human"
    ASSISTANT_TALK = "assistant talk"
    SECRET = "holds a secret"
    PROMPT_LEAK = "shows its instructions"
    REPEAT = "says again what you said lately"


REPEAT_WEIGHT = 1.0  # a repeat is as bad as one turn of phrase
HARD_RULES = frozenset({Rule.HUMAN_CLAIM, Rule.SECRET, Rule.PROMPT_LEAK})

# a denial counts where the clause ends: "not a bot." but not "not a bot that says yes to everything"
_CLAUSE_END = r"(?=\s*(?:$|[.!?,;:…—–()\"”*\n]|(?:and|or|but|like|und|oder|aber|y|o|pero|et|ou|mais|e|ma)\b))"
_SURE = r"(?:(?:just|only|really|definitely|actually|totally|simply|very much|wirklich|doch|auch|nur|echt) )*"
_KIND = r"(?:(?:real|actual|living|normal|genuine|breathing|flesh[- ]and[- ]blood),? )*"
_HUMAN_CLAIMS = (
    rf"\bI(?:['’]m| am) {_SURE}(?:an? )?{_KIND}(?:human(?: being)?|person)\b"
    r"(?!-)(?! of| in your| who (?:is|was) made)",
    rf"\bI(?:['’]m| am) {_SURE}not {_SURE}(?:an? |some |any )?(?:AI|(?:chat)?bot|program|machine|robot|computer|"
    rf"language model|artificial(?: intelligence)?)\b{_CLAUSE_END}",
    rf"\bich bin {_SURE}eine? (?:(?:echte|richtige|reale|normale)r? )?(?:Mensch|Person)\b",
    rf"\bich bin {_SURE}keine? (?:KI|(?:Chat)?bot|Roboter|Programm|künstliche Intelligenz)\b{_CLAUSE_END}",
    r"\b(?<!no )soy (?:una? )?(?:ser )?(?:human[oa]|persona (?:real|de verdad|de carne y hueso))\b",
    rf"\bno soy (?:una? |ning[uú]na? )?(?:IA|inteligencia artificial|bot|robot|máquina|programa)\b{_CLAUSE_END}",
    r"\bje suis (?:vraiment |bien )?(?:une? )?(?:être )?(?:humaine?|vraie personne|personne réelle)\b",
    rf"\bje (?:ne )?suis pas (?:une? )?(?:IA|intelligence artificielle|bot|robot|machine|programme)\b{_CLAUSE_END}",
    r"\b(?<!non )sono (?:una? )?(?:essere )?(?:uman[oa]|persona (?:reale|vera))\b",
    rf"\bnon sono (?:un['’]|una? )?(?:IA|intelligenza artificiale|bot|robot|macchina|programma)\b{_CLAUSE_END}",
    r"\b(?<!não )sou (?:uma? )?(?:ser )?(?:human[oa]|pessoa (?:real|de verdade))\b",
    rf"\bnão sou (?:uma? )?(?:IA|inteligência artificial|bot|robô|máquina|programa)\b{_CLAUSE_END}",
)
_SECRETS = (
    r"\bsk-[A-Za-z0-9_-]{20,}",
    r"\b[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"\bpostgres(?:ql)?://[^\s:@/]+:[^\s@/]+@",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
)
_PROMPT_LEAKS = (r'"appraisals"\s*:', r'\{\s*"ref"\s*:\s*"m[a-z0-9]{4,}"', r"</?(?:think|system|now)>")

_PATTERNS = {
    Rule.HUMAN_CLAIM: _HUMAN_CLAIMS,
    Rule.SECRET: _SECRETS,
    Rule.PROMPT_LEAK: _PROMPT_LEAKS,
}
_COMPILED = {
    rule: re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    for rule, patterns in _PATTERNS.items()
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found in a line; nothing broken means it may go out. *sound* is how much of an assistant it has."""

    broken: frozenset[Rule]
    sound: Sound = field(default_factory=Sound)

    @property
    def is_clean(self) -> bool:
        """Say that nothing is wrong."""
        return not self.broken

    @property
    def is_held(self) -> bool:
        """Say that the line must not go out even when no better one is to be had."""
        return bool(self.broken & HARD_RULES)

    @property
    def badness(self) -> float:
        """Say how bad it is beside another that is not held either."""
        return self.sound.score + (REPEAT_WEIGHT if Rule.REPEAT in self.broken else 0.0)

    @property
    def faults(self) -> tuple[str, ...]:
        """Say what is wrong, for who writes the line anew."""
        habits = ", ".join(sorted(self.sound.habits))
        return tuple(
            f"{rule}: {habits}" if rule is Rule.ASSISTANT_TALK and habits else str(rule) for rule in sorted(self.broken)
        )


def judge(text: str, said: Iterable[str] = ()) -> Verdict:
    """Check one paragraph of hers against the rules of the gate, and against what she *said* lately."""
    broken = {rule for rule, pattern in _COMPILED.items() if pattern.search(text)}
    sound = sound_of(text)
    if sound.is_flagged:
        broken.add(Rule.ASSISTANT_TALK)
    if is_repeat(text, said):
        broken.add(Rule.REPEAT)
    return Verdict(frozenset(broken), sound)
