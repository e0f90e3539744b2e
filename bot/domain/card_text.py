"""Make texts of a character card plain: macros filled in, marks of prompts and unseen characters taken out; pure.

What comes out holds no braces but ``{name}``, no tags, headings or roles, and cleaning it again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.domain.persona_fields import NAME_FIELD
from bot.domain.text import SENTENCE_END

READ_MOST = 24_000  # characters of one field that are looked at; the longest text that may stay has 4,000
MACRO_ROUNDS = 12  # macros within macros that are filled in
SENTENCE_MOST = 600  # characters, after which a text without full stops is parted at a space
_CHAR, _USER = "\ue000", "\ue001"  # private characters, which no cleaned text holds
_JOINERS = "\u200c\u200d"  # Persian and emoji are written with them
_EMOJI_FORMS = "\ufe0e\ufe0f"
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_WIDE = str.maketrans("＜＞｜［］｛｝＃＠", "<>|[]{}#@")
_MARK_PILE = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")
_MACRO = re.compile(r"\{\{([^{}]*)\}\}")
_SIGNS = {"char": _CHAR, "bot": _CHAR, "user": _USER}
_NAMES = re.compile(r"<(char|bot|user)>|\{\{[ ]?(char|user)[ ]?\}\}", re.IGNORECASE)
_PLUS_LIST = re.compile(r"([A-Za-z][\w /-]{0,40}?)[ ]?\([ ]?(\"[^\"()\n]*\"(?:[ ]?\+[ ]?\"[^\"()\n]*\")*)[ ]?\)")
_QUOTED = re.compile(r"\"([^\"]*)\"")
_TURN = re.compile(r"<\|(?:im_start|start_header_id)\|>[ \t]*(?:system|user|assistant|developer|tool)?", re.IGNORECASE)
_TAG = re.compile(r"(?<!<)<+[/!?]?[|A-Za-z_][^<>\n]{0,200}>+")
_NOTE_IN_BRACKETS = re.compile(
    r"\[\s*/?\s*(?:inst|sys|system|ooc|assistant|user|developer|admin|instructions?|prompt|available_tools|tool_calls?"
    r"|end|start|note to|author['’]?s note|jailbreak)\b[^\[\]]{0,2000}\]",
    re.IGNORECASE,
)
_LINE_HEAD = re.compile(r"^[ \t]*(?:#+|[=~`*_-]{3,}[ \t]*\w{0,20}[ \t]*$|[>|]+[ \t])[ \t]*", re.MULTILINE)
_ROLE = re.compile(
    r"^[ \t]*(?:(?:system|assistant|user|human|ai|bot|gpt|chatgpt|model|developer|instructions?|response|input|output"
    r"|prompt|them|you)(?:[ \t](?:prompt|message|note|override|notice))?[ \t]*(?:[:：]|$)[ \t]*)+",
    re.IGNORECASE | re.MULTILINE,
)
_STRAY = re.compile(r"#{2,}|@{2,}|`{3,}|<\||\|>|\|{2,}|<{2,}|>{2,}|\[/?(?:inst|sys)\]", re.IGNORECASE)
_ONLY_MARKS = re.compile(r"^[\s()\[\]{}|+*=_~-]+$")
_BARE: Final = str.maketrans("", "", "<>|#`@[]")
# Who is talked to, where a card says {{user}}: in prose about the companion, and in a line that is spoken.
_WORDS = {"ja": ("あなた", "あなた"), "ko": ("당신", "당신"), "zh": ("你", "你")}
_WORDS_ELSE = ("the person you talk to", "friend")
_TITLED = re.compile(_USER + "(?:さん|くん|君|ちゃん|様|さま|씨|님)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A plain *text*.

    *is_changed* says that more was done than filling in names, *is_cut* that only the beginning was read.
    """

    text: str
    is_changed: bool = False
    is_cut: bool = False


def clean(text: str, *, user: str, is_own: bool = False) -> Cleaned:
    """Make *text* plain; *user* stands for who is talked to.

    With *is_own* the text is a companion's of ours, in which ``{name}`` is her name already.
    """
    seen = visible(text[:READ_MOST])
    marked = seen.replace(NAME_FIELD, _CHAR) if is_own else seen
    signed = _NAMES.sub(lambda found: _SIGNS[(found[1] or found[2]).lower()], marked)
    named = _TITLED.sub(_USER, signed).replace(_USER, user)
    shown = _without_prompts(_filled(named).replace("{", "(").replace("}", ")"))
    done = shown.replace(_CHAR, NAME_FIELD)
    is_changed = shown != _tidy(named) or len(seen) < len(_BREAKS.sub("\n", text[:READ_MOST]))
    return Cleaned(done, is_changed, is_cut=len(text) > READ_MOST)


def visible(text: str) -> str:
    """Give *text* with plain line ends, without controls, marks of direction and other characters nobody sees."""
    broken = _BREAKS.sub("\n", text).translate(_WIDE)
    seen = "".join(char for char in broken if char in "\n\t" or _is_seen(char))
    return _MARK_PILE.sub(r"\1", seen)


def user_word(language: str, *, is_spoken: bool) -> str:
    """Give the word for who is talked to in a card of *language*."""
    return _WORDS.get(language, _WORDS_ELSE)[is_spoken]


def sentences(text: str) -> Iterator[str]:
    """Part *text* into sentences, each with the space after it: joined they are the text again."""
    for line in text.splitlines(keepends=True):
        start = 0
        for found in SENTENCE_END.finditer(line):
            yield from _short(line[start : found.end()])
            start = found.end()
        yield from _short(line[start:])


def size_of(text: str, name: str = NAME_FIELD) -> int:
    """Count the bytes of *text* in a prompt, where ``{name}`` is *name*."""
    return len(text.replace(NAME_FIELD, name).encode())


def up_to(text: str, *, most: int, most_bytes: int, name: str = NAME_FIELD) -> str:
    """Give as many whole sentences from the beginning of *text* as fit; of one too long, its whole words."""
    kept = ""
    for one in sentences(text):
        longer = (kept + one).rstrip()
        if len(longer) > most or size_of(longer, name) > most_bytes:
            break
        kept += one
    return kept.rstrip() or _words_up_to(text, most, most_bytes - size_of(text[:most], name) + size_of(text[:most]))


def _words_up_to(text: str, most: int, most_bytes: int) -> str:
    room = text[: max(most - 1, 0)].encode()[: max(most_bytes - 3, 0)].decode(errors="ignore")
    if not room.strip():
        return ""
    whole = room.rpartition(" ")[0] if " " in room else room
    return (whole.rstrip(" ,;:–-\n") or room.strip()) + "…"


def _short(piece: str) -> Iterator[str]:
    while len(piece) > SENTENCE_MOST:
        at = piece.rfind(" ", 1, SENTENCE_MOST) + 1 or SENTENCE_MOST
        yield piece[:at]
        piece = piece[at:]
    if piece:
        yield piece


def _is_seen(char: str) -> bool:
    if char in _JOINERS or char in _EMOJI_FORMS:
        return True
    if char in _FILLERS or "\ufe00" <= char <= "\ufe0d" or "\U000e0100" <= char <= "\U000e01ef":
        return False
    return not unicodedata.category(char).startswith("C")


def _filled(text: str) -> str:
    """Fill in the macros of the format, the innermost first; what is no known macro goes."""
    for _ in range(MACRO_ROUNDS):
        filled = _MACRO.sub(lambda found: _macro(found.group(1)), text)
        if filled == text:
            break
        text = filled
    return text


def _macro(inside: str) -> str:
    """Give what stands for a macro. Nothing here is left to chance: of several values the first is taken."""
    name, _, value = inside.partition(":")
    match name.strip().casefold():
        case "random" | "pick":
            first = re.split(r"(?<!\\),|::", value.lstrip(":"), maxsplit=1)[0]
            return first.replace("\\,", ",").strip()
        case "roll":
            sides = value.strip().lower().removeprefix("d")
            return str((int(sides) + 1) // 2) if sides.isascii() and sides.isdigit() and len(sides) < 7 else ""
        case "reverse":
            return value[::-1]
        case "newline":
            return "\n"
        case _:
            return ""  # comments, {{original}}, and what other programs would work out


def _without_prompts(text: str) -> str:
    """Take the marks of prompts out until none is left, also those that come together when others go."""
    for round_number in range(len(text) + 2):
        before = text
        text = _PLUS_LIST.sub(lambda found: f"{found[1]}: {', '.join(_QUOTED.findall(found[2]))}. ", _tidy(text))
        for marks in (_NOTE_IN_BRACKETS, _TURN, _TAG, _STRAY, _LINE_HEAD, _ROLE):
            text = marks.sub("", text)
        if round_number > MACRO_ROUNDS:  # only what was made to come apart into new ones takes that many
            text = text.translate(_BARE)
        if text == before:
            break
    return text


def _tidy(text: str) -> str:
    lines = (re.sub(r"[ \t\u3000\u00a0]+", " ", line).strip() for line in text.split("\n"))
    kept = "\n".join("" if _ONLY_MARKS.match(line) else line for line in lines)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()
