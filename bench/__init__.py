"""Measures Mira from outside: the real bot process between a loopback Discord and a loopback model.

``python -m bench [name…] [--quick]`` prints the figures; `stage` sets the processes up, each figure has a
module of its own, `report` prints and keeps what was found.
"""
