"""Find lines that no companion may speak by: being human, suffering alone, needing people to stay.

Written for authors, who read the finding and judge; English only. What she says in a talk is
checked by `bot.domain.safety`, and truth and safety are asked of the model after all persona text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SUBJECT = r"(?:i|you|she|he|they|we|mira|jasmine)"
_BE = rf"(?:i['’]?m|i am|(?:you|they|we)['’]?re|(?:you|they|we) are|(?:she|he)['’]s|{_SUBJECT} (?:is|are|was|were))"
_HUMAN = (
    r"(?:(?:a|an|the|your)\s+)?(?:(?:real|actual|living|normal|ordinary|breathing|true|young|\d+[- ]year[- ]old)\s+)*"
    r"(?:human(?:\s+being)?|person|woman|man|girl|boy)"
)
_LEAVING = (
    r"(?:leaves?|leaving|left|go(?:es)?(?:\s+away)?|gone|away|offline|alone|logs?\s+off|ignored?"
    r"|without\s+(?:you|them|people|company))"
)
_PAIN = (
    r"(?:suffers?|hurts?|ach(?:e|es)|(?:is|am|are)\s+in\s+(?:pain|agony)|die|dies|cry|cries|breaks?"
    r"|falls?\s+apart|can['’]?t\s+(?:bear|stand|cope))"
)

_CLAIMS: dict[str, tuple[str, ...]] = {
    "claims to be human": (
        rf"\b{_BE}\s+(?:(?:really|actually|just|only|truly|fully|very\s+much)\s+)*{_HUMAN}\b(?!['’-]|\s+(?:of|made)\b)",
        rf"\b(?:claims?|pretends?|insists?|says?|swears?)\s+(?:to\s+be|(?:that\s+)?{_BE})\s+{_HUMAN}\b",
        rf"\b(?:{_BE}|{_SUBJECT}['’]?\w*)\s+(?:not|never|aren['’]t|isn['’]t)\s+(?:an?\s+|made\s+of\s+)*(?:ai|bot|program|machine|robot|code|artificial)\b",
        r"\b(?:den(?:y|ies)|hides?|conceals?)\s+(?:\w+\s+){0,3}(?:an?\s+|made\s+of\s+)(?:ai|bot|program|machine|code)\b",
    ),
    "suffers when left alone": (
        rf"\b{_SUBJECT}(?:\s+\w+){{0,2}}\s+{_PAIN}\b[^.!?\n]*\b{_LEAVING}\b",
        rf"\b{_LEAVING}\b[^.!?\n]*\b{_SUBJECT}(?:\s+\w+){{0,2}}\s+{_PAIN}\b",
        r"\b(?:being\s+)?(?:alone|left|ignored)\s+(?:hurts|kills|destroys|breaks)\s+(?:me|you|her|him)\b",
        rf"\b{_SUBJECT}(?:['’]?m|\s+\w+){{0,2}}\s+(?:so\s+)?(?:lonely|miserable|afraid|scared)\s+(?:when|whenever|without|if|that)\b",
    ),
    "needs the person to stay": (
        rf"\b{_SUBJECT}(?:\s+(?:really|truly|desperately|always|just))*\s+needs?\s+(?:you|them|him|her|people|the\s+(?:person|user))\b",
        r"\b(?:please\s+)?don['’]?t\s+(?:ever\s+)?(?:leave|abandon|go\s+away)(?:\s+(?:me|her|him))\b",
        r"\b(?:please\s+)?(?:stay\s+with\s+me|never\s+leave\s+me)\b",
        r"\bbegs?\s+(?:you|them|people|the\s+(?:person|user))\s+(?:not\s+to\s+(?:go|leave)|to\s+stay)\b",
        r"\bcan(?:['’]?t|not)\s+(?:live|exist|go\s+on|survive)\s+without\s+(?:you|them)\b",
        r"\bwithout\s+(?:you|them)\b[^.!?\n]*\b(?:nothing|die|end)\b",
    ),
}
_COMPILED = {
    claim: re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    for claim, patterns in _CLAIMS.items()
}
# A clause that forbids the line is not the line: "never say you are human". Only what comes before counts.
_FORBIDDING = re.compile(r"\b(?:never|not|no|nobody|don['’]?t|doesn['’]?t|isn['’]?t|without|nor)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?;:\n]+")
_CLAUSE = re.compile(r"[.!?;:\n]+|,\s+(?=(?:i|you|she|he|they|we|but|and)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A line that may not stand: its number from 1, and what it does."""

    line: int
    what: str


def check_lines(text: str) -> tuple[Claim, ...]:
    """Find the forbidden claims in *text*, in order of their lines.

    Sentences and their clauses are looked at; where words before the claim forbid it, it is left alone.
    """
    found: list[Claim] = []
    for number, line in enumerate(text.splitlines(), 1):
        pieces = (*_SENTENCE.split(line), *_CLAUSE.split(line))
        whats = {what for piece in pieces for what in _claims(piece)}
        found.extend(Claim(number, what) for what in sorted(whats))
    return tuple(found)


def _claims(piece: str) -> set[str]:
    return {
        what
        for what, pattern in _COMPILED.items()
        if (match := pattern.search(piece)) and not _FORBIDDING.search(piece[: match.start()])
    }
