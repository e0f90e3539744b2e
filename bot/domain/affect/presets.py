"""Personalities to start from, as data: the sixteen types by their four letters.

Letters map to factors after McCrae & Costa 1989, who found E–I with extraversion, N–S with openness, F–T with
agreeableness and J–P with conscientiousness. How far a letter reaches, and neuroticism, are chosen by ear.
"""

from __future__ import annotations

from bot.domain.affect.personality import Ocean

# A preset names a temperament; only an admin sets it, never a message.
PRESETS: dict[str, Ocean] = {
    "ISTJ": Ocean(-0.45, 0.60, -0.45, -0.15, -0.05),
    "ISFJ": Ocean(-0.40, 0.55, -0.40, 0.55, 0.15),
    "INFJ": Ocean(0.55, 0.45, -0.45, 0.55, 0.20),
    "INTJ": Ocean(0.55, 0.55, -0.45, -0.35, -0.05),
    "ISTP": Ocean(-0.25, -0.35, -0.45, -0.35, -0.20),
    "ISFP": Ocean(-0.20, -0.40, -0.40, 0.45, 0.15),
    "INFP": Ocean(0.65, -0.40, -0.45, 0.50, 0.30),
    "INTP": Ocean(0.65, -0.45, -0.50, -0.35, 0.05),
    "ESTP": Ocean(-0.20, -0.45, 0.60, -0.35, -0.25),
    "ESFP": Ocean(-0.10, -0.50, 0.65, 0.40, -0.05),
    "ENFP": Ocean(0.65, -0.45, 0.60, 0.45, 0.05),
    "ENTP": Ocean(0.65, -0.45, 0.55, -0.30, -0.15),
    "ESTJ": Ocean(-0.45, 0.60, 0.50, -0.30, -0.20),
    "ESFJ": Ocean(-0.35, 0.55, 0.55, 0.55, 0.05),
    "ENFJ": Ocean(0.50, 0.50, 0.60, 0.60, 0.00),
    "ENTJ": Ocean(0.45, 0.60, 0.60, -0.40, -0.25),
}
