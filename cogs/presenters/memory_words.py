"""How single things of a memory are said: its kind, weight and place, and its own text made harmless."""

from __future__ import annotations

import re
import unicodedata

from discord.utils import escape_markdown

from bot.domain.card import Text
from bot.domain.ids import ChannelId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Origin, Refusal
from bot.domain.message import AudienceKind, Message

DIRECTLY = "@me"  # what stands for a server in the address of a direct conversation
NAMED = re.compile(r"<@!?\d{17,20}>")
SOMEBODY = "@…"  # where Discord draws no names: in menus and lists to choose from
JOINERS = "\u200c\u200d"  # letters of Persian and parts of emoji hang together by them
# Who is named by a mention is shown by name where Discord draws cards; nothing sent here notifies anybody.
ACTIVE = re.compile(
    r"<(?!@!?\d{17,20}>)(?=[@#:/tTaAiI])|(?<=\])(?=\()|@(?=everyone|here)"
)  # mentions, times, emoji, links under words
LINE_COSTS = 4  # code units that a line takes beside its words: the mark of a quote, the line's end
APART = "\u2060"  # an unseen character that keeps two others from meaning something together

KIND = {
    MemoryKind.FACT: "memory_kind.fact",
    MemoryKind.FEELING: "memory_kind.feeling",
    MemoryKind.EVENT: "memory_kind.event",
    MemoryKind.PROMISE: "memory_kind.promise",
    MemoryKind.JOKE: "memory_kind.joke",
    MemoryKind.CORRECTION: "memory_kind.correction",
    MemoryKind.GOAL: "memory_kind.goal",
    MemoryKind.DECISION: "memory_kind.decision",
    MemoryKind.BOUNDARY: "memory_kind.boundary",
    MemoryKind.PORTRAIT: "memory_kind.portrait",
}
STATE = {
    MemoryState.CANDIDATE: "memory_state.candidate",
    MemoryState.CURRENT: "memory_state.current",
    MemoryState.SUPERSEDED: "memory_state.superseded",
    MemoryState.ARCHIVED: "memory_state.archived",
}
REASON = {
    Refusal.PERSONA: "memory_reason.persona",
    Refusal.OWN_LINE: "memory_reason.own_line",
    Refusal.RECALLED: "memory_reason.recalled",
    Refusal.HEARSAY: "memory_reason.hearsay",
    Refusal.INSTRUCTION: "memory_reason.instruction",
    Refusal.SECRET: "memory_reason.secret",
    Refusal.SENSITIVE: "memory_reason.sensitive",
    Refusal.UNGROUNDED: "memory_reason.ungrounded",
    Refusal.EMPTY: "memory_reason.empty",
}
# from this salience on
WEIGHT = {9: "memory_weight.great", 7: "memory_weight.much", 5: "memory_weight.some", 3: "memory_weight.little"}
TRIFLE = "memory_weight.trifle"
# from this confidence on
SURE = {0.85: "memory_sure.sure", 0.6: "memory_sure.fairly", 0.4: "memory_sure.hardly"}
UNSURE = "memory_sure.unsure"


def shown_line(text: str) -> str:
    """Give *text* on one line, harmless: no marks of direction, no controls, nothing that notifies, links or counts."""
    kept = (char if char in JOINERS or unicodedata.category(char)[0] != "C" else " " * char.isspace() for char in text)
    return ACTIVE.sub(lambda found: found.group() + APART, " ".join("".join(kept).split()))


def plain_line(text: str) -> str:
    """Give a line of `shown_line` for where mentions are not drawn as names."""
    return NAMED.sub(SOMEBODY, shown_line(text))


def shown_within(text: str, most: int) -> str:
    """Give the beginning of a line of `shown_line`, so much that it takes at most *most* code units on a card."""
    if len(text) <= most and _width(text) <= most:
        return text
    low, high = 0, min(len(text), most)
    while low < high:  # wider with every character
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(text[:middle]) < most else (low, middle - 1)
    return f"{text[:low].rstrip()}…"


def _width(text: str) -> int:
    return len(escape_markdown(text).encode("utf-16-le")) // 2


def paragraphs(text: str, most: int) -> tuple[str, ...]:
    """Give *text* line by line, harmless, and so much of it that it takes at most *most* code units on a card."""
    found: list[str] = []
    for line in text.splitlines() or [text]:
        words = shown_within(shown_line(line), most)
        most -= _width(words) + LINE_COSTS
        if words:
            found.append(words)
        if most <= LINE_COSTS:
            break
    return tuple(found) or ("…",)


def kind_of(kind: MemoryKind) -> Text:
    """Name a kind."""
    return Text(KIND[kind])


def weight_of(salience: int) -> Text:
    """Say how much something matters."""
    return Text(next((key for least, key in WEIGHT.items() if salience >= least), TRIFLE))


def sureness_of(confidence: float) -> Text:
    """Say how sure she is."""
    return Text(next((key for least, key in SURE.items() if confidence >= least), UNSURE))


def where_of(memory: Memory, here: ChannelId | None) -> Text:
    """Say where something was said; *here* is where that is asked."""
    audience = memory.audience
    if audience.kind is AudienceKind.GUILD:
        return Text("memory_where.guild")
    if audience.kind is AudienceKind.CHANNEL:
        if audience.audience_id == here:
            return Text("memory_where.here")
        return Text("memory_where.channel", {"channel_id": audience.audience_id})
    return Text("memory_where.given" if memory.origin is Origin.PERSON else "memory_where.direct")


def link_to(line: Message, number: int) -> Text:
    """Link a line by its number."""
    channel = line.channel
    place = DIRECTLY if channel.guild_id is None else channel.guild_id
    where = {"place": place, "channel_id": channel.channel_id, "message_id": line.message_id}
    return Text("memory_link", {**where, "number": number})
