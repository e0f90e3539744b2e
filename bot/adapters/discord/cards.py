"""Draw cards as Components V2, with the files they show, and answer with them."""

from __future__ import annotations

from io import BytesIO

import discord

from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import text_of, title_of, words_of
from bot.domain.card import Card, Face, Picture

Container = discord.ui.Container[discord.ui.LayoutView]
Item = discord.ui.Item[discord.ui.LayoutView]


def card_view(card: Card) -> discord.ui.LayoutView:
    """Draw a card as a container with its accent colour; send the files of `card_files` along."""
    container: Container = discord.ui.Container(accent_colour=card.colour)
    container.add_item(_head(card))
    for lines in card.sections:
        container.add_item(discord.ui.Separator())
        container.add_item(discord.ui.TextDisplay("\n".join(words_of(line) for line in lines)))
    if card.picture is not None:
        container.add_item(_gallery(card.picture))
    if card.footnote is not None:
        container.add_item(discord.ui.TextDisplay(f"-# {words_of(card.footnote)}"))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def card_files(card: Card) -> list[discord.File]:
    """Give the files that a card's pictures point at; each may be sent once."""
    face = None if card.face is None else card.face.picture
    return [
        discord.File(BytesIO(picture.content), filename=picture.name, description=picture.alt)
        for picture in (face, card.picture)
        if picture is not None
    ]


async def show(interaction: discord.Interaction, card: Card, *, is_private: bool = True) -> None:
    """Answer an interaction with a card, be it acknowledged already or not."""
    speak_to(interaction, is_private=is_private)
    view, files = card_view(card), card_files(card)
    if interaction.response.is_done():
        await interaction.followup.send(view=view, files=files, ephemeral=is_private)
    else:
        await interaction.response.send_message(view=view, files=files, ephemeral=is_private)


def _head(card: Card) -> Item:
    """Draw title and first text, with the face beside them or its emoji before the title."""
    title, picture = title_of(card), None if card.face is None else card.face.picture
    parts = [] if title is None else [f"### {_faced(title, card.face)}"]
    words = "\n".join([*parts, text_of(card)])
    if picture is None:
        return discord.ui.TextDisplay(words)
    return discord.ui.Section(words, accessory=discord.ui.Thumbnail(_address(picture), description=picture.alt))


def _faced(title: str, face: Face | None) -> str:
    return title if face is None or face.picture is not None else f"{face.emoji} {title}"


def _gallery(picture: Picture) -> Item:
    shown = discord.MediaGalleryItem(_address(picture), description=picture.alt)
    return discord.ui.MediaGallery(shown)


def _address(picture: Picture) -> str:
    return f"attachment://{picture.name}"
