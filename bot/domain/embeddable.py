"""How a text is put to an embedder: names of who takes part become "you", and it is cut to what a model reads.

Lines, memories and questions all go through here, so that a name, which says who and not what, brings nothing near.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.searchable import YOU, addressed

TEXT_MOST = 2_000  # characters; more than most models for embeddings read

_MENTION = re.compile(r"<@[!&]?\d+>")
_EMOJI = re.compile(r"<a?:(\w+):\d+>")  # of a server's own: its name says more than its number


def embeddable(text: str, names: Iterable[str] = ()) -> str:
    """Give *text* as an embedder takes it, at most `TEXT_MOST` characters; empty where there is nothing to embed.

    Doing it again, without names, changes nothing.
    """
    clean = text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
    called = addressed(_EMOJI.sub(r"\1", _MENTION.sub(YOU, clean)), names)
    return " ".join(called[:TEXT_MOST].split())
