"""How she feels: the pure affect model (docs/affect.md)."""
