"""Use cases, one module each; they know ports and domain values only."""
