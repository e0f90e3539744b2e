"""Mira: an emotionally present companion for Discord."""

__version__ = "0.1.0"
