"""Companions as data: one folder each, read by `bot.adapters.personas`. Holds no code."""
