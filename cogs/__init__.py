"""Thin Discord listeners and commands: translate, call the engine, present."""
