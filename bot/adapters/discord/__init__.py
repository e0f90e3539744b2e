"""Discord: client, delivery, rendering of cards. The only place beside the cogs that knows discord.py."""
