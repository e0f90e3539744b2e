"""A Discord-compatible server on the loopback interface, with a web page, for trying and testing a real bot.

Imports nothing from the bot: the two meet only over HTTP and a gateway socket.
"""
