"""What holds on until an edited line is read again; pure.

Only a model can say what a line means since. Until one did, what it does not plainly say as before is not recalled.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from bot.domain.giving_way import bears_out, is_theirs
from bot.domain.grounding import is_in_words_of, is_worded_from, says_just
from bot.domain.ids import MessageId
from bot.domain.memory import Memory, MemoryKind
from bot.domain.memory_gate import own_words
from bot.domain.message import Message


def is_still_said(memory: Memory, lines: Sequence[Message], edited: Container[MessageId]) -> bool:
    """Say whether *memory* holds on, of whose *lines* some were *edited*; all are as they read now.

    What a person fixed does. Else a line that was not edited has to say it, and all of its words have to be there; or
    an edited one says just that and nothing beside.
    """
    if is_theirs(memory):
        return True
    said = [own_words(line.content) for line in lines]
    names = {line.author.display_name for line in lines}
    if memory.kind is MemoryKind.PORTRAIT:
        return is_in_words_of(memory.text, "\n".join(said), names)
    if any(says_just(memory.text, one, names) for one in said):
        return True
    others = [line for line in lines if line.message_id not in edited]
    return any(bears_out(line, memory.text) for line in others) and is_worded_from(memory.text, said, names)
