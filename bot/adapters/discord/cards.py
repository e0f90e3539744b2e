"""Draw cards as Components V2."""

from __future__ import annotations

import discord

from bot.adapters.discord.locales import text_of, title_of
from bot.domain.card import Card


def card_view(card: Card) -> discord.ui.LayoutView:
    """Draw a card as a container with its accent colour."""
    container: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=card.colour)
    title = title_of(card)
    if title is not None:
        container.add_item(discord.ui.TextDisplay(f"### {title}"))
    container.add_item(discord.ui.TextDisplay(text_of(card)))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
