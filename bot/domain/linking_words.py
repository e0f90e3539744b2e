"""Words that only join others: articles, prepositions, conjunctions, particles; pure.

They are fewer than the small words of a question: "to be or not to be" says something, and so do "no" and "it is he".
"""

from __future__ import annotations

from typing import Final

from bot.domain.text import without_accents

LEAST = 3  # words; fewer may be a name: "The The", "Of", "An Die"
_WORDS: Final = (
    "the a an and or but of to in on at by for from with as than nor if",
    "der die das den dem des ein eine einen einem einer und oder aber von zu mit auf fur als",
    "le la les un une des du de et ou mais a au aux en pour par avec sur",
    "el los las una unos unas y o pero del al con por para il lo gli uno e ma di da per os as um uma do dos em no na",
    "het een en of maar van met voor og eller av till i och и а но в на с к о у из по от для за",
    "的 了 和 與 与 及 在 是 也 而 之 の は が を に へ と で も や 은 는 이 가 을 를 의 에 와 과 도",
    "و في من على إلى عن",
)
LINKING: Final = frozenset(without_accents(word) for row in _WORDS for word in row.split())
_MARKS: Final = ".,;:!?…。、，！？؟-–—\"'“”‘’()"


def only_links(text: str) -> bool:
    """Say whether *text* is several words and none of them says anything: "the and of"."""
    words = [word for word in (part.strip(_MARKS) for part in text.split()) if word]
    return len(words) >= LEAST and all(without_accents(word) in LINKING for word in words)
