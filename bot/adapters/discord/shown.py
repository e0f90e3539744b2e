"""What a message shows: its text, wherever in the message that stands, and the files that came with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import discord

from bot.domain.message import Attachment

DRAWN_MOST = 600  # characters taken from cards and embeds, which may be far longer than anything people write

Shown = discord.Message | discord.MessageSnapshot


def text_shown(message: discord.Message) -> str:
    """Give the text of a message; where it has none, what its poll asks or its card says.

    Embeds count only where a bot made them: those of people are previews of what they link to.
    """
    if message.content:
        return message.content
    if message.poll is not None:
        return _poll_text(message.poll)
    return _drawn_text(message, has_own_embeds=message.author.bot or message.webhook_id is not None)


def text_of_forward(snapshot: discord.MessageSnapshot) -> str:
    """Give the text that a forward passes on; who wrote it, nobody says."""
    return snapshot.content or _drawn_text(snapshot, has_own_embeds=True)


def files_of(message: discord.Message) -> tuple[Attachment, ...]:
    """List files and stickers of a message, then those of what it forwards."""
    found: list[Attachment] = []
    shown: list[Shown] = [message, *message.message_snapshots]
    for one in shown:
        found += [_file(file, is_voice=one.flags.voice) for file in one.attachments]
        found += [Attachment(sticker.name, "sticker", 0, kind="sticker") for sticker in one.stickers]
    return tuple(found)


def _file(file: discord.Attachment, *, is_voice: bool) -> Attachment:
    if not is_voice and not file.is_voice_message():
        return Attachment(file.filename, file.content_type or "", file.size, url=file.url)
    return Attachment(
        file.filename, file.content_type or "", file.size, kind="voice", url=file.url, duration_s=file.duration
    )


def _poll_text(poll: discord.Poll) -> str:
    answers = " / ".join(answer.text for answer in poll.answers if answer.text)
    return f"poll: {poll.question} {answers}".strip()[:DRAWN_MOST]


def _drawn_text(shown: Shown, *, has_own_embeds: bool) -> str:
    # the library leaves out what a server left out
    lines = list(_displays(getattr(shown, "components", ())))
    if not lines and has_own_embeds:
        lines = [text for embed in shown.embeds for text in (embed.title, embed.description) if text]
    return "\n".join(lines)[:DRAWN_MOST]


def _displays(components: Iterable[object]) -> Iterator[str]:
    """Walk through the texts of a card, top to bottom."""
    for one in components:
        if isinstance(one, discord.TextDisplay):
            yield one.content
        yield from _displays(getattr(one, "children", ()))
