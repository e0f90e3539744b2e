"""Build the prompt of a turn: named blocks in a fixed order, stable ones first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import short_code


class AnswerForm(StrEnum):
    """In which form a model is asked to answer."""

    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt; *role* is ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Moment:
    now: datetime
    note: str | None = None


def build_prompt(companion, persona, blocks, claim, gathered, moment, form):
    out = [ChatMessage("system", companion.identity + blocks)]

    def line(m):
        return json.dumps(
            {
                "ref": short_code("m", m.message_id),
                "from": short_code("u", m.author.user_id),
                "name": m.author.display_name,
                "text": m.content,
            },
            ensure_ascii=False,
        )

    for said in gathered.history:
        m = said.message
        out.append(ChatMessage("assistant", m.content) if m.speaker == "self" else ChatMessage("user", line(m)))
    out.append(ChatMessage("user", "\n".join(line(m) for m in claim.messages) + "\n" + str(moment.note or "")))
    return tuple(out)
