"""Pure rules: no I/O, no clock, no dice of their own, no third-party packages."""
