"""Whether a message is hers to answer; pure, language-neutral, without a model.

A direct message, a mention and a reply to her always are. Everything else is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.message import ChannelKind, Message, Speaker


@dataclass(frozen=True, slots=True)
class Attention:
    """Whether she answers, and why; *reasons* are short stable words for decisions and traces."""

    is_hers: bool
    reasons: tuple[str, ...]


def attend(message: Message) -> Attention:
    """Decide whether *message* asks for her.

    Her own lines never do; another bot's never do on their own, so that two bots cannot loop.
    """
    if message.speaker is not Speaker.PERSON:
        return Attention(is_hers=False, reasons=(f"said by {message.speaker}",))
    reasons = []
    if message.channel.kind is ChannelKind.DM:
        reasons.append("direct message")
    if message.mentions_self:
        reasons.append("mention")
    if message.replies_to_self:
        reasons.append("reply to her")
    if not reasons:
        return Attention(is_hers=False, reasons=("not addressed to her",))
    return Attention(is_hers=True, reasons=tuple(reasons))
