"""The control: the smallest discord.py bot there is, which says back what it hears."""

from __future__ import annotations

import os

import discord

from bot.adapters.discord.client import intents_for, point_at


class Echo(discord.Client):
    """Answers each message with its own text."""

    async def on_message(self, message: discord.Message) -> None:
        """Say it back."""
        if message.author != self.user:
            await message.channel.send(message.content)


def main() -> None:
    """Run until killed; addresses and token come from the same settings as the real bot's."""
    point_at(os.environ["DISCORD_API_URL"], os.environ["DISCORD_GATEWAY_URL"])
    client = Echo(intents=intents_for(message_content=False), max_messages=None)
    client.run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
